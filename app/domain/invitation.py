"""An invitation: exactly one for every call, from the decision to its end."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class InvitationState(StrEnum):
    SKIPPED = "skipped"  # not asked, with a reason
    SCHEDULED = "scheduled"
    ASKED = "asked"  # a carrier took the first message
    STARTED = "started"  # something was answered
    FINISHED = "finished"
    PARTIAL = "partial"  # the time to answer passed with some questions open
    UNANSWERED = "unanswered"
    EXPIRED = "expired"  # too late to ask, and nothing was sent
    FAILED = "failed"
    IN_DOUBT = "in_doubt"  # the first message may have arrived
    OPTED_OUT = "opted_out"
    CANCELLED = "cancelled"


_S = InvitationState
_ANSWERED = frozenset({_S.STARTED, _S.FINISHED})

MOVES: Mapping[InvitationState, frozenset[InvitationState]] = MappingProxyType(
    {
        # an answer may come in before our own record that the carrier took the question; what has not gone is taken
        # back where nobody is to be asked after all
        _S.SCHEDULED: _ANSWERED
        | {_S.ASKED, _S.SKIPPED, _S.EXPIRED, _S.FAILED, _S.IN_DOUBT, _S.OPTED_OUT, _S.CANCELLED},
        _S.ASKED: _ANSWERED | {_S.UNANSWERED, _S.FAILED, _S.OPTED_OUT, _S.CANCELLED},
        _S.STARTED: frozenset({_S.FINISHED, _S.PARTIAL, _S.OPTED_OUT, _S.CANCELLED}),
        # a receipt or an answer proves the arrival, listings the contrary; an operator sends again or closes
        _S.IN_DOUBT: _ANSWERED
        | {_S.SCHEDULED, _S.ASKED, _S.UNANSWERED, _S.EXPIRED, _S.FAILED, _S.OPTED_OUT, _S.CANCELLED},
        # a receipt or an answer outweighs the listings that did not show the message
        _S.EXPIRED: _ANSWERED | {_S.ASKED},
        _S.SKIPPED: frozenset(),
        _S.FINISHED: frozenset(),
        _S.PARTIAL: frozenset(),
        _S.UNANSWERED: frozenset(),
        _S.FAILED: frozenset(),
        _S.OPTED_OUT: frozenset(),
        _S.CANCELLED: frozenset(),
    }
)

# What another system did, and we are told of afterwards: it asked, or it took the answers. Only for an invitation
# that we didn't send: of our own surveys nobody but the customer has anything to say.
LEARNED: Mapping[InvitationState, frozenset[InvitationState]] = MappingProxyType(
    {
        _S.SKIPPED: frozenset({_S.UNANSWERED, _S.PARTIAL, _S.FINISHED}),
        _S.UNANSWERED: frozenset({_S.PARTIAL, _S.FINISHED}),
        _S.PARTIAL: frozenset({_S.FINISHED}),
    }
)

PENDING = frozenset({_S.SCHEDULED})
OPEN = frozenset({_S.ASKED, _S.STARTED})
# these hold the contact's one open survey; leaving them for any other state frees it
HOLDING = PENDING | OPEN
# a reply counts here: it may beat our record of the acceptance, or settle a doubt
ANSWERABLE = HOLDING | {_S.IN_DOUBT}
TERMINAL = frozenset(_S) - ANSWERABLE

# in_doubt is not among them: the customer may have the text, and a second survey would be a second text
_RELEASING = frozenset({_S.EXPIRED, _S.FAILED, _S.CANCELLED})


def can_move(old: InvitationState, new: InvitationState) -> bool:
    """Whether an invitation may go from `old` to `new`; staying is no move."""
    return new in MOVES[old]


def can_learn(old: InvitationState, new: InvitationState) -> bool:
    """Whether an invitation of another system's survey may go from `old` to `new`; staying is no move."""
    return new in LEARNED.get(old, frozenset())


def releases_cooldown(state: InvitationState, *, accepted: bool) -> bool:
    """Whether an invitation that ended in `state` leaves the customer free to be asked at the next call.

    `accepted`: a carrier took at least one of its messages.
    """
    return not accepted and state in _RELEASING
