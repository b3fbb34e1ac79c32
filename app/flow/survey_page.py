"""The signed link: what the page shows, and what becomes of what is given on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.channel import Channel
from app.domain.invitation import InvitationState
from app.domain.questionnaire import QUESTIONS, Conditions
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

# of one comment on the page, in characters; told before it is reached, and refused rather than cut off
MOST_WORDS = 2_000
# beyond it by any reading; what the browser counts as one may be several to us
_MOST_CLEANED = 2 * MOST_WORDS


@dataclass(frozen=True)
class SurveyPage:
    """`called_at` and `change_until` are on the customer's clock; `values` and `comment` are what stands so far.

    `finished`: answered to the end; `change_until`: until when an answer may still be given or changed.
    `only_if`: which questions depend on which answers to others.
    """

    account_id: UUID
    invitation_id: UUID
    language: str
    brand: str
    hotline: str | None
    privacy_url: str | None
    called_at: datetime
    transferred: bool
    questions: tuple[str, ...]
    only_if: Conditions
    values: Mapping[str, int]
    comment: str | None
    finished: bool
    change_until: datetime


def open_page(session: Session, token: str) -> SurveyPage | None:
    """What the page shows; None for a link that is wrong or takes no answers any more (they look the same).

    Reads only: mail scanners and previews open links that no customer has touched.
    """
    found = _invitation_of(session, token)
    if found is None:
        return None
    sheet = read_sheet(session, session.get_one(Invitation, found), Channel.LINK)
    now = database_now(session)
    return _page(session, sheet, now) if sheet.takes_answers(now) else None


def record_page(
    session: Session, token: str, values: Mapping[str, int], comment: str | None, *, sent: bool = True
) -> bool:
    """Take what was given on the page; False where `open_page` is None. The last counts, those before are kept.

    `values`: question key -> value; what was left empty is not among them. `comment`: None leaves what stands,
    "" takes it back. `sent`: the customer sends the form; otherwise these answers are kept as they are given, and
    more may follow. Raises Invalid for a question or a value that the survey doesn't have, for a comment that is
    too long, and for a form with nothing in it.
    """
    found = _invitation_of(session, token)
    if found is None:
        return False
    sheet = read_sheet(session, lock_invitation(session, *found), Channel.LINK)
    now = database_now(session)
    if not sheet.takes_answers(now):
        return False
    words = None if comment is None else clean(comment, _MOST_CLEANED).strip()
    _check(sheet, values, words, sent=sent)
    evidence = Evidence("page", now)
    for question_key, value in values.items():
        put_value(session, sheet, question_key, value, words=str(value), flags=(), evidence=evidence)
    if words is not None and (words or "comment" in sheet.current):
        put_words(session, sheet, "comment", words or None, append=False, evidence=evidence)
    settle(session, sheet, now, sent=sent)
    # who answers on the page is not asked the same by text; a text that is on its way may still cross
    take_back_questions(session, sheet.invitation, now)
    return True


def _invitation_of(session: Session, token: str) -> tuple[UUID, UUID] | None:
    # before the account is known, the token's hash is all there is: 128 random bits, so no other tenant's
    row = session.execute(
        select(Message.account_id, Message.invitation_id).where(Message.token_hash == hash_token(token))
    ).one_or_none()
    return None if row is None else (row.account_id, row.invitation_id)


def _page(session: Session, sheet: Sheet, now: datetime) -> SurveyPage:
    invitation = sheet.invitation
    account = get_account(session, invitation.account_id)
    call = session.get_one(Call, (invitation.account_id, invitation.call_id))
    zone = ZoneInfo(call.timezone or account.timezone)
    comment = sheet.current.get("comment")
    finished = invitation.state == InvitationState.FINISHED
    until = (invitation.edit_until if finished else invitation.close_at) or now
    return SurveyPage(
        account_id=invitation.account_id,
        invitation_id=invitation.id,
        language=invitation.language,
        brand=account.brand,
        hotline=account.hotline,
        privacy_url=account.privacy_url,
        called_at=call.started_at.astimezone(zone),
        transferred=call.last_of_several,
        questions=_questions(sheet),
        only_if=sheet.survey.only_if,
        values=sheet.scored,
        comment=words_of(session, comment) if comment else None,
        finished=finished,
        change_until=until.astimezone(zone),
    )


def _questions(sheet: Sheet) -> tuple[str, ...]:
    """Whoever has come this far may say it in their own words, whether or not the survey asks for them."""
    return sheet.order if "comment" in sheet.order else (*sheet.order, "comment")


def _check(sheet: Sheet, values: Mapping[str, int], words: str | None, *, sent: bool) -> None:
    problems = {}
    for question_key, value in values.items():
        question = QUESTIONS.get(question_key)
        if question is None or question.scale is None or question_key not in sheet.order:
            problems[question_key] = "is not asked in this survey"
        elif value not in question.scale:
            problems[question_key] = f"is a number from {question.scale.low} to {question.scale.high}"
    if words and len(words) > MOST_WORDS:
        problems["comment"] = f"has at most {MOST_WORDS} characters"
    if problems:
        raise Invalid("Some answers can't be taken as they are.", problems)
    # a comment that was emptied before it could be kept is nothing to complain of
    takes_back = words is not None and ("comment" in sheet.current or not sent)
    if not values and not words and not takes_back:
        raise Invalid("Nothing was answered.", {_questions(sheet)[0]: "choose one, or write a comment"})
