"""``repsearch topics``: the same as ``repsearch probe topics``."""

from __future__ import annotations

from repsearch.cli.probe.topics import topics

__all__ = ["topics"]
