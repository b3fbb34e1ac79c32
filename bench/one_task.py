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
from app.store.claims import Claimed
from workers.drain import send
from workers.parts import WorkerParts

SEND_ONE = "bench.send_one"

_CLAIM_ONE = text(
    """
    update message m set state = 'claimed', claim_id = :claim_id, claims = claims + 1,
        lease_until = clock_now() + :lease_seconds * interval '1 s'
    from contact c
    where m.account_id = :account_id and m.id = :message_id and m.state = 'due' and m.due_at <= clock_now()
      and c.account_id = m.account_id and c.id = m.contact_id and c.opted_out_at is null
    returning m.account_id, m.id as message_id, m.invitation_id, m.contact_id, m.sender_id, m.claim_id,
              m.body, m.token_hash, m.send_before, c.address
    """
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
