"""Fixtures that tests of several rooms share."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest


@pytest.fixture
def threads_left() -> Callable[[], list[str]]:
    """Names of the threads that were begun in this test and still run.

    Threads of other tests do not count: an executor ends only when it is
    collected, which may be during a later test.
    """
    before = set(threading.enumerate())
    return lambda: [each.name for each in threading.enumerate() if each not in before]
