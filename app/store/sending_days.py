"""How many surveys an account has begun on a day, in all and to each range of numbers, where it has caps."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.sending_limits import EVERY_NUMBER, range_of
from app.store.base import Base


class SendingDay(Base):
    """`range`: the first digits of E.164 numbers, empty for all.

    `n`: begun, counted in the statement that accepts a call, so that more calls than may go out are skipped at
    once; calls of the same moment may pass it. `sent`: claimed, never beyond the cap, see sending_permits.
    """

    __tablename__ = "sending_day"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    range: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]
    sent: Mapped[int] = mapped_column(server_default=text("0"))


def ranges_of(e164: str) -> list[str]:
    """In the order in which everybody counts them: two that count the same ones must not wait in a circle."""
    return [EVERY_NUMBER, range_of(e164)] if e164 else [EVERY_NUMBER]


def begun_today(session: Session, account_id: UUID, day: date, e164: str) -> dict[str, int]:
    rows = session.execute(
        select(SendingDay.range, SendingDay.n).where(
            SendingDay.account_id == account_id,
            SendingDay.day == day,
            SendingDay.range.in_(ranges_of(e164)),
        )
    )
    return {row.range: row.n for row in rows}


def count_begun(session: Session, account_id: UUID, day: date, e164: str) -> None:
    for number_range in ranges_of(e164):
        session.execute(
            insert(SendingDay)
            .values(account_id=account_id, day=day, range=number_range, n=1)
            .on_conflict_do_update(constraint="pk_sending_day", set_={"n": SendingDay.n + 1})
        )


def forget_sending_days(session: Session, before: date) -> None:
    session.execute(delete(SendingDay).where(SendingDay.day < before))
