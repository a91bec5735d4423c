"""Draw a figure and write its tables, and know what was drawn from what it was drawn of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from probes.reproduce.figures import PaperFigure
from probes.reproduce.measured import Measured
from probes.reproduce.pictures import save_picture
from probes.reproduce.settings import Format
from probes.reproduce.stages import Stages, key_of
from repsearch.storage.atomic import sha256
from repsearch.storage.tables import write_json, write_table

TABLES, FIGURES = "tables", "figures"
_RECORD = "drawn.json"


class Drawn:
    """The picture and the tables of one figure in a run folder, with a record of their digests.

    Parameters
    ----------
    folder : Path
        The run folder.
    stages : Stages
        Its stages.
    figure : PaperFigure
        The figure.
    measured_key : str
        Key of the stage that holds its numbers.

    Examples
    --------
    >>> import tempfile
    >>> from probes.reproduce.figures import PAPER
    >>> with tempfile.TemporaryDirectory() as name:
    ...     Drawn(Path(name), Stages(Path(name)), PAPER["8"], "a key").pictures()
    """

    def __init__(
        self, folder: Path, stages: Stages, figure: PaperFigure, measured_key: str
    ) -> None:
        self.folder, self.figure = folder, figure
        self.name = f"figure-{figure.name}"
        self._stages = stages
        self._stage = f"{self.name}-drawn"
        self._key = key_of(self._stage, {}, {"numbers": measured_key}, drawn=True)

    def pictures(self) -> tuple[str, ...] | None:
        """List the pictures, where they are those of the numbers.

        Returns
        -------
        tuple of str or None
            Relative to the run folder. None where they were drawn of other numbers, or where a
            picture or a table is not as it was written.
        """
        if not self._stages.stands(self._stage, self._key):
            return None
        files = self._recorded()
        if not files or any(_digest(self.folder / name) != one for name, one in files.items()):
            return None
        return tuple(name for name in files if name.startswith(f"{FIGURES}/"))

    def draw(self, measured: Measured, formats: Sequence[Format]) -> tuple[tuple[str, ...], bool]:
        """Draw the figure and write its tables, unless all of that is there.

        What was written of it before and is not written now is removed, such as pictures of
        formats that are not asked for any more.

        Parameters
        ----------
        measured : Measured
            Its numbers.
        formats : sequence of {"png", "pdf", "svg"}
            Formats of the picture.

        Returns
        -------
        files : tuple of str
            The pictures, relative to the run folder.
        again : bool
            Whether there was nothing to do.
        """
        files = tuple(f"{FIGURES}/{self.name}.{one}" for one in formats)
        if self.pictures() == files:
            return files, True
        before = self._recorded()
        self._stages.forget(self._stage)
        with self._stages.stage(self._stage, self._key) as (place, _):
            # Before anything is written, so that what is interrupted is removed another time.
            tables = [f"{TABLES}/{self.name}-{table}" for table in measured.tables]
            names = [*files, *(f"{name}.{end}" for name in tables for end in ("csv", "json"))]
            write_json({**before, **dict.fromkeys(names, "")}, place / _RECORD)
            save_picture(self.figure.draw(measured), self.folder / FIGURES, self.name, formats)
            for table, rows in measured.tables.items():
                write_table(rows, self.folder / TABLES, f"{self.name}-{table}")
            self._remove(set(before) - set(names))
            write_json({name: sha256(self.folder / name) for name in names}, place / _RECORD)
        return files, False

    def remove(self) -> None:
        """Remove what was drawn, as it is not of the numbers that there are now."""
        self._remove(self._recorded())
        self._stages.forget(self._stage)

    def _recorded(self) -> dict[str, str]:
        """Digests of pictures and tables by name, those that this figure alone can have."""
        try:
            found: Any = json.loads((self._stages.folder / self._stage / _RECORD).read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(found, Mapping):
            return {}
        return {name: str(digest) for name, digest in found.items() if self._is_own(name)}

    def _is_own(self, name: str) -> bool:
        folder, _, file = name.partition("/")
        return folder in (FIGURES, TABLES) and "/" not in file and file.startswith(
            (f"{self.name}.", f"{self.name}-")
        )  # fmt: skip

    def _remove(self, names: set[str] | Mapping[str, str]) -> None:
        for name in names:
            (self.folder / name).unlink(missing_ok=True)


def _digest(path: Path) -> str | None:
    try:
        return sha256(path)
    except OSError:
        return None
