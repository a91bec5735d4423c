"""Options that nothing would use are refused, and not dropped in silence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import TEXT
from training_runs import small_counts
from typer.testing import CliRunner

import repsearch as rs
from repsearch.cli import app
from repsearch.errors import InputError
from repsearch.language_models.state_folder import MANIFEST, layer_file
from repsearch.language_models.state_folder import WORDS as OF_WORDS

WORDS = tuple(f"w{k}" for k in range(30))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("unused")
    counts = small_counts()
    counts.save(made / "counts.npz")
    (made / "text.txt").write_text(TEXT)
    rs.eigenpairs(rs.mstar(counts), 6).save(made / "spectrum.safetensors")
    np.save(made / "ids.npy", np.arange(9))
    (made / "words.txt").write_text("\n".join(WORDS))
    (made / "states").mkdir()
    vectors = np.random.default_rng(0).normal(size=(30, 4))
    for layer in (0, 1):
        rs.Embeddings(WORDS, vectors).save(layer_file(made / "states", layer))
    (made / "states" / MANIFEST).write_text(json.dumps({"format": OF_WORDS, "layers": 1}))
    (made / "pairs.tsv").write_text("".join(f"f\tw{2 * k}\tw{2 * k + 1}\n" for k in range(8)))
    return made


def refusal(folder: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> str:
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(app, line.split())
    assert isinstance(done.exception, InputError), (done.exception, done.output)
    return str(done.exception)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("solve counts.npz --smoothing 0.2", "--smoothing is for --zeros smooth; drop it"),
        ("solve counts.npz --target pmi --zeros neutral", "--zeros is for --target mstar"),
        (
            "solve counts.npz --target ppmi --weights word2vec --subsample 1e-4",
            "--weights and --subsample are for --target mstar; drop them",
        ),
        ("solve counts.npz --target pmi --negatives 5", "--negatives is for --target mstar and"),
        ("predict spectrum.safetensors --threads 2", "--threads is for counts"),
        ("predict spectrum.safetensors --negatives 5", "--negatives is for counts, or --batch"),
        ("count ids.npy --words words.txt --bad-bytes skip", "--bad-bytes is for text"),
        ("probe emergence states --format glove", "states is a folder; drop them"),
        (
            "probe emergence spectrum.safetensors --init 1e-3 --undecodable ignore",
            "spectrum.safetensors is a spectrum; drop them",
        ),
        ("reproduce --counts counts.npz -V 20 --out r", "--vocabulary is for a text to be counted"),
        ("reproduce --window 5 --tokenizer split --out r", "--window and --tokenizer are for a"),
    ],
)
def test_they_are_named_and_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, line: str, said: str
) -> None:
    assert said in refusal(folder, monkeypatch, line)


@pytest.mark.parametrize(
    "line",
    [
        "solve counts.npz -d 4 --zeros smooth --smoothing 0.2",
        "solve counts.npz -d 4 --target ppmi --negatives 5",
        "predict spectrum.safetensors --batch positives --negatives 5",
        "probe emergence states --relations pairs.tsv --dims 2,4",
    ],
)
def test_what_is_used_is_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str
) -> None:
    monkeypatch.chdir(folder)
    out = tmp_path / ("s.safetensors" if line.startswith("solve") else "out")
    done = CliRunner().invoke(app, [*line.split(), "--out", str(out)])
    assert done.exit_code == 0, (done.exception, done.output)


def test_a_file_of_settings_may_spell_out_defaults(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As the settings.toml of a run does; what it sets otherwise is refused as if typed."""
    settings = tmp_path / "settings.toml"
    line = f"solve counts.npz -d 4 --out {tmp_path / 's.safetensors'} --settings {settings}"
    settings.write_text("smoothing = 0.01\ntarget = 'mstar'\n")
    monkeypatch.chdir(folder)
    assert CliRunner().invoke(app, line.split()).exit_code == 0
    settings.write_text("smoothing = 0.2\n")
    assert "--smoothing is for --zeros smooth" in refusal(folder, monkeypatch, line)


def test_topics_of_a_layer_of_a_language_model(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts were looked for as of a run, which the folder is not."""
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(app, ["topics", "states", "--time", "1", "--modes", "2"])
    assert done.exit_code == 0, (done.exception, done.output)
