"""Stages: what stands is skipped, and nothing else."""

from __future__ import annotations

import contextlib
import json

import pytest

from probes.reproduce.stages import Stages, key_of


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


def test_every_part_of_what_a_stage_rests_on_is_in_its_key():
    base = ("modes", {"d": 2}, {"counts": "c"})
    keys = {
        key_of(*base, worked_out),
        key_of("ppmi", *base[1:], worked_out),
        key_of("modes", {"d": 3}, {"counts": "c"}, worked_out),
        key_of("modes", {"d": 2}, {"counts": "other"}, worked_out),
        key_of(*base, json.loads),
    }
    assert len(keys) == 5
