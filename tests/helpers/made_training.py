"""A small result of every class of `probes.emergence`, `theory_check` and `studies`."""

from __future__ import annotations

from collections.abc import Callable

from probes.result import Result

MADE: dict[type[Result], Callable[[], Result]] = {}
