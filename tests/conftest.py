"""Fixtures that tests of several rooms share."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import settings

# How long an example takes depends on what is compiled already and on what else the machine does.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def threads_left() -> Callable[[], list[str]]:
    """Names of the threads that were begun in this test and still run.

    Threads of other tests do not count: an executor ends only when it is
    collected, which may be during a later test.
    """
    before = set(threading.enumerate())
    return lambda: [each.name for each in threading.enumerate() if each not in before]
