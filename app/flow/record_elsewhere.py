"""Answers that another system took: kept by the same door as our own, and no text of ours is ever sent for them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, and_, func, select
from sqlalchemy.orm import Session

from app.domain.eligibility import MOST_AHEAD
from app.domain.elsewhere import ELSEWHERE, ELSEWHERE_VERSION, PastResponse, read_key
from app.domain.invitation import InvitationState, can_learn
from app.domain.questionnaire import QUESTIONS, Survey, is_complete
from app.errors import Conflict, Invalid, NotFound
from app.flow.answer_sheet import Evidence, Sheet, put_value, put_words
from app.store.answers import answers_of
from app.store.base import database_now
from app.store.calls import Call
from app.store.events import add_event
from app.store.facts import mark_call_stale
from app.store.invitations import Invitation, lock_invitation_of_call

_SURVEY = Survey(ELSEWHERE, ELSEWHERE_VERSION, active=False)


def record_asked(session: Session, *, account_id: UUID, call_id: UUID, asked_at: datetime) -> None:
    """The other system asked this call's customer: without an answer they count as asked, and as unanswered.

    Raises Conflict where we asked ourselves, Invalid for a time that can't be true.
    """
    invitation = lock_invitation_of_call(session, account_id, call_id)
    _refuse_ours(invitation)
    call = session.get_one(Call, (account_id, call_id))
    check_time("asked_at", asked_at, call, database_now(session))
    if invitation.state == InvitationState.SKIPPED:
        _note_asked(invitation, asked_at)
        _learn(session, invitation, InvitationState.UNANSWERED)
        mark_call_stale(session, account_id, call_id)


def record_answers(session: Session, *, account_id: UUID, response: PastResponse) -> bool:
    """Take what a customer answered elsewhere; False where all of it stood already.

    Another answer to the same question, given at the same time or later, is a revision; one that was given
    earlier than what stands changes nothing. No thanks are sent and no cooldown begins, but NPS counts as asked.

    Raises NotFound for a call that is not known, Conflict where we asked its customer ourselves, Invalid for a
    time that can't be true and where nothing was answered.
    """
    if not response.keys and not response.comment:
        raise Invalid(
            "Nothing was answered.",
            {"csat": "or another answer is needed; who was only asked belongs to the calls, with asked_at"},
        )
    found = _lock_by_name(session, account_id, response.source, response.call_id)
    if found is None:
        raise NotFound(
            f"No call {response.call_id!r} of source {response.source!r} is known: import the calls first."
        )
    call, invitation, now = found
    _refuse_ours(invitation)
    check_time("answered_at", response.answered_at, call, now)
    current = {
        answer.question_key: answer
        for answer in answers_of(session, account_id, invitation.id)
        if answer.is_current
    }
    sheet = Sheet(invitation, _SURVEY, current=dict(current))
    _put(session, sheet, response)
    if sheet.current == current:
        return False
    _settle(session, sheet, response)
    # readers page by the invitation's last change, and a revision may change nothing else of it
    invitation.updated_at = now
    mark_call_stale(session, account_id, call.id)
    add_event(session, account_id, "response.changed", invitation.id)
    return True


def _lock_by_name(
    session: Session, account_id: UUID, source: str, call_id: str
) -> tuple[Call, Invitation, datetime] | None:
    """One statement in place of three: an import asks it of each of a million lines."""
    row = session.execute(
        select(Call, Invitation, func.clock_now(type_=DateTime(timezone=True)))
        .join(Invitation, and_(Invitation.account_id == Call.account_id, Invitation.call_id == Call.id))
        .where(Call.account_id == account_id, Call.source == source, Call.call_id == call_id)
        .with_for_update(of=Invitation)
        .execution_options(populate_existing=True)
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def _refuse_ours(invitation: Invitation) -> None:
    if invitation.state != InvitationState.SKIPPED and invitation.survey_key != ELSEWHERE:
        raise Conflict("We have asked this call's customer ourselves: the answers are theirs to give.")


def check_time(field: str, moment: datetime, call: Call, now: datetime) -> None:
    """Raises Invalid for a time before the call, and for one ahead."""
    if moment < call.started_at:
        raise Invalid("The time can't be true.", {field: "lies before the call"})
    if moment > now + MOST_AHEAD:
        raise Invalid("The time can't be true.", {field: "lies more than 10 minutes ahead"})


def _put(session: Session, sheet: Sheet, response: PastResponse) -> None:
    evidence = Evidence(response.channel, response.answered_at, wording=ELSEWHERE)
    for question_key, key in response.keys.items():
        if not _is_overtaken(sheet, question_key, response.answered_at):
            value, scale = read_key(question_key, key, response.scale)
            put_value(
                session,
                sheet,
                question_key,
                value,
                words=str(key),
                flags=(),
                evidence=evidence,
                scale=scale,
            )
    if response.comment and not _is_overtaken(sheet, "comment", response.answered_at):
        put_words(session, sheet, "comment", response.comment, append=False, evidence=evidence)


def _is_overtaken(sheet: Sheet, question_key: str, answered_at: datetime) -> bool:
    """So that a file with an answer and its correction, imported again, does not go back and forth."""
    standing = sheet.current.get(question_key)
    return standing is not None and answered_at < standing.answered_at


def _settle(session: Session, sheet: Sheet, response: PastResponse) -> None:
    """Where the answers put the invitation: finished with all that had to be answered, otherwise partial."""
    invitation, at = sheet.invitation, response.answered_at
    if invitation.asked_at is None:
        _note_asked(invitation, at)
    # what was asked first is what completion is judged by; later imports add what they bring answers to
    asked = {*invitation.questions, *sheet.current} if invitation.questions else {*response.questions}
    invitation.questions = [key for key in QUESTIONS if key in asked]
    invitation.channel = response.channel
    invitation.language = response.language or invitation.language
    if sheet.scored:
        invitation.responded_at = invitation.responded_at or at
        if invitation.completed_at is None and is_complete(sheet.order, sheet.scored, ()):
            invitation.completed_at = at
    done = invitation.completed_at is not None
    if _learn(session, invitation, InvitationState.FINISHED if done else InvitationState.PARTIAL):
        invitation.ended_at = at


def _note_asked(invitation: Invitation, asked_at: datetime) -> None:
    """Of our own decision not to ask, its checks stay; what we would have asked, and how, does not."""
    invitation.survey_key = ELSEWHERE
    invitation.survey_version = ELSEWHERE_VERSION
    invitation.questions = []
    # our sampling had no part in it
    invitation.probability = 1.0
    # no text of this customer may be taken for an answer to it
    invitation.sender_id = None
    invitation.asked_at = asked_at
    invitation.delivered_at = asked_at
    invitation.delivered_basis = "assumed"


def _learn(session: Session, invitation: Invitation, state: InvitationState) -> bool:
    if not can_learn(InvitationState(invitation.state), state):
        return False
    invitation.state = state
    invitation.skip_reason = None
    add_event(session, invitation.account_id, f"invitation.{state}", invitation.id)
    return True
