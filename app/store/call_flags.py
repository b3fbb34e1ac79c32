"""Flags of calls that are there already: what turned out to be odd about them, see domain.flags."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

# Surveys before calls, like all who lock both. Whoever keeps a copy of the responses reads these again.
_TOUCH = text(
    """
    update invitation i set updated_at = clock_now()
    from call k
    where k.account_id = :account_id and k.phone_contact_id = any(:contacts) and (:flag = any(k.flags)) <> :flagged
      and i.account_id = k.account_id and i.call_id = k.id and i.responded_at is not null
    """
)
_FLAG = text(
    """
    update call set flags = case when :flagged then flags || cast(:flag as text) else array_remove(flags, :flag) end
    where account_id = :account_id and phone_contact_id = any(:contacts) and (:flag = any(flags)) <> :flagged
    """
)


def flag_calls_of(session: Session, account_id: UUID, contacts: Collection[UUID], flag: str) -> None:
    """All calls of these telephones, once each."""
    _set(session, account_id, contacts, flag, flagged=True)


def unflag_calls_of(session: Session, account_id: UUID, contacts: Collection[UUID], flag: str) -> None:
    _set(session, account_id, contacts, flag, flagged=False)


def _set(session: Session, account_id: UUID, contacts: Collection[UUID], flag: str, *, flagged: bool) -> None:
    if contacts:
        values = {"account_id": account_id, "contacts": list(contacts), "flag": flag, "flagged": flagged}
        session.execute(_TOUCH, values)
        session.execute(_FLAG, values)
