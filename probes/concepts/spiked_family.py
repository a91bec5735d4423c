"""Hold the spiked model of one relation, beside those of random pairs."""

from __future__ import annotations

from dataclasses import dataclass

from probes.concepts.coverage import FamilyCoverage
from probes.concepts.false_positives import NegativeControls
from probes.concepts.signal_to_noise.snr_curve import SnrCurve
from probes.drawing.labels import label_and_name
from probes.random_matrix import SpikedCovariance
from probes.shared.several_tests import is_finding
from probes.shared.wording import with_interval
from repsearch.storage.tables import Cell


@dataclass(frozen=True)
class SpikedFamily:
    """One relation under the spiked model.

    Parameters
    ----------
    coverage : FamilyCoverage
        Pairs that can be used, and their graph.
    fit : SpikedCovariance
        A common mean plus noise, fitted to the differences.
    curve : SnrCurve or None
        Signal against the number of leading columns; None with fewer than three groups of
        pairs without a common word.
    controls : NegativeControls
        What the same tests find in random pairs.

    Examples
    --------
    >>> from probes.concepts import spiked_families
    >>> from probes.relations import Relations
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.5, 0.4, 0.3, 0.2, 0.1])
    >>> emb = world.spectrum().embeddings(8)
    >>> given = Relations({"first": world.relations["attribute 1"][:6]})
    >>> one = spiked_families(emb, given, controls=0).families[0]
    >>> one.independent, one.control_p_value, one.fit.mean_p_value < 0.05
    (True, 1.0, True)
    """

    coverage: FamilyCoverage
    fit: SpikedCovariance
    curve: SnrCurve | None
    controls: NegativeControls

    @property
    def independent(self) -> bool:
        """Whether no two pairs share a word, as the model takes for granted."""
        return len(self.coverage.components) == len(self.coverage.pairs)

    @property
    def control_p_value(self) -> float:
        """Share of random families of the same frequencies with as large a strength.

        1 without random families; never below 1 / (their number + 1).
        """
        controls = self.controls
        larger = len(controls.strengths) - controls.beaten(self.fit.strength.value)
        return (1 + larger) / (1 + len(controls.strengths))

    def summary(self) -> str:
        """Say the verdict in plain words; intervals are of 90 %, that of the peak of 95 %.

        Returns
        -------
        str
            One paragraph.
        """
        fit, controls = self.fit, self.controls
        if not is_finding(fit.mean_p_value):
            shown = "no direction is shown"
        elif controls.strengths and not is_finding(self.control_p_value):
            all_beaten = controls.beaten(fit.strength.value) == len(controls.strengths)
            shown = (
                "a direction, with too few random families to tell it from chance"
                if all_beaten
                else "a direction, but no stronger than in random pairs"
            )
        else:
            shown = "a direction"
        under = " (model refused)" if fit.refused else ""
        lines = [
            f"{label_and_name(self.coverage.family)}: {shown} (p {fit.mean_p_value:.2g}), strength "
            f"{with_interval(fit.strength)}{under} at a threshold of {fit.threshold:.2g}"
        ]
        if controls.strengths:
            lines.append(
                f"more than in {controls.beaten(fit.strength.value)} of {len(controls.strengths)} "
                f"random families (p {self.control_p_value:.2g})"
            )
        lines += [
            f"squared overlap {fit.overlap_seen:.2f} where {with_interval(fit.overlap)} "
            f"is predicted{under}",
            f"noise of {with_interval(fit.effective_dimension)} dimensions{under}",
        ]
        if self.curve is not None:
            lines.append(f"SNR largest at d = {with_interval(self.curve.peak)}")
        spikes = "/".join(f"{found.count}" for found in fit.counts)
        lines.append(f"spikes {spikes} by {', '.join(found.method for found in fit.counts)}")
        verdict = (
            f"One mean plus noise fits (p {fit.fit.p_value:.2g})."
            if not fit.refused
            else f"One mean plus noise does NOT fit (p {fit.fit.p_value:.2g}, worst in the "
            f"{fit.fit.worst})."
        )
        shared = "" if self.independent else " Its pairs share words, unknown to the model."
        return f"{'; '.join(lines)}. {verdict}{shared}"

    def table(self) -> list[dict[str, Cell]]:
        """Give one row for each quantity.

        Returns
        -------
        list of dict
            The rows of the fit, the peak of the signal, and the random families.
        """
        rows = self.fit.table()
        if self.curve is not None:
            peak = self.curve.peak
            rows.append(
                {
                    **dict.fromkeys(rows[0]),
                    "quantity": "dimension of the largest SNR",
                    "value": peak.value,
                    "low": peak.low,
                    "high": peak.high,
                    "level": peak.level,
                    "interval": peak.method,
                }
            )
        numbers = {
            "random families of smaller strength": self.controls.beaten(self.fit.strength.value),
            "random families": len(self.controls.strengths),
        }
        for name, number in numbers.items():
            rows.append({**dict.fromkeys(rows[0]), "quantity": name, "value": float(number)})
        return [{"family": self.coverage.family, **row} for row in rows]
