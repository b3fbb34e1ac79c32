"""Examinations side by side: each may break, hang or find things, and none holds up the others."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import sqlalchemy.exc

from app.checkup.finding import Finding, failed, warning
from app.errors import PostcallError

_AT_ONCE = 16
_DATABASE_AWAY = (sqlalchemy.exc.OperationalError, sqlalchemy.exc.TimeoutError)


class Check(NamedTuple):
    name: str
    look: Callable[[], Sequence[Finding]]


def examine(checks: Sequence[Check], seconds: float) -> list[Finding]:
    """The findings in the order of the checks; one that has not ended after `seconds` is a finding itself."""
    ended: dict[int, Sequence[Finding]] = {}
    todo: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, Sequence[Finding]]] = queue.SimpleQueue()
    for number in range(len(checks)):
        todo.put(number)

    def work() -> None:
        while True:
            try:
                number = todo.get_nowait()
            except queue.Empty:
                return
            done.put((number, _look(checks[number])))

    for _ in range(min(_AT_ONCE, len(checks))):
        # daemons, for a name server that does not answer can't be interrupted
        threading.Thread(target=work, daemon=True).start()
    until = time.monotonic() + seconds
    while len(ended) < len(checks):
        try:
            number, findings = done.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            break
        ended[number] = findings
    return [
        finding
        for number, check in enumerate(checks)
        for finding in ended.get(number, [_unfinished(check, seconds)])
    ]


def _unfinished(check: Check, seconds: float) -> Finding:
    return failed(check.name, f"did not end within {seconds:g} s", "Is a host or a name server silent?")


def _look(check: Check) -> Sequence[Finding]:
    try:
        return check.look()
    except _DATABASE_AWAY:
        return [warning(check.name, "not looked at: the database can't be used", "See database.")]
    except PostcallError as error:
        return [failed(check.name, str(error), "See README.md, Settings.")]
    except Exception as error:  # whatever it is, it says that something here is not as expected
        # the class alone: a message may quote what was sent
        return [
            failed(check.name, f"could not be looked at: {type(error).__name__}", "Is it what it should be?")
        ]
