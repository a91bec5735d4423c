"""Windows of one's own weights and of two sides: against an enumeration of all pairs."""

from __future__ import annotations

import json
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from places import FORMATS
from strategies import corpora, documents

import repsearch as rs
from repsearch.corpus.corpus import Corpus
from repsearch.corpus.encoding import encode
from repsearch.counts import counting, row_store
from repsearch.counts.counting import count
from repsearch.counts.counts import Counts
from repsearch.counts.merging import merge
from repsearch.counts.possible import contradiction
from repsearch.counts.window import Window
from repsearch.dynamics import StreamedPairs
from repsearch.errors import InputError

WEIGHTS = st.sampled_from([0, 1, 2, 7, Fraction(1, 3), 0.25, 1.5, 0.1])


@st.composite
def sided_windows(draw: st.DrawFn) -> Window:
    """Windows of every kind, most of them with two sides that differ."""
    own = draw(st.none() | st.lists(WEIGHTS, min_size=1, max_size=5))
    size = draw(st.integers(1, 6)) if own is None else len(own)
    left = draw(st.none() | st.integers(0, size))
    right = draw(st.none() | st.integers(0, size))
    reach = max(size if left is None else left, size if right is None else right)
    assume(reach > 0 and (own is None or any(own[:reach])))
    if own is not None:
        return Window(weights=own, left=left, right=right)
    weighting = draw(st.sampled_from(["linear", "flat", "harmonic"]))
    return Window(size, weighting, left=left, right=right)


def by_hand(corpus: Corpus, window: Window) -> NDArray[np.int64]:
    """Visit every pair of places of every document; the weight from the definition."""
    size = len(corpus.words)
    found = np.zeros((size, size), np.int64)
    number = {word: k for k, word in enumerate(corpus.words)}
    for k in range(corpus.n_documents):
        words = corpus.document(k)
        for s, one in enumerate(words):
            for t, other in enumerate(words):
                if one is None or other is None or s == t:
                    continue
                distance, reach = abs(t - s), window.right if t > s else window.left
                if distance <= reach:
                    found[number[one], number[other]] += window.weights[distance - 1]
    return found


@given(corpora(), sided_windows())
@example(encode(["a b a", "b"], vocabulary_size=None), Window(2, left=0))
@example(encode(["a b c a"], vocabulary_size=None), Window(weights=(0, 1), right=0))
def test_counts_are_those_of_an_enumeration(corpus: Corpus, window: Window) -> None:
    counts = count(corpus, window, threads=1)
    wanted = by_hand(corpus, window)
    assert np.array_equal(counts.matrix().toarray(), wanted)
    assert counts.symmetric == window.symmetric
    assert counts.row_sums.tolist() == wanted.sum(axis=1).tolist()
    assert counts.column_sums.tolist() == wanted.sum(axis=0).tolist()
    assert counts.total == wanted.sum()
    assert counts.density == np.count_nonzero(wanted) / wanted.size
    assert contradiction(counts) is None
    if counts.above is not None:
        assert (counts.values.astype(bool) | counts.above.astype(bool)).all()


@given(corpora(), st.integers(0, 4), st.integers(0, 4))
def test_a_turned_window_gives_the_transpose_and_both_together_the_whole(
    corpus: Corpus, left: int, right: int
) -> None:
    assume(left or right)
    one = count(corpus, Window(4, left=left, right=right), threads=1).matrix()
    other = count(corpus, Window(4, left=right, right=left), threads=1).matrix()
    assert np.array_equal(one.toarray(), other.toarray().T)
    before = count(corpus, Window(4, right=0), threads=1).matrix()
    after = count(corpus, Window(4, left=0), threads=1).matrix()
    whole = count(corpus, Window(4), threads=1).matrix()
    assert np.array_equal((before + after).toarray(), whole.toarray())


@given(corpora(), st.sampled_from(["linear", "flat", "harmonic"]), st.integers(1, 6))
def test_own_weights_that_are_those_of_a_name_give_its_counts(
    corpus: Corpus, weighting: str, size: int
) -> None:
    named = Window(size, weighting)  # type: ignore[arg-type]
    own = Window(weights=named.weights)
    a, b = count(corpus, named, threads=1), count(corpus, own, threads=1)
    assert np.array_equal(a.matrix().toarray(), b.matrix().toarray())
    assert np.array_equal(a.values, b.values)


@settings(max_examples=100)
@given(
    corpus=corpora(),
    window=sided_windows(),
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
    made = row_store.RowStore.__init__
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            counting, "_room", lambda memory, n, reach, threads, window: (places + 2 * reach, batch)
        )
        patch.setattr(
            row_store.RowStore, "__init__", lambda self, place, _: made(self, place, limit)
        )
        pieces = count(corpus, window, scratch=folder, threads=threads)
    whole = count(corpus, window, threads=1)
    for name in ("indptr", "columns", "values", "above"):
        one, other = getattr(pieces, name), getattr(whole, name)
        assert (one is None and other is None) or one.tolist() == other.tolist(), name


@pytest.mark.parametrize("threads", [1, 2])
def test_a_text_with_rare_and_very_frequent_words(threads: int) -> None:
    """Words so rare that their few columns are noted, and so frequent that a row is divided."""
    rng = np.random.default_rng(0)
    ranks = (rng.pareto(0.6, 6_000)).astype(int) % 400
    text = " ".join(chr(97 + r % 26) + chr(97 + r // 26) + "x" for r in ranks)
    corpus = encode([text[:9_000], text[9_000:]], vocabulary_size=None)
    window = Window(weights=(3, 0, 0.5), left=1)
    counts = count(corpus, window, threads=threads)
    assert np.array_equal(counts.matrix().toarray(), by_hand(corpus, window))


@given(documents(), documents(), sided_windows())
def test_counts_of_shards_add_up_to_those_of_the_whole(
    one: list[str], other: list[str], window: Window
) -> None:
    words = sorted({word for text in one + other for word in text.split()})
    assume(encode(one, vocabulary=words).digest != encode(other, vocabulary=words).digest)
    parts = [count(encode(texts, vocabulary=words), window, threads=1) for texts in (one, other)]
    merged = merge(parts)
    whole = count(encode([*one, *other], vocabulary=list(merged.words)), window, threads=1)
    assert np.array_equal(merged.matrix().toarray(), whole.matrix().toarray())
    assert merged.symmetric == whole.symmetric
    for name in ("indptr", "columns", "values"):
        assert np.array_equal(getattr(merged, name), getattr(whole, name)), name


# ------------------------------------------------------------ files


@given(corpus=corpora(), window=sided_windows())
def test_files_come_back_with_their_window(
    corpus: Corpus, window: Window, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "sided.npz"
    counts = count(corpus, window, threads=1)
    counts.save(path)
    opened = Counts.open(path)
    assert opened.window == window
    assert opened.window.unit == window.unit
    assert np.array_equal(opened.matrix().toarray(), counts.matrix().toarray())
    assert opened.symmetric == counts.symmetric


def test_only_windows_of_the_new_kind_are_in_files_of_the_new_version(tmp_path: Path) -> None:
    corpus = encode(["a b c"], vocabulary_size=None)
    versions = {}
    for name, window in {"old": Window(2), "new": Window(2, left=0)}.items():
        count(corpus, window).save(tmp_path / name)
        with zipfile.ZipFile(tmp_path / name) as archive:
            header = np.load(archive.open("header.npy"))
        versions[name] = json.loads(header.tobytes())
    assert (versions["old"]["version"], versions["new"]["version"]) == (1, 2)
    assert versions["old"]["window"] == {"size": 2, "weighting": "linear"}
    assert versions["new"]["window"] == {"size": 2, "weighting": "linear", "left": 0, "right": 2}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"left": 3}, "its window cannot be: left is 3, beyond the window's size, 2"),
        ({"left": "0"}, "left is '0', which is no whole number"),
        ({"weighting": "own"}, "its window lacks weights"),
        ({"weighting": "own", "weights": ["1", "x"]}, "weights are to be numbers, not 'x'"),
        ({"weighting": "own", "weights": ["1"]}, "the window's size is 2, but 1 weights are"),
        ({"left": 2}, "values hold 0, less than 1"),  # alike on both sides now
    ],
)
def test_an_altered_window_is_found(tmp_path: Path, changed: dict[str, object], says: str) -> None:
    path, altered = tmp_path / "counts.npz", tmp_path / "altered.npz"
    count(encode(["a b c a"], vocabulary_size=None), Window(2, left=0)).save(path)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(altered, "w") as new:
        for name in old.namelist():
            if name != "header.npy":
                new.writestr(name, old.read(name))
                continue
            header = json.loads(np.load(old.open(name)).tobytes())
            header["window"] |= changed
            with new.open(name, "w") as stream:
                np.save(stream, np.frombuffer(json.dumps(header).encode(), np.uint8))
    with pytest.raises(InputError) as caught:
        Counts.open(altered)
    assert says in str(caught.value)


# ------------------------------------------------------------ targets


def dense(counts: Counts) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """P and the product of its margins, from the whole matrix."""
    p = counts.matrix().toarray() / counts.total
    return p, np.outer(p.sum(axis=1), p.sum(axis=0))


@given(corpora(), sided_windows(), st.sampled_from([1.0, 0.75, 0.0]))
def test_targets_are_those_of_the_definition(
    corpus: Corpus, window: Window, exponent: float
) -> None:
    counts = count(corpus, window, threads=1)
    assume(counts.total > 0)
    p, independent = dense(counts)
    contexts = p.sum(axis=0)
    smooth = np.where(contexts > 0, contexts**exponent, 0)
    smooth /= smooth.sum()
    with np.errstate(all="ignore"):
        ratio = np.where(p > 0, p / np.outer(p.sum(axis=1), smooth), 0)
        plain = np.where(p > 0, p / independent, 0)
    found = rs.pmi(counts, zero_ratio=1e-2, exponent=exponent)
    assert np.allclose(found.dense(), np.log(ratio + 1e-2))
    ppmi = rs.shifted_ppmi(counts, negatives=2.0, exponent=exponent)
    assert np.allclose(ppmi.dense(), np.log(np.maximum(ratio / 2, 1)))
    assert np.allclose(rs.mstar(counts).dense(), 2 * (plain - 1) / (plain + 1))
    neutral = np.where(p > 0, 2 * (plain - 1) / (plain + 1), 0)
    assert np.allclose(rs.mstar(counts, zeros="neutral").dense(), neutral)
    assert ppmi.symmetric == (window.symmetric and exponent == 1)
    weights = rs.mstar(counts, rs.Unweighted()).weights(np.arange(len(counts.words)))
    assert np.allclose(weights, p + independent)


def test_singular_triplets_of_one_sided_counts_are_those_of_numpy() -> None:
    text = ["a b c d a c b d d a", "c c a b d e e a b", "e d c b a"]
    counts = count(encode(text, vocabulary_size=None), Window(3, left=1))
    target = rs.pmi(counts, zero_ratio=1e-2)
    found = rs.singular_triplets(target, 3, dtype="float64")
    assert np.allclose(found.values, np.linalg.svd(target.dense())[1][:3])
    product = (found.left * found.values) @ found.right.T
    u, s, v = np.linalg.svd(target.dense())
    assert np.allclose(product, (u[:, :3] * s[:3]) @ v[:3])


def test_what_needs_symmetric_counts_says_so_and_what_will_do() -> None:
    counts = count(encode(["a b c a d b"], vocabulary_size=None), Window(2, left=0))
    with pytest.raises(InputError) as caught:
        rs.eigenpairs(rs.mstar(counts), 1)
    assert str(caught.value) == (
        "M* (linear window of 2 to the right) is not symmetric, so that it has no real eigenpairs "
        "in general; take its singular vectors, which untied weights learn: "
        "singular_triplets(target)"
    )
    for refused in (
        counts.lower,
        lambda: rs.mstar(counts, rs.Word2Vec()),
        lambda: rs.merge([counts, count(encode(["a b c d"], vocabulary_size=None), Window(2))]),
    ):
        with pytest.raises(InputError):
            refused()
    assert not rs.mstar(counts, rs.Word2Vec(symmetrise=False)).symmetric


def test_the_window_is_in_the_name_of_the_target_and_of_its_embeddings() -> None:
    counts = count(encode(["a b c a d b"], vocabulary_size=None), Window(weights=(2, 1)))
    target = rs.shifted_ppmi(counts)
    assert target.name == "PPMI (window with the weights 2, 1)"
    assert rs.eigenpairs(target, 1).embeddings().name == target.name
    assert repr(counts).split(", ")[2:4] == ["window with the weights 2", "1"]


# ------------------------------------------------------------ the window itself


@given(sided_windows())
def test_a_window_is_what_it_prints(window: Window) -> None:
    assert eval(repr(window), {"Window": Window, "Fraction": Fraction}) == window
    assert Window.from_record(json.loads(json.dumps(window.record()))) == window
    assert window.in_words.startswith(("linear", "flat", "harmonic", "window with the weights"))


@given(st.lists(WEIGHTS, min_size=1, max_size=6).filter(any))
def test_own_weights_are_whole_and_in_the_least_unit(weights: list[float | Fraction]) -> None:
    window = Window(weights=weights)
    exact = [Fraction(str(one)) for one in weights]
    assert [Fraction(one, window.unit) for one in window.weights] == exact
    assert all(type(one) is int for one in window.weights)
    smaller = range(1, window.unit)
    assert not any(all((one * unit).denominator == 1 for one in exact) for unit in smaller)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"weights": ()}, "weights are (); pass one number for each distance, from 1 to at most"),
        ({"weights": 3}, "weights are 3; pass one number for each distance"),
        ({"weights": "3,2"}, "weights are '3,2'; pass one number for each distance"),
        ({"weights": (1, -1)}, "numbers of at least 0, not -1; pass one for each distance"),
        ({"weights": (1, float("nan"))}, "numbers of at least 0, not nan"),
        ({"weights": (1, float("inf"))}, "numbers of at least 0, not inf"),
        ({"weights": (1, "2")}, "numbers of at least 0, not '2'"),
        ({"weights": (1, True)}, "numbers of at least 0, not True"),
        ({"weights": (0, 0)}, "all weights within the window are 0"),
        ({"weights": (0, 1), "left": 1, "right": 1}, "all weights within the window are 0"),
        ({"weights": (1, 2), "size": 3}, "the window's size is 3, but 2 weights are given"),
        ({"weights": (1, 2), "weighting": "flat"}, "weighting is 'flat', but weights are given"),
        ({"left": -1}, "left is -1; pass a whole number of words, or 0 for none"),
        ({"right": 1.0}, "right is 1.0; pass a whole number of words, or 0 for none"),
        ({"size": 3, "left": 4}, "left is 4, beyond the window's size, 3; pass at most that"),
        ({"left": 0, "right": 0}, "left and right both are 0, so that no pair counts"),
    ],
)
def test_bad_windows(arguments: dict[str, object], says: str) -> None:
    with pytest.raises(InputError) as caught:
        Window(**arguments)  # type: ignore[arg-type]
    assert says in str(caught.value)


def test_weights_of_too_many_digits_are_refused() -> None:
    corpus = encode(["a b a"], vocabulary_size=None)
    with pytest.raises(InputError, match="could exceed 64-bit integers in 3 tokens"):
        count(corpus, Window(weights=(10**18, 10**18)))


def test_the_size_follows_from_the_two_sides() -> None:
    assert Window(left=2, right=5) == Window(5, left=2)
    assert Window(left=0).right == 16
    assert Window(weights=(3, 2), left=0).size == 2


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (Window(5), "linear window of 5"),
        (Window(5, "flat", left=0), "flat window of 5 to the right"),
        (Window(5, "harmonic", right=2), "harmonic window of 5 to the left and 2 to the right"),
        (Window(5, left=2, right=2), "linear window of 5, cut to 2 to each side"),
        (Window(weights=(1, 0.5)), "window with the weights 1, 0.5"),
        (
            Window(weights=(1, Fraction(1, 3)), right=0),
            "window with the weights 1, 1/3, 2 to the left",
        ),
    ],
)
def test_in_words(window: Window, words: str) -> None:
    assert window.in_words == words


def test_training_needs_symmetric_counts_and_windows_that_are_drawn_a_name() -> None:
    pair_terms = pytest.importorskip("repsearch.training").pair_terms
    counts = count(encode(["a b c a d b"], vocabulary_size=None), Window(2, left=0))
    with pytest.raises(InputError, match="training takes a pair alike in both orders"):
        pair_terms(counts, rs.Setting31())
    for window in (Window(2, left=0), Window(weights=(2, 1))):
        with pytest.raises(InputError, match=r"pairs are not drawn from a .*; pass one with a"):
            StreamedPairs(10, window)


def test_a_file_of_version_2_is_read_for_ever() -> None:
    opened = Counts.open(FORMATS / "counts-v2.npz")
    assert opened.window == Window(weights=(1, Fraction(1, 3), 0.25), left=1)
    assert opened.window.weights == (12, 4, 3)
    assert opened.matrix().toarray().tolist() == [
        [2**40 + 6, 2**33, 0],
        [0, 0, 65_536],
        [256, 7, 0],
    ]
    assert opened.tokenizer == "unicode+phrases:0123456789ab"


def test_counts_of_windows_that_are_said_alike_are_told_apart() -> None:
    parts = [
        count(encode([text], vocabulary=["a", "b"]), Window(weights=(*range(8), last, 1)))
        for text, last in (("a b", 5), ("b a", 6))
    ]
    with pytest.raises(
        InputError, match=r"7, 5, 1\)\) and in Window\(weights=.*7, 6, 1\)\) cannot"
    ):
        merge(parts)


@pytest.mark.parametrize("exponent", [0.75, 1.0])
def test_the_weights_of_word2vec_c_on_one_sided_counts_are_their_formula(exponent: float) -> None:
    texts = ["the cat sat on the mat", "the dog sat on the cat", "a dog and a cat"] * 3
    counts = count(encode(texts, vocabulary_size=None), Window(2, left=0))
    weighting = rs.Word2VecC(2, exponent=exponent, subsample=0.1, symmetrise=False)
    share = counts.word_counts / counts.n_tokens
    kept = np.minimum(1, 0.1 / share + np.sqrt(0.1 / share))
    pairs = kept[:, None] * counts.matrix().toarray() * kept
    pairs /= pairs.sum()
    drawn = counts.word_counts**exponent
    other = 2 * np.outer(pairs.sum(axis=1), drawn / drawn.sum())
    there = pairs + other > 0  # a word that only ever ends a text has no pair to its right
    wanted = 2 * (pairs - other)[there] / (pairs + other)[there]
    found = rs.mstar(counts, weighting).dense()
    assert found[there] == pytest.approx(wanted, abs=1e-6)
