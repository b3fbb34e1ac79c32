"""What becomes of an accepted message, and who is told: queued, sent, delivered, each with its callback.

Twilio makes no callback for the first status and promises no order. Here the order holds unless a fault
breaks it, so that a trial shows the same twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from simulator.courier import Courier
from simulator.faults import CallbackFate
from simulator.ledger import Ledger, Message
from simulator.refusals import NEVER_SENT
from simulator.service import Service


@dataclass(frozen=True)
class _Step:
    status: str
    error_code: int | None
    told: tuple[str, ...]  # statuses that the callbacks of this step carry


class Receipts:
    def __init__(self, ledger: Ledger, courier: Courier, service: Service, step_seconds: float) -> None:
        self._ledger = ledger
        self._courier = courier
        self._service = service
        self._step_seconds = step_seconds

    def follow(self, message: Message, error_code: int | None, fate: CallbackFate) -> None:
        """Take an accepted message to its end, in the background; at once and before returning if `fate.first`."""
        steps = _plan(error_code, fate)
        if fate.first:
            while steps:
                steps = self._take(message.sid, steps, fate.delay_seconds)
        else:
            self._later(message.sid, steps, fate.delay_seconds)

    def _later(self, sid: str, steps: Sequence[_Step], delay: float) -> None:
        def errand() -> None:
            if rest := self._take(sid, steps, delay):
                self._later(sid, rest, delay)

        self._courier.after(self._step_seconds, errand)

    def _take(self, sid: str, steps: Sequence[_Step], delay: float) -> Sequence[_Step]:
        step, *rest = steps
        fields: dict[str, Any] = {"status": step.status, "error_code": step.error_code}
        if step.status in {"sent", "failed"}:
            fields["sent_at"] = datetime.now(UTC)
        message = self._ledger.change(sid, **fields)
        if message is None:
            return ()
        for status in step.told:
            if delay:
                self._courier.after(delay, partial(self._tell, message, status))
            else:
                self._tell(message, status)
        return rest

    def _tell(self, message: Message, status: str) -> None:
        if message.status_callback:
            self._service.post_signed(message.status_callback, _callback_fields(message, status))


def _plan(error_code: int | None, fate: CallbackFate) -> Sequence[_Step]:
    if error_code is None:
        statuses = ["sent", "delivered"]
    elif error_code in NEVER_SENT:
        statuses = ["failed"]
    else:
        statuses = ["sent", "undelivered"]
    times = 0 if fate.none else 2 if fate.duplicate else 1
    told = [(status,) * times for status in statuses]
    if fate.shuffle:
        told = [() for _ in statuses[:-1]] + [
            tuple(status for status in reversed(statuses) for _ in range(times))
        ]
    codes = [None] * (len(statuses) - 1) + [error_code]
    return [_Step(*step) for step in zip(statuses, codes, told, strict=True)]


def _callback_fields(message: Message, status: str) -> dict[str, str]:
    fields = {
        "AccountSid": message.account_sid,
        "ApiVersion": "2010-04-01",
        "From": message.sender,
        "MessageSid": message.sid,
        "MessageStatus": status,
        "SmsSid": message.sid,
        "SmsStatus": status,
        "To": message.recipient,
    }
    if message.messaging_service_sid:
        fields["MessagingServiceSid"] = message.messaging_service_sid
    if status != "sent":
        fields["RawDlrDoneDate"] = message.updated_at.strftime("%y%m%d%H%M")
        if message.error_code is not None:
            fields["ErrorCode"] = str(message.error_code)
    return fields
