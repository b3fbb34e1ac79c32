"""A message in words, for whoever has to decide about it: what happened, what is known, what can be done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.domain.advice import explain
from app.domain.delivery import MAX_CLAIMS
from app.domain.message import MessageState
from app.domain.resending import is_final
from app.domain.sending_limits import COUNTRY_NOT_ALLOWED, DAILY_CAP

_S = MessageState


@dataclass(frozen=True)
class Explanation:
    """Sentences; `options` is empty where nothing is to be done."""

    happened: str
    known: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Told:
    """Of a message, what its explanation rests on.

    `doubted`: a person had it sent again although an earlier request may have reached the customer. `closed`: a
    person closed it. `accepted`: a carrier took it once, whatever it reported later.
    """

    state: MessageState
    attempts: int
    code: int | None = None
    detail: str | None = None
    doubted: bool = False
    closed: bool = False
    accepted: bool = False


_AGAIN_DOUBTED = (
    "Send it again, if the carrier's own log does not show it: the customer may then have it twice,"
    " for the carrier may have taken the first one"
)
_AGAIN = "Send it again"
_CLOSE = "Close it: it is never sent again"
_STILL_ANSWERS = "; an answer to what may have arrived is still taken"


def explain_message(told: Told) -> Explanation:
    """Every state has its words."""
    found = _BY_STATE[told.state](told)
    if told.doubted and told.state is not _S.IN_DOUBT:
        twice = "An earlier request is still in doubt: the customer may have the text from that one too."
        return Explanation(found.happened, f"{found.known} {twice}".strip(), found.options)
    return found


def _in_doubt(told: Told) -> Explanation:
    return Explanation(
        f"{_requests(told)} ended unclear, and the carrier could not be asked in time whether it took the text.",
        "The customer may have it or not. It is never sent again by itself; a carrier that can be asked is asked"
        " for three days more.",
        (_AGAIN_DOUBTED, _CLOSE + _STILL_ANSWERS),
    )


def _quarantined(_: Told) -> Explanation:
    return Explanation(
        f"Sending it ended its worker {MAX_CLAIMS} times, or it could not be read; it was set aside.",
        "No request of it is left unclear. It expires by itself at `not_after`.",
        (f"{_AGAIN}, once what ended the worker is mended: its log names the message", _CLOSE),
    )


def _failed(told: Told) -> Explanation:
    advice = explain(told.code)
    code = "" if told.code is None else f" with {told.code}: {advice.meaning}"
    if told.accepted:
        happened, known = (
            f"The carrier took it and reported later that it did not arrive{code}.",
            "Handsets do show texts that were reported so, but rarely.",
        )
    else:
        happened, known = (
            f"The carrier refused it{code}.",
            "It did not reach the customer.",
        )
    if is_final(told.state, told.code):
        return Explanation(happened, f"{known} {advice.advice}.", (_CLOSE,))
    mend = "" if told.code is None else f". Before that: {advice.advice}"
    return Explanation(happened, known, (f"{_AGAIN}{mend}", _CLOSE))


def _due(told: Told) -> Explanation:
    held = explain(told.code) if told.code is not None else None
    if held is not None:
        return Explanation(f"The carrier refused it with {told.code}: {held.meaning}.", f"{held.advice}.")
    return Explanation("It waits for its time, or for a worker.", "It goes out by itself from `due_at` on.")


def _unknown(told: Told) -> Explanation:
    return Explanation(
        f"{_requests(told)} ended unclear.", "The carrier is being asked; nothing is sent meanwhile."
    )


_LIMITED: Mapping[str, str] = MappingProxyType(
    {
        DAILY_CAP: "the account's daily cap was used up",
        COUNTRY_NOT_ALLOWED: "the account sends nothing to its country any more",
    }
)


def _cancelled(told: Told) -> Explanation:
    if told.closed:
        return Explanation("A person closed it.", "It is never sent again.")
    why = _LIMITED.get(told.detail or "", told.detail)
    return Explanation(f"It was taken back: {why or 'it was not needed any more'}.", "It was not sent.")


def _expired(told: Told) -> Explanation:
    if told.detail == DAILY_CAP:
        return Explanation(
            "The account's daily cap was used up, and its time ends before the next day's hours begin.",
            "It was not sent.",
        )
    if told.detail == COUNTRY_NOT_ALLOWED:
        return Explanation("The account sends nothing to its country any more.", "It was not sent.")
    known = "Nothing reached the customer." if told.attempts else "It was never sent."
    return Explanation("Its time passed before it could go.", f"{known} Nobody is texted late.")


def _requests(told: Told) -> str:
    return "Its request to the carrier" if told.attempts == 1 else f"The last of {told.attempts} requests"


_BY_STATE: Mapping[MessageState, Callable[[Told], Explanation]] = MappingProxyType(
    {
        _S.DUE: _due,
        _S.CLAIMED: lambda _: Explanation(
            "A worker has it and is sending it.", "Its result comes within seconds."
        ),
        _S.UNKNOWN: _unknown,
        _S.ACCEPTED: lambda _: Explanation("The carrier took it.", "It has not said yet that it arrived."),
        _S.DELIVERED: lambda _: Explanation("The carrier took it.", "It arrived."),
        _S.FAILED: _failed,
        _S.EXPIRED: _expired,
        _S.IN_DOUBT: _in_doubt,
        _S.CANCELLED: _cancelled,
        _S.QUARANTINED: _quarantined,
    }
)
