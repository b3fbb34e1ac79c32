"""Listed numbers: sealed, found by keyed hash, like customers' own; ranges by the hash of how they begin.

Apart from the contacts: a number is listed whether it ever called or not, and it stays so when a customer who
called from it is forgotten.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    bindparam,
    delete,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.listed_number import Entry, keys_for, length_of
from app.store.base import Base, keyring, made_at

_NUMBER = "listed_number.number"


class ListedNumber(Base):
    """`id` is the keyed hash of the number or range, so that two who list it at once agree on the row.

    `length`: of a range, how many characters of a number it says; null for a number.
    """

    __tablename__ = "listed_number"
    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["account.id"]),
        CheckConstraint("kind in ('internal', 'test', 'agent')", name="kind"),
        CheckConstraint("agent_id is null or kind = 'agent'", name="agent_of_agents"),
        Index("ix_listed_number_length", "account_id", "length", postgresql_where="length is not null"),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    number: Mapped[bytes]
    length: Mapped[int | None]
    agent_id: Mapped[str | None]
    listed_by: Mapped[str]
    listed_at: Mapped[datetime] = made_at()


@dataclass(frozen=True)
class ListedLengths:
    """What an account's list is made of, so that a call is looked for by no more than that."""

    any: bool = False
    ranges: frozenset[int] = frozenset()


def listed_lengths(session: Session, account_id: UUID) -> ListedLengths:
    ours = ListedNumber.account_id == account_id
    ranges_of = select(func.array_agg(ListedNumber.length.distinct())).where(
        ours, ListedNumber.length.is_not(None)
    )
    some, ranges = session.execute(
        select(select(ListedNumber.id).where(ours).exists(), ranges_of.scalar_subquery())
    ).one()
    return ListedLengths(some, frozenset(ranges or ()))


def hashes(session: Session, account_id: UUID, key: str) -> list[UUID]:
    """The ids under which a number or range may be listed, the current key's first."""
    found = keyring(session).lookups("listed_number", str(account_id), key)
    return [UUID(bytes=lookup) for lookup in found]


def hashes_for(session: Session, account_id: UUID, key: str | None, lengths: ListedLengths) -> list[UUID]:
    """All ids by which a call's number may be listed; none where the account lists nothing."""
    if key is None or not lengths.any:
        return []
    return [one for each in keys_for(key, lengths.ranges) for one in hashes(session, account_id, each)]


def listed_as(account_id: Any, number: int) -> Any:
    """[kind, agent id] of the closest of so many entries, null where none is listed: a column of another query.

    Parameters: `listed_0` ..., the ids.
    """
    sought = [bindparam(f"listed_{place}", type_=ListedNumber.id.type) for place in range(number)]
    return (
        select(func.jsonb_build_array(ListedNumber.kind, ListedNumber.agent_id))
        .where(ListedNumber.account_id == account_id, ListedNumber.id.in_(sought))
        .order_by(ListedNumber.length.desc().nulls_first())
        .limit(1)
        .scalar_subquery()
    )


def find_listed(session: Session, account_id: UUID, key: str) -> ListedNumber | None:
    return listed_by_keys(session, account_id, [key]).get(key)


def listed_by_keys(session: Session, account_id: UUID, keys: Collection[str]) -> dict[str, ListedNumber]:
    """Those of the numbers and ranges that are listed, as they are now."""
    places = {one: key for key in keys for one in hashes(session, account_id, key)}
    rows = session.scalars(
        select(ListedNumber).where(ListedNumber.account_id == account_id, ListedNumber.id.in_(places)),
        execution_options={"populate_existing": True},
    )
    return {places[row.id]: row for row in rows}


def put_numbers(session: Session, account_id: UUID, entries: Sequence[Entry], *, by: str) -> None:
    """List them as they say, whatever they were listed as before."""
    known = listed_by_keys(session, account_id, [entry.key for entry in entries])
    seal = keyring(session).seal
    rows = [
        {
            "account_id": account_id,
            "id": known[entry.key].id if entry.key in known else hashes(session, account_id, entry.key)[0],
            "kind": entry.kind,
            "number": seal(_NUMBER, account_id, entry.key),
            "length": length_of(entry.key),
            "agent_id": entry.agent_id,
            "listed_by": by,
        }
        for entry in entries
    ]
    # sorted, or two lists at once wait for each other
    put = insert(ListedNumber).values(sorted(rows, key=lambda row: row["id"]))
    changed = {name: put.excluded[name] for name in ("kind", "agent_id", "listed_by")}
    session.execute(put.on_conflict_do_update(constraint="pk_listed_number", set_=changed))


def list_numbers(
    session: Session, account_id: UUID, *, kind: str | None, after: UUID | None, limit: int | None = None
) -> Sequence[ListedNumber]:
    query = select(ListedNumber).where(ListedNumber.account_id == account_id).order_by(ListedNumber.id)
    if kind is not None:
        query = query.where(ListedNumber.kind == kind)
    if after is not None:
        query = query.where(ListedNumber.id > after)
    return session.scalars(query.limit(limit)).all()


def number_of(session: Session, row: ListedNumber) -> str:
    return keyring(session).open(_NUMBER, row.account_id, row.number)


def unlist(session: Session, account_id: UUID, ids: Collection[UUID]) -> Mapping[str, Any] | None:
    """{id, kind, agent_id, length} of the entry that is gone; None where there was none."""
    gone = session.execute(
        delete(ListedNumber)
        .where(ListedNumber.account_id == account_id, ListedNumber.id.in_(ids))
        .returning(ListedNumber.id, ListedNumber.kind, ListedNumber.agent_id, ListedNumber.length)
    ).first()
    return None if gone is None else dict(gone._mapping)
