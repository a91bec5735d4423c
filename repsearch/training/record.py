"""Choose what is recorded of a run, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings import Embeddings
from repsearch.errors import InputError
from repsearch.spectrum.spectrum import Spectrum
from repsearch.training.arithmetic import devices
from repsearch.training.arithmetic.modes_of_weights import (
    leading_overlaps,
    left_modes,
    singular_values,
    singular_values_on_device,
)
from repsearch.training.protocols import Objective
from repsearch.training.recorded import Recorded
from repsearch.training.schedules import AnyOf, Schedule
from repsearch.training.state import State

Real = NDArray[np.float64]
Measure = Callable[[Embeddings], Mapping[str, float]]
Callback = Callable[[Recorded], object]
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
        Whether the loss is, of a stochastic objective that of the step's batch.
    singular_values : bool
        Whether those of W are, or of A B^T = W W'^T if untied: (d,), decreasing.
    overlap : Spectrum, optional
        The theory's modes. For k = 1..K, K the lesser of d and their number,
        (1/k) ||V_k^T V*_k||_F^2, the share of the first k modes that lies in the span of
        the first k left singular vectors of W (of the words' ones if untied).
    measures : mapping of str to callable
        Functions from `Embeddings` of the words to named numbers, such as the accuracy of
        analogies by category. Each is recorded as ``measure/number``, and must give the
        same names each time.
    callbacks : sequence of callable
        Functions of a `Recorded`, called in this order after each row; what they return is
        dropped. One that raises ends training: the run keeps all before that step, and can be
        resumed. After a kill the rows since the last commit are made again, and the callbacks
        called for them again. They are not stored: pass them again to `resume`.

    Raises
    ------
    InputError
        A name that is taken, something that cannot be called or is no schedule.

    Examples
    --------
    >>> from repsearch.training import AtTimes, Every, Record, evenly
    >>> def size(embeddings):
    ...     return {"largest": abs(embeddings.vectors).max()}
    >>> record = Record(when=evenly(10.0, 20) | Every(100), snapshots=AtTimes([10.0]),
    ...                 measures={"size": size})
    >>> record.names
    ('size',)
    """

    when: Schedule
    snapshots: Schedule = field(default_factory=lambda: AnyOf(()))
    loss: bool = True
    singular_values: bool = True
    overlap: Spectrum | None = None
    measures: Mapping[str, Measure] = field(default_factory=dict)
    callbacks: Sequence[Callback] = ()

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
        given: object = self.callbacks
        if not isinstance(given, Sequence) or not all(map(callable, given)):
            raise InputError(
                f"callbacks is {given!r}; pass a list of functions, each of a moment that was "
                "recorded (`repsearch.training.Recorded`)"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """What is recorded besides loss and singular values: ``overlap``, and the measures."""
        return (*(("overlap",) if self.overlap is not None else ()), *self.measures)

    def measure(
        self, state: State, objective: Objective, words: Sequence[str]
    ) -> dict[str, float | Real]:
        """Work out a row, to the same bits on any number of threads.

        Parameters
        ----------
        state : State
            Where the run stands.
        objective : Objective
            What is minimised.
        words : sequence of str
            The vocabulary, V words.

        Returns
        -------
        dict of str to float or (n,) float64
            The value of each quantity.

        Raises
        ------
        InputError
            The spectrum has other words.
        """
        row: dict[str, float | Real] = {}
        if self.loss:
            row["loss"] = objective.loss(state.weights, state.step)
        if not devices.on_host(state.weights) and self.overlap is None and not self.measures:
            if self.singular_values:
                row["singular_values"] = singular_values_on_device(state.weights)
            return row
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
