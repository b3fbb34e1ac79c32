"""The drain: keeps a fixed number of sends in flight, and the tasks that settle what sending left unclear."""

import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from celery import Celery
from celery.signals import worker_shutting_down

from app.broker import DELIVER, LOOK_UP, RECOVER
from app.errors import ProviderUnreadable
from app.flow.deliver_messages import prepare_send, record_result
from app.flow.settle_messages import (
    prepare_look,
    record_look,
    recover_lapsed,
    recover_overdue,
)
from app.log import get_logger
from app.store.claims import (
    Claimed,
    MessageRef,
    claim_messages,
    give_back,
    lapsed_claims,
    overdue_messages,
    seconds_to_next_due,
    senders_with_work,
    take_unknown,
)
from workers.parts import WorkerParts

log = get_logger(__name__)

# a drain gives the worker's thread back after this long, and asks to be called again
_DRAIN_SECONDS = 30.0
# due within this: waited for, so that a text goes out on its second rather than at the next tick
_AHEAD_SECONDS = 2.5
# something is due but locked or over its sender's pace
_BUSY_SECONDS = 0.05
_BATCH = 200
# a look-up takes at most a connect and a read time-out per page; nobody else asks meanwhile
_LOOK_HOLD_SECONDS = 60.0


class Drain:
    """One per process: a second call while one runs returns at once."""

    def __init__(self, parts: WorkerParts) -> None:
        self._parts = parts
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Claim no more; what is claimed and not yet requested is given back."""
        self._stopping.set()

    def run(self) -> bool:
        """Send all that is due; False when there may be more to do."""
        if not self._lock.acquire(blocking=False):
            return True
        try:
            return self._drain()
        finally:
            self._lock.release()

    def _drain(self) -> bool:
        until = time.monotonic() + _DRAIN_SECONDS
        in_flight: set[Future[None]] = set()
        with ThreadPoolExecutor(self._parts.settings.sends_in_flight, "send") as pool:
            while not self._stopping.is_set() and time.monotonic() < until:
                free = self._parts.settings.sends_in_flight - len(in_flight)
                claimed = self._claim(free) if free else []
                in_flight |= {pool.submit(self._send, one) for one in claimed}
                if claimed and len(in_flight) < self._parts.settings.sends_in_flight:
                    continue
                if in_flight:
                    _, in_flight = wait(in_flight, timeout=_BUSY_SECONDS, return_when=FIRST_COMPLETED)
                    continue
                if not self._wait_for_more():
                    return True
        return False

    def _claim(self, free: int) -> list[Claimed]:
        """Round-robin over the senders; within one, over the accounts that share it."""
        claimed: list[Claimed] = []
        lease = self._parts.settings.carrier.lease_seconds
        for owner_id, sender_id in self._parts.unit(senders_with_work):
            room = free - len(claimed)
            if not room:
                break
            claimed += self._parts.unit(claim_messages, owner_id, sender_id, free=room, lease_seconds=lease)
        return claimed

    def _wait_for_more(self) -> bool:
        """Whether to go on: an empty claim is not "nothing due"."""
        if self._parts.unit(senders_with_work):
            return not self._stopping.wait(_BUSY_SECONDS)
        seconds = self._parts.unit(seconds_to_next_due)
        if seconds is None or seconds > _AHEAD_SECONDS:
            return False
        return not self._stopping.wait(max(0.0, seconds) + 0.005)

    def _send(self, claimed: Claimed) -> None:
        parts, limits = self._parts, self._parts.settings.carrier
        try:
            if self._stopping.is_set():
                parts.unit(give_back, claimed)
                return
            envelope = parts.unit(prepare_send, claimed, limits=limits, public_url=parts.settings.public_url)
            if envelope is None:
                return
            result = parts.carrier.send(
                envelope.sender,
                envelope.to,
                envelope.body,
                envelope.status_callback,
                envelope.valid_seconds,
            )
            parts.unit(record_result, envelope, result, limits)
        except Exception:
            # the claim stays behind and its lease runs out: the sweep finds an attempt, or none, and knows
            log.exception("a send was not recorded", message_id=str(claimed.message_id))


def recover(parts: WorkerParts) -> None:
    """Take back what dead workers held, and move or end what missed its window."""
    for row in parts.unit(lapsed_claims, _BATCH):
        ref = MessageRef(row.account_id, row.id, row.invitation_id)
        parts.unit(recover_lapsed, ref, row.attempt_id, parts.settings.carrier)
    for ref in parts.unit(overdue_messages, _BATCH):
        parts.unit(recover_overdue, ref)


def look_up(parts: WorkerParts) -> None:
    """Ask the carrier about messages whose outcome is unknown."""
    for ref in parts.unit(take_unknown, _BATCH, _LOOK_HOLD_SECONDS):
        inquiry = parts.unit(prepare_look, ref)
        if inquiry is None:
            continue
        try:
            listed = parts.carrier.find(inquiry.sender, inquiry.to, inquiry.since, inquiry.until)
        except ProviderUnreadable as error:
            log.warning("the carrier can't be asked", message_id=str(ref.message_id), error=str(error))
            listed = None
        parts.unit(record_look, inquiry, listed, parts.settings.carrier)


def register(celery: Celery, parts: WorkerParts) -> None:
    drain = Drain(parts)

    @worker_shutting_down.connect(weak=False)
    def stop_claiming(**_: object) -> None:
        drain.stop()

    @celery.task(name=DELIVER)
    def deliver() -> None:
        if not drain.run():
            parts.wake_delivery()

    @celery.task(name=RECOVER)
    def recover_task() -> None:
        recover(parts)

    @celery.task(name=LOOK_UP)
    def look_up_task() -> None:
        look_up(parts)
