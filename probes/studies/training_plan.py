"""Train a model by the names of its loss and weights, for as long as its modes need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from repsearch.counts.counts import Counts
from repsearch.dynamics.inputs.checks import check_whole
from repsearch.errors import InputError
from repsearch.progress import Progress, silent
from repsearch.target.by_name import WeightsName, weighting_called

if TYPE_CHECKING:
    from probes.studies.estimates import Estimate
    from repsearch.dynamics.clock.batches import Batch
    from repsearch.dynamics.clock.flow_time import LearningRate
    from repsearch.target.weighting import Weighting
    from repsearch.training import Processes, Record, TrainedTrajectory
    from repsearch.training.objectives.losses import Loss
    from repsearch.training.protocols import Integrator
    from repsearch.training.settings import Settings

# A run shows how a mode settles if it goes on for as long again as it took to learn it.
_AFTERWARDS = 2.0
# Rounding of float32 seeds every mode at about 1e-7 of the largest singular value.
_SMALLEST_IN_FLOAT32 = 1e-4
# Weights and the velocities of the stages that a step holds at once.
_HELD = {"runge-kutta": 8, "chebyshev": 5, "descent": 2, "momentum": 4, "adam": 7}
DESCENTS = ("descent", "momentum", "adam")
"""Methods that take steps of a learning rate and follow drawn pairs as well."""
OPTIMISERS = ("momentum", "adam")
"""Those among them whose time counts steps."""
_MOMENTUM = 0.9
# All pairs of SGNS on a CPU take a hundred times as long as the quartic loss of M*, and SGNS is
# off the closed form by percents: what is recorded by default ends in a minute or two.
_COSTLY = {"modes": 5, "rows": 50, "rtol": 1e-3}
_USUAL = {"modes": 20, "rows": 200, "rtol": 1e-4}


def length_of(
    loss: str,
    *,
    device: str,
    all_pairs: bool,
    modes: int | None,
    rows: int | None,
    rtol: float | None,
    until: float | None = None,
) -> tuple[int, int, float, str]:
    """Choose how much of training is recorded, where it was not asked for.

    Parameters
    ----------
    loss : {"quartic", "sgns"}
        The loss.
    device : str
        Where training computes.
    all_pairs : bool
        Whether a gradient is over all pairs, and not over drawn ones.
    modes, rows, rtol
        As asked for; None to choose.
    until : float, optional
        Flow time at which training ends, if that was asked for: then modes do not matter.

    Returns
    -------
    int, int, float
        Modes to be learned, times at which something is recorded, relative error of a step.
    str
        What was chosen otherwise than for the quartic loss, as a note; "" for nothing.

    Examples
    --------
    >>> length_of("sgns", device="cpu", all_pairs=True, modes=None, rows=None, rtol=None)[:3]
    (5, 50, 0.001)
    >>> length_of("quartic", device="cpu", all_pairs=True, modes=None, rows=100, rtol=None)
    (20, 100, 0.0001, '')
    """
    costly = loss == "sgns" and device == "cpu" and all_pairs
    chosen = dict(_COSTLY if costly else _USUAL)
    words = {
        "modes": f"up to twice the learning time of mode {chosen['modes']:g} (--modes)",
        "rows": f"recorded at {chosen['rows']:g} times (--rows)",
        "rtol": f"steps right to {chosen['rtol']:g} (--rtol)",
    }
    asked = {"modes": modes, "rows": rows, "rtol": rtol}
    parts = [
        words[name]
        for name, value in asked.items()
        if value is None and not (name == "modes" and until is not None)
    ]
    found = {name: chosen[name] if value is None else value for name, value in asked.items()}
    usual = f"{_USUAL['modes']}, {_USUAL['rows']} and {_USUAL['rtol']:g}"
    note = f"SGNS on a CPU takes long: {', '.join(parts)}; the quartic loss has {usual}"
    return (
        int(found["modes"]),
        int(found["rows"]),
        float(found["rtol"]),
        note if costly and parts else "",
    )


@dataclass(frozen=True)
class Plan:
    """What is to be trained.

    Parameters
    ----------
    counts : Counts
        What it is trained on.
    d : int
        Dimension of the embeddings.
    loss : {"quartic", "sgns"}
        The quartic loss, or word2vec's own.
    weights : {"setting31", "unweighted", "word2vec", "word2vec.c"}
        Weights of pairs.
    negatives : float
        Negative pairs per positive pair, k.
    tied : bool
        Whether words and contexts share their vectors.
    scale : float
        Standard deviation of an entry of W(0).
    pairs : int or None
        Positive pairs drawn a step; None for all pairs.
    seed : int
        Seed of W(0), and of the pairs drawn.
    subsample : float, optional
        Threshold of subsampling of weights that have it.

    Examples
    --------
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> plan = Plan(
    ...     counts, d=2, loss="quartic", weights="setting31", negatives=1.0, tied=True,
    ...     scale=1e-3, pairs=None, seed=0,
    ... )
    >>> 10 < plan.end(2) < 50
    True
    """

    counts: Counts
    d: int
    loss: Literal["quartic", "sgns"]
    weights: WeightsName
    negatives: float
    tied: bool
    scale: float
    pairs: int | None
    seed: int
    subsample: float | None = None

    @cached_property
    def _loss(self) -> Loss:
        from repsearch.training import Quartic, Sgns

        return Quartic() if self.loss == "quartic" else Sgns()

    @cached_property
    def _weighting(self) -> Weighting:
        return weighting_called(self.weights, negatives=self.negatives, subsample=self.subsample)

    @cached_property
    def _batch(self) -> Batch:
        from repsearch.dynamics import FullBatch, SampledPairs

        return FullBatch() if self.pairs is None else SampledPairs(self.pairs, self.negatives)

    def end(self, modes: int, *, threads: int | None = None, progress: Progress = silent) -> float:
        """Give twice the time that theory has for learning so many modes, from a small start.

        Parameters
        ----------
        modes : int
            How many modes are to be learned.
        threads : int, optional
            All processors by default.
        progress : Progress, optional
            Told how far the eigenpairs are.

        Returns
        -------
        float
            Flow time.

        Raises
        ------
        InputError
            No mode grows, or there are to be none.
        """
        check_whole("modes", modes)
        from probes.theory_check import EarlyGrowth
        from repsearch import dynamics, eigenpairs

        growth = EarlyGrowth(self.counts, self._weighting, self._loss.expansion)
        number = min(modes, self.d, len(self.counts.words))
        by: Literal["value", "magnitude"] = "value" if self.tied else "magnitude"
        found = eigenpairs(
            growth, number, by=by, seed=self.seed, threads=threads, progress=progress
        )
        sizes = found.eigenvalues if self.tied else np.abs(found.eigenvalues)
        # A Gaussian start has about this much of each mode in its d columns.
        waits = dynamics.learning_times(sizes, np.full(number, self.scale * np.sqrt(self.d)))
        last = float(np.max(waits[np.isfinite(waits)], initial=0.0))
        if last <= 0:
            raise InputError(
                f"no mode grows from a start of {self.scale:g}; say until when to train, or pass a "
                "smaller start"
            )
        return _AFTERWARDS * last

    def fastest(self, *, threads: int | None = None, progress: Progress = silent) -> float:
        """Give the eigenvalue of largest magnitude: no mode grows or shrinks faster at first.

        Parameters
        ----------
        threads : int, optional
            All processors by default.
        progress : Progress, optional
            Told how far it is.

        Returns
        -------
        float
            Its magnitude.
        """
        from probes.theory_check import EarlyGrowth
        from repsearch import eigenpairs

        growth = EarlyGrowth(self.counts, self._weighting, self._loss.expansion)
        found = eigenpairs(
            growth, 1, by="magnitude", seed=self.seed, threads=threads, progress=progress
        )
        return float(np.abs(found.eigenvalues[0]))

    def expected(
        self, until: float, *, method: str, rtol: float, rows: int, dtype: str, threads: int | None
    ) -> Estimate:
        """Estimate how long training takes on this machine's processors, and how much memory.

        Parameters
        ----------
        until : float
            Flow time at which it ends.
        method, rtol
            As for `integrator`.
        rows : int
            Times at which something is recorded, where steps end.
        dtype : {"float64", "float32"}
            Type of the weights.
        threads : int or None
            All processors by default.

        Returns
        -------
        Estimate
            Without a time for descent, whose number of steps follows from the learning rate,
            and for stabilised steps, whose number of gradients follows from the spectrum on the
            way.
        """
        from probes.studies.estimates import runge_kutta_gradients, training

        gradients = None
        if method == "runge-kutta":
            fastest = self.fastest(threads=threads)
            gradients = runge_kutta_gradients(until, fastest, rtol, rows)
        return training(
            self.counts,
            self.d,
            gradients=gradients,
            loss=self.loss,
            by_tiles=self.weights in ("word2vec", "word2vec.c"),
            dtype=dtype,
            tied=self.tied,
            held=_HELD[method],
            threads=threads,
        )

    def precision(self, device: str) -> Literal["float32", "float64"]:
        """Give the type of the weights that is meant where none is asked for.

        Parameters
        ----------
        device : str
            Where training computes.

        Returns
        -------
        {"float32", "float64"}
            float32 for SGNS on a GPU, where all pairs are fed by a kernel for it, unless the
            start is so small that its modes would drown in rounding.

        Examples
        --------
        >>> from repsearch.synthetic import BinaryAttributes
        >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
        >>> plan = Plan(
        ...     counts, d=2, loss="sgns", weights="setting31", negatives=1.0, tied=True,
        ...     scale=1e-3, pairs=None, seed=0,
        ... )
        >>> plan.precision("cuda"), plan.precision("cpu")
        ('float32', 'float64')
        """
        fast = device.startswith("cuda") and self.loss == "sgns" and self.pairs is None
        return "float32" if fast and self.scale >= _SMALLEST_IN_FLOAT32 else "float64"

    def integrator(
        self,
        method: str,
        rtol: float,
        learning_rate: float | None,
        *,
        force: bool,
        steps: int | None = None,
    ) -> Integrator:
        """Give the way to follow the flow, or to descend.

        Parameters
        ----------
        method : {"runge-kutta", "chebyshev", "descent", "momentum", "adam"}
            Dormand-Prince steps, stabilised ones, or one of the descents, which drawn pairs
            need.
        rtol : float
            Relative error of a step of the flow, in every mode.
        learning_rate : float or None
            Of descent; None for a tenth of the largest stable one, with momentum for what moves
            as that does under steady gradients, 0.001 for Adam.
        force : bool
            Whether to descend even above the stability bound.
        steps : int, optional
            Let the learning rate of momentum or Adam decrease linearly to 0 in so many steps.

        Returns
        -------
        Integrator
            For `repsearch.training.train`.

        Raises
        ------
        InputError
            A learning rate for a method that has none, or numbers out of range.
        """
        from repsearch.training import Adam, Chebyshev, GradientDescent, Momentum, RungeKutta

        if method == "adam":
            return Adam(_decreasing(1e-3 if learning_rate is None else learning_rate, steps))
        if method in DESCENTS:
            slower = 1 - _MOMENTUM if method == "momentum" else 1.0
            rate = slower * self._stable_rate() / 10 if learning_rate is None else learning_rate
            if method == "momentum":
                return Momentum(_decreasing(rate, steps), _MOMENTUM, force=force)
            return GradientDescent(rate, force=force)
        if learning_rate is not None or force:
            raise InputError(
                f"a learning rate, and to force it, are for descent, and the method is {method}; "
                "drop one of them"
            )
        return Chebyshev(rtol=rtol) if method == "chebyshev" else RungeKutta(rtol=rtol)

    def train(
        self,
        folder: Path,
        *,
        until: float,
        integrator: Integrator,
        rows: int,
        snapshots: int,
        compute: dict[str, Any],
        progress: Progress,
        processes: Processes | None = None,
    ) -> TrainedTrajectory:
        """Train, and record evenly over time.

        Parameters
        ----------
        folder : Path
            Folder of the run, which is made.
        until : float
            Flow time at which training ends.
        integrator : Integrator
            How steps are made.
        rows, snapshots : int
            Numbers of times at which loss and modes are recorded, and embeddings kept.
        compute : dict
            Keywords of `repsearch.training.Compute`: device and precision.
        progress : Progress
            Told how far training is.
        processes : Processes, optional
            Others that work out their share.

        Returns
        -------
        TrainedTrajectory
            The run.

        Raises
        ------
        InputError
            Numbers out of range, or a folder that holds something else.
        """
        from repsearch import Gaussian, training

        return training.train(
            self.counts,
            folder,
            d=self.d,
            until=until,
            start=Gaussian(self.scale, self.seed),
            loss=self._loss,
            weighting=self._weighting,
            tied=self.tied,
            batch=self._batch,
            integrator=integrator,
            record=recorded(until, rows, snapshots),
            compute=training.Compute(**compute),
            seed=self.seed,
            progress=progress,
            processes=processes,
        )

    def _stable_rate(self) -> float:
        from repsearch import training

        anything = training.GradientDescent(1.0, force=True)
        terms = training.pair_terms(self.counts, self._weighting)
        return training.check_learning_rate(
            anything, terms, self._loss, tied=self.tied, batch=self._batch
        )


def resume(
    folder: Path,
    counts: Counts,
    *,
    until: float | None = None,
    rows: int = 200,
    snapshots: int = 20,
    threads: int | None = None,
    progress: Progress = silent,
    processes: Processes | None = None,
) -> TrainedTrajectory:
    """Go on with a run where it stopped, or beyond its end.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    counts : Counts
        What it was trained on.
    until : float, optional
        Flow time at which training ends; by default that of the run.
    rows, snapshots : int
        Numbers of times at which what lies beyond its end is recorded.
    threads : int, optional
        Threads on the CPU; as many as the run had by default.
    progress : Progress, optional
        Told how far training is.
    processes : Processes, optional
        Others that work out their share.

    Returns
    -------
    TrainedTrajectory
        The run.

    Raises
    ------
    InputError
        There is no such run, or it was trained on other counts.

    Examples
    --------
    >>> import tempfile
    >>> from repsearch import Gaussian, training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> record = training.Record(when=training.evenly(0.1, 2))
    >>> with tempfile.TemporaryDirectory() as parent:
    ...     folder = Path(parent) / "run"
    ...     run = training.train(
    ...         counts, folder, d=2, until=0.1, start=Gaussian(1e-3, 0), record=record
    ...     )
    ...     resume(folder, counts, until=0.2, rows=1, snapshots=1).times.round(2).tolist()
    [0.0, 0.05, 0.1, 0.2]
    """
    from repsearch import training

    end = training.TrainedTrajectory(folder).settings.until
    record = None
    if until is not None and until > end:
        record = recorded(until, rows, snapshots, since=end)
    return training.resume(
        folder,
        counts,
        until=until,
        record=record,
        threads=threads,
        progress=progress,
        processes=processes,
    )


def options_of_run(settings: Settings) -> dict[str, Any]:
    """Give what a run was trained with, as options say it.

    Parameters
    ----------
    settings : Settings
        Of a run.

    Returns
    -------
    dict
        Values by the names of options of ``repsearch train``: those that cannot change while a
        run goes on. None where the run has nothing that an option could have set.

    Examples
    --------
    >>> import tempfile
    >>> from repsearch import training
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.3]).sample(10_000, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = training.train(counts, folder, d=2, until=0.1)
    ...     has = options_of_run(run.settings)
    >>> has["d"], has["loss"], has["weights"], has["method"], has["learning_rate"]
    (2, 'quartic', 'setting31', 'runge-kutta', None)
    """
    from repsearch import training
    from repsearch.target.weighting import Setting31, Unweighted, Word2Vec
    from repsearch.target.word2vec_program import Word2VecC

    def named(value: object, names: dict[type, str]) -> str | None:
        return names.get(type(value))

    return {
        "d": settings.dimension,
        "loss": named(settings.loss, {training.Quartic: "quartic", training.Sgns: "sgns"}),
        "weights": named(
            settings.weighting,
            {
                Setting31: "setting31",
                Unweighted: "unweighted",
                Word2Vec: "word2vec",
                Word2VecC: "word2vec.c",
            },
        ),
        "negatives": getattr(settings.weighting, "negatives", None),
        "subsample": getattr(settings.weighting, "subsample", None),
        "tied": settings.tied,
        "method": named(
            settings.integrator,
            {
                training.RungeKutta: "runge-kutta",
                training.Chebyshev: "chebyshev",
                training.GradientDescent: "descent",
                training.Momentum: "momentum",
                training.Adam: "adam",
            },
        ),
        "rtol": getattr(settings.integrator, "rtol", None),
        "learning_rate": getattr(settings.integrator, "largest", None),
        "decay": "linear" if _decreases(settings.integrator) else "none",
        "force": getattr(settings.integrator, "force", None),
        "pairs": getattr(settings.batch, "positives", None),
        "dtype": settings.compute.dtype,
        "products": settings.compute.products,
        "device": settings.compute.device,
        "seed": settings.seed,
    }


def steps_of(until: float) -> int:
    """Read an end in steps.

    Parameters
    ----------
    until : float
        Number of steps.

    Returns
    -------
    int

    Raises
    ------
    InputError
        It is not whole, or below 1.

    Examples
    --------
    >>> steps_of(200.0)
    200
    """
    if not (1 <= until < np.inf and until == int(until)):
        raise InputError(
            f"until is {until:g}; momentum and Adam take whole numbers of steps from 1 up"
        )
    return int(until)


def _decreasing(rate: float, steps: int | None) -> LearningRate:
    return rate if steps is None else ((float(steps), rate, 0.0),)


def _decreases(integrator: Integrator) -> bool:
    return isinstance(getattr(integrator, "learning_rate", None), tuple)


def recorded(until: float, rows: int, snapshots: int, *, since: float = 0.0) -> Record:
    """Record evenly over a run, or over what it goes on for.

    Parameters
    ----------
    until : float
        Flow time at which it ends.
    rows, snapshots : int
        Numbers of times at which loss and modes are recorded, and embeddings kept.
    since : float, default 0
        Flow time after which it is recorded.

    Returns
    -------
    Record
        For `repsearch.training.train`.

    Raises
    ------
    InputError
        No row or no snapshot, or an end before `since`.

    Examples
    --------
    >>> recorded(1.0, 4, 2).when.times
    (0.25, 0.5, 0.75, 1.0)
    """
    from repsearch import training

    check_whole("rows", rows)
    check_whole("snapshots", snapshots)
    if not since < until < np.inf:
        raise InputError(f"until is {until:g}; pass a flow time after {since:g}")

    def over(number: int) -> training.AtTimes:
        return training.AtTimes(tuple(np.linspace(since, until, number + 1)[1:].tolist()))

    return training.Record(when=over(rows), snapshots=over(snapshots))
