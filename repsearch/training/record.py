"""What is recorded of a run, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.parallel import one_blas_thread
from repsearch.spectrum.spectrum import Spectrum
from repsearch.training.protocols import Objective
from repsearch.training.schedules import AnyOf, Schedule
from repsearch.training.state import State

Real = NDArray[np.float64]
Measure = Callable[[Embeddings], Mapping[str, float]]
_OWN = ("step", "time", "loss", "singular_values", "overlap")


@dataclass(frozen=True, eq=False, kw_only=True)
class Record:
    """What is recorded, and when.

    Parameters
    ----------
    when : Schedule
        When a row is recorded, of the numbers below.
    snapshots : Schedule
        When all weights are kept; never by default.
    loss : bool
        The loss, of a stochastic objective that of the step's batch.
    singular_values : bool
        Those of W, or of A B^T = W W'^T if untied: (d,), decreasing.
    overlap : Spectrum, optional
        The theory's modes. For k = 1..K, K the lesser of d and their number,
        (1/k) ||V_k^T V*_k||_F^2, the share of the first k modes that lies in the span of
        the first k left singular vectors of W (of the words' ones if untied).
    measures : mapping of str to callable
        From `Embeddings` of the words to named numbers, such as the accuracy of
        analogies by category. Each is recorded as ``measure/number``, and must give the
        same names each time.

    Raises
    ------
    InputError
        A name that is taken, something that cannot be called or is no schedule.
    """

    when: Schedule
    snapshots: Schedule = field(default_factory=lambda: AnyOf(()))
    loss: bool = True
    singular_values: bool = True
    overlap: Spectrum | None = None
    measures: Mapping[str, Measure] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("when", "snapshots"):
            if not isinstance(getattr(self, name), Schedule):
                raise InputError(
                    f"{name} is {getattr(self, name)!r}; pass a schedule, such as Every(100)"
                )
        for name, measure in dict[str, object](self.measures).items():
            if not callable(measure) or not name or name in _OWN:
                raise InputError(
                    f"the measure {name!r} is {measure!r}; pass a function of embeddings, under a "
                    f"name other than {', '.join(_OWN)}"
                )

    @property
    def names(self) -> tuple[str, ...]:
        """What is recorded besides loss and singular values: ``overlap``, and the measures."""
        return (*(("overlap",) if self.overlap is not None else ()), *self.measures)

    def measure(
        self, state: State, objective: Objective, words: Sequence[str]
    ) -> dict[str, float | Real]:
        """Work out a row; float64, to the same bits on any number of threads.

        Raises
        ------
        InputError
            The spectrum has other words.
        """
        row: dict[str, float | Real] = {}
        if self.loss:
            row["loss"] = objective.loss(state.weights, state.step)
        weights = state.weights.detach().cpu().numpy()
        if self.overlap is not None:
            if self.overlap.words != tuple(words):
                raise InputError("the spectrum's words are not those of the run, in their order")
            left, values = left_modes(weights)
            row["overlap"] = leading_overlaps(left, self._modes[:, : left.shape[1]])
            if self.singular_values:
                row["singular_values"] = values
        elif self.singular_values:
            row["singular_values"] = singular_values(weights)
        if self.measures:
            vectors = weights if weights.ndim == 2 else weights[0]
            embeddings = Embeddings(tuple(words), vectors, f"step {state.step}")
            for name, measure in self.measures.items():
                row |= {f"{name}/{key}": float(v) for key, v in measure(embeddings).items()}
        return row

    @cached_property
    def _modes(self) -> Real:
        assert self.overlap is not None
        return self.overlap.eigenvectors.astype(np.float64)


@one_blas_thread()
def singular_values(weights: NDArray[np.floating]) -> Real:
    """Singular values (d,) of W, or of A B^T from (2, V, d) untied weights; decreasing.

    By way of the triangle of a QR decomposition, since the d x d Gram matrix loses
    those below 1e-8 of the largest. Of V < d words the last ones are 0.
    """
    triangles = [np.asarray(np.linalg.qr(part, mode="r")) for part in _parts(weights)]
    core = triangles[0] if len(triangles) == 1 else triangles[0] @ triangles[1].T
    found = np.zeros(weights.shape[-1])
    values = np.linalg.svd(core, compute_uv=False)
    found[: len(values)] = values
    return found


@one_blas_thread()
def left_modes(weights: NDArray[np.floating]) -> tuple[Real, Real]:
    """Left singular vectors (V, min(V, d)) and singular values (d,), as `singular_values`."""
    first, *others = _parts(weights)
    q, core = np.linalg.qr(first)
    for other in others:
        core = core @ np.asarray(np.linalg.qr(other, mode="r")).T
    left, values, _ = np.linalg.svd(core, full_matrices=False)
    found = np.zeros(weights.shape[-1])
    found[: len(values)] = values
    return q @ left, found


@one_blas_thread()
def leading_overlaps(left: Real, modes: Real) -> Real:
    """(1/k) ||V_k^T V*_k||_F^2 for k = 1..K, from (V, r) and (V, K) orthonormal columns, K <= r.

    1 where the two spans are equal, k/V on average for spans drawn at random.
    """
    k = modes.shape[1]
    squares = np.square(left[:, :k].T @ modes)
    inside: Real = np.diagonal(squares.cumsum(0).cumsum(1))
    return inside / np.arange(1, k + 1)


def _parts(weights: NDArray[np.floating]) -> list[Real]:
    stacked = weights[None] if weights.ndim == 2 else weights
    return [part.astype(np.float64) for part in stacked]
