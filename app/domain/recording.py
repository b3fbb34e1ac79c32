"""A spoken comment: what is still to be done with its recording.

It is dropped when it has been written down, or kept where the survey says so. What nobody could write down is kept:
it is all that there is of the customer's words.
"""

from datetime import timedelta
from enum import StrEnum


class RecordingState(StrEnum):
    RECORDED = "recorded"  # at the carrier
    KEPT = "kept"  # the audio is here
    DROPPED = "dropped"
    LOST = "lost"  # it could not be had


class Awaited(StrEnum):
    """Who writes a recording down."""

    CARRIER = "carrier"
    SERVICE = "service"
    NOBODY = "nobody"


class Move(StrEnum):
    FETCH = "fetch"  # the audio, to write it down or to keep it
    DELETE = "delete"  # at the carrier


# the carrier needs a minute or two; after that it is not coming
CARRIER_WRITES_WITHIN = timedelta(minutes=15)
# by then hours have passed
MOST_TRIES = 10


def next_move(*, is_written: bool, keep: bool, has_audio: bool) -> Move:
    """What is done with a recording that is ready, once nobody is waited for."""
    needed = keep or not is_written
    return Move.FETCH if needed and not has_audio else Move.DELETE
