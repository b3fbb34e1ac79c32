"""An account's countries and daily caps, looked at before its customers are asked, and counted when they are."""

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain.candidate import Phone
from app.domain.channel import Channel
from app.domain.sending_limits import LIMITED, SendingLimits, sending_limits
from app.store.accounts import Account
from app.store.sending_days import begun_today, count_begun, ranges_of


def used_up(
    session: Session, account_id: UUID, limits: SendingLimits, phone: Phone, today: date
) -> str | None:
    """Which cap is, in words. Read before the writing statement counts: calls of the same moment may pass it, and
    what they lead to is stopped by the claim."""
    if not limits.counts or phone.e164 is None:
        return None
    return limits.used_up(begun_today(session, account_id, today, phone.e164), phone.e164)


def counted(limits: SendingLimits, channel: Channel, phone: Phone, today: date) -> dict[str, Any]:
    """What of a plan makes the statement that accepts a call count it."""
    if not limits.counts or channel not in LIMITED or phone.e164 is None:
        return {}
    return {"counted_on": today, "counted": ranges_of(phone.e164)}


def is_within_limits(
    session: Session,
    account: Account,
    channel: Channel,
    phone: Phone,
    now: datetime,
    *,
    is_counted: bool = False,
) -> bool:
    """Whether a survey that is under way may go on by that channel. `is_counted`: by another one of these
    already."""
    limits = sending_limits(account.settings)
    if channel not in LIMITED:
        return True
    if not limits.allows(phone.region):
        return False
    return is_counted or used_up(session, account.id, limits, phone, _today(account, now)) is None


def count(session: Session, account: Account, channel: Channel, phone: Phone, now: datetime) -> None:
    if counted(sending_limits(account.settings), channel, phone, _today(account, now)):
        count_begun(session, account.id, _today(account, now), phone.e164 or "")


def _today(account: Account, now: datetime) -> date:
    return now.astimezone(ZoneInfo(account.timezone)).date()
