"""Relations, question files and the carried pairs of the Google analogies."""

import importlib.util
import json
from pathlib import Path

import pytest
from places import ROOT

from probes.relations.question_files import read_questions
from probes.relations.questions import Questions
from probes.relations.relation_files import google_relations, read_relations
from probes.relations.relations import Relations
from repsearch.errors import InputError

ORIGINALS = ROOT.parent / "shared" / "data" / "benchmarks"

needs_originals = pytest.mark.skipif(
    not ORIGINALS.is_dir(), reason="needs the developers' folder of original benchmark files"
)

FAMILIES = {
    "family": (("king", "queen"), ("man", "woman")),
    "gram": (("go", "went"), ("see", "saw")),
}


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


TABS = "# pairs\nfamily\tKing\tQueen\n\ngram\tgo\twent\nfamily\tman\twoman\r\ngram\tsee\tsaw\n"
SECTIONS = ": family\nKing Queen\nman\twoman\n# verbs\n: gram\n  go   went\nsee saw\n"
OBJECT = json.dumps(
    {"family": [["King", "Queen"], ["man", "woman"]], "gram": [["go", "went"], ["see", "saw"]]}
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("toy.tsv", TABS),
        ("toy.txt", SECTIONS),
        ("toy.json", OBJECT),
        ("toy.tsv", "\ufeff" + TABS),
    ],
)
def test_all_layouts_read_the_same(tmp_path: Path, name: str, text: str) -> None:
    path = write(tmp_path, name, text)
    relations = read_relations(path)
    cased = {**FAMILIES, "family": (("King", "Queen"), ("man", "woman"))}
    assert dict(relations.families) == cased
    assert list(relations.families) == ["family", "gram"]
    assert (relations.name, relations.source) == ("toy", str(path))
    assert read_relations(path, keep_case=True).keep_case
    assert not relations.keep_case


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.tsv", "king\n", "line 1 .* has 1 field,.*three columns"),
        ("a.tsv", "a b c d e\n", "line 1 .* has 5 fields,.*three columns"),
        ("a.tsv", "a b c d\n", "line 1 .* has 4 fields, as analogy questions have"),
        ("a.tsv", "a b 1.5\nc d 2\n", "line 1 .* has 3 fields, the last of them a number"),
        ("a.csv", "family,word1,word2\nf,a,b\nf,a\n", "line 3 .* has 2 fields separated by"),
        ("a.tsv", "f\ta\tb\n# c\nf\ta\tb\tc\n", "line 3 .* has 4 fields"),
        ("a.tsv", "f\ta\t\n", "line 1 .* empty field"),
        ("a.tsv", "f\ta\tb\n: g\nc d\n", "line 2 .* has 2 fields"),
        ("a.txt", ": f\na b\na b c\n", "line 3 .* has 3 words.*two a line"),
        ("a.txt", ": f\na b c d\n", "line 2 .* has 4 words.*questions"),
        ("a.txt", ":\na b\n", "line 1 .* section without a name"),
        ("a.txt", "# nothing\n\n", "holds no pair"),
        ("a.txt", ": f\n", "holds no pair"),
        ("a.json", "[1, 2]", "does not hold families"),
        ("a.json", '{"f": {"a": "b"}}', "does not hold families"),
        ("a.json", '{"f": [["a", "b"], ["c"]]}', r"entry 2 of family 'f' .* \[\"c\"\]"),
        ("a.json", '{"f": [["a", " "]]}', "entry 1 of family 'f'"),
        ("a.json", '{"f": [], "f": []}', "family 'f' twice"),
        ("a.json", '{"f": []}', "holds no pair"),
        ("a.json", '{"f":\n [', "line 2 .* is not JSON"),
    ],
)
def test_a_bad_file_is_an_error_that_names_the_place(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        read_relations(write(tmp_path, name, text))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        read_relations(tmp_path / "nowhere.tsv")
    with pytest.raises(InputError, match=r"there is no pair in .* files below"):
        read_relations(tmp_path)
    path = tmp_path / "latin.tsv"
    path.write_bytes("f\tcafé\tb\n".encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8"):
        read_relations(path)


def test_relations_keep_order_and_drop_repeats() -> None:
    relations = Relations({"f": [("c", "d"), ("a", "b"), ("c", "d")], "g": [("c", "d")]})
    assert relations.families["f"] == (("c", "d"), ("a", "b"))
    assert relations.pair_count == 3
    assert str(relations) == "relations: 3 pairs in 2 families"
    assert relations == Relations({"f": (("c", "d"), ("a", "b")), "g": (("c", "d"),)})
    with pytest.raises(TypeError):
        relations.families["f"] = ()


@pytest.mark.parametrize(
    ("families", "said"),
    [
        ({}, "hold no pair"),
        ({"f": []}, "hold no pair"),
        ({"f": ["ab"]}, "holds 'ab'"),
        ({"f": [("a", "b", "c")]}, "two non-empty words"),
        ({"f": [("a", "")]}, "two non-empty words"),
        ({" ": [("a", "b")]}, "empty name"),
    ],
)
def test_relations_refuse_what_is_no_pair(families: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Relations(families)


def test_within_and_select() -> None:
    relations = Relations(FAMILIES, name="toy")
    known = relations.within({"king", "queen", "man", "go", "went"})
    assert dict(known.families) == {"family": (("king", "queen"),), "gram": (("go", "went"),)}
    assert list(relations.select(["gram"]).families) == ["gram"]
    with pytest.raises(InputError, match="no family 'grom'; there are family, gram"):
        relations.select(["grom"])
    with pytest.raises(InputError, match=r"no pair of the relations toy.*any spelling"):
        relations.within({"King", "Queen"})


def test_questions_and_their_pairs(tmp_path: Path) -> None:
    path = write(tmp_path, "q.txt", ": f\na b c d\nc d a b\nc d e f\n: g\nx y z w\n")
    questions = read_questions(path)
    assert questions.families["f"][0] == ("a", "b", "c", "d")
    assert questions.question_count == 4
    assert dict(questions.relations().families) == {
        "f": (("a", "b"), ("c", "d"), ("e", "f")),
        "g": (("x", "y"), ("z", "w")),
    }
    assert str(questions) == "q: 4 questions in 2 families"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a b c d\na b c\n", "line 2 .* has 3 fields"),
        ("a b c\n", "line 1 .* has 3 fields, where a question has four"),
        ("a b c d e\n", "line 1 .* has 5 fields, where a question has four"),
        (": f\na b c\n", "line 2 .* has 3 words"),
        (": f\n\na\n", "line 3 .* has 1 word;"),
        (": f\na b c d e\n", "line 2 .* has 5 words"),
        (":  \na b c d\n", "section without a name"),
        (": f\n", "holds no question"),
    ],
)
def test_a_bad_question_file_names_the_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_questions(write(tmp_path, "q.txt", text))


@pytest.mark.parametrize("question", ["abcd", ("a", "b", "c"), ("a", "b", "c", "")])
def test_questions_refuse_what_is_no_question(question: object) -> None:
    with pytest.raises(InputError, match="four non-empty words"):
        Questions({"f": (question,)})
    with pytest.raises(InputError, match="are none"):
        Questions({"f": ()})


def test_google_relations_are_those_of_the_paper() -> None:
    relations = google_relations()
    counts = {family: len(pairs) for family, pairs in relations.families.items()}
    assert counts == {
        "capital-common-countries": 23,
        "capital-world": 116,
        "currency": 30,
        "city-in-state": 68,
        "family": 23,
        "gram1-adjective-to-adverb": 32,
        "gram2-opposite": 29,
        "gram3-comparative": 37,
        "gram4-superlative": 34,
        "gram5-present-participle": 33,
        "gram6-nationality-adjective": 41,
        "gram7-past-tense": 40,
        "gram8-plural": 37,
        "gram9-plural-verbs": 30,
    }
    # theory.md 3.4: re-pairing all pairs gives 30,494 questions.
    assert sum(n * (n - 1) for n in counts.values()) == 30_494
    assert relations.families["capital-common-countries"][0] == ("Athens", "Greece")
    assert google_relations(keep_case=True).keep_case


@needs_originals
def test_the_carried_files_are_those_the_script_makes() -> None:
    spec = importlib.util.spec_from_file_location("maker", ROOT / "tools/make_benchmark_data.py")
    assert spec is not None
    assert spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    carried = ROOT / "repsearch" / "data"
    made = {"google-relations": maker.google_text(ORIGINALS)}
    made |= {name: maker.similarity_text(name, ORIGINALS) for name in maker.SIMILARITY}
    for name, text in made.items():
        assert (carried / f"{name}.tsv").read_text(encoding="utf-8") == text


@needs_originals
def test_the_google_file_has_19544_questions() -> None:
    questions = read_questions(ORIGINALS / "questions-words.txt")
    assert questions.question_count == 19_544
    assert questions.relations().families == google_relations().families
