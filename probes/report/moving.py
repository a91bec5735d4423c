"""Lay out the embedding space over time: places of words on the leading modes, and topics."""

from __future__ import annotations

from typing import Any

import numpy as np

from probes.figures.words.leading_topics import leading_topics
from probes.report.learning import Learning
from probes.report.numbers import in_steps, listed_numbers
from probes.report.wording import MINUS
from probes.topics.labels import LabelTable
from repsearch.embeddings import Embeddings
from repsearch.storage.visible import visible

MOST_WORDS = 10_000
"""A page holds so many words; of larger vocabularies the most frequent ones."""
_AXES = 24
_CURVES = 40
_FEWEST_AXES = 2


def moving_picture(learning: Learning, labels: LabelTable | None = None) -> dict[str, Any] | None:
    """Lay out places and curves for the page's script.

    A word's place on mode k at time t is v_ik s_k(t) (`probes.report.learning.learning_of`), so
    that places at the end and one curve a mode are all that every moment needs.

    Parameters
    ----------
    learning : Learning
        The closed form.
    labels : LabelTable, optional
        Names of the topics; by default the words closest to each.

    Returns
    -------
    dict or None
        What JSON can hold; None where there are fewer than two modes, which make no plane.

    Examples
    --------
    >>> from probes.report.learning import learning_of
    >>> from repsearch.synthetic import BinaryAttributes
    >>> laid = moving_picture(learning_of(BinaryAttributes([0.5, 0.3]).spectrum()))
    >>> laid["words"], len(laid["places"]["columns"]), len(laid["times"])
    (['pp', 'pm', 'mp', 'mm'], 3, 64)
    """
    spectrum = learning.spectrum
    if spectrum.dimension < _FEWEST_AXES:
        return None
    axes, curves = min(_AXES, spectrum.dimension), min(_CURVES, spectrum.dimension)
    words = spectrum.words[:MOST_WORDS]
    values = learning.singular_values
    final = values[-1]
    places = spectrum.eigenvectors[: len(words), :axes].astype(float) * final[:axes]
    found = leading_topics(Embeddings(words, places, learning.spectrum.target), n_words=len(words))
    named = {
        label.name: f"{label.mode} {'+' if label.end == '+' else MINUS}  {label}"
        for label in (labels.labels if labels is not None else ())
        if label.words
    }
    of_word = np.zeros(len(words), dtype=int)
    for number, topic in enumerate(found):
        of_word[topic.rows] = number
    return {
        "times": listed_numbers(learning.times.tolist()),
        "loss": listed_numbers(learning.loss.tolist()),
        "explained": listed_numbers(learning.explained.tolist()),
        "learned": learning.learned.tolist(),
        "eigenvalues": listed_numbers(spectrum.eigenvalues.tolist()),
        "learning_times": listed_numbers(learning.learning_times.tolist()),
        "singular_values": [listed_numbers(row) for row in values[:, :curves].T.tolist()],
        "words": [visible(word) for word in words],
        "places": in_steps(places),
        "topics": [named.get(f"{topic.mode}{topic.end}") or topic.label for topic in found],
        "topic_of": of_word.tolist(),
    }
