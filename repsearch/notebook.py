"""Show objects in notebooks: a heading, facts and a small table, as harmless HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from repsearch.storage.visible import visible

_STYLE = "text-align:left;font-variant-numeric:tabular-nums"
_MOST = 20


def html_table(
    heading: str,
    rows: Sequence[Mapping[str, object]],
    *,
    words: str = "",
    most: int = _MOST,
) -> str:
    """Write a heading, a paragraph and the first rows of a table as HTML.

    Words come from anybody's text: all are escaped, and letters that would act are shown.

    Parameters
    ----------
    heading : str
        One line.
    rows : sequence of mapping
        Column to value.
    words : str
        A paragraph below the heading.
    most : int, default 20
        Rows shown; how many more there are is said.

    Returns
    -------
    str
        HTML without scripts or styles of its own but for the alignment of cells.

    Examples
    --------
    >>> html_table("2 words", [{"word": "<b>", "count": 3}])
    '<div><b>2 words</b><table><thead><tr><th ...>word</th>...<td ...>&lt;b&gt;</td>...'
    """
    columns = list(dict.fromkeys(name for row in rows for name in row))
    head = "".join(_cell("th", name) for name in columns)
    lines = ("".join(_cell("td", _shown(row.get(name))) for name in columns) for row in rows[:most])
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if rows else ""
    left = len(rows) - most
    more = f"<p>and {left:,} more</p>" if left > 0 else ""
    paragraph = f"<p>{_harmless(words)}</p>" if words else ""
    return f"<div><b>{_harmless(heading)}</b>{paragraph}{table}{more}</div>"


def _cell(tag: str, text: str) -> str:
    return f'<{tag} style="{_STYLE}">{_harmless(text)}</{tag}>'


def _harmless(text: str) -> str:
    return escape(visible(text))


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
