"""3CosAvg against a direct formula, its null, its intervals, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from probes.analogy.difference import compare_analogies
from probes.analogy.scoring import analogies
from probes.relations.questions import Questions
from probes.relations.relations import Relations
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError


def world(
    pairs: int, seed: int, noise: float, d: int = 12, others: int = 30
) -> tuple[Embeddings, Relations]:
    """Pairs with a common offset and some noise, and words that are in no pair."""
    rng = np.random.default_rng(seed)
    first = rng.normal(size=(pairs, d))
    second = first + 1.5 * rng.normal(size=d) + noise * rng.normal(size=(pairs, d))
    words = [f"{kind}{n}" for kind in "ab" for n in range(pairs)]
    words += [f"x{n}" for n in range(others)]
    vectors = np.vstack([first, second, rng.normal(size=(others, d))])
    # The order of rows must not matter beyond ties.
    order = rng.permutation(len(words))
    made = Embeddings(tuple(words[k] for k in order), vectors[order], "toy")
    return made, Relations({"f": [(f"a{n}", f"b{n}") for n in range(pairs)]})


def directly(embeddings: Embeddings, relations: Relations, family: str) -> dict[tuple, str]:
    """The word with the largest cosine to a' + mean(b) - mean(a), pair by pair with numpy."""
    unit = embeddings.vectors / np.linalg.norm(embeddings.vectors, axis=1, keepdims=True)
    of = {word: unit[row] for word, row in embeddings.index.items()}
    found = {}
    for asked in relations.families[family]:
        own = {*asked, *relations.further(family, asked)}
        rest = [pair for pair in relations.families[family] if not own & set(pair)]
        if not rest:
            continue
        mean_b = np.mean([of[b] for _, b in rest], axis=0)
        mean_a = np.mean([of[a] for a, _ in rest], axis=0)
        sought = of[asked[0]] + mean_b - mean_a
        cosines = unit @ sought / np.linalg.norm(sought)
        cosines[embeddings.index[asked[0]]] = -np.inf
        found[asked] = embeddings.words[int(np.argmax(cosines))]
    return found


def right_by_pair(embeddings: Embeddings, relations: Relations) -> dict[tuple, bool]:
    (score,) = analogies(embeddings, relations, method="3CosAvg").families
    off_diagonal = ~np.eye(len(score.outcomes.pairs), dtype=bool)
    assert not score.outcomes.asked[off_diagonal].any()
    asked, right = np.diagonal(score.outcomes.asked), np.diagonal(score.outcomes.right)
    return {pair: bool(right[k]) for k, pair in enumerate(score.outcomes.pairs) if asked[k]}


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 14), st.integers(0, 10**6), st.sampled_from([0.3, 0.8, 1.5]))
def test_as_the_formula(pairs: int, seed: int, noise: float) -> None:
    embeddings, relations = world(pairs, seed, noise)
    expected = directly(embeddings, relations, "f")
    assert len(expected) == pairs
    found = right_by_pair(embeddings, relations)
    assert found == {pair: word == pair[1] for pair, word in expected.items()}


def test_some_are_right_and_some_are_not() -> None:
    embeddings, relations = world(40, 1, 0.8)
    found = analogies(embeddings, relations, method="3CosAvg")
    assert (found.questions, found.families[0].questions_in_file) == (40, 40)
    assert 5 < found.correct < 35
    # One offset of 39 pairs is known better than 39 offsets of one pair each.
    assert found.micro.value > analogies(embeddings, relations).micro.value


def test_pairs_that_share_a_word_are_left_out_of_the_mean() -> None:
    """houston : texas must not be answered from dallas : texas."""
    vectors = np.zeros((7, 7))
    vectors[:6, :6] = np.eye(6)
    vectors[6, [0, 1]] = 1.0
    words = ("houston", "dallas", "texas", "miami", "florida", "ohio", "x")
    embeddings = Embeddings(words, vectors)
    pairs = [("houston", "texas"), ("dallas", "texas"), ("miami", "florida")]
    relations = Relations({"f": pairs})
    assert right_by_pair(embeddings, relations) == {
        pair: word == pair[1] for pair, word in directly(embeddings, relations, "f").items()
    }
    # With dallas : texas in the mean, houston + texas / 2 + ... would have found texas.
    assert not right_by_pair(embeddings, relations)["houston", "texas"]
    alone = Relations({"f": pairs[:2], "g": [("houston", "ohio"), ("miami", "florida")]})
    found = analogies(embeddings, alone, method="3CosAvg")
    assert found.alone == {"f": 2}
    assert [score.questions for score in found.families] == [0, 2]
    assert "Not asked for, as every other pair shares a word with it: 2 of f." in found.summary()
    assert found.rests_on()["pairs_alone"] == 2


def test_each_of_several_answers_is_right_and_none_leaks_into_the_mean() -> None:
    embeddings, relations = world(20, 3, 0.8)
    expected = directly(embeddings, relations, "f")
    # What is found becomes a second answer of each pair that was wrong.
    answers = {
        pair: (word,) for pair, word in expected.items() if word != pair[1] and word[0] == "x"
    }
    assert answers
    several = Relations({"f": relations.families["f"]}, answers={"f": answers})
    found = right_by_pair(embeddings, several)
    assert all(found[pair] for pair in answers)
    # An answer that is another pair's word leaves that pair out.
    (first, second, *_) = relations.families["f"]
    leaky = Relations({"f": relations.families["f"]}, answers={"f": {first: (second[1],)}})
    without = directly(embeddings, leaky, "f")[first]
    assert right_by_pair(embeddings, leaky)[first] == (without in (first[1], second[1]))


def test_words_of_other_pairs_are_candidates_and_the_first_word_is_not() -> None:
    # The offset is zero, so the word itself would be nearest; then b1, a word of another pair.
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.1, 1.0], [-1.0, -1.0]])
    embeddings = Embeddings(("a1", "b1", "a2", "b2", "x"), vectors)
    relations = Relations({"f": [("a1", "b1"), ("a2", "b2")]})
    assert right_by_pair(embeddings, relations)["a2", "b2"]


def test_blocks_and_other_words_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings, relations = world(25, 4, 0.8)
    plain = analogies(embeddings, relations, method="3CosAvg").table()
    monkeypatch.setattr("probes.analogy.mean_offset._WORDS", 7)
    assert analogies(embeddings, relations, method="3CosAvg", block=3).table() == plain


def test_its_null_is_chance() -> None:
    """Shuffled pairs have the same mean offset, and are hardly ever right."""
    embeddings, relations = world(60, 5, 0.4)
    assert analogies(embeddings, relations, method="3CosAvg").micro.value > 0.8
    shares = [
        analogies(embeddings, relations.shuffled(seed=seed), method="3CosAvg").micro.value
        for seed in range(5)
    ]
    assert max(shares) <= 2 / 60


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 12), st.integers(0, 1000), st.integers(1, 12))
def test_shuffled_pairs_hold_the_same_words_and_no_pair(
    number: int, seed: int, seconds: int
) -> None:
    pairs = [(f"a{n}", f"b{n % seconds}") for n in range(number)]
    relations = Relations({"f": pairs, "g": [("x", "y"), ("z", "w")]})
    shuffled = relations.shuffled(seed=seed)
    made = shuffled.families["f"]
    assert not set(made) & set(pairs)
    assert {first for first, _ in made} <= {first for first, _ in pairs}
    assert {second for _, second in made} <= {second for _, second in pairs}
    if seconds >= number:
        assert sorted(second for _, second in made) == sorted(second for _, second in pairs)
    assert shuffled.families["g"] == (("x", "w"), ("z", "y"))
    assert relations.select(["f"]).families["f"] == tuple(pairs)
    again = Relations({"f": pairs, "h": [("x", "y"), ("z", "w")]}).shuffled(seed=seed)
    assert again.families["f"] == made


@pytest.mark.parametrize("seed", [-1, 0.5, None])
def test_a_bad_seed_of_the_shuffle(seed: object) -> None:
    with pytest.raises(InputError, match="seed is a whole number from 0 up"):
        world(4, 0, 0.1)[1].shuffled(seed=seed)  # type: ignore[arg-type]


def test_what_cannot_be_shuffled() -> None:
    with pytest.raises(InputError, match="none can be shuffled"):
        Relations({"f": [("a", "b")], "g": [("c", "e"), ("d", "e")]}).shuffled()


def test_questions_are_refused() -> None:
    questions = Questions({"f": [("a0", "b0", "a1", "b1")]})
    with pytest.raises(InputError, match=r"pass relations, such as the `relations\(\)`"):
        analogies(world(4, 0, 0.1)[0], questions, method="3CosAvg")


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("no", "none"), ("nor", "never")], "none of the relations has its words"),
        ([("a0", "b0")], r"shares no word with it, .*\(pairs there: 1;"),
        ([("a0", "b0"), ("a1", "b0")], r"shares no word with it, .*\(pairs there: 2;"),
        ([("a0", "a0"), ("a1", "a1")], "have a query word for their answer"),
    ],
)
def test_nothing_to_ask(pairs: list[tuple[str, str]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        analogies(world(4, 0, 0.1)[0], Relations({"f": pairs}), method="3CosAvg")


def test_is_compared_with_its_own_kind_only() -> None:
    embeddings, relations = world(30, 6, 0.8)
    other, _ = world(30, 6, 1.0)
    one, two = (analogies(emb, relations, method="3CosAvg") for emb in (embeddings, other))
    difference = compare_analogies(one, two)
    assert difference.value == pytest.approx(one.micro.value - two.micro.value)
    assert difference.low < difference.value < difference.high
    same = compare_analogies(one, one)
    assert (same.value, same.low < 0 < same.high) == (0.0, True)
    with pytest.raises(InputError, match="3CosAvg and 3CosAdd ask different questions"):
        compare_analogies(one, analogies(embeddings, relations))


def drawn(rng: np.random.Generator, pairs: int, offset: NDArray[np.float64]) -> NDArray[np.float64]:
    first = rng.normal(size=(pairs, len(offset)))
    return np.stack([first, first + offset + 0.9 * rng.normal(size=first.shape)])


def test_the_interval_covers_what_other_pairs_would_give() -> None:
    """The truth: the mean over many samples of as many pairs, of one offset in one world."""
    rng = np.random.default_rng(7)
    d, pairs, samples = 12, 16, 300
    offset = 1.5 * rng.normal(size=d)
    background = rng.normal(size=(40, d))
    words = [f"{kind}{n}" for kind in "ab" for n in range(pairs)] + [f"x{n}" for n in range(40)]
    relations = Relations({"f": [(f"a{n}", f"b{n}") for n in range(pairs)]})
    found = []
    for _ in range(samples):
        vectors = np.vstack([*drawn(rng, pairs, offset), background])
        found.append(analogies(Embeddings(tuple(words), vectors), relations, method="3CosAvg"))
    truth = np.mean([one.micro.value for one in found])
    assert 0.2 < truth < 0.8
    covered = np.mean([truth in one.micro for one in found])
    assert 0.92 <= covered <= 1.0
