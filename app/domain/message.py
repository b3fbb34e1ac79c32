"""A message: one text to a person, its states, and how a carrier's reports move it."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class MessageState(StrEnum):
    DUE = "due"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    IN_DOUBT = "in_doubt"
    CANCELLED = "cancelled"
    QUARANTINED = "quarantined"


_S = MessageState
# the carrier's word, which outweighs what we planned or inferred: a receipt may find the message due again,
# and would be followed by a second text if it did not move it
_TOLD = frozenset({_S.ACCEPTED, _S.DELIVERED, _S.FAILED})

MOVES: Mapping[MessageState, frozenset[MessageState]] = MappingProxyType(
    {
        # in doubt again, where a person had it sent again and that came to nothing: the first request still is
        # unknown after a restore, since it may have gone out after the back-up
        _S.DUE: _TOLD | {_S.CLAIMED, _S.EXPIRED, _S.CANCELLED, _S.QUARANTINED, _S.IN_DOUBT, _S.UNKNOWN},
        # not cancelled: a claimed text may be on its way already, and an opt-out that crosses it is counted
        _S.CLAIMED: _TOLD | {_S.DUE, _S.UNKNOWN, _S.EXPIRED, _S.QUARANTINED, _S.IN_DOUBT},
        _S.UNKNOWN: _TOLD | {_S.DUE, _S.EXPIRED, _S.IN_DOUBT},
        # expired: the carrier can be asked again, and has nothing of it; an operator sends again or closes
        _S.IN_DOUBT: _TOLD | {_S.EXPIRED, _S.DUE, _S.CANCELLED},
        # an operator, who knows what the row did to the worker, or time
        _S.QUARANTINED: _TOLD | {_S.DUE, _S.CANCELLED, _S.EXPIRED, _S.IN_DOUBT},
        _S.EXPIRED: _TOLD,
        _S.CANCELLED: _TOLD,
        _S.ACCEPTED: frozenset({_S.DELIVERED, _S.FAILED}),
        _S.DELIVERED: frozenset(),
        _S.FAILED: frozenset(),
    }
)


def can_move(old: MessageState, new: MessageState) -> bool:
    """Whether a message may go from `old` to `new`; staying is no move."""
    return new in MOVES[old]


# the carrier's word for an outbound message -> (how far along it is, our state)
_STATUSES: Mapping[str, tuple[int, MessageState]] = MappingProxyType(
    {
        "accepted": (0, _S.ACCEPTED),
        "scheduled": (0, _S.ACCEPTED),
        "queued": (1, _S.ACCEPTED),
        "sending": (2, _S.ACCEPTED),
        "sent": (3, _S.ACCEPTED),
        "partially_delivered": (4, _S.DELIVERED),
        "delivered": (5, _S.DELIVERED),
        "undelivered": (5, _S.FAILED),
        "failed": (5, _S.FAILED),
        "canceled": (5, _S.FAILED),
        "read": (6, _S.DELIVERED),
    }
)
_FINAL_RANK = 5


def state_of(status: str) -> MessageState | None:
    """Our state for the carrier's status of an outbound message; None for any other word."""
    return _STATUSES[status][1] if status in _STATUSES else None


def newer_status(current: str | None, incoming: str) -> bool:
    """Whether a status report moves a message forward. Reports come late, twice and in any order.

    What ended stays ended; only `delivered` may still become `read`. Unknown words move nothing.
    """
    if incoming not in _STATUSES:
        return False
    if current is None or current not in _STATUSES:
        return True
    old, new = _STATUSES[current][0], _STATUSES[incoming][0]
    if old >= _FINAL_RANK:
        return (current, incoming) == ("delivered", "read")
    return new > old
