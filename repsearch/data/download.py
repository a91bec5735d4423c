"""Download a file so that it is either whole and right, or not there.

An interrupted download, be it by Ctrl-C, by a kill or by the network, leaves
``<path>.part``; the next call goes on from there.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

import urllib3

from repsearch.data.http import Patience, TransientError, check_url, chunks, opened, persist
from repsearch.data.partial import Origin, Part
from repsearch.errors import InputError
from repsearch.progress import Progress, silent
from repsearch.storage.checksum import Checksum, Expected
from repsearch.storage.locking import locked
from repsearch.storage.refusals import explaining_write_errors

_LOG = logging.getLogger(__name__)


def download(
    url: str,
    path: Path | str,
    *,
    sha256: str | None = None,
    sha1: str | None = None,
    size: int | None = None,
    progress: Progress = silent,
    patience: Patience | None = None,
) -> Path:
    """Download `url` to `path`, going on where an earlier call was interrupted.

    A file already at `path` is checked and kept. Only one process at a time
    works on `path`.

    Parameters
    ----------
    url : str
        ``http`` or ``https`` address.
    path : Path or str
        Where the file is to be. Missing parent folders are made.
    sha256, sha1 : str, optional
        Expected digests, in hexadecimal, of the whole file. With neither, the
        file is only known to be as long as the server said.
    size : int, optional
        Expected bytes.
    progress : Progress
        Told how far the download is.
    patience : Patience, optional
        How long to wait for the server.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    InputError
        No network, no such file on the server, a file that is not the
        expected one, a full disk, another process at work on `path`. The
        message tells what to do.
    """
    path = Path(path)
    check_url(url)
    expected = Expected(
        size,
        tuple(
            Checksum(algorithm, digest.strip().lower())
            for algorithm, digest in (("sha256", sha256), ("sha1", sha1))
            if digest is not None
        ),
    )
    if _present(path, expected, progress):
        return path
    with explaining_write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    part = Part(path)
    with locked(path):
        # Another process may have finished it in between.
        if _present(path, expected, progress):
            return path
        _fill(part, url, expected, progress, patience or Patience())
        fault = expected.fault(part.file, progress=progress)
        if fault is not None:
            part.discard()
            raise InputError(
                f"{url} is not the expected file: {fault}; what was downloaded is removed; try "
                "again, and if this comes back, the file on the server has changed or a proxy "
                "alters it"
            )
        part.finish()
    return path


def read_online(
    url: str, *, by_hand: str, limit: int = 1 << 24, patience: Patience | None = None
) -> bytes:
    """Content of a small file, such as a list of checksums.

    Parameters
    ----------
    url : str
        ``http`` or ``https`` address.
    by_hand : str
        What to do without a network, for the message.
    limit : int
        Bytes above which the file is refused.
    patience : Patience, optional
        How long to wait for the server.

    Returns
    -------
    bytes
        The whole file.

    Raises
    ------
    InputError
        No network, no such file on the server, or one longer than `limit`.
    """
    check_url(url)
    patience = patience or Patience()
    content = bytearray()

    def step() -> None:
        content.clear()
        with opened(url, patience.timeout) as response:
            total = Origin.of_answer(url, response.headers).total
            for chunk in chunks(response):
                content.extend(chunk)
                if len(content) > limit:
                    raise InputError(f"{url} is longer than {limit} bytes: check the address")
        _check_length(len(content), total)

    persist(step, gained=lambda: 0, url=url, by_hand=by_hand, patience=patience)
    return bytes(content)


def _present(path: Path, expected: Expected, progress: Progress) -> bool:
    if path.is_dir():
        raise InputError(f"cannot write {path}: that is a folder; give the name of a file")
    if not path.exists():
        return False
    fault = expected.fault(path, progress=progress)
    if fault is not None:
        # It may be anybody's file: never write over it unasked.
        raise InputError(
            f"{path} is there already but is not the expected file: {fault}; "
            "remove it to download it anew, or choose another path"
        )
    return True


def _fill(part: Part, url: str, expected: Expected, progress: Progress, patience: Patience) -> None:
    """Bring `part` to its full length."""

    def step() -> None:
        while not _received(part, url, expected, progress, patience.timeout):
            # The bytes so far were of no use; at most once, as there are none now.
            part.discard()

    persist(
        step,
        gained=lambda: part.size,
        url=url,
        by_hand=f"download it by hand and save it as {part.target}",
        patience=patience,
    )


def _received(part: Part, url: str, expected: Expected, progress: Progress, timeout: float) -> bool:
    """Append the rest to `part`; False where its bytes are not the file's beginning."""
    origin, start = part.origin(), part.size
    headers: dict[str, str] = {}
    statuses: tuple[int, ...] = (200,)
    if origin is None or origin.url != url or origin.validator is None:
        origin, start = None, 0
    elif origin.total == start:
        return True  # Killed between the last byte and the renaming.
    elif start:
        headers = {"Range": f"bytes={start}-", "If-Range": origin.validator}
        statuses = (200, 206, 416)
    with opened(url, timeout, headers, statuses) as response:
        _LOG.info("%s answers %d, from byte %d", url, response.status, start)
        if response.status == 200 or origin is None:
            origin, start = Origin.of_answer(url, response.headers), 0
        elif response.status == 206 and origin.continued_by(response.headers, start):
            origin = origin.or_total_of(response.headers)
        else:
            return False
        if expected.size is not None and origin.total not in (None, expected.size):
            raise InputError(
                f"{url} is not the expected file: expected {expected.size} bytes, the server "
                f"has {origin.total}; it has changed, or a proxy answers in its place"
            )
        if start == 0:
            part.begin(origin)
        report = _reporter(progress, part, origin)
        have = _append(part, response, report, start, expected.size)
    _check_length(have, origin.total)
    return True


def _append(
    part: Part,
    response: urllib3.BaseHTTPResponse,
    report: Callable[[int], None],
    have: int,
    most: int | None,
) -> int:
    with explaining_write_errors(part.file), part.file.open("ab") as stream:
        report(have)
        for chunk in chunks(response):
            stream.write(chunk)
            have += len(chunk)
            report(have)
            if most is not None and have > most:
                break  # Not the expected file, and it might never end.
        stream.flush()
        os.fsync(stream.fileno())
    return have


def _reporter(progress: Progress, part: Part, origin: Origin) -> Callable[[int], None]:
    return lambda done: progress(f"downloading {part.target.name}", done, origin.total, "bytes")


def _check_length(have: int, total: int | None) -> None:
    if total is not None and have != total:
        raise TransientError(f"the connection closed after {have} of {total} bytes")
