"""HTTP load on loopback: keep-alive connections that write prepared requests and look at nothing but the status.

Lean, since it shares the machine's processors with the server that it measures: one thread, no HTTP library.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from app.run.ports import LOOPBACK

_LENGTH = b"\r\ncontent-length: "


@dataclass
class Load:
    """What came back. `latencies`: seconds. `own_cpu`: seconds of processor time that making the load took."""

    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    own_cpu: float = 0.0

    @property
    def answered(self) -> int:
        return len(self.latencies)

    def expect(self, status: int) -> "Load":
        """This, or ValueError if any answer had another status: errors are quick, and would count as speed."""
        if set(self.statuses) != {status}:
            raise ValueError(f"every answer should have been {status}, and they were {dict(self.statuses)}")
        return self


def request(method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """One request as bytes."""
    named = {"host": "bench", **(headers or {}), "content-length": str(len(body))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def run_load(
    port: int,
    requests: Iterable[bytes],
    *,
    connections: int = 16,
    seconds: float | None = None,
    per_second: float | None = None,
) -> Load:
    """Send `requests` until they or the `seconds` are over.

    As fast as they are answered, each connection one at a time; or `per_second`, evenly. In the latter case an
    answer that kept its connection too long counts against those that should have left meanwhile as well.
    """
    return asyncio.run(_run(port, iter(requests), connections, seconds, per_second))


async def _run(
    port: int, requests: Iterator[bytes], connections: int, seconds: float | None, per_second: float | None
) -> Load:
    loop, load = asyncio.get_running_loop(), Load()
    opened = [(await loop.create_connection(_Connection, LOOPBACK, port))[1] for _ in range(connections)]
    own, started = time.process_time(), time.perf_counter()
    dues = (started + number / per_second if per_second else None for number in count())
    until = None if seconds is None else started + seconds
    await asyncio.gather(*(_client(each, dues, requests, until, load) for each in opened))
    load.seconds = time.perf_counter() - started
    load.own_cpu = time.process_time() - own
    for each in opened:
        each.close()
    return load


async def _client(
    connection: "_Connection",
    dues: Iterator[float | None],
    requests: Iterator[bytes],
    until: float | None,
    load: Load,
) -> None:
    """All clients take from the same two iterators: whoever is free sends what is due next."""
    for due in dues:
        since = time.perf_counter()
        if until is not None and (due or since) >= until:
            return
        if due is not None and due > since:
            await asyncio.sleep(due - since)
            since = time.perf_counter()  # our own timer's delay is not the server's
        elif due is not None:
            since = due
        payload = next(requests, None)
        if payload is None:
            return
        load.statuses[await connection.ask(payload)] += 1
        load.latencies.append(time.perf_counter() - since)


class _Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a TCP connection's is one
        self._transport = transport

    def ask(self, payload: bytes) -> asyncio.Future[int]:
        """The status of the answer, once it is complete."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(payload)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, blank, body = self._buffer.partition(b"\r\n\r\n")
        if blank and len(body) >= int(head.lower().partition(_LENGTH)[2].partition(b"\r\n")[0] or 0):
            self._buffer = b""
            assert self._answer is not None  # noqa: S101 - nothing answers before it was asked
            self._answer.set_result(int(head[9:12]))

    def connection_lost(self, _error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server closed a connection"))

    def close(self) -> None:
        self._transport.abort()
