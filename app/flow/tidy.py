"""What was kept for a while is forgotten: carriers' words after 30 days, events that nobody takes after 30."""

from datetime import timedelta

from sqlalchemy.orm import Session

from app.store.base import database_now
from app.store.events import forget_events
from app.store.provider_events import forget_contents

KEEP = timedelta(days=30)


def tidy(session: Session) -> None:
    """Harmless when run twice."""
    before = database_now(session) - KEEP
    forget_contents(session, before)
    forget_events(session, before)
