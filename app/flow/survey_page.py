"""The signed link: what the form shows, and what a submitted one does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.invitation import InvitationState
from app.domain.questionnaire import QUESTIONS
from app.domain.text import clean
from app.errors import Invalid
from app.flow.answer_sheet import Evidence, Sheet, put_value, put_words, read_sheet, settle
from app.flow.conversation import take_back_questions
from app.store.accounts import get_account
from app.store.answers import words_of
from app.store.base import database_now
from app.store.calls import Call
from app.store.invitations import Invitation, lock_invitation
from app.store.keyring import hash_token
from app.store.messages import Message


@dataclass(frozen=True)
class SurveyPage:
    """`called_at` is on the customer's clock; `values` and `comment` are what stands so far."""

    account_id: UUID
    invitation_id: UUID
    language: str
    brand: str
    hotline: str | None
    called_at: datetime
    transferred: bool
    questions: tuple[str, ...]
    values: Mapping[str, int]
    comment: str | None


@dataclass(frozen=True)
class Taken:
    """`change_until`: until when the answers may be changed, on the customer's clock."""

    page: SurveyPage
    change_until: datetime


def open_page(session: Session, token: str) -> SurveyPage | None:
    """What the form shows; None for a link that is wrong or takes no answers any more (they look the same).

    Reads only: mail scanners and previews open links that no customer has touched.
    """
    found = _invitation_of(session, token)
    if found is None:
        return None
    sheet = read_sheet(session, session.get_one(Invitation, found))
    return _page(session, sheet) if sheet.takes_answers(database_now(session)) else None


def record_page(session: Session, token: str, values: Mapping[str, int], comment: str | None) -> Taken | None:
    """Take a submitted form; None as for `open_page`. The last submission counts, those before are kept.

    `values`: question key -> value; what was left empty is not among them. Raises Invalid for a question or a
    value that the survey doesn't have, and for a form with nothing in it.
    """
    found = _invitation_of(session, token)
    if found is None:
        return None
    sheet = read_sheet(session, lock_invitation(session, *found))
    now = database_now(session)
    if not sheet.takes_answers(now):
        return None
    words = clean(comment or "").strip()
    _check(sheet, values, words)
    evidence = Evidence("page", now)
    for question_key, value in values.items():
        put_value(session, sheet, question_key, value, words=str(value), flags=(), evidence=evidence)
    if words:
        put_words(session, sheet, "comment", words, append=False, evidence=evidence)
    settle(session, sheet, now)
    invitation = sheet.invitation
    # who answers on the page is not asked the same by text; a text that is on its way may still cross
    take_back_questions(session, invitation, now)
    until = invitation.edit_until if invitation.state == InvitationState.FINISHED else invitation.close_at
    page = _page(session, sheet)
    return Taken(page, (until or now).astimezone(page.called_at.tzinfo))


def _invitation_of(session: Session, token: str) -> tuple[UUID, UUID] | None:
    # before the account is known, the token's hash is all there is: 128 random bits, so no other tenant's
    row = session.execute(
        select(Message.account_id, Message.invitation_id).where(Message.token_hash == hash_token(token))
    ).one_or_none()
    return None if row is None else (row.account_id, row.invitation_id)


def _page(session: Session, sheet: Sheet) -> SurveyPage:
    invitation = sheet.invitation
    account = get_account(session, invitation.account_id)
    call = session.get_one(Call, (invitation.account_id, invitation.call_id))
    comment = sheet.current.get("comment")
    return SurveyPage(
        account_id=invitation.account_id,
        invitation_id=invitation.id,
        language=invitation.language,
        brand=account.brand,
        hotline=account.hotline,
        called_at=call.started_at.astimezone(ZoneInfo(call.timezone or account.timezone)),
        transferred=call.transferred_from is not None,
        questions=sheet.order if "comment" in sheet.order else (*sheet.order, "comment"),
        values=sheet.scored,
        comment=words_of(session, comment) if comment else None,
    )


def _check(sheet: Sheet, values: Mapping[str, int], words: str) -> None:
    problems = {}
    for question_key, value in values.items():
        question = QUESTIONS.get(question_key)
        if question is None or question.scale is None or question_key not in sheet.order:
            problems[question_key] = "is not asked in this survey"
        elif value not in question.scale:
            problems[question_key] = f"is a number from {question.scale.low} to {question.scale.high}"
    if problems:
        raise Invalid("Some answers can't be taken as they are.", problems)
    if not values and not words:
        raise Invalid("Nothing was answered.", {"csat": "choose one, or write a comment"})
