"""Write a report: one page that needs nothing but itself, and its figures as files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from probes.report.contents import ReportContents
from probes.report.layout import FORMAT, laid_out
from probes.report.render import rendered_page
from probes.report.side_by_side import side_by_side
from repsearch.errors import InputError
from repsearch.storage.atomic import replacing
from repsearch.storage.visible import visible_json

LAYOUT = "report.json"
"""What a page shows of a run, from which it can be made again."""


def write_report(contents: ReportContents, folder: Path | str, *, seed: int = 0) -> Path:
    """Draw all figures and write the page.

    Equal contents give equal bytes on one machine: nothing in the files tells
    when they were made. The page loads nothing, from the network or from the
    folder, so it can be sent and kept alone.

    Parameters
    ----------
    contents : ReportContents
        What was found.
    folder : Path or str
        Gets ``report.html``, ``report.json`` (from which `write_page` makes the page again,
        alone or beside other runs) and ``figures`` with each figure as PNG, PDF and SVG;
        made if it is missing. Files of these names are replaced.
    seed : int, default 0
        Of the map.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        A file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from repsearch.synthetic import BinaryAttributes
    >>> from probes.topics import topics
    >>> spectrum = BinaryAttributes([0.3, 0.2]).spectrum()
    >>> contents = ReportContents(
    ...     title="A world of two attributes", facts={}, run={},
    ...     spectrum=spectrum, embeddings=spectrum.embeddings(2),
    ...     analogies={}, differences={}, similarities={},
    ...     topics=topics(spectrum, words_per_end=2),
    ...     topics_normalised=topics(spectrum, words_per_end=2, normalise="cosine"),
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_report(contents, folder).name
    'report.html'
    """
    folder = Path(folder)
    layout = laid_out(contents, folder / "figures", seed=seed)
    text = json.dumps(layout, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    with replacing(folder / LAYOUT, "w") as stream:
        stream.write(f"{visible_json(text)}\n")
    # What is read again from the file is what was laid out, so that the page is the same.
    return write_page([{**json.loads(text), "name": ""}], folder / "report.html")


def read_layout(folder: Path | str) -> dict[str, Any]:
    """Read what a page shows of a run.

    Parameters
    ----------
    folder : Path or str
        Of ``repsearch run`` or ``repsearch demo``.

    Returns
    -------
    dict
        What `write_page` takes, named by the folder.

    Raises
    ------
    InputError
        There is no such file, it is damaged, or of another version.

    Examples
    --------
    >>> from repsearch.errors import InputError
    >>> try:
    ...     read_layout("nowhere")
    ... except InputError as error:
    ...     print(str(error).partition(";")[0])
    nowhere has no report.json
    """
    folder = Path(folder)
    path = folder / LAYOUT
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise InputError(
            f"{folder} has no {LAYOUT}; pass the folder of a run that ended, or run it again "
            "where an older version made it"
        ) from None
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror}); check it") from error
    except (ValueError, RecursionError):
        raise _damaged(path) from None
    if not isinstance(found, dict) or found.get("kind") != "study":
        raise _damaged(path)
    if found.get("format") != FORMAT:
        raise InputError(
            f"{path} has the format {found.get('format')!r}, and this version reads {FORMAT}; run "
            "it again"
        )
    return {**found, "name": folder.resolve().name}


def write_page(runs: Sequence[dict[str, Any]], path: Path | str) -> Path:
    """Write the page of one run, or one page of several with their curves together.

    Parameters
    ----------
    runs : sequence of dict
        What `read_layout` gave of each.
    path : Path or str
        File to write.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        No run; what was read of one is damaged; the file cannot be written.

    Examples
    --------
    >>> from repsearch.errors import InputError
    >>> try:
    ...     write_page([], "page.html")
    ... except InputError as error:
    ...     print(error)
    a page needs a run; pass the folder of one or more
    """
    if not runs:
        raise InputError("a page needs a run; pass the folder of one or more")
    try:
        page = rendered_page(runs, side_by_side(runs) if len(runs) > 1 else None)
    except (TemplateError, KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        names = ", ".join(str(run.get("name")) for run in runs)
        raise InputError(
            f"what the page shows of {names} is damaged ({error}); run it again"
        ) from error
    path = Path(path)
    with replacing(path, "w") as stream:
        stream.write(page)
    return path


def _damaged(path: Path) -> InputError:
    return InputError(f"{path} is damaged or was altered; run again in a new folder")
