"""A sweep: what points share is done once, what fails stops no other, and numbers are right."""

from __future__ import annotations

import csv
import importlib.util
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import probes
import repsearch as rs
from probes.reproduce.fewer_words import leading_words
from probes.sweep import work
from probes.sweep.grid_file import read_grid
from probes.sweep.sweep import Sweep
from probes.sweep.table import tidy, write_rows
from repsearch.data import carried_counts
from repsearch.errors import InputError
from repsearch.synthetic import BinaryAttributes

TEXT = "\n".join(" ".join(f"w{chr(97 + (k * m) % 23)}" for k in range(30)) for m in range(1, 40))


def sweep(folder: Path, text: str, out: str = "out", **more: Any) -> Sweep:
    path = folder / "grid.toml"
    path.write_text(text)
    return Sweep(folder / out, read_grid(path), **more)


def value(rows: list[dict[str, Any]], measure: str, of: str, **settings: Any) -> dict[str, Any]:
    (found,) = [
        row
        for row in rows
        if (row.get("measure"), row.get("of")) == (measure, of)
        and all(row.get(name) == one for name, one in settings.items())
    ]
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("sweep")
    leading_words(carried_counts(), 300).save(made / "counts.npz")
    (made / "text.txt").write_text(TEXT)
    return made


BOTH = """
[corpora]
counts = "counts.npz"

[[embed]]
target = ["mstar", "ppmi"]
d = [4, 10]
seed = [0, 1]

[ask]
probes = ["analogies", "similarity"]
"""


def test_numbers_are_those_of_the_steps_one_by_one(folder):
    swept = sweep(folder, BOTH, "numbers").run()
    counts = rs.Counts.open(folder / "counts.npz")
    relations, sets = probes.google_relations(), probes.similarity_sets()
    for target, matrix in (("mstar", rs.mstar(counts)), ("ppmi", rs.shifted_ppmi(counts))):
        for d in (4, 10):
            emb = rs.eigenpairs(matrix, d, dtype="float64").embeddings()
            alone = probes.analogies(emb, relations)
            for seed in (0, 1):
                point = {"target": target, "d": d, "seed": seed}
                row = value(swept.rows, "accuracy", "all questions", **point)
                # One answer of hundreds may be a tie to single precision.
                assert abs(row["value"] - alone.micro.value) < 2.5 / alone.questions
                assert row["low"] <= row["value"] <= row["high"]
                assert row["n"] == alone.questions
                one = probes.similarity(emb, sets["men3000"], seed=seed)
                row = value(swept.rows, "Spearman", "men3000", **point)
                assert row["value"] == pytest.approx(one.spearman.value, abs=2e-3)
                assert row["low"] == pytest.approx(one.spearman.low, abs=5e-3)
            share = value(swept.rows, "explained share", "squared norm", target=target, d=d, seed=0)
            dense = np.linalg.eigvalsh(matrix.dense())
            largest = np.sort(dense)[::-1][:d]
            assert share["value"] == pytest.approx((largest**2).sum() / (dense**2).sum(), rel=1e-4)


def test_what_points_share_is_one_task(folder):
    made = sweep(folder, BOTH)
    kinds = Counter(task.kind for task in made.plan.tasks.values())
    # Two targets have a spectrum each, of the largest d; seeds differ in resampling alone.
    assert kinds == {"solve": 2, "ask": 4 + 4 + 8}
    assert {task.settings["d"] for task in made.plan.tasks.values() if task.kind == "solve"} == {10}


def test_a_text_is_read_once_and_counted_once_a_window(folder):
    made = sweep(
        folder,
        """
        [corpora]
        text = "text.txt"
        [count]
        window = [1, 3]
        [[embed]]
        target = "mstar"
        d = 1
        [ask]
        probes = "isotropy"
        """,
        "windows",
    )
    kinds = Counter(task.kind for task in made.plan.tasks.values())
    assert kinds == {"encode": 1, "count": 2, "solve": 2, "ask": 4}
    swept = made.run()
    assert swept.failed == {}
    (note,) = swept.notes
    assert note.startswith("reading text.txt: the text has 23 distinct words, fewer than")
    assert made.run().notes == swept.notes
    for window in (1, 3):
        counts = rs.count(rs.encode(folder / "text.txt"), rs.Window(window))
        spectrum = rs.eigenpairs(rs.mstar(counts), 1)
        row = value(swept.rows, "first eigenvalue", "target", window=window, d=1)
        assert row["value"] == pytest.approx(float(spectrum.eigenvalues[0]), rel=1e-5)


def test_done_again_nothing_is_done_and_what_changed_is(folder):
    small = BOTH.replace('["analogies", "similarity"]', '"isotropy"').replace(", 1]", "]")
    first = sweep(folder, small, "again").run()
    again = sweep(folder, small, "again")
    assert again.waiting() == []
    repeated = again.run()
    assert (repeated.done, repeated.rows) == (0, first.rows)
    # More dimensions below the largest: the spectra stand.
    more = sweep(folder, small.replace("[4, 10]", "[4, 7, 10]"), "again")
    assert Counter(task.kind for task in more.waiting()) == {"ask": 4}
    # A larger one: another spectrum, and everything of it anew.
    larger = sweep(folder, small.replace("[4, 10]", "[4, 12]"), "again")
    assert Counter(task.kind for task in larger.waiting()) == {"solve": 2, "ask": 8}
    # A result that is damaged is worked out again, and what rests on it stands: the same key.
    (spectrum,) = [one for one in again.plan.tasks.values() if one.title.startswith("eig")][:1]
    (asked,) = again.plan.needing(spectrum.name)[:1]
    for name in (spectrum.name, asked.name):
        for file in (folder / "again" / "stages" / name).iterdir():
            if file.name != "stage.json":
                file.write_bytes(b"damaged")
    assert [task.name for task in again.waiting()] == [spectrum.name, asked.name]
    # What nothing needs any more is not worked out for its own sake.
    repaired = again.run()
    assert (repaired.done, repaired.rows) == (2, first.rows)
    (folder / "again" / "stages" / spectrum.name / "stage.json").unlink()
    assert again.waiting() == []


def test_other_counts_under_the_same_name_are_other_counts(folder, tmp_path):
    text = BOTH.replace('["analogies", "similarity"]', '"isotropy"')
    leading_words(carried_counts(), 100).save(tmp_path / "counts.npz")
    first = sweep(tmp_path, text).run()
    leading_words(carried_counts(), 101).save(tmp_path / "counts.npz")
    second = sweep(tmp_path, text)
    assert len(second.waiting()) == len(second.plan.tasks)
    assert second.run().rows != first.rows


def test_counts_that_change_between_planning_and_work_are_found_out(tmp_path):
    BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0).save(tmp_path / "counts.npz")
    made = sweep(tmp_path, BOTH.replace("[4, 10]", "2").replace("analogies", "isotropy"))
    BinaryAttributes([0.5, 0.3]).sample(10_000, seed=1).save(tmp_path / "counts.npz")
    work._opened.cache_clear()
    swept = made.run()
    assert len(swept.failed_points) == len(made.plan.points)
    assert all("was changed while the sweep went on" in why for why in swept.failed.values())


def test_a_text_that_changes_between_planning_and_work_is_found_out(tmp_path):
    (tmp_path / "text.txt").write_text(TEXT)
    text = '[corpora]\ntext = "text.txt"\n[[embed]]\ntarget = "mstar"\nd = 2\n'
    made = sweep(tmp_path, text)
    (tmp_path / "text.txt").write_text(TEXT * 2)
    (why,) = made.run().failed.values()
    assert why.endswith("text.txt was changed while the sweep went on; run it again")


def test_what_fails_stops_no_other_and_its_rows_say_why(tmp_path):
    # Four words of which two modes are positive; and a text that has not as many words as d.
    BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0).save(tmp_path / "counts.npz")
    (tmp_path / "text.txt").write_text("a b\n" * 50)
    made = sweep(
        tmp_path,
        """
        [corpora]
        counts = "counts.npz"
        text = "text.txt"
        [count]
        tokenizer = ["latin", "split"]
        [[embed]]
        target = "mstar"
        d = [1, 2, 4]
        """,
    )
    swept = made.run()
    by_point = {row["point"]: row for row in swept.rows if row["probe"] == "fit"}
    assert set(by_point) == set(range(1, 10))
    # No question can be asked of these words, in any point: the rows of the fit are there.
    why = {row["why"] for row in swept.rows if row["probe"] == "analogies"}
    assert len(why) > 1
    assert all(row["status"] == "failed" for row in swept.rows if row["probe"] == "analogies")
    assert all(row["value"] is None for row in swept.rows if row["status"] == "failed")
    text = [row for row in swept.rows if row["corpus"] == "text.txt" and row["d"] == 4]
    assert {row["why"] for row in text} == {"d is 4, more than the 2 words of the text"}
    assert set(swept.failed_points) == set(range(1, 10))
    # And the same, word for word, in another folder, with nothing of its name in it.
    assert sweep(tmp_path, (tmp_path / "grid.toml").read_text(), "other").run().rows == swept.rows


def test_an_error_that_is_no_users_fault_is_told_with_its_kind(folder, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("oh")

    monkeypatch.setitem(work._WORK, "solve", broken)
    swept = sweep(folder, BOTH, "broken").run()
    assert set(swept.failed.values()) == {"ZeroDivisionError: oh"}
    (why,) = {row["why"] for row in swept.rows if row["target"] == "ppmi"}
    assert why == "eigenpairs of PPMI of counts.npz: ZeroDivisionError: oh"


def test_ctrl_c_keeps_what_is_done(folder, monkeypatch):
    done = []
    as_it_is = work._WORK["ask"]

    def interrupted(job):
        if len(done) == 5:
            raise KeyboardInterrupt
        done.append(job)
        as_it_is(job)

    monkeypatch.setitem(work._WORK, "ask", interrupted)
    made = sweep(folder, BOTH, "interrupted")
    with pytest.raises(KeyboardInterrupt):
        made.run()
    assert len(made.standing()) == 1 + 5
    assert list((folder / "interrupted").glob(".work-*")) == []
    monkeypatch.setitem(work._WORK, "ask", as_it_is)
    swept = made.run()
    assert swept.done == len(made.plan.tasks) - 6
    assert swept.rows == sweep(folder, BOTH, "numbers").run().rows


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="losses need torch")
def test_a_minimum_is_that_of_minimise_and_says_where_it_did_not_converge(tmp_path):
    BinaryAttributes([0.4, 0.3]).sample(10_000, seed=0).save(tmp_path / "counts.npz")
    text = """
        [corpora]
        counts = "counts.npz"
        [[embed]]
        loss = ["sgns", "quartic"]
        weights = "unweighted"
        negatives = 1
        tied = [true, false]
        d = 2
        seed = [0, 1]
        [[embed]]
        loss = "sgns"
        d = 2
        iterations = 1
        [ask]
        probes = "similarity"
        """
    (tmp_path / "words.tsv").write_text("00\t01\t1\n00\t11\t2\n01\t11\t3\n10\t11\t4\n")
    swept = sweep(tmp_path, f'{text}similarity = "words.tsv"\n').run()
    counts = rs.Counts.open(tmp_path / "counts.npz")
    for tied in (True, False):
        for seed in (0, 1):
            settings = {"loss": "sgns", "tied": tied, "seed": seed, "weights": "unweighted"}
            row = value(swept.rows, "loss", "minimum", **settings)
            alone = rs.minimise(
                counts, 2, weighting=rs.Unweighted(), tied=tied, seed=seed,
                compute=rs.training.Compute(dtype="float32"),
            )  # fmt: skip
            assert row["value"] == alone.loss
            assert row["why"] is None
    row = value(swept.rows, "loss", "minimum", weights="word2vec.c")
    assert row["why"].startswith("not converged: out of iterations")


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="losses need torch")
def test_a_minimum_that_was_interrupted_is_no_result(tmp_path, monkeypatch):
    from repsearch.minimum.descent import Descent

    def stopped(self, *_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Descent, "_iterate", stopped)
    BinaryAttributes([0.4, 0.3]).sample(10_000, seed=0).save(tmp_path / "counts.npz")
    text = '[corpora]\ncounts = "counts.npz"\n[[embed]]\nloss = "sgns"\nd = 2\n'
    made = sweep(tmp_path, text)
    with pytest.raises(KeyboardInterrupt):
        made.run()
    assert made.standing() == set()


def test_the_table_is_tidy_and_reads_back(folder):
    swept = sweep(folder, BOTH, "numbers").run()
    written = write_rows(swept.rows, folder / "numbers")
    listed = json.loads((folder / "numbers" / "table.json").read_text())
    assert listed == tidy(swept.rows)
    with (folder / "numbers" / "table.csv").open() as stream:
        table = list(csv.DictReader(stream))
    assert [row["measure"] for row in table] == [row["measure"] for row in listed]
    # One row a point and measure.
    keys = [(row["point"], row["probe"], row["measure"], row["of"]) for row in listed]
    assert len(set(keys)) == len(keys)
    assert list(table[0])[:4] == ["point", "corpus", "window", "weighting"]
    if importlib.util.find_spec("pyarrow"):
        import pyarrow.parquet as pq

        assert [path.suffix for path in written] == [".csv", ".json", ".parquet"]
        assert pq.read_table(folder / "numbers" / "table.parquet").to_pylist() == listed


def test_without_pyarrow_no_table_of_another_sweep_stays(folder, tmp_path, monkeypatch):
    (tmp_path / "table.parquet").write_bytes(b"of another")
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    written = write_rows([{"point": 1, "probe": "fit", "value": 1.0}], tmp_path)
    assert [path.name for path in written] == ["table.csv", "table.json"]
    assert not (tmp_path / "table.parquet").exists()


def test_a_folder_that_cannot_be_written_is_refused(folder, tmp_path):
    (tmp_path / "file").write_text("")
    made = sweep(folder, BOTH)
    made.folder = tmp_path / "file" / "deep"
    with pytest.raises(InputError, match="cannot write"):
        made.run()
