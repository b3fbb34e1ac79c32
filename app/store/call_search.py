"""A call by what a person has at hand: an id of ours, or the platform's, perhaps without its source."""

from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.store.calls import Call
from app.store.invitations import Invitation

# the unique index on (account, source, call id) is hopped through, source by source
_SOURCES = text(
    """
    with recursive s as (
        select (select min(source) from call where account_id = :account_id) as source
        union all
        select (select min(c.source) from call c where c.account_id = :account_id and c.source > s.source)
        from s where s.source is not null
    )
    select source from s where source is not null
    """
)


def sources_of(session: Session, account_id: UUID) -> list[str]:
    """Every source that has reported a call of the account."""
    return list(session.scalars(_SOURCES, {"account_id": account_id}))


def search_calls(session: Session, account_id: UUID, given: str, source: str | None) -> list[Call]:
    """The calls that `given` may mean: our id of a call or an invitation, or a platform's id of a call."""
    sources = [source] if source else sources_of(session, account_id)
    found = list(
        session.scalars(
            select(Call)
            .where(Call.account_id == account_id, Call.source.in_(sources), Call.call_id == given)
            .order_by(Call.ended_at)
        )
    )
    try:
        our_id = UUID(given)
    except ValueError:
        return found
    invitation = session.get(Invitation, (account_id, our_id))
    ours = session.get(Call, (account_id, invitation.call_id if invitation else our_id))
    if ours is not None and ours not in found and source in (None, ours.source):
        found.append(ours)
    return found
