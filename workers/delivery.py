"""The queue of sending: the drain, and the tasks that settle what sending left unclear."""

import time
from functools import partial

from celery import Celery
from celery.signals import worker_shutting_down

from app.broker import DELIVER, LOOK_UP, LOOK_UP_DOUBTS, RECOVER
from app.channels.twilio_listing import Listed
from app.errors import ProviderUnreadable
from app.flow.settle_messages import (
    Inquiry,
    prepare_look,
    record_look,
    record_no_look,
    recover_lapsed,
    recover_overdue,
)
from app.log import get_logger
from app.store.claims import MessageRef, lapsed_claims, overdue_messages, set_aside, take_unknown
from app.store.doubts import put_off_doubts, take_doubt
from workers.drain import Drain
from workers.parts import DATABASE_TROUBLE, TASK_SECONDS, WorkerParts, alone

log = get_logger(__name__)

_BATCH = 200
# a look-up of many slow pages takes minutes; nobody else asks meanwhile
_LOOK_HOLD_SECONDS = 300.0
# what is in doubt has been so for hours
_DOUBT_HOLD_SECONDS = 600.0
_DOUBTS_PUT_OFF_SECONDS = 300.0


def recover(parts: WorkerParts) -> None:
    """Take back what dead workers held, and move or end what missed its window."""
    until = time.monotonic() + TASK_SECONDS
    lapsed = partial(recover_lapsed, limits=parts.settings.carrier)
    for left_behind, settle in ((lapsed_claims, lapsed), (overdue_messages, recover_overdue)):
        full = True
        while full and time.monotonic() < until:
            refs = parts.unit(left_behind, _BATCH)
            full = len(refs) == _BATCH
            for ref in refs:
                try:
                    parts.unit(settle, ref)
                except DATABASE_TROUBLE:
                    raise
                except Exception:
                    # whatever is wrong with this one, it would stop the sweep for all others at every tick
                    log.exception(
                        "a message can't be settled: it is set aside", message_id=str(ref.message_id)
                    )
                    parts.unit(set_aside, ref)


def look_up(parts: WorkerParts) -> None:
    """Ask the carrier about messages whose outcome is unknown, one after the other."""
    until = time.monotonic() + TASK_SECONDS
    while time.monotonic() < until and (ref := parts.unit(take_unknown, _LOOK_HOLD_SECONDS)):
        _look(parts, ref)


def look_up_doubts(parts: WorkerParts) -> None:
    """Ask again about what ended in doubt because the carrier could not be asked: nothing is sent by it."""
    until = time.monotonic() + TASK_SECONDS
    while time.monotonic() < until and (ref := parts.unit(take_doubt, _DOUBT_HOLD_SECONDS)):
        if not _look(parts, ref):
            parts.unit(put_off_doubts, ref, _DOUBTS_PUT_OFF_SECONDS)


def _look(parts: WorkerParts, ref: MessageRef) -> bool:
    """Whether the carrier could be asked about it."""
    limits = parts.settings.carrier
    try:
        inquiry = parts.unit(prepare_look, ref)
        if inquiry is None:
            return True
        listed = _ask(parts, inquiry)
        parts.unit(record_look, inquiry, listed, limits)
    except DATABASE_TROUBLE:
        raise
    except ProviderUnreadable:
        parts.unit(record_no_look, ref, limits)
        return False
    except Exception:
        # it would never come to an end, and its customer never be free for another survey
        log.exception("a message can't be looked up", message_id=str(ref.message_id))
        parts.unit(record_no_look, ref, limits)
        return False
    return listed is not None


def _ask(parts: WorkerParts, inquiry: Inquiry) -> list[Listed] | None:
    try:
        if inquiry.gateway is not None:
            return parts.carriers.gateways.find(inquiry.gateway, inquiry.references, inquiry.to)
        lister = parts.carriers.lister(inquiry.channel)
        return lister.find(inquiry.sender, inquiry.to, inquiry.since, inquiry.until)
    except ProviderUnreadable as error:
        log.warning("the carrier can't be asked", message_id=str(inquiry.ref.message_id), error=str(error))
        return None


def register(celery: Celery, parts: WorkerParts) -> None:
    drain = Drain(parts)

    @worker_shutting_down.connect(weak=False)
    def stop_claiming(**_: object) -> None:
        drain.stop()

    @celery.task(name=DELIVER)
    def deliver() -> None:
        if not drain.run():
            parts.wake_delivery()

    celery.task(name=RECOVER)(alone(partial(recover, parts)))
    celery.task(name=LOOK_UP)(alone(partial(look_up, parts)))
    celery.task(name=LOOK_UP_DOUBTS)(alone(partial(look_up_doubts, parts)))
