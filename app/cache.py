"""A value that may be some seconds old, in place of a read per call."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class ShortCache(Generic[Key, Value]):
    """At most `room` values, each for `seconds`; safe among threads. Two threads may load one value at once."""

    def __init__(
        self, seconds: float, room: int = 1_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._room = room
        self._clock = clock
        self._lock = Lock()
        self._values: OrderedDict[Key, tuple[float, Value]] = OrderedDict()

    def get(self, key: Key, load: Callable[[], Value]) -> Value:
        """The value kept for `key`, or what `load` gives; an error of `load` is passed on and not kept."""
        now = self._clock()
        with self._lock:
            until, value = self._values.get(key, (0.0, None))
            if now < until:
                return value  # type: ignore[return-value]  # a kept value has a time; None above has 0
        loaded = load()
        with self._lock:
            self._values[key] = (now + self._seconds, loaded)
            self._values.move_to_end(key)
            if len(self._values) > self._room:
                self._values.popitem(last=False)
        return loaded
