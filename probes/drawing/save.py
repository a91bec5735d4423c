"""Write figures to files."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from matplotlib.figure import Figure

from probes.drawing.style import styled
from probes.drawing.words import take_literally
from repsearch.errors import InputError
from repsearch.storage.atomic import replacing

DPI = 170
Format = Literal["png", "pdf", "svg"]
FORMATS: tuple[Format, ...] = get_args(Format)


def save_figure(
    figure: Figure, folder: Path | str, name: str, formats: Sequence[Format] = FORMATS
) -> tuple[Path, ...]:
    """Write a figure as PNG for screens, PDF for papers and SVG for both and for editing.

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
    formats : sequence of {"png", "pdf", "svg"}
        All three by default.

    Returns
    -------
    tuple of Path
        A file for each of the formats.

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
    ['empty.png', 'empty.pdf', 'empty.svg']
    """
    if not name or name in (".", "..") or Path(name).name != name or "\\" in name:
        raise InputError(f"{name!r} cannot name a figure; pass a file name without suffix")
    paths = tuple(Path(folder) / f"{name}.{format}" for format in formats)
    for path, format in zip(paths, formats, strict=True):
        content = rendered(figure, format)
        with replacing(path) as stream:
            stream.write(content)
    return paths


def rendered(figure: Figure, format: Format) -> bytes:
    """Render a figure as the content of a file that holds no date.

    Parameters
    ----------
    figure : Figure
        The figure; it needs no backend.
    format : {"png", "pdf", "svg"}
        Format of the file.

    Returns
    -------
    bytes
        Equal for equal figures.
    """
    dates: dict[str, str | None] = {"Software": None}
    if format == "pdf":
        dates = {"CreationDate": None, "Creator": None, "Producer": None}
    if format == "svg":
        dates = {"Date": None, "Creator": None}
    buffer = io.BytesIO()
    with styled(), warnings.catch_warnings():
        # A word in a script without an installed font shows as boxes, one warning a letter.
        warnings.filterwarnings("ignore", r"Glyph .* missing from (current )?font")
        take_literally(figure)
        figure.savefig(buffer, format=format, dpi=DPI, metadata=dates)
    return buffer.getvalue()
