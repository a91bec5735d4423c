"""Make the figures in one run folder: stages first, then each, whatever becomes of others."""

from __future__ import annotations

import hashlib
import importlib.util
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from probes.reproduce.drawn import Drawn
from probes.reproduce.estimates import in_words, seconds_of
from probes.reproduce.figures import PAPER, PaperFigure
from probes.reproduce.have import Have
from probes.reproduce.measured import Measured
from probes.reproduce.settings import Format, Settings, spelt_out
from probes.reproduce.sources import find_minimum, solve_modes, solve_pmi, solve_ppmi
from probes.reproduce.stages import Stages, key_of
from probes.reproduce.trained import trainers
from repsearch.counts.counts import Counts
from repsearch.errors import DivergenceError, InputError
from repsearch.progress import Progress, prefixed, silent

_MEASURED = "measured.json"
_TORCH = ("minimum", *trainers())


@dataclass(frozen=True)
class Outcome:
    """What became of one figure.

    Parameters
    ----------
    figure : PaperFigure
        The figure.
    measured : Measured or None
        Its numbers; None where it could not be made.
    reason : str
        Why it could not be made.
    again : bool
        Whether nothing had changed since it was made before.
    files : tuple of str
        Its pictures, relative to the run folder.

    Examples
    --------
    >>> Outcome(PAPER["8"], None, "no pairs").made
    False
    """

    figure: PaperFigure
    measured: Measured | None
    reason: str = ""
    again: bool = False
    files: tuple[str, ...] = ()

    @property
    def made(self) -> bool:
        """Whether the figure is there."""
        return self.measured is not None


@dataclass
class _Todo:
    """A stage or a figure, with how long it takes about."""

    name: str
    title: str
    key: str
    needs: tuple[str, ...]
    seconds: float


@dataclass
class Reproduction:
    """The figures of the paper from counts, in a run folder; `run` makes them.

    Parameters
    ----------
    folder : Path
        The run folder.
    counts : Counts
        What the figures are of.
    settings : Settings
        How they are made.
    figures : sequence of str
        Numbers of those that are asked for.
    formats : sequence of str
        Formats of pictures.
    progress : Progress, optional
        Told how far each stage is.
    told : callable, optional
        Called when a stage or a figure is done that did not stand, with its number, how many
        there are, its title, the seconds it took, and about how many seconds are left.

    Examples
    --------
    >>> import tempfile
    >>> from repsearch.synthetic import BinaryAttributes
    >>> counts = BinaryAttributes([0.5, 0.4, 0.3, 0.2]).sample(100_000, seed=0)
    >>> with tempfile.TemporaryDirectory() as name:
    ...     made = Reproduction(Path(name), counts, Settings(), ["8"]).run()
    >>> made[0].made, made[0].reason.split(",")[0]
    (False, 'no pair of the relations google has both its words in the vocabulary')
    """

    folder: Path
    counts: Counts
    settings: Settings
    figures: Sequence[str]
    formats: Sequence[Format] = ("png", "pdf")
    progress: Progress = field(default=silent)
    told: Callable[[int, int, str, float, float], None] | None = None

    def __post_init__(self) -> None:
        self.settings = self.settings.settled(words=len(self.counts.words))
        self.torch = has_torch()
        self._stages = Stages(self.folder)
        self._failed: dict[str, str] = {}
        self._places: dict[str, Path] = {}

    def run(self) -> list[Outcome]:
        """Work out what has changed, and make every figure that can be made.

        Returns
        -------
        list of Outcome
            One for each figure asked for, in order.
        """
        todo = self._todo()
        waiting = [one for one in todo if not self._stages.stands(one.name, one.key)]
        expected = sum(one.seconds for one in waiting)
        begun, done_of = time.perf_counter(), 0.0
        outcomes = []
        for number, one in enumerate(todo, start=1):
            since = time.perf_counter()
            if number == 1:
                self.progress(f"all | about {in_words(expected)} left", 0, len(todo), "stages")
            if one.name in _WORKERS:
                self._work(one)
            else:
                outcomes.append(self._figure(one))
            took = time.perf_counter() - since
            if one in waiting:
                done_of += one.seconds
            pace = (time.perf_counter() - begun) / done_of if done_of else 1.0
            left = max(0.0, expected - done_of) * pace
            stage = f"all | about {in_words(left)} left" if number < len(todo) else "all"
            self.progress(stage, number, len(todo), "stages")
            if self.told is not None and one in waiting:
                self.told(number, len(todo), one.title, took, left)
        return outcomes

    def all_there(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Add figures that were not asked for, and stand from an earlier run of these settings.

        Parameters
        ----------
        outcomes : sequence of Outcome
            Of the figures asked for.

        Returns
        -------
        list of Outcome
            In the order of the paper.
        """
        found = {one.figure.name: one for one in outcomes}
        for one in self._todo(list(PAPER)):
            figure = PAPER.get(one.name.removeprefix("figure-"))
            if figure is None or figure.name in found or not self._stages.stands(one.name, one.key):
                continue
            files = Drawn(self.folder, self._stages, figure, one.key).pictures()
            if files is None:
                continue
            measured = Measured.open(self._stages.folder / one.name / _MEASURED)
            found[figure.name] = Outcome(figure, measured, again=True, files=files)
        return [found[name] for name in PAPER if name in found]

    def expected_seconds(self) -> float:
        """Give about how long it takes on two cores, what stands already left out.

        Returns
        -------
        float
            Seconds; rather a guess.
        """
        waiting = (one for one in self._todo() if not self._stages.stands(one.name, one.key))
        return sum(one.seconds for one in waiting)

    def _todo(self, figures: Sequence[str] | None = None) -> list[_Todo]:
        """The stages that the figures need, then the figures, with the keys of all."""
        wanted = [PAPER[name] for name in (self.figures if figures is None else figures)]
        needed = {name for one in wanted for name in one.needs}
        keys: dict[str, str] = {}
        found = []
        for name, (_, title, used) in _WORKERS.items():
            if name not in needed or (name in _TORCH and not self.torch):
                continue
            settings = {setting: getattr(self.settings, setting) for setting in used}
            keys[name] = key = key_of(name, settings, {"counts": self._counts_key()})
            found.append(
                _Todo(name, title, key, (), seconds_of(name, self.settings, len(self.counts.words)))
            )
        for figure in wanted:
            needs = tuple(name for name in figure.needs if name in keys)
            settings = {setting: getattr(self.settings, setting) for setting in figure.settings}
            inputs = {"counts": self._counts_key(), **{name: keys[name] for name in needs}}
            key = key_of(figure.name, settings, inputs)
            found.append(
                _Todo(f"figure-{figure.name}", f"figure {figure.name}", key, needs, 4.0)
            )  # fmt: skip
        return found

    def _counts_key(self) -> str:
        if not hasattr(self, "_digest"):
            self._digest = counts_digest(self.counts)
        return self._digest

    def _work(self, one: _Todo) -> None:
        work = _WORKERS[one.name][0]
        try:
            with self._stages.stage(one.name, one.key, keep=one.name.startswith("run-")) as (
                place,
                standing,
            ):
                if not standing:
                    work(
                        place, self.counts, self.settings, prefixed(self.progress, f"{one.title}: ")
                    )
            self._places[one.name] = self._stages.folder / one.name
        except Exception as error:
            self._failed[one.name] = f"{one.title}: {_reason(error)}"

    def _figure(self, one: _Todo) -> Outcome:
        figure = PAPER[one.name.removeprefix("figure-")]
        drawn = Drawn(self.folder, self._stages, figure, one.key)
        try:
            for name in one.needs:
                if name in self._failed:
                    raise InputError(self._failed[name])
            with self._stages.stage(one.name, one.key) as (place, standing):
                if not standing:
                    have = Have(
                        self.counts,
                        self.settings,
                        {name: self._places[name] for name in one.needs},
                        prefixed(self.progress, f"{one.title}: "),
                    )
                    figure.measure(have).save(place / _MEASURED)
                # Read back, so that a figure is drawn of the same numbers whenever it is drawn.
                measured = Measured.open(place / _MEASURED)
            files, again = drawn.draw(measured, self.formats)
        except Exception as error:
            # What was drawn of other numbers is not to stand beside a page that has none.
            with suppress(OSError, InputError):
                drawn.remove()
            return Outcome(figure, None, _reason(error))
        return Outcome(figure, measured, again=again and standing, files=files)


_USED = ("d", "columns", "seed")
_TRAINED = tuple(Settings().trained)
_WORKERS: Mapping[str, tuple[Callable[..., Any], str, tuple[str, ...]]] = {
    "modes": (solve_modes, "modes of M*", _USED),
    "ppmi": (solve_ppmi, "modes of PPMI", ("d", "seed")),
    "pmi": (solve_pmi, "modes of PMI", ("d", "seed")),
    "minimum": (find_minimum, "minimum of word2vec's loss", ("d", "seed", "negatives", "device")),
    **{
        name: (work, f"training {name.removeprefix('run-')}", _TRAINED)
        for name, work in trainers().items()
    },
}


def has_torch() -> bool:
    """Tell whether what is trained can be trained here.

    Returns
    -------
    bool
    """
    return importlib.util.find_spec("torch") is not None


def counts_digest(counts: Counts) -> str:
    """Digest counts, words and all.

    Parameters
    ----------
    counts : Counts
        The counts.

    Returns
    -------
    str
        Equal for equal counts.
    """
    found = hashlib.sha256("\n".join(counts.words).encode())
    parts = (counts.word_counts, counts.indptr, counts.columns, counts.values, counts.above)
    for part in parts:
        if part is None:
            continue
        found.update(str(part.dtype).encode())
        found.update(np.ascontiguousarray(part).data)
    found.update(f"{counts.window}{counts.n_words_read}{counts.n_documents}".encode())
    return found.hexdigest()


def facts_of(counts: Counts, settings: Settings) -> dict[str, Any]:
    """Give what is known of counts and settings, on which reasons for differences depend.

    Parameters
    ----------
    counts : Counts
        The counts.
    settings : Settings
        Settled.

    Returns
    -------
    dict
        Numbers by name: ``words``, ``tokens`` of the vocabulary, ``documents``, the ``density``
        of the counts, and all settings.
    """
    return {
        **spelt_out(settings),
        "tokens": counts.n_tokens,
        "documents": counts.n_documents,
        "words": len(counts.words),
        "density": counts.density,
    }


def _reason(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return (
        text
        if isinstance(error, InputError | DivergenceError)
        else f"{type(error).__name__}: {text}"
    )


def failed(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Pick the figures that could not be made.

    Parameters
    ----------
    outcomes : iterable of Outcome
        Of all.

    Returns
    -------
    list of Outcome
    """
    return [one for one in outcomes if not one.made]
