"""The page in a real browser: it moves, obeys the keyboard, fits the screen, and loads nothing."""

from __future__ import annotations

import html
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_report import HOSTILE, whole_report

from probes.report import read_layout, write_page, write_report
from repsearch.storage.visible import visible

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on the PATH")

WIDTHS = (380, 1400)
READY = "document.documentElement.dataset.ready === 'yes'"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    write_report(whole_report(), folder / "first")
    write_report(whole_report(1), folder / "second")
    runs = [read_layout(folder / name) for name in ("first", "second")]
    write_page(runs, folder / "both.html")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Any) -> Iterator[Any]:
    """Open a page; whatever it complains of or asks for fails the test."""
    faults: list[str] = []
    contexts = []

    def open_page(path: Path, width: int = 1400, **more: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, **more)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda said: faults.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
        page.on(
            "request",
            lambda asked: (
                None
                if re.match(r"file://.*\.html(#|$)|data:|blob:", asked.url)
                else faults.append(f"asked for {asked.url[:80]}")
            ),
        )
        page.goto(path.as_uri())
        until(page, f"{READY} || !document.getElementById('script-fault').hidden")
        assert page.evaluate(READY), page.locator("#script-fault").inner_text()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults


def until(page: Any, expression: str) -> None:
    """Wait, without the `eval` that the page's policy forbids (and `wait_for_function` takes)."""
    end = time.monotonic() + 120
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"never came true: {expression}"
        page.wait_for_timeout(50)


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def labels(page: Any, plot: str) -> list[str]:
    """Texts that plotly drew."""
    return page.locator(f"{plot} .textpoint text").all_text_contents()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_fits_with_everything_open(opened: Any, folder: Path, width: int) -> None:
    page = opened(folder / "first" / "report.html", width)
    assert fits(page)
    for summary in page.locator("summary").all():
        summary.click()
    page.wait_for_selector("[data-concept='0'] .js-plotly-plot")
    assert fits(page)
    for plot in page.locator(".js-plotly-plot").all():
        box = plot.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_wider_than_the_screen_says_so(opened: Any, folder: Path, width: int) -> None:
    page = opened(folder / "first" / "report.html", width)
    wide = page.evaluate(
        "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth + 1)"
        ".map(e => getComputedStyle(e, '::after').content)"
    )
    assert all("sideways" in content for content in wide)
    assert bool(wide) is (width == 380)


def test_a_word_is_found_and_followed_by_keyboard_alone(opened: Any, folder: Path) -> None:
    page = opened(folder / "first" / "report.html")
    word = whole_report().spectrum.words[20]
    page.get_by_label("Find a word").focus()
    page.keyboard.type(word.upper())
    page.keyboard.press("Enter")
    assert (
        page.locator("[data-said]").first.inner_text().startswith(f"{word}: word 21 by frequency")
    )
    assert page.locator("[data-followed] button").all_inner_texts() == [f"{word} ×"]
    assert f"{word}" in labels(page, "[data-space]")
    page.get_by_role("button", name=f"Follow {word} no longer").press("Enter")
    assert page.locator("[data-followed] button").count() == 0
    page.get_by_label("Find a word").fill("no such word")
    page.keyboard.press("Enter")
    assert (
        "No word here begins with “no such word”" in page.locator("[data-said]").first.inner_text()
    )


def test_the_slider_moves_words_and_marks_the_moment(opened: Any, folder: Path) -> None:
    page = opened(folder / "first" / "report.html")
    learning = whole_report().learning
    assert learning is not None
    slider = page.locator("#moment")
    spread = (
        "(x => Math.max(...x) - Math.min(...x))"
        "(document.querySelector('[data-space]').data.flatMap(trace => trace.x))"
    )
    at_end = page.evaluate(spread)
    slider.focus()
    page.keyboard.press("Home")
    assert "0 of" in page.locator("output").first.inner_text()
    assert slider.get_attribute("aria-valuetext") == page.locator("output").first.inner_text()
    assert page.evaluate(spread) < at_end / 50
    mark = "document.querySelector('[data-loss]').layout.shapes[0].x0"
    assert page.evaluate(mark) == pytest.approx(learning.times[0], rel=1e-4)
    page.keyboard.press("ArrowRight")
    assert page.evaluate(mark) == pytest.approx(learning.times[1], rel=1e-4)
    page.get_by_role("button", name="Play").click()
    until(page, f"{mark} > {learning.times[3]}")
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play").wait_for()


def test_places_are_those_of_the_closed_form_at_every_moment(opened: Any, folder: Path) -> None:
    page = opened(folder / "first" / "report.html")
    learning = whole_report().learning
    assert learning is not None
    words = learning.spectrum.words
    for moment in (10, 30, 63):
        page.evaluate(
            "m => { const s = document.querySelector('#moment'); s.value = m;"
            " s.dispatchEvent(new Event('input')); }",
            moment,
        )
        drawn = page.evaluate(
            "document.querySelector('[data-space]').data.filter(t => t.mode === 'markers')"
            ".flatMap(t => t.text.map((w, k) => [w, t.x[k], t.y[k]]))"
        )
        assert len(drawn) == len(words)
        found = {word: (x, y) for word, x, y in drawn}
        embeddings = learning.flow.embeddings(float(learning.times[moment])).vectors
        reach = abs(embeddings).max()
        for row in (0, 20, 40):
            escaped = html.escape(visible(words[row]), quote=False).replace("$", "&#36;")
            assert found[escaped] == pytest.approx(embeddings[row, :2], abs=1e-3 * reach)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_concept_opens_with_its_pictures(opened: Any, folder: Path, width: int) -> None:
    page = opened(folder / "first" / "report.html", width)
    concept = page.locator("[data-concept='1']")
    concept.locator("summary").press("Enter")
    concept.locator("[data-plane] .js-plotly-plot, [data-plane].js-plotly-plot").first.wait_for()
    assert concept.locator(".js-plotly-plot").count() == 3
    family = list(whole_report().concepts.profiles)[1]  # type: ignore[union-attr]
    pairs = whole_report().concepts.profiles[family].coverage.pairs  # type: ignore[union-attr]
    counted = page.evaluate(
        "document.querySelector('[data-concept=\"1\"] [data-plane]').data.slice(1)"
        ".map(t => t.text.length)"
    )
    assert counted == [len({pair[side] for pair in pairs}) for side in (0, 1)]
    slider = concept.locator("[data-moment]")
    slider.focus()
    page.keyboard.press("Home")
    assert page.locator("#moment").input_value() == "0", "all sliders of a run go together"
    assert fits(page)


def test_topics_are_browsed_and_searched(opened: Any, folder: Path) -> None:
    page = opened(folder / "first" / "report.html")
    study = whole_report().topic_study
    assert study is not None
    page.get_by_role("button", name="Next mode").click()
    shown = page.locator("[data-shown]")
    assert shown.locator("h3").inner_text().startswith("Mode 2: eigenvalue")
    ends = [topic for topic in study.topics.topics if topic.mode == 2]
    listed = shown.locator("li").evaluate_all("all => all.map(e => e.firstChild.data)")
    assert listed == [visible(word) for topic in ends for word in topic.words]
    word = study.topics.topics[8].words[0]
    page.get_by_label("Search words and labels").fill(visible(word))
    first = page.locator("[data-hits] button").first
    first.press("Enter")
    assert visible(word) in shown.inner_text()
    page.get_by_role("button", name=re.compile("^Show mode")).click()
    assert page.locator("#across").input_value() != "0"


def test_hostile_words_are_shown_and_do_nothing(opened: Any, folder: Path) -> None:
    page = opened(folder / "first" / "report.html")
    assert page.title() == "A made world"
    for word in HOSTILE[:3] + HOSTILE[-3:]:
        page.get_by_label("Find a word").fill(visible(word))
        page.keyboard.press("Enter")
    chips = page.locator("[data-followed] button").all_inner_texts()
    assert chips == [f"{visible(word)} ×" for word in HOSTILE[:3] + HOSTILE[-3:]]
    drawn = labels(page, "[data-space]")
    assert {visible(word) for word in HOSTILE[:3] + HOSTILE[-3:]} <= set(drawn)
    assert page.locator("[data-space] script, [data-space] u, [data-space] a").count() == 0
    assert page.title() == "A made world"


def test_light_and_dark_have_their_own_colours(opened: Any, folder: Path) -> None:
    page = opened(folder / "first" / "report.html", color_scheme="light")
    ground = "getComputedStyle(document.querySelector('#learning')).backgroundColor"
    ink = "document.querySelector('[data-loss]').layout.font.color"
    light = page.evaluate(f"[{ground}, {ink}]")
    page.emulate_media(color_scheme="dark")
    until(page, f"{ink} !== '{light[1]}'")
    dark = page.evaluate(f"[{ground}, {ink}]")
    assert light == ["rgb(255, 255, 255)", "#1f2328"]
    assert dark == ["rgb(23, 27, 33)", "#e3e7ec"]


def test_printed_it_stands_still(opened: Any, folder: Path) -> None:
    page = opened(folder / "first" / "report.html")
    assert page.locator("[data-moving]").is_visible()
    assert not page.locator(".still").is_visible()
    page.emulate_media(media="print")
    assert not page.locator("[data-moving]").is_visible()
    assert page.locator(".still img").is_visible()
    assert page.get_by_text("held-out pairs ordered rightly", exact=True).first.is_visible()


def test_every_control_has_a_name(opened: Any, folder: Path) -> None:
    page = opened(folder / "both.html")
    nameless = page.evaluate(
        "[...document.querySelectorAll('input, select, button')].filter(e => !(e.labels?.length"
        " || e.textContent.trim() || e.getAttribute('aria-label'))).map(e => e.outerHTML)"
    )
    assert nameless == []


@pytest.mark.parametrize("width", WIDTHS)
def test_two_runs_make_one_page(opened: Any, folder: Path, width: int) -> None:
    page = opened(folder / "both.html", width)
    assert fits(page)
    names = page.evaluate(
        "document.querySelector('[data-compared=loss]').data.map(line => line.name)"
    )
    assert names == ["first", "second"]
    assert page.locator("[data-moving]:visible").count() == 2
    page.locator("#family").select_option(index=1)
    assert page.evaluate("document.querySelector('[data-compared=accuracy]').data.length") == 2
    page.locator("#run-2-moment").focus()
    page.keyboard.press("Home")
    assert page.locator("#run-1-moment").input_value() == "63", "runs have their own moments"
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_without_scripts_all_numbers_are_there(browser: Any, folder: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / "first" / "report.html").as_uri())
    assert page.locator(".still img").is_visible()
    assert not page.locator("[data-moving]").is_visible()
    assert page.get_by_text("without them all numbers are here").is_visible()
    context.close()
