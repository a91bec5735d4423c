"""The store of a run after kills and damage: it opens, or says what is wrong."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import strategies as _profile  # noqa: F401  (the profile without deadlines)
from hypothesis import given, settings
from hypothesis import strategies as st
from places import ROOT

pytest.importorskip("torch", reason="training needs the extra repsearch[torch]")

import killed_run
import torch
from killed_run import WORDS, begun, contents, go, row, stepped

from repsearch.errors import InputError
from repsearch.training.state import State
from repsearch.training.store.manifest import MANIFEST, Manifest
from repsearch.training.store.run_store import RunStore
from repsearch.training.store.run_writer import RunWriter
from repsearch.training.store.stored_run import StoredRun

STEPS = 16


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "undisturbed"
    go(folder, STEPS)
    return folder


@pytest.fixture
def copy(undisturbed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(undisturbed, tmp_path / "run"))


def create(folder: Path, **changed: Any) -> RunWriter:
    given = {"settings": {}, "words": WORDS, "state": begun(), **changed}
    return RunStore.create(folder, given["settings"], given["words"], given["state"])


def flip(path: Path, place: int = -1) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    contents = json.loads((folder / MANIFEST).read_text())
    change(contents)
    (folder / MANIFEST).write_text(json.dumps(contents))


# ---------------------------------------------------------------- what was written is read


def test_a_run_comes_back_as_it_was(undisturbed: Path) -> None:
    run = StoredRun(undisturbed)
    states = [begun()]
    for _ in range(STEPS):
        states.append(stepped(states[-1]))
    rows = run.rows()
    assert list(rows) == ["step", "time", "loss", "values"]
    assert rows["step"].tolist() == list(range(2, STEPS + 1, 2))
    assert rows["time"].tolist() == [state.time for state in states[2::2]]
    assert rows["loss"].tolist() == [row(state)["loss"] for state in states[2::2]]
    assert np.array_equal(rows["values"], [row(state)["values"] for state in states[2::2]])
    assert run.snapshot_steps.tolist() == [7, 14]
    assert run.snapshot_times.tolist() == [states[7].time, states[14].time]
    assert np.array_equal(run.snapshot(7), states[7].weights.numpy())
    assert run.words == WORDS
    assert run.settings == {"steps": STEPS}
    assert (run.step, run.time) == (STEPS, states[-1].time)
    last = run.last_state
    assert torch.equal(last.weights, states[-1].weights)
    assert (last.step, last.time, last.memory) == (STEPS, states[-1].time, states[-1].memory)
    run.verify()
    assert repr(run).endswith(f"step {STEPS}, time {run.time:.6g}, 8 rows, 2 snapshots)")


def test_equal_runs_are_equal_files(undisturbed: Path, tmp_path: Path) -> None:
    go(tmp_path / "run", STEPS)
    names = {path.name for path in undisturbed.iterdir()}
    assert {path.name for path in (tmp_path / "run").iterdir()} == names
    for name in names:
        assert (tmp_path / "run" / name).read_bytes() == (undisturbed / name).read_bytes()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(3, 2), (2, 3, 2)])
def test_weights_keep_their_type_and_bits(
    tmp_path: Path, dtype: torch.dtype, shape: tuple[int, ...]
) -> None:
    weights = torch.tensor([-0.0, 5e-324, 1e-45, math.pi, -math.inf, math.nan]).to(dtype)
    weights = weights.repeat(math.prod(shape) // 6).reshape(*shape[:-2], 2, 3).transpose(-1, -2)
    state = State(weights, 0, 0.1, {"nan": math.nan, "step size": -0.0})
    with create(tmp_path / "run", words=["ä", "\u2028", " "], state=state) as writer:
        writer.snapshot(state)
        writer.commit(state)
    run = StoredRun(tmp_path / "run")
    expected = weights.numpy()
    for found in (run.snapshot(0), run.last_state.weights.numpy()):
        assert found.dtype == expected.dtype
        assert found.tobytes() == np.ascontiguousarray(expected).tobytes()
    assert math.isnan(run.last_state.memory["nan"])
    assert math.copysign(1, run.last_state.memory["step size"]) == -1
    assert run.words == ("ä", "\u2028", " ")
    assert {name: len(column) for name, column in run.rows().items()} == {"step": 0, "time": 0}


@pytest.fixture
def patient_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody is killed nothing has to wait for the disk."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=12))
@settings(max_examples=30)
def test_what_was_committed_is_there_in_few_files(
    tmp_path_factory: pytest.TempPathFactory, lives: list[tuple[int, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("runs") / "run"
    create(folder).close()
    step, kept = 0, []
    for rows, committed in lives:
        writer, state = RunStore.resume(folder)
        with writer:
            new = [
                (step + k, np.nextafter(step, 9.0), np.sqrt(k) - 1e300) for k in range(1, 1 + rows)
            ]
            for number, time, value in new:
                writer.row(number, time, {"value": value})
            if committed:
                step += rows
                kept += new
                writer.commit(State(state.weights, step, float(step)))
    run = StoredRun(folder)
    found = run.rows()
    assert run.step == step
    assert (
        list(zip(*(found[name] for name in ("step", "time", "value") if kept), strict=True)) == kept
    )
    records = [entry.rows for entry in run.manifest.records]
    assert sum(records) == len(kept)
    assert len(records) <= len(kept).bit_length()


@pytest.mark.usefixtures("patient_disk")
def test_the_manifest_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    folder, sizes = tmp_path / "run", []
    with create(folder) as writer:
        for step in range(1, 201):
            writer.row(step, step, {"values": np.zeros(10)})
            writer.commit(State(begun().weights, step, float(step)))
            sizes.append((folder / MANIFEST).stat().st_size)
    one_file = (sizes[0] - len("{}")) / 4
    assert max(sizes) < sizes[0] + 9 * one_file  # 2^9 > 200
    assert len(list(folder.iterdir())) < 9 + 4


def test_settings_can_be_changed(copy: Path) -> None:
    writer, _ = RunStore.resume(copy)
    with writer:
        assert writer.settings == {"steps": STEPS}
        writer.change({"steps": 20, "more": [1.5, None]})
        assert StoredRun(copy).settings == writer.settings == {"steps": 20, "more": [1.5, None]}
    go(copy, 20)
    StoredRun(copy).verify()


# ---------------------------------------------------------------- killed


def test_killed_at_random_moments_it_ends_at_the_same_bits(tmp_path: Path) -> None:
    script = Path(killed_run.__file__)
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path), "8"],
        env={**os.environ, "PYTHONPATH": str(script.parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["equal to the bit"] is True
    assert report["leftovers at the end"] == 0
    assert report["kills"] == len(report["committed at each kill"]) == 8
    assert sorted(report["committed at each kill"]) == report["committed at each kill"]


class Killed(BaseException):
    """No `except Exception` may survive it."""


class Death:
    """After so many calls that touch the disk, this one and all later ones fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, after: float) -> None:
        self.calls, self.after = 0, after
        for name in ("replace", "unlink", "link"):
            monkeypatch.setattr(os, name, self._deadly(getattr(os, name)))
        monkeypatch.setattr(os, "fsync", self._deadly(lambda _: None))

    def _deadly(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            if self.calls > self.after:
                raise Killed
            return function(*arguments, **named)

        return call


def deaths(run: Callable[[], object]) -> Iterator[int]:
    """Let `run` die at each of its calls in turn; gives their numbers."""
    number = 0
    while True:
        with pytest.MonkeyPatch.context() as monkeypatch:
            death = Death(monkeypatch, number)
            try:
                run()
            except Killed:
                pass
            else:
                assert number > 40, "the calls were not seen"
                return
            assert death.calls > number
        yield number
        number += 1


def test_killed_at_every_call_that_touches_the_disk(undisturbed: Path, tmp_path: Path) -> None:
    folder, expected = tmp_path / "run", contents(undisturbed)
    names = {path.name for path in undisturbed.iterdir()}
    for number in deaths(lambda: go(folder, STEPS)):
        if (folder / MANIFEST).exists():
            run = StoredRun(folder)
            run.verify()
            assert run.rows()["step"].tolist() == list(range(2, run.step + 1, 2)), number
            assert run.snapshot_steps.tolist() == list(range(7, run.step + 1, 7)), number
        (folder / ".lock").unlink(missing_ok=True)  # its process, this one, is not dead
        go(folder, STEPS)
        assert contents(folder) == expected, number
        assert {path.name for path in folder.iterdir()} == names, number
        shutil.rmtree(folder)


def test_killed_at_every_call_of_a_life_after_another(undisturbed: Path, tmp_path: Path) -> None:
    """Resuming clears, merges and removes, and may be killed in that as well."""
    folder, half = tmp_path / "run", tmp_path / "half"
    expected = contents(undisturbed)

    class StopError(Exception):
        pass

    def stop_at(step: int) -> Callable[[], None]:
        left = iter(range(step))

        def stop() -> None:
            if next(left, None) is None:
                raise StopError

        return stop

    with pytest.raises(StopError):
        go(half, STEPS, stop_at(8))
    assert StoredRun(half).step == 6
    assert (half / "snapshot-00000007.safetensors").exists()  # not committed
    shutil.copytree(half, folder)
    for number in deaths(lambda: go(folder, STEPS)):
        StoredRun(folder).verify()
        (folder / ".lock").unlink(missing_ok=True)
        go(folder, STEPS)
        assert contents(folder) == expected, number
        shutil.rmtree(folder)
        shutil.copytree(half, folder)


# ---------------------------------------------------------------- damaged


@pytest.mark.parametrize("kind", ["words", "state", "records", "snapshot"])
@pytest.mark.parametrize("damage", ["flipped", "cut", "missing"])
def test_a_damaged_file_is_named(copy: Path, kind: str, damage: str) -> None:
    path = sorted(copy.glob(f"{kind}*"))[-1]
    if damage == "flipped":
        flip(path)
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-3])
    else:
        path.unlink()
        with pytest.raises(InputError, match=rf"{path.name}, which .* names, is missing; .*copy"):
            StoredRun(copy)
        return
    run = StoredRun(copy)
    with pytest.raises(InputError, match=rf"run is damaged: {path.name} missing or .*checksum"):
        run.verify()
    read: dict[str, Callable[[], object]] = {
        "words": lambda: run.words,
        "state": lambda: run.last_state,
        "records": run.rows,
        "snapshot": lambda: run.snapshot(14),
    }
    for name, function in read.items():
        if name == kind:
            with pytest.raises(InputError, match=rf"{path.name} is damaged: .*; restore it"):
                function()
        else:
            function()


def test_the_older_state_stands_in_for_a_damaged_one(copy: Path, undisturbed: Path) -> None:
    flip(copy / StoredRun(copy).manifest.states[-1].file)
    with pytest.warns(UserWarning, match="is damaged.*going on from step 15"):
        writer, state = RunStore.resume(copy)
    writer.close()
    assert state.step == 15
    assert StoredRun(copy).rows()["step"].max() == 14
    go(copy, STEPS)
    assert contents(copy) == contents(undisturbed)


def test_two_damaged_states_are_too_many(copy: Path) -> None:
    for entry in StoredRun(copy).manifest.states:
        flip(copy / entry.file)
    with pytest.raises(InputError, match=r"state-.* is damaged"):
        RunStore.resume(copy)
    assert not (copy / ".lock").exists()


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_of_the_manifest_is_seen(undisturbed: Path, place: float, bit: int) -> None:
    whole = (undisturbed / MANIFEST).read_bytes()
    content = bytearray(whole)
    content[int(place * len(whole))] ^= 1 << bit
    expected = Manifest.read(undisturbed)
    (undisturbed / MANIFEST).write_bytes(content)
    try:
        # White space may change, and nothing else.
        assert Manifest.read(undisturbed) == expected
    except InputError as error:
        assert "damaged" in str(error) or "newer" in str(error)  # noqa: PT017
    finally:
        (undisturbed / MANIFEST).write_bytes(whole)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.update(version=999), "is of version 999, this program reads up to version 1"),
        (lambda m: m.update(format="spectrum"), "is no manifest of a run; restore"),
        (lambda m: m.update(settings={"steps": 17}), "was altered"),
        (lambda m: m["states"].clear(), "was altered"),
        (lambda m: m["words"].update(file="../words.txt"), "was altered"),
        (lambda m: m.clear(), "is damaged"),
    ],
)
def test_a_manifest_that_is_not_ours(
    copy: Path, change: Callable[..., object], message: str
) -> None:
    rewrite(copy, change)
    with pytest.raises(InputError, match=message):
        StoredRun(copy)
    with pytest.raises(InputError, match=message):
        RunStore.resume(copy)


def sign(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest and give it a checksum that is right."""
    contents = json.loads((folder / MANIFEST).read_text())
    contents.pop("sha256")
    change(contents)
    text = json.dumps(contents, sort_keys=True)
    signed = {**contents, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    (folder / MANIFEST).write_text(json.dumps(signed))


def entry(what: str, **changed: Any) -> Callable[[dict[str, Any]], object]:
    return lambda m: m[what][-1].update(changed)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.update(version="1" * 5000), "is no manifest|lacks|was altered"),
        (lambda m: m.update(version=True), "is no manifest|was altered"),
        (lambda m: m.update(commit="3"), "commit is '3', which is no whole number"),
        (lambda m: m.update(commit=-1), "commit is -1, less than 0"),
        (lambda m: m.update(commit=10**30), "commit is 10{30}, more than"),
        (lambda m: m.update(settings=[]), r"settings is \[\], which is no record"),
        (lambda m: m.update(columns=None), "columns is None, which is no record"),
        (lambda m: m["columns"].update(loss=3), "the column 'loss' has the shape 3"),
        (lambda m: m["columns"].update(loss=[-1]), r"the column 'loss' has the shape \[-1\]"),
        (lambda m: m["columns"].update(loss=["a"]), r"the column 'loss' has the shape \['a'\]"),
        (lambda m: m.update(words=[]), r"words is \[\], which is no record"),
        (lambda m: m.update(states={}), r"states is \{\}, which is no list"),
        (lambda m: m.update(states=[]), "it has 0 states, not one or two"),
        (lambda m: m["states"].append(m["states"][-1]), "it has 3 states"),
        (lambda m: m["states"].append(3), "an entry of states is no record"),
        (lambda m: m["states"][0].pop("step"), "an entry of states lacks step"),
        (entry("states", step=None), "step is None, which is no whole number"),
        (entry("states", step=2.5), "step is 2.5, which is no whole number"),
        (entry("states", step=10**400), "step is a?.*, more than"),
        (entry("states", time="1"), "time is '1', which is no number"),
        (entry("states", time=10**400), "which is no number"),
        (entry("states", time=-1.0), "time is -1.0, less than 0"),
        (entry("states", rows=[]), r"rows is \[\], which is no whole number"),
        (entry("states", file=7), "file is 7, which is no text"),
        (entry("states", file="words.txt"), "an entry of states names the file 'words.txt'"),
        (entry("states", file="../state-00000001.safetensors"), "names the file"),
        (entry("states", sha256=None), "sha256 is None, which is no text"),
        (entry("states", sha256="0"), "checksum is wrong"),
        (entry("states", more=1), "an entry of states has fields of its own"),
        (entry("snapshots", step=0), "the steps of its snapshots do not increase"),
        (entry("records", step=0), "the steps of its records do not increase"),
        (entry("records", rows=10**12), r"has shape \(.*\), not \(10{12}\)"),
        (lambda m: m["columns"].update(loss=[5]), "loss has shape"),
        (lambda m: m["columns"].update(grief=[]), "it lacks grief"),
    ],
)
def test_a_signed_manifest_that_makes_no_sense_is_refused(
    copy: Path, change: Callable[..., object], message: str
) -> None:
    sign(copy, lambda m: m)
    StoredRun(copy).rows()
    sign(copy, change)

    def read() -> None:
        run = StoredRun(copy)
        run.rows()
        _ = run.last_state

    with pytest.raises(InputError, match=message) as caught:
        read()
    assert str(copy) in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b'{"version": ' + b"9" * 5000 + b"}", b'{"format": NaN}']
)
def test_a_manifest_that_python_cannot_follow_is_refused(copy: Path, content: bytes) -> None:
    (copy / MANIFEST).write_bytes(content)
    with pytest.raises(InputError, match="is damaged"):
        StoredRun(copy)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", b'{"format": 1}'])
def test_a_manifest_that_is_none(copy: Path, content: bytes) -> None:
    (copy / MANIFEST).write_bytes(content)
    with pytest.raises(InputError, match="is damaged"):
        StoredRun(copy)


def test_no_run(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(InputError, match=r"holds no run: there is no manifest\.json in it"):
            StoredRun(folder)
        with pytest.raises(InputError, match="holds no run"):
            RunStore.resume(folder)
    assert list(tmp_path.iterdir()) == []


def test_a_manifest_never_names_files_elsewhere(copy: Path) -> None:
    manifest = Manifest.read(copy)
    state = manifest.states[-1]
    with pytest.raises(ValueError, match=r"\.\./"):
        type(state)("../state-00000001.safetensors", state.sha256)


# ---------------------------------------------------------------- two at a time


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with create(folder) as writer:
        with pytest.raises(
            InputError, match=rf"process {os.getpid()} on .* is at work on {folder}"
        ):
            RunStore.resume(folder)
        program = (
            "import sys; from repsearch.training.store.run_store import RunStore\n"
            "RunStore.resume(sys.argv[1])"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, str(folder)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert f"process {os.getpid()} on" in done.stderr
        writer.row(1, 0.5, {"loss": 1.0})
        writer.commit(State(begun().weights, 1, 0.5))
    second, state = RunStore.resume(folder)
    assert state.step == second.last_row == 1
    with second, pytest.raises(InputError, match="is closed; resume the run"):
        writer.commit(state)


def test_a_reader_of_a_run_that_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with create(folder) as writer:
        for step in (1, 2):
            writer.row(step, float(step), {"loss": 1.0})
            writer.commit(State(begun().weights, step, float(step)))
            if step == 1:
                reader = StoredRun(folder)
    with pytest.raises(InputError, match="is missing; open the run again if it is still being"):
        reader.rows()
    assert len(StoredRun(folder).rows()["step"]) == 2


def test_a_commit_between_manifest_and_files_is_followed(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Manifest.read(copy)
    go(copy, STEPS + 6)
    read = Manifest.read
    answers = iter([old])
    monkeypatch.setattr(Manifest, "read", lambda folder: next(answers, None) or read(folder))
    assert StoredRun(copy).step == STEPS + 6


# ---------------------------------------------------------------- refusals


def test_a_folder_that_holds_anything_is_refused(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds a run already; resume it"):
        create(copy)
    (copy / MANIFEST).unlink()
    with pytest.raises(InputError, match=r"holds 'records-.*choose a new or empty folder"):
        create(copy)
    other = tmp_path / "other"
    other.mkdir()
    (other / "words.txt").write_text("mine")
    with pytest.raises(InputError, match=r"holds 'words\.txt'; choose"):
        create(other)
    assert (other / "words.txt").read_text() == "mine"
    with pytest.raises(InputError, match="a file of that name is in the way"):
        create(other / "words.txt")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"settings": {"a": math.inf}}, "the settings are no JSON: .*to_json"),
        ({"settings": {"a": object()}}, "the settings are no JSON"),
        ({"settings": {"a": (1, 2)}}, "would not come back"),
        ({"settings": {1: 2}}, "would not come back"),
        ({"words": WORDS[1:]}, r"shape \(40, 5\) and there are 39 words"),
        ({"words": ("", *WORDS[1:])}, "word '' is empty"),
        ({"words": ("a\nb", *WORDS[1:])}, r"word 'a\\nb' is empty or holds a newline"),
        ({"state": State(torch.zeros(40))}, r"shape \(40,\)"),
        ({"state": State(torch.zeros(40, 2), 0, math.nan)}, "the time is nan"),
    ],
)
def test_what_cannot_be_begun(tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        create(tmp_path / "run", **changed)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_recorded(copy: Path) -> None:
    writer, state = RunStore.resume(copy)
    values = row(state)
    moved = State(state.weights, 20, 2.0)
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: writer.row(STEPS, 9.0, values), "a row of step 16 comes after that of step 16"),
        (lambda: writer.row(17.0, 9.0, values), r"a row of step 17\.0"),  # type: ignore[arg-type]
        (lambda: writer.row(17, math.inf, values), "the time is inf"),
        (lambda: writer.row(17, 9.0, {"loss": 1.0}), "record the same in all of a run"),
        (lambda: writer.row(17, 9.0, {**values, "values": [1.0]}), "shapes"),
        (lambda: writer.row(17, 9.0, {**values, "step": 1.0}), "named 'step' or 'time'"),
        (lambda: writer.snapshot(State(state.weights, 14)), "a snapshot of step 14 comes after"),
        (lambda: writer.snapshot(State(state.weights[1:], 17)), r"shape \(39, 5\), those of the"),
        (lambda: writer.commit(State(state.weights, 15)), "step 16 is in the run already"),
        (lambda: writer.commit(State(state.weights, 17, math.nan)), "the time is nan"),
        (lambda: writer.change({"a": math.nan}), "no JSON"),
    ]
    with writer:
        for call, message in cases:
            with pytest.raises(InputError, match=message):
                call()
        writer.row(18, 1.0, values)
        with pytest.raises(InputError, match="step 18 is in the run already"):
            writer.commit(State(state.weights, 17))
        writer.commit(moved)
    assert StoredRun(copy).rows()["step"][-1] == 18
    with pytest.raises(InputError, match="has no snapshot of step 8; those it has: 7, 14"):
        StoredRun(copy).snapshot(8)


# ---------------------------------------------------------------- a disk that does not want


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder(copy: Path, undisturbed: Path) -> None:
    copy.chmod(0o555)
    try:
        assert contents(copy) == contents(undisturbed)
        with pytest.raises(InputError, match="no permission to write there"):
            RunStore.resume(copy)
    finally:
        copy.chmod(0o755)


def test_a_full_disk_stops_a_commit_that_may_be_tried_again(
    undisturbed: Path, tmp_path: Path
) -> None:
    """At each of the calls of a commit; what was there before stays."""
    expected = contents(undisturbed)
    for number in range(6):
        folder = tmp_path / str(number)
        shutil.copytree(undisturbed, folder)
        writer, state = RunStore.resume(folder)
        after = stepped(stepped(state))
        with writer:
            writer.row(after.step, after.time, row(after))
            with pytest.MonkeyPatch.context() as monkeypatch:
                calls = iter([None] * number)

                def full(_: int, calls: Iterator[None] = calls) -> None:
                    if next(calls, ...) is ...:
                        raise OSError(errno.ENOSPC, "No space left on device")

                monkeypatch.setattr(os, "fsync", full)
                with pytest.raises(InputError, match=r"cannot write .*: the disk is full; free"):
                    keep(writer, after)
            StoredRun(folder).verify()
            assert contents(folder) == expected or number == 5  # the manifest was there by then
            keep(writer, after)
        assert StoredRun(folder).rows()["step"][-1] == StoredRun(folder).step == after.step
        StoredRun(folder).verify()


def keep(writer: RunWriter, state: State) -> None:
    if writer.last_snapshot < state.step:
        writer.snapshot(state)
    writer.commit(state)


def test_a_file_larger_than_allowed(copy: Path, undisturbed: Path) -> None:
    writer, state = RunStore.resume(copy)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with writer:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
        try:
            with pytest.raises(InputError, match="the limit of this process"):
                writer.commit(state)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert contents(copy) == contents(undisturbed)
