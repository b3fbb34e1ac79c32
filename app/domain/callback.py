"""A telephone that was rung: what became of it, and whether it rings once more."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType


class Ring(StrEnum):
    """What a call that we made has come to."""

    HEARD = "heard"  # a person heard the survey
    MACHINE = "machine"  # never hears it
    HUNG_UP = "hung_up"  # answered, and over before anything was asked
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"


# the first ring, and one more for who could not come
MOST_RINGS = 2
RING_AGAIN_AFTER = timedelta(hours=1)
_ONCE_MORE = frozenset({Ring.BUSY, Ring.NO_ANSWER, Ring.MACHINE})

_ENDS: Mapping[str, Ring] = MappingProxyType(
    {
        "busy": Ring.BUSY,
        "no-answer": Ring.NO_ANSWER,
        "failed": Ring.FAILED,
        "canceled": Ring.FAILED,
    }
)


def is_machine(answered_by: str | None) -> bool:
    """By Twilio's AnsweredBy; "unknown" is taken for a person, who would hear nothing otherwise."""
    return answered_by is not None and (answered_by.startswith("machine") or answered_by == "fax")


def ring_of(status: str, answered_by: str | None, *, heard: bool) -> Ring | None:
    """What a call's status means; None while it goes on, and for words that are not known.

    `heard`: the survey was said to whoever answered.
    """
    if status != "completed":
        return _ENDS.get(status)
    if heard:
        return Ring.HEARD
    return Ring.MACHINE if is_machine(answered_by) else Ring.HUNG_UP


def ring_again(ring: Ring, rings: int, now: datetime) -> datetime | None:
    """From when the telephone may ring once more, within lawful hours; None: never.

    `rings`: how often it has rung. Who hung up has said no, in the way that there is.
    """
    return now + RING_AGAIN_AFTER if ring in _ONCE_MORE and rings < MOST_RINGS else None
