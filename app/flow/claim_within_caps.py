"""Messages are claimed for sending: what may go out now, and within its account's countries and caps of the day."""

from sqlalchemy.orm import Session

from app.channels.phone import read_phone
from app.store.claims import Claimed, claim_due
from app.store.sending_permits import within_caps
from app.store.suspects import claim_suspect


def claim_within_caps(session: Session, *, free: int, lease_seconds: float) -> list[Claimed]:
    """At most `free` messages, whoever sends them. Empty does not mean that nothing is due: see
    `claim_messages`."""
    return within_caps(session, claim_due(session, free=free, lease_seconds=lease_seconds), _region_of)


def claim_suspect_within_caps(session: Session, lease_seconds: float) -> Claimed | None:
    """The one that is longest due of those that are claimed with nothing beside them."""
    suspect = claim_suspect(session, lease_seconds)
    return next(iter(within_caps(session, [suspect], _region_of)), None) if suspect else None


def _region_of(number: str) -> str | None:
    return read_phone(number).region
