"""Read the articles of a Wikipedia dump as plain text.

The dump is the file ``...-pages-articles.xml.bz2`` of dumps.wikimedia.org, in
any language, or its content unpacked; it is never held in memory as a whole.
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
        Dump in XML, compressed with bzip2 or not (its first bytes tell).
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
    path = Path(path)
    with _opened(path) as (stream, _):
        hidden = HIDDEN_NAMESPACES | _namespaces(path, stream)
    plain = PlainText(hidden)
    return (text for page in _pages(path, progress) if (text := plain(page.wikitext)))


def wikipedia_pages(path: Path | str, *, progress: Progress = silent) -> Iterator[Page]:
    """Read the articles of a dump with their titles and markup.

    Parameters
    ----------
    path : Path or str
        Dump in XML, compressed with bzip2 or not (its first bytes tell).
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
                # Or the root would keep every page that has been parsed.
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
    """Names of the namespaces of files and categories; InputError if it is no dump."""
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
    """Open the dump: its decompressed content, and the file itself for progress.

    What is found to be wrong with it later becomes an `InputError` too.
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
