"""The calls that an operator may mean, among all accounts or in one."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.store.accounts import Account, find_account
from app.store.call_search import search_calls, sources_of


@dataclass(frozen=True)
class Meant:
    account_id: UUID
    call_id: UUID
    words: str


def find_meant(session: Session, given: str, *, account: str | None, source: str | None) -> list[Meant]:
    """Raises NotFound for an account that doesn't exist."""
    accounts = [find_account(session, account)] if account else session.scalars(select(Account)).all()
    return [
        Meant(
            one.id,
            call.id,
            f"{one.name}  {call.source}  {call.call_id}  ended {call.ended_at:%Y-%m-%d %H:%M}Z",
        )
        for one in accounts
        for call in search_calls(session, one.id, given, source)
    ]


def where_else(session: Session, *, account: str | None) -> list[str]:
    """For one that is not found: the sources that have reported calls, by account."""
    accounts = [find_account(session, account)] if account else session.scalars(select(Account)).all()
    return [f"{one.name}: {', '.join(sources_of(session, one.id)) or 'no call yet'}" for one in accounts]
