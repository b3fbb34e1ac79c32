"""The drain: keeps a fixed number of sends in flight, and the tasks that settle what sending left unclear."""

import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial

from celery import Celery
from celery.signals import worker_shutting_down

from app.broker import DELIVER, LOOK_UP, RECOVER
from app.channels.twilio import Listed
from app.domain.delivery import Outcome, SendResult
from app.errors import ProviderUnreadable
from app.flow.deliver_messages import prepare_send, record_result
from app.flow.settle_messages import (
    Inquiry,
    prepare_look,
    record_look,
    record_no_look,
    recover_lapsed,
    recover_overdue,
)
from app.log import get_logger
from app.store.claims import (
    Claimed,
    claim_messages,
    give_back,
    lapsed_claims,
    overdue_messages,
    seconds_to_next_due,
    senders_with_work,
    set_aside,
    take_unknown,
)
from workers.parts import DATABASE_TROUBLE, WorkerParts, alone

log = get_logger(__name__)

# a task gives the worker's thread back after this long; a drain asks to be called again, beat calls the others
_TASK_SECONDS = 30.0
# due within this: waited for, so that a text goes out on its second rather than at the next tick
_AHEAD_SECONDS = 2.5
# something is due but locked or over its sender's pace
_BUSY_SECONDS = 0.05
_BATCH = 200
# a look-up of many slow pages takes minutes; nobody else asks meanwhile
_LOOK_HOLD_SECONDS = 300.0


class Drain:
    """One per process: a second call while one runs makes that one look again, and returns."""

    def __init__(self, parts: WorkerParts) -> None:
        self._parts = parts
        self._running = threading.Lock()
        self._rung = threading.Event()
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Claim no more; what is claimed and not yet requested is given back."""
        self._stopping.set()
        self._rung.set()

    def run(self) -> bool:
        """Send all that is due; False when there may be more to do."""
        self._rung.set()
        done = True
        # a ring while the last round was ending has been heard by nobody
        while done and self._rung.is_set() and not self._stopping.is_set():
            if not self._running.acquire(blocking=False):
                return True
            try:
                done = self._drain()
            finally:
                self._running.release()
        return done

    def _drain(self) -> bool:
        until = time.monotonic() + _TASK_SECONDS
        most = self._parts.settings.sends_in_flight
        in_flight: set[Future[None]] = set()
        with ThreadPoolExecutor(most, "send") as pool:
            while self._goes_on(until):
                claimed = self._claim(pool, most - len(in_flight))
                in_flight |= claimed
                if claimed and len(in_flight) < most:
                    continue
                if in_flight:
                    _, in_flight = wait(in_flight, timeout=_BUSY_SECONDS, return_when=FIRST_COMPLETED)
                    continue
                if not self._wait_for_more():
                    return True
        return False

    def _goes_on(self, until: float) -> bool:
        self._rung.clear()
        return not self._stopping.is_set() and time.monotonic() < until

    def _claim(self, pool: ThreadPoolExecutor, free: int) -> set[Future[None]]:
        """Claim for as many as are free and start sending them; the sender served longest ago comes first."""
        limits = self._parts.settings.carrier
        sending: set[Future[None]] = set()
        for owner_id, sender_id in self._parts.unit(senders_with_work) if free else ():
            # counted from before the claim: on our own clock, the lease can only end later than we think
            start_by = time.monotonic() + limits.lease_margin_seconds
            claimed = self._parts.unit(
                claim_messages,
                owner_id,
                sender_id,
                free=free - len(sending),
                lease_seconds=limits.lease_seconds,
            )
            sending |= {pool.submit(self._send, one, start_by) for one in claimed}
            if len(sending) == free:
                break
        return sending

    def _wait_for_more(self) -> bool:
        """Whether to go on: an empty claim is not "nothing due"."""
        if self._parts.unit(senders_with_work):
            self._rung.wait(_BUSY_SECONDS)
            return True
        seconds = self._parts.unit(seconds_to_next_due)
        if seconds is None or seconds > _AHEAD_SECONDS:
            return False
        self._rung.wait(max(0.0, seconds) + 0.005)
        return True

    def _send(self, claimed: Claimed, start_by: float) -> None:
        try:
            if self._stopping.is_set():
                self._parts.unit(give_back, claimed)
            else:
                send(self._parts, claimed, start_by)
        except Exception:
            # the claim stays behind and its lease runs out: the sweep finds an attempt, or none, and knows
            log.exception("a send was not recorded", message_id=str(claimed.message_id))


def send(parts: WorkerParts, claimed: Claimed, start_by: float) -> None:
    """Make one request for a claimed message, unless it could outlive the lease. `start_by`: time.monotonic()."""
    limits = parts.settings.carrier
    envelope = parts.unit(prepare_send, claimed, limits=limits, public_url=parts.settings.public_url)
    if envelope is None:
        return
    if time.monotonic() < start_by:
        result = parts.carrier.send(
            envelope.sender,
            envelope.to,
            envelope.body,
            envelope.status_callback,
            envelope.valid_seconds,
        )
    else:
        result = SendResult(Outcome.NOT_SENT, detail="too little was left of the lease")
    parts.unit(record_result, envelope, result, limits)


def recover(parts: WorkerParts) -> None:
    """Take back what dead workers held, and move or end what missed its window."""
    until = time.monotonic() + _TASK_SECONDS
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
    until = time.monotonic() + _TASK_SECONDS
    limits = parts.settings.carrier
    while time.monotonic() < until and (ref := parts.unit(take_unknown, _LOOK_HOLD_SECONDS)):
        try:
            inquiry = parts.unit(prepare_look, ref)
            if inquiry is not None:
                parts.unit(record_look, inquiry, _ask(parts, inquiry), limits)
        except DATABASE_TROUBLE:
            raise
        except Exception:
            # it would never come to an end, and its customer never be free for another survey
            log.exception("a message can't be looked up", message_id=str(ref.message_id))
            parts.unit(record_no_look, ref, limits)


def _ask(parts: WorkerParts, inquiry: Inquiry) -> list[Listed] | None:
    try:
        return parts.carrier.find(inquiry.sender, inquiry.to, inquiry.since, inquiry.until)
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
