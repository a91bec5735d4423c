"""The command line, as real processes."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from command_line import TEXT, repsearch


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("cli")
    (made / "text.txt").write_text(TEXT)
    done = repsearch("count", "text.txt", "-V", "40", cwd=made)
    assert done.returncode == 0, done.stderr
    done = repsearch("solve", "counts.npz", "-d", "5", "--embeddings", "emb.vec", cwd=made)
    assert done.returncode == 0, done.stderr
    (made / "empty.txt").touch()
    (made / "bytes.txt").write_bytes(b"good line\nbad \xff line\n")
    (made / "short.vec").write_text("2 3\na 1 2 3\n")
    (made / "three.tsv").write_text("f\ta\tb\tc\n")
    (made / "settings.toml").write_text("vocabulary = 40\nwindo = 3\n")
    return made


@pytest.mark.smoke
def test_steps_one_by_one(folder: Path) -> None:
    shown = repsearch("topics", "spectrum.safetensors", "--modes", "2", "--words", "3", cwd=folder)
    assert shown.returncode == 0, shown.stderr
    assert "eigenvalue" in shown.stdout
    # After the line that says what was opened.
    assert max(map(len, shown.stdout.splitlines()[1:])) <= 80
    assert repsearch("topics", "emb.vec", "--words", "3", cwd=folder).returncode == 0
    (folder / "pairs.tsv").write_text(
        "".join(
            f"f\tw{a}{b}\tw{b}{a}\n" for a, b in (("b", "c"), ("c", "d"), ("d", "e"), ("e", "f"))
        )
    )
    (folder / "alike.tsv").write_text("wbc wcb 1\nwcd wdc 2\nwde wed 3\n".replace(" ", "\t"))
    scored = repsearch(
        *("evaluate", "emb.vec", "--relations", "pairs.tsv", "--similarity", "alike.tsv"),
        *("--out", "tables"),
        cwd=folder,
    )
    if scored.returncode == 2:  # which words are kept depends on the text alone
        assert "vocabulary" in scored.stderr
    else:
        rows = list(csv.DictReader((folder / "tables/analogies.csv").read_text().splitlines()))
        found = json.loads((folder / "tables" / "analogies.json").read_text())
        assert [row["family"] for row in rows] == [row["family"] for row in found]


BAD = [
    (("count", "missing.txt"), "missing.txt"),
    (("count", "empty.txt"), "empty"),
    (("count", "bytes.txt", "-V", "2"), "line 2"),
    (("count", "text.txt", "-V", "100000"), "100,000"),
    (("count", "text.txt", "-V", "40", "--window", "0"), "size is 0"),
    (("count", "text.txt", "-V", "0"), "--vocabulary"),
    (("count", "text.txt", "-V", "40", "--memory", "much"), "--memory"),
    (("count", "text.txt", "-V", "40", "--memory", "1MB"), "too small"),
    (("count", "text.txt", "-V", "40", "--min-length", "999"), "999"),
    (("count", "text.txt", "-V", "40", "--out", "text.txt/x.npz"), "text.txt"),
    (("count", "text.txt", "-V", "40", "--settings", "settings.toml"), "windo"),
    (("count", "text.txt", "-V", "40", "--settings", "missing.toml"), "missing.toml"),
    (("solve", "counts.npz", "-d", "41"), "41"),
    (("solve", "counts.npz", "-d", "0"), "d is 0"),
    (("solve", "text.txt"), "text.txt"),
    (("solve", "counts.npz", "-d", "5", "--device", "cuda:99"), "cuda:99"),
    (("solve", "counts.npz", "-d", "40", "--embeddings", "all.vec"), "positive"),
    (("solve", "counts.npz", "-d", "5", "--target", "nothing"), "nothing"),
    (("evaluate", "missing.vec"), "missing.vec"),
    (("evaluate", "short.vec"), "short.vec"),
    (("evaluate", "emb.vec", "--relations", "three.tsv"), "three.tsv"),
    (("topics", "text.txt"), "text.txt"),
    (("topics", "spectrum.safetensors", "--modes", "99"), "no mode 6"),
    (("run", "missing.txt"), "missing.txt"),
    (("data", "fetch", "nothing"), "nothing"),
]


@pytest.mark.parametrize(("arguments", "culprit"), BAD, ids=lambda v: " ".join(v)[:60])
def test_bad_input_is_one_sentence_and_exit_status_2(
    arguments: tuple[str, ...], culprit: str, folder: Path
) -> None:
    before = set(folder.rglob("*"))
    done = repsearch(*arguments, cwd=folder)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert culprit in " ".join(done.stderr.split())
    left = set(folder.rglob("*")) - before
    assert not {path for path in left if path.is_file()}, left


@pytest.mark.smoke
def test_run_writes_its_folder_and_reuses_the_corpus(folder: Path) -> None:
    # The carried benchmarks share no word with this text, as with another language.
    run = ("run", "text.txt", "-V", "40", "-d", "5", "--out", "r")
    done = repsearch(*run, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "No analogy could be asked" in (folder / "r" / "report.html").read_text()
    assert (folder / "r" / "counts.npz").read_bytes() == (folder / "counts.npz").read_bytes()
    assert (folder / "r" / "run.json").exists()
    tokens = folder / "r" / "corpus" / "tokens.i32"
    before = tokens.stat().st_mtime_ns
    report = (folder / "r" / "report.html").stat().st_mtime_ns
    again = repsearch(*run, cwd=folder)
    assert again.returncode == 0, again.stderr
    assert "Nothing was worked out again" in again.stdout
    assert "note: No analogy could be asked" in again.stderr
    assert tokens.stat().st_mtime_ns == before
    assert (folder / "r" / "report.html").stat().st_mtime_ns == report


def test_demo_ends_with_the_path_of_the_report(folder: Path) -> None:
    done = repsearch("demo", "-d", "20", "--out", "demo", cwd=folder)
    assert done.returncode == 0, done.stderr
    report = folder / "demo" / "report.html"
    assert done.stdout.rstrip().endswith(str(report))
    assert report.stat().st_size > 100_000
    for name in ("analogies", "similarity", "topics", "spectrum", "differences"):
        table = folder / "demo" / "tables" / name
        rows = list(csv.DictReader(table.with_suffix(".csv").read_text().splitlines()))
        assert len(rows) == len(json.loads(table.with_suffix(".json").read_text()))
    run = json.loads((folder / "demo" / "run.json").read_text())
    assert run["settings"]["d"] == 20
    assert {"python", "numpy", "repsearch"} <= run["versions"].keys()
    # The settings of a run can be given to the next one, and give the same bits.
    again = repsearch(
        *("demo", "--settings", "demo/settings.toml", "--out", "again", "--threads", "1"),
        cwd=folder,
    )
    assert again.returncode == 0, again.stderr
    for name in ("tables/spectrum.json", "tables/analogies.json", "embeddings.safetensors"):
        assert (folder / "again" / name).read_bytes() == (folder / "demo" / name).read_bytes()


class OutOfMemoryError(RuntimeError):
    """As torch has one."""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "there is not enough memory for this; take fewer words"),
        (OutOfMemoryError("CUDA out of memory"), "the GPU has not enough memory for this"),
    ],
)
def test_a_machine_that_is_too_small_is_told_in_one_sentence(
    error: Exception,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from repsearch import cli

    def fail(app: object, **_: object) -> None:
        raise error

    monkeypatch.setattr(type(cli.app), "__call__", fail)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert said in capsys.readouterr().err
