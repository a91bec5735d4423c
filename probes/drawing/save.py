"""Write figures to files."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Literal

from matplotlib.figure import Figure

from probes.drawing.style import styled
from probes.drawing.words import take_literally
from repsearch.errors import InputError
from repsearch.storage.atomic import replacing

DPI = 170


def save_figure(figure: Figure, folder: Path | str, name: str) -> tuple[Path, Path]:
    """Write a figure as PNG and as PDF.

    The files hold no date, so that equal figures drawn by equal versions of
    Matplotlib make equal files; each appears under its name when it is whole.

    Parameters
    ----------
    figure : Figure
        The figure; it needs no backend.
    folder : Path or str
        Made if it is missing.
    name : str
        Name of the files without suffix.

    Returns
    -------
    tuple of Path
        The PNG and the PDF file.

    Raises
    ------
    InputError
        The name is not a plain file name, or a file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from matplotlib.figure import Figure
    >>> with TemporaryDirectory() as folder:
    ...     [path.name for path in save_figure(Figure(figsize=(1, 1)), folder, "empty")]
    ['empty.png', 'empty.pdf']
    """
    if not name or name in (".", "..") or Path(name).name != name or "\\" in name:
        raise InputError(f"{name!r} cannot name a figure; pass a file name without suffix")
    png = Path(folder) / f"{name}.png"
    pdf = Path(folder) / f"{name}.pdf"
    for path, content in ((png, rendered(figure, "png")), (pdf, rendered(figure, "pdf"))):
        with replacing(path) as stream:
            stream.write(content)
    return png, pdf


def rendered(figure: Figure, format: Literal["png", "pdf"]) -> bytes:
    """Render a figure as the content of a file that holds no date.

    Parameters
    ----------
    figure : Figure
        The figure; it needs no backend.
    format : {"png", "pdf"}
        Format of the file.

    Returns
    -------
    bytes
        Equal for equal figures.
    """
    dates: dict[str, str | None] = {"Software": None}
    if format == "pdf":
        dates = {"CreationDate": None, "Creator": None, "Producer": None}
    buffer = io.BytesIO()
    with styled(), warnings.catch_warnings():
        # A word in a script without an installed font shows as boxes, one warning a letter.
        warnings.filterwarnings("ignore", r"Glyph .* missing from (current )?font")
        take_literally(figure)
        figure.savefig(buffer, format=format, dpi=DPI, metadata=dates)
    return buffer.getvalue()
