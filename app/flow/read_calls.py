"""Calls by pages: one by its platform's id, an agent's, or all, the last reported first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.flow.pages import Page, position
from app.flow.read_results import DEFAULT_DAYS
from app.flow.views import call_view, handlers_view
from app.store.accounts import get_account
from app.store.base import database_now
from app.store.call_lists import calls_of_agent, last_calls, named_call


@dataclass(frozen=True)
class AgentsCalls:
    """One agent's calls of some days of the account's time zone; left out, the last 90 up to `end` or today."""

    agent_id: str
    start: date | None = None
    end: date | None = None
    state: str | None = None
    skip_reason: str | None = None


def read_named_call(session: Session, *, account_id: UUID, source: str, call_id: str) -> Page:
    """A page with this call, or an empty one."""
    return Page(_shown(session, named_call(session, account_id, source, call_id)), None)


def read_calls(
    session: Session,
    *,
    account_id: UUID,
    of: AgentsCalls | None,
    cursor: list[Any] | None,
    limit: int,
    flag: str | None = None,
) -> Page:
    """`of` None: all calls of the account, or those with a flag. Raises Invalid for a cursor of others."""
    before = None if cursor is None else position(cursor, UUID)[0]
    if of is None:
        rows = last_calls(session, account_id, flag=flag, before=before, limit=limit + 1)
    else:
        zone = ZoneInfo(get_account(session, account_id).timezone)
        end = of.end or database_now(session).astimezone(zone).date()
        rows = calls_of_agent(
            session,
            account_id,
            of.agent_id,
            start=of.start or end - timedelta(days=DEFAULT_DAYS - 1),
            end=end,
            state=of.state,
            skip_reason=of.skip_reason,
            flag=flag,
            before=before,
            limit=limit + 1,
        )
    shown = rows[:limit]
    place = [str(shown[-1].Call.id)] if shown else cursor
    return Page(_shown(session, shown), place if len(rows) > limit else None, place)


def _shown(session: Session, rows: Sequence[Any]) -> list[dict[str, Any]]:
    handlers = handlers_view(session, [row.Call for row in rows])
    return [call_view(session, row.Call, row.Invitation, handlers) for row in rows]
