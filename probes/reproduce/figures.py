"""List the figures of arXiv 2502.09863, with what each is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from probes.reproduce import (
    figure_1,
    figure_2,
    figure_3a,
    figure_3b,
    figure_4,
    figure_5,
    figure_6,
    figure_7,
    figure_8,
)
from probes.reproduce.have import Have
from probes.reproduce.measured import Measured

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class PaperFigure:
    """A figure or table of the paper.

    Parameters
    ----------
    name : str
        Its number.
    title : str
        What it shows.
    needs : tuple of str
        Stages that it is made of. Trained ones are left out where there is no torch.
    measure : callable
        Works out its numbers.
    draw : callable
        Draws them.
    settings : tuple of str
        Settings that it uses itself.

    Examples
    --------
    >>> PAPER["8"].title
    'how close analogies come to the right word'
    """

    name: str
    title: str
    needs: tuple[str, ...]
    measure: Callable[[Have], Measured]
    draw: Callable[[Measured], Figure]
    settings: tuple[str, ...] = ("d", "columns", "seed")


_SMALL = ("run-qwem-small", "run-word2vec-small")
_LARGE = ("run-qwem-large", "run-word2vec-large")
PAPER = {
    one.name: one
    for one in (
        PaperFigure(
            "1", "loss, singular values and the embedding space over time",
            ("modes", *_SMALL), figure_1.measure, figure_1.draw,
            ("d", "seed", "small"),
        ),
        PaperFigure(
            "2", "singular values of word2vec, QWEM and theory, from two starts",
            ("modes", *_SMALL, *_LARGE), figure_2.measure, figure_2.draw,
            ("d", "seed", "small", "large"),
        ),
        PaperFigure(
            "3a", "features: the words of modes",
            ("modes", "ppmi", "minimum"), figure_3a.measure, figure_3a.draw,
        ),
        PaperFigure(
            "3b", "benchmarks: analogies and human ratings",
            ("modes", "ppmi", "pmi", "minimum"), figure_3b.measure, figure_3b.draw,
        ),
        PaperFigure(
            "4", "concept directions: bulk, place, SNR and accuracy",
            ("modes",), figure_4.measure, figure_4.draw,
        ),
        PaperFigure(
            "5", "overlaps of modes of word2vec, QWEM and PPMI",
            ("modes", "ppmi", "minimum"), figure_5.measure, figure_5.draw,
        ),
        PaperFigure(
            "6", "bulk and place of four more relations",
            ("modes",), figure_6.measure, figure_6.draw,
        ),
        PaperFigure(
            "7", "ablation: losses and weights between word2vec and QWEM",
            (*_SMALL, "run-quartic-only", "run-setting31-only"), figure_7.measure, figure_7.draw,
            (),
        ),
        PaperFigure(
            "8", "how close analogies come to the right word",
            ("modes",), figure_8.measure, figure_8.draw,
        ),
    )
}  # fmt: skip
"""By number."""
