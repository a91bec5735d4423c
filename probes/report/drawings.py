"""Draw the report's figures, save them, and hand them to the page."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from probes.drawing.refusals import NothingToDrawError, PanelsError
from probes.drawing.save import rendered, save_figure
from probes.drawing.style import styled
from probes.figures.modes.singular_values import plot_singular_values
from probes.figures.modes.spectrum import plot_spectrum
from probes.figures.relations.analogies import plot_analogies
from probes.figures.relations.similarity import plot_similarity
from probes.figures.words.embedding_map import plot_embedding_map
from probes.modes.power_law import PowerLaw
from probes.report.contents import ReportContents

MAP_WORDS = 700
"""Words on the map, the most frequent ones."""
_FEWEST_MAP_WORDS = 10
_NARROW = 3.7
"""Inches; shown on a telephone, text of a figure so wide keeps its size."""


@dataclass(frozen=True)
class Drawing:
    """A figure in a page.

    Parameters
    ----------
    uri : str
        The PNG file as a data URI.
    width, height : int
        Of the PNG file, in pixels.
    narrow : str
        The same for a narrow screen; empty where there is none.
    """

    uri: str
    width: int
    height: int
    narrow: str = ""


def draw(
    contents: ReportContents,
    power_law: PowerLaw | None,
    folder: Path,
    *,
    seed: int,
) -> dict[str, Drawing]:
    """Draw what there is to draw and write it to a folder.

    Parameters
    ----------
    contents : ReportContents
        The results.
    power_law : PowerLaw or None
        Through the spectrum.
    folder : Path
        Made if it is missing.
    seed : int
        Of the map.

    Returns
    -------
    dict of str to Drawing
        By the name of the files; figures of what was not scored are missing.
    """
    drawings = {}
    for name, plot, both_widths in _plots(contents, power_law, seed):
        try:
            figure = cast(Figure, plot(None).get_figure(root=True))
        except NothingToDrawError:
            continue
        png, *_ = save_figure(figure, folder, name)
        content = png.read_bytes()
        width, height = struct.unpack(">II", content[16:24])
        narrow = _narrow(plot, figure.get_figheight()) if both_widths else ""
        drawings[name] = Drawing(_uri(content), width, height, narrow)
    return drawings


def _plots(
    contents: ReportContents, power_law: PowerLaw | None, seed: int
) -> Iterator[tuple[str, Callable[[Axes | None], Axes], bool]]:
    """Give names, what draws them, and whether that can be drawn for a narrow screen."""
    spectrum, embeddings = contents.spectrum, contents.embeddings
    if (spectrum.eigenvalues > 0).any():
        yield "spectrum", lambda ax: plot_spectrum(spectrum, power_law=power_law, ax=ax), True
    if contents.learning is not None:
        flow = contents.learning.flow
        yield "singular-values", lambda ax: plot_singular_values(flow, ax=ax), True
    if contents.topics.topics:
        yield "topics", contents.topics.plot, False
    if contents.analogies:
        yield "analogies", lambda ax: plot_analogies(contents.analogies, ax=ax), True
    if any(contents.similarities.values()):
        yield "similarity", lambda ax: plot_similarity(contents.similarities, ax=ax), True
    if len(embeddings) >= _FEWEST_MAP_WORDS and embeddings.dimension >= 2:
        yield (
            "embedding-map",
            lambda ax: plot_embedding_map(embeddings, n_words=MAP_WORDS, seed=seed, ax=ax),
            False,
        )
    for section in contents.sections:
        yield section.anchor, section.answer.plot, True


def _narrow(plot: Callable[[Axes | None], Axes], height: float) -> str:
    """The same for a narrow screen; empty of a picture of several panels, which takes no axes."""
    with styled():
        figure = Figure(figsize=(_NARROW, height), layout="constrained")
        try:
            plot(figure.add_subplot())
        except PanelsError:
            return ""
    return _uri(rendered(figure, "png"))


def _uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
