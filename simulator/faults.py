"""What goes wrong on purpose: set with PUT /faults, seen with GET, ended with DELETE.

A chance is a probability from 0 to 1 (true is 1), or {"count": n}: the next n times, then never again.
"""

import random
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, NewType

from flask import Blueprint, Response, jsonify
from werkzeug.exceptions import BadRequest

from simulator.doors import read_json
from simulator.numbers import E164

Codes = Mapping[str, int]  # by recipient
CallEnds = Mapping[str, str]
Address = NewType("Address", str)
MailCodes = Mapping[Address, int]

_LONGEST_SECONDS = 3600.0
_UNANSWERED = ("busy", "failed", "no-answer")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


class Chance:
    """How often a fault strikes. Thread-safe."""

    def __init__(self, probability: float = 0.0, count: int = 0) -> None:
        self._lock = threading.Lock()
        self._random = random.SystemRandom()
        self._probability = probability
        self._count = count

    def strikes(self) -> bool:
        with self._lock:
            if self._count > 0:
                self._count -= 1
                return True
            return self._random.random() < self._probability

    def shown(self) -> float | dict[str, int]:
        with self._lock:
            return {"count": self._count} if self._count else self._probability


@dataclass(frozen=True)
class CallbackFate:
    """What befalls the callbacks of one message: drawn when it is accepted."""

    duplicate: bool
    shuffle: bool
    first: bool
    none: bool
    delay_seconds: float


@dataclass(frozen=True)
class CallbackFaults:
    duplicate: Chance = field(default_factory=Chance)  # each callback is made twice
    shuffle: Chance = field(default_factory=Chance)  # the last status is told first
    first: Chance = field(default_factory=Chance)  # callbacks come before the create is answered
    none: Chance = field(default_factory=Chance)  # the status changes and nobody is told
    delay_seconds: float = 0.0

    def draw(self) -> CallbackFate:
        return CallbackFate(
            duplicate=self.duplicate.strikes(),
            shuffle=self.shuffle.strikes(),
            first=self.first.strikes(),
            none=self.none.strikes(),
            delay_seconds=self.delay_seconds,
        )


@dataclass(frozen=True)
class Faults:
    """`before` and `after` are meant of accepting: after it, the message is in the ledger and goes its way.

    `latency` and `listing_lag` are seconds.
    """

    latency: float = 0.0  # a message is accepted at once and its create answered so much later
    rate_limited: Chance = field(default_factory=Chance)  # 429 with Retry-After
    retry_after_seconds: float = 1.0
    error_before: Chance = field(default_factory=Chance)  # 500
    error_after: Chance = field(default_factory=Chance)
    drop_before: Chance = field(default_factory=Chance)  # the connection is closed without an answer
    drop_reply: Chance = field(default_factory=Chance)
    broken_reply: Chance = field(default_factory=Chance)  # 201 with half of its JSON
    callbacks: CallbackFaults = field(default_factory=CallbackFaults)
    listing_lag: float = 0.0  # a message is listed so long after it was accepted
    listing_error: Chance = field(default_factory=Chance)  # 500 to a list
    codes: Codes = field(default_factory=dict)  # refused at once with this code
    delivery_codes: Codes = field(default_factory=dict)  # accepted, then undelivered or failed with this code
    call_ends: CallEnds = field(
        default_factory=dict
    )  # a call is accepted, and ends so without being answered
    recording_lag: float = 0.0  # a recording's audio is there so much later
    smtp_refuse_connection: Chance = field(default_factory=Chance)  # it ends before the greeting
    smtp_busy: Chance = field(default_factory=Chance)  # 421 in the greeting's place
    smtp_auth_refused: Chance = field(default_factory=Chance)  # 535 to a user name and password
    smtp_codes: MailCodes = field(default_factory=dict)  # refused with this code when named as a recipient
    smtp_greylist: Chance = field(default_factory=Chance)  # 451 to a sender and recipient not seen before
    smtp_cut_in_data: Chance = field(default_factory=Chance)  # the connection ends where the mail begins
    smtp_error_after_data: Chance = field(
        default_factory=Chance
    )  # 451 where the mail ends, and it is not kept
    smtp_reject_after_data: Chance = field(default_factory=Chance)  # 554, likewise
    smtp_cut_lost: Chance = field(default_factory=Chance)  # the connection ends where the mail ends
    smtp_cut_kept: Chance = field(default_factory=Chance)  # likewise, and the mail is in the mailbox
    smtp_latency: float = 0.0  # a mail is kept at once and its 250 said so much later


def _read_chance(where: str, value: object) -> Chance:
    if isinstance(value, dict) and value.keys() == {"count"}:
        count = value["count"]
        if type(count) is int and count >= 0:
            return Chance(count=count)
    elif isinstance(value, int | float) and 0 <= value <= 1:
        return Chance(probability=float(value))
    raise BadRequest(f'{where}: a probability from 0 to 1, or {{"count": n}}')


def _read_seconds(where: str, value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LONGEST_SECONDS:
        return float(value)
    raise BadRequest(f"{where}: seconds from 0 to {_LONGEST_SECONDS:.0f}")


def _read_codes(where: str, value: object) -> Codes:
    if isinstance(value, dict) and all(
        E164.fullmatch(number) and type(code) is int and code > 0 for number, code in value.items()
    ):
        return value
    raise BadRequest(f'{where}: numbers with error codes, as {{"+15005550001": 21211}}')


def _read_call_ends(where: str, value: object) -> CallEnds:
    if isinstance(value, dict) and all(
        E164.fullmatch(number) and end in _UNANSWERED for number, end in value.items()
    ):
        return value
    raise BadRequest(f"{where}: numbers with one of {', '.join(_UNANSWERED)}")


def _read_mail_codes(where: str, value: object) -> MailCodes:
    if isinstance(value, dict) and all(
        _ADDRESS.fullmatch(address) and type(code) is int and 400 <= code <= 599
        for address, code in value.items()
    ):
        return {Address(address.casefold()): code for address, code in value.items()}
    raise BadRequest(f'{where}: addresses with SMTP codes, as {{"ada@example.com": 550}}')


def _read_callbacks(where: str, value: object) -> CallbackFaults:
    if isinstance(value, dict):
        return CallbackFaults(**_read_fields(CallbackFaults, value, f"{where}."))
    raise BadRequest(f"{where}: an object")


_READERS: dict[Any, Callable[[str, object], Any]] = {
    Chance: _read_chance,
    float: _read_seconds,
    Codes: _read_codes,
    CallEnds: _read_call_ends,
    MailCodes: _read_mail_codes,
    CallbackFaults: _read_callbacks,
}


def _read_fields(kind: type, wanted: Mapping[str, object], prefix: str = "") -> dict[str, Any]:
    readers = {f.name: _READERS[f.type] for f in fields(kind)}
    unknown = sorted(set(wanted) - set(readers))
    if unknown:
        raise BadRequest(f"Unknown faults: {', '.join(prefix + name for name in unknown)}")
    return {name: readers[name](prefix + name, value) for name, value in wanted.items()}


def _shown(value: Any) -> Any:
    if isinstance(value, Chance):
        return value.shown()
    if is_dataclass(value):
        return {f.name: _shown(getattr(value, f.name)) for f in fields(value)}
    return value


class FaultBoard:
    """`now` is replaced whole, so a request sees either the old faults or the new."""

    def __init__(self) -> None:
        self.now = Faults()


def faults_room(board: FaultBoard) -> Blueprint:
    room = Blueprint("faults", __name__)

    @room.get("/faults")
    def show() -> Response:
        return jsonify(_shown(board.now))

    @room.put("/faults")
    def put() -> Response:
        """Replaces all: a fault that is not named is off."""
        board.now = Faults(**_read_fields(Faults, read_json()))
        return show()

    @room.delete("/faults")
    def clear() -> Response:
        board.now = Faults()
        return show()

    return room
