"""Layouts in which people have word lists: each is read, and what is in none names its line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import settings  # noqa: F401 (it sets the profile)

from probes.analogy import analogies
from probes.relations import (
    Relations,
    read_questions,
    read_relation_folder,
    read_relations,
    read_similarity,
)
from probes.relations.word_files import LARGEST_FILE
from probes.similarity import similarity
from repsearch.embeddings import Embeddings
from repsearch.errors import InputError

PAIRS = (("king", "queen"), ("man", "woman"))


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text", "family"),
    [
        ("r.tsv", "sex\tking\tqueen\nsex\tman\twoman\n", "sex"),
        ("r.csv", "sex,king,queen\nsex,man,woman\n", "sex"),
        ("r.csv", '"sex","king","queen"\r\n"sex","man","woman"\r\n', "sex"),
        ("r.csv", "family,word1,word2\nsex,king,queen\nsex,man,woman\n", "sex"),
        ("r.csv", "Word 1;Word 2;Relation\nking;queen;sex\nman;woman;sex\n", "sex"),
        ("r.tsv", "relation\tfirst\tsecond\nsex\tking\tqueen\nsex\tman\twoman\n", "sex"),
        ("r.txt", "sex king queen\nsex man woman\n", "sex"),
        ("r.txt", ": sex\nking queen\nman\t\twoman\n", "sex"),
        ("r.txt", "king queen\nman woman\n", "r"),
        ("r.tsv", "king\tqueen\nman\twoman\n", "r"),
        ("r.csv", "word1,word2\nking,queen\nman,woman\n", "r"),
        ("[male - female].txt", "king\tqueen\nman\twoman\n", "male - female"),
        ("r.txt", '"king:queen"\n"man:woman"\n', "r"),
        ("r.txt", '# ratings\n58.0 "king:queen"\n-3 "man:woman"\n', "r"),
        ("r.txt", "king:queen\nman : woman\n", "r"),
        ("r.json", '{"sex": [["king", "queen"], ["man", "woman"]]}', "sex"),
    ],
)
def test_layouts_of_relations(tmp_path: Path, name: str, text: str, family: str) -> None:
    found = read_relations(written(tmp_path, name, text))
    assert dict(found.families) == {family: PAIRS}
    assert not found.answers


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("r.txt", "boy girl/lass\nman woman\n"),
        ("r.txt", "boy girl,lass\nman woman\n"),
        ("r.txt", "boy girl,lass\nman woman,lady\n"),
        ("r.tsv", "boy\tgirl/lass\nman\twoman\n"),
        ("r.csv", 'f,boy,"girl,lass"\nf,man,woman\n'),
        ("r.tsv", "f\tboy\tgirl/lass/girl\nf\tman\twoman\n"),
        ("r.json", '{"f": [["boy", ["girl", "lass"]], ["man", "woman"]]}'),
    ],
)
def test_several_right_answers(tmp_path: Path, name: str, text: str) -> None:
    found = read_relations(written(tmp_path, name, text))
    (family,) = found.families
    assert found.families[family] == (("boy", "girl"), ("man", "woman"))
    assert found.further(family, ("boy", "girl")) == ("lass",)


@pytest.mark.parametrize("word", ["24/7", "km/", "1,000"])
def test_what_is_no_list_of_answers_stays_a_word(tmp_path: Path, word: str) -> None:
    found = read_relations(written(tmp_path, "r.tsv", f"f\tall\t{word}\nf\tbig\tlarge\n"))
    assert found.families["f"] == (("all", word), ("big", "large"))


def squares() -> Embeddings:
    """Boy, man and king, each with what belongs to it; "lass" where "girl" should be."""
    words = ["boy", "lass", "man", "woman", "king", "queen", "girl", "sofa"]
    base = {"boy": 1, "man": 2, "king": 3}
    rows = np.zeros((8, 5))
    for row, word in enumerate(words[:6:2]):
        rows[2 * row, base[word]] = rows[2 * row + 1, base[word]] = 1
        rows[2 * row + 1, 0] = 1
    rows[6], rows[7] = [-1, 0.2, 0, 0, 1], [0, 0, 0, 0, 1]
    return Embeddings(words, rows)


def test_each_right_answer_counts() -> None:
    given = {"f": [("boy", "girl"), ("man", "woman"), ("king", "queen")]}
    strict = analogies(squares(), Relations(given))
    asked = Relations(given, answers={"f": {("boy", "girl"): ("lass", "maid")}})
    several = analogies(squares(), asked)
    assert (strict.questions, several.questions) == (6, 6)
    assert several.correct > strict.correct
    right = several.families[0].outcomes.right
    assert right[1:, 0].tolist() == [1, 1]
    # Where the usual answer has no vector, the first that has one is the pair's second word.
    known = Relations(
        {"f": [("boy", "maid"), ("man", "woman"), ("king", "queen")]},
        answers={"f": {("boy", "maid"): ("lass",)}},
    )
    assert known.within(squares()).families["f"][0] == ("boy", "lass")
    assert analogies(squares(), known).correct == 6


def test_an_answer_that_is_asked_for_leaves_the_others() -> None:
    asked = Relations(
        {"f": [("man", "woman"), ("boy", "woman")]}, answers={"f": {("boy", "woman"): ("lass",)}}
    )
    found = analogies(squares(), asked)
    # man : woman :: boy : lass can be answered, boy : woman :: man : woman cannot.
    assert (found.questions, found.correct, found.families[0].unanswerable) == (1, 1, 1)


def test_bats(tmp_path: Path) -> None:
    root = tmp_path / "BATS_3.0"
    written(root, "1_Inflectional/I01 [noun - plural].txt", "album\talbums\nman\tmen\n")
    written(root, "4_Lexicographic/L01 [hypernyms].txt", "cat\tfeline/animal\ndog\tcanine/animal\n")
    written(root, "metadata.json", "{}")
    written(root, "README.txt", "The Bigger Analogy Test Set, in four folders.\n")
    found = read_relation_folder(root)
    assert read_relations(root) == found
    assert read_relations(str(root), keep_case=True) == read_relation_folder(root, keep_case=True)
    assert {name: len(pairs) for name, pairs in found.families.items()} == {
        "I01 [noun - plural]": 2,
        "L01 [hypernyms]": 2,
    }
    assert found.further("L01 [hypernyms]", ("dog", "canine")) == ("animal",)


def test_a_folder_of_pairs(tmp_path: Path) -> None:
    written(tmp_path, "pairs/[male - female].txt", "king\tqueen\nman\twoman\n")
    written(tmp_path, "pairs/[verb - 3pSg].txt", "accept\taccepts\n")
    assert list(read_relation_folder(tmp_path / "pairs").families) == [
        "male - female",
        "verb - 3pSg",
    ]


def test_semeval(tmp_path: Path) -> None:
    root = tmp_path / "SemEval-2012"
    written(root, "subcategories-definitions.txt", "1, a, CLASS-INCLUSION, Taxonomic\n")
    written(root, "Phase1Questions/Phase1Questions-1a.txt", "Consider these.\nflower:tulip\n")
    written(root, "Phase1Answers/Phase1Answers-1a.txt", '"flower:tulip"\n"emotion:rage"\n')
    written(root, "GoldRatings/GoldRatings-1a.txt", '# x\n50.0 "flower:tulip"\n')
    found = read_relation_folder(root)
    assert dict(found.families) == {"Phase1Answers-1a": (("flower", "tulip"), ("emotion", "rage"))}


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("good better rough rougher\nbad worse big bigger\n", ["q"]),
        ("good,better,rough,rougher\nbad,worse,big,bigger\n", ["q"]),
        ("JJ_JJR good better rough rougher\nJJ_JJR bad worse big bigger\n", ["JJ_JJR"]),
        ("good better rough rougher JJ_JJR\nNN_NNS cat cats dog dogs\n", None),
        (
            "good\tbetter\trough\trougher\tJJ_JJR\ncat\tcats\tdog\tdogs\tNN_NNS\n",
            ["JJ_JJR", "NN_NNS"],
        ),
        ("word1,word2,word3,word4,category\na,b,c,d,x\ne,f,g,h,y\n", ["x", "y"]),
        (": x\na b c d\n: y\ne f g h\n", ["x", "y"]),
    ],
)
def test_layouts_of_questions(tmp_path: Path, text: str, families: list[str] | None) -> None:
    path = written(tmp_path, "q.txt", text)
    if families is None:
        with pytest.raises(InputError, match=r"line 1 .* has 5 fields"):
            read_questions(path)
        return
    found = read_questions(path)
    assert list(found.families) == families
    assert found.question_count == 2


def test_the_two_files_of_msr(tmp_path: Path) -> None:
    path = written(tmp_path, "word_relationship.questions", "good better rough\ncat cats dog\n")
    with pytest.raises(InputError, match=r"line 1 .* has 3 fields, where a question has four"):
        read_questions(path)
    written(tmp_path, "word_relationship.answers", "JJ_JJR rougher\nNN_NNS dogs\n")
    assert dict(read_questions(path).families) == {
        "JJ_JJR": (("good", "better", "rough", "rougher"),),
        "NN_NNS": (("cat", "cats", "dog", "dogs"),),
    }
    written(tmp_path, "word_relationship.answers", "JJ_JJR rougher\n")
    with pytest.raises(InputError, match=r"2 questions but .* 1 answers"):
        read_questions(path)


SCORED = (("cat", "dog"), ("car", "bus"), ("tree", "leaf"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "SimLex-999.txt",
            "word1\tword2\tPOS\tSimLex999\tconc(w1)\tconc(w2)\n"
            "cat\tdog\tN\t7.5\t4\t1\ncar\tbus\tN\t6\t5\t1\ntree\tleaf\tN\t5\t5\t1\n",
        ),
        ("combined.csv", "Word 1,Word 2,Human (mean)\ncat,dog,7.5\ncar,bus,6\ntree,leaf,5\n"),
        (
            "combined.tab",
            "Word 1\tWord 2\tHuman (mean)\ncat\tdog\t7.5\ncar\tbus\t6\ntree\tleaf\t5\n",
        ),
        (
            "set1.csv",
            "Word 1,Word 2,Human (mean),1,2\ncat,dog,7.5,7,8\ncar,bus,6,6,6\ntree,leaf,5,4,6\n",
        ),
        ("semi.csv", "word1;word2;score\ncat;dog;7,5\ncar;bus;6\ntree;leaf;5\n"),
        ("rg65.csv", "cat;dog;7.5\ncar;bus;6.0\ntree;leaf;5.0\n"),
        ("MTURK-771.csv", "cat,dog,7.5\ncar,bus,6\ntree,leaf,5\n"),
        ("MEN_lemma", "cat-n dog-n 7.5\ncar-n bus-n 6\ntree-n leaf-n 5\n"),
        ("men.txt", "cat dog 7.500000\ncar bus 6\ntree leaf 5\n"),
        ("quoted.csv", '"cat","dog","7,5"\n"car","bus","6"\n"tree","leaf","5"\n'),
        ("SimVerb.txt", "cat\tdog\tV\t7.5\tNONE\ncar\tbus\tV\t6\tNONE\ntree\tleaf\tV\t5\tNONE\n"),
        ("rw.txt", "cat\tdog\t7.5\t7\t8\ncar\tbus\t6\t6\t6\ntree\tleaf\t5\t4\t6\n"),
        ("any.csv", "word1,word2,judged\ncat,dog,7.5\ncar,bus,6\ntree,leaf,5\n"),
    ],
)
def test_layouts_of_similarity(tmp_path: Path, name: str, text: str) -> None:
    found = read_similarity(written(tmp_path, name, text))
    assert found.pairs == SCORED
    assert found.scores.tolist() == [7.5, 6.0, 5.0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cat,dog,7,5\ncar,bus,6,0\n", "2 numbers after its two words .* decimal comma"),
        ("word1,word2,a,b\ncat,dog,7,5\n", "heading .* with several columns"),
        ("word1,word2,a,b\ncat,dog,x,y\n", "heading .* with no column"),
        ("word1 word2 score\n", "has 3 fields and no score below it"),
        ("nouns,verbs,judged\ncat,dog,1\n", "score 'judged'.*if this is a heading"),
        ("cat-n dog-n 1\ncat dog 2\nx y z\n", "line 3 .* score 'z'"),
        ("cat dog 1e999\n", "score '1e999'"),
    ],
)
def test_what_is_open_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_similarity(written(tmp_path, "s.txt", text))


def test_only_whole_files_of_lemmas_lose_their_endings(tmp_path: Path) -> None:
    found = read_similarity(written(tmp_path, "s.txt", "x-n y-n 1\nvitamin-n z 2\n"))
    assert found.pairs[0] == ("x-n", "y-n")


@pytest.mark.parametrize("read", [read_relations, read_questions, read_similarity])
def test_reading_is_bounded(tmp_path: Path, read: object) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(b"a " * 40_000)
    with pytest.raises(InputError, match=r"line 1 .* has 80,000 characters"):
        read(path)  # type: ignore[operator]
    with path.open("wb") as stream:
        stream.truncate(LARGEST_FILE + 1)
    with pytest.raises(InputError, match="larger than 64 MiB"):
        read(path)  # type: ignore[operator]


@given(content=st.binary(max_size=300), name=st.sampled_from(["x.txt", "x.csv", "x.json"]))
def test_any_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(content)
    for read in (read_relations, read_questions, read_similarity):
        try:
            read(path)
        except InputError as error:
            assert "read_" not in str(error)  # noqa: PT017 (that it is raised is no must)


def test_cased_vectors_have_all_that_cased_lists_ask() -> None:
    """Athens and athens are two words: lower-cased, this scored 0 %."""
    names = ["Athens", "Greece", "Oslo", "Norway", "Rome", "Italy"]
    rng = np.random.default_rng(0)
    base = rng.normal(size=(3, 8))
    shift = rng.normal(size=8)
    cased = np.repeat(base, 2, axis=0) + np.tile([[0.0], [1.0]], (3, 1)) * shift
    emb = Embeddings([*(n.lower() for n in names), *names], [*rng.normal(size=(6, 8)), *cased])
    asked = Relations({"capital": list(zip(names[::2], names[1::2], strict=True))})
    found = analogies(emb, asked)
    assert found.micro.value == 1.0
    assert found.words is not None
    assert found.words.as_given == 6
    lower = analogies(emb.restrict([n.lower() for n in names]), asked)
    assert lower.words is not None
    assert len(lower.words.lower_case) == 6
    assert "6 in lower case" in lower.summary()
    assert lower.rests_on()["words_in_lower_case"] == 6


def test_pairs_that_fall_on_one_vector_are_reported_and_the_rest_goes_on() -> None:
    rng = np.random.default_rng(1)
    emb = Embeddings(
        ["polish", "cat", "cats", "dog", "dogs", "ox", "oxen"], rng.normal(size=(7, 5))
    )
    asked = Relations(
        {
            "case": [("Polish", "polish"), ("POLISH", "polish")],
            "plural": [("cat", "cats"), ("Cat", "cats"), ("dog", "dogs"), ("ox", "oxen")],
        }
    )
    found = analogies(emb, asked)
    assert [score.questions for score in found.families] == [0, 6]
    assert dict(found.repeated) == {"case": 2, "plural": 1}
    assert "2 of case, 1 of plural" in found.summary()


def test_similarity_leaves_out_zero_vectors_and_pairs_of_one_vector(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    emb = Embeddings(["a", "b", "c", "void"], np.vstack([rng.normal(size=(3, 4)), np.zeros(4)]))
    path = written(tmp_path, "s.tsv", "a\tb\t3\nb\tc\t2\na\tc\t1\na\tvoid\t5\nA\ta\t9\n")
    found = similarity(emb, read_similarity(path))
    assert (found.pairs_used, found.one_vector, found.missing) == (3, 1, ("void",))
    assert "1 is not covered, its vector being zero" in found.summary()
    assert found.rests_on()["words_zero"] == 1
