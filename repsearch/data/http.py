"""Retry HTTP requests, with back-off, until a whole answer has come."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import NoReturn
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    InvalidHeader,
    LocationValueError,
    MaxRetryError,
    ProxyError,
    ResponseError,
    SSLError,
)

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
        Seconds before the third try; the second comes at once, and each further wait
        is twice as long.
    longest : float
        Seconds that no wait exceeds, whatever the server asks for.
    """

    timeout: float = 30.0
    attempts: int = 5
    pause: float = 1.0
    longest: float = 60.0

    def retries(self) -> urllib3.Retry:
        """Give the tries and waits of a first request.

        Returns
        -------
        urllib3.Retry
            Counts the failures in a row, and waits after each.
        """
        return _Retry(
            total=self.attempts - 1, backoff_factor=self.pause / 2, backoff_max=self.longest
        )


class _Retry(urllib3.Retry):
    """urllib3's, where no wait that a server asks for exceeds the longest, or is not a time."""

    def parse_retry_after(self, retry_after: str) -> float:
        try:
            return min(super().parse_retry_after(retry_after), self.backoff_max)
        except InvalidHeader:
            return 0.0  # as if the server had not said


@dataclass(eq=False)
class TransientError(Exception):
    """A failure that may pass.

    Parameters
    ----------
    reason : str
        What happened.
    unreachable : bool
        Whether there was no connection to the server at all.
    response : urllib3.BaseHTTPResponse or None
        The refusal, which may say how long to wait; None where no answer came.
    """

    reason: str
    unreachable: bool = False
    response: urllib3.BaseHTTPResponse | None = None

    def __str__(self) -> str:
        return self.reason


def check_url(url: str) -> None:
    """Check that `url` names a file on a web server.

    Parameters
    ----------
    url : str
        Address to check.

    Raises
    ------
    InputError
        It does not.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in url
    except ValueError:
        good = False
    if not good:
        raise InputError(f"{url!r} is not a web address: give one like https://host/folder/file")


@contextmanager
def opened(
    url: str,
    timeout: float,
    headers: Mapping[str, str] | None = None,
    statuses: tuple[int, ...] = (200,),
) -> Iterator[urllib3.BaseHTTPResponse]:
    """Ask for `url` once; give the answer, status and headers read, body yet to read.

    Parameters
    ----------
    url : str
        ``http`` or ``https`` address; redirections are followed.
    timeout : float
        Seconds without a byte after which the connection counts as broken.
    headers : mapping, optional
        Header fields of the request, besides the user agent.
    statuses : tuple of int
        Status codes that the caller knows how to read.

    Yields
    ------
    urllib3.BaseHTTPResponse
        The answer.

    Raises
    ------
    TransientError
        No connection, a broken one, or a status that tells to try again.
    InputError
        Any other refusal.
    """
    try:
        pool = _pool(url)
        response = pool.request(
            "GET",
            url,
            headers={"User-Agent": user_agent(), **(headers or {})},
            timeout=timeout,
            # `persist` tries again: it also knows of bodies that broke off.
            retries=urllib3.Retry(total=None, connect=0, read=0, other=0, redirect=10),
            preload_content=False,
            enforce_content_length=False,  # the callers count, and say what is missing
        )
    except LocationValueError as error:
        raise InputError(
            f"cannot download {url}: {str(error).rstrip('.')}: look at the address with a browser"
        ) from error
    except MaxRetryError as error:
        _failed(url, error.reason or error)
    with pool, response:
        if response.status not in statuses:
            _refused(url, response)
        yield response


def chunks(response: urllib3.BaseHTTPResponse, size: int = 1 << 18) -> Iterator[bytes]:
    """Read the body of an answer as it comes.

    A body that ends early where the answer told its length is not noticed
    here; count the bytes.

    Parameters
    ----------
    response : urllib3.BaseHTTPResponse
        Answer whose body is yet to be read.
    size : int
        Bytes that no chunk exceeds.

    Yields
    ------
    bytes
        The next bytes, never none.

    Raises
    ------
    TransientError
        The connection broke.
    """
    try:
        while chunk := response.read1(size, decode_content=False):
            yield chunk
    except HTTPError as error:
        raise TransientError(_described(error)) from error


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
        Address, for the messages.
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
    retries, furthest, reached = patience.retries(), gained(), False
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
            if have - furthest >= _WORTHWHILE:
                retries = patience.retries()
            furthest = max(furthest, have)
            try:
                retries = retries.increment("GET", url, error=error)
            except MaxRetryError:
                raise InputError(
                    f"gave up on {url} after {len(retries.history) + 1} failed tries in a row "
                    f"({error}): try again later (what has arrived is kept), or {by_hand}"
                ) from error
            retries.sleep(error.response)


@cache
def _product() -> str:
    try:
        return f"repsearch/{version('repsearch')}"
    except PackageNotFoundError:
        return "repsearch/0"


def user_agent() -> str:
    """Name the toolkit to servers.

    Wikimedia asks programs for a way to reach whoever runs them
    (https://foundation.wikimedia.org/wiki/Policy:Wikimedia_Foundation_User-Agent_Policy):
    the environment variable ``REPSEARCH_CONTACT``, an e-mail or web address,
    goes with every request.

    Returns
    -------
    str
        Value of the header field ``User-Agent``.
    """
    # Nothing but printable ASCII may stand in a header.
    contact = "".join(c for c in os.environ.get("REPSEARCH_CONTACT", "") if " " <= c <= "~")
    about = f"word2vec research; {contact}" if contact.strip() else "word2vec research"
    return f"{_product()} ({about}) urllib3/{version('urllib3')}"


def _pool(url: str) -> urllib3.PoolManager:
    """Connections to where `url` is, through the proxy that the environment names for it."""
    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme)
    if not proxy or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return urllib3.PoolManager()
    address = urllib3.util.parse_url(proxy if "://" in proxy else f"http://{proxy}")
    login = urllib3.make_headers(proxy_basic_auth=unquote(address.auth)) if address.auth else None
    return urllib3.ProxyManager(address.url, proxy_headers=login)


def _refused(url: str, response: urllib3.BaseHTTPResponse) -> NoReturn:
    status, told = response.status, f"HTTP {response.status} {response.reason}"
    if status in _TRANSIENT or 500 <= status < 600:
        raise TransientError(told, response=response)
    if status in (404, 410):
        remedy = "check the address; the file may have moved or been withdrawn"
    elif status in (401, 403):
        remedy = (
            "the server does not serve everyone; some, Wikimedia among them, want to know whom "
            "to write to: set the environment variable REPSEARCH_CONTACT to your e-mail address"
        )
    else:
        remedy = "look at the address with a browser"
    raise InputError(f"cannot download {url}: {told}: {remedy}")


def _failed(url: str, error: Exception) -> NoReturn:
    cause = error.original_error if isinstance(error, ProxyError) else error
    if isinstance(cause, ResponseError):
        raise InputError(
            f"cannot download {url}: {cause}: look at the address with a browser"
        ) from error
    certificate = cause.args[0] if isinstance(cause, SSLError) and cause.args else None
    if isinstance(certificate, ssl.SSLCertVerificationError):
        raise InputError(
            f"cannot trust the server of {url} ({certificate.verify_message}): check the clock of "
            "this machine, and where a proxy re-signs connections set SSL_CERT_FILE to its "
            "certificate"
        ) from error
    unreachable = isinstance(error, ProxyError | ConnectTimeoutError | SSLError)
    raise TransientError(_described(cause), unreachable=unreachable) from error


def _described(error: BaseException) -> str:
    """What the operating system said, where it was its word that urllib3 passed on."""
    while error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
