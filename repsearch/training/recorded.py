"""Hand a recorded moment of a run to functions of the user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from repsearch.embeddings import Embeddings

if TYPE_CHECKING:
    from repsearch.training.state import State


@dataclass(frozen=True, eq=False)
class Recorded:
    """A moment of a run at which a row was recorded.

    Parameters
    ----------
    step : int
        Steps taken.
    time : float
        Where the run is, of `clock`.
    clock : {"flow time", "steps"}
        What `time` counts.
    values : mapping of str to float or (n,) float64
        The row: loss, singular values, and what the record measures.
    embeddings : Embeddings
        Of the words, (V, d), read-only.
    contexts : Embeddings
        Of the words as contexts; `embeddings` itself where weights are tied.

    Examples
    --------
    >>> import tempfile
    >>> from repsearch import training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.4, 0.3]).sample(10_000, seed=0)
    >>> seen = []
    >>> record = training.Record(when=training.evenly(2.0, 2), callbacks=[seen.append])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = training.train(counts, folder, d=2, until=2.0, record=record)
    >>> [one.time for one in seen], seen[-1].embeddings.vectors.shape, sorted(seen[-1].values)
    ([0.0, 1.0, 2.0], (4, 2), ['loss', 'singular_values'])
    """

    step: int
    time: float
    clock: Literal["flow time", "steps"]
    values: Mapping[str, float | NDArray[np.float64]]
    embeddings: Embeddings
    contexts: Embeddings


def recorded(
    state: State,
    values: Mapping[str, float | NDArray[np.float64]],
    words: Sequence[str],
    clock: Literal["flow time", "steps"],
) -> Recorded:
    """Make the moment of a state and its row.

    Parameters
    ----------
    state : State
        Where the run stands.
    values : mapping
        The row.
    words : sequence of str
        The vocabulary, V words.
    clock : {"flow time", "steps"}
        What the time of the run counts.

    Returns
    -------
    Recorded
    """
    weights = state.weights.detach().cpu().numpy()
    sides = (weights,) if weights.ndim == 2 else tuple(weights)
    made = [Embeddings(tuple(words), side, f"step {state.step}") for side in sides]
    return Recorded(state.step, state.time, clock, dict(values), made[0], made[-1])
