"""Write a figure in every format that was asked for."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from probes.drawing.save import rendered
from probes.drawing.style import styled
from probes.drawing.words import take_literally
from probes.reproduce.settings import Format
from repsearch.storage.atomic import replacing


def save_picture(figure: Figure, folder: Path, name: str, formats: Sequence[Format]) -> None:
    """Write a figure; equal figures make equal files.

    Parameters
    ----------
    figure : Figure
        The figure.
    folder : Path
        Where to.
    name : str
        Name of the files without suffix.
    formats : sequence of {"png", "pdf", "svg"}
        Their suffixes.
    """
    for format in formats:
        content = _svg(figure) if format == "svg" else rendered(figure, format)
        with replacing(folder / f"{name}.{format}") as stream:
            stream.write(content)


def _svg(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    with styled(), mpl.rc_context({"svg.hashsalt": "repsearch"}):
        take_literally(figure)
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
