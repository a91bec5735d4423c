"""What can be verified is whole or damaged; of the rest nothing is claimed."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

import repsearch as rs
from probes.studies.verification import verify
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
