"""HTTP to addresses that an account has configured: to the public internet alone, and nothing without an end.

The carriers' own client (lean_http) goes where the operator has set. Whoever may name an address could have us ask
inside our own network, so the address is checked where the connection is made: the name is looked up once, all that
it stands for has to be outside, and that very address is connected to. A name that stands for another address a
moment later changes nothing.
"""

import re
import socket
import ssl
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlsplit

from app.channels.http_connection import Headers, HttpConnection, NeverSent, content_of
from app.channels.lean_http import trusted
from app.channels.outer_addresses import is_disguised, is_outside

LookUp = Callable[..., list[tuple[Any, ...]]]

_LONGEST_ANSWER = 256 * 1024
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+")
_PLAIN_IN_TARGETS = "/?%:@!$&'()*+,;=~"
_PORTS = {"https": 443, "http": 80}


class ForbiddenAddress(NeverSent):
    """Not one that may be connected to: nothing has left this machine, nor will it."""


@dataclass(frozen=True)
class Answer:
    """Redirects are answers like any other. `body` is as it came: no coding is asked for, and none undone."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class _Place:
    scheme: str
    host: str
    port: int
    netloc: str
    target: str


class GuardedHttp:
    """Thread-safe: a connection for each request, one try, no redirects, no proxies.

    `allow`: "host" or "host:port" where plain HTTP and inner addresses are allowed, for the operator's own network.
    Name, connection and TLS together take at most `connect_seconds` (a look-up that takes longer is noticed when it
    ends), request and answer together `read_seconds`; an answer has at most `longest_answer` bytes.
    """

    def __init__(
        self,
        allow: Collection[str] = (),
        *,
        connect_seconds: float = 5.0,
        read_seconds: float = 10.0,
        longest_answer: int = _LONGEST_ANSWER,
        look_up: LookUp = socket.getaddrinfo,
    ) -> None:
        self._allow = frozenset(one.strip().lower() for one in allow)
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._longest_answer = longest_answer
        self._look_up = look_up

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """One request, one try.

        Raises ForbiddenAddress and NeverSent when no byte of it was written, NoAnswer when some may have been, and
        ValueError for what no header can hold.
        """
        place = self._place(url)
        sent = {"Host": place.netloc, "Accept-Encoding": "identity", "Connection": "close", **(headers or {})}
        if body or method in ("POST", "PUT", "PATCH"):
            sent["Content-Length"] = str(len(body))
        content = content_of(method, place.target, sent, body)
        connection = self._connect(place)
        try:
            connection.write(content, self._read_seconds)
            while (answer := connection.read()) is None:
                connection.is_readable(max(0.0, connection.seconds_left()))
            return Answer(answer.status, answer.headers, answer.body)
        finally:
            connection.close()

    def check(self, url: str) -> None:
        """Whether it may be asked at all, as far as its text tells. Raises ForbiddenAddress."""
        self._place(url)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return trusted()

    def _place(self, url: str) -> _Place:
        if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
            raise ForbiddenAddress("an address has other characters than one may have")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ForbiddenAddress("an address can't be read") from error
        host = (parts.hostname or "").lower()
        if parts.scheme not in _PORTS or not _HOST.fullmatch(host) or "@" in parts.netloc:
            raise ForbiddenAddress("an address has to be https://host[:port]/path, without a user")
        port = port or _PORTS[parts.scheme]
        place = _Place(
            parts.scheme,
            host,
            port,
            parts.netloc.lower(),
            quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_PLAIN_IN_TARGETS),
        )
        if not self._is_allowed(place):
            if parts.scheme != "https":
                raise ForbiddenAddress("an address has to be https://")
            if is_disguised(host):
                raise ForbiddenAddress("an address has to be a name, or an address in its own form")
        return place

    def _is_allowed(self, place: _Place) -> bool:
        return not self._allow.isdisjoint((place.host, f"{place.host}:{place.port}"))

    def _connect(self, place: _Place) -> HttpConnection:
        trust = self._trust if place.scheme == "https" else None
        inside_too = self._is_allowed(place)

        def connect(where: tuple[str, int], seconds: float) -> socket.socket:
            return _connect(self._addresses(*where, inside_too=inside_too), seconds)

        return HttpConnection(
            place.host, place.port, self._connect_seconds, trust, self._longest_answer, connect
        )

    def _addresses(self, host: str, port: int, *, inside_too: bool) -> list[tuple[Any, ...]]:
        found = self._look_up(host, port, type=socket.SOCK_STREAM)
        # one that is inside among others is no accident
        if not inside_too and not all(is_outside(str(one[4][0])) for one in found):
            raise ForbiddenAddress("an address leads into a network that is not public")
        return found


def _connect(found: list[tuple[Any, ...]], seconds: float) -> socket.socket:
    """To the first that answers, all of them within `seconds`."""
    until = time.monotonic() + seconds
    failure: OSError = TimeoutError("no address answered in time")
    for family, kind, protocol, _, address in found:
        left = until - time.monotonic()
        if left <= 0:
            break
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(left)
            connection.connect(address)
            # what is left is TLS's
            connection.settimeout(max(0.001, until - time.monotonic()))
        except OSError as error:
            connection.close()
            failure = error
        else:
            return connection
    raise failure
