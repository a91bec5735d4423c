"""Counting against a plain enumeration of pairs, however the work is split up."""

from __future__ import annotations

import gc
import hashlib
import itertools
import math
import re
import tracemalloc
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from strategies import (
    WEIGHTINGS,
    brute_force,
    by_words,
    corpora,
    documents,
    same_counts,
    windows,
)

from repsearch.corpus.corpus import Corpus
from repsearch.corpus.encoding import encode
from repsearch.counts import counting as cooccurrence
from repsearch.counts import row_store, stretch
from repsearch.counts.counting import count
from repsearch.counts.counts import Counts
from repsearch.counts.merging import merge
from repsearch.counts.window import Window
from repsearch.errors import InputError


def text(letters: str) -> list[str]:
    """Documents of one-letter words, divided by bars."""
    return [" ".join(part) for part in letters.split("|")]


def encoded(letters: str, **settings: Any) -> Corpus:
    return encode(text(letters), **{"vocabulary_size": None, **settings})


def cut_up(
    corpus: Corpus,
    window: Window,
    *,
    scratch: Path | None = None,
    places: int | None = None,
    batch: int | None = None,
    limit: int | None = None,
    threads: int = 1,
) -> Counts:
    """Count with the internal sizes made small.

    `places` is the room for tokens in one stretch, beside the blanks around it.
    """
    with pytest.MonkeyPatch.context() as patch:
        if places is not None:
            patch.setattr(
                cooccurrence,
                "_room",
                lambda memory, n_words, reach, threads, window: (
                    places + 2 * reach,
                    row_store.BATCH_ENTRIES,
                ),
            )
        if batch is not None:
            patch.setattr(row_store, "BATCH_ENTRIES", batch)
        if limit is not None:
            made = row_store.RowStore.__init__
            patch.setattr(
                row_store.RowStore, "__init__", lambda self, place, _: made(self, place, limit)
            )
        return count(corpus, window, scratch=scratch, threads=threads)


# ------------------------------------------------------------ the numbers


@pytest.mark.smoke
@given(corpora(), windows(14))
@example(encoded("a"), Window(1))
@example(encoded("a|b|a", vocabulary_size=1), Window(3))
@example(encoded("b|a|a", vocabulary_size=1, out_of_vocabulary="keep-place"), Window(3))
@example(encoded("aab|bab"), Window(50, "flat"))
def test_counts_are_those_of_brute_force(corpus: Corpus, window: Window) -> None:
    counts = count(corpus, window, threads=1)
    assert counts.matrix().toarray().tolist() == brute_force(corpus, window).tolist()
    assert counts.words == corpus.words
    assert np.array_equal(counts.word_counts, corpus.word_counts)
    assert counts.columns.dtype == np.int32
    assert counts.values.dtype == np.uint32
    assert (counts.values > 0).all()
    assert counts.corpora == (corpus.digest,)


@settings(max_examples=150)
@given(
    corpus=corpora(),
    window=windows(6),
    places=st.integers(1, 30),
    batch=st.integers(1, 40),
    limit=st.sampled_from([0, 1, 60, 10**9]),
    threads=st.sampled_from([1, 2, 4]),
)
def test_counts_do_not_depend_on_how_the_work_is_cut_up(
    corpus: Corpus,
    window: Window,
    places: int,
    batch: int,
    limit: int,
    threads: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.getbasetemp()
    pieces = cut_up(
        corpus, window, scratch=folder, places=places, batch=batch, limit=limit, threads=threads
    )
    assert same_counts(pieces, count(corpus, window, threads=1))
    assert not list(folder.glob("repsearch-*"))


def zipf_corpus(n: int, size: int, n_documents: int, seed: int) -> Corpus:
    """Words of frequency 1 / rank, each at least once, in documents of all lengths."""
    rng = np.random.default_rng(seed)
    shares = 1 / np.arange(1, size + 1)
    drawn = rng.choice(size, n - size, p=shares / shares.sum())
    tokens = rng.permutation(np.concatenate([drawn, np.arange(size)]))
    cuts = [0, *sorted(rng.integers(0, n, n_documents - 1).tolist()), n]
    return encode(
        [" ".join(map(spelled, tokens[a:b])) for a, b in itertools.pairwise(cuts)],
        vocabulary_size=size,
    )


def spelled(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_rare_and_frequent_words_are_counted_alike(weighting: str) -> None:
    corpus = zipf_corpus(n=6_000, size=1_500, n_documents=40, seed=1)
    window = Window(2, weighting)  # type: ignore[arg-type]
    # The kernel has a branch of its own for words that are rare for their rank.
    rare = corpus.word_counts * 5 * 16 < np.arange(len(corpus.words))
    assert 300 < rare.sum() < 1_400
    whole = count(corpus, window, threads=1)
    assert whole.matrix().toarray().tolist() == brute_force(corpus, window).tolist()
    for places, threads in [(500, 2), (4_000, 4), (50_000, 2)]:
        pieces = cut_up(corpus, window, places=places, batch=3_000, threads=threads)
        assert same_counts(pieces, whole)


def test_rare_words_need_not_become_rarer_and_rarer() -> None:
    # As in a stretch of a corpus: words of a high rank that occur often just here.
    rng = np.random.default_rng(4)
    words = tuple(map(spelled, range(5_000)))
    tokens = rng.permutation(np.repeat([3, *range(900, 1_400), 3_000, 4_999], [1] * 501 + [40, 90]))
    corpus = replace(
        encoded("a"),
        words=words,
        word_counts=np.bincount(tokens, minlength=5_000),
        tokens=tokens.astype(np.int32),
        offsets=np.array([0, len(tokens)]),
    )
    assert (corpus.word_counts * 3 * 16 < np.arange(5_000))[[3_000, 4_999]].all()
    lower = count(corpus, Window(1), threads=1).lower().toarray()
    assert np.array_equal(lower, np.tril(brute_force(corpus, Window(1))))


def test_memory_limits_threads_and_scratch_leave_the_file_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_store, "BATCH_ENTRIES", 2_000)
    corpus = zipf_corpus(n=300_000, size=700, n_documents=3_000, seed=2)
    digests = set()
    spilled = []
    for memory, threads in [(2 << 30, 1), (1_300_000, 1), (1_300_000, 4), (3_000_000, 2)]:
        counts = count(corpus, Window(5), memory=memory, threads=threads, scratch=tmp_path)
        spilled.append(isinstance(counts.values, np.memmap))
        counts.save(tmp_path / "counts.npz")
        digests.add(hashlib.sha256((tmp_path / "counts.npz").read_bytes()).hexdigest())
    assert len(digests) == 1
    assert len(set(spilled)) == 2  # both ways were taken
    assert [path.name for path in tmp_path.iterdir()] == ["counts.npz"]


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_a_row_of_a_frequent_word_is_divided_among_threads(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Half of the text is one word: undivided, one thread would count half of it.
    rng = np.random.default_rng(0)
    tokens = np.where(rng.random(20_000) < 0.5, 0, rng.integers(1, 300, 20_000)).astype(np.int32)
    corpus = replace(
        encoded("a"),
        words=tuple(f"w{k:03}" for k in range(300)),
        word_counts=np.bincount(tokens, minlength=300),
        tokens=tokens,
        offsets=np.array([0, 5, 5, 9_000, 20_000]),
    )
    shares = []
    plain = stretch.add_windows

    def noted(padded: Any, places: Any, *rest: Any) -> None:
        shares.append(len(places))
        plain(padded, places, *rest)

    monkeypatch.setattr(stretch, "add_windows", noted)
    found = count(corpus, Window(7), threads=threads)
    assert np.array_equal(found.lower().toarray(), np.tril(brute_force(corpus, Window(7))))
    if threads == 1:
        assert not shares
    else:
        assert sum(shares) == found.word_counts[0]
        assert max(shares) <= len(tokens) / (8 * threads) + 1


@pytest.mark.parametrize(("batch", "threads"), [(10_000, 1), (10_000, 16), (50_000, 4)])
def test_the_memory_limit_is_kept(
    batch: int, threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_store, "BATCH_ENTRIES", batch)
    corpus = zipf_corpus(n=200_000, size=1_000, n_documents=100, seed=3)
    count(corpus, Window(16), scratch=tmp_path, threads=threads)  # compile
    with pytest.raises(InputError) as caught:
        count(corpus, Window(16), memory=1, threads=threads)
    memory = least_memory(caught.value)
    gc.collect()
    tracemalloc.start()
    try:
        counts = count(corpus, Window(16), memory=memory, scratch=tmp_path, threads=threads)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert counts.columns.nbytes + counts.values.nbytes > 0.3 * memory
    assert most < memory


def least_memory(refusal: InputError) -> int:
    return int(str(refusal).split()[-1].replace(",", ""))


# ------------------------------------------------- the bounds of stretches


@settings(max_examples=200)
@given(
    lengths=st.lists(st.integers(0, 9), min_size=1, max_size=12),
    reach=st.integers(1, 7),
    room=st.integers(1, 25),
)
def test_stretches_cover_the_text_and_fit(lengths: list[int], reach: int, room: int) -> None:
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    places = 2 * reach + room
    bounds = cooccurrence._bounds(offsets, reach, places)
    assert bounds[0] == 0
    assert bounds[-1] == offsets[-1]
    for begin, end in itertools.pairwise(bounds):
        assert begin < end
        inside = int(((offsets > begin) & (offsets < end)).sum())
        assert (end - begin) + reach * (inside + 2) <= places


def test_places_are_numbered_in_32_bits() -> None:
    assert cooccurrence._room(1 << 60, 2, 5, 2, Window())[0] == 2**31 - 1


def test_a_few_thousand_short_documents_at_one_end_fit_too() -> None:
    # Documents of very different lengths: the average says nothing about a stretch.
    corpus = encoded("a" * 5_000 + "|ab" * 3_000)
    whole = count(corpus, Window(40), threads=1)
    pieces = cut_up(corpus, Window(40), places=2_000, threads=2)
    assert same_counts(whole, pieces)


# ---------------------------------------------- what theory.md section 6 says


@pytest.mark.theory(
    43, "random windows keep a pair at distance m with probability (L - m + 1)/L", tolerance="exact"
)
@settings(max_examples=40)
@given(corpora(), st.integers(1, 7))
def test_linear_counts_are_expected_counts_of_random_windows(corpus: Corpus, size: int) -> None:
    # 43: word2vec draws the window from 1 to L; all L draws together weigh L + 1 - distance.
    drawn = sum(brute_force(corpus, Window(u, "flat")) for u in range(1, size + 1))
    linear = count(corpus, Window(size), threads=1)
    assert linear.matrix().toarray().tolist() == drawn.tolist()
    assert linear.window.unit == size


@pytest.mark.theory(45, "counts add up over documents", tolerance="exact")
@settings(max_examples=60)
@given(documents(), documents(), windows(6))
def test_counts_of_documents_add_up(one: list[str], other: list[str], window: Window) -> None:
    # 45
    def counted(texts: list[str]) -> Counter[tuple[str, str]]:
        return Counter(by_words(count(encode(texts, vocabulary_size=None), window, threads=1)))

    assert counted(one) + counted(other) == counted(one + other) == counted(other + one)


def shard(corpus: Corpus, documents: list[int]) -> Corpus:
    """Some documents of a corpus, over the same words."""
    pieces = [corpus.tokens[corpus.offsets[k] : corpus.offsets[k + 1]] for k in documents]
    tokens = np.concatenate([np.empty(0, np.int32), *pieces])
    size = len(corpus.words)
    return replace(
        corpus,
        tokens=tokens,
        offsets=np.cumsum([0, *map(len, pieces)]),
        word_counts=np.bincount(tokens[tokens >= 0], minlength=size),
        n_words_read=len(tokens),
        digest=f"{sorted(documents)}",
    )


@pytest.mark.theory(45, "merged shards are the whole, in any order", tolerance="exact")
@settings(max_examples=60)
@given(corpora(), windows(6), st.data())
def test_merged_shards_are_the_whole_in_any_order(
    corpus: Corpus, window: Window, data: st.DataObject
) -> None:
    # 45
    where = data.draw(st.lists(st.integers(0, 3), min_size=corpus.n_documents, max_size=99))
    split = [[k for k in range(corpus.n_documents) if where[k] == s] for s in range(4)]
    parts = [count(shard(corpus, documents), window, threads=1) for documents in split if documents]
    whole = count(corpus, window, threads=1)
    ordered = [merge(order) for order in itertools.permutations(parts)]
    for merged in ordered:
        assert same_counts(merged, whole)
        assert merged.corpora == ordered[0].corpora
        assert merged.n_documents == corpus.n_documents
    if len(parts) > 2:
        assert same_counts(merge([merge(parts[:2]), *parts[2:]]), whole)


@pytest.mark.theory(46, "counts do not change when the text is reversed", tolerance="exact")
@settings(max_examples=60)
@given(documents(), windows(8))
def test_reading_the_text_backwards_changes_nothing(texts: list[str], window: Window) -> None:
    # 46
    backwards = [" ".join(reversed(document.split())) for document in texts]
    one, other = (encode(t, vocabulary_size=None) for t in (texts, backwards))
    assert by_words(count(one, window, threads=1)) == by_words(count(other, window, threads=1))


def reference(article: list[int], size: int, reach: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """The reference's loop (compute_cooccurrence.py:34): pairs, and pairs by L + 1 - distance."""
    counts, weighted = np.zeros((2, size, size), np.int64)
    for k in range(0, len(article) - (reach + 1)):
        for distance in range(1, reach + 1):
            i, j = article[k], article[k + distance]
            for a, b in ((i, j), (j, i)):
                counts[a, b] += 1
                weighted[a, b] += reach + 1 - distance
    return counts, weighted


@pytest.mark.theory(46, "the reference's loop violates this", tolerance="exact")
def test_the_references_loop_depends_on_the_direction_of_reading() -> None:
    # 46: theory.md section 4, item 8
    article = [0, 1, 2, 0, 1, 1, 2, 0, 0, 2]
    (_, forwards), (_, backwards) = (reference(a, 3, 3) for a in (article, article[::-1]))
    assert not np.array_equal(forwards, backwards)


@pytest.mark.theory(
    47,
    "an article of n > L words has L n - L(L+1)/2 pairs; the reference lacks L(L+1)/2 of them",
    tolerance="exact",
)
@given(st.integers(1, 40), st.integers(1, 9))
def test_pairs_of_an_article_and_what_the_reference_lacks(n: int, reach: int) -> None:
    # 47: forward pairs; each is counted in both orders
    total = count(encode(["a " * n], vocabulary_size=None), Window(reach, "flat"), threads=1).total
    pairs, left = divmod(total, 2)
    assert left == 0
    assert pairs == (reach * n - reach * (reach + 1) // 2 if n > reach else n * (n - 1) // 2)
    in_reference = int(reference([0] * n, 1, reach)[0].sum()) // 2
    if n <= reach + 1:
        assert in_reference == 0
    else:
        assert pairs - in_reference == reach * (reach + 1) // 2


@pytest.mark.theory(
    48, "the weights average (L+1)/2 for the boundaries of the reference only", tolerance="exact"
)
@given(st.integers(2, 40), st.integers(2, 9))
def test_the_mean_weight_is_the_references_for_its_boundaries_only(n: int, reach: int) -> None:
    # 48: sum of weighted counts against sum of counts times (L + 1) / 2
    corpus = encode(["a " * n], vocabulary_size=None)
    flat, linear = (count(corpus, Window(reach, w), threads=1).total for w in ("flat", "linear"))
    assert 2 * linear > flat * (reach + 1)
    pairs, weighted = (int(m.sum()) for m in reference([0] * n, 1, reach))
    assert 2 * weighted == pairs * (reach + 1)


@pytest.mark.theory(49, "counts beyond 2^24 are exact, where float32 stalls", tolerance="exact")
def test_counts_beyond_what_float32_can_count_are_exact() -> None:
    # 49: the reference adds 1 to a float32
    n, reach = 600_000, 16
    counts = count(encode(["a " * n], vocabulary_size=None), Window(reach, "flat"), threads=1)
    exact = 2 * (reach * n - reach * (reach + 1) // 2)
    assert exact > 2**24
    assert counts.total == exact
    steps = np.full(exact - 2**24 + 10, 1, np.float32)
    steps[0] = 2**24 - 10
    assert np.add.accumulate(steps)[-1] == 2**24 < exact


@pytest.mark.theory(49, "counts beyond 32 bits are exact", tolerance="exact")
@pytest.mark.parametrize("limit", [None, 0])
def test_counts_beyond_32_bits_are_exact(limit: int | None, tmp_path: Path) -> None:
    # 49: harmonic weights of this window are multiples of 5,354,228,880
    window = Window(24, "harmonic")
    corpus = encode(["a b " * 500, "c a"], vocabulary_size=None)
    expected = brute_force(corpus, window)
    assert expected.max() > 2**40
    assert int(expected.max()) % 2**24
    counts = cut_up(corpus, window, limit=limit, scratch=tmp_path, places=300, threads=2)
    assert counts.values.dtype == np.int64
    assert counts.matrix().toarray().tolist() == expected.tolist()
    assert counts.total == int(expected.sum())
    counts.save(tmp_path / "counts.npz")
    assert same_counts(Counts.open(tmp_path / "counts.npz"), counts)


@pytest.mark.theory(50, "P sums to 1, is symmetric and has p as row sums", tolerance="1e-14")
@given(corpora(), windows(6))
def test_the_distribution_is_normalised_symmetric_and_has_its_marginals(
    corpus: Corpus, window: Window
) -> None:
    # 50
    counts = count(corpus, window, threads=1)
    full = counts.matrix().toarray()
    assert np.array_equal(full, full.T)
    assert np.array_equal(full.sum(axis=1), counts.row_sums)
    assert counts.total == full.sum()
    assert counts.density == np.count_nonzero(full) / full.size
    if counts.total:
        p = full / counts.total
        assert math.isclose(p.sum(), 1.0, rel_tol=1e-14)
        assert np.allclose(counts.marginals, p.sum(axis=1), rtol=1e-14, atol=0)


# ----------------------------------------------------- how it goes about it


def test_a_window_as_wide_as_you_like_costs_no_more_than_the_longest_document() -> None:
    corpus = encoded("abcab|ba|" * 300)
    assert same_counts(
        replace(count(corpus, Window(200_000, "flat")), window=Window(9, "flat")),
        count(corpus, Window(9, "flat")),
    )


@pytest.mark.parametrize("out_of_vocabulary", ["remove", "keep-place"])
def test_progress_rises_to_the_end(out_of_vocabulary: str) -> None:
    corpus = encoded("abcabcad" * 50, vocabulary_size=2, out_of_vocabulary=out_of_vocabulary)
    seen: list[tuple[str, float, float | None, str]] = []
    count(corpus, Window(3), threads=2, progress=lambda *step: seen.append(step))
    assert [done for _, done, _, _ in seen] == sorted(done for _, done, _, _ in seen)
    assert seen[-1] == ("counting", len(corpus.tokens), len(corpus.tokens), "tokens")


def test_a_listener_that_raises_leaves_no_scratch_file(tmp_path: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    corpus = encoded("abcab|ba")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_store, "BATCH_ENTRIES", 1)
        made = row_store.RowStore.__init__
        patch.setattr(row_store.RowStore, "__init__", lambda self, place, _: made(self, place, 0))
        seen = []

        def late(*step: object) -> None:
            seen.append(step)
            if len(seen) > 2:
                interrupt()

        with pytest.raises(KeyboardInterrupt):
            count(corpus, Window(2), scratch=tmp_path, threads=2, progress=late)
    assert not list(tmp_path.iterdir())


def test_a_corpus_opened_from_its_folder_counts_the_same(tmp_path: Path) -> None:
    texts = text("abcab|ba|ccab")
    in_memory = count(encode(texts, vocabulary_size=2), Window(2))
    in_folder = count(encode(texts, tmp_path / "corpus", vocabulary_size=2), Window(2))
    assert same_counts(in_memory, in_folder)
    assert in_memory.corpora == in_folder.corpora


# ------------------------------------------------------------ bad arguments


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            {"threads": 0},
            "threads is 0; pass a whole number of at least 1, or None for all processors",
        ),
        (
            {"threads": -2},
            "threads is -2; pass a whole number of at least 1, or None for all processors",
        ),
        (
            {"threads": 1.5},
            "threads is 1.5; pass a whole number of at least 1, or None for all processors",
        ),
        ({"memory": 2e9}, "memory is 2000000000.0; pass a whole number of bytes"),
        ({"memory": "2GB"}, "memory is '2GB'; pass a whole number of bytes"),
        (
            {"memory": 1000},
            "a memory limit of 1,000 bytes is too small to count in; allow at least NUMBER",
        ),
        (
            {"memory": -1},
            "a memory limit of -1 bytes is too small to count in; allow at least NUMBER",
        ),
        (
            {"scratch": "/nowhere/at/all"},
            "/nowhere/at/all is no folder to keep scratch files in; make it or name another",
        ),
        (
            {"window": Window(50, "harmonic")},
            "harmonic weights of a window of 50 could exceed 64-bit integers in 5 tokens; "
            "they stay exact up to a window of 40",
        ),
        (
            {"window": Window(10**6, "harmonic")},
            "harmonic weights of a window of 1000000 could exceed 64-bit integers in 5 tokens; "
            "they stay exact up to a window of 40",
        ),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        count(encoded("abcab"), **arguments)
    assert re.sub(r"least [\d,]{4,}", "least NUMBER", str(caught.value)) == sentence


@pytest.mark.parametrize("letters", ["abcab|ba", "ab|" * 3_000, "a" * 9_001])
def test_the_memory_that_the_refusal_names_is_enough(letters: str) -> None:
    corpus = encoded(letters)
    with pytest.raises(InputError) as caught:
        count(corpus, Window(7), memory=1)
    enough = least_memory(caught.value)
    assert same_counts(count(corpus, Window(7), memory=enough), count(corpus, Window(7)))
    with pytest.raises(InputError):
        count(corpus, Window(7), memory=enough - 2)


@pytest.mark.parametrize("n", [5, 1_000, 100_000])
def test_the_window_that_the_refusal_names_is_the_widest(n: int) -> None:
    corpus = encoded("a" * n)
    with pytest.raises(InputError) as caught:
        count(corpus, Window(60, "harmonic"))
    widest = int(str(caught.value).split()[-1])
    window = Window(widest, "harmonic")
    assert count(corpus, window).total == sum(
        2 * w * max(n - m, 0) for m, w in enumerate(window.weights, start=1)
    )
    with pytest.raises(InputError):
        count(corpus, Window(widest + 1, "harmonic"))
