"""The door before the application: how many requests may be inside, how long one waits, how slow one may come.

An event loop reads requests; threads only work on what has wholly arrived, and hand answers over whole. So a client
that sends or reads slowly holds a connection, and never a thread. What is above capacity is answered here within
a fraction of a millisecond, before anything was done.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import uuid4
from wsgiref.types import StartResponse, WSGIApplication

from granian.rsgi import ProtocolClosed, ProtocolError  # type: ignore[attr-defined]  # meant to be imported

from app.log import get_logger
from app.settings import Capacity
from app.web.json import dump_json
from app.web.waiting_line import Refused, WaitingLine
from app.web.wsgi_call import Scope, call_wsgi

# each has a thread of its own: a monitor that asks while all others are busy is answered, and one that is slow to
# answer (the database is away) holds up no other
WATCHED_BY_MONITORS = ("/healthz", "/readyz", "/metrics")
_MONITORS_WAITING = 16
_SHORTEST_RETRY, _RETRY_SPREAD = 1, 4  # seconds
_SAY_EVERY_SECONDS = 1.0

log = get_logger(__name__)

CountRefused = Callable[[str], None]


class FrontDoor:
    """An RSGI application around a WSGI one.

    `count_refused` is told why each refused request was: full, waited (see WaitingLine) or slow (its body did not
    arrive in time). Called as a WSGI application it is the one within, for servers that do all of this themselves.
    """

    def __init__(
        self, app: WSGIApplication, capacity: Capacity, max_body_bytes: int, count_refused: CountRefused
    ) -> None:
        self._app = app
        self._capacity = capacity
        self._max_body_bytes = max_body_bytes
        self._count_refused = count_refused
        self._said_at = 0.0
        self._unsaid = 0
        line = partial(WaitingLine, wait_seconds=capacity.wait_seconds)
        self._work = line("work", threads=capacity.threads, waiting=capacity.waiting)
        self._monitors = {
            path: line(path, threads=1, waiting=_MONITORS_WAITING) for path in WATCHED_BY_MONITORS
        }

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        return self._app(environ, start_response)

    async def __rsgi__(self, scope: Scope, protocol: Any) -> None:
        line = self._monitors.get(scope.path, self._work)
        try:
            # read first: an answer to what was not read may end the connection before it has arrived
            body = await self._read_body(scope, protocol)
            await line.do(partial(call_wsgi, self._app, scope, body, protocol))
        except Refused as refused:
            self._say(refused.reason)
            _refuse(protocol, HTTPStatus.SERVICE_UNAVAILABLE, "The service is busy. Please try again.")
        except TimeoutError:
            self._say("slow")
            _refuse(protocol, HTTPStatus.REQUEST_TIMEOUT, "The body did not arrive in time.")
        except (ProtocolClosed, ProtocolError):
            return  # hung up: there is nobody to answer

    def __rsgi_del__(self, _loop: object) -> None:
        for line in (self._work, *self._monitors.values()):
            line.close()

    async def _read_body(self, scope: Scope, protocol: Any) -> bytes:
        """As much of the body as may be: of one that is too long nothing, or just so much that it is seen."""
        length = scope.headers.get("content-length")
        if length is None:
            if scope.headers.get("transfer-encoding") is None:
                return b""
            async with asyncio.timeout(self._capacity.body_seconds):
                return await self._read_chunks(protocol)
        if int(length) > self._max_body_bytes:
            return b""
        async with asyncio.timeout(self._capacity.body_seconds):
            body: bytes = await protocol()
            return body

    async def _read_chunks(self, protocol: Any) -> bytes:
        body = bytearray()
        async for chunk in protocol:
            body += chunk
            if len(body) > self._max_body_bytes:
                break
        return bytes(body)

    def _say(self, reason: str) -> None:
        """Count it; at most one line a second, since a line for each would be a load of its own."""
        self._count_refused(reason)
        self._unsaid += 1
        now = time.monotonic()
        if now - self._said_at >= _SAY_EVERY_SECONDS:
            log.warning("requests are refused", reason=reason, refused=self._unsaid)
            self._said_at, self._unsaid = now, 0


def _refuse(protocol: Any, status: HTTPStatus, detail: str) -> None:
    request_id = uuid4()
    problem = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "request_id": request_id.hex,
    }
    headers = [
        ("content-type", "application/problem+json"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("x-request-id", request_id.hex),
    ]
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        # not the same for all, or all who are refused now come back at once
        headers.append(("retry-after", str(_SHORTEST_RETRY + request_id.int % _RETRY_SPREAD)))
    else:
        headers.append(("connection", "close"))
    protocol.response_bytes(int(status), headers, dump_json(problem))
