"""Remove what a parser leaves of unbalanced wikitext: cells of tables, tags, parameters.

The parser gives markup that it cannot match, such as a table that a template opened, as
text. It is removed by line, so that no more than a line is lost to one mistake of an author.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from repsearch.text.tags import without_tags

_ATTRIBUTES = (
    "align|bgcolor|border|cellpadding|cellspacing|class|colspan|color|data-[a-z-]+|dir|face|"
    "height|id|lang|name|nowrap|rowspan|scope|size|style|title|valign|width"
)
_QUOTED = r"""(?:"[^"\n]*"|'[^'\n]*')"""
_ASSIGNED = rf"(?:{_ATTRIBUTES})\s*=\s*(?:{_QUOTED}|[^\s|\"']+)"
# A row, a cell, the caption or the end of a table; a parameter of a template on its own line.
_CELL = re.compile(r"^[ \t]*(?:\{\||\|).*$", re.MULTILINE)
# A heading cell looks like "! scope=col | Year" or "! Year !! Place", and an exclamation by
# itself like neither.
_HEADING_CELL = re.compile(rf"^[ \t]*!(?:.*!!.*|\s*{_ASSIGNED}.*)$", re.MULTILINE | re.IGNORECASE)
# Attributes before the bar of a cell, or alone on a line.
_BEFORE_BAR = re.compile(rf"(?:(?<=\s)|^){_ASSIGNED}(?:\s+{_ASSIGNED})*\s*\|+", re.M | re.I)
_ALONE = re.compile(rf"^[ \t]*{_ASSIGNED}(?:\s+{_ASSIGNED})*[ \t]*$", re.MULTILINE | re.IGNORECASE)
# A template that has parameters and no end on its line, or an end and no beginning.
_OPEN_TEMPLATE = re.compile(r"\{\{[^{}|\n]*(?:\|[^{}\n]*$|(?=\n[ \t]*\|))", re.MULTILINE)
_CLOSED_TEMPLATE = re.compile(r"^[^{}\n]*\|\s*[\w -]+=[^{}\n]*\}\}", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*$|^.*-->", re.MULTILINE)
# Marks of emphasis, of links, templates and tables, and switches such as __NOTOC__.
_MARKS = re.compile(r"'{2,}|\[\[|\]\]|\{\{|\}\}|\{\||\|\}|__[A-Z]+__")
_MARKUP = re.compile(r"[|{<]|\}\}|\]\]|''|\[\[|__|-->|=|!!")


class Remains:
    r"""Remove remains of markup from text that was wikitext.

    Parameters
    ----------
    hidden : collection of str
        Names of the namespaces, in lower case, whose links are no text.

    Examples
    --------
    >>> text = "Boats.<ref name='a'> Salt.\n|align=right| ''3\nBoats return."
    >>> Remains({"file"}).removed(text).split("\n")
    ['Boats. Salt.', '', 'Boats return.']
    """

    def __init__(self, hidden: Collection[str]) -> None:
        names = "|".join(sorted(map(re.escape, hidden), key=len, reverse=True))
        # A picture whose link has no end on its line.
        self._picture = re.compile(rf"\[\[\s*(?:{names})\s*:[^\[\]\n]*\|[^\[\]\n]*$", re.M | re.I)

    def removed(self, text: str) -> str:
        """Remove the remains.

        Parameters
        ----------
        text : str
            Text as a parser left it.

        Returns
        -------
        str
            The text, unchanged where nothing of it looks like markup.
        """
        if not _MARKUP.search(text):
            return text
        text = _COMMENT.sub("", text)
        for pattern in (_OPEN_TEMPLATE, _CLOSED_TEMPLATE, _CELL, _HEADING_CELL, self._picture):
            text = pattern.sub("", text)
        text = without_tags(text)
        text = _ALONE.sub("", _BEFORE_BAR.sub("", text))
        return _MARKS.sub("", text)
