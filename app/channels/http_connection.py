"""One kept connection to one HTTP/1.1 server: a request is written, and its answer read to the end or given up.

The parser is llhttp, the one of Node.js, by httptools: strict, and in C. Nothing here decides whether a request may
be made again; it says whether any of it can have left.
"""

import select
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from app.errors import ProviderUnreadable

_LONGEST_ANSWER = 2 * 1024 * 1024
_MOST_AT_ONCE = 64 * 1024
# shorter than the idle time-out of any balancer in front of a carrier: a connection that the other side closes
# while we write to it leaves a send unclear, and unclear sends take minutes
_LONGEST_IDLE_SECONDS = 20.0
# a request fits what the system keeps for a connection on which nothing is under way: more than a moment is trouble
_WRITE_SECONDS = 2.0


class NeverSent(ProviderUnreadable):
    """No connection was made in time: no byte of the request has left this machine."""


class NoAnswer(ProviderUnreadable):
    """The request may have been read and acted upon, and no whole answer came back."""


class Headers(Mapping[str, str]):
    """By any spelling of their names; what came twice is joined by a comma. Read only when somebody looks."""

    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
        self._raw = raw

    def __getitem__(self, name: str) -> str:
        wanted = name.lower().encode("latin-1")
        values = [value.decode("latin-1") for key, value in self._raw if key.lower() == wanted]
        if not values:
            raise KeyError(name)
        return ", ".join(values)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(key.decode("latin-1").lower() for key, _ in self._raw))

    def __len__(self) -> int:
        return len(list(iter(self)))


def content_of(method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """A request as it is written. Raises ValueError for what no header can hold."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if not all(map(str.isprintable, lines)):
        raise ValueError("a line break in a header would begin another")
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body


class HttpAnswer:
    """A whole answer, once `whole` is set. The methods are the parser's, in the order in which it calls them."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self.status = 0
        self.whole = False
        self.keeps_connection = False
        self._raw: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []
        self._received = 0
        self._parser = HttpResponseParser(self)

    @property
    def headers(self) -> Headers:
        return Headers(self._raw)

    @property
    def body(self) -> bytes:
        return b"".join(self._parts)

    def feed(self, data: bytes) -> None:
        """Take what has come; nothing means that the other side has closed. Raises NoAnswer if it can't be one."""
        if not data:
            return self._closed()
        self._received += len(data)
        if self._received > self._longest:
            raise NoAnswer("no whole answer from the carrier: it is too long")
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            # what comes after a whole answer is nobody's: the answer holds, the connection is not used again
            self.keeps_connection = False
            if not self.whole:
                raise NoAnswer(f"no whole answer from the carrier: {type(error).__name__}") from error

    def on_message_begin(self) -> None:
        if self.whole:
            raise ValueError

    def on_header(self, name: bytes, value: bytes) -> None:
        self._raw.append((name, value))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()

    def on_body(self, part: bytes) -> None:
        self._parts.append(part)

    def on_message_complete(self) -> None:
        if 100 <= self.status < 200:
            # only a word that the answer is still to come
            self.status, self._raw = 0, []
            return
        self.whole = True
        self.keeps_connection = self._parser.should_keep_alive()

    def _closed(self) -> None:
        # without a length, the end of the connection is the end of the answer
        named = {name.lower() for name, _ in self._raw}
        if not self.status or named & {b"content-length", b"transfer-encoding"}:
            raise NoAnswer("no whole answer from the carrier: it closed the connection")
        self.whole = True


class HttpConnection:
    """Connected from the start; one request at a time, by one thread at a time."""

    def __init__(  # noqa: PLR0917 - where to, how long, and by what
        self,
        host: str,
        port: int,
        seconds: float,
        trust: ssl.SSLContext | None,
        longest_answer: int = _LONGEST_ANSWER,
        connect: Callable[[tuple[str, int], float], socket.socket] = socket.create_connection,
    ) -> None:
        """Connect within `seconds`, over TLS with a context to `trust`; answers have at most so many bytes.

        Raises NeverSent.
        """
        started = time.monotonic()
        self._longest_answer = longest_answer
        self._answer = HttpAnswer(longest_answer)
        self._deadline = self._last_used = 0.0
        try:
            self._socket = connect((host, port), seconds)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if trust:
                self._socket = _over_tls(self._socket, host, trust)
        except NeverSent:
            raise
        except Exception as error:
            # whatever kept the connection from being made (name, route, refusal, TLS), nothing was written to it
            raise NeverSent(f"no connection to the carrier: {type(error).__name__}") from error
        # the time-out holds per address tried and not for the name's look-up: a request that starts late
        # could be written after its lease has ended
        if time.monotonic() - started > seconds:
            self.close()
            raise NeverSent("no connection to the carrier: connecting took too long")

    def fileno(self) -> int:
        return self._socket.fileno()

    def is_usable(self) -> bool:
        """False once the other side has closed it, or said anything unasked, or may be about to."""
        return time.monotonic() - self._last_used < _LONGEST_IDLE_SECONDS and not self.is_readable(0.0)

    def is_readable(self, seconds: float) -> bool:
        """Whether there is something to read, or will be before `seconds` are over."""
        waiting = select.poll()
        waiting.register(self._socket, select.POLLIN)
        return bool(waiting.poll(seconds * 1000))

    def write(self, content: bytes, seconds: float) -> None:
        """Send a request, whose answer has so many seconds from now to its last byte. Raises NoAnswer."""
        self._answer = HttpAnswer(self._longest_answer)
        self._deadline = time.monotonic() + seconds
        try:
            self._socket.settimeout(min(seconds, _WRITE_SECONDS))
            with suppress(BrokenPipeError):
                # whoever refuses a request unread may have said so before closing
                self._socket.sendall(content)
            self._socket.setblocking(False)
        except OSError as error:
            raise NoAnswer(f"no whole answer from the carrier: {type(error).__name__}") from error

    def read(self) -> HttpAnswer | None:
        """The answer once it is whole, or None: nothing is waited for. Raises NoAnswer."""
        try:
            while not self._answer.whole:
                self._answer.feed(self._socket.recv(_MOST_AT_ONCE))
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            if self.seconds_left() <= 0:
                raise NoAnswer("no whole answer from the carrier: it was not complete in time") from None
            return None
        except OSError as error:
            raise NoAnswer(f"no whole answer from the carrier: {type(error).__name__}") from error
        self._last_used = time.monotonic()
        return self._answer

    def seconds_left(self) -> float:
        """For the answer to be whole; negative when they are over."""
        return self._deadline - time.monotonic()

    def close(self) -> None:
        with suppress(OSError):
            self._socket.close()


def _over_tls(plain: socket.socket, host: str, trust: ssl.SSLContext) -> socket.socket:
    try:
        return trust.wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise
