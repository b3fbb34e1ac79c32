"""Ratings that a platform's own IVR took: through the same door as the answers that were given to us."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.elsewhere import ELSEWHERE, PastResponse, Ratings, read_key
from app.domain.invitation import InvitationState
from app.domain.questionnaire import QUESTIONS
from app.errors import Conflict, Invalid
from app.flow.answer_sheet import Evidence, Sheet, put_value, put_words, read_sheet, settle
from app.flow.conversation import take_back_questions
from app.flow.read_call import read_invitation
from app.flow.record_elsewhere import check_time, record_answers
from app.store.base import database_now
from app.store.calls import Call
from app.store.invitations import Invitation, lock_invitation_of_call


def take_ratings(session: Session, *, account_id: UUID, call_id: UUID, ratings: Ratings) -> dict[str, Any]:
    """The call's invitation as it then stands.

    A customer whom we would not have asked has answered none the less, and it counts. Where we have asked or are
    about to, these are the answers to our survey, and what was still to be asked is taken back.

    Raises NotFound, Conflict where our survey takes no answers any more, and Invalid for a time that can't be true
    and where nothing was answered.
    """
    if not ratings.keys and not ratings.comment:
        raise Invalid("Nothing was answered.", {"csat": "or another answer is needed"})
    invitation = lock_invitation_of_call(session, account_id, call_id)
    call = session.get_one(Call, (account_id, call_id))
    now = database_now(session)
    at = ratings.answered_at or now
    if invitation.state == InvitationState.SKIPPED or invitation.survey_key == ELSEWHERE:
        record_answers(session, account_id=account_id, response=_as_response(call, ratings, at))
    else:
        check_time("answered_at", at, call, now)
        _answer_ours(session, invitation, ratings, min(at, now), now)
    session.flush()
    return read_invitation(session, account_id=account_id, invitation_id=invitation.id)


def _as_response(call: Call, ratings: Ratings, at: datetime) -> PastResponse:
    return PastResponse(
        source=call.source,
        call_id=call.call_id,
        answered_at=at,
        channel=ratings.channel,
        questions=tuple(ratings.keys) + (("comment",) if ratings.comment else ()),
        keys=ratings.keys,
        comment=ratings.comment,
        language=ratings.language,
        scale=ratings.scale,
    )


def _answer_ours(
    session: Session, invitation: Invitation, ratings: Ratings, at: datetime, now: datetime
) -> None:
    sheet = read_sheet(session, invitation)
    if not sheet.takes_answers(now):
        raise Conflict("This call's survey takes no answers any more.")
    evidence = Evidence(ratings.channel, at, wording=ELSEWHERE)
    before = dict(sheet.current)
    # completion is judged by what was asked: here, also by the platform
    asked = [key for key in QUESTIONS if key in ratings.keys and key not in sheet.order]
    invitation.questions = [*invitation.questions, *asked]
    for question, key in ratings.keys.items():
        if _is_newer(sheet, question, at):
            value, scale = read_key(question, key, ratings.scale)
            put_value(
                session, sheet, question, value, words=str(key), flags=(), evidence=evidence, scale=scale
            )
    if ratings.comment and _is_newer(sheet, "comment", at):
        put_words(session, sheet, "comment", ratings.comment, append=False, evidence=evidence)
    if sheet.current != before:
        settle(session, sheet, now)
        take_back_questions(session, invitation, now)


def _is_newer(sheet: Sheet, question: str, at: datetime) -> bool:
    """Than what stands: what the customer has said since, to us, is their last word."""
    standing = sheet.current.get(question)
    return standing is None or standing.answered_at <= at
