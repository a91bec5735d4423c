"""Follow training in closed form: rows of a table, and files of embeddings at several times."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from probes.drawing.refusals import NothingToDrawError
from probes.result import WIDTH, Result
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted
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
    from matplotlib.axes import Axes

    from repsearch.dynamics import Start

StartName = Literal["aligned", "gaussian", "vanishing"]
Real = NDArray[np.float64]
_MOST_OUTSIDE = 1e-9
_SHOWN = 4
_DRAWN = 20
_LIGHTEST = 0.92


class Snapshot(NamedTuple):
    """Embeddings at a time.

    Parameters
    ----------
    time : float
        Flow time.
    words : Embeddings
        Of words.
    contexts : Embeddings or None
        Of contexts, where weights are untied.
    """

    time: float
    words: Embeddings
    contexts: Embeddings | None


@dataclass(frozen=True, eq=False)
class TrainingOverTime(Result):
    """Training in closed form at several times; made by `training_over_time`.

    Parameters
    ----------
    times : (T,) float
        Flow times.
    singular_values : (T, d) float
        Of W; untied, of words and contexts, which have the same.
    loss : (T,) float
        Quartic loss, 0 at the origin.
    squared_norm : float
        Squared Frobenius norm of the target.
    snapshots : callable
        Gives an iterator of `Snapshot`, one for each time, worked out when it is asked for.
    outside : float
        Share of the start outside the eigenpairs, which is left out.
    settings : dict
        Target, start, its size and seed, and whether weights are tied.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> spectrum = BinaryAttributes([0.5, 0.3]).spectrum()
    >>> found = training_over_time(spectrum, [1, 40], start="aligned", scale=1e-3)
    >>> [round(row["explained"], 2) for row in found.table()]  # one eigenvalue is negative
    [0.0, 0.92]
    """

    name = "times"

    times: Real
    singular_values: Real
    loss: Real
    squared_norm: float
    snapshots: Callable[[], Iterator[Snapshot]]
    outside: float
    settings: dict[str, Cell]

    @property
    def explained(self) -> Real:
        """(T,) share of the squared norm of the target that the loss has fallen by."""
        found: Real = -4 * self.loss / (self.squared_norm or 1.0)
        return found

    def summary(self) -> str:
        """Say how far training has come, and what of the start is left out.

        Returns
        -------
        str
            A paragraph.
        """
        ranks = effective_rank(self.singular_values)
        text = (
            f"From t = {self.times[0]:.4g} to {self.times[-1]:.4g} the share of the target that is "
            f"explained goes from {self.explained[0]:.2%} to {self.explained[-1]:.2%}, and the "
            f"effective rank from {ranks[0]:.3g} to {ranks[-1]:.3g}."
        )
        if self.outside > _MOST_OUTSIDE:
            text += (
                f" {self.outside:.1%} of W(0) lies outside these eigenvectors, where the closed "
                "form does not follow it; that matters only if the start is not small."
            )
        return text

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each time.

        Returns
        -------
        list of dict
            Columns ``time``, ``loss``, ``explained``, ``effective_rank`` and ``s_1``, ``s_2``, ...
        """
        columns = zip(
            self.times.tolist(),
            self.loss.tolist(),
            self.explained.tolist(),
            effective_rank(self.singular_values).tolist(),
            self.singular_values.tolist(),
            strict=True,
        )
        return [
            {"time": time, "loss": loss, "explained": explained, "effective_rank": rank}
            | {f"s_{k}": value for k, value in enumerate(values, start=1)}
            for time, loss, explained, rank, values in columns
        ]

    def rests_on(self) -> dict[str, Cell]:
        """Give target, start and numbers of times and dimensions.

        Returns
        -------
        dict
            Name to value.
        """
        times, d = self.singular_values.shape
        return {"times": times, "d": d, "outside": self.outside, **self.settings}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the leading singular values over time.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
            Those drawn on.

        Raises
        ------
        NothingToDrawError
            There are fewer than two times after 0.
        """
        from matplotlib import colormaps

        from probes.drawing.style import axes_or_new, styled

        after = self.times > 0
        if np.count_nonzero(after) < 2:
            raise NothingToDrawError("fewer than two times after 0 make no curve")
        order = np.argsort(-self.singular_values[-1], kind="stable")[:_DRAWN]
        colours = colormaps["viridis"](np.linspace(0, _LIGHTEST, len(order)))
        with styled():
            ax = axes_or_new(ax, height=3.9)
            ax.set_xscale("log")
            for k, colour in zip(order, colours, strict=True):
                ax.plot(self.times[after], self.singular_values[after, k], color=colour)
            ax.set_xlabel("flow time t")
            ax.set_ylabel(f"{counted(len(order), 'singular value')} of W")
            ax.grid(visible=True)
        return ax

    def text(self, width: int = WIDTH) -> str:
        """Lay out loss, effective rank and the first singular values, one line for each time.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal; the table has at most 80.

        Returns
        -------
        str
            A table.
        """
        leading = [f"s_{k}" for k in range(1, min(_SHOWN, self.singular_values.shape[1]) + 1)]
        head = ["time", "loss", "explained", "effective rank", *leading]
        rows = [
            [
                f"{row['time']:.4g}",
                f"{row['loss']:.4g}",
                f"{row['explained']:.1%}",
                f"{row['effective_rank']:.3g}",
                *(f"{row[name]:.3g}" for name in leading),
            ]
            for row in self.table()
        ]
        return fixed_width(head, rows, left=())


def training_over_time(
    spectrum: Spectrum,
    times: Sequence[float],
    *,
    start: StartName = "gaussian",
    scale: float = 1e-3,
    seed: int = 0,
    tied: bool = True,
) -> TrainingOverTime:
    """Follow training in closed form at several times.

    Parameters
    ----------
    spectrum : Spectrum
        Eigenpairs of the target, as many as dimensions; by value for tied weights, of largest
        magnitude for untied ones.
    times : sequence of float
        Flow times, increasing.
    start : {"gaussian", "aligned", "vanishing"}
        W(0): random, along the eigenvectors, or the limit of a small random start. Untied
        words and contexts start balanced.
    scale : float, default 0.001
        Standard deviation of an entry of W(0); of an aligned start, each singular value.
    seed : int, default 0
        Seed of W(0).
    tied : bool, default True
        Whether words and contexts share their vectors.

    Returns
    -------
    TrainingOverTime
        Loss and singular values, and embeddings when they are asked for.

    Raises
    ------
    InputError
        Times that do not increase or are negative, a scale out of range.

    References
    ----------
    arXiv 2502.09863, Lemma 3.1 and Result 3.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> spectrum = BinaryAttributes([0.5, 0.3]).spectrum()
    >>> found = training_over_time(spectrum, [1, 40], start="vanishing")
    >>> [snapshot.words.vectors.shape for snapshot in found.snapshots()]
    [(4, 4), (4, 4)]
    """
    settings: dict[str, Cell] = {
        "target": spectrum.target,
        "words": len(spectrum.words),
        "start": start,
        "scale": scale,
        "seed": seed,
        "tied": tied,
    }
    if not tied:
        return _untied(spectrum, start, scale, seed, list(times), settings)
    recipe: Start
    if start == "aligned":
        recipe = Aligned(scale)
    else:
        recipe = (Gaussian if start == "gaussian" else Vanishing)(scale, seed)
    flow = gradient_flow(spectrum, recipe, times=times)
    return _of_flow(
        flow,
        lambda: (Snapshot(time, words, None) for time, words in flow.snapshots()),
        settings,
    )


def minimiser(spectrum: Spectrum, *, tied: bool = True, exponent: float = 0.5) -> Snapshot:
    """Give the embeddings that training ends with.

    Parameters
    ----------
    spectrum : Spectrum
        Eigenpairs of the target; of largest magnitude for untied weights.
    tied : bool, default True
        Whether words and contexts share their vectors.
    exponent : float, default 1/2
        Power p of the eigenvalues; any other gives no minimiser of a loss. Untied, contexts
        have 1 - p, so that both make up the target.

    Returns
    -------
    Snapshot
        V Lambda^(1/2); untied, the balanced minimiser V |Lambda|^(1/2), and as contexts
        the same with the signs of Lambda.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> spectrum = BinaryAttributes([0.5, 0.3]).spectrum()
    >>> found = minimiser(spectrum, tied=False)
    >>> product = found.words.vectors @ found.contexts.vectors.T
    >>> bool(abs(product - BinaryAttributes([0.5, 0.3]).mstar()).max() < 1e-12)
    True
    """
    if tied:
        return Snapshot(float("inf"), spectrum.embeddings(exponent=exponent), None)
    signs = np.where(spectrum.eigenvalues < 0, -1.0, 1.0)
    sizes = np.abs(spectrum.eigenvalues)
    name = spectrum.target
    if exponent == 0.5:
        words = contexts = spectrum.eigenvectors * np.sqrt(sizes)
    else:
        words = spectrum.eigenvectors * sizes**exponent
        contexts = spectrum.eigenvectors * sizes ** (1 - exponent)
        name += f", words |eigenvalues|^{exponent:g}"
    return Snapshot(float("inf"), *_pair(spectrum, words, contexts * signs, name))


def save_snapshots(found: TrainingOverTime, path: Path) -> list[dict[str, Cell]]:
    """Write the embeddings at each time, and give the table's rows with the files' names.

    ``emb.vec`` becomes ``emb-1.vec``, ``emb-2.vec``, ..., with leading zeros where
    there are more than nine, and ``emb-1-contexts.vec`` beside it for untied weights.

    Parameters
    ----------
    found : TrainingOverTime
        Training at several times.
    path : Path
        Name of a file of embeddings; its suffix says the format.

    Returns
    -------
    list of dict
        The rows of the table, with columns ``embeddings`` and, untied, ``contexts``.

    Raises
    ------
    InputError
        A file cannot be written, or no such format.
    """
    rows = found.table()
    digits = len(str(len(rows)))
    named: list[dict[str, Cell]] = []
    for number, (snapshot, row) in enumerate(zip(found.snapshots(), rows, strict=True), start=1):
        saved = save_snapshot(snapshot, with_name(path, f"-{number:0{digits}d}"))
        named.append({"time": row["time"], **saved, **row})
    return named


def save_snapshot(snapshot: Snapshot, path: Path) -> dict[str, Cell]:
    """Write embeddings of words and, where there are some, of contexts.

    Parameters
    ----------
    snapshot : Snapshot
        Embeddings at a time.
    path : Path
        Name of the file of words; its suffix says the format.

    Returns
    -------
    dict
        Names of the files, as ``embeddings`` and ``contexts``.

    Raises
    ------
    InputError
        A file cannot be written, or no such format.
    """
    snapshot.words.save(path)
    names: dict[str, Cell] = {"embeddings": path.name}
    if snapshot.contexts is not None:
        beside = with_name(path, "-contexts")
        snapshot.contexts.save(beside)
        names["contexts"] = beside.name
    return names


def with_name(path: Path, ending: str) -> Path:
    """Put an ending before the suffixes of a path.

    Parameters
    ----------
    path : Path
        Any path.
    ending : str
        What comes before its suffixes, of which ``.gz`` may be the second.

    Returns
    -------
    Path
        In the same folder.

    Examples
    --------
    >>> with_name(Path("emb.vec.gz"), "-1").name
    'emb-1.vec.gz'
    """
    stem = stem_of(path)
    return path.with_name(f"{stem}{ending}{path.name.removeprefix(stem)}")


def stem_of(path: Path) -> str:
    """Give the name of a file without its suffixes.

    Parameters
    ----------
    path : Path
        Any path.

    Returns
    -------
    str
        Without the last suffix, and the one before it where that is ``.gz``.

    Examples
    --------
    >>> stem_of(Path("emb.v1.vec")), stem_of(Path("emb.vec.gz"))
    ('emb.v1', 'emb')
    """
    suffix = "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix
    return path.name.removesuffix(suffix)


def _of_flow(
    flow: Trajectory, snapshots: Callable[[], Iterator[Snapshot]], settings: dict[str, Cell]
) -> TrainingOverTime:
    return TrainingOverTime(
        flow.times,
        flow.singular_values(),
        flow.loss(),
        flow.spectrum.squared_norm,
        snapshots,
        flow.start.outside,
        settings,
    )


def _untied(
    spectrum: Spectrum,
    start: StartName,
    scale: float,
    seed: int,
    times: list[float],
    settings: dict[str, Cell],
) -> TrainingOverTime:
    """Words and contexts over time, from a balanced start."""
    d = spectrum.dimension
    signs = np.where(spectrum.eigenvalues < 0, -1.0, 1.0)
    if start == "aligned":
        return _mirrored(spectrum, np.full(d, scale), signs, times, settings)
    drawn = np.random.default_rng(seed).standard_normal((len(spectrum.words), d))
    words0 = scale * drawn
    flow = untied_flow(spectrum, words0, balanced_contexts(words0, seed=seed + 1))
    if start == "vanishing":
        return _mirrored(spectrum, np.asarray(flow.vanishing_start()), signs, times, settings)
    return TrainingOverTime(
        np.array(times),
        np.sqrt(np.asarray(flow.strengths(times))),
        np.asarray(flow.loss(times)),
        spectrum.squared_norm,
        lambda: (_turned(spectrum, flow, signs, time) for time in times),
        flow.outside,
        settings,
    )


def _mirrored(
    spectrum: Spectrum, start: Real, signs: Real, times: list[float], settings: dict[str, Cell]
) -> TrainingOverTime:
    """Each mode along an eigenvector: A as a tied model of |M| has it, B = A sgn(Lambda)."""
    values = np.abs(spectrum.eigenvalues)
    flow = gradient_flow(
        replace(spectrum, eigenvalues=values), Aligned(tuple(start.tolist())), times=times
    )

    def snapshots() -> Iterator[Snapshot]:
        for time, words in flow.snapshots():
            yield Snapshot(time, *_pair(spectrum, words.vectors, words.vectors * signs, words.name))

    return _of_flow(flow, snapshots, settings)


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
