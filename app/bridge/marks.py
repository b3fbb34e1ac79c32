"""What has to be known after a restart: until when Asterisk was heard, and what was told last."""

import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from app.bridge.queue_calls import Key

_EACH_SECONDS = 1.0
_MOST_TOLD = 1000


class Marks:
    """Two small files. Losing them costs a gap that nobody knows of, or a part that is told twice: neither is
    worth stopping for."""

    def __init__(self, folder: Path) -> None:
        self._alive = folder / "alive"
        self._told = folder / "told"
        self._marked = 0.0
        self._kept = deque(self._read(), maxlen=_MOST_TOLD)
        self._lines = len(self._kept)

    def alive(self, now: float) -> None:
        """Heard just now; unix seconds."""
        if now - self._marked >= _EACH_SECONDS:
            self._marked = now
            with suppress(OSError):
                self._alive.touch(mode=0o600)
                os.utime(self._alive, (now, now))

    def last_alive(self) -> float | None:
        """None before the first time."""
        try:
            return self._alive.stat().st_mtime
        except OSError:
            return None

    def tell(self, key: Key, ended_at: float) -> None:
        line = "\t".join((*(part.replace("\t", " ") for part in key), f"{ended_at:.3f}"))
        self._kept.append(line)
        self._lines += 1
        with suppress(OSError):
            if self._lines > 2 * _MOST_TOLD:
                self._told.write_text("".join(f"{one}\n" for one in self._kept))
                self._lines = len(self._kept)
                return
            with self._told.open("a") as file:
                file.write(f"{line}\n")

    def told(self) -> Iterator[tuple[Key, float]]:
        for line in self._kept:
            caller, queue, member, ended_at = line.split("\t")
            yield (caller, queue, member), float(ended_at)

    def _read(self) -> list[str]:
        with suppress(OSError):
            return [line for line in self._told.read_text().splitlines() if _is_whole(line)]
        return []


def _is_whole(line: str) -> bool:
    parts = line.split("\t")
    with suppress(ValueError):
        return len(parts) == 4 and float(parts[3]) < time.time() + 86_400
    return False
