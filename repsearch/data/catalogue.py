"""List the corpora that can be fetched from the network.

`repsearch.data.fetch` downloads, checks and unpacks one.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from repsearch.errors import InputError
from repsearch.storage.checksum import Checksum, Expected


@dataclass(frozen=True, slots=True)
class Member:
    """Name the file of a zip archive to unpack, with its size and checksum.

    Parameters
    ----------
    name : str
        Name of the file in the archive.
    expected : Expected
        Size and checksum of its content, by which a file that the user unpacked
        is recognised.
    """

    name: str
    expected: Expected


@dataclass(frozen=True, slots=True)
class Dataset:
    """Describe a corpus on the network.

    Parameters
    ----------
    name : str
        Name by which `fetch` finds it.
    title : str
        Description in one line.
    url : str
        Address of the download.
    licence : str
        Terms under which the text may be used.
    source : str
        Source of the facts in this entry.
    suffix : str
        Suffix of the file that is to be read.
    reader : {"text", "wikipedia"}
        Kind of that file: plain text, or pages for
        `repsearch.text.wikipedia_articles`.
    size : int or None
        Size of the download in bytes; None where each new edition has another.
    checksum : Checksum or None
        Checksum of the download.
    checksum_url : str or None
        Address of a list of checksums that names the download, for one that
        changes with time.
    member : Member or None
        File to unpack from the download, a zip archive; None to use the
        download as it is.

    Examples
    --------
    >>> DATASETS["text8"].download_name, DATASETS["text8"].file_name
    ('text8.zip', 'text8.txt')
    """

    name: str
    title: str
    url: str
    licence: str
    source: str
    suffix: str
    reader: Literal["text", "wikipedia"]
    size: int | None = None
    checksum: Checksum | None = None
    checksum_url: str | None = None
    member: Member | None = None

    @property
    def download_name(self) -> str:
        """File name of the download."""
        return self.url.rpartition("/")[2]

    @property
    def file_name(self) -> str:
        """Name of the file that is to be read."""
        return self.download_name if self.member is None else f"{self.name}{self.suffix}"


def _wikipedia(wiki: str, title: str) -> Dataset:
    folder = f"https://dumps.wikimedia.org/{wiki}/latest"
    return Dataset(
        name=f"{wiki}-latest",
        title=title,
        url=f"{folder}/{wiki}-latest-pages-articles.xml.bz2",
        licence=(
            "Creative Commons Attribution-ShareAlike, most of it also GFDL; "
            "terms: https://dumps.wikimedia.org/legal.html"
        ),
        source=(
            "Wikimedia dump of the current articles, a new edition once or twice a month; "
            "format: https://meta.wikimedia.org/wiki/Data_dumps/Dump_format"
        ),
        suffix=".xml.bz2",
        reader="wikipedia",
        checksum_url=f"{folder}/{wiki}-latest-sha1sums.txt",
    )


_TEXT8 = Dataset(
    name="text8",
    title="text8: 100 million letters of English Wikipedia, 2006, cleaned by Matt Mahoney",
    url="http://mattmahoney.net/dc/text8.zip",
    licence=(
        "text of Wikipedia (GFDL, since 2009 also Creative Commons Attribution-ShareAlike); "
        "terms: https://en.wikipedia.org/wiki/Wikipedia:Copyrights"
    ),
    # The author publishes no checksum of text8.zip. Several unrelated public
    # repositories pin these two SHA-256, one of them (measured on 2026-08-01)
    # together with the 31,344,016 bytes that the TensorFlow word2vec tutorial
    # checks. dmlc/gluon-nlp gives SHA-1 instead:
    # 6c70299b93b7e1f927b42cd8f6ac1a31547c7a2e for the archive and
    # 0dc3edebc970dcc96137e7deda4d9995af9d93de for its member.
    source=(
        "http://mattmahoney.net/dc/textdata.html; SHA-256 as pinned by public repositories that "
        "use it (the author publishes none)"
    ),
    suffix=".txt",
    reader="text",
    size=31_344_016,
    checksum=Checksum("sha256", "a6640522afe85d1963ad56c05b0ede0a0c000dddc9671758a6cc09b7a38e5232"),
    member=Member(
        "text8",
        Expected(
            100_000_000,
            (
                Checksum(
                    "sha256", "6e890197040d37d85beb962ae1f041ff1d9a9ca8d20c7d99c85027eebf51dca7"
                ),
            ),
        ),
    ),
)

#: All corpora that can be fetched, by name.
DATASETS: Mapping[str, Dataset] = MappingProxyType(
    {
        entry.name: entry
        for entry in (
            _TEXT8,
            _wikipedia("simplewiki", "Simple English Wikipedia, latest dump (hundreds of MB)"),
            _wikipedia("enwiki", "English Wikipedia, latest dump (about 20 GB)"),
        )
    }
)


def dataset(name: str) -> Dataset:
    """Look up a corpus by its name.

    Parameters
    ----------
    name : str
        Name of an entry of `DATASETS`.

    Returns
    -------
    Dataset
        The entry.

    Raises
    ------
    InputError
        There is no entry of that name; the message suggests a similar one.

    Examples
    --------
    >>> dataset("text8").size
    31344016
    >>> dataset("simplewiki")
    Traceback (most recent call last):
    repsearch.errors.InputError: no data set 'simplewiki': did you mean 'simplewiki-latest'? ...
    """
    entry = DATASETS.get(name)
    if entry is None:
        near = difflib.get_close_matches(name, DATASETS, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise InputError(f"no data set {name!r}: {hint}there are {', '.join(DATASETS)}")
    return entry


def cache_folder() -> Path:
    """Return the folder for downloads where the user names none.

    ``$REPSEARCH_CACHE``, else ``repsearch`` in ``$XDG_CACHE_HOME``, else
    ``~/.cache/repsearch``.

    Returns
    -------
    Path
        The folder, which need not exist yet.

    Raises
    ------
    InputError
        No such variable is set and the user has no home folder.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with patch.dict(os.environ, REPSEARCH_CACHE="downloads"):
    ...     cache_folder().name
    'downloads'
    """
    own = os.environ.get("REPSEARCH_CACHE")
    if own:
        return Path(own).expanduser()
    # The XDG specification says to ignore a relative path.
    shared = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if shared.is_absolute():
        return shared / "repsearch"
    try:
        return Path.home() / ".cache" / "repsearch"
    except RuntimeError as error:
        raise InputError(
            "this user has no home folder: set REPSEARCH_CACHE to a folder for downloads"
        ) from error


def listed_checksum(text: str, name: str) -> tuple[str, Checksum] | None:
    """Find a file in a list of checksums as ``sha1sum`` and ``sha256sum`` write it.

    Wikimedia's list for ``latest`` names the files by the day of the dump:
    ``simplewiki-latest-x`` is ``simplewiki-20260801-x`` there.

    Parameters
    ----------
    text : str
        Content of the list.
    name : str
        File name to look for.

    Returns
    -------
    tuple of str and Checksum, or None
        The name in the list, and the checksum; None where the list has no
        such file.
    """
    wanted = re.compile(re.escape(name).replace(r"\-latest\-", r"\-(?:latest|\d{8})\-", 1))
    algorithms = {40: "sha1", 64: "sha256"}
    for line in text.splitlines():
        match = re.fullmatch(r"([0-9a-fA-F]+) [ *](\S+)", line.strip())
        if match is None or len(match[1]) not in algorithms or not wanted.fullmatch(match[2]):
            continue
        return match[2], Checksum(algorithms[len(match[1])], match[1].lower())
    return None
