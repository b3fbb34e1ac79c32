"""Whether a person may have a text sent again, or close it: what the machine leaves to people, and no more.

The promise is that nothing is doubled *automatically*. A person who sends again what is in doubt takes it upon
themselves that the customer may have it twice; what would be wrong for any customer stays refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from app.domain.advice import explain
from app.domain.delivery import TWILIO_CODES, Action
from app.domain.invitation import OPEN, InvitationState
from app.domain.mail_codes import action_of, is_mail_code
from app.domain.message import MessageState

_M, _I = MessageState, InvitationState

# these wait until somebody decides; what failed has ended, and is decided anew only where somebody wants to
WAITING = frozenset({_M.IN_DOUBT, _M.QUARANTINED})
BY_HAND = WAITING | {_M.FAILED}

# a survey whose first text is sent again begins anew. Beside the moves that come by themselves, since it leads out
# of an end
BEGINS_AGAIN = frozenset({_I.SCHEDULED, _I.IN_DOUBT, _I.FAILED})

# refusals that are about this customer: a second request would meet the same
_FINAL = frozenset({Action.PERMANENT, Action.NEXT_CHANNEL, Action.OPT_OUT, Action.LOOP})
# thanks and confirmations belong to a moment that has passed
_ASKS = frozenset({"ask", "question", "repeat"})

_NOT_WAITING: Mapping[MessageState, str] = MappingProxyType(
    {
        _M.DUE: "it is due, and goes out by itself",
        _M.CLAIMED: "it is being sent at this moment",
        _M.UNKNOWN: "the carrier is being asked whether it has it: wait for the answer",
        _M.ACCEPTED: "the carrier has it already",
        _M.DELIVERED: "it has reached the customer",
        _M.EXPIRED: "its time has passed, and nothing was sent: nobody is texted late",
        _M.CANCELLED: "it was taken back",
    }
)


@dataclass(frozen=True)
class Case:
    """What is known of a message, its survey and its customer, when a person wants it sent again.

    `answered`: what it asks has an answer. `other_survey`: another one of this customer is open. `asked_recently`:
    another survey has asked them within the cooldown. `barred`: the account's list holds them, or their consent is
    withdrawn. `premium`: its number costs more than others, or is no person's. `until`: when the survey's terms
    end, None where they have.
    `asked_otherwise`: another ask of this survey waits, or may have reached the customer.
    """

    state: MessageState
    purpose: str
    code: int | None
    survey: InvitationState
    now: datetime
    until: datetime | None
    answered: bool = False
    asked_otherwise: bool = False
    opted_out: bool = False
    barred: bool = False
    premium: bool = False
    other_survey: bool = False
    asked_recently: bool = False
    sender_active: bool = True


def why_not_resend(case: Case) -> str | None:
    """The reason, to follow "can't be sent again: "; None where a person may."""
    return next((why for stands, why in _reasons(case) if stands), None)


def _reasons(case: Case) -> Iterator[tuple[bool, str]]:
    """What may stand against it, the plainest first."""
    yield case.state not in BY_HAND, _NOT_WAITING.get(case.state, "")
    passed = f"a text of the kind {case.purpose} belongs to a moment that has passed. Close it"
    yield case.purpose not in _ASKS, passed
    yield case.opted_out or case.survey is _I.OPTED_OUT, "the customer has opted out"
    yield (
        case.barred,
        "the account's list of whom not to contact holds the customer, or consent was withdrawn",
    )
    yield case.premium, "its number costs more than others to reach, or is no person's"
    yield case.answered, "the customer has answered it meanwhile"
    yield case.asked_otherwise, "its survey goes on by another channel"
    may_go_on = BEGINS_AGAIN if case.purpose == "ask" else OPEN
    yield case.survey not in may_go_on, f"its survey is over ({case.survey})"
    too_late = case.until is None or case.now >= case.until
    yield too_late, "the call ended too long ago for its survey's terms"
    refused = f"the carrier refuses it with {case.code} ({explain(case.code).meaning}), and would again"
    yield is_final(case.state, case.code), refused
    other = "another survey of this customer is open: nobody could tell which of the two a reply is for"
    yield case.other_survey, other
    recently = "another survey has asked this customer since, within the time between two surveys"
    yield case.asked_recently, recently
    yield not case.sender_active, "its sender is no longer in use"


def why_not_close(state: MessageState) -> str | None:
    """The reason, to follow "can't be closed: "; None where a person may."""
    return None if state in BY_HAND else _NOT_WAITING[state]


def is_final(state: MessageState, code: int | None) -> bool:
    """Whether a failure is about the customer's number, so that no second request can fare better."""
    return (
        state is _M.FAILED
        and code is not None
        and (code in TWILIO_CODES or is_mail_code(code))
        and action_of(code) in _FINAL
    )
