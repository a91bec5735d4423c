"""Measure emergence, linear times and noise of the same source together, beside its theory."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from probes.emergence.delocalised_noise import NoiseTable, delocalised_noise
from probes.emergence.followed import Followed
from probes.emergence.linear.linear_times import FEWEST_TIMES, RESAMPLES, linear_times
from probes.emergence.linear.result import LinearTimes
from probes.emergence.pictures import Picture, curves, pictures_of
from probes.emergence.points import Measure
from probes.emergence.result import Emergence
from probes.emergence.time_and_dimension import emergence
from probes.relations.relations import Relations
from probes.result import WIDTH, Result
from probes.shared.rank_correlation import RankCorrelation, rank_correlation
from repsearch.embeddings import Embeddings, WordsFound
from repsearch.progress import Progress, prefixed, silent
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ANOTHER = (
    " The closed form is that of the quartic loss under Setting 3.1; what was trained is another "
    "loss or has other weights of pairs, and is no test of it."
)
_FEW_TIMES = 16
_COMPARED: dict[Measure, str] = {
    "share": "common share",
    "accuracy": "accuracy",
    "reciprocal_rank": "reciprocal rank",
    "margin": "margin",
}


@dataclass(frozen=True, eq=False)
class EmergenceStudy(Result):
    """Emergence of analogies, with all that belongs to it; made by `emergence_study`.

    Parameters
    ----------
    measured : Emergence
        Every family at every time and in every dimension.
    predicted : Emergence or None
        The same of the closed form; None without a theory, and where the closed form
        itself is measured.
    exact : bool
        Whether the closed form is that of the very loss and weights that were trained.
    linear : LinearTimes or None
        When relations become directions; None for fewer than 3 times.
    answer_correlation : RankCorrelation or None
        Over families, of the times from which on half of the final share of right answers is
        there, with learning times of the modes; None for fewer than 3 families.
    noise : NoiseTable
        Noise at the last time, beside that of delocalised eigenvectors.
    words : WordsFound, optional
        How the words of the relations were found in the vocabulary.
    lacking : str, optional
        Why no closed form stands beside a run, and what would give one; a sentence.

    Examples
    --------
    >>> from probes import Relations
    >>> from probes.emergence import emergence_study, followed_closed_form
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3])
    >>> followed = followed_closed_form(world.spectrum(), scale=1e-3, times=[5, 20, 40])
    >>> found = emergence_study(followed, Relations(world.relations), dims=[3])
    >>> list(found.parts())
    ['emergence', 'noise', 'linear']
    """

    name = "emergence"
    columns: ClassVar[Mapping[str, str]] = {
        "% right": "questions a : b = a' : ? whose answer is the nearest word; 95 % interval",
        "rank": "of the right word, in the median question",
        "margin": "its cosine over the largest of any other word; by chance: the family's own "
        "words paired at random",
        "share": "common share of a squared difference, as in 'probe concepts'; by chance: what "
        "one random family in twenty exceeds",
        "linear at": "time from which on the share is at half of its final value; ≤: by then or "
        "before, p: of the direction at the end",
        "grown": "time from which on |m|² is at half of its final value",
        "theory": "the same in closed form",
        "learned": "time at which the modes are learned that the direction lives on",
    }
    next_step: ClassVar[str] = (
        "--out FOLDER keeps every time and dimension with its interval, and the curves; "
        "--times and --dims choose others; docs/emergence.md says how far times can be trusted."
    )

    measured: Emergence
    predicted: Emergence | None
    exact: bool
    linear: LinearTimes | None
    answer_correlation: RankCorrelation | None
    noise: NoiseTable
    words: WordsFound | None = None
    lacking: str = ""

    def summary(self) -> str:
        """Say what is answered, what becomes a direction when, and how close the theory is.

        Returns
        -------
        str
            A paragraph. A theory of another loss or other weights is named as no test.
        """
        return " ".join(self.paragraphs())

    def paragraphs(self) -> list[str]:
        """Give what is answered, then when and how close the theory is, then the noise.

        Returns
        -------
        list of str
            Together they are `summary`.
        """
        said = [self.measured.summary()]
        if self.linear is not None:
            said.append(self.linear.summary())
        if self.answer_correlation is not None:
            said.append(
                "Times of the answers beside learning times of the modes: "
                f"{self.answer_correlation}."
            )
        if self.predicted is not None:
            said.append(beside_theory(self.measured, self.predicted, exact=self.exact))
        if self.lacking:
            said.append(self.lacking)
        said.append(self.noise.summary())
        return said if self.words is None else [*said, str(self.words)]

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each family, time and dimension.

        Returns
        -------
        list of dict
            Every measure with the ends of its interval; with a theory its values and the
            residuals, measured less predicted.
        """
        return self.measured.table(self.predicted)

    def rests_on(self) -> dict[str, Cell]:
        """Give what the measurement rests on, and which closed form is beside it.

        Returns
        -------
        dict
            Name to value.
        """
        theory = "none"
        if self.predicted is not None:
            theory = "exact" if self.exact else "of another loss or other weights"
        found = {} if self.words is None else self.words.cells()
        return {**self.measured.rests_on(), **found, "closed form": theory}

    def parts(self) -> dict[str, Result]:
        """Give the study itself, the noise, and linear times where there are some.

        Returns
        -------
        dict of str to Result
            By the name of their files.
        """
        found: dict[str, Result] = {self.name: self, self.noise.name: self.noise}
        if self.linear is not None:
            found[self.linear.name] = self.linear
        return found

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw common share and accuracy of every family, with the closed form as lines.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            None, for there is a panel for each family.

        Returns
        -------
        matplotlib.axes.Axes
            The first panel.

        Raises
        ------
        NothingToDrawError
            There is one time and one dimension.
        InputError
            Axes were given.
        """
        return curves(self.measured, self.predicted, ax)

    def pictures(self) -> dict[str, Picture]:
        """Give curves over time and over dimension, and the plane of both.

        Returns
        -------
        dict of str to callable
            They raise `NothingToDrawError` where there is a single time or dimension.
        """
        return pictures_of(self.measured, self.predicted)

    def text(self, width: int = WIDTH) -> str:
        """Lay out the tables, and a line for each family on when it becomes a direction.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal; the tables have at most 80.

        Returns
        -------
        str
            Tables, then sentences.
        """
        if self.linear is None:
            return self.measured.text(width)
        lines = [self.measured.text(width), "", self.linear.text(width), ""]
        for one in self.linear.families:
            sentence = one.summary()
            rise = self.measured[one.family].rise("accuracy")
            if rise is not None and one.told:
                sentence += f" Half of its right answers are there from t = {rise:.3g} on."
            lines.append(_wrapped(sentence, width))
        return "\n".join(lines)


def emergence_study(
    followed: Followed,
    relations: Relations,
    *,
    dims: Sequence[int] | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> EmergenceStudy:
    """Follow analogies over time and dimension, and find when relations become directions.

    Parameters
    ----------
    followed : Followed
        Embeddings, a run or a closed form, with its theory.
    relations : Relations
        Families of pairs.
    dims : sequence of int, optional
        Numbers of leading columns, increasing. By default powers of two (of four where there
        are more than 16 times) and all columns where there are times, and the dimensions of the
        paper's figure 4 and all columns for embeddings.
    seed : int, default 0
        Seed of all resamples and flips.
    progress : Progress, optional
        Told how many points are done.

    Returns
    -------
    EmergenceStudy
        Emergence, linear times and noise, with the closed form beside them.

    Raises
    ------
    InputError
        Dimensions that are out of range, or no question in the vocabulary.

    Examples
    --------
    >>> from probes import Relations
    >>> from probes.emergence import Followed
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3])
    >>> followed = Followed(world.spectrum().embeddings(3))
    >>> found = emergence_study(followed, Relations(world.relations), dims=[2, 3])
    >>> found.measured["attribute 1"].values("share").round(6).tolist()
    [[1.0, 1.0]]
    """
    source, times, theory = followed.source, followed.times, followed.theory
    words = relations.look_up(followed.final)
    relations = relations.within(followed.final)
    columns = tuple(dims) if dims is not None else _dims(followed)
    measured = emergence(source, relations, times=times, dims=columns, seed=seed, progress=progress)
    linear, predicted = None, None
    if not isinstance(source, Embeddings) and len(measured.times) >= FEWEST_TIMES:
        linear = linear_times(source, relations, theory=theory, times=times, seed=seed)
    if theory is not None and theory is not source:
        predicted = emergence(
            theory,
            relations,
            times=times,
            dims=columns,
            seed=seed,
            progress=prefixed(progress, "theory: "),
        )
    return EmergenceStudy(
        measured=measured,
        predicted=predicted,
        exact=followed.exact,
        linear=linear,
        answer_correlation=_answer_correlation(measured, linear, seed=seed),
        noise=delocalised_noise(followed.final, relations, dims=measured.dims, seed=seed),
        words=words,
        lacking=followed.lacking,
    )


def beside_theory(found: Emergence, predicted: Emergence, *, exact: bool = True) -> str:
    """Say how far the measured curves lie from the closed form's, over all times and dimensions.

    Parameters
    ----------
    found, predicted : Emergence
        What was measured, and what the closed form has.
    exact : bool, default True
        Whether the closed form is that of the very loss and weights that were trained.

    Returns
    -------
    str
        Sentences.

    Raises
    ------
    InputError
        The two are not of the same times, dimensions and families.
    """
    found.check_same_grid(predicted)
    said = []
    for measure, name in _COMPARED.items():
        apart = np.concatenate(
            [
                np.abs(one.values(measure) - predicted[one.family].values(measure)).ravel()
                for one in found.families
            ]
        )
        apart = apart[np.isfinite(apart)]
        if len(apart):
            said.append(f"{name} {np.median(apart):.2g} (at most {apart.max():.2g})")
    points = len(found.times) * len(found.dims)
    return (
        f"Measured less closed form, median size over {points} points of each family: "
        f"{', '.join(said)}."
        f"{'' if exact else _ANOTHER}"
    )


def _answer_correlation(
    measured: Emergence, linear: LinearTimes | None, *, seed: int
) -> RankCorrelation | None:
    """Correlate over families when half of the right answers are there with learning times."""
    answered, learned = [], []
    first = measured.times[0]
    for one in linear.families if linear is not None else ():
        rise = measured[one.family].rise("accuracy")
        # What is there at the first time may have come at any time before: no point.
        if rise is not None and rise != first and one.told and one.learning is not None:
            answered.append(rise)
            learned.append(one.learning.value)
    return rank_correlation(answered, learned, seed=seed, level=measured.level, resamples=RESAMPLES)


def _dims(followed: Followed) -> tuple[int, ...] | None:
    """Few columns where there are several times: powers of two, of four where these are many."""
    if isinstance(followed.source, Embeddings):
        return None
    d = followed.final.dimension
    base = 2 if len(followed.times or ()) <= _FEW_TIMES else 4
    return tuple(sorted({base**k for k in range(14) if 4 <= base**k < d} | {d}))


def _wrapped(line: str, width: int) -> str:
    """Break a line at `width` columns, those after the first set in."""
    return textwrap.fill(
        line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
