"""Without a terminal a line now and then: never nothing for long, and never many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from repsearch.cli.amounts import clock
from repsearch.cli.bars import Bars
from repsearch.cli.lines import FIRST, MOST, Lines


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def made() -> tuple[Lines, Clock, list[str]]:
    clock, said = Clock(), []
    return Lines(said.append, clock), clock, said


def test_short_commands_say_nothing() -> None:
    lines, clock, said = made()
    for k in range(9):
        clock.now += 1
        lines("counting", k, 8, "tokens")
    assert said == []


def test_how_far_how_fast_and_how_long_yet() -> None:
    lines, clock, said = made()
    lines("training | loss 2", 0, 100, "steps")
    clock.now += 20
    lines("training | loss 1", 25, 100, "steps")
    assert said == ["training: loss 1: 25 %, 1.2 steps/s, 1:00 left, 0:20 so far"]
    clock.now += 60
    lines("training | loss 1", 100, 100, "steps")
    assert said[1:] == ["training: took 1:20"]


def test_a_stage_that_says_nothing_is_told_of() -> None:
    lines, clock, said = made()
    clock.now += 11
    lines.tick()
    lines("reading", 5, None, "bytes")
    clock.now += 11
    lines.tick()
    assert said == ["working, 0:11 so far", "reading: 0:22 so far"]


def test_what_was_done_before_does_not_count_for_the_rate() -> None:
    lines, clock, said = made()
    lines("training", 90, 100, "flow time")  # resumed
    clock.now += 10
    lines("training", 95, 100, "flow time")
    assert said == ["training: 95 %, 0.5 flow time/s, 0:10 left, 0:10 so far"]


@given(st.lists(st.floats(0.01, 1000), min_size=1, max_size=300))
def test_never_two_within_ten_seconds_and_never_none_in_five_minutes(waits: list[float]) -> None:
    lines, clock, said = made()
    times = [clock.now]
    for wait in waits:
        before, clock.now = clock.now, clock.now + wait
        number = len(said)
        lines.tick()
        if len(said) > number:
            assert clock.now - times[-1] >= FIRST
            times.append(clock.now)
        # Due at the latest when it was last looked, or since.
        assert before - times[-1] < MOST


def test_bars_are_lines_where_nobody_watches(capsys) -> None:
    with Bars() as bars:
        bars("counting", 1, 2, "tokens")
        bars("counting", 2, 2, "tokens")
    assert capsys.readouterr() == ("", "")


def test_a_clock_rounds_to_seconds() -> None:
    assert [clock(x) for x in (0.4, 59.6, 3599.7)] == ["0:00", "1:00", "1:00:00"]


def test_a_stage_that_comes_again_is_told_of_anew() -> None:
    """The second training of a command was "working" for hours."""
    lines, clock, said = made()
    lines("training", 0, 100, "steps")
    clock.now += 20
    lines("training", 100, 100, "steps")
    clock.now += 5
    lines("training", 0, 50, "steps")
    clock.now += 10
    lines("training", 10, 50, "steps")
    clock.now += 40
    lines("training", 50, 50, "steps")
    assert said == [
        "training: took 0:20",
        "training: 20 %, 1 steps/s, 0:40 left, 0:35 so far",
        "training: took 0:50",
    ]


def test_a_bar_of_a_stage_that_comes_again_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("repsearch.cli.bars.Console", lambda **_: Console(force_terminal=True))
    bars = Bars()
    bars("training", 0, 10, "steps")
    bars("training", 10, 10, "steps")
    (task,) = bars._bars.tasks
    assert task.finished
    bars("training", 1, 20, "steps")
    (task,) = bars._bars.tasks
    assert not task.finished
    assert task.total == 20
