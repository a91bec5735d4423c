"""Articles of a Wikipedia dump, one after the other, as plain text.

The dump is the file ``...-pages-articles.xml.bz2`` of dumps.wikimedia.org, in
any language, or its content unpacked; it never stands in memory as a whole.
"""

from __future__ import annotations

import bz2
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from repsearch.errors import InputError
from repsearch.progress import Progress, silent
from repsearch.text.wikitext import HIDDEN_NAMESPACES, PlainText

_BZIP2 = b"BZh"
_MAIN, _FILE, _CATEGORY = "0", "6", "14"
_WIKITEXT = "wikitext"
_REPORT_EVERY = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a dump.

    Parameters
    ----------
    title : str
        Its title.
    wikitext : str
        Its text, with markup.
    """

    title: str
    wikitext: str


def wikipedia_articles(path: Path | str, *, progress: Progress = silent) -> Iterator[str]:
    """Plain text of the articles of a dump, in its order.

    Articles are the pages of the main namespace that are not redirects; one
    without any running text is left out. What of a page counts as text is
    told at `repsearch.text.wikitext.PlainText`.

    Reading takes about a second for each megabyte of wikitext, nearly all of
    it for the markup: minutes for the Wikipedia in Simple English, many hours
    for the English one. Write the articles to a file when they are needed
    more than once.

    Parameters
    ----------
    path : Path or str
        The dump, XML, packed with bzip2 or not (its first bytes tell).
    progress : Progress
        Told how much of the file is read.

    Yields
    ------
    str
        An article, its paragraphs parted by an empty line.

    Raises
    ------
    InputError
        No such file, not a dump, a damaged one, or the package
        mwparserfromhell is not installed. All but damage is noticed by the
        call itself, not first when the articles are asked for.
    """
    path = Path(path)
    with _opened(path) as (stream, _):
        hidden = HIDDEN_NAMESPACES | _namespaces(path, stream)
    plain = PlainText(hidden)
    return (text for page in _pages(path, progress) if (text := plain(page.wikitext)))


def wikipedia_pages(path: Path | str, *, progress: Progress = silent) -> Iterator[Page]:
    """Articles of a dump with their titles, markup and all.

    Parameters
    ----------
    path : Path or str
        As `wikipedia_articles`.
    progress : Progress
        Told how much of the file is read.

    Yields
    ------
    Page
        An article.

    Raises
    ------
    InputError
        No such file, not a dump, or a damaged one.
    """
    path = Path(path)
    with _opened(path) as (stream, _):
        _namespaces(path, stream)
    return _pages(path, progress)


def _pages(path: Path, progress: Progress) -> Iterator[Page]:
    stage, total = f"reading {path.name}", path.stat().st_size
    with _opened(path) as (stream, file):
        root: ET.Element | None = None
        seen = 0
        for event, element in ET.iterparse(stream, events=("start", "end")):
            if root is None:
                root = element
            if event == "end" and _local(element) == "page":
                page = _article(element)
                # The root keeps every page that it has seen until told to let go.
                root.clear()
                if seen % _REPORT_EVERY == 0:
                    progress(stage, file.tell(), total, "bytes")
                seen += 1
                if page is not None:
                    yield page
    progress(stage, total, total, "bytes")


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


def _namespaces(path: Path, stream: IO[bytes]) -> frozenset[str]:
    """What this wiki calls its files and categories; InputError if it is no dump."""
    found: set[str] = set()
    root: str | None = None
    for event, element in ET.iterparse(stream, events=("start", "end")):
        name = _local(element)
        if root is None:
            root = name
            if root != "mediawiki":
                raise InputError(
                    f"{path} is not a Wikipedia dump: it begins with <{root}>, not <mediawiki>; "
                    "give the file ...-pages-articles.xml.bz2 of dumps.wikimedia.org"
                )
        if event == "end" and name == "namespace" and element.get("key") in (_FILE, _CATEGORY):
            found.add((element.text or "").strip().lower())
        if name == "page" or (event == "end" and name == "siteinfo"):
            break
    return frozenset(found - {""})


def _local(element: ET.Element) -> str:
    """Name of an element without its namespace, which changes with the dump's version."""
    return element.tag.rpartition("}")[2]


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Unpacked content of the dump, and the file as it is to tell how far one is.

    What turns out to be wrong with it becomes an `InputError`.
    """
    remedy = "it is no dump, or damaged, or not wholly downloaded; download it again"
    try:
        with path.open("rb") as file:
            packed = file.read(len(_BZIP2)) == _BZIP2
            file.seek(0)
            if packed:
                with bz2.open(file) as stream:
                    yield stream, file
            else:
                yield file, file
    except FileNotFoundError as error:
        raise InputError(
            f"there is no file {path}: check the name, or bring a dump with "
            "repsearch.data.fetch('simplewiki-latest')"
        ) from error
    except IsADirectoryError as error:
        raise InputError(f"{path} is a folder: give the dump file in it") from error
    except PermissionError as error:
        raise InputError(f"{path} cannot be read: no permission; change it or copy it") from error
    except (ET.ParseError, EOFError, OSError) as error:
        raise InputError(f"cannot read {path} ({error}): {remedy}") from error
