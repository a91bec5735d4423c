"""Fixtures that tests of several rooms share."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest
from hypothesis import settings

if "PYTEST_XDIST_WORKER" in os.environ:
    # Before torch is imported: its threads would wait for each other's processors, a sixth more
    # work in the tests of language models. BLAS keeps the number it has without this, for tests
    # that results do not depend on it; so do tests that set numbers of threads themselves.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", str(os.cpu_count()))
    os.environ.setdefault("OMP_NUM_THREADS", "1")

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
