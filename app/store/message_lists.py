"""Messages by their state, the newest first, as far as an index serves; of other states, as far as a page looks."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BindParameter, Select, and_, bindparam, select
from sqlalchemy.orm import Session, aliased

from app.store.calls import Call
from app.store.invitations import Invitation
from app.store.messages import Message

# these have an index of their own; the others are most of what there is, or next to nothing of it
_INDEXED = frozenset({"in_doubt", "quarantined", "failed"})
# how many messages one page of another state looks through: some 30 ms, however rare it is
LOOKED_THROUGH = 10_000


class Found(NamedTuple):
    """(Message, Invitation, Call) of each, and where the next page begins if there may be more."""

    rows: Sequence[Any]
    more_before: UUID | None


def find_messages(
    session: Session, account_id: UUID, states: Sequence[str], *, before: UUID | None, limit: int
) -> Found:
    """Of these states, up to `limit`: ids grow with time, so the order is theirs."""
    if set(states) <= _INDEXED:
        rows = session.execute(_indexed(account_id, states, before, limit + 1)).all()
        shown = rows[:limit]
        return Found(shown, shown[-1].Message.id if len(rows) > limit else None)
    return _looked_through(session, account_id, states, before, limit)


def find_message(session: Session, account_id: UUID, message_id: UUID) -> Any:
    """(Message, Invitation, Call), or None."""
    query = _with_its_call(Message).where(Message.account_id == account_id, Message.id == message_id)
    return session.execute(query).one_or_none()


def _with_its_call(message: Any) -> Select[Any]:
    return (
        select(message, Invitation, Call)
        .join(
            Invitation,
            and_(Invitation.account_id == message.account_id, Invitation.id == message.invitation_id),
        )
        .join(Call, and_(Call.account_id == Invitation.account_id, Call.id == Invitation.call_id))
    )


def _indexed(account_id: UUID, states: Sequence[str], before: UUID | None, limit: int) -> Select[Any]:
    # written into the statement: a plan that leaves the states open can use no index of some of them
    wanted: BindParameter[list[str]] = bindparam("states", list(states), expanding=True, literal_execute=True)
    query = _with_its_call(Message).where(Message.account_id == account_id, Message.state.in_(wanted))
    if before is not None:
        query = query.where(Message.id < before)
    return query.order_by(Message.id.desc()).limit(limit)


def _looked_through(
    session: Session, account_id: UUID, states: Sequence[str], before: UUID | None, limit: int
) -> Found:
    """A page may hold fewer than there is room for, and go on: what is rare is not sought through millions."""
    looked = select(Message).where(Message.account_id == account_id)
    if before is not None:
        looked = looked.where(Message.id < before)
    looked = looked.order_by(Message.id.desc())
    some = looked.limit(LOOKED_THROUGH).subquery()
    message = aliased(Message, some, name="Message")
    rows = session.execute(
        _with_its_call(message).where(message.state.in_(states)).order_by(message.id.desc()).limit(limit + 1)
    ).all()
    if len(rows) > limit:
        return Found(rows[:limit], rows[limit - 1].Message.id)
    last = session.scalar(looked.with_only_columns(Message.id).offset(LOOKED_THROUGH - 1).limit(1))
    return Found(rows, last)
