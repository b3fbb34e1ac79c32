"""Facts are kept: stale cells are rebuilt, never incremented, so that they can't drift."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.store.cells import Cell, lock_months, pick_stale, rebuild, take_stale
from app.store.facts import mark_range_stale
from app.tally import happened


def roll_up(session: Session, most: int) -> int:
    """Rebuild the cells behind up to `most` rows of the log; how many rows were done. One transaction."""
    picked = pick_stale(session, most)
    if not picked:
        return 0
    lock_months(session, [Cell(row.account_id, row.agent_id, row.day) for row in picked])
    rebuild(session, take_stale(session, [row.id for row in picked]))
    happened(session, "rolled_up", times=len(picked))
    return len(picked)


def rebuild_range(session: Session, account_id: UUID, start: date, end: date) -> int:
    """Have every cell from `start` to `end` (both included) rebuilt, whether stale or not; how many they are.

    They take the log's way like any other, in the roll-up worker's small transactions. Gives the numbers that
    are there already, unless something went wrong: for repair, and to prove it.
    """
    return mark_range_stale(session, account_id, start, end)
