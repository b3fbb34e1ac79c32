"""Facts are kept: stale cells are rebuilt, never incremented, so that they can't drift."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.store.calls import Call
from app.store.cells import Cell, lock_months, pick_stale, rebuild, take_stale
from app.store.facts import FactDay


def roll_up(session: Session, most: int) -> int:
    """Rebuild the cells behind up to `most` rows of the log; how many rows were done. One transaction."""
    picked = pick_stale(session, most)
    if not picked:
        return 0
    lock_months(session, [Cell(row.account_id, row.agent_id, row.day) for row in picked])
    rebuild(session, take_stale(session, [row.id for row in picked]))
    return len(picked)


def rebuild_range(session: Session, account_id: UUID, start: date, end: date) -> int:
    """Rebuild every cell from `start` to `end` (both included), whether stale or not; how many there were.

    Gives the numbers that are there already, unless something went wrong: for repair, and to prove it.
    """
    cells = {
        Cell(account_id, agent_id or "", day)
        for model, agent, day_of in (
            (Call, Call.agent_id, Call.ended_on),
            (FactDay, FactDay.agent_id, FactDay.day),
        )
        for agent_id, day in session.execute(
            select(agent, day_of)
            .distinct()
            .where(model.account_id == account_id, day_of >= start, day_of < end + timedelta(days=1))
        )
    }
    ordered = sorted(cells, key=lambda cell: cell.lock_key)
    if ordered:
        lock_months(session, ordered)
        rebuild(session, ordered)
    return len(ordered)
