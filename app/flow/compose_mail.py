"""The mail that asks, and the one reminder: made anew from what is stored each time that it is tried."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.channels.mail_page import Choice, MailPage, html_of, text_of
from app.channels.parcel import Mail
from app.domain.channel import Channel
from app.flow.answer_sheet import read_sheet
from app.store.accounts import Account, get_account
from app.store.base import database_now
from app.store.calls import Call
from app.store.invitations import Invitation
from app.wording.catalogue import mail_texts, page_texts
from app.wording.moments import written_day, written_moment


def compose_mail(
    session: Session,
    *,
    account_id: UUID,
    invitation_id: UUID,
    message_id: UUID,
    public_url: str,
    token: str,
    purpose: str,
) -> Mail:
    """`purpose`: "ask" or "reminder". `token`: of the message's link, for the survey and for unsubscribing alike.

    All but the date is the same at every try; the Message-ID above all, by which receivers know a repeat.
    """
    account = get_account(session, account_id)
    brand = _line(account.brand)
    invitation = session.get_one(Invitation, (account_id, invitation_id))
    occasion = _occasion(session, account, invitation, is_reminder=purpose == "reminder")
    page = mail_page(account, occasion, public_url, token)
    return Mail(
        message_id=mail_id(message_id, public_url),
        from_name=brand,
        subject=page.subject,
        text=text_of(page),
        html=html_of(page),
        headers={
            "Date": format_datetime(database_now(session)),
            "Content-Language": page.language,
            "Auto-Submitted": "auto-generated",
            # Exchange's word for the same: no notes of absence
            "X-Auto-Response-Suppress": "All",
            "List-Id": f"<feedback-{account_id.hex}.{_host(public_url)}>",
            "List-Unsubscribe": f"<{page.unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


def mail_id(message_id: UUID, public_url: str) -> str:
    """The Message-ID of a message, and its id at the provider."""
    return f"<{message_id.hex}@{_host(public_url)}>"


def _host(public_url: str) -> str:
    return urlsplit(public_url).hostname or "localhost"


@dataclass(frozen=True)
class Occasion:
    """What a mail is about. `called_at`: on the customer's clock; `question`: the one that waits, None for none."""

    language: str
    called_at: datetime
    question: str | None
    transferred: bool
    is_reminder: bool


def mail_page(account: Account, occasion: Occasion, public_url: str, token: str) -> MailPage:
    """The mail's words and links; the same for a preview."""
    texts, words = mail_texts(occasion.language), page_texts(occasion.language)
    brand, hotline = _line(account.brand), _line(account.hotline or "")
    when = written_moment(occasion.called_at, texts.language)
    when_day = written_day(occasion.called_at, texts.language)
    is_reminder, first = occasion.is_reminder, occasion.question
    url = f"{public_url}/s/{token}"
    return MailPage(
        language=texts.language,
        subject=_line(texts.reminder_subject(when_day) if is_reminder else texts.subject(when_day)),
        preheader=texts.preheader(brand),
        greeting=texts.reminder(brand, when) if is_reminder else texts.greeting(brand, when),
        question=words.prompt(first, brand, transferred=occasion.transferred) if first else "",
        choices=tuple(
            Choice(value, label, f"{url}?{first}={value}")
            for value, label in (words.options(first) if first else ())
        ),
        url=url,
        open_page=texts.open_page,
        note=texts.note,
        help=texts.help(hotline),
        privacy=texts.privacy,
        privacy_url=account.privacy_url or "",
        unsubscribe=texts.unsubscribe,
        unsubscribe_url=f"{public_url}/unsubscribe/{token}",
    )


def _occasion(session: Session, account: Account, invitation: Invitation, *, is_reminder: bool) -> Occasion:
    call = session.get_one(Call, (account.id, invitation.call_id))
    return Occasion(
        language=invitation.language,
        called_at=call.started_at.astimezone(ZoneInfo(call.timezone or account.timezone)),
        question=read_sheet(session, invitation, Channel.EMAIL).waiting,
        transferred=call.last_of_several,
        is_reminder=is_reminder,
    )


def _line(words: str) -> str:
    """An account's own words on one line: a header that holds more than one is somebody else's."""
    return " ".join("".join(one if one.isprintable() else " " for one in words).split())
