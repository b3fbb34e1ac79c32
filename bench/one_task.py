"""The way of sending that Postcall doesn't take: a Celery task for each message, which claims it and sends it.

`celery -A bench.one_task:celery worker`, with the service's own flows; only who starts them differs.
"""

import time
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.broker import DELIVERY_QUEUE, make_celery
from app.ids import new_id
from app.log import configure_logging
from app.settings import load_settings
from app.store.claims import CAPPED, CLAIMED, MAY_GO, Claimed
from workers.drain import send
from workers.parts import WorkerParts

SEND_ONE = "bench.send_one"

_CLAIM_ONE = text(
    f"""
    update message m set state = 'claimed', claim_id = :claim_id, claims = claims + 1,
        lease_until = clock_now() + :lease_seconds * interval '1 s'
    from contact c
    join account x on x.id = c.account_id
    cross join lateral (select c.address, {CAPPED}) p
    where m.account_id = :account_id and m.id = :message_id and m.state = 'due' and m.due_at <= clock_now()
      and c.account_id = m.account_id and c.id = m.contact_id and {MAY_GO}
    returning {CLAIMED}
    """  # noqa: S608  # made of the service's own constants
)


def claim_one(session: Session, account_id: str, message_id: str, lease_seconds: float) -> Claimed | None:
    row = session.execute(
        _CLAIM_ONE,
        {
            "account_id": UUID(account_id),
            "message_id": UUID(message_id),
            "claim_id": new_id(),
            "lease_seconds": lease_seconds,
        },
    ).first()
    return None if row is None else Claimed(**row._mapping)


settings = load_settings()
configure_logging(settings.log_level)
celery = make_celery(settings)
celery.conf.task_routes = {SEND_ONE: DELIVERY_QUEUE}
parts = WorkerParts(settings, celery)


@celery.task(name=SEND_ONE)
def send_one(account_id: str, message_id: str) -> None:
    claimed = parts.unit(claim_one, account_id, message_id, settings.carrier.lease_seconds)
    if claimed is not None:
        send(parts, claimed, time.monotonic() + 15)
