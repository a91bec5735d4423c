r"""Show letters that a screen, a spreadsheet or a page would act on instead of showing.

Words come from anybody's text. One may move the cursor of a terminal, turn the order of the
letters around, or begin as a formula does.
"""

from __future__ import annotations

import re

_ACTING = (
    # Control characters but the line feed; the marks and embeddings of writing direction; the
    # separators of lines and paragraphs; halves of surrogate pairs, which cannot be written.
    r"\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
)
_IN_LINES = re.compile(f"[{_ACTING}]")
_IN_A_CELL = re.compile(f"[\n{_ACTING}]")
_FORMULA = re.compile(r"'*[=+\-@＝＋－＠]")
_NAMED = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}


def visible(text: str, *, lines: bool = False) -> str:
    r"""Write control characters and marks of writing direction as Python would.

    Parameters
    ----------
    text : str
        Any text.
    lines : bool, default False
        Whether line feeds are kept.

    Returns
    -------
    str
        The same where there are none.

    Examples
    --------
    >>> print(visible("a\x1b[2Jb\u202ec"))
    a\x1b[2Jb\u202ec
    >>> visible("naïve 猫"), visible("one\ntwo", lines=True)
    ('naïve 猫', 'one\ntwo')
    """
    return (_IN_LINES if lines else _IN_A_CELL).sub(_escape, text)


def spreadsheet_cell(text: str) -> str:
    r"""Write a text so that a spreadsheet shows it, and does not compute it.

    What begins with ``=``, ``+``, ``-`` or ``@`` gets an apostrophe in front (the advice of
    OWASP on CSV injection), as does what begins with apostrophes and one of these, so that
    `from_spreadsheet_cell` gives back what was there.

    Parameters
    ----------
    text : str
        Text of a cell; numbers are none.

    Returns
    -------
    str
        The same of nearly all words, control characters made visible.

    Examples
    --------
    >>> spreadsheet_cell("=cmd|' /C calc'!A0"), spreadsheet_cell("cat")
    ("'=cmd|' /C calc'!A0", 'cat')
    """
    shown = visible(text)
    return f"'{shown}" if _FORMULA.match(shown) else shown


def from_spreadsheet_cell(text: str) -> str:
    """Take off the apostrophe that `spreadsheet_cell` put in front.

    Parameters
    ----------
    text : str
        Text of a cell.

    Returns
    -------
    str
        What it stands for.

    Examples
    --------
    >>> from_spreadsheet_cell("'=1+1"), from_spreadsheet_cell("'tis")
    ('=1+1', "'tis")
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def visible_json(text: str) -> str:
    r"""Write the same letters of a JSON text as JSON's own escapes, which change nothing.

    Parameters
    ----------
    text : str
        JSON.

    Returns
    -------
    str
        JSON of the same content.

    Examples
    --------
    >>> print(visible_json('["a\u202eb"]'))
    ["a\u202eb"]
    """
    return _IN_LINES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _escape(found: re.Match[str]) -> str:
    letter = found[0]
    code = ord(letter)
    return _NAMED.get(letter) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")
