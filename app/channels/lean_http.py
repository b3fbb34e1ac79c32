"""The HTTP client under the Twilio library: one small urllib3 pool that knows whether a request has left.

The library's own client waits for ever by default, costs more than all the rest of a send, and drops the
headers of an error. This one answers every request with a whole answer (headers included) or one of two errors:
NeverSent, when no byte of the request was written, and NoAnswer, when some may have been.
"""

import base64
import io
import socket
import ssl
import time
from collections.abc import Mapping
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlencode, urlsplit

import certifi
from twilio.http import HttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import EmptyPoolError, HTTPError
from urllib3.response import HTTPResponse as PooledResponse

from app.errors import ConfigurationError, ProviderUnreadable

_LONGEST_ANSWER = 2 * 1024 * 1024
# shorter than the idle time-out of any balancer in front of a carrier: a connection that the other side closes
# while we write to it leaves a send unclear, and unclear sends take minutes
_LONGEST_IDLE_SECONDS = 20.0


class NeverSent(ProviderUnreadable):
    """No connection was made in time: no byte of the request has left this machine."""


class NoAnswer(ProviderUnreadable):
    """The request may have been read and acted upon, and no whole answer came back."""


class _UntilDeadline(io.RawIOBase):
    """A socket's bytes until one moment for all of them: an answer in drops can't hold a sender for hours."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, deadline: float) -> None:
        self._raw = raw
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer was not complete in time")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        deadline = time.monotonic() + (sock.gettimeout() or 0.0)
        self.fp = io.BufferedReader(_UntilDeadline(self.fp.detach(), sock, deadline))


class _Connection(HTTPConnection):
    response_class = _Answer
    _last_used = 0.0

    def connect(self) -> None:
        started = time.monotonic()
        try:
            super().connect()
        except Exception as error:
            # whatever kept the connection from being made (name, route, refusal, TLS), nothing was written to it
            raise NeverSent(f"no connection to the carrier: {_reason(error)}") from error
        # the time-out holds per address tried and not for the name's look-up: a request that starts late
        # could be written after its lease has ended
        if time.monotonic() - started > float(self.timeout or 0.0):
            self.close()
            raise NeverSent("no connection to the carrier: connecting took too long")

    @property
    def is_connected(self) -> bool:
        return super().is_connected and time.monotonic() - self._last_used < _LONGEST_IDLE_SECONDS

    def getresponse(self) -> PooledResponse:  # type: ignore[override]  # as urllib3's own
        self._last_used = time.monotonic()
        return super().getresponse()


class _TlsConnection(_Connection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class LeanHttp(HttpClient):  # type: ignore[misc]
    """Thread-safe: one bounded pool to one host, no state per request, no redirects, no retries, no logging.

    Every request goes to `base_url` whatever host the library names, so that a stand-in is reached by the same
    code as the carrier, and credentials reach no other host. Connecting takes at most `connect_seconds` (as does
    waiting for a free connection), the answer at most `read_seconds` from the request's end to its last byte.
    """

    def __init__(self, base_url: str, connect_seconds: float, read_seconds: float, pool_size: int) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigurationError("The carrier's base URL must be http(s)://host[:port][/path]")
        self._prefix = parts.path.rstrip("/")
        self._connect_seconds = connect_seconds
        timeout = Timeout(connect=connect_seconds, read=read_seconds)
        if parts.scheme == "http":
            self._pool: HTTPConnectionPool = _Pool(
                parts.hostname, parts.port, timeout=timeout, maxsize=pool_size, block=True
            )
        else:
            self._pool = _TlsPool(
                parts.hostname,
                parts.port,
                timeout=timeout,
                maxsize=pool_size,
                block=True,
                ssl_context=_trust(),
            )

    def request(  # noqa: PLR0917 - the library's signature
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002 - ours is set once, for all
        allow_redirects: bool = False,  # noqa: ARG002 - a redirect is an answer like any other
    ) -> Response:
        """One request, one try. A text that is not UTF-8 comes back empty.

        Raises NeverSent and NoAnswer, never anything else for what the network or the other side does.
        """
        parts = urlsplit(url)
        query = "&".join(part for part in (parts.query, urlencode(params or {}, doseq=True)) if part)
        target = f"{self._prefix}{parts.path}?{query}" if query else f"{self._prefix}{parts.path}"
        sent = dict(headers or {})
        if auth:
            sent["Authorization"] = "Basic " + base64.b64encode(":".join(auth).encode()).decode()
        try:
            answer = self._pool.urlopen(
                method,
                target,
                body=urlencode(data, doseq=True).encode() if data else None,
                headers=sent,
                retries=False,
                redirect=False,
                pool_timeout=self._connect_seconds,  # type: ignore[arg-type]  # fractions work: queue.get
                preload_content=False,
            )
            content = _read(answer)
        except EmptyPoolError as error:
            raise NeverSent("no connection to the carrier: all are in use") from error
        except (HTTPError, OSError) as error:
            raise NoAnswer(f"no whole answer from the carrier: {_reason(error)}") from error
        return Response(answer.status, _text(content), answer.headers)

    def close(self) -> None:
        self._pool.close()


def _read(answer: BaseHTTPResponse) -> bytes:
    try:
        content = answer.read(_LONGEST_ANSWER + 1)
    finally:
        # a connection that was read to its end is back in the pool by now, and is not touched by this
        answer.close()
        answer.release_conn()
    if len(content) > _LONGEST_ANSWER:
        raise NoAnswer("no whole answer from the carrier: it is too long")
    return content


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return ""


def _reason(error: Exception) -> str:
    # the class says enough to an operator; the message may quote a URL, and a URL a phone number
    return type(error.__cause__ or error).__name__


def _trust() -> ssl.SSLContext:
    """The machine's certificates and, for machines that have none installed, Mozilla's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
