"""What was lost twice with its worker: claimed one at a time, with nothing beside it."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.ids import new_id
from app.store.accounts import EVERY_ACCOUNT
from app.store.claims import CAPPED, CLAIMED, MAY_GO, Claimed

# By the rules of every claim (app/store/claims.py). SUSPECT_CLAIMS stands here as a number, for the planner to use
# the index of those rows.
_CLAIM_SUSPECT = text(
    f"""
    with picked as materialized (
        select m.account_id, m.id, c.address, {CAPPED}, s.account_id as owner_id, s.id as sender_id, s.per_second,
               greatest(s.next_free_at, clock_now() - interval '1 s' * s.burst / s.per_second) as tat
        from message m
        join contact c on c.account_id = m.account_id and c.id = m.contact_id
        join account x on x.id = m.account_id
        join sender_account a on a.account_id = m.account_id and a.sender_id = m.sender_id
        join sender s on s.account_id = a.owner_id and s.id = a.sender_id
        where m.state = 'due' and m.claims >= 2 and m.due_at <= clock_now()
          and least(m.send_before, m.not_after) > clock_now()
          and {MAY_GO}
          and s.is_active
          and extract(epoch from clock_now() - greatest(s.next_free_at,
                      clock_now() - interval '1 s' * s.burst / s.per_second)) * s.per_second + 0.001 >= 1
          and not exists (select from sending_pause p where p.scope in (:every_account, m.account_id::text))
        order by m.due_at limit 1
        for update of m, s skip locked for share of c skip locked
    ), paced as (
        update sender x set next_free_at = p.tat + interval '1 s' / p.per_second
        from picked p where x.account_id = p.owner_id and x.id = p.sender_id
    )
    update message m
    set state = 'claimed', claim_id = :claim_id, claims = claims + 1,
        lease_until = clock_now() + :lease_seconds * interval '1 s'
    from picked p where m.account_id = p.account_id and m.id = p.id
    returning {CLAIMED}
    """  # noqa: S608 - a constant
)


def claim_suspect(session: Session, lease_seconds: float) -> Claimed | None:
    """The one that is longest due. For a worker that holds no other claim: this one may be what ends workers."""
    values = {"claim_id": new_id(), "lease_seconds": lease_seconds, "every_account": EVERY_ACCOUNT}
    row = session.execute(_CLAIM_SUSPECT, values).first()
    return None if row is None else Claimed(**row._mapping)
