"""Hold when relations become directions: by family, and across families."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from probes.concepts.signal_to_noise.signal import Signal
from probes.drawing.labels import family_label, label_and_name
from probes.result import WIDTH, Result
from probes.shared.intervals import Interval
from probes.shared.rank_correlation import RankCorrelation
from probes.shared.text_table import fixed_width
from probes.shared.wording import counted, with_interval
from repsearch.storage.tables import Cell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Status = Literal["linear", "from the first", "too small to date", "not told from chance"]
Timed = Literal["linear", "growth"]
CENSORED: tuple[Timed, ...] = ("linear", "growth")


@dataclass(frozen=True)
class FamilyTimes:
    """When one relation becomes linear, in the flow time of the source.

    Parameters
    ----------
    family : str
        Name of the relation.
    status : str
        ``"linear"``: it becomes so within the times looked at. ``"from the first"``: it
        is at half of its final share or above at all of those from `tells_from` on, so that
        it rose by then at some time. ``"too small to date"``: half of the final share is no
        more than chance gives, even at the last time. ``"not told from chance"``: even the
        final share is no finding.
    final : Signal
        Common share of the differences at the last time.
    adjusted_p : float
        p-value of the final share, adjusted for the number of families (Holm 1979).
    linear : Interval or None
        Linear time: from then on the share is at half of its final value or above.
        The interval holds what the spacing of the times leaves open. None where it is
        not told from chance.
    between : (float, float) or None
        The two times looked at around it. For ``"from the first"`` `tells_from` and the time
        before it, or that time twice where it is the first of all.
    tells_from : float or None
        The first of the times from which on half of the final share is more than chance gives.
    onset : float or None
        The first of the times from which on each share is significant at 0.05, larger than
        that of 95 % of random families, and in two effective dimensions at least.
    growth : Interval or None
        Growth time: from then on |m|^2 is at half of its final value or above.
    growth_censored : bool
        Whether it is so at all times looked at.
    predicted_growth : float or None
        Growth time by the logistic curves of the modes; None without a theory.
    learning : Interval or None
        Mean of the modes' learning times tau_k, weighted with the shares p_k of the
        final squared mean on them. None without a theory, as the two below.
    learning_spread : (float, float) or None
        The times by which modes of 16 % and of 84 % of that weight are learned.
    leading : tuple of int
        The three modes with the largest p_k, from 1.

    Examples
    --------
    >>> from probes import Relations
    >>> from probes.emergence import linear_times
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3, 0.2])
    >>> flow = gradient_flow(world.spectrum(), Aligned(1e-3), d=4)
    >>> found = linear_times(flow, Relations(world.relations), times=[1, 5, 10, 20, 40])
    >>> found.families[0].family, found.families[0].status
    ('attribute 1', 'from the first')
    """

    family: str
    status: Status
    final: Signal
    adjusted_p: float
    linear: Interval | None
    between: tuple[float, float] | None
    tells_from: float | None
    onset: float | None
    growth: Interval | None
    growth_censored: bool
    predicted_growth: float | None
    learning: Interval | None
    learning_spread: tuple[float, float] | None
    leading: tuple[int, ...]

    @property
    def told(self) -> bool:
        """Whether the final share can be told from chance."""
        return self.status != "not told from chance"

    def uncensored(self, which: Timed) -> Interval | None:
        """Give a time, if it is known from both sides.

        Parameters
        ----------
        which : {"linear", "growth"}
            Which time.

        Returns
        -------
        Interval or None
            None of a curve that has risen by the first time that can tell.
        """
        if which == "linear":
            return self.linear if self.status == "linear" else None
        return None if self.growth_censored else self.growth

    def summary(self) -> str:
        """Say when the relation becomes a direction, and when its modes are learned.

        Returns
        -------
        str
            A sentence.
        """
        name = family_label(self.family)
        if not self.told:
            return (
                f"{name}: no direction that can be told from chance "
                f"(adjusted p = {self.adjusted_p:.2g})."
            )
        found = "is a direction at the last time, but half of its share is within chance: no time"
        if self.linear is not None and self.status == "linear":
            found = f"becomes a direction at t = {with_interval(self.linear)}"
        elif self.linear is not None:
            found = f"is a direction at t = {self.linear.value:.3g}, the first time that can tell"
        if self.learning is None:
            return f"{name} {found}."
        modes = ", ".join(str(mode) for mode in self.leading)
        return (
            f"{name} {found}; the modes it lives on ({modes} most of all) are learned at "
            f"{with_interval(self.learning)}."
        )

    def cells(self) -> dict[str, Cell]:
        """Give the cells of a table's row.

        Returns
        -------
        dict
            Times and shares, each with the ends of its interval.
        """
        row: dict[str, Cell] = {
            "family": self.family,
            "status": self.status,
            "pairs": self.final.pairs,
            "groups": self.final.groups,
        }
        row |= _columns("final_share", self.final.share)
        row |= {"p_value": self.final.p_value, "adjusted_p": self.adjusted_p}
        row |= _columns("linear_time", self.linear)
        row["time_before"], row["time_after"] = self.between or (None, None)
        row["tells_from"], row["onset"] = self.tells_from, self.onset
        row |= _columns("growth_time", self.growth)
        row["growth_censored"] = self.growth_censored
        row["growth_time_predicted"] = self.predicted_growth
        row |= _columns("learning_time", self.learning)
        row["learned_16"], row["learned_84"] = self.learning_spread or (None, None)
        row["leading_modes"] = " ".join(str(mode) for mode in self.leading)
        return row


@dataclass(frozen=True)
class LinearTimes(Result):
    """Linear times of all families; made by `linear_times`.

    Parameters
    ----------
    families : tuple of FamilyTimes
        In the order of the relations.
    times : tuple of float
        Flow times looked at.
    left_out : tuple of str
        Families in which no two pairs are without a common word.
    correlation : RankCorrelation or None
        Of linear times with the learning times of the modes that the means live on,
        over the families that have both and whose time is not censored; None for fewer than 3.
    growth_correlation : RankCorrelation or None
        Of growth times with those learning times.
    dimensions : tuple of float
        Effective dimension of the embedding at each time.
    settings : dict
        Level, significance, numbers of resamples, flips and random families, seed, and whether
        there is a theory.

    Examples
    --------
    >>> from probes import Relations
    >>> from probes.emergence import linear_times
    >>> from repsearch import Aligned, gradient_flow
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.6, 0.4, 0.3, 0.2])
    >>> flow = gradient_flow(world.spectrum(), Aligned(1e-3), d=4)
    >>> found = linear_times(flow, Relations(world.relations), times=[1, 5, 10, 20, 40])
    >>> found.summary().split("(")[0]
    '4 of 4 relations have a direction at the last time that can be told from chance '
    """

    name = "linear"

    families: tuple[FamilyTimes, ...]
    times: tuple[float, ...]
    left_out: tuple[str, ...]
    correlation: RankCorrelation | None
    growth_correlation: RankCorrelation | None
    dimensions: tuple[float, ...]
    settings: dict[str, Cell]

    def summary(self) -> str:
        """Say how many relations become directions, when, and what that goes with.

        Returns
        -------
        str
            A paragraph; relations that could be chance are counted.
        """
        known = [one for one in self.families if one.told]
        text = (
            f"{len(known)} of {counted(len(self.families), 'relation')} "
            f"{'has' if len(known) == 1 else 'have'} a direction at the last time that can be told "
            f"from chance (Holm over relations, p below {self.settings['significance']:g})."
        )
        later = [one.linear.value for one in known if one.linear and one.status == "linear"]
        if later:
            text += (
                f" {len(later)} of them {'becomes' if len(later) == 1 else 'become'} directions "
                f"within the times looked at, between t = {min(later):.3g} and {max(later):.3g}."
            )
        early = [one.linear.value for one in known if one.linear and one.status == "from the first"]
        if early:
            text += (
                f" {len(early)} of them {'has' if len(early) == 1 else 'have'} it by the first "
                f"time that can tell (t = {min(early):.3g} or later)."
            )
        if rest := sum(one.status == "too small to date" for one in known):
            text += f" {rest} of them {'is' if rest == 1 else 'are'} too small to date."
        text += self._about_dimensions()
        for name, found in (("linear", self.correlation), ("growth", self.growth_correlation)):
            if found is not None:
                with_both = [one for one in known if one.learning and getattr(one, name)]
                out = len(with_both) - found.points
                without = f", {out} risen too early to date left out" if out else ""
                text += f" {name.capitalize()} times beside learning times of the modes: {found}"
                text += f"{without}."
        return text

    def _about_dimensions(self) -> str:
        """Say before when nothing is dated, for want of dimensions."""
        starts = [
            one.tells_from for one in self.families if one.told and one.tells_from is not None
        ]
        if not starts or min(starts) <= self.times[0]:
            return ""
        return (
            f" Before t = {min(starts):.3g} nothing is dated: there random pairs have shares as "
            f"large, or differ in fewer than two dimensions (effective dimension "
            f"{self.dimensions[0]:.3g} at first, {self.dimensions[-1]:.3g} at last)."
        )

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each family.

        Returns
        -------
        list of dict
            Status, final share, and times, each with the ends of its interval; None for times
            of a family that is not told from chance.
        """
        return [one.cells() for one in self.families]

    def rests_on(self) -> dict[str, Cell]:
        """Give numbers of families, pairs and times, and the settings.

        Returns
        -------
        dict
            Name to value.
        """
        return {
            "families": len(self.families),
            "pairs": sum(one.final.pairs for one in self.families),
            "times": len(self.times),
            "first time": self.times[0],
            "last time": self.times[-1],
            **self.settings,
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw growth times beside learning times; without a theory, linear times by family.

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
            No family is told from chance.
        """
        if any(one.growth and one.learning for one in self.families):
            return _scatter(self, ax, which="growth")
        from probes.drawing.interval_rows import plot_intervals

        times = {one.family: one.linear for one in self.families}
        return plot_intervals(times, label="linear time, t", ax=ax)

    def pictures(self) -> dict[str, Callable[[Axes | None], Axes]]:
        """Give growth and linear times, each beside learning times of the modes.

        Returns
        -------
        dict of str to callable
            They raise `NothingToDrawError` without a theory.
        """
        return {
            "growth-times": partial(_scatter, self, which="growth"),
            "linear-times": partial(_scatter, self, which="linear"),
        }

    def text(self, width: int = WIDTH) -> str:
        """Lay out p-values and times, one line for each family.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal; the table has at most 80.

        Returns
        -------
        str
            A table, and the families that could not be asked.
        """
        rows = [
            (
                family_label(one.family),
                f"{one.adjusted_p:.2g}",
                # A time that is known from above only.
                f"≤ {one.linear.value:.2g}"
                if one.linear and one.status == "from the first"
                else _short(one.linear),
                "-" if one.growth is None else f"{one.growth.value:.2g}",
                "-" if one.predicted_growth is None else f"{one.predicted_growth:.2g}",
                "-" if one.learning is None else f"{one.learning.value:.2g}",
            )
            for one in self.families
        ]
        head = ("family", "p", "linear at", "grown", "theory", "learned")
        # Without a theory there is nothing to read in its columns.
        kept = [k for k in range(len(head)) if k < 4 or any(row[k] != "-" for row in rows)]
        lines = [
            fixed_width(
                [head[k] for k in kept], [[row[k] for k in kept] for row in rows], width=width
            )
        ]
        lines += [
            f"{label_and_name(name)}: no independent pairs that differ." for name in self.left_out
        ]
        return "\n".join(lines)


def _scatter(found: LinearTimes, ax: Axes | None, *, which: Literal["growth", "linear"]) -> Axes:
    # By name: figures are made of results and stand above them.
    figures = import_module("probes.figures.relations.linear_times")
    drawn: Axes = figures.plot_linear_times(found, which=which, ax=ax)
    return drawn


def _columns(name: str, found: Interval | None) -> dict[str, Cell]:
    return {
        name: found.value if found else None,
        f"{name}_low": found.low if found else None,
        f"{name}_high": found.high if found else None,
    }


def _short(found: Interval | None) -> str:
    return "-" if found is None else with_interval(found, ".2g")
