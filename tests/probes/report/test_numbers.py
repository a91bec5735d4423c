"""Every number that the page's script draws is one of the tables."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from made_report import HOSTILE, whole_report, world

from probes.concepts import MeanDifference
from probes.report import write_report
from probes.report.concept_pages import concept_pages
from probes.report.learning import Learning, learning_of
from probes.report.moving import moving_picture
from probes.report.numbers import in_steps, packed, unpacked
from repsearch import Gaussian, gradient_flow
from repsearch.storage.visible import visible

DIGITS = 1e-4


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_report(whole_report(), tmp_path_factory.mktemp("numbers")).read_text("utf-8")


@pytest.fixture(scope="module")
def run(page: str) -> dict[str, Any]:
    found = re.search(r'id="packed-numbers">([A-Za-z0-9+/=]+)</script>', page)
    assert found
    (run,) = json.loads(unpacked(found[1]))["runs"]
    return run


def close(found: list[float | None] | None, expected: list[Any]) -> bool:
    """Whether two lists have the same numbers to four digits, and None in the same places."""
    found = found or [None] * len(expected)
    assert [one is None for one in found] == [one is None for one in expected]
    known = [one for one in expected if one is not None]
    return [one for one in found if one is not None] == pytest.approx(known, rel=DIGITS)


def learning() -> Learning:
    found = whole_report().learning
    assert found is not None
    return found


def test_curves_are_those_of_the_table_over_time(run: dict[str, Any]) -> None:
    rows, moving = learning().table(), run["moving"]
    for name, column in (("times", "time"), ("loss", "loss"), ("explained", "explained")):
        assert moving[name] == pytest.approx([row[column] for row in rows], rel=DIGITS)
    assert moving["learned"] == [row["learned"] for row in rows]
    for mode, curve in enumerate(moving["singular_values"], start=1):
        assert curve == pytest.approx([row[f"s_{mode}"] for row in rows], rel=DIGITS)
    modes = learning().modes_table()
    assert moving["learning_times"] == pytest.approx(
        [row["learning_time"] for row in modes], rel=DIGITS
    )


def test_concepts_are_those_of_their_tables(run: dict[str, Any], page: str) -> None:
    concepts = whole_report().concepts
    assert concepts is not None
    assert concepts.over_time is not None
    assert concepts.by_dimension is not None
    over_time, by_dimension = concepts.over_time.table(), concepts.by_dimension.table()
    for family, found in zip(concepts.families, run["concepts"], strict=True):
        rows = [row for row in over_time if row["family"] == family]
        assert found["over_time"]["at"] == pytest.approx([r["time"] for r in rows], rel=DIGITS)
        for name in ("share", "accuracy"):
            for drawn, row in zip(found["over_time"][name], rows, strict=True):
                ends = [row[name], row[f"{name}_low"], row[f"{name}_high"]]
                assert (drawn or [None] * 3) == pytest.approx(ends, rel=DIGITS)
            chance = [row[f"{name}_by_chance"] for row in rows]
            assert close(found["over_time"][f"{name}_by_chance"], chance)
        rows = [row for row in by_dimension if row["family"] == family]
        assert found["by_dimension"]["at"] == [row["d"] for row in rows]
        for drawn, row in zip(found["by_dimension"]["share"], rows, strict=True):
            ends = [row["share"], row["share_low"], row["share_high"]]
            assert close(drawn, ends)
    for row in concepts.directions.table():
        assert f'<td class="n">{100 * row["held_out"]:.1f} %</td>' in page


def test_words_along_a_direction_are_those_that_the_probe_names() -> None:
    concepts = whole_report().concepts
    assert concepts is not None
    assert any(one.along[0] for one in concepts.profiles.values())
    for page in concept_pages(concepts, learning()):
        second, first = concepts.profiles[page["family"]].along
        for end, words in (("second", second), ("first", first)):
            listed = [one["word"] for one in page["words"][end]]
            assert listed[: len(words)] == [visible(word) for word in words]


def test_topics_are_those_of_the_study(run: dict[str, Any]) -> None:
    study = whole_report().topic_study
    assert study is not None
    rows = iter(study.table())
    for mode in run["browser"]["modes"]:
        wait = learning().learning_times[mode["mode"] - 1]
        assert mode["learning_time"] == pytest.approx(wait, rel=DIGITS)
        for end in mode["ends"]:
            for word, entry in zip(end["words"], end["entries"], strict=True):
                row = next(rows)
                assert (row["mode"], row["end"]) == (mode["mode"], end["end"])
                assert word == visible(str(row["word"]))
                assert entry == pytest.approx(row["entry"], rel=DIGITS)


def test_a_random_start_ends_where_the_picture_does_and_passes_close_by() -> None:
    """The picture is the limit of small starts; W from a random start of its size is beside it."""
    found = learning()
    spectrum, _ = world()
    assert moving_picture(found) is not None
    flow = gradient_flow(
        found.spectrum,
        Gaussian(found.scale, found.seed),
        times=found.times,
        d=found.spectrum.dimension,
    )
    reach = np.abs(found.spectrum.eigenvectors * found.singular_values[-1]).max(axis=0)
    for moment in (8, 20, 40, 63):
        exact = flow.embeddings(float(found.times[moment])).vectors
        drawn = found.spectrum.eigenvectors * found.singular_values[moment]
        assert (np.abs(exact - drawn)[:, :3].max(axis=0) < 0.02 * reach[:3]).all()
    assert len(spectrum.words) == len(found.spectrum.words)


def test_pairs_in_the_plane_are_projections_on_the_mean_difference(run: dict[str, Any]) -> None:
    concepts, final = whole_report().concepts, learning().flow
    assert concepts is not None
    vectors = final.embeddings(float(learning().times[-1])).vectors
    row_of = {word: row for row, word in enumerate(learning().spectrum.words)}
    for family, found in zip(concepts.families, run["concepts"], strict=True):
        pairs = concepts.profiles[family].coverage.pairs
        rows = [[row_of[pair[side]] for pair in pairs] for side in (0, 1)]
        both = np.concatenate([vectors[rows[0]], vectors[rows[1]]])
        labels = [0] * len(pairs) + [1] * len(pairs)
        direction = MeanDifference().fit(both, labels).direction_
        plane = found["plane"]
        across = np.array(plane["across"]["columns"][-1]) * plane["across"]["step"][-1]
        for side in (0, 1):
            drawn = [across[pair[side]] for pair in plane["pairs"]]
            np.testing.assert_allclose(drawn, vectors[rows[side]] @ direction, atol=1e-3)


def test_no_word_can_leave_its_place_in_the_page(page: str, run: dict[str, Any]) -> None:
    assert "<script>document.title" not in page
    assert run["moving"]["words"][: len(HOSTILE)] == [visible(word) for word in HOSTILE]
    assert visible(page, lines=True) == page


def test_small_numbers_survive_their_steps() -> None:
    columns = np.random.default_rng(0).standard_normal((50, 3)) * [1e-6, 1.0, 1e6]
    laid = in_steps(columns)
    back = np.array(laid["columns"]).T * laid["step"]
    assert (np.abs(back - columns) <= np.array(laid["step"]) / 2 * (1 + 1e-9)).all()
    assert in_steps(np.zeros((2, 1))) == {"step": [1 / 32767], "columns": [[0, 0]]}
    assert packed("same") == packed("same")


def test_one_mode_makes_no_plane() -> None:
    spectrum, _ = world()
    one = learning_of(spectrum).spectrum
    single = type(one)(
        one.words,
        one.eigenvalues[:1],
        one.eigenvectors[:, :1],
        one.residuals[:1],
        one.squared_norm,
        one.target,
    )
    assert moving_picture(learning_of(single)) is None
