"""Counts whose pairs do not fit into memory: read piece by piece, mapped, the same to the bit."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import repsearch as rs
from repsearch import Counts, InputError, Window
from repsearch.counts import counts_file, planes
from repsearch.counts.counts_size import CountsSize
from repsearch.storage import mapped
from repsearch.storage.mapped import is_mapped
from repsearch.synthetic.word_names import base26

ARRAYS = ("indptr", "columns", "values", "above")


def same(one: Counts, other: Counts) -> bool:
    return all(
        (getattr(one, name) is None and getattr(other, name) is None)
        or np.array_equal(getattr(one, name), getattr(other, name))
        for name in ARRAYS
    )


@settings(max_examples=20)
@given(
    documents=st.lists(
        st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=12).map(" ".join),
        min_size=1,
        max_size=6,
    ),
    window=st.sampled_from([Window(2, left=0), Window(3)]),
    chunk=st.integers(1, 9),
)
def test_any_counts_are_read_as_they_were_written_in_pieces_of_any_length(
    documents: list[str], window: Window, chunk: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    counts = rs.count(rs.encode(documents, vocabulary_size=None), window)
    path = tmp_path_factory.mktemp("counts") / "a.npz"
    counts.save(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planes, "_CHUNK", chunk)
        for memory in (None, 0):
            opened = Counts.open(path, memory=memory)
            assert same(opened, counts)
            assert is_mapped(opened.columns) == (memory == 0 and len(counts.columns) > 0)
    assert CountsSize.read(path) == CountsSize.of(counts)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    text = " ".join(base26((k * k) % 13, 2) + " " + base26(k % 7, 1) for k in range(400))
    rs.count(rs.encode([text] * 2, vocabulary_size=None)).save(tmp_path / "a.npz")
    return tmp_path / "a.npz"


@pytest.mark.parametrize("compression", ["none", "lzma"])
def test_mapped_counts_save_to_the_same_bytes(path: Path, compression: Any) -> None:
    one, other = path.with_name("one"), path.with_name("other")
    Counts.open(path).save(one, compression=compression)
    Counts.open(path, memory=0).save(other, compression=compression)
    assert one.read_bytes() == other.read_bytes()


def test_the_limit_is_twelve_bytes_a_pair(path: Path) -> None:
    pairs = CountsSize.read(path).pairs
    assert not is_mapped(Counts.open(path, memory=12 * pairs).values)
    assert is_mapped(Counts.open(path, memory=12 * pairs - 1).values)


def test_by_default_half_of_what_is_free(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = CountsSize.read(path).pairs
    for free, on_disk in ((24 * pairs, False), (24 * pairs - 2, True), (None, False)):
        monkeypatch.setattr(counts_file, "free_memory", lambda free=free: free)
        assert is_mapped(Counts.open(path).values) == on_disk


@pytest.mark.parametrize("memory", [-1, 1.5, "1GiB", True])
def test_a_limit_that_is_none_is_refused(path: Path, memory: Any) -> None:
    with pytest.raises(InputError, match="pass a whole number of bytes"):
        Counts.open(path, memory=memory)


def test_too_little_disk_is_said_before_a_pair_is_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(mapped.shutil, "disk_usage", lambda _: usage(10))
    monkeypatch.setattr(counts_file, "read_pairs", lambda *_, **__: pytest.fail("pairs were read"))
    with pytest.raises(InputError, match=r"does not fit into memory and asks for .* TMPDIR"):
        Counts.open(path, memory=0)


def test_counts_that_were_altered_are_found_out_piece_by_piece(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytearray(path.read_bytes())
    content[-2_000] ^= 1  # in the last plane of the values
    path.write_bytes(content)
    monkeypatch.setattr(planes, "_CHUNK", 7)
    with pytest.raises(InputError, match="damaged"):
        Counts.open(path, memory=0)
