"""Recognise the format of a text from its first bytes, and name what is no text."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from enum import Enum

HEAD_BYTES = 1 << 16
"""Number of bytes, after decompression, by which a format is recognised."""


class Kind(Enum):
    """What is done with a file."""

    PLAIN = "plain text"
    DUMP = "MediaWiki dump"
    EXTRACTED = "WikiExtractor articles"
    JSON_LINES = "JSON lines"
    JSON_ARRAY = "JSON array"
    ARROW_STREAM = "Arrow stream"
    ARROW_FILE = "Arrow file"
    PARQUET = "Parquet table"
    OTHER = "not text"


@dataclass(frozen=True, slots=True)
class Format:
    """Say what a file is.

    Parameters
    ----------
    kind : Kind
        What is done with it.
    name : str
        What it is, in words that end a sentence ("a NumPy array").
    remedy : str
        What to do with one that is no text.
    encoding : str
        Encoding of its characters, a name that `codecs` knows.
    mark : int
        Number of bytes of the byte-order mark.
    """

    kind: Kind
    name: str
    remedy: str = ""
    encoding: str = "utf-8"
    mark: int = 0


_TAKE_TEXT = "take the text out of it and give that"
_GIVE_TEXT = "give the text it was made from"
_UNPACK = "unpack it and give the texts in it"
_ROWS = "export its text as JSON lines and name their field, field='text'"

# First bytes, what they tell, and the way out. PNG and the like are here because folders
# of text have pictures in them.
_SIGNATURES = (
    (b"\x93NUMPY", "a NumPy array", "give word ids with their words: --words FILE"),
    (b"PK\x03\x04", "a .zip file (or a document or array packed as one)", _UNPACK),
    (b"PK\x05\x06", "an empty .zip file", "give a text"),
    (b"%PDF-", "a PDF", _TAKE_TEXT),
    (b"%!PS-", "a PostScript file", _TAKE_TEXT),
    (b"{\\rtf", "an RTF document", "save it as plain text"),
    (b"\xd0\xcf\x11\xe0", "a document of an office program", "save it as plain text"),
    (b"\x89HDF", "an HDF5 file", _GIVE_TEXT),
    (b"SQLite format 3\0", "a SQLite database", _ROWS),
    (b"\x89PNG", "a picture", "leave it out"),
    (b"\xff\xd8\xff", "a picture", "leave it out"),
    (b"\x7fELF", "a program", "leave it out"),
    (b"7z\xbc\xaf\x27\x1c", "a .7z file", _UNPACK),
    (b"Rar!\x1a\x07", "a .rar file", _UNPACK),
    (b"\x1f\x9d", "a .Z file", "unpack it with uncompress"),
    (b"\x04\x22\x4d\x18", "an .lz4 file", "unpack it with lz4 -d"),
    (b"\x1f\x8b\x08", "a .gz file inside a compressed one", "unpack it once"),
    (b"\xfd7zXZ\x00", "an .xz file inside a compressed one", "unpack it once"),
    (b"\x28\xb5\x2f\xfd", "a .zst file inside a compressed one", "unpack it once"),
    (b"version https://git-lfs.github.com/", "a Git LFS pointer, not the file", "git lfs pull"),
)
# The same of files whose first bytes could be words; they have zero bytes soon.
_WORDLIKE_SIGNATURES = (
    (b"FEA1", "a Feather table", _ROWS),
    (b"GGUF", "a GGUF model", _GIVE_TEXT),
    (b"GIF8", "a picture", "leave it out"),
)
# Tables, whose column with the text has to be named. The first is the head of the first message
# of a stream, as Hugging Face datasets are on disk.
_TABLES = (
    (b"\xff\xff\xff\xff", Kind.ARROW_STREAM),
    (b"ARROW1\0\0", Kind.ARROW_FILE),
)
_PARQUET = b"PAR1"
# The longer mark first: UTF-32's little-endian one begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PICKLE = re.compile(rb"\x80[\x02-\x05](?:\x95|[\]}(c.K])")
_SAFETENSORS = re.compile(rb'.{3}\0{5}\{\s*"', re.DOTALL)
_MOST_STRAY = 2
_TAR = slice(257, 262)
# What may stand before the first element of an XML file.
_BEFORE_ROOT = re.compile(rb"\s*(?:<\?xml[^>]*\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
_EXTRACTED = re.compile(rb'\s*<doc\s(?=[^\n]*\bid=")(?=[^\n]*\btitle=")[^\n]*>')
_HTML = re.compile(rb"<!doctype\s+html|<html\b|<head\b|<body\b", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml\s")
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_STRING = rb'"(?:[^"\\]|\\.)*"'
_OBJECT = re.compile(rb"\s*\{\s*" + _STRING + rb"\s*:", re.DOTALL)
_ARRAY = re.compile(rb"\s*\[\s*(?:\{\s*" + _STRING + rb"\s*:|\{\s*\}|\])", re.DOTALL)
_STRINGS = re.compile(rb"\s*\[\s*" + _STRING + rb"\s*(?:,\s*\"|\]\s*$)", re.DOTALL)


def recognise(head: bytes) -> Format:
    r"""Tell the format of a file from its first bytes.

    Parameters
    ----------
    head : bytes
        First bytes after decompression, up to `HEAD_BYTES`.

    Returns
    -------
    Format
        What it is; plain text where nothing speaks against it.

    Examples
    --------
    >>> recognise(b"The cat sat on the mat.").name
    'plain text'
    >>> recognise(b'<mediawiki xml:lang="en">').kind.value
    'MediaWiki dump'
    >>> recognise(b"\x93NUMPY\x01\x00").name
    'a NumPy array'
    """
    head = head[:HEAD_BYTES]
    signatures = _SIGNATURES + (_WORDLIKE_SIGNATURES if b"\0" in head else ())
    for signature, name, remedy in signatures:
        if head.startswith(signature):
            return Format(Kind.OTHER, name, remedy)
    for signature, kind in _TABLES:
        if head.startswith(signature):
            return Format(kind, kind.value)
    if head.startswith(_PARQUET) and b"\0" in head:
        return Format(Kind.PARQUET, Kind.PARQUET.value)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            text = head[len(mark) :]
            if encoding != "utf-8":
                text = text.decode(encoding, errors="ignore").encode("utf-8", errors="ignore")
            found = _of_text(text)
            return Format(found.kind, found.name, found.remedy, encoding, len(mark))
    return _binary(head) or _of_text(head)


def _binary(head: bytes) -> Format | None:
    """What a file is whose bytes are no characters."""
    if _SAFETENSORS.match(head):
        return Format(Kind.OTHER, "a safetensors file", _GIVE_TEXT)
    if head[_TAR] == b"ustar":
        return Format(Kind.OTHER, "a .tar file", _UNPACK)
    if _PICKLE.match(head):
        return Format(Kind.OTHER, "a Python pickle", "save the text as plain text")
    if b"\0" not in head:
        return None
    encoding = _wide_encoding(head)
    if encoding:
        return Format(
            Kind.OTHER,
            f"text in {encoding} without a byte-order mark",
            f"convert it: iconv -f {encoding} -t UTF-8",
        )
    if head.count(b"\0") <= max(_MOST_STRAY, len(head) // 100) and _mostly_text(head):
        return None  # a text with a stray NUL, which is no letter
    return Format(Kind.OTHER, "binary data", "give a text")


def _wide_encoding(head: bytes) -> str | None:
    """The encoding whose pattern of zero bytes a text of mostly ASCII has."""
    whole = head[: len(head) // 4 * 4]
    if len(whole) < 4:
        whole = head
    zeros = [whole[k::4].count(0) for k in range(4)]
    quarter = max(len(whole) // 4, 1)
    most = [count > 0.6 * quarter for count in zeros]
    patterns = {
        (False, True, True, True): "UTF-32LE",
        (True, True, True, False): "UTF-32BE",
        (False, True, False, True): "UTF-16LE",
        (True, False, True, False): "UTF-16BE",
    }
    encoding = patterns.get((most[0], most[1], most[2], most[3]))
    if encoding is None:
        return None
    shown = whole.decode(encoding, errors="replace")
    letters = sum(c.isalpha() or c.isspace() for c in shown)
    return encoding if 2 * letters > len(shown) else None


def _mostly_text(head: bytes) -> bool:
    text = head.replace(b"\0", b"").decode("utf-8", errors="replace")
    return sum(c.isprintable() or c.isspace() for c in text) > 0.9 * len(text)


def _of_text(head: bytes) -> Format:
    """What a file is whose bytes are characters."""
    root = head[_BEFORE_ROOT.match(head).end() :]  # type: ignore[union-attr]  # it matches nothing too
    if root.startswith(b"<mediawiki"):
        return Format(Kind.DUMP, Kind.DUMP.value)
    if _EXTRACTED.match(head):
        return Format(Kind.EXTRACTED, Kind.EXTRACTED.value)
    if _HTML.match(root):
        return Format(Kind.OTHER, "an HTML page", _TAKE_TEXT)
    if _XML.match(head):
        found = _ROOT.match(root)
        named = f" (<{found[1].decode()}>)" if found else ""
        return Format(Kind.OTHER, f"an XML file{named} but no MediaWiki dump", _TAKE_TEXT)
    if _OBJECT.match(head):
        return Format(Kind.JSON_LINES, Kind.JSON_LINES.value)
    if _ARRAY.match(head):
        return Format(Kind.JSON_ARRAY, Kind.JSON_ARRAY.value)
    if _STRINGS.match(head):
        return Format(
            Kind.OTHER, "a JSON array of strings", "write the strings as plain text, one a line"
        )
    return Format(Kind.PLAIN, Kind.PLAIN.value)
