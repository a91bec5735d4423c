"""Remove the markup of MediaWiki from the text of a page."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Collection
from typing import Any

from repsearch.extras import missing
from repsearch.text.remains import Remains

#: Namespaces whose links are no part of the text; a dump adds its own names.
HIDDEN_NAMESPACES = frozenset({"file", "image", "media", "category"})

# References, tables and galleries are no running text; formulas, code and
# the like are no language. `code` and `nowiki` are kept: they are parts of sentences.
_REFERENCE_TAGS = frozenset({"ref", "references"})
_FORMULA_TAGS = frozenset({"math", "chem", "ce", "score", "hiero"})
_CODE_TAGS = frozenset({"source", "syntaxhighlight", "pre", "templatedata"})
_FIGURE_TAGS = frozenset({"table", "gallery", "imagemap", "timeline", "graph", "mapframe"})
_SERVICE_TAGS = frozenset(
    {"maplink", "inputbox", "categorytree", "section", "templatestyles", "style", "indicator"}
)
_HIDDEN_TAGS = _REFERENCE_TAGS | _FORMULA_TAGS | _CODE_TAGS | _FIGURE_TAGS | _SERVICE_TAGS
_LINE_ENDS = frozenset({"br", "hr", "p", "div", "blockquote", "li", "dt", "dd"})
# Stands for a "<" that was written as a reference: a reader sees it, and it begins no tag.
_WRITTEN = "\ue000"
_SPACES = re.compile(r"[ \t]+")
_AROUND_ENDS = re.compile(r" *\n *")
_EMPTY_LINES = re.compile(r"\n{3,}")
_EMPTY_BRACKETS = re.compile(r"\(\s*[,;]?\s*\)")


class PlainText:
    """Turn wikitext into the plain text of its paragraphs and lists.

    Kept: text, the visible words of links, list items, quotations. Left out:
    templates, references, tables, headings, images with their captions,
    categories, comments, formulas, code blocks, bare web addresses.

    Parameters
    ----------
    hidden_namespaces : collection of str
        Names of namespaces, in lower case, whose links are left out.

    Raises
    ------
    InputError
        The package mwparserfromhell is not installed.

    Examples
    --------
    >>> plain = PlainText()
    >>> plain("The ''cat'' {{citation needed}} sat on [[Mat|a mat]].<ref>A book.</ref>")
    'The cat sat on a mat.'
    """

    def __init__(self, hidden_namespaces: Collection[str] = HIDDEN_NAMESPACES) -> None:
        try:
            # Imported here because it is an extra, and by name so that types can be
            # checked without it.
            parser: Any = importlib.import_module("mwparserfromhell")
        except ImportError as error:
            raise missing("reading wikitext", "mwparserfromhell") from error
        self._parse = parser.parse
        self._hidden: frozenset[str] = frozenset()
        self.hide(hidden_namespaces)
        nodes = parser.nodes
        self._rules: dict[Any, Callable[[Any], str]] = {
            nodes.Text: lambda node: str(node.value),
            nodes.HTMLEntity: _entity,
            nodes.Wikilink: self._link,
            nodes.ExternalLink: lambda node: (
                self._text(node.title) if node.brackets and node.title else ""
            ),
            nodes.Tag: self._tag,
            # A heading separates paragraphs even though its own words are left out.
            nodes.Heading: lambda node: "\n\n",
        }

    def hide(self, namespaces: Collection[str]) -> None:
        """Leave out links into more namespaces.

        Parameters
        ----------
        namespaces : collection of str
            Names of namespaces, in lower case, as a wiki has them in its language.
        """
        self._hidden |= frozenset(namespaces)
        self._remains = Remains(self._hidden)

    def __call__(self, wikitext: str) -> str:
        """Remove the markup.

        Parameters
        ----------
        wikitext : str
            Text of a page, with markup.

        Returns
        -------
        str
            Plain text, with an empty line between paragraphs.
        """
        text = self._remains.removed(self._text(self._parse(wikitext))).replace(_WRITTEN, "<")
        # Templates inside brackets (pronunciations, dates) leave them empty.
        text = _EMPTY_BRACKETS.sub("", text)
        text = _SPACES.sub(" ", text)
        return _EMPTY_LINES.sub("\n\n", _AROUND_ENDS.sub("\n", text)).strip()

    def _text(self, code: Any) -> str:
        rules = self._rules
        parts = []
        for node in code.nodes:
            rule = rules.get(type(node))
            if rule is not None:
                parts.append(rule(node))
        return "".join(parts)

    def _link(self, node: Any) -> str:
        title = str(node.title).strip()
        # A leading colon shows the link instead of acting on it.
        shown = title.removeprefix(":")
        if shown == title and title.partition(":")[0].strip().lower() in self._hidden:
            return ""
        return self._text(node.text) if node.text is not None else shown

    def _tag(self, node: Any) -> str:
        name = str(node.tag).strip().lower()
        if name in _REFERENCE_TAGS:
            # One that goes on past an empty line was never closed: the end that the parser
            # found is another's, and what follows the line is text.
            within = self._text(node.contents) if node.contents else ""
            return within[within.find("\n\n") :] if "\n\n" in within else ""
        if name in _HIDDEN_TAGS:
            return ""
        inside = self._text(node.contents) if node.contents else ""
        # The parser's list item is the bullet alone; the line break is in the text already.
        return f"{inside}\n" if name in _LINE_ENDS and not node.wiki_markup else inside


def _entity(node: Any) -> str:
    try:
        return str(node.normalize()).replace("<", _WRITTEN)
    except ValueError:
        # A number that is no character, such as &#0;.
        return ""
