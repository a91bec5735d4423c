"""A grid file: what it may say, and all that is wrong with one, said at once."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from probes.sweep.grid_file import read_grid
from probes.sweep.grid_keys import settled
from probes.sweep.tasks import Plan
from repsearch.counts.counts import Counts
from repsearch.errors import InputError
from repsearch.synthetic import BinaryAttributes
from repsearch.testing.counts_from import counts_from

GOOD = """
[corpora]
counts = "counts.npz"

[[embed]]
target = "mstar"
d = 2
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("grid")
    BinaryAttributes([0.5, 0.3, 0.2]).sample(10_000, seed=0).save(made / "counts.npz")
    (made / "text.txt").write_text("the cat sat\nthe dog ran\n")
    (made / "more").mkdir()
    (made / "more" / "b.txt").write_text("a dog sat\n")
    (made / "pairs.tsv").write_text("f\tcat\tdog\nf\tsat\tran\n")
    (made / "damaged.npz").write_bytes(b"no archive")
    return made


def read(folder: Path, text: str):
    path = folder / "grid.toml"
    path.write_text(text)
    return read_grid(path)


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as refused:
        read(folder, text)
    first, *others = str(refused.value).split("\n  ")
    number = f"{len(others)} faults" if len(others) > 1 else "a fault"
    assert first == f"{folder / 'grid.toml'} has {number}:"
    return others


def test_a_list_is_an_axis_and_points_are_all_combinations(folder):
    grid = read(
        folder,
        """
        [corpora]
        counts = "counts.npz"
        text = ["text.txt", ["text.txt", "more"]]
        [count]
        window = [2, 4]
        weighting = ["flat", "linear"]
        [[embed]]
        target = ["mstar", "ppmi"]
        d = [1, 2, 3]
        [[embed]]
        target = "pmi"
        d = 2
        seed = [0, 1]
        """,
    )
    points = grid.points()
    ways = 2 * 3 + 2
    assert len(points) == (1 + 2 * 4) * ways
    assert [point.number for point in points] == list(range(1, len(points) + 1))
    columns = [point.columns() for point in points]
    assert len({tuple(sorted((k, str(v)) for k, v in one.items() if k != "point"))
                for one in columns}) == len(points)  # fmt: skip
    assert {one["corpus"] for one in columns} == {"counts.npz", "text.txt", "text.txt + more"}
    # Of counts, the window is their own.
    # Of counts, the window is their own, and nothing is known of how the text was read.
    window = Counts.open(folder / "counts.npz").window
    assert {(one["window"], one["weighting"]) for one in columns[:ways]} == {
        (window.size, window.weighting)
    }
    assert not any("tokenizer" in one for one in columns[:ways])
    assert {(one["window"], one["weighting"]) for one in columns[ways:]} == {
        (size, weighting) for size in (2, 4) for weighting in ("flat", "linear")
    }


def test_defaults_are_those_of_the_commands():
    of_target, fault = settled({"target": "mstar", "d": 5})
    assert fault is None
    assert of_target == {
        "target": "mstar", "weights": "setting31", "zeros": "exact", "exponent": 0.5,
        "negatives": 1.0, "d": 5, "seed": 0,
    }  # fmt: skip
    of_loss, fault = settled({"loss": "sgns", "d": 5})
    assert fault is None
    assert of_loss == {
        "loss": "sgns", "weights": "word2vec.c", "tied": False, "ridge": 0.0, "iterations": 100,
        "tolerance": 0.01, "negatives": 5.0, "subsample": 1e-3, "d": 5, "seed": 0,
    }  # fmt: skip


CHANGES = {
    "an unknown table": (
        "[corpora]",
        "[corpus]\nx = 1\n[corpora]",
        ["the file has no key 'corpus'; perhaps corpora is meant"],
    ),
    "an unknown key": ("d = 2", "d = 2\ndimension = 3", ["[[embed]] 1 has no key 'dimension'"]),
    "a key nearly right": (
        "d = 2",
        "d = 2\nseeds = 3",
        ["[[embed]] 1 has no key 'seeds'; perhaps seed is meant"],
    ),
    "a text for a number": (
        "d = 2",
        'd = "2"',
        ["[[embed]] 1, d is '2', and must be a whole number of at least 1"],
    ),
    "a fraction": ("d = 2", "d = 2.0", ["[[embed]] 1, d is 2.0, and must be a whole number"]),
    "a truth value": ("d = 2", "d = true", ["[[embed]] 1, d is true, and must be a whole number"]),
    "one bad value of several": ("d = 2", "d = [2, 0]", ["[[embed]] 1, d is 0, and must be"]),
    "an empty axis": (
        "d = 2",
        "d = []",
        ["[[embed]] 1, d is an empty list; give at least one value"],
    ),
    "a value twice": ("d = 2", "d = [2, 3, 2]", ["[[embed]] 1, d has 2 twice"]),
    "no d": ("d = 2", "", ["[[embed]] 1 has no d, the dimension of embeddings; give it"]),
    "d beyond the words": (
        "d = 2",
        "d = [2, 99]",
        ["[[embed]] 1, d is 99, more than the 8 words of counts.npz"],
    ),
    "not a number": (
        "d = 2",
        "d = 2\nnegatives = nan",
        ["[[embed]] 1, negatives is nan, and must be a number above 0"],
    ),
    "infinite": ("d = 2", "d = 2\nnegatives = inf", ["[[embed]] 1, negatives is inf"]),
    "beyond 64 bits": (
        "d = 2",
        "d = 2\nseed = 99999999999999999999",
        ["[[embed]] 1, seed is 99999999999999999999"],
    ),
    "a list in a list": ("d = 2", "d = [[2]]", ["[[embed]] 1, d is [2], and must be"]),
    "an unknown target": (
        '"mstar"',
        '"svd"',
        ["[[embed]] 1, target is 'svd', and must be one of 'mstar', 'ppmi', 'pmi'"],
    ),
    "weights of PPMI": (
        '"mstar"',
        '["mstar", "ppmi"]\nweights = "word2vec"',
        ["[[embed]] 1, weights is of target 'mstar' alone, and target is 'ppmi'"],
    ),
    "negatives of PMI": (
        '"mstar"',
        '"pmi"\nnegatives = 2',
        ["[[embed]] 1, negatives is of targets 'mstar' and 'ppmi' alone, and target is 'pmi'"],
    ),
    "smoothing of exact zeros": (
        "d = 2",
        "d = 2\nsmoothing = 0.1",
        ["[[embed]] 1, smoothing is of zeros 'smooth' alone, and zeros is 'exact'"],
    ),
    "a threshold without subsampling": (
        "d = 2",
        "d = 2\nsubsample = 1e-3",
        ["[[embed]] 1, subsample is of weights 'word2vec' and 'word2vec.c' alone, and weights"],
    ),
    "a key of a loss": (
        "d = 2",
        "d = 2\nridge = 1.0",
        ["[[embed]] 1, ridge is not of a target; drop it, or make a table of a loss"],
    ),
    "neither": ('target = "mstar"', "", ["[[embed]] 1 has neither target nor loss; name one"]),
    "the same points again": (
        "d = 2",
        'd = 2\n[[embed]]\ntarget = ["ppmi", "mstar"]\nd = 2',
        ["[[embed]] 2 makes points again that [[embed]] 1 makes"],
    ),
    "no embeddings": (
        '[[embed]]\ntarget = "mstar"\nd = 2',
        "",
        ["there is no [[embed]] table, which says how embeddings are made"],
    ),
    "no corpus": (
        'counts = "counts.npz"',
        "",
        ["[corpora] names neither counts nor text; name a corpus"],
    ),
    "a corpus twice": (
        'counts = "counts.npz"',
        'counts = ["counts.npz", "counts.npz"]',
        ["[corpora], counts has 'counts.npz' twice"],
    ),
    "no such counts": (
        '"counts.npz"',
        '"none.npz"',
        ["[corpora], counts: ", "none.npz does not exist; check the path"],
    ),
    "damaged counts": (
        '"counts.npz"',
        '"damaged.npz"',
        ["damaged.npz is damaged or is no counts file"],
    ),
    "no such text": (
        'counts = "counts.npz"',
        'text = "none.txt"',
        ["[corpora], text: ", "none.txt"],
    ),
    "a text that is none": (
        'counts = "counts.npz"',
        "text = [1]",
        ["[corpora], text has 1, and must have paths, or lists of paths"],
    ),
    "an empty text": (
        'counts = "counts.npz"',
        "text = [[]]",
        ["[corpora], text has [], and must have paths"],
    ),
    "no text at all": ('counts = "counts.npz"', "text = []", ["[corpora], text is an empty list"]),
    "counting of counts": (
        "[[embed]]",
        "[count]\nwindow = [2, 4]\n[[embed]]",
        ["[count] is of texts, and [corpora] names no text; drop it"],
    ),
    "a window of 0": (
        'counts = "counts.npz"\n',
        'text = "text.txt"\n[count]\nwindow = [0, 2]\n',
        ["[count], window is 0, and must be a whole number of at least 1"],
    ),
    "d beyond the vocabulary": (
        'counts = "counts.npz"\n',
        'text = "text.txt"\n[count]\nvocabulary = [1, 5]\n',
        ["[[embed]] 1, d is 2, more than the vocabulary of 1"],
    ),
    "an unknown probe": (
        "d = 2",
        'd = 2\n[ask]\nprobes = ["analogy"]',
        ["[ask], probes is 'analogy', and must be one of 'analogies', 'similarity', 'isotropy'"],
    ),
    "no probe": ("d = 2", "d = 2\n[ask]\nprobes = []", ["[ask], probes is an empty list"]),
    "relations that nothing asks": (
        "d = 2",
        'd = 2\n[ask]\nprobes = "isotropy"\nrelations = "pairs.tsv"',
        ["[ask], relations is of the probes analogies and concepts alone; drop it"],
    ),
    "no such relations": (
        "d = 2",
        'd = 2\n[ask]\nrelations = "none.tsv"',
        ["[ask], relations: ", "none.tsv"],
    ),
    "an unknown method": (
        "d = 2",
        'd = 2\n[ask]\nmethod = "3cosadd"',
        ["[ask], method is '3cosadd', and must be one of '3CosAdd'"],
    ),
    "a table that is none": (
        "[corpora]",
        "count = 3\n[corpora]",
        ["count must be a table, [count], and is 3"],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_fault_names_the_key_and_what_it_must_be(folder, name):
    old, new, said = CHANGES[name]
    assert old in GOOD
    found = faults(folder, GOOD.replace(old, new))
    for words in said:
        assert any(words in fault for fault in found), found


def test_all_faults_are_said_at_once(folder):
    found = faults(
        folder,
        """
        [corpora]
        counts = ["none.npz", "damaged.npz"]
        text = "missing.txt"
        [count]
        window = []
        tokenizer = "greek"
        [[embed]]
        target = "mstar"
        d = 0
        [[embed]]
        target = "pmi"
        loss = "sgns"
        d = 3
        [[embed]]
        target = "ppmi"
        weights = "setting31"
        d = []
        [ask]
        probes = "everything"
        sets = 3
        """,
    )
    for words in (
        "none.npz", "damaged.npz", "missing.txt", "[count], window", "[count], tokenizer",
        "[[embed]] 1, d", "[[embed]] 3, d is an empty list",
        "[[embed]] 3, weights is of target 'mstar' alone",
        "[[embed]] 2 has both target and loss; make a table of each",
        "[ask], probes", "[ask] has no key 'sets'",
    ):  # fmt: skip
        assert sum(words in fault for fault in found) == 1, (words, found)


def test_combinations_that_are_too_many_are_refused_before_they_are_listed(folder):
    many = ", ".join(f"{k / 1000}" for k in range(1, 900))
    text = GOOD.replace("d = 2", f"d = 2\nnegatives = [{many}]\nexponent = [{many}]\nseed = [1, 2]")
    (found,) = faults(folder, text)
    number = 2 * 899 * 899
    assert found == (f"[[embed]] 1 has {number:,} combinations, more than the 100,000 of a sweep")


def test_5_and_5_0_are_one_task(folder):
    keys = [
        set(Plan(read(folder, GOOD.replace("d = 2", f"d = 2\nnegatives = {one}"))).tasks)
        for one in ("5", "5.0", "6")
    ]
    assert keys[0] == keys[1]
    assert not keys[0] & keys[2]


def test_a_loss_without_torch_is_refused_beforehand(folder, monkeypatch):
    monkeypatch.setattr("probes.sweep.grid_file.find_spec", lambda _: None)
    (found,) = faults(folder, GOOD.replace('target = "mstar"', 'loss = "sgns"'))
    assert found.startswith("[[embed]] 1, loss needs torch, which is not installed; install it")


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="losses need torch")
def test_a_key_of_a_target_in_a_table_of_a_loss(folder):
    (found,) = faults(folder, GOOD.replace('target = "mstar"', 'loss = "sgns"\nzeros = "exact"'))
    assert found == ("[[embed]] 1, zeros is not of a loss; drop it, or make a table of a target")


def test_counts_of_two_sides_that_differ_are_refused(folder):
    made = counts_from([[2, 1], [1, 0]], words=["a", "b"])
    made.save(folder / "tiny.npz")
    assert len(read(folder, GOOD.replace("counts.npz", "tiny.npz")).points()) == 1
    import repsearch as rs

    corpus = rs.encode(["a b a b", "b a a"], vocabulary_size=None)
    rs.count(corpus, rs.Window(2, left=0)).save(folder / "right.npz")
    (found,) = faults(folder, GOOD.replace("counts.npz", "right.npz"))
    assert "a sweep takes counts alike in both orders" in found


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[corpora\n", "is no TOML file"),
        (b"\xff\xfe", "is no TOML file"),
        (b"x = " + b"9" * 5000, "a number of thousands of digits"),
    ],
)
def test_what_is_no_toml(tmp_path, content, words):
    (tmp_path / "grid.toml").write_bytes(content)
    with pytest.raises(InputError, match=re.escape(words)):
        read_grid(tmp_path / "grid.toml")


def test_no_such_file(tmp_path):
    with pytest.raises(InputError, match=r"none\.toml does not exist; check the path"):
        read_grid(tmp_path / "none.toml")
    with pytest.raises(InputError, match="cannot read"):
        read_grid(tmp_path)
