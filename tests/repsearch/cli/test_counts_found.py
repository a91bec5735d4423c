"""Counts that belong to a run or a spectrum are found, and what they add is said where not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from probe_command import Run, command
from training_runs import small_counts, spectrum_of

from probes.studies.runs import counts_beside, counts_of_run
from repsearch import Gaussian


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with counts and a run in a folder of its own, and a relation."""
    pytest.importorskip("torch")
    from repsearch import Counts, training

    folder = tmp_path_factory.mktemp("found")
    counts = small_counts()
    counts.save(folder / "counts.npz")
    small_counts(seed=1).save(folder / "others.npz")
    (folder / "no-counts.npz").write_bytes(b"PK")
    record = training.Record(when=training.evenly(2.0, 4), snapshots=training.evenly(2.0, 4))
    training.train(
        Counts.open(folder / "counts.npz"), folder / "runs" / "one", d=4, until=2.0,
        start=Gaussian(1e-2), record=record,
    )  # fmt: skip
    rows = [f"f\t{counts.words[2 * k]}\t{counts.words[2 * k + 1]}\n" for k in range(8)]
    (folder / "words.tsv").write_text("".join(rows))
    return folder


def test_they_are_found_where_they_lay_beside_the_run_and_nowhere_else(
    trained: Path, tmp_path: Path
) -> None:
    from repsearch.training import TrainedTrajectory

    run = TrainedTrajectory(trained / "runs" / "one")
    assert run.settings.counts_file == str((trained / "counts.npz").resolve())
    found = counts_of_run(run)
    assert found is not None
    assert found.file == (trained / "counts.npz").resolve()
    # Moved without its counts: others of the same words are not taken for them.
    alone = tmp_path / "alone"
    shutil.copytree(trained / "runs" / "one", alone / "one")
    text = (alone / "one" / "manifest.json").read_text()
    assert str(trained) in text
    shutil.move(trained / "counts.npz", trained / "away")
    try:
        moved = TrainedTrajectory(alone / "one")
        shutil.copy(trained / "others.npz", alone)
        assert counts_of_run(moved) is None
        shutil.copy(trained / "away", alone / "under-another-name.npz")
        again = counts_of_run(moved)
        assert again is not None
        assert again.file == (alone / "under-another-name.npz").resolve()
    finally:
        shutil.move(trained / "away", trained / "counts.npz")


def test_counts_with_other_words_are_not_a_spectrums(trained: Path, tmp_path: Path) -> None:
    counts = small_counts()
    found = counts_beside(trained / "x", counts.words)
    assert [one.file.name for one in found if one.file] == ["counts.npz", "others.npz"]
    assert counts_beside(trained / "x", counts.words[::-1]) == []


@pytest.fixture
def emergence(
    trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    return command("probe", "emergence", folder=trained, monkeypatch=monkeypatch, capsys=capsys)


@pytest.fixture
def topics(
    trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    return command("topics", folder=trained, monkeypatch=monkeypatch, capsys=capsys)


def test_a_run_has_its_closed_form_beside_it_unasked(trained: Path, emergence: Run) -> None:
    asked_for = ("runs/one", "--relations", "words.tsv")
    assert emergence(*asked_for, "--out", "found").returncode == 0
    assert emergence(*asked_for, "--counts", "counts.npz", "--out", "asked").returncode == 0
    found, asked = (
        json.loads((trained / name / "emergence.json").read_text()) for name in ("found", "asked")
    )
    assert found == asked
    assert found[0]["share_predicted"] is not None


def test_without_them_it_says_what_they_would_add(trained: Path, emergence: Run) -> None:
    shutil.move(trained / "counts.npz", trained / "away")
    try:
        done = emergence("runs/one", "--relations", "words.tsv")
    finally:
        shutil.move(trained / "away", trained / "counts.npz")
    said = " ".join(done.stdout.split())
    assert "--counts FILE adds when the modes of each relation are learned" in said
    assert str(trained / "counts.npz") in said.replace(" ", "")
    # No columns of dashes.
    (head,) = [line.split() for line in done.stdout.splitlines() if "grown" in line.split()[-2:]]
    assert head == ["family", "p", "linear", "at", "grown"]


def test_compare_finds_them_or_asks_for_them(
    trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    compare = command("compare", folder=trained, monkeypatch=monkeypatch, capsys=capsys)
    done = compare("runs/one", "--modes", "2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith("Training and closed form")  # the finding first
    shutil.move(trained / "counts.npz", trained / "away")
    try:
        lost = compare("runs/one", "--modes", "2")
    finally:
        shutil.move(trained / "away", trained / "counts.npz")
    assert lost.returncode == 2
    assert "give them (--counts)" in " ".join(lost.stderr.split())


def test_topics_are_scored_in_the_counts_beside_the_spectrum(trained: Path, topics: Run) -> None:
    folder = trained / "own"
    folder.mkdir()
    spectrum_of(small_counts(), 4).save(folder / "spectrum.safetensors")
    bare = topics("own/spectrum.safetensors", "--words", "3").stdout
    assert "Coherence was not measured" in bare
    assert "--counts" in bare
    small_counts().save(folder / "mine.npz")
    assert "It was measured in mine.npz." in " ".join(
        topics("own/spectrum.safetensors", "--words", "3").stdout.split()
    )
    small_counts(seed=1).save(folder / "other.npz")
    both = topics("own/spectrum.safetensors", "--words", "3")
    assert "Coherence was not measured" in both.stdout
    said = " ".join(both.stderr.split())
    assert "mine.npz and other.npz beside spectrum.safetensors have its words; --counts" in said


def test_counts_know_their_file_and_made_ones_have_none(tmp_path: Path) -> None:
    from repsearch import Counts

    made = small_counts()
    assert made.file is None
    made.save(tmp_path / "c.npz")
    opened = Counts.open(tmp_path / "c.npz")
    assert opened.file == (tmp_path / "c.npz").resolve()
    assert np.array_equal(opened.values, made.values)
