"""Hold what a figure shows: its tables, from which it is drawn, and numbers to be compared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probes.shared.intervals import Interval
from repsearch.storage.tables import Cell, write_json

Row = dict[str, Cell]


@dataclass
class Measured:
    """The numbers of one figure.

    A figure is drawn from the tables alone, so that the CSV files beside it have all that is
    seen.

    Parameters
    ----------
    tables : dict of str to list of dict
        Rows by the name of the table.
    numbers : dict of str to dict
        Value, and the ends of its interval where it has one, by the name that
        `probes.reproduce.published` knows.
    facts : dict
        What captions and notes say.
    notes : list of str
        What a reader has to know.

    Examples
    --------
    >>> found = Measured()
    >>> found.add("3b.men", 0.75, 0.73, 0.77)
    >>> found.numbers
    {'3b.men': {'value': 0.75, 'low': 0.73, 'high': 0.77}}
    """

    tables: dict[str, list[Row]] = field(default_factory=dict)
    numbers: dict[str, dict[str, Any]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(
        self, name: str, value: float, low: float | None = None, high: float | None = None
    ) -> None:
        """Add a number to be compared.

        Parameters
        ----------
        name : str
            Its name among the published numbers.
        value : float
            What was found.
        low, high : float, optional
            Ends of its interval.
        """
        one: dict[str, Any] = {"value": float(value)}
        if low is not None and high is not None:
            one |= {"low": float(low), "high": float(high)}
        self.numbers[name] = one

    def add_interval(self, name: str, found: Interval | None) -> None:
        """Add an estimate with its interval, where there is one.

        Parameters
        ----------
        name : str
            Its name among the published numbers.
        found : Interval or None
            The estimate.
        """
        if found is not None:
            self.add(name, found.value, found.low, found.high)

    def save(self, path: Path) -> None:
        """Write all of it as JSON.

        Parameters
        ----------
        path : Path
            Final name.
        """
        write_json(
            {
                "tables": self.tables,
                "numbers": self.numbers,
                "facts": self.facts,
                "notes": self.notes,
            },
            path,
        )

    @classmethod
    def open(cls, path: Path) -> Measured:
        """Read what `save` wrote.

        Parameters
        ----------
        path : Path
            The file.

        Returns
        -------
        Measured
        """
        return cls(**json.loads(path.read_text("utf-8")))


def grouped(rows: Sequence[Row], *names: str) -> Iterator[tuple[tuple[Cell, ...], list[Row]]]:
    """Group rows by some of their columns, in the order of first appearance.

    Parameters
    ----------
    rows : sequence of dict
        Rows of a table.
    *names : str
        Columns.

    Yields
    ------
    key : tuple
        Values in these columns.
    rows : list of dict
        The rows that have them.
    """
    found: dict[tuple[Cell, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in names), []).append(row)
    yield from found.items()


def column(rows: Sequence[Row], name: str) -> NDArray[np.float64]:
    """Take a column of numbers; NaN where there is none.

    Parameters
    ----------
    rows : sequence of dict
        Rows of a table.
    name : str
        The column.

    Returns
    -------
    (n,) float64
    """
    return np.array([np.nan if row[name] is None else float(row[name] or 0) for row in rows])
