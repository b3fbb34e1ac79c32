"""The HTTP client under the Twilio library: one small pool of connections that knows whether a request has left.

The library's own client waits for ever by default, costs more than all the rest of a send, and drops the
headers of an error. This one answers every request with a whole answer (headers included) or one of two errors:
NeverSent, when no byte of the request was written, and NoAnswer, when some may have been.
"""

import base64
import ssl
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from urllib.parse import quote, urlencode, urlsplit

import certifi
from twilio.http import HttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]

from app.channels.http_connection import HttpConnection, NeverSent, content_of
from app.errors import ConfigurationError

# all that may stand in a path and query; a '%' is there because somebody quoted before
_PLAIN_IN_TARGETS = "/?%:@!$&'()*+,;=~"


class Underway:
    """A request that was made; asked again and again until it has come to something."""

    def __init__(self, connection: HttpConnection, give_back: Callable[[HttpConnection, bool], None]) -> None:
        self._connection = connection
        self._give_back = give_back

    def fileno(self) -> int:
        """Readable when it is worth asking."""
        return self._connection.fileno()

    def seconds_left(self) -> float:
        return self._connection.seconds_left()

    def response(self) -> Response | None:
        """None while the answer is not whole. Raises NoAnswer, at the latest when its time is over."""
        try:
            answer = self._connection.read()
        except BaseException:
            self._give_back(self._connection, False)
            raise
        if answer is None:
            return None
        self._give_back(self._connection, answer.keeps_connection)
        return Response(answer.status, _text(answer.body), answer.headers)

    def wait(self) -> None:
        """Until it is worth asking."""
        self._connection.is_readable(max(0.0, self.seconds_left()))


class LeanHttp(HttpClient):  # type: ignore[misc]
    """Thread-safe: one bounded pool to one host, no state per request, no redirects, no retries, no logging.

    Every request goes to `base_url` whatever host the library names, so that a stand-in is reached by the same
    code as the carrier, and credentials reach no other host; no proxy is used. Connecting takes at most
    `connect_seconds` (as does waiting for a free connection), request and answer together at most `read_seconds`.
    """

    def __init__(self, base_url: str, connect_seconds: float, read_seconds: float, pool_size: int) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigurationError("The carrier's base URL must be http(s)://host[:port][/path]")
        self._prefix = parts.path.rstrip("/")
        self._address = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
        self._host = parts.netloc.rpartition("@")[2]
        self._trust = trusted() if parts.scheme == "https" else None
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._turns = threading.Semaphore(pool_size)
        # the one that was used last comes first: those that are not needed grow old and are replaced
        self._kept: deque[HttpConnection] = deque()
        self._closed = False

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
        content = self._content(method, url, params, data, headers, auth)
        if not self._turns.acquire(timeout=self._connect_seconds):
            raise NeverSent("no connection to the carrier: all are in use")
        try:
            connection = self._kept_connection() or HttpConnection(
                *self._address, self._connect_seconds, self._trust
            )
        except BaseException:
            self._turns.release()
            raise
        underway = self._write(connection, content)
        while (response := underway.response()) is None:
            underway.wait()
        return response

    def begin(  # noqa: PLR0917 - as request
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> Underway | None:
        """Make the request and wait for nothing: neither for its answer nor for a connection.

        None, and nothing is written, where it would have to wait for one. Raises NoAnswer.
        """
        content = self._content(method, url, params, data, headers, auth)
        if not self._turns.acquire(blocking=False):
            return None
        connection = self._kept_connection()
        if connection is None:
            self._turns.release()
            return None
        return self._write(connection, content)

    def close(self) -> None:
        self._closed = True
        while self._kept:
            self._kept.pop().close()

    def _content(  # noqa: PLR0917 - as request
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None,
        data: Mapping[str, object] | None,
        headers: Mapping[str, str] | None,
        auth: tuple[str, str] | None,
    ) -> bytes:
        parts = urlsplit(url)
        query = "&".join(part for part in (parts.query, urlencode(params or {}, doseq=True)) if part)
        target = quote(f"{self._prefix}{parts.path}" + (f"?{query}" if query else ""), safe=_PLAIN_IN_TARGETS)
        body = urlencode(data, doseq=True).encode() if data else b""
        sent = {"Host": self._host, "Accept-Encoding": "identity", **(headers or {})}
        if auth:
            sent["Authorization"] = "Basic " + base64.b64encode(":".join(auth).encode()).decode()
        if body or method == "POST":
            sent["Content-Length"] = str(len(body))
        return content_of(method, target, sent, body)

    def _kept_connection(self) -> HttpConnection | None:
        with suppress(IndexError):
            while True:
                connection = self._kept.pop()
                if connection.is_usable():
                    return connection
                connection.close()
        return None

    def _write(self, connection: HttpConnection, content: bytes) -> Underway:
        try:
            connection.write(content, self._read_seconds)
        except BaseException:
            self._give_back(connection, keep=False)
            raise
        return Underway(connection, self._give_back)

    def _give_back(self, connection: HttpConnection, keep: bool) -> None:
        if keep and not self._closed:
            self._kept.append(connection)
        else:
            connection.close()
        self._turns.release()


class Beginner(HttpClient):  # type: ignore[misc]
    """The library's client, on this, gives back what `LeanHttp.begin` does in place of a response."""

    def __init__(self, http: LeanHttp) -> None:
        self._http = http

    def request(  # noqa: PLR0917 - the library's signature
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002
        allow_redirects: bool = False,  # noqa: ARG002
    ) -> Underway | None:
        return self._http.begin(method, url, params, data, headers, auth)


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return ""


def trusted() -> ssl.SSLContext:
    """The machine's certificates and, for machines that have none installed, Mozilla's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context
