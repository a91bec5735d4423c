"""Sum the report up in a few plain sentences."""

from __future__ import annotations

from dataclasses import dataclass

from probes.drawing.labels import set_label
from probes.modes.power_law import PowerLaw
from probes.report.contents import ReportContents
from probes.report.wording import (
    correlation,
    correlation_range,
    level,
    percent,
    percent_range,
    points,
    points_range,
    signed,
)
from probes.shared.intervals import Interval
from probes.shared.wording import listed


@dataclass(frozen=True)
class Tile:
    """A number that is shown large.

    Parameters
    ----------
    value, unit : str
        The number and its unit.
    label : str
        What it is.
    detail : str
        Its interval, or what it is out of.
    """

    value: str
    unit: str
    label: str
    detail: str


def tiles(contents: ReportContents) -> list[Tile]:
    """Give the numbers that matter most: accuracy, lead over rivals, similarity."""
    found = []
    if contents.analogies:
        micro = contents.analogies[contents.main].micro
        found.append(
            Tile(
                percent(micro.value),
                "%",
                "analogies right",
                f"{level(micro)} interval {percent_range(micro)}",
            )
        )
    found += [
        Tile(
            points(lead),
            "points",
            f"against {rival}",
            f"{level(lead)} interval {points_range(lead)}",
        )
        for rival, lead in contents.differences.items()
    ]
    for result in contents.similarities.get(contents.main, ()):
        if result.spearman is not None:
            found.append(
                Tile(
                    correlation(result.spearman.value),
                    "ρ",
                    f"agreement with {set_label(result.dataset)}",
                    f"{level(result.spearman)} interval {correlation_range(result.spearman)}",
                )
            )
    return found


def paragraphs(contents: ReportContents) -> list[str]:
    """Say what was done, how well the main target did, and against whom."""
    embeddings = contents.embeddings
    corpus = contents.facts.get("Corpus", "").rstrip(".")
    text = [
        f"{f'From {corpus}: embeddings' if corpus else 'Embeddings'} of {len(embeddings):,} words "
        f"in {embeddings.dimension:,} dimensions, found in closed form from the leading "
        f"eigenpairs of {contents.main}."
    ]
    if contents.analogies:
        text.append(" ".join([_accuracy(contents), *_standing(contents)]))
    agreements = [
        f"{correlation(result.spearman.value)} ({correlation_range(result.spearman)}) on "
        f"{set_label(result.dataset)}"
        for result in contents.similarities.get(contents.main, ())
        if result.spearman is not None
    ]
    if agreements:
        text.append(
            "Spearman's correlation between their cosines and human ratings of word pairs is "
            f"{listed(agreements)}."
        )
    return text


def spectrum_sentence(power_law: PowerLaw) -> str:
    """Say how the eigenvalues fall, and whether a power law is a fair summary."""
    early, late = (signed(-half, 2) for half in power_law.halves)
    line = (
        f"Between ranks {power_law.first} and {power_law.last} the eigenvalues fall about as a "
        f"power of the rank with exponent {signed(-power_law.exponent, 2)} (descriptive interval "
        f"{_exponent_range(power_law.interval)})."
    )
    change = (
        f"{early} up to rank {power_law.middle} and {late} from there (a change of "
        f"{signed(-power_law.bend.value, 2, plus=True)}, "
        f"{_exponent_range(power_law.bend, plus=True)})"
    )
    if power_law.bends:
        return f"{line} One power law is a rough summary, for the line bends: {change}."
    return f"{line} There is no clear bend: {change}."


def _exponent_range(interval: Interval, *, plus: bool = False) -> str:
    """Give the ends with the sign that exponents of falling eigenvalues have."""
    ends = (signed(-end, 2, plus=plus) for end in (interval.high, interval.low))
    return " to ".join(ends)


def _accuracy(contents: ReportContents) -> str:
    result = contents.analogies[contents.main]
    return (
        f"They answer {percent(result.micro.value)} % of {result.questions:,} analogies rightly "
        f"({level(result.micro)} interval {percent_range(result.micro)})."
    )


def _standing(contents: ReportContents) -> list[str]:
    """Compare with the rivals: clearly better, clearly worse, and undecided ones."""
    clear: dict[str, list[str]] = {"more": [], "less": []}
    open_: list[str] = []
    for rival, lead in contents.differences.items():
        if 0.0 in lead:
            open_.append(f"{rival} ({points(lead)} points, {points_range(lead)})")
        else:
            clear["more" if lead.value > 0 else "less"].append(
                f"{signed(100 * abs(lead.value), 1)} points {'more' if lead.value > 0 else 'less'} "
                f"than {rival} ({points_range(lead)})"
            )
    text = []
    if clear["more"] or clear["less"]:
        text.append(f"That is {listed(clear['more'] + clear['less'])}, on the same questions.")
    if open_:
        text.append(f"There is no clear difference from {listed(open_)}.")
    return text
