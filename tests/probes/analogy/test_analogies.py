"""Analogies against plain loops, gensim, and the faults of the paper's program."""

import csv
import io
import json
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from probes.analogy.difference import compare_analogies
from probes.analogy.result import AnalogyResult
from probes.analogy.scoring import analogies
from probes.analogy.search import EPSILON, closest_words
from probes.relations.question_files import read_questions
from probes.relations.questions import Questions
from probes.relations.relation_files import google_relations
from probes.relations.relations import Relations
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError

METHODS = ["3CosAdd", "3CosMul", "PairDirection"]


def normal(shape: tuple[int, ...], seed: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=shape)


def toy(size: int = 40, d: int = 5, seed: int = 0) -> Embeddings:
    return Embeddings(tuple(f"w{n}" for n in range(size)), normal((size, d), seed), "toy")


def regular(pairs: int, seed: int, noise: float, d: int = 12) -> tuple[Embeddings, Relations]:
    """Pairs with a common offset and some noise, so that accuracy lies in the middle."""
    rng = np.random.default_rng(seed)
    first = rng.normal(size=(pairs, d))
    second = first + 1.5 * rng.normal(size=d) + noise * rng.normal(size=(pairs, d))
    words = [f"a{n}" for n in range(pairs)] + [f"b{n}" for n in range(pairs)]
    halves = pairs // 2
    relations = Relations(
        {
            "one": tuple((f"a{n}", f"b{n}") for n in range(halves)),
            "two": tuple((f"a{n}", f"b{n}") for n in range(halves, pairs)),
        },
        name="regular",
    )
    return Embeddings(tuple(words), np.vstack([first, second]), "toy"), relations


def faultless(pairs: int) -> tuple[Embeddings, Relations]:
    """First words are orthogonal, second words are turned half-way to a common axis."""
    _, relations = regular(pairs, 0, 0.0)
    first = np.eye(pairs, pairs + 1)
    words = [f"a{n}" for n in range(pairs)] + [f"b{n}" for n in range(pairs)]
    return Embeddings(tuple(words), np.vstack([first, first + np.eye(pairs + 1)[-1]])), relations


def answer_by_loops(
    vectors: NDArray[np.float64], question: tuple[int, int, int], method: str
) -> int:
    """The definition, word by word, in plain Python."""

    def cosine(i: int, j: int) -> float:
        x, y = vectors[i].tolist(), vectors[j].tolist()
        dot = sum(p * q for p, q in zip(x, y, strict=True))
        lengths = sum(p * p for p in x) ** 0.5 * sum(q * q for q in y) ** 0.5
        return float(dot / lengths) if lengths else 0.0

    a, b, a2 = question
    best, found = -float("inf"), -1
    for w in range(len(vectors)):
        if w in question or not vectors[w].any():
            continue
        if method == "3CosAdd":
            score = cosine(w, b) - cosine(w, a) + cosine(w, a2)
        elif method == "PairDirection":
            unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-300)
            way = unit[w] - unit[a2]
            if way @ way < 1e-12:
                continue
            score = float(way @ (unit[b] - unit[a]) / np.linalg.norm(way))
        else:
            moved = [(1 + cosine(w, other)) / 2 for other in question]
            score = moved[1] * moved[2] / (moved[0] + EPSILON)
        if score > best + 1e-9 * max(1.0, abs(best) if found >= 0 else 1.0):
            best, found = score, w
    return found


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ["normal", "lattice", "zeros"])
def test_the_same_words_as_by_loops(method: str, kind: str) -> None:
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(30, 4)) * rng.lognormal(size=(30, 1))
    if kind == "lattice":  # full of ties
        vectors = rng.integers(-1, 2, size=(30, 3)).astype(float)
    if kind == "zeros":
        vectors[::3] = 0
    questions = np.array([rng.choice(30, size=3, replace=False) for _ in range(60)])
    found = closest_words(vectors, questions, method=method)
    expected = [answer_by_loops(vectors, (a, b, c), method) for a, b, c in questions.tolist()]
    assert found.tolist() == expected


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("block", [1, 7, 64, 10_000])
def test_the_block_size_changes_nothing(
    method: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    embeddings, relations = toy(300), Relations({"f": [(f"w{n}", f"w{n + 20}") for n in range(15)]})
    plain = analogies(embeddings, relations, method=method)
    monkeypatch.setattr("probes.analogy.search._WORDS", 37)
    monkeypatch.setattr("probes.analogy.search._QUERY_WORDS", 9)
    blocked = analogies(embeddings, relations, method=method, block=block)
    assert blocked.table() == plain.table()
    right = plain.families[0].outcomes.right
    np.testing.assert_array_equal(right, blocked.families[0].outcomes.right)


def test_memory_does_not_grow_with_words_times_questions() -> None:
    vectors = normal((8_000, 4), 0).astype(np.float32)
    questions = np.random.default_rng(1).integers(8_000, size=(4000, 3))
    tracemalloc.start()
    closest_words(vectors, questions)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60e6  # the matrix of all scores would take 256 MB


def test_ties_go_to_the_lowest_row_in_either_precision() -> None:
    vectors = normal((50, 16), 4)
    vectors[[31, 44, 49]] = vectors[17] = vectors[1] - vectors[0] + vectors[2]
    question = np.array([[0, 1, 2]])
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    unit[[17, 31, 44, 49]] = unit[1] - unit[0] + unit[2]
    for dtype in (np.float32, np.float64):
        assert closest_words(unit.astype(dtype), question).tolist() == [17]


def test_ties_about_zero_go_to_the_lowest_row() -> None:
    # The last row is better by rounding alone.
    vectors = np.eye(5)
    vectors[4, 1] = 1e-12
    assert closest_words(vectors, np.array([[0, 1, 2]])).tolist() == [3]
    vectors[4, 1] = 1e-6
    assert closest_words(vectors, np.array([[0, 1, 2]])).tolist() == [4]


def test_without_a_word_left_nothing_is_found() -> None:
    assert closest_words(np.eye(3), np.array([[0, 1, 2]])).tolist() == [-1]


@given(st.integers(0, 2**32 - 1), st.integers(2, 8))
@settings(max_examples=40, deadline=None)
def test_the_largest_cosine_is_the_nearest_parallelogram(seed: int, d: int) -> None:
    # Property 59: for unit candidates the two criteria are one.
    vectors = normal((20, d), seed)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found = closest_words(vectors, np.array([[0, 1, 2]]))[0]
    gap = np.linalg.norm((unit[1] - unit[0]) - (unit - unit[2]), axis=1)
    gap[:3] = np.inf
    assert gap[found] == pytest.approx(gap.min(), abs=1e-7)


@given(st.integers(0, 2**32 - 1), st.sampled_from(METHODS), st.floats(1e-6, 1e6))
@settings(max_examples=25, deadline=None)
def test_turning_and_scaling_change_nothing(seed: int, method: str, scale: float) -> None:
    embeddings, relations = regular(10, seed, 0.5)
    turn = np.linalg.qr(normal((12, 12), seed + 1))[0]
    lengths = np.exp(normal((20, 1), seed + 2))
    turned = Embeddings(embeddings.words, scale * lengths * (embeddings.vectors @ turn), "toy")
    options = {"method": method}
    assert (
        analogies(turned, relations, **options).table()
        == analogies(embeddings, relations, **options).table()
    )


def test_re_pairing_counts_right_answers_of_all_ordered_pairs() -> None:
    embeddings, relations = regular(16, 1, 0.7)
    result = analogies(embeddings, relations)
    for score, pairs in zip(result.families, relations.families.values(), strict=True):
        right = 0
        for i, (a, b) in enumerate(pairs):
            for j, (c, d) in enumerate(pairs):
                if i == j:
                    continue
                rows = [embeddings.index[word] for word in (a, b, c)]
                found = answer_by_loops(embeddings.vectors, (rows[0], rows[1], rows[2]), "3CosAdd")
                hit = found == embeddings.index[d]
                assert score.outcomes.right[i, j] == hit
                right += hit
        assert (score.questions, score.correct) == (56, right)
        assert score.accuracy is not None
        assert score.accuracy.value == right / 56
        assert 0 < right < 56
    assert result.micro.value == result.correct / result.questions
    shares = [score.accuracy.value for score in result.families if score.accuracy]
    assert result.macro.value == pytest.approx(np.mean(shares))


def gensim_accuracy(embeddings: Embeddings, path: Path) -> tuple[float, dict[str, int]]:
    keyed = pytest.importorskip("gensim.models.keyedvectors").KeyedVectors(embeddings.dimension)
    keyed.add_vectors(list(embeddings.words), embeddings.vectors.astype(np.float32))
    total, sections = keyed.evaluate_word_analogies(str(path), case_insensitive=True)
    counts = {s["section"]: len(s["correct"]) for s in sections if s["section"][:5] != "Total"}
    return total, counts


def test_as_gensim_on_a_file_of_questions(tmp_path: Path) -> None:
    embeddings, relations = regular(20, 2, 0.8)
    lines = []
    for family, pairs in relations.families.items():
        lines.append(f": {family}")
        lines += [f"{a} {b} {c} {d}".title() for a, b in pairs for c, d in pairs if (a, b) < (c, d)]
        lines.append("a1 b1 missing words")
    path = tmp_path / "questions.txt"
    path.write_text("\n".join(lines))
    total, counts = gensim_accuracy(embeddings, path)
    result = analogies(embeddings, read_questions(path))
    assert result.protocol == "as given"
    assert result.micro.value == pytest.approx(total, abs=1e-12)
    assert {score.family: score.correct for score in result.families} == counts
    assert [score.questions for score in result.families] == [45, 45]
    assert [score.questions_in_file for score in result.families] == [46, 46]
    assert 0 < result.micro.value < 1


def test_as_gensim_on_re_paired_relations(tmp_path: Path) -> None:
    embeddings, relations = regular(14, 3, 0.8)
    shared = Relations({"f": (*relations.families["one"], ("a9", "b1"), ("a10", "b1"))})
    pairs = shared.families["f"]
    path = tmp_path / "questions.txt"
    path.write_text(
        ": f\n" + "\n".join(f"{a} {b} {c} {d}" for a, b in pairs for c, d in pairs if a != c)
    )
    total, _ = gensim_accuracy(embeddings, path)
    # gensim asks the unanswerable questions too, and finds them wrong.
    result = analogies(embeddings, shared, unanswerable="wrong")
    assert result.micro.value == pytest.approx(total, abs=1e-12)
    assert analogies(embeddings, shared).micro.value > result.micro.value


def test_fault_19_the_word_of_row_0_is_a_word() -> None:
    embeddings, _ = regular(6, 0, 0.0)
    assert embeddings.index["a0"] == 0
    pairs = [(f"a{n}", f"b{n}") for n in range(6)]
    score = analogies(embeddings, Relations({"f": pairs})).families[0]
    assert (score.pairs_used, score.questions) == (6, 30)
    questions = Questions({"f": (("a0", "b0", "a1", "b1"), ("b1", "a1", "b0", "a0"))})
    given = analogies(embeddings, questions).families[0]
    assert (given.questions, given.pairs_used) == (2, 4)


def test_fault_20_unanswerable_questions_are_counted_and_left_out() -> None:
    embeddings, _ = regular(8, 0, 0.0)
    # a0 and a1 share their answer, as Houston and Dallas share Texas.
    pairs = (("a0", "b0"), ("a1", "b0"), ("a2", "b2"), ("a3", "b3"))
    score = analogies(embeddings, Relations({"f": pairs})).families[0]
    assert (score.unanswerable, score.questions) == (2, 10)
    assert score.outcomes.asked[0, 1] == score.outcomes.asked[1, 0] == 0
    with_them = analogies(embeddings, Relations({"f": pairs}), unanswerable="wrong").families[0]
    assert (with_them.unanswerable, with_them.questions) == (2, 12)
    assert with_them.correct == score.correct
    with pytest.raises(InputError, match="query word for their answer"):
        analogies(embeddings, Relations({"f": pairs[:2]}))


def test_fault_20_the_google_pairs_have_316_unanswerable_questions() -> None:
    relations = google_relations()
    words = dict.fromkeys(w for pairs in relations.families.values() for p in pairs for w in p)
    embeddings = Embeddings(tuple(words), normal((len(words), 3), 0))
    result = analogies(embeddings, relations)
    unanswerable = {s.family: s.unanswerable for s in result.families if s.unanswerable}
    assert unanswerable == {"currency": 4, "city-in-state": 312}
    assert result.questions + 316 == 30_494


def test_fault_21_families_without_questions_do_not_crash() -> None:
    embeddings, relations = regular(8, 0, 0.3)
    more = Relations({**relations.families, "none": (("x", "y"),), "single": (("a0", "b0"),)})
    result = analogies(embeddings, more)
    assert [score.accuracy is None for score in result.families] == [False, False, True, True]
    assert result.table()[2]["accuracy"] is None
    assert "no questions" in str(result)
    # And they are not part of the mean of families.
    assert result.macro.value == analogies(embeddings, relations).macro.value
    assert json.loads(json.dumps(result.table(), allow_nan=False)) == result.table()


@pytest.mark.parametrize(
    ("relations", "said"),
    [
        (
            Relations({"f": (("X", "Y"), ("Z", "W"))}, name="odd"),
            "relations odd has.*in any spelling",
        ),
        (Relations({"f": (("w0", "w1"),), "g": (("w2", "w3"),)}), "pairs there: 2"),
        (Questions({"f": (("w0", "w1", "w2", "no"),)}), "two pairs in the vocabulary"),
    ],
)
def test_fault_21_nothing_to_ask_is_an_error_that_says_so(
    relations: Relations | Questions, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        analogies(toy(), relations)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"method": "3CosSub"},
            "no analogy method '3CosSub'; there are 3CosAdd, 3CosMul, PairDirection",
        ),
        ({"unanswerable": "right"}, "got 'right'"),
        ({"block": 0}, "at least 1 question; got 0"),
        ({"block": 2.5}, r"got 2\.5"),
        ({"level": 95}, "got 95"),
    ],
)
def test_bad_arguments(options: dict[str, object], said: str) -> None:
    embeddings, relations = regular(6, 0, 0.3)
    with pytest.raises(InputError, match=said):
        analogies(embeddings, relations, **options)


def test_result_prints_and_exports() -> None:
    embeddings, relations = regular(12, 5, 0.8)
    result = analogies(embeddings, relations)
    lines = str(result).splitlines()
    assert lines[0].startswith("regular analogies toy: 3CosAdd, re-paired; 95 % intervals")
    assert [line.split()[0] for line in lines[3:]] == ["one", "two", "all", "mean"]
    assert len({len(line) for line in lines[2:]}) == 1
    rows = result.table()
    assert [row["kind"] for row in rows] == ["family", "family", "total", "total"]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
    writer.writerows(rows)
    assert len(stream.getvalue().splitlines()) == 4
    for row in rows:
        assert 0 <= row["low"] <= row["accuracy"] <= row["high"] <= 1


def test_a_further_family_changes_no_interval() -> None:
    embeddings, relations = regular(16, 6, 0.8)
    result = analogies(embeddings, relations)
    alone = analogies(embeddings, relations.select(["two"]))
    assert alone.families[0].accuracy == result.families[1].accuracy
    assert alone.micro == alone.macro == alone.families[0].accuracy


def test_faultless_families_have_intervals_of_some_width() -> None:
    result = analogies(*faultless(16))
    assert (result.micro.value, result.macro.value) == (1.0, 1.0)
    for score in result.families:
        assert score.accuracy is not None
        # Eight pairs are worth four independent questions.
        assert score.accuracy.low == pytest.approx(0.025 ** (1 / 4))
        assert score.accuracy.low < result.micro.low < 1.0


def test_comparing_is_sharper_than_two_intervals() -> None:
    embeddings, relations = regular(40, 8, 0.9)
    rng = np.random.default_rng(0)
    vectors = embeddings.vectors + 0.05 * rng.normal(size=embeddings.vectors.shape)
    first = analogies(embeddings, relations)
    second = analogies(Embeddings(embeddings.words, vectors), relations)
    difference = compare_analogies(first, second)
    assert difference.value == pytest.approx(first.micro.value - second.micro.value)
    assert difference.width < 0.6 * min(first.micro.width, second.micro.width)
    assert compare_analogies(second, first).value == -difference.value


def test_comparing_with_oneself_or_with_the_opposite() -> None:
    embeddings, relations = faultless(24)
    perfect = analogies(embeddings, relations)
    same = compare_analogies(perfect, perfect)
    assert (same.value, same.low) == (0.0, -same.high)
    assert 0 < same.high < 1
    vectors = embeddings.vectors.copy()
    vectors[24:] *= -1
    worst = analogies(Embeddings(embeddings.words, vectors), relations)
    assert worst.micro.value == 0.0
    most = compare_analogies(perfect, worst)
    assert (most.value, most.high) == (1.0, 1.0)
    assert most.low == pytest.approx(1 - 2 * same.high)


def test_gains_that_cancel_in_one_family_are_not_no_gains() -> None:
    perfect = analogies(*faultless(24))
    *others, last = perfect.families

    def missing(question: int) -> AnalogyResult:
        right = last.outcomes.right.copy()
        place = tuple(np.argwhere(last.outcomes.asked)[question])
        right[place] -= 1
        family = replace(last, outcomes=replace(last.outcomes, right=right))
        return replace(perfect, families=(*others, family))

    alike = compare_analogies(perfect, perfect)
    found = compare_analogies(missing(0), missing(-1))
    assert found.value == alike.value == 0.0
    # Resampled, not bounded as where every question came out alike.
    assert 0 < found.high < 0.2 * alike.high


def test_comparing_takes_the_pairs_that_both_know() -> None:
    embeddings, relations = regular(20, 10, 0.9)
    smaller = embeddings.restrict([w for w in embeddings.words if w not in ("a0", "b15")])
    first, second = analogies(embeddings, relations), analogies(smaller, relations)
    common = relations.within(smaller)
    expected = analogies(embeddings, common).micro.value - second.micro.value
    assert compare_analogies(first, second).value == pytest.approx(expected)


def test_comparing_refuses_what_cannot_be_compared() -> None:
    embeddings, relations = regular(8, 0, 0.3)
    one = analogies(embeddings, relations.select(["one"]))
    two = analogies(embeddings, relations.select(["two"]))
    with pytest.raises(InputError, match="share no question"):
        compare_analogies(one, two)
    pairs = (("a0", "b0"), ("a1", "b0"), ("a2", "b2"))
    left_out = analogies(embeddings, Relations({"f": pairs}))
    wrong = analogies(embeddings, Relations({"f": pairs}), unanswerable="wrong")
    with pytest.raises(InputError, match="different questions of family 'f'"):
        compare_analogies(left_out, wrong)
