"""Remove the tags of HTML and of MediaWiki that were left in a text."""

from __future__ import annotations

import html
import re

# Names of the elements that wikitext may hold. Only these are taken for tags, so that
# "a <b and c> d" in prose about numbers stays.
_INLINE = (
    "abbr b bdi bdo big cite code data del dfn em font i ins kbd mark nowiki onlyinclude q ref rp "
    "rt ruby s samp section small span strike strong sub sup time tt u var noinclude includeonly "
    "references math chem ce score hiero poem gallery imagemap timeline syntaxhighlight source "
    "templatestyles templatedata indicator inputbox mapframe maplink categorytree graph"
)
_LINES = "blockquote br caption center dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre table tbody "
_LINES += "td tfoot th thead tr ul"
_VALUE = r"""(?:"[^"\n<>]*"?|'[^'\n<>]*'?|[^\s"'<>|]+)"""


def _pattern(names: str) -> re.Pattern[str]:
    """Tags of these names, with their attributes, even where the closing bracket is missing."""
    either = "|".join(sorted(set(names.split()), key=len, reverse=True))
    # Of an open tag without attributes the closing bracket is asked for: "<i" is prose.
    attributed = rf"<(?:{either})(?:\s+[\w:-]+\s*=\s*{_VALUE})+(?:\s*/?>)?"
    return re.compile(rf"{attributed}|</?(?:{either})\s*/?>", re.IGNORECASE)


_INLINE_TAG = _pattern(_INLINE)
_LINE_TAG = _pattern(_LINES)
_TIMES = 3


def without_tags(text: str) -> str:
    """Remove tags; one that ends a line or a cell becomes a space.

    Parameters
    ----------
    text : str
        Text with tags.

    Returns
    -------
    str
        Text without them; all else is as it was.

    Examples
    --------
    >>> without_tags('H<sub>2</sub>O <div style="float:right">here')
    'H2O  here'
    >>> without_tags("1 <b and c> 2")
    '1 <b and c> 2'
    """
    if "<" not in text:
        return text
    return _LINE_TAG.sub(" ", _INLINE_TAG.sub("", text))


def unescaped(text: str) -> str:
    """Turn character references into characters, and remove tags that were escaped.

    Parameters
    ----------
    text : str
        Text with references such as ``&amp;`` or, escaped twice, ``&amp;lt;``.

    Returns
    -------
    str
        The text as a reader sees it.

    Examples
    --------
    >>> unescaped("salt &amp; &lt;b&gt;bread&lt;/b&gt; &amp;lt;i&amp;gt;here")
    'salt & bread here'
    """
    text = without_tags(text)
    for _ in range(_TIMES):
        if "&" not in text:
            break
        found = without_tags(html.unescape(text))
        if found == text:
            break
        text = found
    return text
