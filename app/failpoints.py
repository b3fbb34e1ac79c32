"""Places where a process can be made to fail on purpose, to prove what happens then.

FAILPOINTS names a folder of traps. Where it is not set there are none: `failpoint` gives a function that does
nothing, and no commit is watched. A trap is a file named after its place:

    claimed         the drain has claimed a message, and nothing of it is sent
    begun           its attempt is on disk, and its request has not left
    answered        the carrier has answered, and nothing of that is recorded
    ring            what a request brought is committed: no worker is woken, and nobody has an answer
    before.answers  a unit of work in which that happened is about to be committed ...
    after.answers   ... or has been; any of `app.metrics.STAGES` but calls, which commit themselves

It says what befalls the process: `kill` (SIGKILL), `stop` (SIGSTOP), or `wait SECONDS`. A second line is a part of
what must have come to the place, such as a text's own words. A trap goes off once, in one process of all that come
to it, and is gone; named `claimed.always` it stays.
"""

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from app.log import get_logger
from app.tally import happenings

Failpoint = Callable[[str], None]

_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}

log = get_logger(__name__)


def failpoint(place: str) -> Failpoint:
    """What to call with whatever comes to `place`. Look it up once."""
    folder = os.environ.get("FAILPOINTS")
    return partial(_come_to, Path(folder), place) if folder else _nothing


def watch_commits(sessions: sessionmaker[Session]) -> None:
    """Let traps lie before and after the commits of these sessions."""
    if "FAILPOINTS" not in os.environ:
        return
    for when in ("before", "after"):
        event.listen(
            sessions, f"{when}_commit", partial(_come_to_commit, Path(os.environ["FAILPOINTS"]), when)
        )


def _nothing(_what: str) -> None:
    pass


def _come_to_commit(folder: Path, when: str, session: Session) -> None:
    for name in happenings(session):
        _come_to(folder, f"{when}.{name}", "")


def _come_to(folder: Path, place: str, what: str) -> None:
    for trap, stays in ((folder / place, False), (folder / f"{place}.always", True)):
        try:
            does, _, only = trap.read_text().strip().partition("\n")
            if only not in what:
                continue
            if not stays:
                trap.unlink()  # of several that come at once, one has it
        except FileNotFoundError:
            continue
        log.warning("a failpoint", place=place, does=does)
        _spring(does)


def _spring(does: str) -> None:
    word, _, seconds = does.partition(" ")
    if word == "wait":
        time.sleep(float(seconds))
    else:
        os.kill(os.getpid(), _SIGNALS[word])
