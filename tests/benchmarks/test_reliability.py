"""The commands that kill and flip run, in small, and find nothing."""

from __future__ import annotations

import json

import pytest

from benchmarks.reliability import flips, kills
from repsearch.errors import InputError


@pytest.mark.parametrize("command", ["count", "solve"])
def test_kills(tmp_path, command):
    results = tmp_path / "kills.json"
    kills.main(["--number", "2", "--command", command, "--results", str(results)])
    found = json.loads(results.read_text())["commands"][command]
    assert found["kills"] == 2
    assert found["half_written"] == []
    assert found["left_behind"] == []


def test_half_written_outputs_are_seen(tmp_path):
    wrong = {
        "a.png": b"\x89PNG\r\n",
        "a.pdf": b"%PDF-1.4\n",
        "a.csv": b"word,count\ncat",
        "a.json": b'{"a": ',
        "a.html": b"<html>",
        "a.toml": b"d = ",
        "run.json": b"{}x",
        "counts.npz": b"PK\x03\x04",
    }
    for name, content in wrong.items():
        folder = tmp_path / name.replace(".", "-")
        folder.mkdir()
        (folder / name).write_bytes(content)
        assert len(kills.half_written_in(folder)) >= 1, name
    assert len(kills.half_written_in(tmp_path)) >= len(wrong)


def test_flips(tmp_path):
    results = tmp_path / "flips.json"
    asked = ["corpus", "counts", "run: run.json", "embeddings .vec with"]
    kinds = [word for kind in asked for word in ("--kind", kind)]
    flips.main(["--number", "6", *kinds, "--results", str(results)])
    found = json.loads(results.read_text())["files"]
    assert len(found) == 8
    for kind, ends in found.items():
        assert ends["undetected"] == ends["crashed"] == 0, kind
        assert ends["detected"] + ends["harmless"] == 6, kind


def test_what_goes_unseen_or_crashes_is_counted(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"x" * 100)

    def refuse() -> bytes:
        if path.read_bytes() != b"x" * 100:
            raise InputError("damaged")
        return b""

    def crash() -> None:
        assert path.read_bytes() == b"x" * 100

    def ends(read) -> dict[str, int]:
        return {k: v for k, v in flips.damage(path, read, 9, "0").items() if v}

    assert ends(path.read_bytes) == {"undetected": 9}
    assert ends(lambda: b"") == {"harmless": 9}
    assert ends(refuse) == {"detected": 9}
    assert ends(crash) == {"crashed": 9, "errors": {"AssertionError": 9}}
    assert path.read_bytes() == b"x" * 100
