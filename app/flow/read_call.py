"""A call, and an invitation with its whole timeline: why was this customer (not) asked, and what happened?"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.elsewhere import ELSEWHERE
from app.errors import NotFound
from app.flow.reattribute import REATTRIBUTED
from app.flow.views import call_view, iso
from app.store.answers import answers_of
from app.store.audit import audited_of
from app.store.calls import Call
from app.store.invitations import Invitation, invitation_of_call
from app.store.messages import Attempt, Message, attempts_of, messages_of
from app.store.provider_events import events_of
from app.store.senders import channels_of


def read_call(session: Session, *, account_id: UUID, call_id: UUID) -> dict[str, Any]:
    """Raises NotFound."""
    call = session.get(Call, (account_id, call_id))
    if call is None:
        raise NotFound("No such call")
    return call_view(session, call, invitation_of_call(session, account_id, call_id))


def read_invitation(session: Session, *, account_id: UUID, invitation_id: UUID) -> dict[str, Any]:
    """Without addresses and without the customer's words: for those there is a scope of their own.

    Raises NotFound.
    """
    invitation = session.get(Invitation, (account_id, invitation_id))
    if invitation is None:
        raise NotFound("No such invitation")
    call = session.get_one(Call, (account_id, invitation.call_id))
    happenings = sorted(_happenings(session, call, invitation), key=lambda one: one[0])
    return {
        "id": str(invitation.id),
        "status": invitation.state,
        "skipped": {"reason": invitation.skip_reason} if invitation.skip_reason else None,
        "channel": invitation.channel,
        "language": invitation.language,
        "trigger": invitation.trigger,
        "probability": invitation.probability,
        "survey": {"key": invitation.survey_key, "version": invitation.survey_version}
        if invitation.survey_key
        else None,
        "questions": invitation.questions,
        "call": {"id": str(call.id), "source": call.source, "call_id": call.call_id},
        "due_at": iso(invitation.due_at),
        "not_after": iso(invitation.not_after),
        "asked_at": iso(invitation.asked_at),
        "delivered_at": iso(invitation.delivered_at),
        "delivered_basis": invitation.delivered_basis,
        "responded_at": iso(invitation.responded_at),
        "completed_at": iso(invitation.completed_at),
        "ended_at": iso(invitation.ended_at),
        "edit_until": iso(invitation.edit_until),
        "decision": invitation.decision,
        "timeline": [{"at": iso(at), "event": event, **detail} for at, event, detail in happenings],
    }


_Happening = tuple[datetime, str, dict[str, Any]]
# by what kind of event, other than a text
_COMES = {
    "keys": "telephone.heard",
    "call": "telephone.ended",
    "recording": "telephone.recorded",
    "transcription": "telephone.transcribed",
    "mail_report": "mail.reported",
}


def _happenings(session: Session, call: Call, invitation: Invitation) -> Iterator[_Happening]:
    yield call.ended_at, "call.ended", {"ended_by": call.ended_by}
    yield call.received_at, "call.received", {}
    yield _decided(invitation)
    yield from _put_off(invitation)
    messages = messages_of(session, invitation.account_id, invitation.id)
    abouts = _abouts(session, invitation, messages)
    yield from _sent(messages, abouts)
    attempts = attempts_of(session, invitation.account_id, [message.id for message in messages])
    for attempt in attempts:
        about: dict[str, Any] = {
            "message_id": str(attempt.message_id),
            "attempt_id": str(attempt.id),
            "number": attempt.number,
        }
        yield attempt.started_at, "attempt.started", about
        if attempt.ended_at:
            ended = {"outcome": attempt.outcome, "code": attempt.code, "detail": attempt.detail}
            yield attempt.ended_at, "attempt.ended", {**about, **ended}
    yield from _by_hand(session, invitation.account_id, messages, abouts)
    yield from _reattributed(session, call)
    yield from _doubled(messages, attempts, abouts)
    for event in events_of(session, invitation.account_id, invitation.id):
        if event.kind == "receipt":
            yield (
                event.received_at,
                "receipt",
                {"message_id": str(event.message_id), "status": event.status, "code": event.code},
            )
        else:
            told = {"understood": event.understood}
            if event.status is not None:
                told["status"] = event.status
            yield event.received_at, _COMES.get(event.kind, "text.received"), told
    for answer in answers_of(session, invitation.account_id, invitation.id):
        yield (
            answer.answered_at,
            "answer",
            {
                "question": answer.question_key,
                "value": answer.value,
                "revision": answer.revision,
                "current": answer.is_current,
                "channel": answer.channel,
                "flags": answer.flags,
            },
        )
    if invitation.ended_at:
        if invitation.skip_reason:
            why = {"reason": invitation.skip_reason, "detail": invitation.decision.get("taken_back")}
            yield invitation.ended_at, "invitation.taken_back", why
        else:
            yield invitation.ended_at, f"invitation.{invitation.state}", {}


def _put_off(invitation: Invitation) -> Iterator[_Happening]:
    for told in invitation.decision.get("put_off", []):
        rest = {name: value for name, value in told.items() if name != "at"}
        yield datetime.fromisoformat(told["at"]), "invitation.put_off", rest


_Abouts = Mapping[UUID, dict[str, Any]]


def _abouts(session: Session, invitation: Invitation, messages: Sequence[Message]) -> _Abouts:
    channels = channels_of(session, invitation.account_id, {message.sender_id for message in messages})
    return {
        message.id: {
            "message_id": str(message.id),
            # what no sender of ours brings is the client's or the platform's to bring
            "channel": channels.get(message.sender_id, invitation.channel),
            "purpose": message.purpose,
            "question": message.question_key,
        }
        for message in messages
    }


def _sent(messages: Sequence[Message], abouts: _Abouts) -> Iterator[_Happening]:
    for message in messages:
        about = abouts[message.id]
        yield message.created_at, "message.written", {**about, "due_at": iso(message.due_at)}
        if message.accepted_at:
            yield message.accepted_at, "message.accepted", {**about, "provider_id": message.provider_id}
        if message.delivered_at:
            yield message.delivered_at, "message.delivered", about
        if message.ended_at:
            yield (
                message.ended_at,
                f"message.{message.state}",
                {**about, "code": message.error_code, "detail": message.detail},
            )


def _by_hand(
    session: Session, account_id: UUID, messages: Sequence[Message], abouts: _Abouts
) -> Iterator[_Happening]:
    """What a message had come to, and what a person then decided."""
    known = {message.id: message for message in messages}
    for audit in audited_of(session, account_id, list(known)):
        message = known[audit.subject_id] if audit.subject_id else messages[0]
        about = abouts[message.id]
        was = audit.detail["was"]
        at = datetime.fromisoformat(was["at"]) if was["at"] else audit.at
        yield at, f"message.{was['status']}", {**about, "code": was["code"], "detail": was["detail"]}
        yield audit.at, audit.action, {**about, "by": audit.actor, "reason": audit.detail["reason"]}


def _reattributed(session: Session, call: Call) -> Iterator[_Happening]:
    """For whom it counted, and for whom a person then said that it counts."""
    for audit in audited_of(session, call.account_id, [call.id]):
        if audit.action != REATTRIBUTED:
            continue
        before, after = (audit.detail[name]["agent_id"] for name in ("before", "after"))
        told = {"before": before, "after": after, "by": audit.actor, "reason": audit.detail["reason"]}
        yield audit.at, audit.action, told


def _doubled(
    messages: Sequence[Message], attempts: Sequence[Attempt], abouts: _Abouts
) -> Iterator[_Happening]:
    """A request's id at the carrier that is not its message's: the carrier has both."""
    known = {message.id: message for message in messages}
    for attempt in attempts:
        message = known[attempt.message_id]
        given_up = message.resend_asked_at is not None and not message.doubted
        if attempt.provider_id in (None, message.provider_id) or message.provider_id is None or given_up:
            continue
        times = [at for at in (attempt.ended_at, message.accepted_at) if at is not None]
        yield (
            max(times, default=attempt.started_at),
            "message.doubled",
            {
                **abouts[message.id],
                "attempt_id": str(attempt.id),
                "provider_id": attempt.provider_id,
                "after_a_resend": message.doubted,
            },
        )


def _decided(invitation: Invitation) -> _Happening:
    if invitation.survey_key == ELSEWHERE and invitation.asked_at:
        return invitation.asked_at, "invitation.asked", {"by": "another system"}
    if invitation.skip_reason and invitation.ended_at is None:
        return invitation.created_at, "invitation.skipped", _why(invitation)
    planned = {"due_at": iso(invitation.due_at), "not_after": iso(invitation.not_after)}
    return invitation.created_at, "invitation.scheduled", planned


def _why(invitation: Invitation) -> dict[str, Any]:
    """The reason and what it rests on; a reason that no check gave is the writing statement's own."""
    failed = [check for check in invitation.decision.get("checks", []) if not check["passed"]]
    detail = failed[0]["detail"] if failed else "another call of this customer was decided at the same moment"
    return {"reason": invitation.skip_reason, "detail": detail}
