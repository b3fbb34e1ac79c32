"""After a restore, the carrier is asked about everything that is due before any of it is sent."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

from sqlalchemy.orm import Session

from app.errors import Conflict
from app.store.accounts import sending_is_paused
from app.store.audit import add_audit
from app.store.rechecks import recheck

_BATCH = 2_000


def recheck_messages(
    unit_of_work: Callable[[], AbstractContextManager[Session]], *, account_id: UUID, actor: str
) -> int:
    """How many texts are looked up; in short steps, each durable.

    Sending has to be paused, or some would go out meanwhile: raises Conflict.
    """
    total, full = 0, True
    while full:
        with unit_of_work() as session:
            if not sending_is_paused(session, account_id):
                raise Conflict("Sending has to be paused while texts are rechecked: postcall pause --all")
            done = recheck(session, account_id, _BATCH)
            if done:
                add_audit(session, account_id, actor, "messages.rechecked", messages=done)
        total += done
        full = done == _BATCH
    return total
