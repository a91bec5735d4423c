"""The report: whole, safe, self-contained, and with the numbers that were found."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from figure_data import ODD_WORDS, contents, results, similarities, spectrum, spectrum_of

from probes.modes.power_law import fit_power_law
from probes.report import write_report
from probes.report.summary import paragraphs, spectrum_sentence
from probes.shared.intervals import Interval
from probes.topics.topics import topics
from repsearch.errors import InputError

VOID = {"meta", "img", "source", "br", "hr", "link", "input"}


@dataclass
class Element:
    """A tag, its attributes and all text within."""

    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Page(HTMLParser):
    """All elements of a page; refuses tags that are not closed in order."""

    elements: list[Element] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} has an attribute twice"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data

    def all(self, tag: str, cls: str = "") -> Iterator[Element]:
        for element in self.elements:
            if element.tag == tag and (
                not cls or cls in element.attributes.get("class", "").split()
            ):
                yield element


def parsed(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text("utf-8"))
    page.close()
    assert not page.open, "all tags are closed"
    return page


def squeezed(text: str) -> str:
    return " ".join(text.replace("−", "-").split())


def rows_of(path: Path, *, table: str) -> list[list[str]]:
    """Cells of the table in the scrolling box of that name."""
    html = path.read_text("utf-8")
    start = html.index(f'aria-label="{table}')
    body = html[start : html.index("</table>", start)]
    body = body.replace("<span", " <span")
    rows = []
    for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL):
        page = Page()
        page.feed(row)
        rows.append([squeezed(e.text) for e in page.elements if e.tag in ("th", "td")])
    return rows


def percents(interval: Interval | None) -> str:
    if interval is None:
        return "– no questions"
    value, low, high = (100 * x for x in (interval.value, interval.low, interval.high))
    return f"{value:.1f} {low:.1f} to {high:.1f}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    assert write_report(contents(), folder) == folder / "report.html"
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return parsed(folder / "report.html")


@pytest.mark.smoke
def test_figures_are_written_beside_the_page(folder: Path) -> None:
    names = ("analogies", "embedding-map", "similarity", "spectrum", "topics")
    found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert found == sorted(
        [f"figures/{name}.{suffix}" for name in names for suffix in ("pdf", "png", "svg")]
        + ["report.html", "report.json"]
    )


@pytest.mark.smoke
def test_the_page_loads_nothing(folder: Path, page: Page) -> None:
    for element in page.elements:
        assert element.tag not in {"link", "iframe", "object", "embed", "base"}
        for name, value in element.attributes.items():
            assert not name.startswith("on"), "no event handlers"
            assert element.tag != "script" or name in {"type", "id", "data-part"}, "no source"
            if name in {"src", "srcset", "data", "poster"}:
                assert value.startswith("data:image/png;base64,")
            if name == "href":
                assert element.tag == "a"
            if name == "style":
                assert "url" not in value
    (policy,) = (
        element.attributes["content"]
        for element in page.all("meta")
        if element.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; ")
    assert not re.search(r"https?:|\*|self", policy)
    style = next(page.all("style")).text
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style
    assert (folder / "report.html").stat().st_size < 5_000_000


def test_links_lead_somewhere(page: Page) -> None:
    ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    links = [e.attributes["href"] for e in page.all("a")]
    assert "https://arxiv.org/abs/2502.09863" in links
    for link in links:
        assert link.startswith("https://arxiv.org/") or link.removeprefix("#") in ids


@pytest.mark.smoke
def test_images_are_the_figures_and_have_descriptions(folder: Path, page: Page) -> None:
    written = {path.read_bytes() for path in (folder / "figures").glob("*.png")}
    images = list(page.all("img"))
    assert {base64.b64decode(e.attributes["src"].partition(",")[2]) for e in images} == written
    assert all(len(image.attributes["alt"]) > 10 for image in images)
    assert len(list(page.all("source"))) == 3, "three figures have a narrow variant"


def test_words_and_names_are_text_and_not_markup(page: Page) -> None:
    tags = {element.tag for element in page.elements}
    assert not tags & {"u", "em", "sup", "strong", "texts"}
    assert len(list(page.all("script"))) == 3, "numbers, plotly.js, and our own"
    text = next(page.all("body")).text
    for piece in (
        "A toy & its <em>report</em>",
        "12 toy <texts>",
        "few & <small>",
        "<i>kin and kith</i>",
        "rare<sup>",
        "repsearch run 'a < b'",
        "A small & <strong>made-up</strong> corpus.",
    ):
        assert piece in text
    shown = {word for topic in contents().topics.topics for word in topic.words}
    assert shown & set(ODD_WORDS), "the data has such words"
    listed = [element.text for element in page.all("i")]
    assert shown <= set(listed)
    assert next(page.all("title")).text == "A toy & its <em>report</em>"


def test_topics_are_those_found(folder: Path) -> None:
    rows = rows_of(folder / "report.html", table="Words with the largest")[1:]
    table = contents().topics.topics
    assert len(rows) == 10
    for mode, (number, eigenvalue, *ends) in enumerate(rows, start=1):
        assert number.split() == ["mode", str(mode)]
        assert eigenvalue == f"λ = {spectrum().eigenvalues[mode - 1]:,.5g}"
        for topic, cell in zip(table[2 * mode - 2 : 2 * mode], ends, strict=True):
            assert cell == f"{topic.mean_entry:+.2f} {', '.join(topic.words)}"
    more = rows_of(folder / "report.html", table="Further modes")[1:]
    assert [row[0] for row in more] == ["mode 11", "mode 12"]


def test_analogies_are_those_found(folder: Path) -> None:
    head, *rows = rows_of(folder / "report.html", table="Analogies by family")
    assert head == ["family", *results(), "pairs used", "questions asked"]
    main = next(iter(results().values()))
    for number, score in enumerate(main.families):
        _, *cells, pairs, questions = rows[number]
        skipped = score.pairs_in_file - score.pairs_used
        assert pairs == f"{score.pairs_used} of {score.pairs_in_file} {skipped} skipped"
        hopeless = f" {score.unanswerable} unanswerable" if score.unanswerable else ""
        assert questions == f"{score.questions} of {score.questions_in_file}{hopeless}"
        assert cells == [percents(r.families[number].accuracy) for r in results().values()]
    assert sum(score.unanswerable for score in main.families) > 0, "the data has such questions"
    micro, macro = rows[-2:]
    assert micro[0] == "all questions"
    assert micro[1:-2] == [percents(result.micro) for result in results().values()]
    assert macro[0] == "mean of families"
    assert macro[1:-2] == [percents(result.macro) for result in results().values()]


def test_differences_are_those_found(folder: Path) -> None:
    rows = rows_of(folder / "report.html", table="Differences")[1:]
    for (rival, lead), row in zip(contents().differences.items(), rows, strict=True):
        value, low, high = (100 * x for x in (lead.value, lead.low, lead.high))
        assert abs(value) > 0.1, "the data has a difference"
        assert row == [rival, f"{value:+.1f} {low:+.1f} to {high:+.1f}", lead.method]


def test_similarities_are_those_found(folder: Path) -> None:
    head, men, rare = rows_of(folder / "report.html", table="Similarity by set")
    assert head == ["set", *similarities(), "pairs used", "coverage"]
    assert men[0] == "MEN"
    assert men[-2:] == ["20 of 21", f"{100 * 20 / 21:.1f} %"]
    for cell, (found, _) in zip(men[1:-2], similarities().values(), strict=True):
        assert found.spearman is not None
        rho = found.spearman
        assert cell == f"{rho.value:.3f} {rho.low:.3f} to {rho.high:.3f}"
    assert rare[0] == "rare<sup>"
    assert rare[-2:] == ["0 of 2", "0.0 %"]
    assert all(cell.startswith("– fewer than 3 pairs") for cell in rare[1:-2])


def test_the_summary_tells_the_main_numbers(page: Page) -> None:
    said = [*page.all("p", "lead"), *page.all("ul", "findings")]
    lead = squeezed(" ".join(e.text for e in said))
    micro = results()["Setting 3.1 M*"].micro
    value, *ends = percents(micro).split(maxsplit=1)
    assert f"answer {value} % of" in lead
    assert f"(95 % interval {ends[0]})" in lead
    assert "From 12 toy <texts>" in lead
    rho = similarities()["Setting 3.1 M*"][0].spearman
    assert rho is not None
    assert f"{rho.value:.3f} ({rho.low:.3f} to {rho.high:.3f}) on MEN" in lead
    tiles = squeezed(" ".join(e.text for e in page.all("ul", "tiles")))
    for interval in contents().differences.values():
        assert f"{100 * interval.value:+.1f}" in tiles
    fit = fit_power_law(spectrum().eigenvalues)
    text = squeezed(next(page.all("body")).text)
    assert f"{-fit.exponent:.2f} (descriptive interval {-fit.high:.2f} to {-fit.low:.2f})" in text


@pytest.mark.parametrize(
    ("lead", "said"),
    [
        (Interval(0.063, 0.035, 0.091), "That is 6.3 points more than PPMI (+3.5 to +9.1)"),
        (Interval(-0.1, -0.2, -0.05), "That is 10.0 points less than PPMI (-20.0 to -5.0)"),
        (Interval(0.01, -0.02, 0.03), "no clear difference from PPMI (+1.0 points, -2.0 to +3.0)"),
        (Interval(0.0, 0.0, 0.0), "no clear difference from PPMI (0.0 points, 0.0 to 0.0)"),
    ],
)
def test_a_rival_is_called_better_only_if_it_clearly_is(lead: Interval, said: str) -> None:
    text = squeezed(" ".join(paragraphs(contents(differences={"PPMI": lead}))))
    assert said in text


def test_a_bend_is_told() -> None:
    ranks = np.arange(1, 201)
    bent = squeezed(spectrum_sentence(fit_power_law(np.exp(-0.1 * np.log(ranks) ** 2))))
    assert "the line bends: -0.6" in bent
    noise = np.exp(0.05 * np.random.default_rng(1).normal(size=200))
    assert "no clear bend" in spectrum_sentence(fit_power_law(ranks**-0.6 * noise))


def test_equal_contents_make_equal_bytes(folder: Path, tmp_path: Path) -> None:
    write_report(contents(), tmp_path)
    for path in folder.rglob("*"):
        if path.is_file():
            again = tmp_path / path.relative_to(folder)
            assert path.read_bytes() == again.read_bytes(), path.name


def test_a_report_of_little_is_still_a_report(tmp_path: Path) -> None:
    few = spectrum_of(np.array([3.0, 2.0, 1.0, -4.0]))
    path = write_report(
        contents(
            spectrum=few,
            embeddings=few.embeddings(1),
            analogies={},
            differences={},
            similarities={},
            topics=topics(few, modes=[1, 2], words_per_end=2),
            topics_normalised=topics(few, modes=[1, 2], words_per_end=2, normalise="cosine"),
            facts={},
            run={},
            notes=(),
        ),
        tmp_path,
    )
    text = next(parsed(path).all("body")).text
    assert "Too few eigenvalues are positive" in text
    assert "No analogies were asked" in text
    assert "No similarity ratings were scored" in text
    assert "Read this first" not in text
    assert sorted(p.name for p in (tmp_path / "figures").glob("*.png")) == [
        "spectrum.png",
        "topics.png",
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": " "}, "title"),
        ({"differences": {"nobody": Interval(0, 0, 0)}}, "nobody"),
        ({"differences": {"Setting 3.1 M*": Interval(0, 0, 0)}}, "no rival"),
        ({"topics": contents().topics_normalised}, "cosine-normalised"),
    ],
)
def test_contents_that_make_no_sense_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        contents(**changes)


def test_contents_do_not_change_afterwards() -> None:
    facts = {"Corpus": "one"}
    made = contents(facts=facts)
    facts["Corpus"] = "another"
    assert made.facts["Corpus"] == "one"
    with pytest.raises(TypeError):
        made.facts["Corpus"] = "third"  # type: ignore[index]


def test_a_report_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot write"):
        write_report(contents(), tmp_path / "file")
