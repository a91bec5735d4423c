"""Lay numbers out as rows of a table, each with its interval where it has one."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from probes.shared.intervals import Interval, interval_cells
from probes.shared.text_table import fixed_width
from probes.shared.wording import with_interval
from repsearch.storage.tables import Cell


def quantity_rows(numbers: Mapping[str, Interval | float | None]) -> list[dict[str, Cell]]:
    """Give one row for each number.

    Parameters
    ----------
    numbers : mapping of str to Interval, float or None
        By what they are; None, and what is not finite, stands for a number that there is not.

    Returns
    -------
    list of dict
        Keys ``quantity``, ``value``, ``low``, ``high``, ``level`` and ``interval``, the method
        of the interval; what a number lacks is None.

    Examples
    --------
    >>> rows = quantity_rows({"accuracy": Interval(0.7, 0.6, 0.8), "p value": 0.01})
    >>> [(row["quantity"], row["value"], row["low"]) for row in rows]
    [('accuracy', 0.7, 0.6), ('p value', 0.01, None)]
    """
    rows: list[dict[str, Cell]] = []
    for name, number in numbers.items():
        if isinstance(number, Interval):
            rows.append({"quantity": name, **interval_cells("value", number, missing="")})
        else:
            value = None if number is None or not isfinite(number) else float(number)
            rows.append(
                {"quantity": name, **dict.fromkeys(("value", "low", "high", "level", "interval"))}
                | {"value": value}
            )
    return rows


def quantity_text(numbers: Mapping[str, Interval | float | None]) -> str:
    """Lay numbers out for a terminal, one a line.

    Parameters
    ----------
    numbers : mapping of str to Interval, float or None
        By what they are.

    Returns
    -------
    str
        A table of two columns.

    Examples
    --------
    >>> print(quantity_text({"accuracy": Interval(0.7, 0.6, 0.8), "p value": 0.01}))
    quantity           value
    ------------------------
    accuracy  0.7 [0.6, 0.8]
    p value             0.01
    """
    rows = [(name, _shown(number)) for name, number in numbers.items()]
    return fixed_width(("quantity", "value"), rows)


def _shown(number: Interval | float | None) -> str:
    if number is None:
        return "-"
    return with_interval(number) if isinstance(number, Interval) else f"{number:.3g}"
