"""Who changed what, and who read what is customers' own; the newest first."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.flow.pages import Page, position
from app.flow.views import iso
from app.store.audit import audited

# whoever can run commands on the service's machine; keys are named by `ApiKeyFacts.actor`
OPERATOR = "operator"


def read_audit(
    session: Session, *, account_id: UUID, action: str | None = None, cursor: list[Any] | None, limit: int
) -> Page:
    """`action`: only such entries. Raises Invalid for others' cursors."""
    before = None if cursor is None else position(cursor, int)[0]
    rows = audited(session, account_id, action=action, before=before, limit=limit + 1)
    shown = rows[:limit]
    items = [
        {"id": row.id, "at": iso(row.at), "actor": row.actor, "action": row.action, "detail": row.detail}
        for row in shown
    ]
    end = [shown[-1].id] if shown else cursor
    return Page(items, end if len(rows) > limit else None, end)
