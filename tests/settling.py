"""Waiting for what others have under way, since readers of responses stop before it.

A change is listed when nothing older can still be committed on the whole server, and there the other tests run.
"""

from threading import Event

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

_SECONDS = 30


def settle(sessions: sessionmaker[Session]) -> None:
    """Return once every transaction that had begun by now has ended: what was committed before is listed."""
    pause = Event()
    with sessions() as session:
        now = session.scalar(text("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint"))
        session.rollback()
        for _ in range(_SECONDS * 100):
            oldest = session.scalar(text("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"))
            session.rollback()
            if oldest >= now:
                return
            pause.wait(0.01)
    raise AssertionError("some transaction does not end")
