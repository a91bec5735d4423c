"""The page "the paper, figure by figure": what it says is what the results have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from places import DOCS, ROOT

from benchmarks.paper import document
from probes.reproduce.published import MARKS, published
from probes.reproduce.settings import FIGURES

PICTURES = DOCS / "figures"


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    return json.loads((ROOT / "benchmarks" / "paper" / "results.json").read_text("utf-8"))


def test_the_page_is_made_of_the_results(results):
    assert (DOCS / "paper.md").read_text("utf-8") == document.markdown(results, PICTURES)


def test_every_published_number_of_every_figure_is_on_the_page(results):
    page = (DOCS / "paper.md").read_text("utf-8")
    for number in published().values():
        assert f"| {number.what} |" in page, number.name
    assert [line.split(":")[0] for line in page.splitlines() if line.startswith("## ")] == [
        f"## Figure {figure}" for figure in FIGURES
    ]


def test_every_found_number_has_a_published_one(results):
    for run in results.values():
        for figure, one in run["figures"].items():
            assert {published()[name].figure for name in one["numbers"]} <= {figure}


def rows_of(page: str) -> dict[str, list[str]]:
    """Cells of the page's tables by what they are of."""
    lines = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    return {cells[0]: cells[1:] for cells in lines}


def test_every_number_is_marked_by_how_it_was_read(results):
    rows = rows_of(document.markdown(results, PICTURES))
    for number in published().values():
        paper = rows[number.what][0].strip()
        assert (
            paper.partition(" ")[2] == MARKS[number.read] if number.value is not None else not paper
        )
    assert {"printed", "picture", "authors"} == {one.read for one in published().values()}
    for name, what in (
        ("3b.QWEM.men", "printed"),
        ("1.loss.1", "authors"),
        ("1.sigma.1", "picture"),
    ):
        assert published()[name].read == what


def test_pictures_that_are_not_there_are_not_linked(results, tmp_path):
    assert "](figures/" not in document.markdown(results, tmp_path)
    (tmp_path / "paper-figure-5.png").touch()
    page = document.markdown(results, tmp_path)
    assert page.count("](figures/") == 1
    assert "](figures/paper-figure-5.png)" in page


def test_what_was_not_run_follows_the_settings(results):
    assert "`--full` (all words" in document.markdown(results, PICTURES)
    changed = json.loads(json.dumps(results))
    changed["carried"]["about"]["settings"]["full"] = True
    page = document.markdown(changed, PICTURES)
    assert "`--full` (all words" not in page
    assert "**Not run:** enwiki-low by this command." in page
    page = document.markdown({**changed, "enwiki-low": changed["carried"]}, PICTURES)
    assert "Not run:" not in page


def test_what_holds_of_one_run_alone_is_said_of_it(results):
    low = json.loads(json.dumps(results["carried"]))
    low["facts"] |= {"words": 10_000, "d": 100}
    page = document.markdown({**results, "enwiki-low": low}, PICTURES)
    assert "enwiki-low: d = 100 here, 200 there" in page
    assert "carried counts: M* has 4,500 rows here and 10,000 there" in page
    assert "carried counts: d = " not in page


def test_a_number_that_was_not_trained_for_points_to_the_one_that_stands_for_it(results):
    rows = rows_of(document.markdown(results, PICTURES))
    assert rows["MEN, QWEM as trained"][:2] == ["0.755", "see svd(M*)"]


def test_every_picture_is_there_and_modest(results):
    for figure, one in results["carried"]["figures"].items():
        assert one["made"], one["reason"]
        picture = DOCS / "figures" / f"paper-figure-{figure}.png"
        assert 10_000 < picture.stat().st_size < 400_000


def test_a_changed_number_changes_the_page(results):
    changed = json.loads(json.dumps(results))
    changed["carried"]["figures"]["3b"]["numbers"]["3b.QWEM.men"]["value"] = 0.123
    assert "| MEN, svd(M*) | 0.755 | 0.123" in document.markdown(changed, PICTURES)
