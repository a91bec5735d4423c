"""The page "the paper, figure by figure": what it says is what the results have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from places import DOCS, ROOT

from benchmarks.paper import document
from probes.reproduce.published import published
from probes.reproduce.settings import FIGURES


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    return json.loads((ROOT / "benchmarks" / "paper" / "results.json").read_text("utf-8"))


def test_the_page_is_made_of_the_results(results):
    assert (DOCS / "paper.md").read_text("utf-8") == document.markdown(results)


def test_every_published_number_of_every_figure_is_on_the_page(results):
    page = (DOCS / "paper.md").read_text("utf-8")
    for number in published().values():
        assert f"| {number.what} |" in page, number.name
    assert [line.split(":")[0] for line in page.splitlines() if line.startswith("## ")] == [
        f"## Figure {figure}" for figure in FIGURES
    ]


def test_published_numbers_of_the_results_are_those_of_the_package(results):
    for run in results.values():
        for row in run["published"]:
            assert row["published"] == published()[row["name"]].value


def test_every_picture_is_there_and_modest(results):
    for figure, one in results["carried"]["figures"].items():
        assert one["made"], one["reason"]
        picture = DOCS / "figures" / f"paper-figure-{figure}.png"
        assert 10_000 < picture.stat().st_size < 400_000


def test_a_changed_number_changes_the_page(results):
    changed = json.loads(json.dumps(results))
    row = next(r for r in changed["carried"]["published"] if r["name"] == "3b.QWEM.men")
    row["found"] = 0.123
    assert "| MEN, svd(M*) | 0.755 | 0.123" in document.markdown(changed)
