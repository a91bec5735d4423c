"""Keep the part of a file that has arrived, and what is known of the whole."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from repsearch.storage.atomic import replacing
from repsearch.storage.refusals import explaining_write_errors

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


@dataclass(frozen=True, slots=True)
class Origin:
    """What a server said of the file that a part belongs to.

    Parameters
    ----------
    url : str
        The address that was asked for.
    etag, last_modified : str or None
        Header fields that tell one version of the file from another.
    total : int or None
        Bytes of the whole file.
    """

    url: str
    etag: str | None
    last_modified: str | None
    total: int | None

    @classmethod
    def of_answer(cls, url: str, headers: Mapping[str, str]) -> Self:
        """Origin told by the answer to a request for the whole file."""
        length = headers.get("Content-Length", "")
        return cls(
            url=url,
            etag=headers.get("ETag"),
            last_modified=headers.get("Last-Modified"),
            total=int(length) if length.isdecimal() else None,
        )

    @classmethod
    def read(cls, known: dict[str, object]) -> Self:
        """Origin from the fields of a note, which anything may have altered."""
        url, total = known["url"], known["total"]
        etag, last_modified = known["etag"], known["last_modified"]
        if not isinstance(url, str) or not isinstance(total, int | None):
            raise TypeError
        if not isinstance(etag, str | None) or not isinstance(last_modified, str | None):
            raise TypeError
        return cls(url=url, etag=etag, last_modified=last_modified, total=total)

    @property
    def validator(self) -> str | None:
        """What to send as ``If-Range``; None where nothing tells versions apart.

        A weak ETag stands for files that are as good as equal; bytes of two of
        them must not be mixed.
        """
        if self.etag is not None and not self.etag.startswith("W/"):
            return self.etag
        return self.last_modified

    def continued_by(self, headers: Mapping[str, str], start: int) -> bool:
        """Whether a partial answer (HTTP 206) is the rest of this very file from `start` on."""
        match = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", "").strip())
        if match is None or int(match[1]) != start:
            return False
        if self.total is not None and match[3] != "*" and int(match[3]) != self.total:
            return False
        etag = headers.get("ETag")
        return self.etag is None or etag is None or etag == self.etag

    def or_total_of(self, headers: Mapping[str, str]) -> Self:
        """Give this origin, with the total that a partial answer tells where it had none."""
        match = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", "").strip())
        if self.total is not None or match is None or match[3] == "*":
            return self
        return type(self)(self.url, self.etag, self.last_modified, int(match[3]))


@dataclass(frozen=True, slots=True)
class Part:
    """The file ``<target>.part`` and the note ``<target>.part.json`` on its origin.

    Parameters
    ----------
    target : Path
        Where the whole file is to be.
    """

    target: Path

    @property
    def file(self) -> Path:
        """Where the bytes are."""
        return self.target.with_name(f"{self.target.name}.part")

    @property
    def note(self) -> Path:
        """Where the origin is written down."""
        return self.target.with_name(f"{self.target.name}.part.json")

    @property
    def size(self) -> int:
        """How many bytes there are."""
        try:
            return self.file.stat().st_size
        except FileNotFoundError:
            return 0

    def origin(self) -> Origin | None:
        """Where the bytes come from; None where that cannot be told."""
        try:
            known = json.loads(self.note.read_text(encoding="utf-8"))
            return Origin.read(known)
        except (FileNotFoundError, ValueError, TypeError, KeyError, RecursionError):
            return None

    def begin(self, origin: Origin) -> None:
        """Start again, with no bytes, from `origin`."""
        # The order matters: killed at any point in between, there is no note,
        # or a note with bytes that belong to it.
        self.note.unlink(missing_ok=True)
        with explaining_write_errors(self.file), self.file.open("wb"):
            pass
        with replacing(self.note, "w") as stream:
            json.dump(asdict(origin), stream)

    def discard(self) -> None:
        """Remove the bytes and the note."""
        self.note.unlink(missing_ok=True)
        self.file.unlink(missing_ok=True)

    def finish(self) -> None:
        """Rename the bytes, now the whole file, to the target."""
        with explaining_write_errors(self.target):
            self.file.replace(self.target)
        self.note.unlink(missing_ok=True)
