"""What was kept for a while is forgotten after 30 days: carriers' words, recordings, events that nobody takes."""

from datetime import timedelta

from sqlalchemy.orm import Session

from app.store.base import database_now
from app.store.connection_events import forget_connection_events
from app.store.events import forget_events
from app.store.provider_events import forget_contents
from app.store.recordings import forget_audio
from app.store.responses import restamp
from app.store.sending_days import forget_sending_days

KEEP = timedelta(days=30)
# far within the ten seconds that a statement may take, however much has been left lying
_BATCH = 5_000
# up to two megabytes each
_AUDIO_BATCH = 200


def tidy(session: Session) -> bool:
    """Tidy a little; True when there may be more to do. Harmless when run twice, or by two at once."""
    before = database_now(session) - KEEP
    if forget_audio(session, before, _AUDIO_BATCH) == _AUDIO_BATCH:
        return True
    forget_sending_days(session, before.date())
    done = [
        forget_contents(session, before, _BATCH),
        forget_events(session, before, _BATCH),
        forget_connection_events(session, before, _BATCH),
        restamp(session, _BATCH),
    ]
    return _BATCH in done
