"""Read the articles of a Wikipedia dump as plain text.

The dump is the file ``...-pages-articles.xml.bz2`` of dumps.wikimedia.org, in
any language, or its content unpacked; it is never held in memory as a whole.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from repsearch.errors import InputError
from repsearch.progress import Progress, silent
from repsearch.text.chunks import MOST_DOCUMENT_BYTES
from repsearch.text.formats import Kind
from repsearch.text.opened import Opened, open_text
from repsearch.text.wikitext import PlainText

_MAIN, _FILE, _CATEGORY = "0", "6", "14"
_WIKITEXT = "wikitext"
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Page:
    """Hold a page of a dump.

    Parameters
    ----------
    title : str
        Title of the page.
    wikitext : str
        Text of the page, with markup.
    """

    title: str
    wikitext: str


def wikipedia_articles(path: Path | str, *, progress: Progress = silent) -> Iterator[str]:
    """Read the articles of a dump as plain text, in its order.

    Articles are the pages of the main namespace that are not redirects; one
    without any running text is left out. What of a page counts as text is
    described at `repsearch.text.wikitext.PlainText`.

    Reading takes about a second for each megabyte of wikitext, nearly all of
    it for the markup: minutes for the Wikipedia in Simple English, many hours
    for the English one. Write the articles to a file when they are needed
    more than once.

    Parameters
    ----------
    path : Path or str
        Dump in XML, compressed or not.
    progress : Progress
        Called with the number of bytes of the file that are read.

    Yields
    ------
    str
        An article, with an empty line between its paragraphs.

    Raises
    ------
    InputError
        No such file, not a dump, a damaged one, or the package
        mwparserfromhell is not installed. All but damage is noticed by the
        call itself, not first when the articles are asked for.

    Examples
    --------
    >>> import tempfile
    >>> page = "<page><ns>0</ns><revision><text>An [[owl]].</text></revision></page>"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "small.xml"
    ...     _ = path.write_text(f"<mediawiki>{page}</mediawiki>")
    ...     list(wikipedia_articles(path))
    ['An owl.']
    """
    return dump_articles(_dump(Path(path), progress))


def dump_articles(opened: Opened) -> Iterator[str]:
    """Read the articles of a dump that is open, as plain text.

    Parameters
    ----------
    opened : Opened
        The dump.

    Yields
    ------
    str
        An article, with an empty line between its paragraphs.

    Raises
    ------
    InputError
        A damaged dump, or the package mwparserfromhell is not installed.
    """
    plain = PlainText()
    return (text for page in _pages(opened, plain) if (text := plain(page.wikitext)))


def wikipedia_pages(path: Path | str, *, progress: Progress = silent) -> Iterator[Page]:
    """Read the articles of a dump with their titles and markup.

    Parameters
    ----------
    path : Path or str
        Dump in XML, compressed or not.
    progress : Progress
        Called with the number of bytes of the file that are read.

    Yields
    ------
    Page
        An article, in the order of the dump.

    Raises
    ------
    InputError
        No such file, not a dump, or a damaged one.
    """
    return _pages(_dump(Path(path), progress), None)


def _dump(path: Path, progress: Progress) -> Opened:
    """Open a file and check that it is a dump."""
    if path.is_dir():
        raise InputError(f"{path} is a folder: give the dump file in it")
    if not path.exists():
        raise InputError(
            f"there is no file {path}: check the name, or bring a dump with "
            "repsearch.data.fetch('simplewiki-latest')"
        )
    total = path.stat().st_size or None
    done = 0

    def read(n: int) -> None:
        nonlocal done
        done += n
        progress(f"reading {path.name}", done, total, "bytes")

    opened = open_text(path, _CHUNK, read)
    if opened.format.kind is not Kind.DUMP:
        raise InputError(
            f"{path} is no Wikipedia dump but {opened.format.name}; give the file "
            "...-pages-articles.xml.bz2 of dumps.wikimedia.org"
        )
    return opened


class _Stream:
    """Give chunks to the parser as it asks for them, and no page that is out of all proportion."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.chunks = iter(opened.chunks)
        self.chunk = b""
        self.since_page = 0

    def read(self, n: int) -> bytes:
        while not self.chunk:
            following = next(self.chunks, None)
            if following is None:
                return b""
            self.chunk = following
        data, self.chunk = self.chunk[:n], self.chunk[n:]
        self.since_page += len(data)
        if self.since_page > MOST_DOCUMENT_BYTES:
            raise InputError(
                f"{self.opened.path} has a page of more than {MOST_DOCUMENT_BYTES >> 20} MiB; "
                "take a dump without the pages' histories (pages-articles)"
            )
        return data


def _pages(opened: Opened, plain: PlainText | None) -> Iterator[Page]:
    stream = _Stream(opened)
    root: ET.Element | None = None
    try:
        for event, element in ET.iterparse(cast("IO[bytes]", stream), events=("start", "end")):
            if root is None:
                root = element
            if event == "start":
                continue
            name = _local(element)
            if name == "siteinfo" and plain is not None:
                plain.hide(_namespaces(element))
            if name == "page":
                page = _article(element)
                # Or the root would keep every page that has been parsed.
                root.clear()
                stream.since_page = 0
                if page is not None:
                    yield page
    except ET.ParseError as error:
        raise InputError(
            f"cannot read {opened.path} ({error}): it is damaged, or not wholly downloaded; "
            "download it again"
        ) from error


def _article(element: ET.Element) -> Page | None:
    """The article in a ``page`` element; None when it is none."""
    fields = {_local(child): child for child in element}
    if "redirect" in fields or _text_of(fields.get("ns"), _MAIN) != _MAIN:
        return None
    # Of several revisions, as full histories have them, the last is the latest.
    revision = {_local(child): child for child in fields.get("revision", ())}
    if _text_of(revision.get("model"), _WIKITEXT) != _WIKITEXT:
        return None
    wikitext = _text_of(revision.get("text"), "")
    # Dumps older than 2010 mark a redirect by its text alone.
    if wikitext[:9].lower() == "#redirect":
        return None
    return Page(_text_of(fields.get("title"), ""), wikitext)


def _text_of(element: ET.Element | None, default: str) -> str:
    return default if element is None else (element.text or "").strip()


def _namespaces(siteinfo: ET.Element) -> frozenset[str]:
    """Names of the namespaces of files and categories in a wiki's language."""
    found = {
        (element.text or "").strip().lower()
        for element in siteinfo.iter()
        if _local(element) == "namespace" and element.get("key") in (_FILE, _CATEGORY)
    }
    return frozenset(found - {""})


def _local(element: ET.Element) -> str:
    """Name of an element without its namespace, which changes with the dump's version."""
    return element.tag.rpartition("}")[2]
