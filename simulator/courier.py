"""Work for a moment from now: a few daemon threads around one heap."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable

# a service that answers nothing holds a thread for 15 s: enough threads that others still get through
_THREADS = 16


class Courier:
    """Runs errands when they are due, several at once. Errands must not raise."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._errands: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._closed = False
        for number in range(_THREADS):
            threading.Thread(target=self._work, name=f"courier-{number}", daemon=True).start()

    def after(self, seconds: float, errand: Callable[[], None]) -> None:
        with self._changed:
            heapq.heappush(self._errands, (time.monotonic() + seconds, next(self._order), errand))
            self._changed.notify()

    def close(self) -> None:
        """Forget what is not due yet; errands under way end by their own time-outs."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _work(self) -> None:
        while errand := self._next():
            errand()

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            while not self._closed:
                wait = self._errands[0][0] - time.monotonic() if self._errands else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._errands)[2]
                self._changed.wait(wait)
        return None
