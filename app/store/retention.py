"""What was kept long enough is emptied, some rows at a time. No row goes, and nothing that is counted changes."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.store.answers import Answer
from app.store.connection_events import ConnectionEvent
from app.store.contact_changes import forget_words_of
from app.store.provider_events import ProviderEvent

# an address that is still needed is looked at again after so long
_LOOK_AGAIN = timedelta(days=30)


def forget_words(session: Session, account_id: UUID, before: datetime, most: int) -> int:
    """Empty up to `most` answers of before that time: their words, not their values."""
    kept = (Answer.account_id == account_id, Answer.words.is_not(None))
    return _empty(session, Answer, Answer.words, Answer.answered_at, before=before, most=most, kept=kept)


def forget_reports(session: Session, account_id: UUID, before: datetime, most: int) -> int:
    """Empty up to `most` of what platforms told before that time; that they did stays for its 30 days."""
    event = ConnectionEvent
    kept = (event.account_id == account_id, event.content.is_not(None), event.decide_at.is_(None))
    return _empty(session, event, event.content, event.received_at, before=before, most=most, kept=kept)


def forget_contents(session: Session, account_id: UUID, before: datetime, most: int) -> int:
    """Empty up to `most` of what carriers brought before that time; that they did, and what became of it, stay."""
    event = ProviderEvent
    kept = (event.account_id == account_id, event.content.is_not(None))
    return _empty(session, event, event.content, event.received_at, before=before, most=most, kept=kept)


def _empty(
    session: Session,
    kind: type[Answer | ConnectionEvent | ProviderEvent],
    column: InstrumentedAttribute[Any],
    since: InstrumentedAttribute[datetime],
    *,
    before: datetime,
    most: int,
    kept: Sequence[ColumnElement[bool]],
) -> int:
    """The oldest first, without those that somebody holds."""
    old = (
        select(kind.account_id, kind.id)
        .where(*kept, since < before)
        .order_by(since)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    rows = session.execute(
        update(kind)
        .where(kind.account_id == old.c.account_id, kind.id == old.c.id)
        .values({column.key: None})
        .returning(kind.id),
        execution_options={"synchronize_session": False},
    )
    return len(rows.all())


_DETAILS = text(
    """
    with old as (
        select account_id, id from call
        where account_id = :account_id and ended_on < :before
          and (customer_name is not null or customer_ref is not null or attributes <> '{}')
        order by ended_on limit :most for update skip locked
    )
    update call k set customer_name = null, customer_ref = null, attributes = '{}'
    from old where k.account_id = old.account_id and k.id = old.id
    returning k.id
    """
)

# "limit 1", and not "exists": that would be made a reading of all calls there are, once for all contacts
_ADDRESSES = text(
    """
    with seen as materialized (
        select c.account_id, c.id, c.created_at < :before and not coalesce(
                   (select true from call k where k.account_id = c.account_id and k.phone_contact_id = c.id
                    and k.ended_at >= :before limit 1),
                   (select true from call k where k.account_id = c.account_id and k.email_contact_id = c.id
                    and k.ended_at >= :before limit 1), false) as is_old
        from contact c
        where c.account_id = :account_id and c.address <> '' and c.open_invitation is null
          and (c.look_again_at is null or c.look_again_at <= clock_now())
        limit :most for no key update of c skip locked
    )
    update contact c set
        address = case when is_old then '' else c.address end,
        customer_ref = case when is_old then null else c.customer_ref end,
        asked_by_invitation = case when is_old then null else c.asked_by_invitation end,
        undeliverable_at = case when is_old then null else c.undeliverable_at end,
        look_again_at = case when is_old then null else clock_now() + :look_again end
    from seen where c.account_id = seen.account_id and c.id = seen.id
    returning c.id, is_old
    """
)


def forget_details(session: Session, account_id: UUID, before: date, most: int) -> int:
    """Of up to `most` calls that ended before that day: the customer's name and ref, the client's attributes."""
    rows = session.execute(_DETAILS, {"account_id": account_id, "before": before, "most": most})
    return len(rows.all())


def forget_addresses(session: Session, account_id: UUID, before: datetime, most: int) -> int:
    """Look at up to `most` contacts: those without a call since that time keep their hash alone, for their no and
    for when they were last asked. Who calls again is known by the address that is told then."""
    values = {"account_id": account_id, "before": before, "most": most, "look_again": _LOOK_AGAIN}
    rows = session.execute(_ADDRESSES, values).all()
    forget_words_of(session, account_id, [row.id for row in rows if row.is_old])
    return len(rows)
