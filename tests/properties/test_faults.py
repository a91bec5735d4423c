"""Three planted faults are found, with counterexamples small enough to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import strategies as _profile  # noqa: F401 (loads the settings of the tests)
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from repsearch import dynamics
from repsearch.counts.window import Window
from repsearch.testing.check import Check
from repsearch.testing.checks import counting, flow, targets
from repsearch.testing.strategies import (
    Operator,
    aligned_modes,
    documents,
    symmetric_operators,
    times,
    windows,
)

Real = NDArray[np.float64]

# ------------------------------------------------------------------ faults


def grows_downwards(values: Real, start: Real, at: Real) -> Real:
    """The logistic curve of each mode, with the sign of the exponent wrong."""
    e = np.exp(-values * at[:, None])
    return np.sqrt(start**2 * values * e / (values + start**2 * (e - 1)))


def by_magnitude(matrix: Real, d: int) -> tuple[Real, Real]:
    """The top d eigenpairs as an SVD orders them."""
    values, vectors = np.linalg.eigh(matrix)
    top = np.argsort(-np.abs(values), kind="stable")[:d]
    return values[top], vectors[:, top]


def by_signed_value(matrix: Real, d: int) -> tuple[Real, Real]:
    values, vectors = np.linalg.eigh(matrix)
    return values[::-1][:d], vectors[:, ::-1][:, :d]


def from_top(drawn: tuple[Operator, int]) -> tuple[Real, int]:
    return drawn[0].matrix, drawn[1]


def stops_early(texts: Sequence[str], window: Window) -> dict[tuple[str, str], int]:
    """A counter whose centres stop one window before a document ends, as the reference's do."""
    found: dict[tuple[str, str], int] = {}
    for text in texts:
        words = text.split()
        for here in range(len(words) - window.size - 1):
            for distance, weight in enumerate(window.weights, start=1):
                one, other = words[here], words[here + distance]
                for pair in [(one, other), (other, one)]:
                    found[pair] = found.get(pair, 0) + weight
    return found


# --------------------------------------------------- checks and their inputs


@dataclass(frozen=True)
class Fault:
    """Something wrong, and the check that is to find it on random inputs."""

    inputs: st.SearchStrategy[Any]
    check: Callable[[Any, Any], Check]
    wrong: Any
    right: Any
    words: Callable[[Any], int]

    def is_found_in(self, drawn: Any) -> bool:
        with np.errstate(all="ignore"):
            return not self.check(drawn, self.wrong)


@st.composite
def tops(draw: st.DrawFn) -> tuple[Operator, int]:
    operator = draw(symmetric_operators(6))
    return operator, draw(st.integers(1, len(operator.eigenvalues)))


FAULTS = {
    "a wrong sign in the logistic curve": Fault(
        st.tuples(aligned_modes(signs="positive"), times(latest=4.0)),
        lambda drawn, solution: flow.aligned(*drawn[0], drawn[1], solution=solution),
        grows_downwards,
        dynamics.aligned_singular_values,
        lambda drawn: len(drawn[0][0]),
    ),
    "eigenvalues ordered by magnitude": Fault(
        tops(),
        lambda drawn, solver: targets.top_by_signed_value(*from_top(drawn), solver=solver),
        by_magnitude,
        by_signed_value,
        lambda drawn: len(drawn[0].eigenvalues),
    ),
    "a lost window at a document's end": Fault(
        st.tuples(documents(), windows()),
        lambda drawn, counter: counting.counts_of(*drawn, counter=counter),
        stops_early,
        None,
        lambda drawn: len({word for text in drawn[0] for word in text.split()}),
    ),
}

THOROUGH = settings(
    max_examples=1000,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],  # to explain them takes long, and more lines
)
named = pytest.mark.parametrize("name", FAULTS)


@named
def test_smallest_counterexample_can_be_read(name: str) -> None:
    fault = FAULTS[name]
    smallest = find(fault.inputs, fault.is_found_in, settings=THOROUGH)
    assert fault.words(smallest) <= 4
    assert len(repr(smallest).splitlines()) <= 8
    with np.errstate(all="ignore"):
        report = repr(fault.check(smallest, fault.wrong))
    assert report.startswith("FAILS: ")
    assert len(report.splitlines()) <= 8
    assert fault.check(smallest, fault.right)


@named
def test_failing_test_prints_few_lines(name: str) -> None:
    fault = FAULTS[name]

    @THOROUGH
    @given(drawn=fault.inputs)
    def theory(drawn: Any) -> None:
        with np.errstate(all="ignore"):
            assert fault.check(drawn, fault.wrong)

    with pytest.raises(AssertionError) as caught:
        theory()
    (note,) = [n for n in caught.value.__notes__ if "theory(" in n]
    assert len(note.strip().splitlines()) <= 8
