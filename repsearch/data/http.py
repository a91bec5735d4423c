"""Asking a web server, again and again where that can help."""

from __future__ import annotations

import http.client
import os
import ssl
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import NoReturn, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from repsearch.errors import InputError

_TRANSIENT = frozenset({408, 425, 429})
# A try that brought this many new bytes was worth its while and does not count
# as failed: a long download over a poor line may break off a hundred times.
_WORTHWHILE = 1 << 20


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a server, and how often to ask it again.

    Parameters
    ----------
    timeout : float
        Seconds without a byte after which a connection counts as broken.
    attempts : int
        Failed tries in a row before giving up.
    pause : float
        Seconds before the second try; each further wait is twice as long.
    longest : float
        Seconds that no wait exceeds, whatever the server asks for.
    """

    timeout: float = 30.0
    attempts: int = 5
    pause: float = 1.0
    longest: float = 60.0


class Response(Protocol):
    """What is used of an answer of `urllib.request.urlopen`."""

    @property
    def status(self) -> int:
        """Status code."""

    @property
    def headers(self) -> Message:
        """Header fields."""

    def read1(self, n: int = ..., /) -> bytes:
        """At most `n` bytes, nothing at the end."""


class TransientError(Exception):
    """A failure that may pass.

    Parameters
    ----------
    reason : str
        What happened.
    unreachable : bool
        Whether there was no connection to the server at all.
    wait : float or None
        Seconds that the server asked to wait; None where it did not say.
    """

    def __init__(
        self, reason: str, *, unreachable: bool = False, wait: float | None = None
    ) -> None:
        super().__init__(reason)
        self.unreachable = unreachable
        self.wait = wait


class UnsatisfiableRangeError(Exception):
    """The server has nothing at the position that was asked for (HTTP 416)."""


def check_url(url: str) -> None:
    """Raise an `InputError` unless `url` names a file on a web server."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in url
    except ValueError:
        good = False
    if not good:
        raise InputError(f"{url!r} is not a web address: give one like https://host/folder/file")


@contextmanager
def opened(url: str, headers: Mapping[str, str], timeout: float) -> Iterator[Response]:
    """Ask for `url`; give the answer, status and headers read, body yet to read.

    Raises
    ------
    TransientError
        No connection, a broken one, or a status that tells to try again.
    UnsatisfiableRangeError
        Status 416.
    InputError
        Any other refusal.
    """
    request = urllib.request.Request(url, headers={"User-Agent": user_agent(), **headers})
    try:
        response = urllib.request.urlopen(request, timeout=timeout)
    except HTTPError as error:
        with error:
            _refused(url, error)
    except URLError as error:
        _unconnected(url, error)
    except http.client.InvalidURL as error:
        raise InputError(f"{url!r} is not a web address: {error}") from error
    except (OSError, http.client.HTTPException) as error:
        raise TransientError(_described(error)) from error
    with response:
        yield response


def chunks(response: Response, size: int = 1 << 18) -> Iterator[bytes]:
    """Body of an answer, as it comes.

    A body that ends early where the answer told its length is not noticed
    here; count the bytes.

    Raises
    ------
    TransientError
        The connection broke.
    """
    while True:
        try:
            chunk = response.read1(size)
        except (OSError, http.client.HTTPException) as error:
            raise TransientError(_described(error)) from error
        if not chunk:
            return
        yield chunk


def persist(
    step: Callable[[], None],
    *,
    gained: Callable[[], int],
    url: str,
    by_hand: str,
    patience: Patience,
) -> None:
    """Call `step` until it raises no `TransientError`, with longer and longer waits.

    Parameters
    ----------
    step : callable
        One try.
    gained : callable
        How many bytes there are so far.
    url : str
        For the messages.
    by_hand : str
        What to do without this program, for the messages.
    patience : Patience
        When to give up.

    Raises
    ------
    InputError
        Too many failures in a row, or no connection at the very first try:
        that is a missing network or a wrong name, and waiting mends neither.
    """
    furthest, failures, reached = gained(), 0, False
    while True:
        try:
            return step()
        except TransientError as error:
            if error.unreachable and not reached:
                raise InputError(
                    f"cannot reach {url} ({error}): check the network (behind a proxy, set "
                    f"http_proxy and https_proxy), or {by_hand}"
                ) from error
            reached = reached or not error.unreachable
            have = gained()
            failures = 1 if have - furthest >= _WORTHWHILE else failures + 1
            furthest = max(furthest, have)
            if failures >= patience.attempts:
                raise InputError(
                    f"gave up on {url} after {failures} failed tries in a row ({error}): "
                    f"try again later (what has arrived is kept), or {by_hand}"
                ) from error
            wait = error.wait if error.wait is not None else patience.pause * 2 ** (failures - 1)
            time.sleep(min(wait, patience.longest))


@cache
def _product() -> str:
    try:
        return f"repsearch/{version('repsearch')}"
    except PackageNotFoundError:
        return "repsearch/0"


def user_agent() -> str:
    """How the toolkit presents itself to servers.

    Wikimedia asks programs for a way to reach whoever runs them
    (https://foundation.wikimedia.org/wiki/Policy:Wikimedia_Foundation_User-Agent_Policy):
    the environment variable ``REPSEARCH_CONTACT``, an e-mail or web address,
    goes with every request.
    """
    # Nothing but printable ASCII may stand in a header.
    contact = "".join(c for c in os.environ.get("REPSEARCH_CONTACT", "") if " " <= c <= "~")
    about = f"word2vec research; {contact}" if contact.strip() else "word2vec research"
    library = f"Python-urllib/{sys.version_info.major}.{sys.version_info.minor}"
    return f"{_product()} ({about}) {library}"


def _refused(url: str, error: HTTPError) -> NoReturn:
    status = error.code
    if status == 416:
        raise UnsatisfiableRangeError from error
    if status in _TRANSIENT or 500 <= status < 600:
        raise TransientError(
            f"HTTP {status} {error.reason}", wait=_asked_wait(error.headers)
        ) from error
    if status in (404, 410):
        remedy = "check the address; the file may have moved or been withdrawn"
    elif status in (401, 403):
        remedy = (
            "the server does not serve everyone; some, Wikimedia among them, want to know whom "
            "to write to: set the environment variable REPSEARCH_CONTACT to your e-mail address"
        )
    else:
        remedy = "look at the address with a browser"
    raise InputError(f"cannot download {url}: HTTP {status} {error.reason}: {remedy}") from error


def _unconnected(url: str, error: URLError) -> NoReturn:
    reason = error.reason
    if isinstance(reason, ssl.SSLCertVerificationError):
        raise InputError(
            f"cannot trust the server of {url} ({reason.verify_message}): check the clock of this "
            "machine, and where a proxy re-signs connections set SSL_CERT_FILE to its certificate"
        ) from error
    broken = isinstance(reason, ConnectionResetError | BrokenPipeError | ConnectionAbortedError)
    raise TransientError(_described(reason), unreachable=not broken) from error


def _asked_wait(headers: Message) -> float | None:
    # The other form of this field, a date, is rare and not worth a clock.
    field = str(headers.get("Retry-After", "")).strip()
    return float(field) if field.isdecimal() else None


def _described(error: BaseException | str) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
