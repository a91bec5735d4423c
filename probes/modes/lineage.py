"""Follow modes through training: when they appear, disappear, and exchange ranks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol, TypeAlias

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from probes.modes.bases import Basis, Real, share_words
from probes.modes.matching import match_modes
from probes.result import Result
from probes.shared.wording import counted
from repsearch.errors import InputError
from repsearch.storage.tables import Cell

Node: TypeAlias = tuple[int, int]
"""(number of the time, number of the mode), both from 0."""


class ModeTrajectory(Protocol):
    """Embeddings over time, as far as modes are concerned.

    Examples
    --------
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> flow = gradient_flow(BinaryAttributes([0.3, 0.2]).spectrum(), Aligned(0.01))
    >>> vectors, values = flow.modes(5.0)
    >>> vectors.shape, values.round(2).tolist()
    ((4, 4), [0.2, 0.07, 0.01, 0.01])
    """

    @property
    def times(self) -> Sequence[float] | NDArray[np.floating[Any]]:
        """List the times at which there is something to see.

        Returns
        -------
        sequence of float
            Increasing.
        """

    def modes(self, t: float, /) -> tuple[NDArray[Any], NDArray[Any]]:
        """Give left singular vectors and singular values at a time.

        Parameters
        ----------
        t : float
            The time.

        Returns
        -------
        tuple of ((V, d) array, (d,) array)
            Vectors as columns, and their values, in any order.
        """


@dataclass(frozen=True)
class Crossing:
    """Two modes that exchange ranks in the order of singular values.

    Parameters
    ----------
    time : int
        Number of the time before.
    before, after : (int, int)
        Numbers of the two modes at this time and at the next; the first of each
        is the same mode.

    Examples
    --------
    >>> Crossing(time=1, before=(0, 1), after=(1, 0)).after
    (1, 0)
    """

    time: int
    before: tuple[int, int]
    after: tuple[int, int]


@dataclass(frozen=True, eq=False)
class ModeLineage(Result):
    """Modes followed through time.

    Parameters
    ----------
    graph : networkx.DiGraph
        Nodes (number of the time, number of the mode) with `time` and `value`,
        the singular value; edges to the next time with `overlap`, (v . u)^2,
        `cluster_overlap`, that of the clusters they belong to, and `margin`
        over the next best. At most one edge comes into a node and at most one
        leaves it.
    times : tuple of float
        Times at which modes were looked at.
    settings : dict
        ``threshold``, ``tolerance`` and ``least_overlap``, as they were asked for.

    Examples
    --------
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> flow = gradient_flow(BinaryAttributes([0.3, 0.2]).spectrum(), Aligned(0.01))
    >>> found = lineage(flow, [0.0, 10.0, 20.0], threshold=0.1)
    >>> found.graph.number_of_nodes(), found.times
    (4, (0.0, 10.0, 20.0))
    """

    name = "lineage"
    figure = "probes.figures.modes.overlap:plot_lineage"

    graph: nx.DiGraph
    times: tuple[float, ...]
    settings: dict[str, Cell]

    def summary(self) -> str:
        """Say how many modes appear, disappear and exchange ranks."""
        begun = births(self)
        later = [node for node in begun if node[0] > 0]
        text = (
            f"{counted(len(begun), 'mode')} over {counted(len(self.times), 'time')} "
            f"({self.times[0]:.4g} to {self.times[-1]:.4g}): "
            f"{len(begun) - len(later)} from the first time on, {len(later)} rising above a "
            f"singular value of {self.settings['threshold']} later, {len(deaths(self))} lost "
            f"before the last time, {counted(len(crossings(self)), 'exchange')} of ranks."
        )
        overlaps = [edge["cluster_overlap"] for _, _, edge in self.graph.edges(data=True)]
        if not overlaps:
            return text
        least = min(overlaps)
        text += (
            f" From time to time a mode, or its cluster, keeps an overlap of {least:.3f} or more"
        )
        if least < _HALF:
            return f"{text}; below 1/2 another mode may be as near, so paths could be chance."
        return f"{text}, so that no other mode is as near."

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each mode; ranks are numbered from 1.

        Returns
        -------
        list of dict
            Times and ranks between which it was followed, its largest singular value, the
            least overlap from time to time (None at a single time), and whether it reaches
            the last time.
        """
        rows: list[dict[str, Cell]] = []
        for number, start in enumerate(births(self), 1):
            path = mode_path(self, start)
            seen = [self.graph.nodes[node] for node in path]
            steps = [self.graph.edges[edge]["overlap"] for edge in pairwise(path)]
            rows.append(
                {
                    "mode": number,
                    "first_time": float(seen[0]["time"]),
                    "last_time": float(seen[-1]["time"]),
                    "first_rank": path[0][1] + 1,
                    "last_rank": path[-1][1] + 1,
                    "largest_value": max(float(one["value"]) for one in seen),
                    "least_overlap": min(steps) if steps else None,
                    "reaches_end": path[-1][0] == len(self.times) - 1,
                }
            )
        return rows

    def rests_on(self) -> dict[str, Cell]:
        """Give the number of times and of modes, and the settings."""
        return {"times": len(self.times), "modes": len(births(self)), **self.settings}


_HALF = 0.5
"""Overlap above which no other mode can be as near."""


def basis_at(trajectory: ModeTrajectory, t: float, *, least: float = 0.0) -> Basis | None:
    """Take the modes of a trajectory at a time that have large enough singular values.

    Parameters
    ----------
    trajectory : object with `modes(t)`
        Embeddings over time; `words` is used if there.
    t : float
        The time.
    least : float, default 0
        Modes with singular values above this are taken.

    Returns
    -------
    Basis or None
        None where there is no such mode.
    """
    vectors, values = trajectory.modes(t)
    values = np.asarray(values, float)
    # The columns of a trained run follow modes, whose values may cross.
    order = np.argsort(-values, kind="stable")
    vectors, values = np.asarray(vectors)[:, order], values[order]
    n_modes = int(np.count_nonzero(values > least))
    if not n_modes:
        return None
    words = getattr(trajectory, "words", None)
    return Basis(vectors[:, :n_modes], values[:n_modes], words)


def lineage(
    trajectory: ModeTrajectory,
    times: Iterable[float] | None = None,
    *,
    threshold: float,
    tolerance: float = 0.0,
    least_overlap: float = 0.5,
) -> ModeLineage:
    """Follow modes through time by assignment between successive times.

    Parameters
    ----------
    trajectory : object with `times` and `modes(t)`
        Embeddings over time; `words` is used if there.
    times : iterable of float, optional
        Increasing times; those of the trajectory by default.
    threshold : float
        A mode whose singular value is not above this is left out: its
        direction is still that of the start.
    tolerance : float, default 0
        Singular values no further apart are a cluster, as in `match_modes`;
        inside matched clusters modes are assigned by their own overlaps.
    least_overlap : float, default 0.5
        Modes, or clusters, continue each other only with this overlap. Above
        1/2 no other mode can have as much.

    Returns
    -------
    ModeLineage
        Modes as nodes of a graph, by time; edges join them from time to time.

    Raises
    ------
    InputError
        Times that do not increase, or a number out of range.

    Examples
    --------
    Two modes are above 1/10 at time 3, and the third at time 20:

    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.3, 0.2, 0.1])
    >>> flow = gradient_flow(world.spectrum(), Aligned(0.01))
    >>> found = lineage(flow, [3.0, 5.0, 20.0], threshold=0.1)
    >>> births(found)
    [(0, 0), (0, 1), (2, 2)]
    """
    at = _increasing(trajectory.times if times is None else times)
    if not 0 <= least_overlap <= 1:
        raise InputError(f"least_overlap is {least_overlap!r}; pass a number from 0 to 1")
    if not threshold >= 0:
        raise InputError(f"threshold is {threshold!r}; pass a singular value of at least 0")
    graph = nx.DiGraph()
    before: Basis | None = None
    for number, t in enumerate(at):
        now = basis_at(trajectory, t, least=threshold)
        if now is not None and now.values is not None:
            for mode, value in enumerate(now.values.tolist()):
                graph.add_node((number, mode), time=t, value=value)
        if before is not None and now is not None:
            for start, end, seen in _continued(before, now, tolerance, least_overlap):
                graph.add_edge((number - 1, start), (number, end), **seen)
        before = now
    settings: dict[str, Cell] = {
        "threshold": threshold,
        "tolerance": tolerance,
        "least_overlap": least_overlap,
    }
    return ModeLineage(graph, tuple(at), settings)


def mode_path(followed: ModeLineage, node: Node) -> list[Node]:
    """List one mode's nodes, from its first time to its last.

    Parameters
    ----------
    followed : ModeLineage
        Modes through time, as of `lineage`.
    node : (int, int)
        Any of the mode's nodes: number of the time, number of the mode.

    Returns
    -------
    list of (int, int)
        Its nodes, by time.

    Raises
    ------
    InputError
        There is no such node.

    Examples
    --------
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> flow = gradient_flow(BinaryAttributes([0.3, 0.2]).spectrum(), Aligned(0.01))
    >>> mode_path(lineage(flow, [0.0, 10.0, 20.0], threshold=0.1), (2, 0))
    [(1, 0), (2, 0)]
    """
    graph = followed.graph
    if node not in graph:
        raise InputError(f"there is no mode {node!r} in this lineage; pass one of its nodes")
    path = [node]
    while earlier := list(graph.predecessors(path[0])):
        path.insert(0, earlier[0])
    while later := list(graph.successors(path[-1])):
        path.append(later[0])
    return path


def births(followed: ModeLineage) -> list[Node]:
    """List the first node of each mode, where its singular value is first above the threshold.

    Parameters
    ----------
    followed : ModeLineage
        Modes through time, as of `lineage`.

    Returns
    -------
    list of (int, int)
        By time; those of time number 0 were there from the start.

    Examples
    --------
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> flow = gradient_flow(BinaryAttributes([0.3, 0.2]).spectrum(), Aligned(0.01))
    >>> births(lineage(flow, [0.0, 10.0, 20.0], threshold=0.1))
    [(1, 0), (1, 1)]
    """
    return sorted(node for node, degree in followed.graph.in_degree() if not degree)


def deaths(followed: ModeLineage) -> list[Node]:
    """List the last node of each mode that does not reach the last time.

    Parameters
    ----------
    followed : ModeLineage
        Modes through time, as of `lineage`.

    Returns
    -------
    list of (int, int)
        By time.

    Examples
    --------
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> flow = gradient_flow(BinaryAttributes([0.3, 0.2]).spectrum(), Aligned(0.01))
    >>> deaths(lineage(flow, [0.0, 10.0, 20.0], threshold=0.1))
    []
    """
    last = len(followed.times) - 1
    degrees = followed.graph.out_degree()
    return sorted(node for node, degree in degrees if not degree and node[0] < last)


def crossings(followed: ModeLineage) -> list[Crossing]:
    """List the pairs of modes that exchange ranks from one time to the next.

    Parameters
    ----------
    followed : ModeLineage
        Modes through time, as of `lineage`.

    Returns
    -------
    list of Crossing
        By time.

    Examples
    --------
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> flow = gradient_flow(BinaryAttributes([0.3, 0.2]).spectrum(), Aligned(0.01))
    >>> crossings(lineage(flow, [0.0, 10.0, 20.0], threshold=0.1))
    []
    """
    steps: dict[int, list[tuple[int, int]]] = {}
    for (number, start), (_, end) in followed.graph.edges:
        steps.setdefault(number, []).append((start, end))
    return [
        Crossing(number, (start, other_start), (end, other_end))
        for number in sorted(steps)
        for start, end in sorted(steps[number])
        for other_start, other_end in sorted(steps[number])
        if start < other_start and end > other_end
    ]


def _continued(
    before: Basis, now: Basis, tolerance: float, least: float
) -> Iterable[tuple[int, int, dict[str, float]]]:
    shared = share_words(before, now)
    squares: Real = (shared.one.vectors.T @ shared.other.vectors) ** 2
    for pair in match_modes(before, now, tolerance=tolerance).pairs:
        if pair.overlap < least:
            continue
        inside = squares[np.ix_(pair.one, pair.other)]
        for row, column in zip(*linear_sum_assignment(inside, maximize=True), strict=True):
            yield (
                pair.one[row],
                pair.other[column],
                {
                    "overlap": float(inside[row, column]),
                    "cluster_overlap": pair.overlap,
                    "margin": pair.margin,
                },
            )


def _increasing(times: Iterable[float] | NDArray[np.floating[Any]]) -> list[float]:
    at = [float(t) for t in times]
    if not at:
        raise InputError("there are no times; pass at least one")
    for one, other in pairwise(at):
        if not one < other:
            raise InputError(f"time {other:g} follows {one:g}; pass increasing times")
    return at
