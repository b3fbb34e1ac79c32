"""A call's story in words, for an operator whom somebody asks: why was this customer (not) asked?"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain.advice import explain
from app.domain.channel import Channel
from app.flow.read_call import read_invitation
from app.flow.reattribute import REATTRIBUTED
from app.flow.tell_draw import tell_draw
from app.flow.tell_handlers import tell_handlers
from app.flow.what_next import counting, what_next
from app.store.accounts import get_account
from app.store.answers import answers_of, words_of
from app.store.calls import Call
from app.store.invitations import invitation_of_call


@dataclass(frozen=True)
class Story:
    """`told`: what happened, in order of time, each with details of its own, in `timezone`;
    `now`: what stands and comes next."""

    title: str
    timezone: str
    told: list[tuple[datetime, str, list[str]]] = field(default_factory=list)
    counted: str = ""
    now: list[str] = field(default_factory=list)


def tell_call(session: Session, account_id: UUID, call_id: UUID, *, verbatims: bool = False) -> Story:
    """Without addresses; with the customer's own words only where `verbatims` asks for them. Raises NotFound."""
    account = get_account(session, account_id)
    call = session.get_one(Call, (account_id, call_id))
    invitation = invitation_of_call(session, account_id, call_id)
    view = read_invitation(session, account_id=account_id, invitation_id=invitation.id)
    told = []
    for happening in view["timeline"]:
        words, details = _words(happening, call, view["decision"])
        if happening["event"] == "call.ended":
            details += tell_handlers(session, call)
        if happening["event"] in _DECISIONS:
            details += tell_draw(session, call, invitation)
        told.append((datetime.fromisoformat(happening["at"]), words, details))
    zone = ZoneInfo(account.timezone)
    for answer in answers_of(session, account_id, invitation.id) if verbatims else ():
        if (said := words_of(session, answer)) is not None:
            told.append(
                (answer.answered_at, f"in the customer's words, to {answer.question_key}: {said!r}", [])
            )
    return Story(
        title=(
            f"Call {call.call_id} of {call.source}, account {account.name}\n"
            f"(our ids: call {call.id}, invitation {invitation.id})"
        ),
        timezone=account.timezone,
        told=[
            (at.astimezone(zone), _readable(words, zone), [_readable(detail, zone) for detail in details])
            for at, words, details in sorted(told, key=lambda one: one[0])
        ],
        counted=counting(session, call),
        now=what_next(session, account, call, invitation),
    )


_Happening = Mapping[str, Any]
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d|Z)")


def _readable(words: str, zone: ZoneInfo) -> str:
    """With the moments in it by the same clock as all the others."""
    return _MOMENT.sub(
        lambda found: f"{datetime.fromisoformat(found[0]).astimezone(zone):%Y-%m-%d %H:%M:%S}", words
    )


def _words(happening: _Happening, call: Call, decision: Mapping[str, Any]) -> tuple[str, list[str]]:
    event = str(happening["event"])
    if event in _OF_THE_CALL:
        return _OF_THE_CALL[event](call), []
    if event in _TELL:
        return _TELL[event](happening), _checks(decision) if event in _DECISIONS else []
    subject, _, state = event.partition(".")
    ended = f"{_text(happening)}: {state}{_because(happening)}" if subject == "message" else f"survey {state}"
    return ended, []


def _ended(call: Call) -> str:
    talked = "" if call.talk_seconds is None else f", {call.talk_seconds} s of talk"
    queue = f", queue {call.queue}" if call.queue else ""
    return f"the call ended{f' by the {call.ended_by}' if call.ended_by else ''}{talked}{queue}"


def _received(call: Call) -> str:
    late = (call.received_at - call.ended_at).total_seconds()
    test = ", as a test" if call.is_test else ""
    flags = f", flagged {', '.join(call.flags)}" if call.flags else ""
    return f"reported by {call.source}{test}, {late:.0f} s after its end{flags}"


def _skipped(happening: _Happening) -> str:
    return f"decided: the customer is not asked ({happening['reason']}): {happening['detail']}"


def _checks(decision: Mapping[str, Any]) -> list[str]:
    lines = [
        f"{'passed ' if check['passed'] else 'stopped'}  {check['check']}: {check['detail']}"
        for check in decision.get("checks", [])
    ]
    lines += [f"left out  {question}: {why}" for question, why in decision.get("left_out", {}).items()]
    would = decision.get("would_have_asked")
    if would:
        parts = f"{would['segments']} segment{'s' if would['segments'] > 1 else ''}"
        link = ", and the survey's link on top" if would["link"] else ""
        lines.append(f"would have asked at {would['due_at']} ({parts}{link}): {would['text']}")
        lines.append(f"would have asked for {', '.join(would['questions'])}")
    return lines


_CARRIES = {
    Channel.SMS: "text",
    Channel.EMAIL: "mail",
    Channel.CALLBACK: "call to them",
    Channel.IVR: "survey in the call",
    Channel.LINK: "link",
    None: "message",
}


def _text(happening: _Happening) -> str:
    about = f" {happening['question']}" if happening.get("question") else ""
    return f"{_CARRIES[happening['channel']]} ({happening['purpose']}{about})"


def _because(happening: _Happening) -> str:
    code, detail = happening.get("code"), happening.get("detail")
    if code is not None:
        advice = explain(code)
        return f" ({code}: {advice.meaning}). {advice.advice}"
    return f": {detail}" if detail else ""


def _receipt(happening: _Happening) -> str:
    return f"the carrier's receipt: {happening['status']}{_because(happening)}"


def _attempted(happening: _Happening) -> str:
    return f"request {happening['number']} ended: {happening['outcome']}{_because(happening)}"


def _answered(happening: _Happening) -> str:
    value = "in words" if happening["value"] is None else str(happening["value"])
    revised = f", correction {happening['revision'] - 1}" if happening["revision"] > 1 else ""
    flags = f" ({', '.join(happening['flags'])})" if happening["flags"] else ""
    return f"answered {happening['question']}: {value} by {happening['channel']}{revised}{flags}"


def _resent(happening: _Happening) -> str:
    return f"{_text(happening)}: sent again by hand, by {happening['by']}{_for(happening)}"


def _closed(happening: _Happening) -> str:
    return f"{_text(happening)}: closed by hand, by {happening['by']}{_for(happening)}"


def _for(happening: _Happening) -> str:
    return f" ({happening['reason']})" if happening["reason"] else ""


def _doubled(happening: _Happening) -> str:
    why = "a person had it sent again" if happening["after_a_resend"] else "this must not happen"
    return f"{_text(happening)}: the carrier has it twice, as {happening['provider_id']} too; {why}"


def _reattributed(happening: _Happening) -> str:
    before, after = (happening[name] or "nobody" for name in ("before", "after"))
    return f"it counts for {after}, no longer for {before}, by {happening['by']}{_for(happening)}"


_TELL: Mapping[str, Callable[[_Happening], str]] = {
    "invitation.skipped": _skipped,
    "invitation.scheduled": lambda one: f"decided: the customer is asked, due at {one['due_at']}",
    "invitation.taken_back": lambda one: (
        f"taken back, and nothing was sent ({one['reason']}): {one['detail']}"
    ),
    "message.written": lambda one: f"{_text(one)} written",
    "message.accepted": lambda one: f"{_text(one)}: the carrier took it as {one['provider_id']}",
    "message.delivered": lambda one: f"{_text(one)}: delivered",
    "message.resent": _resent,
    "message.closed": _closed,
    "message.doubled": _doubled,
    "attempt.started": lambda one: f"request {one['number']} to the carrier",
    "attempt.ended": _attempted,
    "receipt": _receipt,
    "text.received": lambda one: f"the customer wrote: {one['understood'] or 'not understood yet'}",
    "telephone.heard": lambda one: f"on the telephone: {one['understood']}",
    "telephone.ended": lambda one: f"the call to them ended: {one['understood'] or one['status']}",
    "telephone.recorded": lambda one: f"the recording of what was spoken: {one['status']}",
    "telephone.transcribed": lambda one: f"writing down what was spoken: {one['status']}",
    "mail.reported": lambda one: f"reported of the mail: {one['understood']}",
    "answer": _answered,
    REATTRIBUTED: _reattributed,
    "invitation.asked": lambda one: f"asked by {one.get('by', 'us')}",
}
_DECISIONS = ("invitation.skipped", "invitation.scheduled")
_OF_THE_CALL: Mapping[str, Callable[[Call], str]] = {"call.ended": _ended, "call.received": _received}
