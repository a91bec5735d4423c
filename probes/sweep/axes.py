"""Find the axes of a sweep: settings in which some points differ while all others are equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from probes.sweep.measures import Row, is_chief
from probes.sweep.table import COLUMNS

WAY = "embeddings"
"""The axis of targets and losses, with all settings of theirs but d and seed."""
_OF_ALL = ("point", "corpus", "window", "weighting", "vocabulary", "tokenizer", "min_count",
           "min_length", "oov", "document", "field", "bad_bytes", "d", "seed")  # fmt: skip
_COUNTED = _OF_ALL[2:-2]
_SETTINGS = COLUMNS[1 : COLUMNS.index("probe")]
_WAY = tuple(name for name in _SETTINGS if name not in _OF_ALL)
_SAID = {"weights": "{}", "negatives": "k = {}", "subsample": "t = {}"}
_NAMES = {"mstar": "M*", "ppmi": "PPMI", "pmi": "PMI", "sgns": "SGNS", "quartic": "quartic"}


@dataclass(frozen=True)
class Line:
    """Points that differ along one axis alone.

    Parameters
    ----------
    series : str
        What its colour says: the embeddings, or along that axis the corpus.
    values : tuple
        Along the axis, in the order of the grid.
    rows : tuple of dict or None
        The measure at each, None where it is missing.
    """

    series: str
    values: tuple[Any, ...]
    rows: tuple[Row | None, ...]


def way_of(row: Mapping[str, Any], rows: Sequence[Row]) -> str:
    """Name how embeddings are made, by what differs between the ways of a sweep.

    Parameters
    ----------
    row : mapping
        Settings of a point.
    rows : sequence of dict
        Of all points.

    Returns
    -------
    str
        Such as ``"M*"`` or ``"SGNS, setting31, k = 5"``.
    """
    objective = _objective(row)
    alike = [other for other in rows if _objective(other) == objective]
    # Those that tell ways apart which the ones before do not: a threshold that goes with the
    # weights says nothing more.
    telling: list[str] = []
    groups = 1
    for name in _WAY:
        split = len({tuple(other.get(one) for one in (*telling, name)) for other in alike})
        if name not in ("target", "loss") and split > groups:
            telling.append(name)
            groups = split
    said = [_SAID.get(name, f"{name} {{}}").format(_word(row[name])) for name in telling
            if row.get(name) is not None]  # fmt: skip
    return ", ".join([objective, *said])


def axes_of(rows: Sequence[Row]) -> list[str]:
    """List the axes along which there is something to compare.

    Parameters
    ----------
    rows : sequence of dict
        Settings, probe and a measure each.

    Returns
    -------
    list of str
        Names of settings, and `WAY`.

    Examples
    --------
    >>> axes_of([{"target": "mstar", "d": d, "seed": 0, "probe": "fit"} for d in (2, 3)])
    ['d']
    """
    points = _points(rows)
    found = [
        name
        for name in _SETTINGS
        if name not in ("target", "loss")
        if any(len({point.get(name) for point in group}) > 1 for group in _groups(points, name))
    ]
    if len({_key(point, WAY, only=True) for point in points}) > 1:
        found.append(WAY)
    return found


def lines_of(rows: Sequence[Row], axis: str, measure: str, of: str) -> list[Line]:
    """Draw together the points that differ along an axis alone.

    Parameters
    ----------
    rows : sequence of dict
        Settings, probe and a measure each.
    axis : str
        From `axes_of`.
    measure, of : str
        Which measure.

    Returns
    -------
    list of Line
        Those of two points or more with a number.
    """
    points = _points(rows)
    by_point = {
        row["point"]: row
        for row in rows
        if (row.get("measure"), row.get("of")) == (measure, of) and row.get("value") is not None
    }
    found = []
    for group in _groups(points, axis):
        values = [way_of(one, points) if axis == WAY else one.get(axis) for one in group]
        measured = tuple(by_point.get(one["point"]) for one in group)
        if sum(row is not None for row in measured) > 1:
            series = str(group[0]["corpus"]) if axis == WAY else way_of(group[0], points)
            found.append(Line(series, tuple(values), measured))
    return found


def chief_measures(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """List the measures that figures show.

    Parameters
    ----------
    rows : sequence of dict
        Settings, probe and a measure each.

    Returns
    -------
    list of (str, str)
        What is measured, and of what.
    """
    return list(dict.fromkeys((row["measure"], row["of"]) for row in rows if is_chief(row)))


def differing(points: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give of each point what tells it from the others, in few words.

    Parameters
    ----------
    points : sequence of mapping
        Settings of each.

    Returns
    -------
    list of dict
        The corpus, settings of counting and embedding that differ, and what embeddings are of.

    Examples
    --------
    >>> differing([{"corpus": "a", "target": "mstar", "d": d, "seed": 0} for d in (2, 3)])
    [{'corpus': 'a', 'embeddings': 'M*', 'd': 2}, {'corpus': 'a', 'embeddings': 'M*', 'd': 3}]
    """
    rows = [dict(point) for point in points]

    def apart(name: str, row: Row) -> bool:
        """Whether points of the same corpus differ in it, or all points do in d and seed."""
        alike = rows if name in ("d", "seed") else [
            other for other in rows if other["corpus"] == row["corpus"]
        ]  # fmt: skip
        return len({other.get(name) for other in alike}) > 1

    found = []
    for row in rows:
        counted = {name: row[name] for name in _COUNTED if row.get(name) and apart(name, row)}
        last = {name: row[name] for name in ("d", "seed") if apart(name, row)}
        found.append({"corpus": row["corpus"], **counted, WAY: way_of(row, rows), **last})
    return found


def _points(rows: Sequence[Row]) -> list[Row]:
    return list({row.get("point", k): row for k, row in enumerate(rows)}.values())


def _key(point: Row, axis: str, *, only: bool = False) -> tuple[Any, ...]:
    """All settings but those of an axis, or only those."""
    along = _WAY if axis == WAY else (axis,)
    return tuple(point.get(name) for name in _SETTINGS if (name in along) == only)


def _groups(points: Sequence[Row], axis: str) -> list[list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = {}
    for point in points:
        found.setdefault(_key(point, axis), []).append(point)
    return [group for group in found.values() if len(group) > 1]


def _objective(row: Mapping[str, Any]) -> str:
    name = str(row.get("target") or row.get("loss"))
    return _NAMES.get(name, name)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
