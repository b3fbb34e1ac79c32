"""Threads that work, and the requests that wait for one: a bounded number, for a bounded time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class Refused(Exception):
    """Nothing was done. `reason`: full (no room in the line) or waited (its turn did not come in time)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class WaitingLine:
    """For use from one event loop. Threads begin with the first work, so a server may fork before."""

    def __init__(self, name: str, *, threads: int, waiting: int, wait_seconds: float) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._room = threads + waiting
        self._wait_seconds = wait_seconds
        self._inside = 0

    async def do(self, work: Callable[[], None]) -> None:
        """Have a thread do it, when its turn comes. Raises Refused, and what `work` raises.

        Work that was begun is waited for, however long it takes: what it accepted must be answered.
        """
        if self._inside >= self._room:
            raise Refused("full")
        self._inside += 1
        turn = self._pool.submit(work)
        # does nothing to work that was begun
        impatience = asyncio.get_running_loop().call_later(self._wait_seconds, turn.cancel)
        try:
            await asyncio.wrap_future(turn)
        except asyncio.CancelledError:
            if turn.cancelled():
                raise Refused("waited") from None
            raise
        finally:
            impatience.cancel()
            self._inside -= 1

    def close(self) -> None:
        """Let work that was begun end; what waits is not begun."""
        self._pool.shutdown(wait=False, cancel_futures=True)
