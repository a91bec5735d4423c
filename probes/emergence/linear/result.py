"""What `linear_times` finds: by family, and across families."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from probes.concepts.signal_to_noise.signal import Signal
from probes.shared.intervals import Interval
from probes.shared.rank_correlation import RankCorrelation
from probes.shared.text_table import fixed_width
from probes.shared.wording import with_interval
from repsearch.storage.tables import Cell

Status = Literal["linear", "from the first", "not told from chance"]


@dataclass(frozen=True)
class FamilyTimes:
    """When one relation becomes linear, in the flow time of the source.

    Parameters
    ----------
    family : str
    status : str
        ``"linear"``: it becomes so within the times looked at. ``"from the first"``: it
        is at half of its final share or above at all of them. ``"not told from chance"``:
        even the final share is no finding.
    final : Signal
        At the last time.
    adjusted_p : float
        p-value of the final share, adjusted for the number of families (Holm 1979).
    linear : Interval or None
        Linear time: from then on the share is at half of its final value or above.
        The interval holds what the spacing of the times leaves open. None where it is
        not told from chance.
    between : (float, float) or None
        The two times looked at around it; the first time twice for ``"from the first"``.
    onset : float or None
        The first of the times from which on each share is significant at 0.05.
    growth : Interval or None
        From then on |m|^2 is at half of its final value or above.
    predicted_growth : float or None
        The same by the logistic curves of the modes; None without a theory.
    learning : Interval or None
        Mean of the modes' learning times tau_k, weighted with the shares p_k of the
        final squared mean on them. None without a theory, as the two below.
    learning_spread : (float, float) or None
        The times by which modes of 16 % and of 84 % of that weight are learned.
    leading : tuple of int
        The three modes with the largest p_k, from 1.
    """

    family: str
    status: Status
    final: Signal
    adjusted_p: float
    linear: Interval | None
    between: tuple[float, float] | None
    onset: float | None
    growth: Interval | None
    predicted_growth: float | None
    learning: Interval | None
    learning_spread: tuple[float, float] | None
    leading: tuple[int, ...]

    def sentence(self) -> str:
        """The finding in plain words."""
        if self.linear is None:
            return (
                f"{self.family}: no direction that can be told from chance "
                f"(adjusted p = {self.adjusted_p:.2g})."
            )
        found = "is a direction from the first time on"
        if self.status == "linear":
            found = f"becomes a direction at t = {with_interval(self.linear)}"
        if self.learning is None:
            return f"{self.family} {found}."
        modes = ", ".join(str(mode) for mode in self.leading)
        return (
            f"{self.family} {found}; the modes it lives on ({modes} most of all) are learned at "
            f"{with_interval(self.learning)}."
        )

    def cells(self) -> dict[str, Cell]:
        """Cells of a table's row."""
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
        row["onset"] = self.onset
        row |= _columns("growth_time", self.growth)
        row["growth_time_predicted"] = self.predicted_growth
        row |= _columns("learning_time", self.learning)
        row["learned_16"], row["learned_84"] = self.learning_spread or (None, None)
        row["leading_modes"] = " ".join(str(mode) for mode in self.leading)
        return row


@dataclass(frozen=True)
class LinearTimes:
    """Linear times of all families; made by `linear_times`.

    Parameters
    ----------
    families : tuple of FamilyTimes
    times : tuple of float
        The times looked at.
    left_out : tuple of str
        Families in which no two pairs are without a common word.
    correlation : RankCorrelation or None
        Of linear times with the learning times of the modes that the means live on,
        over the families that have both; None for fewer than 3.
    growth_correlation : RankCorrelation or None
        Of growth times with those learning times.
    """

    families: tuple[FamilyTimes, ...]
    times: tuple[float, ...]
    left_out: tuple[str, ...]
    correlation: RankCorrelation | None
    growth_correlation: RankCorrelation | None

    def table(self) -> list[dict[str, Cell]]:
        """Rows for a CSV or JSON file, one a family."""
        return [one.cells() for one in self.families]

    def __str__(self) -> str:
        rows = [
            (
                one.family[:22],
                f"{one.adjusted_p:.2g}",
                _short(one.linear),
                "-" if one.growth is None else f"{one.growth.value:.2g}",
                "-" if one.predicted_growth is None else f"{one.predicted_growth:.2g}",
                "-" if one.learning is None else f"{one.learning.value:.2g}",
            )
            for one in self.families
        ]
        head = ("family", "p", "linear at t", "grown", "theory", "learned")
        lines = [fixed_width(head, rows)]
        lines += [f"{name}: no independent pairs that differ." for name in self.left_out]
        for name, found in (("Linear", self.correlation), ("Growth", self.growth_correlation)):
            if found is not None:
                lines.append(f"{name} times beside learning times of the modes:\n  {found}")
        return "\n".join(lines)


def _columns(name: str, found: Interval | None) -> dict[str, Cell]:
    return {
        name: found.value if found else None,
        f"{name}_low": found.low if found else None,
        f"{name}_high": found.high if found else None,
    }


def _short(found: Interval | None) -> str:
    return "-" if found is None else with_interval(found, ".2g")
