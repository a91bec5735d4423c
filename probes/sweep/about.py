"""Write beside the results of a sweep which grid they are of, and what made them."""

from __future__ import annotations

from pathlib import Path

from repsearch.errors import InputError
from repsearch.storage import provenance
from repsearch.storage.atomic import replacing
from repsearch.storage.tables import write_json

GRID, ABOUT = "grid.toml", "about.json"


def write_about(folder: Path, grid: Path) -> None:
    """Keep a copy of the grid file, with versions, machine and command.

    Parameters
    ----------
    folder : Path
        That of the sweep.
    grid : Path
        The grid file.

    Raises
    ------
    InputError
        A file cannot be read or written.
    """
    copy = folder / GRID
    if copy.resolve() != grid.resolve():
        try:
            content = grid.read_bytes()
        except OSError as error:
            raise InputError(f"cannot read {grid}: {error.strerror}; check the path") from None
        with replacing(copy) as stream:
            stream.write(content)
    about = {
        "grid": str(grid.resolve()),
        "command": provenance.command_line(),
        "versions": provenance.versions(),
        "machine": provenance.machine(),
    }
    write_json(about, folder / ABOUT)
