"""Set several runs beside one another: their numbers in a table, their curves in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_CURVES = 6
_NUMBERS = ("words", "dimension")


def side_by_side(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Lay out what is said and drawn of several runs together.

    Parameters
    ----------
    runs : sequence of dict
        What `probes.report.layout.laid_out` or `trained_layout` gave, each with its ``name``.

    Returns
    -------
    dict
        ``title``, ``rows`` of a table, and ``curves`` for the page's script.
    """
    studies = [run for run in runs if run["kind"] == "study"]
    return {
        "title": f"{len(runs)} runs beside one another",
        "names": [run["name"] for run in studies],
        "rows": _rows(studies),
        "curves": {
            "values": _picture(
                f"Singular values, the first {_CURVES} modes",
                "flow time t",
                "singular value of W",
                [line for k, run in enumerate(runs) for line in _values(run, k)],
                log=(True, True),
                decades=4,
            ),
            "loss": _picture(
                "Fall of the loss, as a share of the whole fall",
                "flow time t",
                "share",
                [line for k, run in enumerate(runs) for line in _loss(run, k)],
                log=(True, False),
            ),
            "eigenvalues": _picture(
                "Eigenvalues",
                "rank",
                "eigenvalue",
                [
                    _line(run["name"], range(1, len(values) + 1), values, k, legend=True)
                    for k, run in enumerate(runs)
                    if (values := run["compared"]["eigenvalues"])
                ],
                log=(True, True),
            ),
            "accuracy": _accuracy(runs),
        },
    }


def _rows(studies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the table: a label, and for each run a number with its interval."""
    compared = [run["compared"] for run in studies]
    rows: list[dict[str, Any]] = [
        {
            "label": label,
            "cells": [{"value": f"{one[key]:,}", "detail": ""} for one in compared],
            "total": False,
        }
        for key, label in zip(_NUMBERS, ("words", "dimension"), strict=True)
    ]
    for key, label in (
        ("micro", "analogies, all questions"),
        ("macro", "analogies, mean of families"),
    ):
        rows.append(
            {"label": label, "cells": [_percent(one[key]) for one in compared], "total": True}
        )
    for kind, cell in (("families", _percent), ("similarity", _correlation)):
        names = dict.fromkeys(name for one in compared for name in one[kind])
        rows += [
            {
                "label": name,
                "cells": [cell(one[kind].get(name)) for one in compared],
                "total": False,
            }
            for name in names
        ]
    return rows


def _percent(found: list[float] | None) -> dict[str, str]:
    if found is None:
        return {"value": "–", "detail": "not asked"}
    value, low, high = (f"{100 * one:.1f}" for one in found)
    return {"value": f"{value} %", "detail": f"{low} to {high}"}


def _correlation(found: list[float] | None) -> dict[str, str]:
    if found is None:
        return {"value": "–", "detail": "not scored"}
    value, low, high = (f"{one:.3f}".replace("-", "−") for one in found)
    return {"value": value, "detail": f"{low} to {high}"}


def _values(run: dict[str, Any], colour: int) -> list[dict[str, Any]]:
    moving = run["moving"]
    if moving is None:
        return []
    lines = [
        _line(
            run["name"],
            moving["times"],
            curve,
            colour,
            said=f"{run['name']}, mode {mode}",
            legend=mode == 1,
            dots=run["kind"] == "trained",
        )
        for mode, curve in enumerate(moving["singular_values"][:_CURVES], start=1)
    ]
    predicted = f"{run['name']}, closed form from its own start"
    for mode, curve in enumerate(moving.get("predicted", ())[:_CURVES], start=1):
        lines.append(
            _line(
                predicted,
                moving["times"],
                curve,
                colour,
                said=f"{predicted}, mode {mode}",
                legend=mode == 1,
                dashed=True,
            )
        )
    return lines


def _loss(run: dict[str, Any], colour: int) -> list[dict[str, Any]]:
    moving = run["moving"]
    if moving is None:
        return []
    loss = moving["loss"]
    fall = loss[0] - loss[-1]
    if not fall:
        return []
    shares = [(loss[0] - one) / fall for one in loss]
    return [_line(run["name"], moving["times"], shares, colour, legend=True)]


def _accuracy(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Curves of analogy accuracy over time, by family."""
    lines = []
    for colour, run in enumerate(runs):
        for page in (run["concepts"] or {"pages": []})["pages"]:
            followed = page["over_time"]
            if followed is None:
                continue
            kept = [k for k, one in enumerate(followed["accuracy"]) if one is not None]
            line = _line(
                run["name"],
                [followed["at"][k] for k in kept],
                [followed["accuracy"][k][0] for k in kept],
                colour,
                legend=True,
            )
            lines.append({**line, "family": page["label"]})
    return _picture(
        "Analogy accuracy over flow time", "flow time t", "accuracy", lines, log=(True, False)
    )


def _line(
    name: str,
    x: Sequence[float] | range,
    y: Sequence[float | None],
    colour: int,
    *,
    said: str = "",
    legend: bool = False,
    dots: bool = False,
    dashed: bool = False,
) -> dict[str, Any]:
    return {
        "name": name,
        "said": said or name,
        "x": list(x),
        "y": list(y),
        "colour": colour,
        "legend": legend,
        "dots": dots,
        "dashed": dashed,
    }


def _picture(
    title: str,
    across: str,
    up: str,
    lines: list[dict[str, Any]],
    *,
    log: tuple[bool, bool],
    decades: int | None = None,
) -> dict[str, Any]:
    return {
        "title": title,
        "across": across,
        "up": up,
        "lines": lines,
        "log": list(log),
        "decades": decades,
    }
