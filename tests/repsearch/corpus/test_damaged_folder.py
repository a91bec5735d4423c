"""A corpus folder of which a bit has flipped, or an end is missing, gives an error or the truth."""

from __future__ import annotations

import json
import random
import re
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import repsearch as rs
from probes.topics.coherence.occurrences import in_documents
from repsearch.corpus.folder import FILES, MANIFEST, OFFSETS, TOKENS, VOCABULARY
from repsearch.corpus.halves import split_corpus
from repsearch.corpus.subsampling import subsample
from repsearch.corpus.token_check import check_tokens
from repsearch.corpus.token_sum import TokenSum
from repsearch.errors import InputError
from repsearch.kernels.word_ids import BLOCK, multipliers

WINDOW = rs.Window(3)


@pytest.fixture(scope="module")
def encoded(tmp_path_factory) -> Path:
    rng = np.random.default_rng(5)
    words = [f"w{chr(97 + k % 26)}{chr(97 + k // 26)}" for k in range(50)]
    text = [" ".join(words[k] for k in rng.zipf(1.3, 200) % 50) for _ in range(30)]
    folder = tmp_path_factory.mktemp("corpus") / "whole"
    rs.encode(text, folder, vocabulary_size=40, out_of_vocabulary="keep-place")
    return folder


def as_version_1(folder: Path) -> None:
    """The same folder as it was before manifests held checksums."""
    manifest = json.loads((folder / MANIFEST).read_text())
    for name in ("token_sum", "files", "sha256"):
        del manifest[name]
    (folder / MANIFEST).write_text(json.dumps(manifest | {"version": 1}, indent=1))


def signature(folder: Path) -> tuple:
    """All that a count takes from the folder."""
    counts = rs.count(rs.Corpus.open(folder), WINDOW, threads=1)
    return (
        *(counts.words, counts.tokenizer, counts.out_of_vocabulary, counts.n_words_read),
        *(counts.n_documents, counts.corpora, counts.word_counts.tolist()),
        *(counts.columns.tolist(), counts.values.tolist()),
    )


def outcome(folder: Path) -> object:
    try:
        return signature(folder)
    except InputError as error:
        named = str(folder) in str(error) and re.search("encode|use", str(error))
        return "refused" if named else f"refused badly: {error}"


def damaged(content: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(content))
    if rng.random() < 0.2:
        return content[:place]
    return content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]


# The manifest of version 1 holds numbers that nothing else tells, so it is left out.
@pytest.mark.parametrize(
    ("name", "version"), [(name, 2) for name in FILES] + [(name, 1) for name in FILES[1:]]
)
def test_no_flip_or_cut_is_unseen(encoded, tmp_path, name, version):
    folder = tmp_path / "corpus"
    shutil.copytree(encoded, folder)
    if version == 1:
        as_version_1(folder)
    truth, whole = signature(folder), (folder / name).read_bytes()
    rng = random.Random(f"{name} {version}")
    unseen = []
    for _ in range(60):
        content = damaged(whole, rng)
        (folder / name).write_bytes(content)
        if outcome(folder) not in ("refused", truth):
            unseen.append(content)
    assert not unseen


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("id", [100_000, 55, 40, -2, -(2**31)])
def test_ids_out_of_range_never_reach_compiled_code(encoded, tmp_path, version, id):
    folder = tmp_path / "corpus"
    shutil.copytree(encoded, folder)
    if version == 1:
        as_version_1(folder)
    tokens = np.memmap(folder / TOKENS, "<i4", "r+")
    tokens[7] = id
    tokens.flush()
    for use in (
        lambda corpus: rs.count(corpus, WINDOW),
        subsample,
        lambda corpus: split_corpus(corpus, tmp_path / "halves"),
        lambda corpus: in_documents(corpus, corpus.words[:2]),
        check_tokens,
    ):
        with pytest.raises(InputError, match=rf"tokens\.i32.* token 7 has the id {id}.* 40 words"):
            use(rs.Corpus.open(folder))


def test_an_id_within_the_range_is_seen_by_the_checksum(encoded, tmp_path):
    folder = tmp_path / "corpus"
    shutil.copytree(encoded, folder)
    tokens = np.memmap(folder / TOKENS, "<i4", "r+")
    tokens[7] = (tokens[7] + 1) % 40
    tokens.flush()
    with pytest.raises(InputError, match=r"tokens\.i32 is damaged.*checksum"):
        rs.count(rs.Corpus.open(folder), WINDOW)


def test_counts_in_the_vocabulary_are_held_to_the_tokens(encoded, tmp_path):
    folder = tmp_path / "corpus"
    shutil.copytree(encoded, folder)
    as_version_1(folder)
    lines = (folder / VOCABULARY).read_text().split("\n")
    word, count = lines[3].split("\t")
    (folder / VOCABULARY).write_text(
        "\n".join([*lines[:3], f"{word}\t{int(count) + 1}", *lines[4:]])
    )
    with pytest.raises(InputError, match=f"'{word}' {int(count) + 1}.* has {count}"):
        rs.count(rs.Corpus.open(folder), WINDOW)


def test_a_word_twice_is_refused(encoded, tmp_path):
    folder = tmp_path / "corpus"
    shutil.copytree(encoded, folder)
    as_version_1(folder)
    lines = (folder / VOCABULARY).read_text().split("\n")
    (folder / VOCABULARY).write_text("\n".join([lines[1], *lines[1:]]))
    with pytest.raises(InputError, match=r"vocabulary\.tsv is damaged"):
        rs.Corpus.open(folder)


@pytest.mark.parametrize("parts", [[0], [1], [3], [BLOCK], [BLOCK - 1, 2], [5, 3 * BLOCK, 7]])
def test_the_checksum_is_that_of_the_docs_however_it_is_read(parts):
    n = sum(parts)
    tokens = np.random.default_rng(n).integers(-1, 9, n).astype(np.int32)
    summed = TokenSum(9)
    bounds = np.cumsum([0, *parts])
    for begin, end in pairwise(bounds.tolist()):
        assert summed.add(tokens[begin:end]) is None
    m = multipliers(BLOCK).tolist()
    plain = sum(
        (int(token) + 1) * (m[k % BLOCK] % 2**32) * m[k // BLOCK] for k, token in enumerate(tokens)
    )
    assert summed.value() == plain % 2**64


@pytest.mark.parametrize("place", [0, 3, BLOCK - 1, BLOCK, 2 * BLOCK + 5])
def test_a_bad_id_is_found_where_it_is(place):
    tokens = np.zeros(3 * BLOCK, np.int32)
    tokens[place] = 1
    for first in (0, 2, BLOCK, place):
        summed = TokenSum(1)
        found = [summed.add(tokens[:first]), summed.add(tokens[first:])]
        expected = place if place < first else place - first
        assert found[int(place >= first)] == expected


def test_offsets_are_held_to_the_number_of_tokens(encoded, tmp_path):
    folder = tmp_path / "corpus"
    shutil.copytree(encoded, folder)
    as_version_1(folder)
    offsets = np.fromfile(folder / OFFSETS, "<i8")
    for place, value in ((0, 1), (3, -5), (3, 2**60), (len(offsets) - 1, offsets[-1] + 1)):
        altered = offsets.copy()
        altered[place] = value
        altered.tofile(folder / OFFSETS)
        with pytest.raises(InputError, match=r"offsets\.i64 is damaged"):
            rs.Corpus.open(folder)
