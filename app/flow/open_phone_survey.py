"""A telephone is answered, or a call that goes on is brought to us: whether a survey begins, and which."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.channels.twilio_voice import VoiceRequest
from app.domain.call import CallEnd
from app.domain.callback import is_machine
from app.domain.channel import Channel
from app.domain.invitation import ANSWERABLE, InvitationState
from app.flow.answer_sheet import read_sheet
from app.flow.asking import Asking
from app.flow.conversation import take_back_questions
from app.flow.hang_up import close_when_silent
from app.flow.message_outcomes import move_invitation, note_accepted, note_delivered
from app.flow.phone_survey import Spoken, stand, start
from app.flow.receive_call import receive_call
from app.log import get_logger
from app.store.base import database_now
from app.store.calls import find_call
from app.store.facts import mark_call_stale
from app.store.invitations import Invitation, lock_invitation, lock_invitation_of_call
from app.store.messages import Message, lock_message, take_back_asks
from app.store.phone_surveys import begin_phone_survey, phone_survey_of
from app.store.senders import accounts_behind, accounts_of_provider
from app.tally import happened

log = get_logger(__name__)

# the fingerprint of a call that is known by its survey alone: no report is the same
_NO_REPORT = b"known by the survey in it"


def open_callback(
    session: Session, request: VoiceRequest, *, account_id: UUID, message_id: UUID
) -> Spoken | None:
    """Somebody answered the call of an ask. Only its first call hears a survey, and no machine does: None is to be
    hung up on."""
    message = session.get(Message, (account_id, message_id))
    if message is None or account_id not in accounts_of_provider(session, request.account_sid):
        log.warning("a call of no ask", account_id=str(account_id), message_id=str(message_id))
        return None
    invitation = lock_invitation(session, account_id, message.invitation_id)
    message = lock_message(session, account_id, message_id)
    phone = begin_phone_survey(
        session,
        account_id,
        invitation_id=invitation.id,
        message_id=message_id,
        provider_account=request.account_sid,
        call_sid=request.call_sid,
        answered_by=request.answered_by,
    )
    if phone is None:
        phone = phone_survey_of(session, account_id, request.call_sid)
        if phone is None or phone.message_id != message_id:
            log.error(
                "a second call of one ask is hung up", account_id=str(account_id), message_id=str(message_id)
            )
            return None
        return stand(session, phone, read_sheet(session, invitation, Channel.IVR))
    now = database_now(session)
    # who asks what to say has the call, whatever came back to us from the request for it
    note_accepted(session, invitation, message, provider_id=request.call_sid, now=now)
    # of two, the one that is served: what becomes of the other means nothing
    message.provider_id = request.call_sid
    if is_machine(request.answered_by):
        happened(session, "calls_answered", "machine")
        return None
    happened(session, "calls_answered", "person")
    note_delivered(session, invitation, message, now)
    _end_other_ways(session, invitation, now)
    return start(session, phone, read_sheet(session, invitation, Channel.IVR))


@dataclass(frozen=True)
class Ongoing:
    """A call in which the agent has left, as its platform tells: `source` and `call_id` will be in its report."""

    source: str
    call_id: str
    customer: str
    agent_id: str | None = None
    queue: str | None = None
    language: str | None = None


def account_of(session: Session, request: VoiceRequest, named: UUID | None) -> UUID | None:
    """Whose call it is: the account that the address names, else whose number was called, else the only one."""
    accounts = accounts_of_provider(session, request.account_sid)
    if named is not None:
        return named if named in accounts else None
    called = request.sender if request.is_outbound else request.to
    behind = {account_id for account_id, _ in accounts_behind(session, request.account_sid, called, None)}
    for candidates in (behind, set(accounts)):
        if len(candidates) == 1:
            return candidates.pop()
    return None


def open_in_call(
    session: Session, request: VoiceRequest, *, asking: Asking, ongoing: Ongoing
) -> Spoken | None:
    """The agent has left and the customer stays. None is to be hung up on: nobody talked, or they are not asked.

    A call that was not reported yet is accepted by what is known of it; its report completes it.
    """
    account_id = asking.account_id
    if not request.bridged:
        return None
    phone = phone_survey_of(session, account_id, request.call_sid)
    if phone is not None:
        invitation = lock_invitation(session, account_id, phone.invitation_id)
        phone = phone_survey_of(session, account_id, request.call_sid) or phone
        return stand(session, phone, read_sheet(session, invitation, Channel.IVR))
    known = find_call(session, account_id, ongoing.source, ongoing.call_id)
    created = known is None and _accept(session, request, asking, ongoing)
    call = known or find_call(session, account_id, ongoing.source, ongoing.call_id)
    assert call is not None  # noqa: S101 - accepted, by us or by a report of this moment
    invitation = lock_invitation_of_call(session, account_id, call.id)
    now = database_now(session)
    phone = begin_phone_survey(
        session,
        account_id,
        invitation_id=invitation.id,
        message_id=None,
        provider_account=request.account_sid,
        call_sid=request.call_sid,
        answered_by=None,
        awaits_report=created,
    )
    if phone is None:
        # asked for twice at once
        phone = phone_survey_of(session, account_id, request.call_sid)
        return stand(session, phone, read_sheet(session, invitation, Channel.IVR)) if phone else None
    if invitation.state == InvitationState.SKIPPED:
        log.info("not asked in the call", account_id=str(account_id), reason=invitation.skip_reason)
        return None
    sheet = read_sheet(session, invitation, Channel.IVR)
    if sheet.takes_answers(now) and invitation.state in ANSWERABLE:
        _take_over(session, invitation, now)
    return start(session, phone, sheet)


def _accept(session: Session, request: VoiceRequest, asking: Asking, ongoing: Ongoing) -> bool:
    """Whether the call became known by this; otherwise a report was first."""
    now = database_now(session)
    talked = timedelta(seconds=request.talk_seconds or 0)
    call = CallEnd(
        call_id=ongoing.call_id,
        source=ongoing.source,
        direction="outbound" if request.is_outbound else "inbound",
        started_at=now - talked - timedelta(seconds=request.wait_seconds or 0),
        answered_at=now - talked,
        ended_at=now,
        agent_id=ongoing.agent_id,
        queue=ongoing.queue,
        phone=ongoing.customer,
        language=ongoing.language,
        talk_seconds=request.talk_seconds,
        wait_seconds=request.wait_seconds,
    )
    return receive_call(session, asking=asking, call=call, body_hash=_NO_REPORT, in_call=True).created


def _take_over(session: Session, invitation: Invitation, now: datetime) -> None:
    """Asked here and now: nothing else is sent, and they hear it for certain."""
    if invitation.state == InvitationState.SCHEDULED:
        invitation.channel = Channel.IVR
    invitation.asked_at = invitation.asked_at or now
    move_invitation(session, invitation, InvitationState.ASKED)
    if invitation.delivered_basis != "receipt":
        invitation.delivered_at = invitation.delivered_at or now
        invitation.delivered_basis = "receipt"
        mark_call_stale(session, invitation.account_id, invitation.call_id)
    _end_other_ways(session, invitation, now)


def _end_other_ways(session: Session, invitation: Invitation, now: datetime) -> None:
    """They are on the telephone: nothing else is sent meanwhile."""
    session.flush()
    take_back_asks(session, invitation.account_id, invitation.id, "asked on the telephone")
    take_back_questions(session, invitation, now)
    close_when_silent(session, invitation, now)
    session.flush()
