"""A whole survey marked as a test: the ordinary way, only now, and whatever the survey's own terms are."""

import dataclasses
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.call import CallEnd
from app.errors import Invalid
from app.flow.asking import read_asking
from app.flow.receive_call import Received, receive_call
from app.ids import new_id
from app.store.audit import add_audit
from app.store.base import database_now
from app.store.listed_numbers import ListedLengths

SOURCE = "send-test"

# what does not go out by then is not sent: nobody looks at the phone any more
_WITHIN_SECONDS = 600
_TALKED = timedelta(minutes=1)


def send_test(session: Session, *, account_id: UUID, phone: str, language: str | None) -> Received:
    """Ask `phone` as if a call had ended just now; commit and ring after it.

    Neither delay, hours, sampling, cooldown, the survey's caps nor a dry run hold it back, nor a consent that was
    never given, nor the survey's conditions on a call, nor an exclusion, nor what the number is listed as. An
    opt-out, the suppression list, a consent that was taken back and an open survey do: those are decided by the
    writing statement like any other's. It is a text to a person: their cooldown begins with it.
    """
    asking = read_asking(session, account_id)
    if asking.survey is None:
        raise Invalid("The account has no survey.")
    survey = dataclasses.replace(
        asking.survey,
        active=True,
        delay_seconds=0,
        min_talk_seconds=0,
        cooldown_seconds=0,
        nps_every_seconds=0,
        probability=1.0,
        send_hours="any",
        consent="not_needed",
        most_per_customer=None,
        most_per_agent_day=None,
        most_per_day=None,
        directions=("inbound",),
        queues=(),
        tags=(),
        attributes={},
        send_within_seconds=_WITHIN_SECONDS,
    )
    now = database_now(session)
    call = CallEnd(
        call_id=str(new_id()),
        source=SOURCE,
        direction="inbound",
        started_at=now - _TALKED,
        ended_at=now,
        talk_seconds=int(_TALKED.total_seconds()),
        phone=phone,
        language=language,
        is_test=True,
    )
    add_audit(session, account_id, "operator", "send_test", call_id=call.call_id)
    return receive_call(
        session,
        asking=dataclasses.replace(
            asking, survey=survey, dry_runs=frozenset(), exclusions=(), listed=ListedLengths()
        ),
        call=call,
        body_hash=call.call_id.encode(),
    )
