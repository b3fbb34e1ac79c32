"""What was kept for a while is forgotten: what is known of people as their account says, the rest after 30 days."""

from datetime import timedelta

from sqlalchemy.orm import Session

from app.flow.retention import let_go_of_old
from app.store.base import database_now
from app.store.connection_events import forget_connection_events
from app.store.events import forget_events
from app.store.responses import restamp
from app.store.sending_days import forget_sending_days
from app.store.sending_permits import forget_permits

KEEP = timedelta(days=30)
# far within the ten seconds that a statement may take, however much has been left lying
_BATCH = 5_000


def tidy(session: Session) -> bool:
    """Tidy a little; True when there may be more to do. Harmless when run twice, or by two at once."""
    now = database_now(session)
    if let_go_of_old(session, now):
        return True
    before = now - KEEP
    forget_sending_days(session, before.date())
    forget_permits(session, before.date())
    done = [
        forget_events(session, before, _BATCH),
        forget_connection_events(session, before, _BATCH),
        restamp(session, _BATCH),
    ]
    return _BATCH in done
