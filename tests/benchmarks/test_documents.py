"""The documents that are written by commands agree with their results."""

import json

import pytest
from places import ROOT

from benchmarks.calibration import document as calibration
from benchmarks.concepts import document as concepts
from benchmarks.emergence import document as emergence


@pytest.mark.parametrize(
    ("written", "results", "page"),
    [
        (
            calibration.markdown,
            tuple(
                f"calibration/{part}.json" for part in ("results", "violations", "pair_intervals")
            ),
            "calibration.md",
        ),
        (
            concepts.markdown,
            ("concepts/results.json", "concepts/random_pairs.json"),
            "concept-results.md",
        ),
        (emergence.markdown, ("emergence/results.json",), "emergence-results.md"),
    ],
)
def test_a_document_is_that_of_its_results(written, results, page):
    found = [json.loads((ROOT / "benchmarks" / one).read_text("utf-8")) for one in results]
    assert written(*found) == (ROOT / "docs" / page).read_text("utf-8")
