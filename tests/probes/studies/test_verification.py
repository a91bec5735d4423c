"""What can be verified is whole or damaged; of the rest nothing is claimed."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

import repsearch as rs
from probes.studies.verification import verify
from probes.topics import topics
from repsearch.errors import InputError
from repsearch.storage.sidecar import write_sidecar

EMBEDDINGS = rs.Embeddings(("sun", "moon"), np.eye(2, dtype=np.float32))
COUNTS = rs.count(rs.encode(["to be or not to be"], vocabulary_size=None), rs.Window(2))


def saved(folder: Path, name: str) -> Path:
    path = folder / name
    if name.startswith("counts"):
        COUNTS.save(path)
    elif name.startswith("spectrum"):
        rs.eigenpairs(rs.mstar(COUNTS), 1).save(path)
    else:
        EMBEDDINGS.save(path)
    return path


def in_its_numbers(path: Path) -> int:
    """A place that is no padding, and nothing that readers of archives pass over."""
    if path.suffix == ".safetensors":
        return path.stat().st_size - 1
    with zipfile.ZipFile(path) as archive:
        member = archive.infolist()[-1]
    return member.header_offset + 30 + len(member.filename) + member.compress_size - 1


@pytest.mark.parametrize(
    "name", ["counts.npz", "spectrum.safetensors", "vectors.safetensors", "vectors.npz"]
)
def test_a_flipped_bit_is_damage(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path, name)
    (found,) = verify(path)
    assert found.fault is None
    assert str(found).startswith(f"{path}: whole (")
    content = bytearray(path.read_bytes())
    content[in_its_numbers(path)] ^= 1
    path.write_bytes(content)
    (found,) = verify(path)
    assert found.fault is not None
    assert str(found).startswith(f"{path}: DAMAGED (")


@pytest.mark.parametrize("name", ["vectors.vec", "vectors.bin", "vectors.glove", "text.txt"])
def test_nothing_is_claimed_of_what_has_no_checksum(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "text.txt":
        path.write_text("the cat sat\n")
    else:
        EMBEDDINGS.save(path)
    with pytest.raises(InputError, match=r"carries no checksum.*--record"):
        verify(path)
    write_sidecar(path)
    assert verify(path)[0].fault is None
    content = path.read_bytes()
    path.write_bytes(content[:-2] + b"x" + content[-1:])
    assert verify(path)[0].fault is not None


ACTING = (
    "=1+1",
    "+x",
    "-y",
    "@z",
    "'=q",
    "a\tb",
    "c\nd",
    "e\rf",
    'say "so"',
    "a,b",
    "x\u2028y",
    "\x85",
)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables of topics, whose ends are + and -, of words that a spreadsheet would act on."""
    folder = tmp_path_factory.mktemp("tables")
    words = (*ACTING, *(f"w{k}" for k in range(28)))
    vectors = np.random.default_rng(0).standard_normal((len(words), 3))
    topics(rs.Embeddings(words, vectors), words_per_end=20).save(folder)
    return folder


def test_tables_of_any_words_are_whole_as_they_were_written(tables: Path) -> None:
    found = verify(tables)
    assert found
    assert [one.fault for one in found] == [None] * len(found)
    written = (tables / "topics.json").read_text("utf-8")
    assert all(json.dumps(word, ensure_ascii=False)[1:-1] in written for word in ACTING[:5])


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("topics.csv", lambda text: text.replace("w3", "w4", 1)),
        ("topics.csv", lambda text: text.replace("'=1+1", "=1+1", 1)),
        ("topics.csv", lambda text: text.rsplit("\n", 2)[0] + "\n"),
        ("topics.csv", lambda text: "\n".join(x.rsplit(",", 1)[0] for x in text.split("\n"))),
        ("topics.json", lambda text: text.replace("w3", "w4", 1)),
        ("topics.json", lambda text: "3"),
        ("topics.json", lambda text: '["a"]'),
        ("topics.json", lambda text: "{"),
        ("topics-about.json", lambda text: text[:-5]),
    ],
)
def test_tables_with_other_rows_are_damaged(
    tables: Path, tmp_path: Path, name: str, change
) -> None:
    shutil.copytree(tables, tmp_path, dirs_exist_ok=True)
    path = tmp_path / name
    text = path.read_text("utf-8")
    assert change(text) != text
    path.write_text(change(text), "utf-8")
    assert [one.fault for one in verify(tmp_path) if one.fault]


def test_line_ends_of_another_system_are_no_damage(tables: Path, tmp_path: Path) -> None:
    shutil.copytree(tables, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "topics.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert verify(tmp_path)[0].fault is None
