"""Functions of the user, called at recorded moments with what was recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs torch (repsearch[torch])")

from training_runs import contents, small_counts  # noqa: E402

import repsearch as rs  # noqa: E402
from repsearch import training  # noqa: E402
from repsearch.errors import InputError  # noqa: E402


def record(*callbacks: Any, **more: Any) -> training.Record:
    when = training.evenly(0.4, 4)
    return training.Record(when=when, snapshots=when, callbacks=callbacks, **more)


def train(folder: Path, given: training.Record, **more: Any) -> training.TrainedTrajectory:
    start = rs.Gaussian(1e-2, 0)
    return training.train(small_counts(), folder, d=3, until=0.4, start=start, record=given, **more)


@pytest.mark.parametrize("tied", [True, False])
def test_they_are_called_with_each_row_as_it_is_stored(tmp_path: Path, tied: bool) -> None:  # noqa: FBT001
    seen: list[training.Recorded] = []
    order: list[str] = []
    given = record(
        seen.append, lambda one: order.append(f"b {one.time:g}"), measures={"n": lambda e: {"v": 7}}
    )
    run = train(tmp_path / "run", given, tied=tied)
    assert [one.time for one in seen] == run.times.tolist() == run.snapshot_times.tolist()
    assert [one.step for one in seen] == run.steps.tolist()
    assert order == [f"b {t:g}" for t in run.times]
    for place, one in enumerate(seen):
        assert one.clock == "flow time"
        assert one.values["loss"] == run.loss()[place]
        assert one.values["n/v"] == 7
        assert np.array_equal(one.values["singular_values"], run.singular_values()[place])
        assert np.array_equal(one.embeddings.vectors, run.embeddings(one.time).vectors)
        assert np.array_equal(one.contexts.vectors, run.contexts(one.time).vectors)
        assert not one.embeddings.vectors.flags.writeable
    assert np.array_equal(seen[0].embeddings.vectors, seen[0].contexts.vectors) is tied
    bare = train(tmp_path / "bare", record(measures={"n": lambda e: {"v": 7}}), tied=tied)
    assert contents(bare.folder) == contents(run.folder)  # a callback changes nothing


def test_one_that_raises_ends_training_and_the_run_goes_on(tmp_path: Path) -> None:
    class Enough(Exception):
        """What the user raises."""

    def stop(one: training.Recorded) -> None:
        if one.time >= 0.2:
            raise Enough

    with pytest.raises(Enough):
        train(tmp_path / "run", record(stop))
    kept = training.TrainedTrajectory(tmp_path / "run")
    assert kept.times.tolist() == [0.0, 0.1]
    assert not kept.finished
    again: list[float] = []
    training.resume(
        tmp_path / "run", small_counts(), record=record(lambda one: again.append(one.time))
    )
    assert again == [0.2, pytest.approx(0.3), 0.4]
    whole = train(tmp_path / "whole", record())
    assert contents(whole.folder) == contents(tmp_path / "run")


@pytest.mark.parametrize("given", [3, (1,), (print, None), "print", {print}])
def test_what_cannot_be_called_is_refused(given: Any) -> None:
    with pytest.raises(InputError, match="pass a list of functions"):
        training.Record(when=training.Every(1), callbacks=given)
