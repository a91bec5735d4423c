"""The streamed corpus against a plain generator of pairs, against counts, and against word2vec."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from strategies import corpora, documents, windows

torch = pytest.importorskip("torch", reason="training needs the extra repsearch[torch]")

from repsearch import Corpus, Setting31, Unweighted, Word2Vec, count, dynamics  # noqa: E402
from repsearch import encode as encode_text  # noqa: E402
from repsearch.corpus.subsampling import keep_probabilities  # noqa: E402
from repsearch.counts.window import Window  # noqa: E402
from repsearch.dynamics import FullBatch, StreamedPairs  # noqa: E402
from repsearch.errors import InputError  # noqa: E402
from repsearch.kernels.windows import expected_partners, lay_windows  # noqa: E402
from repsearch.training.compute import Compute  # noqa: E402
from repsearch.training.objectives.losses import Loss, Quartic, Sgns  # noqa: E402
from repsearch.training.objectives.streamed_pairs import StreamedObjective  # noqa: E402
from repsearch.training.terms.pair_terms import pair_terms  # noqa: E402

PLAIN = Word2Vec(2.0, 0.75, subsample=None, symmetrise=False)


def encode(texts: list[str], folder: Path | None = None, **settings: Any) -> Corpus:
    return encode_text(texts, folder, **{"vocabulary_size": None, **settings})


def objective(
    corpus: Corpus,
    weighting: Any = PLAIN,
    batch: StreamedPairs | None = None,
    loss: Loss | None = None,
    *,
    tied: bool = False,
    seed: int = 0,
    threads: int = 1,
) -> StreamedObjective:
    return StreamedObjective(
        corpus,
        weighting,
        loss or Sgns(),
        batch or StreamedPairs(len(corpus.tokens), Window(3)),
        tied=tied,
        compute=Compute(threads=threads),
        seed=seed,
    )


def positives(made: StreamedObjective, step: int) -> list[tuple[int, int]]:
    pairs = made.pairs(step)
    n = int((pairs.positive > 0).sum())
    return list(zip(pairs.words[:n].tolist(), pairs.contexts[:n].tolist(), strict=True))


# ------------------------------------------------- a plain word2vec


def random_number(seed: int, purpose: int, epoch: int, place: int) -> float:
    """SplitMix64 at a place, in Python's own whole numbers."""
    state = np.random.SeedSequence(seed, spawn_key=(purpose, epoch)).generate_state(1, np.uint64)
    mask = 2**64 - 1
    z = (int(state[0]) + (place + 1) * 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return ((z ^ (z >> 31)) >> 11) / 2**53


def plain_word2vec(
    corpus: Corpus, window: Window, subsample: float | None, seed: int, first: int, last: int
) -> list[tuple[int, int]]:
    """As word2vec.c: drop words of a sentence, then a window of random size around each left."""
    n, found = len(corpus.tokens), []
    kept = np.ones(len(corpus.words))
    if subsample is not None:
        kept = keep_probabilities(corpus.word_counts, subsample)
    for epoch in range(first // n, (last - 1) // n + 1):
        for begin, end in pairwise(corpus.offsets.tolist()):
            sentence = []
            for place in range(begin, end):
                word = int(corpus.tokens[place])
                if word < 0 or random_number(seed, 0, epoch, place) < kept[word]:
                    sentence.append((place, word))
            for here, (place, centre) in enumerate(sentence):
                if centre < 0 or not first <= epoch * n + place < last:
                    continue
                u = random_number(seed, 1, epoch, place)
                size = sum(u < weight / window.unit for weight in window.weights)
                for there in range(max(0, here - size), min(len(sentence), here + size + 1)):
                    if there != here and sentence[there][1] >= 0:
                        found.append((sentence[there][1], centre))
    return found


def has_pairs(corpus: Corpus, window: Window) -> bool:
    return count(corpus, window).total > 0


@given(
    corpora(),
    windows(4),
    st.none() | st.floats(1e-3, 1.0),
    st.integers(1, 30),
    st.integers(0, 5),
    st.integers(0, 3),
)
def test_pairs_are_those_of_a_plain_word2vec(
    corpus: Corpus, window: Window, subsample: float | None, tokens: int, step: int, seed: int
) -> None:
    if not has_pairs(corpus, window):
        return
    weighting = replace(PLAIN, subsample=subsample)
    made = objective(corpus, weighting, StreamedPairs(tokens, window), seed=seed)
    wanted = plain_word2vec(corpus, window, subsample, seed, step * tokens, (step + 1) * tokens)
    assert positives(made, step) == wanted
    assert len(made.pairs(step).words) == 3 * len(wanted)


@given(corpora(), windows(4), st.integers(1, 7))
def test_where_the_text_is_cut_does_not_matter(corpus: Corpus, window: Window, tokens: int) -> None:
    if not has_pairs(corpus, window):
        return
    n = len(corpus.tokens)
    weighting = replace(PLAIN, subsample=0.1)
    whole = objective(corpus, weighting, StreamedPairs(n * tokens, window))
    small = objective(corpus, weighting, StreamedPairs(tokens, window))
    assert positives(whole, 0) == [pair for step in range(n) for pair in positives(small, step)]


def test_no_pair_joins_two_documents() -> None:
    texts = [" ".join(f"{letter}{k}" for k in range(5)) for letter in "abc"]
    corpus = encode(texts, vocabulary_size=None)
    for words in positives(objective(corpus, batch=StreamedPairs(45, Window(9, "flat"))), 0):
        one, other = (corpus.words[word] for word in words)
        assert one[0] == other[0]


def test_a_flat_window_gives_each_ordered_pair_once_an_epoch() -> None:
    corpus = encode(["a b c a d", "d d b", "c"])
    window = Window(2, "flat")
    made = objective(corpus, batch=StreamedPairs(9, window))
    for epoch in range(3):
        seen = np.zeros((4, 4), int)
        np.add.at(seen, tuple(np.array(positives(made, epoch)).T), 1)
        assert (seen == count(corpus, window).matrix().toarray()).all()


def test_epochs_are_drawn_anew() -> None:
    corpus = encode(["a b c d e f g h i j k l"] * 4)
    made = objective(corpus, replace(PLAIN, subsample=0.03), StreamedPairs(48, Window(5)))
    assert len({tuple(positives(made, epoch)) for epoch in range(5)}) == 5
    other = objective(corpus, replace(PLAIN, subsample=0.03), StreamedPairs(48, Window(5)), seed=1)
    assert positives(made, 0) != positives(other, 0)


def test_a_corpus_in_a_folder_gives_the_same(tmp_path: Path) -> None:
    texts = ["a b c d a b", "b c a"]
    inside, outside = encode(texts), encode(texts, tmp_path / "corpus")
    mapped = Corpus.open(tmp_path / "corpus")
    weights = torch.ones(2, 4, 3, dtype=torch.float64)
    gradients = [objective(c).gradient(weights, 5) for c in (inside, outside, mapped)]
    assert torch.equal(gradients[0], gradients[1])
    assert torch.equal(gradients[0], gradients[2])


# ------------------------------------------------- how many pairs


@given(corpora(), windows())
def test_partners_without_subsampling_are_the_row_sums_of_the_counts(
    corpus: Corpus, window: Window
) -> None:
    reach = np.array(window.weights) / window.unit
    seen = expected_partners(corpus.tokens, corpus.offsets, np.ones(len(corpus.words)), reach)
    wanted = count(corpus, window).row_sums / window.unit
    assert seen == pytest.approx(wanted, rel=1e-12)


def drawn_pairs(corpus: Corpus, window: Window, kept: Any) -> Any:
    """Expected positive pairs (neighbour, centre), over all ways of dropping words."""
    expected = np.zeros((len(kept),) * 2)
    for begin, end in pairwise(corpus.offsets.tolist()):
        text = corpus.tokens[begin:end].tolist()
        chances = [kept[word] if word >= 0 else 1.0 for word in text]
        for stay in itertools.product([False, True], repeat=len(text)):
            chance = math.prod(c if s else 1 - c for c, s in zip(chances, stay, strict=True))
            left = [word for word, s in zip(text, stay, strict=True) if s] if chance else []
            for here, there in itertools.permutations(range(len(left)), 2):
                distance = abs(here - there)
                if distance <= window.size and left[here] >= 0 and left[there] >= 0:
                    reached = window.weights[distance - 1] / window.unit
                    expected[left[there], left[here]] += chance * reached
    return expected


@given(corpora(documents(3, max_length=7, max_documents=2)), windows(4), st.data())
def test_partners_with_subsampling_are_those_of_all_ways_to_drop_words(
    corpus: Corpus, window: Window, data: st.DataObject
) -> None:
    size = len(corpus.words)
    kept = np.array(data.draw(st.lists(st.floats(0, 1), min_size=size, max_size=size)))
    reach = np.array(window.weights) / window.unit
    seen = expected_partners(corpus.tokens, corpus.offsets, kept, reach)
    assert seen == pytest.approx(drawn_pairs(corpus, window, kept).sum(0), rel=1e-9, abs=1e-12)


# ------------------------------------------------- what a step is in expectation

TEXTS = ["a b a c a b d", "b a a e a c b a d a", "c", "d b a b a a c e b a"]
CORPUS = encode(TEXTS, out_of_vocabulary="keep-place", vocabulary_size=4)


def epochs(made: StreamedObjective, weights: Any, steps: int, n: int) -> Any:
    """Mean gradients of n epochs of so many steps."""
    return torch.stack(
        [
            sum(made.gradient(weights, epoch * steps + k) for k in range(steps)) / steps
            for epoch in range(n)
        ]
    )


def full_gradient(weights: Any, positive: Any, negative: Any, loss: Loss) -> Any:
    at = weights.clone().requires_grad_()
    words, contexts = (at, at) if at.ndim == 2 else at
    plus, minus = loss.values(words @ contexts.T)
    (torch.from_numpy(positive) * plus + torch.from_numpy(negative) * minus).sum().backward()
    return at.grad


def z_scores(samples: Any, wanted: Any) -> Any:
    samples, wanted = samples.reshape(len(samples), -1).numpy(), wanted.numpy().ravel()
    error = samples.std(0, ddof=1) / math.sqrt(len(samples))
    return (samples.mean(0) - wanted) / error


WEIGHTINGS = {
    "word2vec": PLAIN,
    "word2vec, symmetrised": replace(PLAIN, symmetrise=True),
    "unweighted": Unweighted(3.0),
}


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("window", [Window(3), Window(2, "flat"), Window(3, "harmonic")])
@pytest.mark.parametrize("name", WEIGHTINGS)
def test_without_subsampling_an_epoch_is_the_loss_of_the_counts(
    name: str, window: Window, *, tied: bool
) -> None:
    n, loss = len(CORPUS.tokens), Sgns()
    assert n == 28
    rng = np.random.default_rng(1)
    weights = torch.from_numpy(rng.standard_normal((4, 2) if tied else (2, 4, 2)))
    terms = pair_terms(count(CORPUS, window), WEIGHTINGS[name])
    wanted = full_gradient(weights, *terms.dense(), loss)
    reductions = ("mean over positives", "sum")
    for reduction in reductions:
        batch = StreamedPairs(7, window, reduction)
        made = objective(CORPUS, WEIGHTINGS[name], batch, loss, tied=tied)
        full = dynamics.clock(
            1.0, loss=loss.expansion, tied=tied, weight=terms.mean_weight, batch=FullBatch()
        )
        assert made.rate == pytest.approx(full.rate * made.batch.scale, rel=1e-12)
        z = z_scores(epochs(made, weights, 4, 150), made.batch.scale * wanted)
        assert np.abs(z).max() < 4.5
        assert (z**2).mean() < 3


def test_that_test_sees_negative_pairs_turned_round() -> None:
    weights = torch.from_numpy(np.random.default_rng(1).standard_normal((2, 4, 2)))
    turned = pair_terms(count(CORPUS, Window(3)), WEIGHTINGS["word2vec, symmetrised"])
    made = objective(CORPUS, PLAIN, StreamedPairs(28, Window(3)))
    z = z_scores(epochs(made, weights, 1, 2000), full_gradient(weights, *turned.dense(), Sgns()))
    assert np.abs(z).max() > 8


def test_with_subsampling_words_move_together_before_windows_are_laid() -> None:
    """An epoch is the loss of the pairs as drawn, which is not that of the counts."""
    corpus, window = encode(TEXTS), Window(2)
    weighting = Word2Vec(2.0, 0.75, subsample=0.05, symmetrise=False)
    made = objective(corpus, weighting, StreamedPairs(14, window), Quartic())
    kept = keep_probabilities(corpus.word_counts, 0.05)
    drawn = drawn_pairs(corpus, window, kept)
    assert made.batch.positives == pytest.approx(drawn.sum() / 2, rel=1e-12)
    shares = corpus.word_counts / corpus.word_counts.sum()
    noise = shares**0.75 / (shares**0.75).sum()
    drawn /= drawn.sum()
    weights = torch.from_numpy(np.random.default_rng(1).standard_normal((2, 5, 2)))
    steps = epochs(made, weights, 2, 1500)
    wanted = full_gradient(weights, drawn, 2.0 * np.outer(drawn.sum(1), noise), Quartic())
    assert np.abs(z_scores(steps, wanted)).max() < 4.5
    # The weighting of the counts, brought to the same total, is another loss.
    terms = pair_terms(count(corpus, window), weighting)
    positive, negative = terms.dense()
    share = positive.sum()
    other = full_gradient(weights, positive / share, negative / share, Quartic())
    assert np.abs(z_scores(steps, other)).max() > 8


def test_subsampling_leaves_windows_as_many_words_as_ever() -> None:
    # So pairs fall by one factor a, and not by a_i a_j as in the weighting of the counts.
    rng = np.random.default_rng(0)
    text = rng.choice(list("abcdef"), 20_000, p=np.array([10, 6, 3, 2, 1, 1]) / 23)
    corpus, window = encode([" ".join(text)]), Window(4)
    kept = keep_probabilities(corpus.word_counts, 0.02)
    reach = np.array(window.weights) / window.unit
    drawn = expected_partners(corpus.tokens, corpus.offsets, kept, reach)
    counts = count(corpus, window)
    wanted = kept * counts.row_sums / window.unit
    assert drawn == pytest.approx(wanted, rel=0.01)
    both = pair_terms(counts, Word2Vec(1.0, subsample=0.02)).dense()[0].sum()
    assert both < 0.7 * drawn.sum() / (counts.total / window.unit)


def test_negatives_follow_their_distribution() -> None:
    made = objective(CORPUS, Word2Vec(5.0, 0.5, subsample=None, symmetrise=False))
    pairs = [made.pairs(step) for step in range(200)]
    drawn = torch.cat([p.contexts[p.positive == 0] for p in pairs]).numpy()
    words = torch.cat([p.words[p.positive == 0] for p in pairs]).numpy()
    share = np.sqrt(CORPUS.word_counts / CORPUS.word_counts.sum())
    for word in range(4):
        seen = np.bincount(drawn[words == word], minlength=4)
        assert stats.chisquare(seen, seen.sum() * share / share.sum()).pvalue > 1e-3


# ------------------------------------------------- clock, threads, bad arguments


def test_a_learning_rate_a_pair_has_the_clock_of_word2vec() -> None:
    made = objective(CORPUS, PLAIN, StreamedPairs(7, Window(3), "sum"))
    pairs = made.batch.positives
    assert pairs is not None
    wanted = dynamics.word2vec_clock(100 * pairs, n_words=4, negatives=2, first=0.02, last=0.02)
    assert 100 * 0.02 * made.rate == pytest.approx(float(wanted.time(100 * pairs)), rel=1e-12)
    # Untouched weights of 1: every pair counts as it is.
    assert set(made.pairs(0).positive.tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("tied", [True, False])
def test_same_bits_on_any_number_of_threads_and_in_any_order(*, tied: bool) -> None:
    rng = np.random.default_rng(0)
    corpus = encode([" ".join(rng.choice(list("abcdefgh"), 5000)) for _ in range(2)])
    weights = torch.from_numpy(rng.standard_normal((8, 5) if tied else (2, 8, 5)))
    weighting = Word2Vec(3.0, subsample=0.1)
    one, two = (
        objective(corpus, weighting, StreamedPairs(3000, Window(4)), tied=tied, threads=threads)
        for threads in (1, 2)
    )
    assert one.stochastic
    forward = [one.gradient(weights, step) for step in range(5)]
    for step in reversed(range(5)):
        assert torch.equal(two.gradient(weights, step), forward[step])
        assert two.loss(weights, step) == one.loss(weights, step)


def test_a_stretch_without_a_pair_has_no_gradient() -> None:
    corpus = encode(["a", "b", "a b"])
    made = objective(corpus, batch=StreamedPairs(1, Window(2)))
    weights = torch.ones(2, 2, 3, dtype=torch.float64)
    assert not made.gradient(weights, 0).any()
    assert made.loss(weights, 0) == 0
    assert made.gradient(weights, 2).any()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"weighting": Setting31()},
            "weighting is Setting 3.1 (1 negative), which weighs a pair by how often it occurs in "
            "the whole corpus and cannot be read off a stretch of it; count the corpus and use "
            "SampledPairsObjective, or pass Word2VecC, Word2Vec or Unweighted",
        ),
        (
            {"weighting": Unweighted(1.5)},
            "negatives of the weighting is 1.5; pass a whole number, for so many negative pairs "
            "are drawn for each positive one",
        ),
        (
            {"batch": FullBatch()},
            "batch is FullBatch(); pass StreamedPairs(tokens=..., window=...) of "
            "repsearch.dynamics",
        ),
        ({"seed": -1}, "seed is -1; pass a whole number of at least 0"),
        (
            {"corpus": encode(["a", "b"])},
            "the text holds no pair of words; encode longer documents",
        ),
    ],
)
def test_bad_arguments(changes: dict[str, Any], message: str) -> None:
    arguments = {
        "corpus": CORPUS,
        "weighting": PLAIN,
        "loss": Sgns(),
        "batch": StreamedPairs(5, Window(2)),
        "tied": True,
        "compute": Compute(threads=1),
        "seed": 0,
        **changes,
    }
    with pytest.raises(InputError) as caught:
        StreamedObjective(**arguments)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tokens": 0}, "tokens is 0; pass a whole number of at least 1"),
        ({"tokens": 2.0}, "tokens is 2.0; pass a whole number of at least 1"),
        (
            {"tokens": 2, "reduction": "mean"},
            "reduction is 'mean'; pass one of 'mean over positives', 'sum'",
        ),
        ({"tokens": 2, "positives": 0.0}, "positives is 0.0; pass a positive finite number"),
    ],
)
def test_bad_batches(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        StreamedPairs(**arguments)
    assert str(caught.value) == message


def test_the_clock_of_a_sum_needs_to_know_its_pairs() -> None:
    assert StreamedPairs(10).scale == 1
    assert StreamedPairs(10, reduction="sum", positives=80.5).scale == 80.5
    with pytest.raises(InputError, match="pass how many positive pairs a step has"):
        _ = StreamedPairs(10, reduction="sum").scale


def test_windows_end_where_their_reach_does() -> None:
    # What lies in memory behind the probabilities of reaching is none of them.
    reach = np.ones(5)[:2]
    always = np.full(2, 2**53, np.uint64)
    tokens, offsets = np.zeros(6, np.int32), np.array([0, 6])
    key = np.uint64(1)
    neighbours, centres = lay_windows(tokens, offsets, always, reach, key, key, 0, 6)
    assert len(neighbours) == len(centres) == 2 * (5 + 4)
