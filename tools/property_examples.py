"""Note, as a pytest plugin, which property a test is for and how many examples it ran.

Of a Hypothesis test the runs of its body are counted, without those that an
``assume`` gave up; any other test is one example, or one for each set of its
parameters. The notes travel in the reports' user properties, under the names
``theory`` and ``examples``, so that they also arrive from the processes of pytest-xdist.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import wraps
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.errors import StopTest, UnsatisfiedAssumption


def pytest_configure(config: pytest.Config) -> None:
    """Same examples on every run: seeds from the tests' source, no memory of earlier failures."""
    config.addinivalue_line("markers", "theory(number, statement, tolerance): a property")
    settings.register_profile("property-table", derandomize=True, database=None, deadline=None)
    settings.load_profile("property-table")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Check the markers and note what they say."""
    for item in items:
        for marker in reversed(list(item.iter_markers("theory"))):
            item.user_properties.append(("theory", property_of(item.nodeid, marker)))


def property_of(name: str, marker: pytest.Mark) -> list[Any]:
    """Number, statement and tolerance of ``@pytest.mark.theory``."""
    given = dict(zip(("number", "statement", "tolerance"), marker.args, strict=False))
    given |= marker.kwargs
    number, *texts = (given.get(key) for key in ("number", "statement", "tolerance"))
    fits = len(given) == len(marker.args) + len(marker.kwargs) == 3
    if not fits or not isinstance(number, int) or not all(isinstance(t, str) for t in texts):
        raise pytest.UsageError(
            f"{name} has a marker theory{marker.args} {marker.kwargs}; "
            'write theory(NUMBER, "statement", tolerance="in words")'
        )
    return [number, *(" ".join(str(text).split()) for text in texts)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Count the examples of one test."""
    handle = getattr(getattr(item, "obj", None), "hypothesis", None)
    if handle is None:
        item.user_properties.append(("examples", 1))
        return (yield)
    body = handle.inner_test
    counter = _Counter(body)
    handle.inner_test = counter.counted
    try:
        return (yield)
    finally:
        handle.inner_test = body
        item.user_properties.append(("examples", counter.n))


class _Counter:
    def __init__(self, body: Callable[..., object]) -> None:
        self.n = 0

        # Under the body's name and signature, which Hypothesis looks at.
        @wraps(body)
        def counted(*args: Any, **kwargs: Any) -> object:
            try:
                result = body(*args, **kwargs)
            except (UnsatisfiedAssumption, StopTest):  # given up, or too much was drawn
                raise
            except BaseException:
                self.n += 1
                raise
            self.n += 1
            return result

        self.counted = counted
