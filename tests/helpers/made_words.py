"""A small result of every class of `probes.analogy`, `similarity`, `topics` and `modes`."""

from __future__ import annotations

from collections.abc import Callable

from probes.result import Result

MADE: dict[type[Result], Callable[[], Result]] = {}
