"""Keeps children running: one that ends is started again, with longer and longer pauses, and one that grows past
its memory is asked to stop first. Single-threaded: children end with the thread that started them.
"""

import shutil
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from signal import Signals

from app.run.process import Process, StartFailed, describe, tail, until

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_WELL_SECONDS = 60.0  # after so long without an end, earlier ones are forgotten
_TRIES_AT_START = 3
_MEMORY_STOP_SECONDS = 30.0
_LOG_BYTES = 20 * 1024 * 1024
_ROUND_SECONDS = 0.2


@dataclass(frozen=True)
class Service:
    """A child. `stage`: children of a later stage are stopped first, those of one stage together."""

    name: str
    start: Callable[[], Process]
    stage: int
    stop_seconds: float
    stop_signal: Signals = signal.SIGTERM
    memory_bytes: int | None = None


class _Child:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.process: Process | None = None
        self.started_at = 0.0
        self.ends = 0  # in a row
        self.start_at = 0.0
        self.kill_at: float | None = None  # asked to stop for its memory

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.kill_at = None
        self.process = self.service.start()

    def put_off(self) -> float:
        """Note an end; the seconds until the next start."""
        now = time.monotonic()
        self.ends = self.ends + 1 if now - self.started_at < _WELL_SECONDS else 1
        pause = min(_FIRST_PAUSE_SECONDS * 2.0 ** min(self.ends - 1, 10), _LONGEST_PAUSE_SECONDS)
        self.process, self.start_at = None, now + pause
        return pause


class Supervisor:
    """`say` is given one line for each thing an operator would want to know."""

    def __init__(self, say: Callable[[str], None], log: Callable[[str], Path]) -> None:
        self._say = say
        self._log = log
        self._children: list[_Child] = []

    def add(self, service: Service) -> None:
        """Start a child. Raises StartFailed when its start says so."""
        child = _Child(service)
        self._children.append(child)
        child.start()

    def wait_until_ready(self, checks: Mapping[str, Callable[[], bool]], seconds: float) -> None:
        """Tend the children until every check (by the child's name) is true.

        Raises StartFailed, with the end of its log, for a child that keeps ending or isn't ready in time.
        """
        deadline = time.monotonic() + seconds
        waiting = dict(checks)
        while waiting:
            self.tend()
            for child in self._children:
                if child.ends >= _TRIES_AT_START:
                    name = child.service.name
                    raise StartFailed(f"The {name} does not start\n{tail(self._log(name))}")
            waiting = {name: check for name, check in waiting.items() if not check()}
            if waiting and time.monotonic() > deadline:
                name = next(iter(waiting))
                raise StartFailed(f"The {name} is not ready after {seconds:g} s\n{tail(self._log(name))}")
            time.sleep(_ROUND_SECONDS)

    def tend_for_ever(self) -> None:
        """Return never: what ends it is an exception from a signal handler."""
        while True:
            self.tend()
            time.sleep(_ROUND_SECONDS)

    def tend(self) -> None:
        """One round: notice ends, start what is due, look at memory and at the size of logs."""
        for child in self._children:
            if child.process is None:
                self._start_when_due(child)
            elif (code := child.process.ended()) is not None:
                pause = child.put_off()
                self._say(
                    f"The {child.service.name} stopped ({describe(code)}); starting it again in {pause:g} s"
                )
            else:
                self._watch_memory(child, child.process)
            _trim(self._log(child.service.name))

    def stop(self) -> None:
        """Stop all, later stages first; whoever does not stop in its time is killed."""
        for stage in sorted({child.service.stage for child in self._children}, reverse=True):
            _stop_together(
                [
                    (child.service, child.process)
                    for child in self._children
                    if child.service.stage == stage and child.process
                ],
                self._say,
            )

    def _start_when_due(self, child: _Child) -> None:
        if time.monotonic() < child.start_at:
            return
        try:
            child.start()
        except StartFailed as error:
            pause = child.put_off()
            self._say(f"{str(error).splitlines()[0]}; trying again in {pause:g} s")

    def _watch_memory(self, child: _Child, process: Process) -> None:
        if child.kill_at is not None:
            if time.monotonic() > child.kill_at:
                process.kill()
            return
        limit = child.service.memory_bytes
        if limit is not None and (used := process.resident_bytes()) > limit:
            self._say(
                f"The {child.service.name} uses {used // 2**20} MB, more than {limit // 2**20}: stopping it"
            )
            child.kill_at = time.monotonic() + _MEMORY_STOP_SECONDS
            process.tell(child.service.stop_signal)


def _stop_together(running: Sequence[tuple[Service, Process]], say: Callable[[str], None]) -> None:
    for service, child in running:
        child.tell(service.stop_signal)
    patience = max((service.stop_seconds for service, _ in running), default=0)
    until(lambda: all(child.ended() is not None for _, child in running), patience)
    for service, child in running:
        if child.ended() is None:
            say(f"The {service.name} did not stop in {patience:g} s and was killed")
            child.kill()


def _trim(log: Path) -> None:
    """Keep the one before, then empty the file in place: its writer appends and holds it open."""
    with suppress(FileNotFoundError):
        if log.stat().st_size > _LOG_BYTES:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            with log.open("r+b") as file:
                file.truncate()
