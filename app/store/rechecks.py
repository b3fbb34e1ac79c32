"""After a restore: what the database takes for unsent may have gone out since the back-up was made."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

# What was not due yet can't have gone out; a claim may have been followed by a request that the back-up lacks.
_RECHECK = text(
    """
    with waiting as materialized (
        select account_id, id from message
        where account_id = :account_id and (state = 'due' and due_at <= clock_now() or state = 'claimed')
        order by id limit :most for update skip locked
    )
    update message m set state = 'unknown', next_look_at = clock_now(), empty_looks = 0,
                         claim_id = null, lease_until = null
    from waiting
    where m.account_id = waiting.account_id and m.id = waiting.id
    """
)


def recheck(session: Session, account_id: UUID, most: int) -> int:
    """Have up to `most` of what is due or claimed looked up at the carrier first; how many those are."""
    done = session.execute(_RECHECK, {"account_id": account_id, "most": most})
    return int(getattr(done, "rowcount", 0))
