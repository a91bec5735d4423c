"""Snapshots of a run: modes that continue, paths of words by their place, alignment."""

from __future__ import annotations

import shutil
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra repsearch[torch]")

from training_runs import small_counts

import repsearch as rs
from repsearch import training
from repsearch.embeddings import UnknownWordError, align
from repsearch.errors import InputError

SURE = 0.5**0.5


def trained(folder: Path, *, tied: bool = True, snapshots: int = 24) -> None:
    training.train(
        small_counts(),
        folder,
        d=5,
        until=1.2,
        tied=tied,
        start=rs.Gaussian(1e-3, 3),
        integrator=training.RungeKutta(1e-6),
        record=training.Record(
            when=training.evenly(1.2, 4), snapshots=training.evenly(1.2, snapshots)
        ),
    )


@pytest.fixture(scope="module", params=[True, False], ids=["tied", "untied"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    trained(folder, tied=request.param)
    return folder


def product(run: training.TrainedTrajectory, time: float) -> np.ndarray:
    words = run.embeddings(time).vectors.astype(float)
    if run.settings.tied:
        return words
    return words @ run.contexts(time).vectors.astype(float).T


def test_modes_are_singular_vectors_in_the_order_of_the_last(folder: Path) -> None:
    run = training.TrainedTrajectory(folder)
    last = run.modes(run.snapshot_times[-1])
    assert (np.diff(last[1]) <= 0).all()
    for time in run.snapshot_times:
        left, values = run.modes(time)
        expected = np.linalg.svd(product(run, time), compute_uv=False)[: len(values)]
        np.testing.assert_allclose(np.sort(values)[::-1], expected, rtol=1e-5, atol=1e-9)
        np.testing.assert_allclose(left.T @ left, np.eye(5), atol=1e-9)
        along = left.T @ product(run, time)
        np.testing.assert_allclose(np.linalg.norm(along, axis=1), values, rtol=1e-5, atol=1e-9)


def test_signs_and_places_continue_from_one_snapshot_to_the_next(folder: Path) -> None:
    run = training.TrainedTrajectory(folder)
    lefts = [run.modes(time)[0] for time in run.snapshot_times]
    overlaps = run.mode_overlaps()
    assert overlaps.shape == (24, 5)
    sure = 0
    for k, (one, other) in enumerate(pairwise(lefts)):
        product_ = one.T @ other
        np.testing.assert_allclose(np.diagonal(product_), overlaps[k], atol=1e-12)
        apart = product_ - np.diag(np.diagonal(product_))
        assert np.abs(apart).max() <= SURE
        sure += int((overlaps[k] > SURE).sum())
    assert (overlaps >= 0).all()
    assert sure > 90  # of 120: the rest is the random start


def test_whatever_is_asked_first(folder: Path) -> None:
    plain = training.TrainedTrajectory(folder)
    times = plain.snapshot_times.tolist()
    expected = [plain.modes(time)[0].tobytes() for time in times]
    for asked in (times[::-1], times[7:] + times[:7], [times[3]]):
        run = training.TrainedTrajectory(folder)
        for time in asked:
            assert run.modes(time)[0].tobytes() == expected[times.index(time)]


def test_a_path_is_the_words_rows(folder: Path) -> None:
    run = training.TrainedTrajectory(folder)
    for word in (run.words[0], run.words[-1], "w7"):
        path = run.path(word)
        assert path.dtype == np.float64
        assert np.array_equal(path, [emb[word].astype(float) for _, emb in run.snapshots()])
    with pytest.raises(UnknownWordError, match="no vector of 'W7'; did you mean 'w7'"):
        run.path("W7")


def test_a_path_reads_the_words_row_alone(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "run")
    run = training.TrainedTrajectory(tmp_path / "run")
    expected = run.path("w0")
    entry = run._stored.manifest.snapshots[5]
    file = tmp_path / "run" / entry.file
    content = file.read_bytes()
    # A number of another word, near the end of W; its checksum would tell.
    at = content.index(run.embeddings(float(run.snapshot_times[5])).vectors[29].tobytes())
    file.write_bytes(content[:at] + b"\x00\x00" + content[at + 2 :])
    again = training.TrainedTrajectory(tmp_path / "run")
    assert np.array_equal(again.path("w0"), expected)
    with pytest.raises(InputError, match="checksum"):
        again.verify()


@pytest.mark.parametrize("damage", ["short", "gone", "nan", "no file of tensors"])
def test_a_damaged_snapshot_is_refused(folder: Path, tmp_path: Path, damage: str) -> None:
    shutil.copytree(folder, tmp_path / "run")
    run = training.TrainedTrajectory(tmp_path / "run")
    file = tmp_path / "run" / run._stored.manifest.snapshots[2].file
    content = file.read_bytes()
    row = run.embeddings(float(run.snapshot_times[2])).vectors[3]
    if damage == "short":
        file.write_bytes(content[:-40])
    elif damage == "gone":
        file.unlink()
    elif damage == "nan":
        bad = np.full_like(row, np.nan).tobytes()
        file.write_bytes(content.replace(row.tobytes(), bad))
    else:
        file.write_bytes(b"\xff" * 100)
    with pytest.raises(InputError, match=file.name):
        run.path("w3")


def test_snapshots_are_aligned_with_one_of_them(folder: Path) -> None:
    run = training.TrainedTrajectory(folder)
    times = run.snapshot_times.tolist()
    found = dict(run.aligned())
    assert list(found) == times
    assert found[times[-1]].residual < 1e-6
    expected = align(run.embeddings(times[10]), run.embeddings(times[-1]))
    assert found[times[10]].residual == expected.residual
    assert np.array_equal(found[times[10]].embeddings.vectors, expected.embeddings.vectors)
    (first, *_) = dict(run.aligned(times[0])).values()
    assert first.residual < 1e-6
    with pytest.raises(InputError, match="no snapshot at time 7"):
        next(run.aligned(7.0))


def whole(run: training.TrainedTrajectory, *, contexts: bool) -> np.ndarray:
    of = run.contexts if contexts else run.embeddings
    return np.stack([of(time).vectors for time in run.snapshot_times])


def test_xarray_is_what_the_snapshots_are(folder: Path) -> None:
    pytest.importorskip("xarray")
    run = training.TrainedTrajectory(folder)
    found = run.to_xarray()
    assert dict(found.sizes) == {"step": 25, "word": 30, "dim": 5}
    assert list(found.data_vars) == ["embeddings", "contexts"][: 2 - run.settings.tied]
    assert found["time"].to_numpy().tolist() == run.snapshot_times.tolist()
    rng = np.random.default_rng(0)
    for name in found.data_vars:
        expected, lazy = whole(run, contexts=name == "contexts"), found[name]
        assert lazy.dtype == expected.dtype
        for key in [
            (3,),
            (slice(None), 7),
            (slice(2, 20, 3), slice(None), 2),
            (-1, -1, -1),
            (slice(None, None, -1), [4, 1, 4], [0, 3]),
            (slice(None), rng.integers(30, size=20)),
        ]:
            part = lazy.isel(dict(zip(("step", "word", "dim"), key, strict=False)))
            grid = expected
            for axis, one in reversed(list(enumerate(key))):
                grid = np.take(grid, np.arange(grid.shape[axis])[one], axis=axis)
            assert np.array_equal(part.to_numpy(), grid)
        # Points, not a grid.
        import xarray

        at = {axis: xarray.DataArray([0, 5, 2], dims="n") for axis in ("step", "word")}
        assert np.array_equal(lazy.isel(at).to_numpy(), expected[[0, 5, 2], [0, 5, 2]])
        assert np.array_equal(lazy.to_numpy(), expected)
    path = found["embeddings"].sel(word="w7")
    assert np.array_equal(path.to_numpy(), run.path("w7").astype(path.dtype))


def test_xarray_reads_only_what_is_looked_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("xarray")
    run = training.TrainedTrajectory(folder)
    read: list[int] = []
    pair = run._pair
    monkeypatch.setattr(run, "_pair", lambda time: (read.append(1), pair(time))[1])
    found = run.to_xarray()
    repr(found)
    found["embeddings"].sel(word="w7").to_numpy()
    assert not read
    found["embeddings"].isel(step=[2, 5]).to_numpy()
    assert len(read) == 2


def test_without_xarray(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(InputError, match=r"to_xarray needs xarray, .*pip install .?xarray"):
        training.TrainedTrajectory(folder).to_xarray()
