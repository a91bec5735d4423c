"""Stages: what stands is skipped, and nothing else."""

from __future__ import annotations

import contextlib
import importlib.util

import pytest

from probes.reproduce.stages import Stages, key_of
from repsearch.storage import provenance
from repsearch.storage.keys import program_digest


def worked_out(stages: Stages, key: str, content: str = "seven") -> bool:
    """Work out a stage unless it stands; tell whether there was work."""
    with stages.stage("one", key) as (place, standing):
        if not standing:
            (place / "result.txt").write_text(content)
    return not standing


def test_a_stage_stands_until_its_key_changes(tmp_path):
    stages = Stages(tmp_path)
    assert worked_out(stages, "a")
    assert not worked_out(stages, "a")
    assert worked_out(stages, "b")
    assert worked_out(stages, "a")


def interrupted(stages: Stages, key: str, *, keep: bool = False) -> int:
    """Leave a part behind and no record; tell how many were there before."""
    before = 0
    with contextlib.suppress(KeyboardInterrupt), stages.stage("one", key, keep=keep) as (place, _):
        before = len(list(place.glob("part-*")))
        (place / f"part-{before}").write_text(key)
        raise KeyboardInterrupt
    return before


def test_what_was_interrupted_does_not_stand(tmp_path):
    stages = Stages(tmp_path)
    assert interrupted(stages, "a") == 0
    assert not stages.stands("one", "a")
    assert worked_out(stages, "a")
    assert not list((tmp_path / "stages" / "one").glob("part-*"))


def test_what_an_interrupted_run_left_is_kept_for_the_same_key_alone(tmp_path):
    stages = Stages(tmp_path)
    assert [interrupted(stages, key, keep=True) for key in ("a", "a", "a", "b")] == [0, 1, 2, 0]


@pytest.mark.parametrize("damage", ["changed", "gone", "record"])
def test_what_is_damaged_does_not_stand(tmp_path, damage):
    stages = Stages(tmp_path)
    worked_out(stages, "a")
    place = tmp_path / "stages" / "one"
    if damage == "changed":
        (place / "result.txt").write_text("eight")
    elif damage == "gone":
        (place / "result.txt").unlink()
    else:
        (place / "stage.json").write_text("{")
    assert worked_out(stages, "a")
    assert (place / "result.txt").read_text() == "seven"


def test_records_of_other_shapes_are_no_records(tmp_path):
    stages = Stages(tmp_path)
    worked_out(stages, "a")
    for content in ("[]", '{"key": "a"}', '{"key": "a", "files": []}'):
        (tmp_path / "stages" / "one" / "stage.json").write_text(content)
        assert not stages.stands("one", "a")


@pytest.mark.parametrize("damage", ["changed", "record"])
def test_what_had_ended_and_is_damaged_is_not_gone_on_with(tmp_path, damage):
    stages = Stages(tmp_path)
    with stages.stage("one", "a", keep=True) as (place, _):
        (place / "result.txt").write_text("seven")
    (place / ("result.txt" if damage == "changed" else "stage.json")).write_text("{")
    with stages.stage("one", "a", keep=True) as (place, standing):
        assert not standing
        assert {path.name for path in place.iterdir()} == {"begun.json"}
        (place / "result.txt").write_text("seven")
    assert stages.stands("one", "a")


def test_what_is_forgotten_does_not_stand(tmp_path):
    stages = Stages(tmp_path)
    stages.forget("one")
    worked_out(stages, "a")
    stages.forget("one")
    assert worked_out(stages, "a")


BASE: tuple[str, dict[str, int], dict[str, str]] = ("modes", {"d": 2}, {"counts": "c"})


def test_every_part_of_what_a_stage_rests_on_is_in_its_key():
    keys = {
        key_of(*BASE),
        key_of("ppmi", *BASE[1:]),
        key_of("modes", {"d": 3}, {"counts": "c"}),
        key_of("modes", {"d": 2}, {"counts": "other"}),
        key_of(*BASE, drawn=True),
    }
    assert len(keys) == 5


@pytest.mark.parametrize(
    ("package", "pictures_alone"),
    [("numpy", False), ("scipy", False), ("numba", False), ("scikit-learn", False),
     ("torch", False), ("matplotlib", True)],
)  # fmt: skip
def test_another_version_of_what_computes_is_another_key(monkeypatch, package, pictures_alone):
    before, drawn = key_of(*BASE), key_of(*BASE, drawn=True)
    versions = {**provenance.versions(), package: "0.0.1"}
    monkeypatch.setattr(provenance, "versions", lambda: versions)
    assert (key_of(*BASE) == before) is pictures_alone
    assert key_of(*BASE, drawn=True) != drawn


@pytest.mark.parametrize(
    "name", ["repsearch/one.made", "probes/room/two.made", "repsearch/data/three.made"]
)
def test_another_file_of_the_program_is_another_digest(tmp_path, monkeypatch, name):
    for package in ("repsearch", "probes"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
        (tmp_path / package / "__pycache__").mkdir()
    monkeypatch.setattr(
        "repsearch.storage.keys.find_spec",
        lambda package: importlib.util.spec_from_file_location(
            package, tmp_path / package / "__init__.py"
        ),
    )
    digests = [program_digest.__wrapped__("repsearch", "probes")]
    for path, content in (
        (tmp_path / name, "1"), (tmp_path / name, "2"), (tmp_path / "probes/__pycache__/x", "3"),
    ):  # fmt: skip
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
        digests.append(program_digest.__wrapped__("repsearch", "probes"))
    assert len(set(digests[:3])) == 3
    assert digests[2] == digests[3]
