"""What we text back: each text is a message row that is committed with the answer it follows."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from app.flow.answer_sheet import Sheet
from app.store.accounts import Account
from app.store.contacts import note_nps_asked, why_barred
from app.store.invitations import Invitation
from app.store.messages import Message, add_message, put_off_thanks, take_back_follow_ups
from app.wording.catalogue import question_text, render, repeat_text, wording_version
from app.wording.texts import TextKey

# The customer has just written, so it is their hour; an hour later it may be night, and the moment is gone.
ANSWER_WITHIN = timedelta(hours=1)
# Two machines answering each other stop here; a person with four questions never comes near.
_MOST_TEXTS = 14


def ask_next(session: Session, account: Account, sheet: Sheet, now: datetime, *, transferred: bool) -> None:
    """The next question, or thanks when there is none; a question overtaken by its answer is taken back."""
    take_back_questions(session, sheet.invitation, now)
    waiting = sheet.waiting
    if waiting is None:
        _close_with_thanks(session, account, sheet, now)
        return
    body = question_text(
        waiting,
        sheet.invitation.language,
        brand=account.brand,
        csat=sheet.scored.get("csat"),
        transferred=transferred,
    )
    say(session, sheet.invitation, "question", body, now, question_key=waiting)
    if waiting == "nps" and sheet.invitation.contact_id is not None:
        note_nps_asked(session, account.id, sheet.invitation.contact_id, now)


def take_back_questions(session: Session, invitation: Invitation, now: datetime) -> None:
    """What was answered before it was sent is not sent; what is on its way is not tried a second time."""
    take_back_follow_ups(session, invitation.account_id, invitation.id)
    session.execute(
        update(Message)
        .where(
            Message.account_id == invitation.account_id,
            Message.invitation_id == invitation.id,
            Message.purpose.in_(("question", "repeat")),
            Message.state.in_(("claimed", "unknown")),
        )
        .values(send_before=now, not_after=now)
    )
    _settle_doubts(session, invitation)


def _settle_doubts(session: Session, invitation: Invitation) -> None:
    """What has been answered arrived, whatever the carrier could or could not tell of it."""
    session.execute(
        update(Message)
        .where(
            Message.account_id == invitation.account_id,
            Message.invitation_id == invitation.id,
            Message.purpose.in_(("question", "repeat")),
            or_(Message.state == "in_doubt", and_(Message.state == "unknown", Message.doubted)),
        )
        .values(state="accepted", next_look_at=None, ended_at=None)
    )


def ask_again(session: Session, account: Account, sheet: Sheet, now: datetime) -> None:
    """One helpful repeat per question; after that the customer is left in peace."""
    waiting = sheet.waiting
    if waiting is None or _has_said(session, sheet.invitation, "repeat", waiting):
        return
    if _is_on_its_way(session, sheet.invitation, waiting):
        return
    body = repeat_text(waiting, sheet.invitation.language, brand=account.brand)
    say(session, sheet.invitation, "repeat", body, now, question_key=waiting)


def confirm_correction(
    session: Session, account: Account, sheet: Sheet, answer: tuple[str, int], now: datetime
) -> None:
    question_key, value = answer
    body = render(
        TextKey.CORRECTED,
        sheet.invitation.language,
        brand=account.brand,
        question=question_key,
        value=value,
    )
    say(session, sheet.invitation, "corrected", body, now, question_key=question_key)


def noted_last(session: Session, invitation: Invitation) -> tuple[str, datetime] | None:
    """(question, when) of the newest score that we repeated to the customer: a correction is about that one."""
    row = session.execute(
        select(Message.question_key, Message.created_at)
        .where(
            Message.account_id == invitation.account_id,
            Message.invitation_id == invitation.id,
            Message.purpose.in_(("corrected", "thanks")),
            Message.question_key.is_not(None),
        )
        .order_by(Message.created_at.desc())
        .limit(1)
    ).first()
    return None if row is None else (row.question_key, row.created_at)


def say_once(
    session: Session, account: Account, invitation: Invitation, purpose: TextKey, now: datetime
) -> None:
    """A text without a question (stopped, restarted, late), at most once per survey."""
    if not _has_said(session, invitation, purpose.value):
        body = render(purpose, invitation.language, brand=account.brand, hotline=account.hotline)
        say(session, invitation, purpose.value, body, now)


def say(
    session: Session,
    invitation: Invitation,
    purpose: str,
    body: str,
    now: datetime,
    *,
    question_key: str | None = None,
    after: timedelta = timedelta(0),
) -> None:
    contact_id = invitation.contact_id
    if contact_id is None or why_barred(session, invitation.account_id, contact_id, purpose):
        return
    if purpose != TextKey.STOPPED and _said_so_far(session, invitation) >= _MOST_TEXTS:
        return
    until = now + after + ANSWER_WITHIN
    add_message(
        session,
        account_id=invitation.account_id,
        invitation_id=invitation.id,
        contact_id=invitation.contact_id,
        sender_id=invitation.sender_id,
        purpose=purpose,
        question_key=question_key,
        language=invitation.language,
        wording_version=wording_version(invitation.language),
        body=body,
        due_at=now + after,
        send_before=until,
        not_after=until,
    )


def _close_with_thanks(session: Session, account: Account, sheet: Sheet, now: datetime) -> None:
    """After the last answer at once; after a comment when nothing more came for some minutes."""
    invitation = sheet.invitation
    quiet = timedelta(seconds=sheet.survey.comment_quiet_seconds if "comment" in sheet.current else 0)
    if _has_said(session, invitation, "thanks"):
        put_off_thanks(session, invitation.account_id, invitation.id, now + quiet, ANSWER_WITHIN)
        return
    csat = sheet.scored.get("csat")
    body, noted = render(TextKey.THANKS, invitation.language, brand=account.brand), None
    if "comment" not in sheet.order and csat is not None and csat <= 2:
        # without a comment prompt nothing has told the customer how their key was read
        noted = "csat"
        body = render(TextKey.CORRECTED, invitation.language, brand=account.brand, question=noted, value=csat)
    say(session, invitation, "thanks", body, now, question_key=noted, after=quiet)


def _has_said(
    session: Session, invitation: Invitation, purpose: str, question_key: str | None = None
) -> bool:
    return _exists(
        session,
        invitation,
        Message.purpose == purpose,
        *([Message.question_key == question_key] if question_key else []),
    )


def _is_on_its_way(session: Session, invitation: Invitation, question_key: str) -> bool:
    return _exists(
        session, invitation, Message.question_key == question_key, Message.state.in_(("due", "claimed"))
    )


def _exists(session: Session, invitation: Invitation, *such: ColumnElement[bool]) -> bool:
    found = session.scalar(
        select(Message.id)
        .where(Message.account_id == invitation.account_id, Message.invitation_id == invitation.id, *such)
        .limit(1)
    )
    return found is not None


def _said_so_far(session: Session, invitation: Invitation) -> int:
    said = session.scalar(
        select(func.count())
        .select_from(Message)
        .where(Message.account_id == invitation.account_id, Message.invitation_id == invitation.id)
    )
    return said or 0
