"""Say what was found, in sentences, each with its figure and how sure it is."""

from __future__ import annotations

from probes.drawing.labels import family_label
from probes.report.concepts import Concepts
from probes.report.contents import ReportContents
from probes.report.summary import paragraphs
from probes.report.wording import percent, percent_range
from probes.shared.wording import counted, listed
from probes.topics.coherence import above_chance

_MOST_NAMED = 3


def findings(contents: ReportContents) -> list[str]:
    """Say what a reader should know first.

    Parameters
    ----------
    contents : ReportContents
        The results.

    Returns
    -------
    list of str
        A paragraph each; the first says what was done.
    """
    said = paragraphs(contents)
    if contents.learning is not None:
        said.append(contents.learning.summary())
    if contents.concepts is not None:
        said += _concepts(contents.concepts)
    study = contents.topic_study
    if study is not None and study.coherence is not None:
        passed = above_chance(study.coherence)
        said.append(
            f"{sum(passed.values())} of the {counted(len(passed), 'topic')} at the ends of the "
            f"first {len(passed) // 2} modes are coherent above chance, at a false discovery rate "
            f"of 5 % (counted by {study.coherence.unit}); the others are lists of words and "
            "deserve no name."
        )
    return said


def _concepts(concepts: Concepts) -> list[str]:
    profiles = list(concepts.profiles.values())
    if not profiles:
        return []
    found = [one for one in profiles if one.found]
    clear = sorted(
        (one for one in found if one.selective), key=lambda one: -one.held_out.accuracy.value
    )
    text = (
        f"{len(found)} of {counted(len(profiles), 'relation')} "
        f"{'is a direction' if len(found) == 1 else 'are directions'}: pairs held out are ordered "
        "rightly more often than by chance (p below 0.05 after Holm’s adjustment). "
    )
    if len(found) > len(clear):
        some = len(found) - len(clear)
        text += (
            f"Of these, {some} cannot be told from random pairs of the same frequencies and may be "
            f"{'a direction' if some == 1 else 'directions'} of frequency. "
        )
    if clear:
        named = listed(
            [
                f"{family_label(one.coverage.family)} ({percent(one.held_out.accuracy.value)} % of "
                f"held-out pairs, {percent_range(one.held_out.accuracy)})"
                for one in clear[:_MOST_NAMED]
            ]
        )
        text += f"The clearest: {named}."
    rises = _rises(concepts)
    if len(rises) < 2:
        return [text.strip()]
    (first, early), *_, (last, late) = rises
    return [
        text.strip(),
        f"Analogies come one relation after another: half of its final accuracy is there at flow "
        f"time {early:.3g} for {family_label(first)}, which is the first of {len(rises)}, and at "
        f"{late:.3g} for {family_label(last)}, the last. These times are read off "
        f"{len(_times(concepts))} moments and have no interval.",
    ]


def _rises(concepts: Concepts) -> list[tuple[str, float]]:
    """Families whose accuracy is above 0 for certain at the end, by when half of it is there."""
    if concepts.over_time is None:
        return []
    found = []
    for one in concepts.over_time.families:
        last, rise = one.points[-1][-1].of("accuracy"), one.rise("accuracy")
        if last is not None and last.low > 0 and rise is not None:
            found.append((one.family, rise))
    return sorted(found, key=lambda pair: pair[1])


def _times(concepts: Concepts) -> tuple[float | None, ...]:
    return () if concepts.over_time is None else concepts.over_time.times
