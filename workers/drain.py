"""The drain: keeps a fixed number of sends in flight, with a few statements for all of them."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from uuid import UUID

from app.domain.delivery import Outcome, SendResult
from app.flow.claim_within_caps import claim_suspect_within_caps, claim_within_caps
from app.flow.deliver_messages import Sent, record_result, record_results
from app.flow.envelopes import Envelope, prepare_send, prepare_sends
from app.log import get_logger
from app.store.claims import Claimed, give_back, seconds_to_next_due, senders_with_work
from workers.parts import DATABASE_TROUBLE, TASK_SECONDS, WorkerParts
from workers.returns import Returns

log = get_logger(__name__)

# due within this: waited for, so that a text goes out on its second rather than at the next tick
_AHEAD_SECONDS = 2.5
# something is due but locked or over its sender's pace
_BUSY_SECONDS = 0.05
# how long the first to come back waits for others: a claim and two commits cost the same for one as for twenty
_GATHER_SECONDS = 0.004
# of each run, for what is sent with nothing beside it; all the others wait meanwhile
_SUSPECTS_SECONDS = 5.0


class Drain:
    """One per process: a second call while one runs makes that one look again, and returns.

    One thread claims, begins, asks the carrier and records for all, many at a time. The others make connections,
    and settle what can't be settled for many at once.
    """

    def __init__(self, parts: WorkerParts) -> None:
        self._parts = parts
        self._running = threading.Lock()
        self._rung = threading.Event()
        self._stopping = threading.Event()
        self._returns: Returns

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
        until = time.monotonic() + TASK_SECONDS
        self._send_suspects(time.monotonic() + _SUSPECTS_SECONDS)
        most = self._parts.settings.sends_in_flight
        under_way = 0
        with (
            closing(Returns(self._parts.answered)) as self._returns,
            ThreadPoolExecutor(most, "send") as pool,
        ):
            try:
                while self._goes_on(until):
                    started = self._start(pool, most - under_way)
                    under_way += started
                    if started and under_way < most:
                        continue
                    if under_way:
                        under_way -= self._record(pool, under_way)
                    elif not self._wait_for_more():
                        return True
            finally:
                while under_way:
                    under_way -= self._record(pool, under_way)
        return False

    def _send_suspects(self, until: float) -> None:
        """What was lost twice with its worker goes while the worker holds nothing else: if it is what ends workers,
        it ends with none but itself."""
        limits = self._parts.settings.carrier
        while not self._stopping.is_set() and (start_by := time.monotonic()) < until:
            claimed = self._parts.unit(claim_suspect_within_caps, limits.lease_seconds)
            if claimed is None:
                return
            self._parts.claimed(claimed.body)
            try:
                send(self._parts, claimed, start_by + limits.lease_margin_seconds)
            except DATABASE_TROUBLE:
                raise
            except Exception:
                _log_unrecorded(claimed)

    def _goes_on(self, until: float) -> bool:
        self._rung.clear()
        return not self._stopping.is_set() and time.monotonic() < until

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

    def _start(self, pool: ThreadPoolExecutor, free: int) -> int:
        """Claim for as many as are free and start sending them; how many those are."""
        if not free:
            return 0
        limits = self._parts.settings.carrier
        # counted from before the claim: on our own clock, the lease can only end later than we think
        start_by = time.monotonic() + limits.lease_margin_seconds
        claimed = self._parts.unit(claim_within_caps, free=free, lease_seconds=limits.lease_seconds)
        for one in claimed:
            self._parts.claimed(one.body)
        begun = self._begin(claimed) if claimed else {}
        for one in claimed:
            if one.message_id in begun:
                self._ask(pool, begun[one.message_id], start_by)
            else:
                pool.submit(self._send_alone, one, start_by)
        return len(claimed)

    def _begin(self, claimed: Sequence[Claimed]) -> dict[UUID, Envelope]:
        settings = self._parts.settings
        try:
            envelopes = self._parts.unit(
                prepare_sends,
                claimed,
                limits=settings.carrier,
                public_url=settings.public_url,
                senders=self._parts.senders,
            )
        except Exception:
            log.exception("attempts are begun one by one", messages=len(claimed))
            return {}
        return {envelope.claimed.message_id: envelope for envelope in envelopes}

    def _ask(self, pool: ThreadPoolExecutor, envelope: Envelope, start_by: float) -> None:
        """Make the request where that takes no waiting; where it does, another thread waits."""
        self._parts.begun(envelope.claimed.body)
        if self._stopping.is_set() or time.monotonic() >= start_by:
            pool.submit(self._send, envelope, start_by)
            return
        try:
            asked = self._parts.carriers.ask(envelope.parcel)
        except Exception:
            _log_unrecorded(envelope.claimed)
            self._returns.bring(None)
            return
        if asked is None:
            pool.submit(self._send, envelope, start_by)
        elif isinstance(asked, SendResult):
            self._returns.bring(Sent(envelope, asked))
        else:
            self._returns.expect(envelope, asked)

    def _send(self, envelope: Envelope, start_by: float) -> None:
        sent = None
        try:
            if self._stopping.is_set():
                result = SendResult(Outcome.NOT_SENT, detail="the worker is being stopped")
            else:
                result = request(self._parts, envelope, start_by)
            sent = Sent(envelope, result)
        except Exception:
            _log_unrecorded(envelope.claimed)
        finally:
            self._returns.bring(sent)

    def _send_alone(self, claimed: Claimed, start_by: float) -> None:
        try:
            if self._stopping.is_set():
                self._parts.unit_in_turn(give_back, claimed)
            else:
                send(self._parts, claimed, start_by)
        except Exception:
            _log_unrecorded(claimed)
        finally:
            self._returns.bring(None)

    def _record(self, pool: ThreadPoolExecutor, under_way: int) -> int:
        """Record what has come back; how many messages are done with by it."""
        back = self._come_back(under_way)
        sent = [one for one in back if one is not None]
        recorded = self._record_together(sent) if sent else set()
        for one in sent:
            if one.envelope.attempt_id not in recorded:
                pool.submit(self._record_alone, one)
        return len(back) - len(sent) + len(recorded)

    def _come_back(self, under_way: int) -> list[Sent | None]:
        back = self._returns.take(_BUSY_SECONDS)
        if 0 < len(back) < under_way:
            time.sleep(_GATHER_SECONDS)
            back += self._returns.take(0)
        return back

    def _record_together(self, sent: Sequence[Sent]) -> set[UUID]:
        try:
            return self._parts.unit(record_results, sent)
        except Exception:
            # whatever is wrong with one of them, it must not take the others with it
            log.exception("results are recorded one by one", messages=len(sent))
            return set()

    def _record_alone(self, sent: Sent) -> None:
        try:
            self._parts.unit_in_turn(record_result, sent.envelope, sent.result, self._parts.settings.carrier)
        except Exception:
            _log_unrecorded(sent.envelope.claimed)
        finally:
            self._returns.bring(None)


def send(parts: WorkerParts, claimed: Claimed, start_by: float) -> None:
    """All of one message's way, alone. `start_by`: see `request`."""
    limits, public_url = parts.settings.carrier, parts.settings.public_url
    envelope = parts.unit_in_turn(prepare_send, claimed, limits=limits, public_url=public_url)
    if envelope is not None:
        parts.unit_in_turn(record_result, envelope, request(parts, envelope, start_by), limits)


def request(parts: WorkerParts, envelope: Envelope, start_by: float) -> SendResult:
    """Make one request, unless it could outlive the lease: not from `start_by` (time.monotonic()) on."""
    parts.begun(envelope.claimed.body)
    if time.monotonic() >= start_by:
        return SendResult(Outcome.NOT_SENT, detail="too little was left of the lease")
    result = parts.carriers.send(envelope.parcel)
    parts.answered(envelope.claimed.body)
    return result


def _log_unrecorded(claimed: Claimed) -> None:
    # the claim stays behind and its lease runs out: the sweep finds an attempt, or none, and knows
    log.exception("a send was not recorded", message_id=str(claimed.message_id))
