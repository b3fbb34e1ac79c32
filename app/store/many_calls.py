"""Telephones behind more calls than a person makes: looked for now and then, and flagged with their calls."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.flags import MANY_CALLS_ONE_PHONE
from app.ids import first_id

# Who chases a delivery calls twice a day, for a week. Behind more there is a switchboard, a machine, or somebody
# who tries something.
MANY = 20
WITHIN = timedelta(days=7)

# Calls are found by their ids, which grow with time; those of an import ended long before. A telephone that calls
# like a person again is no longer flagged, its calls of then are.
_FLAG_CONTACTS = text(
    """
    with busy as materialized (
        select phone_contact_id as id from call
        where account_id = :account_id and id >= :first_id and ended_at >= :since
          and phone_contact_id is not null and not is_test
        group by phone_contact_id having count(*) > :many
    ), seen as (
        select id, true as is_busy from busy
        union all
        select c.id, false from contact c
        where c.account_id = :account_id and c.many_calls_since is not null and c.id not in (select id from busy)
    ), changed as materialized (
        select c.account_id, c.id, s.is_busy from seen s join contact c on c.id = s.id
        where c.account_id = :account_id and (c.many_calls_since is null) = s.is_busy
        order by c.id for no key update of c skip locked
    )
    update contact c set many_calls_since = case when d.is_busy then clock_now() end
    from changed d where c.account_id = d.account_id and c.id = d.id
    returning d.is_busy
    """
)

# Also those that came before it was noticed. The survey is held like by all who change its call, and whoever pages
# through the responses sees it once more.
_FLAG_CALLS = text(
    """
    with held as materialized (
        select i.account_id, i.id, i.call_id, i.responded_at from contact c
        join call k on k.account_id = c.account_id and k.phone_contact_id = c.id
        join invitation i on i.account_id = k.account_id and i.call_id = k.id
        where c.account_id = :account_id and c.many_calls_since is not null
          and k.id >= :first_id and k.ended_at >= :since and not k.flags @> array[:flag]
        order by i.id limit :most for update of i skip locked
    ), touched as (
        update invitation i set updated_at = clock_now()
        from held h where i.account_id = h.account_id and i.id = h.id and h.responded_at is not null
    )
    update call k set flags = array_append(k.flags, :flag)
    from held h where k.account_id = h.account_id and k.id = h.call_id
    returning k.id
    """
)


def flag_busy_phones(session: Session, account_id: UUID, now: datetime) -> int:
    """How many telephones are flagged now that were not."""
    since = now - WITHIN
    values = {"account_id": account_id, "first_id": first_id(since), "since": since, "many": MANY}
    return sum(row.is_busy for row in session.execute(_FLAG_CONTACTS, values))


def flag_calls_of_busy_phones(session: Session, account_id: UUID, now: datetime, most: int) -> int:
    """How many calls of the days looked at were flagged, `most` at most."""
    since = now - WITHIN
    values = {
        **{"account_id": account_id, "first_id": first_id(since), "since": since},
        **{"flag": MANY_CALLS_ONE_PHONE, "most": most},
    }
    return len(session.execute(_FLAG_CALLS, values).all())
