"""Embeddings over time for ``repsearch solve --times``: rows of a table, files of embeddings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repsearch.dynamics import (
    Aligned,
    Gaussian,
    UntiedFlow,
    Vanishing,
    balanced_contexts,
    effective_rank,
    untied_flow,
)
from repsearch.dynamics.flow import gradient_flow
from repsearch.dynamics.trajectory import Trajectory
from repsearch.embeddings import Embeddings
from repsearch.spectrum.spectrum import Spectrum
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from repsearch.dynamics import Start

StartName = Literal["aligned", "gaussian", "vanishing"]
Real = NDArray[np.float64]


class Snapshot(NamedTuple):
    """Embeddings at a time, of words and, untied, of contexts."""

    time: float
    words: Embeddings
    contexts: Embeddings | None


class Course(NamedTuple):
    """Training over time.

    Parameters
    ----------
    times : (T,) float
    singular_values : (T, d) float
        Of W; untied, of words and contexts, which have the same.
    loss : (T,) float
    squared_norm : float
        Of the target.
    snapshots : iterator of Snapshot
        One a time, worked out when it is asked for.
    outside : float
        Share of the start outside the eigenpairs, which is left out.
    """

    times: Real
    singular_values: Real
    loss: Real
    squared_norm: float
    snapshots: Iterator[Snapshot]
    outside: float

    def rows(self) -> list[dict[str, Cell]]:
        """Rows for a CSV or JSON file, one a time."""
        columns = zip(
            self.times.tolist(),
            self.loss.tolist(),
            (-4 * self.loss / (self.squared_norm or 1.0)).tolist(),
            effective_rank(self.singular_values).tolist(),
            self.singular_values.tolist(),
            strict=True,
        )
        return [
            {"time": time, "loss": loss, "explained": explained, "effective_rank": rank}
            | {f"s_{k}": value for k, value in enumerate(values, start=1)}
            for time, loss, explained, rank, values in columns
        ]


def tied_course(
    spectrum: Spectrum, start: StartName, scale: float, seed: int, times: list[float]
) -> Course:
    """Embeddings W over time, as many dimensions as eigenpairs."""
    recipe: Start
    if start == "aligned":
        recipe = Aligned(scale)
    else:
        recipe = (Gaussian if start == "gaussian" else Vanishing)(scale, seed)
    flow = gradient_flow(spectrum, recipe, times=times)
    return _course(flow, (Snapshot(time, words, None) for time, words in flow.snapshots()))


def untied_course(
    spectrum: Spectrum, start: StartName, scale: float, seed: int, times: list[float]
) -> Course:
    """Words and contexts over time, from a balanced start.

    Parameters
    ----------
    spectrum : Spectrum
        Eigenpairs of largest magnitude.
    """
    d = spectrum.dimension
    signs = np.where(spectrum.eigenvalues < 0, -1.0, 1.0)
    if start == "aligned":
        return _mirrored(spectrum, np.full(d, scale), signs, times)
    drawn = np.random.default_rng(seed).standard_normal((len(spectrum.words), d))
    words0 = scale * drawn
    flow = untied_flow(spectrum, words0, balanced_contexts(words0, seed=seed + 1))
    if start == "vanishing":
        return _mirrored(spectrum, np.asarray(flow.vanishing_start()), signs, times)
    return Course(
        np.array(times),
        np.sqrt(np.asarray(flow.strengths(times))),
        np.asarray(flow.loss(times)),
        spectrum.squared_norm,
        (_turned(spectrum, flow, signs, time) for time in times),
        flow.outside,
    )


def minimiser(spectrum: Spectrum) -> Snapshot:
    """The untied minimiser, balanced: V |Lambda|^(1/2), and the same with the signs of Lambda."""
    signs = np.where(spectrum.eigenvalues < 0, -1.0, 1.0)
    vectors = spectrum.eigenvectors * np.sqrt(np.abs(spectrum.eigenvalues))
    return Snapshot(float("inf"), *_pair(spectrum, vectors, vectors * signs, spectrum.target))


def save_snapshots(course: Course, path: Path) -> list[dict[str, Cell]]:
    """Write the embeddings at each time, and give the table's rows with the files' names.

    ``emb.vec`` becomes ``emb-1.vec``, ``emb-2.vec``, ..., with leading zeros where
    there are more than nine, and ``emb-1-contexts.vec`` beside it for untied weights.
    """
    rows = course.rows()
    digits = len(str(len(rows)))
    found: list[dict[str, Cell]] = []
    for number, (snapshot, row) in enumerate(zip(course.snapshots, rows, strict=True), start=1):
        saved = save_pair(snapshot, with_name(path, f"-{number:0{digits}d}"))
        found.append({"time": row["time"], **saved, **row})
    return found


def save_pair(snapshot: Snapshot, path: Path) -> dict[str, Cell]:
    """Write embeddings of words and, where there are some, of contexts; names by kind."""
    snapshot.words.save(path)
    names: dict[str, Cell] = {"embeddings": path.name}
    if snapshot.contexts is not None:
        beside = with_name(path, "-contexts")
        snapshot.contexts.save(beside)
        names["contexts"] = beside.name
    return names


def with_name(path: Path, ending: str) -> Path:
    """The same path with `ending` before its suffixes, of which ``.gz`` may be the second."""
    suffix = "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix
    return path.with_name(f"{path.name.removesuffix(suffix)}{ending}{suffix}")


def _course(flow: Trajectory, snapshots: Iterator[Snapshot]) -> Course:
    return Course(
        flow.times,
        flow.singular_values(),
        flow.loss(),
        flow.spectrum.squared_norm,
        snapshots,
        flow.start.outside,
    )


def _mirrored(spectrum: Spectrum, start: Real, signs: Real, times: list[float]) -> Course:
    """Each mode along an eigenvector: A as a tied model of |M| has it, B = A sgn(Lambda)."""
    values = np.abs(spectrum.eigenvalues)
    flow = gradient_flow(
        replace(spectrum, eigenvalues=values), Aligned(tuple(start.tolist())), times=times
    )
    snapshots = (
        Snapshot(time, *_pair(spectrum, words.vectors, words.vectors * signs, words.name))
        for time, words in flow.snapshots()
    )
    return _course(flow, snapshots)


def _turned(spectrum: Spectrum, flow: UntiedFlow, signs: Real, time: float) -> Snapshot:
    """Words and contexts, turned together as close as they come to the eigenvectors."""
    words, contexts = (np.asarray(found)[0] for found in flow.at([time]))
    vectors = spectrum.eigenvectors.astype(float)
    left, _, right = np.linalg.svd(words.T @ vectors + contexts.T @ (vectors * signs))
    turn = left @ right
    name = f"{spectrum.target} at t = {time:.6g}"
    return Snapshot(time, *_pair(spectrum, words @ turn, contexts @ turn, name))


def _pair(
    spectrum: Spectrum, words: NDArray[Any], contexts: NDArray[Any], name: str
) -> tuple[Embeddings, Embeddings]:
    kind = spectrum.eigenvectors.dtype
    return (
        Embeddings(spectrum.words, words.astype(kind), name),
        Embeddings(spectrum.words, contexts.astype(kind), f"{name}, contexts"),
    )
