"""``repsearch probe emergence``: a file, a spectrum, a closed form and a run, and bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from probe_command import Run, command, write_relations
from training_runs import small_counts, spectrum_of

import probes
from repsearch import Embeddings, Gaussian


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Embeddings with one relation and one of random pairs; a spectrum, counts and a run."""
    made = tmp_path_factory.mktemp("emergence")
    write_relations(made)
    counts = small_counts()
    counts.save(made / "counts.npz")
    small_counts(seed=1).save(made / "others.npz")
    spectrum = spectrum_of(counts, 6)
    spectrum.save(made / "spectrum.safetensors")
    # A family that the first mode is the direction of: its largest entries less its smallest.
    order = np.argsort(spectrum.eigenvectors[:, 0])
    rows = [
        ("first mode", counts.words[a], counts.words[b])
        for a, b in zip(order[:10], order[::-1][:10], strict=True)
    ]
    (made / "words.tsv").write_text("".join("\t".join(row) + "\n" for row in rows))
    return made


@pytest.fixture(scope="module")
def trained(folder: Path) -> Path:
    pytest.importorskip("torch")
    from repsearch import training

    record = training.Record(when=training.evenly(2.0, 4), snapshots=training.evenly(2.0, 4))
    training.train(
        small_counts(), folder / "run", d=4, until=2.0, start=Gaussian(1e-2), record=record
    )
    return folder / "run"


@pytest.fixture
def probe(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return command("probe", "emergence", folder=folder, monkeypatch=monkeypatch, capsys=capsys)


def table(folder: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / f"{name}.json").read_text())
    return found


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.suffix == ".png"}


def test_a_file_has_one_time(folder: Path, probe: Run) -> None:
    options = ("--relations", "pairs.tsv", "--dims", "2,8,16", "--out", "file")
    done = probe("emb.safetensors", *options)
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines()[:-1])) <= 80
    rows = {(row["family"], row["d"]): row for row in table(folder / "file", "emergence")}
    assert set(rows) == {(family, d) for family in ("linear", "chance") for d in (2, 8, 16)}
    embeddings = Embeddings.open(folder / "emb.safetensors")
    scores = probes.analogies(embeddings, probes.read_relations(folder / "pairs.tsv")).families
    for score in scores:
        row = rows[score.family, 16]
        assert score.accuracy is not None
        assert row["accuracy"] == score.accuracy.value
        assert (row["accuracy_low"], row["accuracy_high"]) == (
            score.accuracy.low,
            score.accuracy.high,
        )
    assert rows["linear", 16]["reciprocal_rank"] > 0.5 > rows["chance", 16]["reciprocal_rank"]
    assert rows["linear", 16]["time"] is None
    # Of |m|^2 = 9 and a noise of 16 x 0.09 in each squared difference.
    assert rows["linear", 16]["share"] == pytest.approx(9 / (9 + 16 * 0.09), abs=0.1)
    assert names(folder / "file") == {"emergence-d.png", "emergence-d-answers.png", "noise.png"}
    assert len(table(folder / "file", "noise")) == 6


def test_a_spectrum_is_asked_at_its_end_or_followed_from_a_start(folder: Path, probe: Run) -> None:
    at_end = probe("spectrum.safetensors", "--relations", "words.tsv", "--out", "end")
    assert at_end.returncode == 0, at_end.stderr
    assert "linear at" not in at_end.stdout
    followed = probe(
        "spectrum.safetensors", "--relations", "words.tsv", "--init", "1e-4", "--dims", "2,4",
        "--out", "followed",
    )  # fmt: skip
    assert followed.returncode == 0, followed.stderr
    said = " ".join(followed.stdout.split())
    assert "first mode" in said
    assert "the modes it lives on (1" in said
    (row,) = table(folder / "followed", "linear")
    assert row["leading_modes"].split()[0] == "1"
    # It grows as its mode is learned.
    assert row["growth_time"] == pytest.approx(row["growth_time_predicted"], rel=0.2)
    assert row["growth_time"] == pytest.approx(row["learning_time"], rel=0.5)
    rows = table(folder / "followed", "emergence")
    assert len({row["time"] for row in rows}) == 32
    assert len(rows) == 64
    assert names(folder / "followed") == {
        "emergence-d.png",
        "emergence-d-answers.png",
        "emergence-time.png",
        "emergence-time-answers.png",
        "growth-times.png",
        "linear-times.png",
        "noise.png",
        "plane.png",
    }
    # The last of the times is late: all is learned, as at the end.
    end = {row["d"]: row for row in table(folder / "end", "emergence")}
    last = [row for row in rows if row["time"] == rows[-1]["time"]]
    assert [row["d"] for row in last if row["d"] in end] == [4]
    assert last[-1]["share"] == pytest.approx(end[4]["share"], abs=0.05)


@pytest.mark.smoke
def test_a_run_has_the_closed_form_laid_over_it(folder: Path, trained: Path, probe: Run) -> None:
    options = ("--relations", "words.tsv", "--dims", "2,4")
    done = probe(str(trained), *options, "--counts", "counts.npz", "--out", "over")
    assert done.returncode == 0, done.stderr
    assert "Measured less closed form" in " ".join(done.stdout.split())
    rows = table(folder / "over", "emergence")
    assert len(rows) == 5 * 2
    # The run's rtol is 1e-4, over some steps.
    assert max(abs(row["share_residual"]) for row in rows) < 1e-3
    (found,) = table(folder / "over", "linear")
    assert {"time_before", "onset", "adjusted_p", "learned_84"} <= set(found)
    alone = probe(str(trained), *options, "--spectrum", "spectrum.safetensors")
    assert alone.returncode == 0, alone.stderr
    assert "Measured less closed form" in " ".join(alone.stdout.split())


def test_of_a_run_the_nearest_snapshots_are_taken(folder: Path, trained: Path, probe: Run) -> None:
    done = probe(
        str(trained), "--relations", "words.tsv", "--times", "0.4,0.55,1.9", "--out", "near"
    )
    assert done.returncode == 0, done.stderr
    assert "Measured less closed form" in " ".join(done.stdout.split())  # counts lie beside it
    assert {row["time"] for row in table(folder / "near", "emergence")} == {0.5, 2.0}
    assert "linear at" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere.vec",), "nowhere.vec"),
        (("emb.safetensors", "--relations", "nowhere.tsv"), "nowhere.tsv"),
        (("emb.safetensors", "--relations", "pairs.tsv", "--families", "x"), "'x'"),
        (("emb.safetensors", "--relations", "pairs.tsv", "--times", "1,2"), "--times"),
        (("emb.safetensors", "--relations", "pairs.tsv", "--init", "1e-3"), "--init"),
        (("emb.safetensors", "--relations", "pairs.tsv", "--counts", "counts.npz"), "--counts"),
        (("emb.safetensors", "--relations", "pairs.tsv", "--dims", "2,x"), "2,x"),
        (("emb.safetensors", "--relations", "pairs.tsv", "--dims", "4,2"), "4,2"),
        (("emb.safetensors", "--relations", "pairs.tsv", "--dims", "99"), "99"),
        (("emb.safetensors", "--relations", "words.tsv"), "no pair"),
        (("spectrum.safetensors", "--relations", "words.tsv", "--times", "1"), "--init"),
        (("spectrum.safetensors", "--relations", "words.tsv", "--init", "-1"), "-1"),
        (("spectrum.safetensors", "--relations", "words.tsv", "--init", "1e3"), "no mode"),
        (("run", "--relations", "words.tsv", "--init", "1e-3"), "--init"),
        (("run", "--relations", "words.tsv", "--times", "2,1"), "2,1"),
        (("run", "--relations", "words.tsv", "--counts", "others.npz"), "other counts"),
        (("run", "--counts", "counts.npz", "--spectrum", "spectrum.safetensors"), "one of them"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(
    trained: Path, probe: Run, arguments: tuple[str, ...], message: str
) -> None:
    done = probe(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
