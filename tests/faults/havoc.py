"""Everything but the carrier is killed at random, and started again."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress

from tests.faults.system import OTHERS, SENDING, System

# the worker that sends has the most to lose; a start of PostgreSQL takes the longest
_VICTIMS = {
    SENDING: 5,
    "web process": 3,
    "web": 1,
    OTHERS: 2,
    "beat": 1,
    "valkey": 2,
    "postgres": 1,
    "pause": 2,
}


def seed_of_the_day() -> int:
    """FAULTS_SEED, to have the same again."""
    return int(os.environ.get("FAULTS_SEED") or time.time())


class Havoc:
    def __init__(self, system: System, seed: int) -> None:
        print(f"FAULTS_SEED={seed}")  # noqa: T201 - whoever reads of a failure needs it
        self._system = system
        self._random = random.Random(seed)  # noqa: S311 - to be had again

    def rage(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Kill for so long, or until that is true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not until():
            self._strike(self._random.choices(list(_VICTIMS), list(_VICTIMS.values()))[0])
            time.sleep(self._random.uniform(0.2, 1.5))

    def _strike(self, victim: str) -> None:
        system = self._system
        match victim:
            case "valkey" | "postgres":
                system.kill_server(victim)
                time.sleep(self._random.uniform(0, 0.5))
                system.start_servers()
            case "web process":
                self._kill_one_of_web()
            case "pause":
                pid = system.stack.processes[SENDING].pid
                os.killpg(pid, signal.SIGSTOP)
                time.sleep(self._random.uniform(0.1, 0.5))
                os.killpg(pid, signal.SIGCONT)
            case _:
                system.kill(victim)
                system.start(victim)

    def _kill_one_of_web(self) -> None:
        """One of those that answer; the one that watches over them starts another."""
        watcher = self._system.stack.processes["web"].pid
        if answering := [pid for pid in self._system.pids("web") if pid != watcher]:
            with suppress(ProcessLookupError):
                os.kill(self._random.choice(answering), signal.SIGKILL)
                self._system.kills += 1
