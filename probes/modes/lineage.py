"""Modes followed through training: who continues whom, who is born, who changes places."""

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
from repsearch.errors import InputError

Node: TypeAlias = tuple[int, int]
"""(number of the time, number of the mode), both from 0."""


class ModeTrajectory(Protocol):
    """Embeddings over time, as far as modes are concerned."""

    @property
    def times(self) -> Sequence[float] | NDArray[np.floating[Any]]:
        """Times at which there is something to see."""

    def modes(self, t: float, /) -> tuple[NDArray[Any], NDArray[Any]]:
        """Left singular vectors (V, d) and singular values (d,), decreasing, at a time."""


@dataclass(frozen=True)
class Crossing:
    """Two modes that change places in the order of singular values.

    Parameters
    ----------
    time : int
        Number of the time before.
    before, after : (int, int)
        Numbers of the two modes at this time and at the next; the first of each
        is the same mode.
    """

    time: int
    before: tuple[int, int]
    after: tuple[int, int]


def basis_at(trajectory: ModeTrajectory, t: float, *, least: float = 0.0) -> Basis | None:
    """The modes of a trajectory at a time that have singular values above `least`, if any."""
    vectors, values = trajectory.modes(t)
    values = np.asarray(values, float)
    born = int(np.count_nonzero(values > least))
    if not born:
        return None
    words = getattr(trajectory, "words", None)
    return Basis(np.asarray(vectors)[:, :born], values[:born], words)


def lineage(
    trajectory: ModeTrajectory,
    times: Iterable[float] | None = None,
    *,
    threshold: float,
    tolerance: float = 0.0,
    least_overlap: float = 0.5,
) -> nx.DiGraph:
    """Follow modes through time by assignment between successive times.

    Parameters
    ----------
    trajectory : object with `times` and `modes(t)`
        Embeddings over time; `words` is used if there.
    times : iterable of float, optional
        Increasing; those of the trajectory by default.
    threshold : float
        A mode whose singular value is not above this is not born: its
        direction is still that of the start.
    tolerance : float
        Singular values no further apart are a cluster, as in `match_modes`;
        inside matched clusters modes are dealt by their own overlaps.
    least_overlap : float
        Modes, or clusters, continue each other only with this overlap. Above
        1/2 no other mode can have as much.

    Returns
    -------
    networkx.DiGraph
        Nodes (number of the time, number of the mode) with `time` and `value`,
        the singular value; edges to the next time with `overlap`, (v . u)^2,
        `cluster_overlap`, that of the clusters they belong to, and `margin`
        over the next best. At most one edge comes into a node and at most one
        leaves it. The graph's attribute `times` has the times.

    Raises
    ------
    InputError
        Times that do not increase, or a number out of range.
    """
    at = _increasing(trajectory.times if times is None else times)
    if not 0 <= least_overlap <= 1:
        raise InputError(f"least_overlap is {least_overlap!r}; pass a number from 0 to 1")
    if not threshold >= 0:
        raise InputError(f"threshold is {threshold!r}; pass a singular value of at least 0")
    graph = nx.DiGraph(times=tuple(at))
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
    return graph


def mode_path(graph: nx.DiGraph, node: Node) -> list[Node]:
    """One mode's nodes, from its first time to its last.

    Raises
    ------
    InputError
        There is no such node.
    """
    if node not in graph:
        raise InputError(f"there is no mode {node!r} in this lineage; pass one of its nodes")
    path = [node]
    while earlier := list(graph.predecessors(path[0])):
        path.insert(0, earlier[0])
    while later := list(graph.successors(path[-1])):
        path.append(later[0])
    return path


def births(graph: nx.DiGraph) -> list[Node]:
    """First nodes of all modes, by time; those of time number 0 were there from the start."""
    return sorted(node for node, degree in graph.in_degree() if not degree)


def deaths(graph: nx.DiGraph) -> list[Node]:
    """Last nodes of the modes that do not reach the last time, by time."""
    last = len(graph.graph["times"]) - 1
    return sorted(node for node, degree in graph.out_degree() if not degree and node[0] < last)


def crossings(graph: nx.DiGraph) -> list[Crossing]:
    """Pairs of modes that change places from one time to the next, by time."""
    steps: dict[int, list[tuple[int, int]]] = {}
    for (number, start), (_, end) in graph.edges:
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
