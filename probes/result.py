"""Define what every answer of a probe offers: words, rows, a picture, what it rests on, files."""

from __future__ import annotations

import re
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from probes.drawing.refusals import NothingToDrawError
from probes.shared.text_table import fixed_width, whole_tables
from repsearch.extras import missing
from repsearch.notebook import html_table
from repsearch.storage.tables import Cell, write_json, write_table
from repsearch.storage.visible import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

WIDTH = 80
"""Columns of a terminal that does not say how wide it is."""


class Result(ABC):
    """What a probe found.

    A subclass is a frozen dataclass that names its files (`name`) and the function that
    draws it (`figure`), and says what it found (`summary`), row by row (`table`), and what
    that rests on (`rests_on`). The rest follows, alike for all probes.

    Examples
    --------
    >>> from probes.geometry import isotropy
    >>> from repsearch.synthetic import BinaryAttributes
    >>> world = BinaryAttributes([0.3, 0.2, 0.1, 0.1])
    >>> found = isotropy(world.spectrum().embeddings(4))
    >>> found.summary()[:31]
    'Two words have a mean cosine of'
    >>> found.rests_on()
    {'dimension': 4, 'words': 16, 'resamples': 200, 'seed': 0}
    """

    name: ClassVar[str]
    """What its files are called, without suffix."""
    figure: ClassVar[str] = ""
    """Where the function is that draws it, as ``"package.module:function"``.

    Named and not imported, because the figures import the results.
    It takes the result and ``ax=None``, and returns the axes. A probe that draws itself
    with `probes.drawing` overrides `plot` instead.
    """
    columns: ClassVar[Mapping[str, str]] = {}
    """What the columns of `text` mean, by their headings; said below the table."""
    next_step: ClassVar[str] = ""
    """What to do with what was found, in a sentence or two."""

    @abstractmethod
    def summary(self) -> str:
        """Say what was found, in one paragraph of plain words.

        Returns
        -------
        str
            Sentences without line breaks. What could be chance, or rests on a model
            that was refused, is said here.
        """

    def paragraphs(self) -> list[str]:
        """Give `summary` in pieces: the first is shown above the table, the others below it.

        Returns
        -------
        list of str
            One paragraph, unless a probe has more to say than fits above a table.
        """
        return [self.summary()]

    @abstractmethod
    def table(self) -> list[dict[str, Cell]]:
        """Give the numbers, one row for each thing that was looked at.

        Returns
        -------
        list of dict
            Column to value, None where there is none. Numbers have their interval beside
            them, as `probes.shared.intervals.interval_cells` lays them out.
        """

    @abstractmethod
    def rests_on(self) -> dict[str, Cell]:
        """Give what the numbers rest on: settings, seed, numbers of pairs, nulls.

        Returns
        -------
        dict
            Name to value.
        """

    def parts(self) -> dict[str, Result]:
        """Give the results that this one is made of, each under the name of its files.

        Returns
        -------
        dict of str to Result
            One entry, this result itself, where it is not made of others.
        """
        return {self.name: self}

    def text(self, width: int = WIDTH) -> str:
        """Lay the rows out for a terminal.

        Parameters
        ----------
        width : int, default 80
            Columns of the terminal, to which sentences are wrapped; tables of many columns
            keep their width.

        Returns
        -------
        str
            Lines, without a line end at the last.
        """
        rows = [{key: _shown(value) for key, value in row.items()} for row in self.table()]
        head = list(dict.fromkeys(key for row in rows for key in row))
        cells = [[row.get(key, "") for key in head] for row in rows]
        laid = fixed_width(head, cells, width=width)
        if len(laid.partition("\n")[0]) <= width:
            return laid
        # Headings of several words stand on several lines where one would be too wide.
        words = [key.replace("_", " ").split() for key in head]
        deep = max(map(len, words))
        stacked = [[""] * (deep - len(one)) + one for one in words]
        *above, last = (list(line) for line in zip(*stacked, strict=True))
        lines = fixed_width(last, [*above, *cells], width=width).split("\n")
        return "\n".join([*lines[2 : 1 + deep], *lines[:2], *lines[1 + deep :]])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw what was found.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where; a figure of its own by default. A picture of several panels takes none.

        Returns
        -------
        matplotlib.axes.Axes
            Those drawn on, the first of several.

        Raises
        ------
        InputError
            There is nothing to draw, or `ax` was given for a picture of several panels.
        """
        module, _, function = self.figure.partition(":")
        drawn: Axes = getattr(import_module(module), function)(self, ax=ax)
        figure = drawn.get_figure(root=True)
        if figure is not None:
            from probes.drawing.words import take_literally

            take_literally(figure)
        return drawn

    def pictures(self) -> dict[str, Callable[[Axes | None], Axes]]:
        """Give what draws each picture that `save` writes, by the name of its file.

        Returns
        -------
        dict of str to callable
            `plot` alone under the result's own name, where a probe has no more to show.
        """
        return {self.name: self.plot}

    def to_frame(self) -> DataFrame:
        """Give the rows of `table` as a pandas data frame.

        Returns
        -------
        pandas.DataFrame
            Columns as in `table`; `rests_on` is in its ``attrs``.

        Raises
        ------
        InputError
            pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise missing("to_frame", "pandas") from None
        frame = pd.DataFrame(self.table())
        frame.attrs.update(self.rests_on())
        return frame

    def save_more(self, folder: Path) -> tuple[Path, ...]:
        """Write what is neither a table nor a figure.

        Parameters
        ----------
        folder : Path
            Where the tables are.

        Returns
        -------
        tuple of Path
            What was written; nothing, unless a probe has more.

        Raises
        ------
        InputError
            A file cannot be written.
        """
        return ()

    def save(self, folder: Path | str) -> tuple[Path, ...]:
        """Write tables, figures, and what they say and rest on, for each part.

        Parameters
        ----------
        folder : Path or str
            Made if it is missing; files of the same names are replaced.

        Returns
        -------
        tuple of Path
            ``NAME.csv``, ``NAME.json`` (the rows), ``NAME-about.json`` (`summary` and
            `rests_on`); ``NAME.png``, ``NAME.pdf`` and ``NAME.svg`` where there is something
            to draw; and what `save_more` writes.

        Raises
        ------
        InputError
            A file cannot be written.
        """
        from probes.drawing.save import save_figure

        written: list[Path] = []
        names = _distinct(self.parts())
        for name, part in self.parts().items():
            stem = names[name]
            write_table(part.table(), Path(folder), stem)
            about = Path(folder) / f"{stem}-about.json"
            write_json({"summary": part.summary(), "rests_on": part.rests_on()}, about)
            written += [Path(folder) / f"{stem}.csv", Path(folder) / f"{stem}.json", about]
            stems = _distinct(part.pictures())
            for picture, draw in part.pictures().items():
                try:
                    figure = draw(None).get_figure(root=True)
                except NothingToDrawError:
                    continue
                assert figure is not None
                written += save_figure(figure, folder, stems[picture])
            written += part.save_more(Path(folder))
        return tuple(written)

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return html_table(type(self).__name__, self.table(), words=self.summary())


def told(result: Result, width: int = WIDTH, *, whole: bool = False) -> str:
    """Give all that a terminal shows of a result: the finding, its rows, how to read them.

    Parameters
    ----------
    result : Result
        What a probe found.
    width : int, default 80
        Columns of the terminal.
    whole : bool, default False
        Whether names in tables stand whole, however wide that makes them: for a file or a pipe.

    Returns
    -------
    str
        Lines of at most `width` columns, but for words and tables that are wider.
    """
    with whole_tables() if whole else nullcontext():
        # A result may lay out its own text; no word in it may act on the terminal.
        text = visible(result.text(width), lines=True)
    # Names with hyphens stay whole: of methods, families, commands.
    found, *more = (
        textwrap.fill(visible(one), width, break_on_hyphens=False) for one in result.paragraphs()
    )
    blocks = [found, text, *more]
    # Cells of tables, and not what stands within a name or a sentence.
    cells = {cell for line in text.split("\n") for cell in re.split(r"\s{2,}", line.strip())}
    read = {heading: meaning for heading, meaning in result.columns.items() if heading in cells}
    if read:
        blocks.append(_legend(read, width))
    if result.next_step:
        blocks.append(textwrap.fill(f"Next: {result.next_step}", width))
    return "\n\n".join(blocks)


def _legend(columns: Mapping[str, str], width: int) -> str:
    """Columns and what they mean, one under the other."""
    room = max(map(len, columns)) + 2
    return "\n".join(
        textwrap.fill(
            meaning, width, initial_indent=heading.ljust(room), subsequent_indent=" " * room
        )
        for heading, meaning in columns.items()
    )


def file_name(name: str) -> str:
    """Give a name that a file can have everywhere: letters, digits, hyphens and dots.

    Parameters
    ----------
    name : str
        Such as the name of a family, which can hold anything.

    Returns
    -------
    str
        The same where it is harmless.

    Examples
    --------
    >>> file_name("modes-male/female"), file_name("snr")
    ('modes-male-female', 'snr')
    """
    kept = "".join(
        letter if letter.isalnum() or letter in "-_.,+() " else "-" for letter in name
    ).strip(" .")
    return kept or "unnamed"


def _shown(value: Cell) -> str:
    """A cell as a terminal shows it."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.3g}"
    return str(value)


def _distinct(names: Iterable[str]) -> dict[str, str]:
    """A file name for each of several names, no two alike, whatever the case of letters."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        stem, number = file_name(name), 1
        while stem.casefold() in taken:
            number += 1
            stem = f"{file_name(name)}-{number}"
        taken.add(stem.casefold())
        found[name] = stem
    return found
