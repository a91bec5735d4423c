"""Make the page of one run or of several from what was laid out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from probes.report.numbers import packed, packed_json
from repsearch.storage.visible import visible

_MODES_SHOWN = 10


def rendered_page(runs: Sequence[dict[str, Any]], comparison: dict[str, Any] | None = None) -> str:
    """Make one page that needs nothing but itself.

    Parameters
    ----------
    runs : sequence of dict
        What `probes.report.layout.laid_out` gave of each run, with its ``name``.
    comparison : dict, optional
        What is said of several runs together; None for one.

    Returns
    -------
    str
        HTML.
    """
    numbers = [_for_script(run) for run in runs]
    curves = None if comparison is None else comparison["curves"]
    title = runs[0]["title"] if comparison is None else comparison["title"]
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            title=title,
            runs=runs,
            comparison=comparison,
            several=comparison is not None,
            modes_shown=_MODES_SHOWN,
            script=Markup(_source("report.js")),
            numbers=packed_json({"runs": numbers, "comparison": curves}),
            plotly=_plotly(),
        )
    )


def _for_script(run: dict[str, Any]) -> dict[str, Any]:
    """Numbers and words that the script draws; all else is in the page already."""
    concepts = run["concepts"] or {"pages": []}
    return {
        "name": run["name"],
        "moving": run["moving"] if run["kind"] == "study" else None,
        "browser": run["topics"]["browser"] if run["kind"] == "study" else None,
        "concepts": [
            {key: page[key] for key in ("label", "by_dimension", "over_time", "plane")}
            for page in concepts["pages"]
        ],
    }


@cache
def _plotly() -> str:
    """The library that draws, packed; read only where a page is made."""
    from plotly.offline import get_plotlyjs

    return packed(get_plotlyjs())


def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _shown(value: object) -> object:
    """A text of ours as it is; of any other the letters that a page would act on, visible."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(value, lines=True)
    return value


def _source(name: str) -> str:
    return files("probes.report").joinpath(name).read_text("utf-8")
