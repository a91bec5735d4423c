"""What authors leave unbalanced in wikitext reaches no count, and no prose is lost to it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repsearch.text.remains import Remains
from repsearch.text.tags import unescaped, without_tags
from repsearch.text.wikitext import HIDDEN_NAMESPACES, PlainText

pytest.importorskip("mwparserfromhell")

MARKUP = re.compile(
    r"\b(?:style|align|colspan|rowspan|class|div|ref|cite|web|title|valign|width|scope|name|span|"
    r"wikitable|bgcolor|float|left|right|thumb|px|jpg|file|url|infobox|small|br)\b",
    re.IGNORECASE,
)
# Wikitext that no parser can match, as articles have it: each between two sentences.
UNBALANCED = {
    "a table whose cell opens bold and does not close it": (
        '{| class="wikitable"\n|-\n| style="text-align:left"| North\n'
        "|align=right| '''{{bartable|3}}\n|-\n| style=\"text-align:left\"| South\n"
        "|align=right| '''{{bartable|4}}\n|}"
    ),
    "a table opened by a template": "{{table begin}}\n|-\n| align=right| 1\n|}",
    "a table without an end": '{| class="wikitable" style="width:50%"\n! scope="col" | A\n|-\n| x',
    "heading cells": '{{table begin}}\n! scope=col | Year !! Place\n! align="left" | Name\n|}',
    "a caption": '{{table begin}}\n|+ style="a" | Caption\n|}',
    "cells in one line": "{{table begin}}\n| colspan=2 | one || rowspan=3 | two\n|}",
    "rows with attributes": '{{table begin}}\n|- bgcolor="#eee" valign=top\n| x\n|}',
    "attributes alone": '{{table begin}}\nstyle="width:3em" align=right\n|}',
    "an open template": "{{Infobox town\n| name = Zed\n| width = 3",
    "an open template in one line": "{{cite web|url=http://x.org|title=Zed",
    "the end of a template": "|title=Zed|url=x}}",
    "an open picture": "[[File:a.jpg|thumb|200px|right",
    "an open tag at the end of a line": '<div style="float:right',
    "an open comment": "<!-- style left here",
    "ends of tags": "</div></ref></span></small>",
    "tags in tags": '<span style="color:red"><small><div class="x">',
}
INSIDE = {
    "a reference that is not closed": 'Boats carry salt.<ref name="a">{{cite web|title=Zed}} ',
    "one without quotes": "Boats carry salt.<ref name=a> ",
    "a div that is not closed": 'Boats carry salt. <div style="float:right">',
    "a span that is closed twice": 'Boats <span class="x">carry</span></span> salt. ',
    "lines of a table behind the sentence": "Boats carry salt.\n|align=right| x\n",
}
SPACES = re.compile(r"\s+")


def words(text: str) -> str:
    return SPACES.sub(" ", text).strip()


@pytest.mark.parametrize("case", UNBALANCED)
def test_lines_of_markup_go_and_lines_of_prose_stay(case):
    text = PlainText()(f"Boats carry salt.\n{UNBALANCED[case]}\nBoats return.\n\nThey wait.")
    found = words(text)
    assert found.startswith("Boats carry salt.")
    assert found.endswith("Boats return. They wait.")
    assert not MARKUP.search(found)


@pytest.mark.parametrize("case", INSIDE)
def test_markup_inside_a_line_goes_and_its_prose_stays(case):
    found = words(PlainText()(f"{INSIDE[case]}Boats return.\n\nThey wait."))
    assert found == "Boats carry salt. Boats return. They wait."


@pytest.mark.parametrize(
    "behind", ["", " More.<ref>Another book.</ref>", "\n\n<ref name=b>B</ref>"]
)
def test_an_open_reference_takes_no_more_than_its_paragraph(behind):
    text = f"Boats carry salt.<ref>Smith, p. 3\n\nBoats return.\n\nThey wait.{behind}"
    found = words(PlainText()(text))
    assert "Boats return. They wait." in found
    assert not MARKUP.search(found)
    assert "Another" not in found


def test_a_closed_reference_of_several_paragraphs_keeps_their_prose():
    # It cannot be told from one that was never closed; no prose of the article may be lost.
    assert PlainText()("A.<ref>One.\n\nTwo.</ref> B.") == "A.\n\nTwo. B."


UNTOUCHED = [
    "The width of x = 3 is a size; 1 < 2 and 3 > 2, so a <b and c> d.",
    "!Kung is a language! And so on!",
    "He said: 'it is so' | she said no",
    "class struggle, style and title, name = rank",
    "Set S = {a, b} and {c}",
    "Use f(x) = [1, 2] * 3 -- or not -->",
    "An email <a@b.org> and <http://x.org>",
]


@pytest.mark.parametrize("text", UNTOUCHED[:5])
def test_prose_that_looks_like_markup_stays(text):
    assert Remains(HIDDEN_NAMESPACES).removed(text) == text


@given(st.text(st.characters(exclude_characters="|{}[]<>'_=!")))
@settings(deadline=None)
def test_text_without_signs_of_markup_is_unchanged(text):
    assert Remains(HIDDEN_NAMESPACES).removed(text) == text
    assert without_tags(text) == text


def test_no_line_is_lost_to_another():
    lines = [f"Sentence {k} of prose." for k in range(50)]
    for k, markup in enumerate(UNBALANCED.values()):
        text = "\n".join([*lines[:k], *markup.split("\n"), *lines[k:]])
        kept = Remains(HIDDEN_NAMESPACES).removed(text).split("\n")
        assert [line for line in kept if line.startswith("Sentence")] == lines


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("salt &amp; pepper", "salt & pepper"),
        ("1 &lt; 2", "1 < 2"),
        ("&lt;b&gt;cloth&lt;/b&gt;", "cloth"),
        ("&amp;lt;br /&amp;gt;x", " x"),
        ("&amp;amp;nbsp;x", "\xa0x"),
        ("H&lt;sub&gt;2&lt;/sub&gt;O", "H2O"),
        ('&lt;span style="a"&gt;x&lt;/span&gt;', "x"),
        ("AT&T; &c", "AT&T; &c"),
    ],
)
def test_references_and_escaped_tags(text, seen):
    assert unescaped(text) == seen


def test_what_a_reference_writes_is_no_tag():
    assert PlainText()("In HTML, &lt;b&gt; is bold.") == "In HTML, <b> is bold."
