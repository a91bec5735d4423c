"""Files, spectra and runs are taken alike: by ask, evaluate and export."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import repsearch as rs
from repsearch.cli import app
from repsearch.errors import InputError

training = pytest.importorskip("repsearch.training")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch", reason="a run is trained")
    from training_runs import small_counts, spectrum_of, usual

    made = tmp_path_factory.mktemp("sources")
    counts = small_counts()
    counts.save(made / "counts.npz")
    spectrum = spectrum_of(counts, 4)
    spectrum.save(made / "spectrum.safetensors")
    spectrum.embeddings().save(made / "emb.npz")
    training.train(counts, made / "run", d=4, until=0.3, record=usual(0.3))
    return made


def ran(folder: Path, *arguments: str) -> dict:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_spectrum_is_asked_as_its_embeddings(folder: Path) -> None:
    word = rs.Embeddings.open(folder / "emb.npz").words[3]
    answers = [
        ran(folder, "ask", name, word)["found"]["asked"]
        for name in ("spectrum.safetensors", "emb.npz")
    ]
    assert answers[0] == answers[1]


def test_a_run_is_asked_at_its_end_or_at_a_time(folder: Path) -> None:
    run = training.TrainedTrajectory(folder / "run")
    word = run.words[3]
    for time in (None, 0.0, 0.19):
        at = [] if time is None else ["--time", str(time)]
        found = ran(folder, "ask", "run", word, "-n", "3", *at)["found"]["asked"][0]["nearest"]
        nearest = run.snapshot_times[np.argmin(np.abs(run.snapshot_times - (time or 0)))]
        emb = run.embeddings(float(run.snapshot_times[-1] if time is None else nearest))
        expected = emb.most_similar(word, topn=3)
        assert [(row["word"], row["cosine"]) for row in found] == expected


@pytest.mark.parametrize("name", ["a.vec", "a.txt", "a.bin", "a.safetensors", "a.npz", "a.tsv.gz"])
def test_a_run_is_exported_in_every_format(folder: Path, name: str) -> None:
    found = ran(folder, "export", "run", "--time", "0.1", "--out", name)
    run = training.TrainedTrajectory(folder / "run")
    whole = run.embeddings(float(run.snapshot_times[1]))
    kept = rs.Embeddings.open(folder / name)
    assert kept.words == whole.words
    exact = name not in ("a.bin",)
    assert np.array_equal(kept.vectors, whole.vectors if exact else whole.vectors.astype("f4"))
    assert found["files"] == {"embeddings": str(folder / name)}


def test_fewer_words_and_columns(folder: Path) -> None:
    ran(folder, "export", "spectrum.safetensors", "--words", "7", "-d", "2", "--out", "few.npz")
    whole, few = (rs.Embeddings.open(folder / name) for name in ("emb.npz", "few.npz"))
    assert few.words == whole.words[:7]
    assert np.array_equal(few.vectors, whole.vectors[:7, :2])


def test_a_run_is_scored(folder: Path) -> None:
    words = rs.Counts.open(folder / "counts.npz").words
    pairs = "".join(f"f\t{words[k]}\t{words[k + 1]}\n" for k in range(0, 12, 2))
    (folder / "pairs.tsv").write_text(pairs)
    ratings = "".join(f"{words[k]}\t{words[k + 9]}\t{k}\n" for k in range(9))
    (folder / "alike.tsv").write_text(ratings)
    lists = ("--relations", "pairs.tsv", "--similarity", "alike.tsv")
    ran(folder, "export", "run", "--out", "end.npz")
    scores = [
        ran(folder, "evaluate", source, *lists)["results"]["analogies"]["rows"]
        for source in ("run", "end.npz")
    ]
    for rows in scores:
        for row in rows:
            row.pop("embeddings", None)
    assert scores[0] == scores[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "emb.npz", "--out", "x.nothing"], "cannot tell the format"),
        (["export", "emb.npz", "--out", "x.csv"], "is only read"),
        (["export", "emb.npz", "--out", "x.npz", "--time", "1"], "--time is for a run"),
        (["export", "emb.npz", "--out", "x.npz", "-d", "99"], "cannot keep 99 columns"),
        (["export", "missing", "--out", "x.npz"], "missing does not exist"),
        (["ask", "missing", "word"], "missing does not exist"),
    ],
)
def test_refused(folder: Path, arguments: list[str], said: str, monkeypatch) -> None:
    monkeypatch.chdir(folder)
    refused = CliRunner().invoke(app, arguments)
    assert isinstance(refused.exception, InputError)
    assert said in str(refused.exception)
    assert not list(folder.glob("x.*"))


def test_carried_is_a_word(folder: Path, monkeypatch) -> None:
    from repsearch.cli.opened import counts_of
    from repsearch.data import carried_counts

    monkeypatch.chdir(folder)
    assert counts_of(Path("carried")).corpora == carried_counts().corpora
    (folder / "carried").write_bytes((folder / "counts.npz").read_bytes())
    with pytest.raises(
        InputError, match=r"a file here has that name; write .*carried for the file"
    ):
        counts_of(Path("carried"))
    assert len(counts_of(folder / "carried").words) == 30
    (folder / "carried").unlink()


def test_one_bad_question_does_not_stop_the_others(folder: Path, monkeypatch) -> None:
    monkeypatch.chdir(folder)
    word = rs.Embeddings.open("emb.npz").words[0]
    done = CliRunner().invoke(app, ["ask", "emb.npz", "nothing!", word, "--json"])
    assert isinstance(done.exception, InputError)
    assert "nothing!" in str(done.exception)
    from repsearch.cli import answer

    asked = answer.current().found["asked"]
    assert [one["expression"] for one in asked] == ["nothing!", word]
    assert len(asked[1]["nearest"]) == 10
