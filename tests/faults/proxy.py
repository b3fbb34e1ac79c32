"""A TCP line on loopback that can be made bad: slow, silent, cut, or losing one reply."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from app.run.ports import LOOPBACK

_CHUNK = 65536
# PostgreSQL is ready for the next statement, and in no transaction
_DONE = b"Z\x00\x00\x00\x05I"


class Line:
    """From `port`, a free one, to `to`, while entered. Its changes hold for connections that are there, too."""

    def __init__(self, to: int) -> None:
        self._to = to
        self.port = 0
        self.swallowed = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="line", daemon=True)
        self._ends: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server
        self._flows = asyncio.Event()
        self._seconds = 0.0
        self._refuses = False
        self._bytes_left: int | None = None
        self._marker: bytes | None = None
        self._seen: Callable[[], object] | None = None

    # what can be made of it

    def heal(self) -> None:
        """As it was at first, for whoever is still connected as well."""
        self._seconds, self._refuses, self._bytes_left, self._marker, self._seen = (
            0.0,
            False,
            None,
            None,
            None,
        )
        self._tell(self._flows.set)

    def go_silent(self) -> None:
        """A black hole: what is sent is taken, and nothing comes of it; nobody is told."""
        self._tell(self._flows.clear)

    def be_slow(self, seconds: float) -> None:
        """Each chunk, either way, comes so much later."""
        self._seconds = seconds

    def refuse(self) -> None:
        """End all connections, and each new one at once."""
        self._refuses = True
        self.cut()

    def cut(self) -> None:
        """End the connections that there are."""
        self._tell(self._cut)

    def cut_after(self, count: int) -> None:
        """End a connection once so many bytes more have come back over the line."""
        self._bytes_left = count

    def lose_commit(self, marker: bytes, instead: Callable[[], object] | None = None) -> None:
        """A line to PostgreSQL: take the transaction there in which the client sends `marker`, and lose the reply
        that says it is committed, with the connection. `instead`: call it and send the marker nowhere."""
        self._marker, self._seen = marker, instead

    # how it is done

    def __enter__(self) -> Self:
        self._thread.start()
        self._flows.set()
        self._wait_for(self._open())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wait_for(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _tell(self, work: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(work)

    def _wait_for(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._carry, LOOPBACK, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        self._flows.set()
        self._cut()
        mine = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)
        await asyncio.sleep(0.05)  # what is aborted is closed in a later round of the loop

    def _cut(self) -> None:
        for end in self._ends:
            end.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            writer.transport.abort()
            return
        try:
            there, back = await asyncio.open_connection(LOOPBACK, self._to)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, back}
        self._ends |= ends
        marked = asyncio.Event()
        try:
            with suppress(OSError):
                await asyncio.wait(
                    [
                        asyncio.ensure_future(self._forward(reader, back, marked)),
                        asyncio.ensure_future(self._return(there, writer, marked)),
                    ],
                    return_when=asyncio.FIRST_COMPLETED,
                )
        finally:
            self._ends -= ends
            for end in ends:
                end.transport.abort()

    async def _forward(
        self, reader: asyncio.StreamReader, to: asyncio.StreamWriter, marked: asyncio.Event
    ) -> None:
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                await self._suffer()
                if self._marker and self._marker in chunk:
                    self._marker = None
                    if self._seen:
                        await asyncio.to_thread(self._seen)
                        return
                    marked.set()
                to.write(chunk)
                await to.drain()

    async def _return(
        self, reader: asyncio.StreamReader, to: asyncio.StreamWriter, marked: asyncio.Event
    ) -> None:
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                await self._suffer()
                if marked.is_set() and chunk.endswith(_DONE):
                    self.swallowed += 1
                    return
                if self._bytes_left is not None:
                    chunk, self._bytes_left = chunk[: self._bytes_left], self._bytes_left - len(chunk)
                    if self._bytes_left <= 0:
                        self._bytes_left = None
                        to.write(chunk)
                        return
                to.write(chunk)
                await to.drain()

    async def _suffer(self) -> None:
        if self._seconds:
            await asyncio.sleep(self._seconds)
        await self._flows.wait()
