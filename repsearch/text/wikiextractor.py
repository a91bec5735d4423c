"""Read the articles that WikiExtractor took from a dump: ``<doc id= url= title=>`` elements."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from repsearch.errors import InputError
from repsearch.text.chunks import MOST_DOCUMENT_BYTES
from repsearch.text.files import BadBytes
from repsearch.text.lines import Line, numbered_lines
from repsearch.text.opened import Opened
from repsearch.text.record import TextRecord
from repsearch.text.tags import unescaped
from repsearch.text.utf8 import Gap, decode, is_utf8

_BEGIN = re.compile(rb"\s*<doc\s[^\n]*\bid=\"[^\n]*>\s*$")
_END = re.compile(rb"\s*</doc>\s*$")
# The last attribute; a title may itself hold quotation marks.
_TITLE = re.compile(r"\btitle=\"(.*)\"\s*>\s*$")


def extracted_articles(
    opened: Opened, bad_bytes: BadBytes, record: TextRecord
) -> Iterator[str | Gap]:
    r"""Read each ``<doc>`` element as a document.

    The tags are no text, and neither is the first line of an article that repeats
    its title: headings are left out of dumps too. Character references are turned
    into characters, and tags that were escaped are removed.

    Parameters
    ----------
    opened : Opened
        The file.
    bad_bytes : {"stop", "replace", "skip"}
        What to do with bytes that are not UTF-8.
    record : TextRecord
        Where lines in no element, and elements without an end, are counted.

    Yields
    ------
    str or Gap
        An article, or the reason why there is none in its place.

    Raises
    ------
    InputError
        Bytes that are not UTF-8 where `bad_bytes` is ``"stop"``; an article that is
        longer than `repsearch.text.chunks.MOST_DOCUMENT_BYTES`.
    """
    title: str | None = None
    lines: list[str] = []
    held = 0
    bad = False
    for line in numbered_lines(opened.chunks, opened.path):
        begins = _BEGIN.match(line.text) is not None
        if begins or _END.match(line.text):
            if title is not None:
                record.unclosed_articles += begins
                yield Gap.NOT_UTF8 if bad else _article(title, lines)
            title, lines, held, bad = None, [], 0, False
            if begins:
                title = _title(_decoded(line, opened, "replace"))
            continue
        if title is None:
            record.stray_lines += bool(line.text.strip())
            continue
        bad = bad or (bad_bytes == "skip" and not is_utf8(line.text))
        if bad:
            continue
        lines.append(_decoded(line, opened, bad_bytes))
        held += len(line.text)
        if held > MOST_DOCUMENT_BYTES:
            raise InputError(
                f"{opened.path}, line {line.number:,}: an article of more than "
                f"{MOST_DOCUMENT_BYTES >> 20} MiB; its </doc> is missing"
            )
    if title is not None:
        record.unclosed_articles += 1
        yield Gap.NOT_UTF8 if bad else _article(title, lines)


def _decoded(line: Line, opened: Opened, bad_bytes: BadBytes) -> str:
    offset = line.offset + opened.format.mark
    return decode(line.text, opened.path, bad_bytes, line=line.number, offset=offset)


def _title(tag: str) -> str:
    found = _TITLE.search(tag)
    return html.unescape(found[1]).strip() if found else ""


def _article(title: str, lines: list[str]) -> str:
    text = unescaped("\n".join(lines)).strip()
    first, _, rest = text.partition("\n")
    return rest.strip() if title and first.strip() in (title, unescaped(title)) else text
