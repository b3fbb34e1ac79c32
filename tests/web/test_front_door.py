"""The door before the application refuses what is too much or too slow, and never what was begun."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.settings import Capacity
from app.web.front_door import FrontDoor

BIG = 1000


@dataclass
class Ask:
    """A request as granian brings it, and what was answered. `parts` of the body; None never comes."""

    path: str = "/work"
    parts: tuple[bytes | None, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    told: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)

    method, scheme, query_string, http_version = "POST", "http", "", "1.1"
    client, server, authority = "[::1]:5", "127.0.0.1:80", None

    async def __call__(self) -> bytes:
        return b"".join([part async for part in self])

    async def __aiter__(self) -> Any:
        for part in self.parts:
            if part is None:
                await asyncio.Event().wait()
            else:
                yield part

    def response_bytes(self, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        self.told.append((status, dict(headers), body))

    @property
    def status(self) -> int:
        ((status, _, _),) = self.told
        return status


class Within:
    """The application: its work waits until `go`. Says how much of the body it was given."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.began = threading.Semaphore(0)
        self.environs: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        self.environs.append(environ)
        if environ["PATH_INFO"] == "/work":
            self.began.release()
            assert self.go.wait(20)
        start_response("200 OK", [("X-Length", str(len(environ["wsgi.input"].read())))])
        return [b"done"]


@contextmanager
def opened(within: Within, refused: list[str], **capacity: float) -> Iterator[FrontDoor]:
    given: dict[str, Any] = {
        "threads": 1,
        "waiting": 1,
        "wait_seconds": 20.0,
        "body_seconds": 20.0,
        **capacity,
    }
    door = FrontDoor(within, Capacity(**given), BIG, refused.append)
    try:
        yield door
    finally:
        within.go.set()
        door.__rsgi_del__(None)


def run(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 30))


def enter(door: FrontDoor, ask: Ask) -> "asyncio.Task[None]":
    return asyncio.ensure_future(door.__rsgi__(ask, ask))


async def begun(within: Within) -> None:
    assert await asyncio.to_thread(within.began.acquire, timeout=20)


def test_who_finds_no_room_is_told_at_once_when_to_come_back() -> None:
    within, refused = Within(), list[str]()

    async def story() -> None:
        with opened(within, refused) as door:
            first, second, third = Ask(), Ask(), Ask()
            tasks = [enter(door, first)]
            await begun(within)
            tasks.append(enter(door, second))
            await asyncio.sleep(0)
            await door.__rsgi__(third, third)
            ((status, headers, body),) = third.told
            assert status == 503
            assert headers["content-type"] == "application/problem+json"
            assert 1 <= int(headers["retry-after"]) <= 5
            assert json.loads(body)["request_id"] == headers["x-request-id"]
            assert json.loads(body)["status"] == 503
            # monitors have threads of their own
            for path in ("/healthz", "/readyz", "/metrics"):
                monitor = Ask(path)
                await door.__rsgi__(monitor, monitor)
                assert monitor.status == 200
            within.go.set()
            await asyncio.gather(*tasks)
            assert [first.status, second.status] == [200, 200]

    run(story)
    assert refused == ["full"]


def test_who_waits_too_long_is_refused_and_what_was_begun_is_not() -> None:
    within, refused = Within(), list[str]()

    async def story() -> None:
        with opened(within, refused, wait_seconds=0.01) as door:
            first, second = Ask(), Ask()
            task = enter(door, first)
            await begun(within)
            await door.__rsgi__(second, second)
            assert second.status == 503
            assert first.told == []
            within.go.set()
            await task
            assert first.status == 200

    run(story)
    assert refused == ["waited"]
    assert len(within.environs) == 1


@pytest.mark.parametrize("headers", [{"content-length": "10"}, {"transfer-encoding": "chunked"}])
def test_a_body_that_does_not_come_is_not_waited_for(headers: dict[str, str]) -> None:
    within, refused = Within(), list[str]()

    async def story() -> None:
        with opened(within, refused, body_seconds=0.01) as door:
            slow = Ask(parts=(b"abc", None), headers=headers)
            await door.__rsgi__(slow, slow)
            ((status, answered, _),) = slow.told
            assert (status, answered["connection"]) == (408, "close")

    run(story)
    assert refused == ["slow"]
    assert within.environs == []


@pytest.mark.parametrize(
    ("headers", "parts", "length"),
    [
        ({"content-length": "6"}, (b"abc", b"def"), 6),
        ({"transfer-encoding": "chunked"}, (b"abc", b"def"), 6),
        ({}, (None,), 0),  # no body is told of: none is waited for
        ({"content-length": str(BIG + 1)}, (None,), 0),  # refused by its length, unread
        (
            {"transfer-encoding": "chunked"},
            (b"x" * BIG, b"x", None),
            BIG + 1,
        ),  # enough to see that it is too long
    ],
)
def test_so_much_of_the_body_is_read(
    headers: dict[str, str], parts: tuple[bytes | None, ...], length: int
) -> None:
    within = Within()

    async def story() -> None:
        with opened(within, []) as door:
            ask = Ask("/other", parts, headers)
            await door.__rsgi__(ask, ask)
            assert ask.told == [(200, {"X-Length": str(length)}, b"done")]

    run(story)


def test_the_application_sees_the_request_as_wsgi_tells_it() -> None:
    within = Within()

    async def story() -> None:
        with opened(within, []) as door:
            ask = Ask(
                "/中",
                headers={"x-a": "1", "x_a": "forged", "range": "bytes=0-1", "content-type": "text/plain"},
            )
            await door.__rsgi__(ask, ask)

    run(story)
    (environ,) = within.environs
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/中"
    assert (environ["REMOTE_ADDR"], environ["SERVER_NAME"], environ["SERVER_PORT"]) == (
        "::1",
        "127.0.0.1",
        "80",
    )
    assert {name for name in environ if name.startswith("HTTP_")} == {"HTTP_X_A"}
    assert (environ["HTTP_X_A"], environ["CONTENT_TYPE"]) == ("1", "text/plain")
