"""Lay out the topic browser: each mode with the words at its ends, a label, and when it comes."""

from __future__ import annotations

from typing import Any

from probes.report.learning import Learning
from probes.report.numbers import rounded
from probes.topics.study import TopicStudy
from repsearch.storage.visible import visible


def topic_pages(study: TopicStudy, learning: Learning | None) -> dict[str, Any]:
    """Lay out the modes that were studied.

    Parameters
    ----------
    study : TopicStudy
        Topics with their labels, and their coherence where it was measured.
    learning : Learning or None
        The closed form, which says when each mode is learned.

    Returns
    -------
    dict
        What JSON can hold: ``modes``, what was ``measured``, and a ``summary``.
    """
    labels = {label.name: label for label in study.labels.labels}
    scored = {} if study.coherence is None else {one.name: one for one in study.coherence.topics}
    waits = {} if learning is None else dict(enumerate(learning.learning_times.tolist(), start=1))
    modes: dict[int, dict[str, Any]] = {}
    for topic in study.topics.topics:
        mode = modes.setdefault(
            topic.mode,
            {
                "mode": topic.mode,
                "eigenvalue": rounded(topic.eigenvalue),
                "learning_time": rounded(waits.get(topic.mode)),
                "ends": [],
            },
        )
        name = f"{topic.mode}{topic.end}"
        label, score = labels.get(name), scored.get(name)
        mode["ends"].append(
            {
                "end": topic.end,
                "words": [visible(word) for word in topic.words],
                "entries": [rounded(entry) for entry in topic.entries],
                "label": "" if label is None else visible(str(label)),
                "coherent": None if label is None else label.coherent,
                "coherence": None if score is None else rounded(score.value),
                "by_chance": None if score is None else rounded(score.null),
                "p": None if score is None else rounded(score.p),
            }
        )
    return {
        "modes": list(modes.values()),
        "measured": "" if study.coherence is None else study.coherence.measure,
        "unit": "" if study.coherence is None else study.coherence.unit,
        "not_measured": study.not_measured,
        "summary": study.summary(),
        "considered": study.topics.considered,
    }
