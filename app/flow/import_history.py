"""Calls of the past: accepted like any other, while nobody is asked."""

import dataclasses
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.elsewhere import PastCall
from app.errors import Conflict
from app.flow.asking import Asking
from app.flow.receive_call import receive_call
from app.flow.record_elsewhere import record_asked


def import_call(session: Session, *, asking: Asking, past: PastCall, body_hash: bytes) -> bool:
    """Take a call of the past, of whatever age; False where it was known already with the same content.

    Raises Conflict where it was known with other content, and Invalid for times that can't be true.
    """
    call = dataclasses.replace(past.call, ask=False)
    received = receive_call(session, asking=asking, call=call, body_hash=body_hash)
    if received.conflict:
        raise Conflict("Known already with other content: nothing was changed.")
    if received.created and past.asked_at is not None:
        record_asked(
            session,
            account_id=asking.account_id,
            call_id=UUID(received.call["id"]),
            asked_at=past.asked_at,
        )
    return received.created
