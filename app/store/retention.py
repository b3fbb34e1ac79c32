"""What was kept long enough is emptied, some rows at a time. No row goes, and nothing that is counted changes."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.store.answers import Answer
from app.store.connection_events import ConnectionEvent

# an address that is still needed is looked at again after so long
_LOOK_AGAIN = timedelta(days=30)


def forget_words(session: Session, account_id: UUID, before: datetime, most: int) -> int:
    """Empty up to `most` answers of before that time: their words, not their values."""
    old = (
        select(Answer.account_id, Answer.id)
        .where(Answer.account_id == account_id, Answer.words.is_not(None), Answer.answered_at < before)
        .order_by(Answer.answered_at)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    rows = session.execute(
        update(Answer)
        .where(Answer.account_id == old.c.account_id, Answer.id == old.c.id)
        .values(words=None)
        .returning(Answer.id),
        execution_options={"synchronize_session": False},
    )
    return len(rows.all())


def forget_reports(session: Session, account_id: UUID, before: datetime, most: int) -> int:
    """Empty up to `most` of what platforms told before that time; that they did stays for its 30 days."""
    old = (
        select(ConnectionEvent.account_id, ConnectionEvent.id)
        .where(
            ConnectionEvent.account_id == account_id,
            ConnectionEvent.received_at < before,
            ConnectionEvent.content.is_not(None),
            ConnectionEvent.decide_at.is_(None),
        )
        .order_by(ConnectionEvent.received_at)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    rows = session.execute(
        update(ConnectionEvent)
        .where(ConnectionEvent.account_id == old.c.account_id, ConnectionEvent.id == old.c.id)
        .values(content=None)
        .returning(ConnectionEvent.id),
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
    returning c.id
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
    return len(session.execute(_ADDRESSES, values).all())
