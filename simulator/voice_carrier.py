"""Twilio's REST API for calls, as far as the service uses it: create, fetch, list, end and divert.

Reference: https://www.twilio.com/docs/voice/api/call-resource
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from operator import eq, ge, le
from typing import Any

from flask import Blueprint, Response, g, request
from werkzeug.datastructures import MultiDict

from simulator.carrier import CALLBACK_URL
from simulator.config import SimulatorConfig
from simulator.creating import create
from simulator.faults import FaultBoard, Faults
from simulator.listing import page
from simulator.numbers import E164
from simulator.refusals import CARRIER_PREFIX, Refusal
from simulator.voice_calls import EVENTS, Call, Callbacks, Calls, Script, new_call, resource
from simulator.voice_exchange import Exchange
from simulator.voice_line import Step

_LONGEST_RING = 600
_LONGEST_TWIML = 4000
_METHODS = ("Method", "FallbackMethod", "StatusCallbackMethod", "AsyncAmdStatusCallbackMethod")
_COMPARISONS: dict[str, Callable[[date, date], bool]] = {"": eq, "<": le, ">": ge}


class VoiceCarrier:
    def __init__(self, config: SimulatorConfig, calls: Calls, exchange: Exchange, faults: FaultBoard) -> None:
        self._config = config
        self._calls = calls
        self._exchange = exchange
        self._faults = faults

    def create(self) -> Response:
        faults = self._faults.now

        def accept() -> dict[str, Any]:
            call = self._accept(request.form, faults)
            self._exchange.dial(call)
            return resource(call)

        return create(faults, accept)

    def _accept(self, form: MultiDict[str, str], faults: Faults) -> Call:
        """The call, which nobody was rung for yet. Raises Refusal."""
        _check(form)
        if form["From"] not in self._config.numbers:
            raise Refusal(21210)
        if form["To"] in faults.codes:
            raise Refusal(faults.codes[form["To"]])
        detection = form.get("MachineDetection") in {"Enable", "DetectMessageEnd"}
        is_async = form.get("AsyncAmd") == "true"
        call = new_call(
            self._config.account_sid,
            sender=form["From"],
            recipient=form["To"],
            phone=form["To"],
            base_url=request.host_url.rstrip("/"),
            script=_script(form),
            fate=faults.callbacks.draw(),
            callbacks=_callbacks(form),
            ring_seconds=float(form.get("Timeout") or 60),
            time_limit=float(form["TimeLimit"]) if form.get("TimeLimit") else None,
            machine_detection=detection,
            amd_callback=form.get("AsyncAmdStatusCallback") if is_async and detection else None,
        )
        return self._calls.add(call)

    def fetch(self, sid: str) -> Call:
        """Raises Refusal."""
        call = self._calls.get(sid)
        if call is None:
            raise Refusal(20404)
        return call

    def update(self, sid: str) -> Call:
        """End a call, or give it another document. Raises Refusal for what can't be done with it any more."""
        call, form = self.fetch(sid), request.form
        status = form.get("Status")
        if status not in {None, "", "completed", "canceled"}:
            raise Refusal(20001)
        waiting = call.status in {"queued", "ringing"}
        if call.is_over or (status == "canceled" and not waiting):
            raise Refusal(21220)
        if status:
            return self._exchange.end(call, "canceled" if waiting else "completed")
        script = _script(form)
        if script.url is None and script.twiml is None:
            raise Refusal(20001)
        if waiting:
            raise Refusal(21220)
        step = Step(script.url, script.method) if script.url else None
        self._exchange.divert(call, step, script.twiml)
        return call

    def list_calls(self) -> dict[str, Any]:
        """Raises Refusal on a filter that can't be read."""
        faults, args = self._faults.now, request.args
        if faults.listing_error.strikes():
            raise Refusal(20500)
        visible_until = datetime.now(UTC) - timedelta(seconds=faults.listing_lag)
        wanted = _filters(args)
        found = [
            call
            for call in reversed(self._calls.all())
            if call.created_at <= visible_until and all(matches(call) for matches in wanted)
        ]
        return page(found, args, request.path, name="calls", resource=resource)


def _check(form: Mapping[str, str]) -> None:
    """Raises Refusal for the first parameter that is missing or can't be."""
    events = request.form.getlist("StatusCallbackEvent")
    timeout, limit = form.get("Timeout") or "60", form.get("TimeLimit") or "1"
    wrong = (
        (21201, not form.get("To")),
        (21211, not E164.fullmatch(form.get("To", ""))),
        (21213, not form.get("From")),
        (21205, not form.get("Url") and not form.get("Twiml")),
        (
            21205,
            any(form.get(name) and not CALLBACK_URL.fullmatch(form[name]) for name in ("Url", "FallbackUrl")),
        ),
        (20001, len(form.get("Twiml", "")) > _LONGEST_TWIML),
        (21609, form.get("StatusCallback") and not CALLBACK_URL.fullmatch(form["StatusCallback"])),
        (21626, not set(events) <= set(EVENTS)),
        (20001, any(form.get(name, "POST") not in {"GET", "POST"} for name in _METHODS)),
        (20001, not (_is_whole(timeout) and 1 <= int(timeout) <= _LONGEST_RING)),
        (20001, not (_is_whole(limit) and int(limit) >= 1)),
        (20001, form.get("MachineDetection", "Enable") not in {"Enable", "DetectMessageEnd"}),
    )
    for code, is_wrong in wrong:
        if is_wrong:
            raise Refusal(code)


def _is_whole(value: str) -> bool:
    return value.isascii() and value.isdigit()


def _script(form: Mapping[str, str]) -> Script:
    url = form.get("Url") or None
    return Script(
        url=url,
        method=form.get("Method", "POST"),
        # the document's address goes before a document
        twiml=None if url else form.get("Twiml") or None,
        fallback_url=form.get("FallbackUrl") or None,
        fallback_method=form.get("FallbackMethod", "POST"),
    )


def _callbacks(form: MultiDict[str, str]) -> Callbacks | None:
    if not form.get("StatusCallback"):
        return None
    events = tuple(form.getlist("StatusCallbackEvent")) or EVENTS[-1:]
    return Callbacks(form["StatusCallback"], form.get("StatusCallbackMethod", "POST"), events)


def _filters(args: Mapping[str, str]) -> list[Callable[[Call], bool]]:
    wanted: list[Callable[[Call], bool]] = []
    if to := args.get("To"):
        wanted.append(lambda call: call.recipient == to)
    if sender := args.get("From"):
        wanted.append(lambda call: call.sender == sender)
    if status := args.get("Status"):
        wanted.append(lambda call: call.status == status)
    for name, time in (("StartTime", "started_at"), ("EndTime", "ended_at")):
        for sign, compare in _COMPARISONS.items():
            if given := args.get(name + sign):
                wanted.append(_when(time, compare, given))
    return wanted


def _when(name: str, compare: Callable[[date, date], bool], given: str) -> Callable[[Call], bool]:
    """By the second if there is a time of day, else by the day (GMT); a call without the time matches none."""
    try:
        bound = datetime.fromisoformat(given)
    except ValueError:
        raise Refusal(20001) from None
    bound = bound.astimezone(UTC) if bound.tzinfo else bound.replace(tzinfo=UTC)

    def matches(call: Call) -> bool:
        time: datetime | None = getattr(call, name)
        if time is None:
            return False
        if ":" in given:
            return compare(time.replace(microsecond=0), bound)
        return compare(time.date(), bound.date())

    return matches


def voice_room(carrier: VoiceCarrier, authenticate: Callable[[str], None]) -> Blueprint:
    room = Blueprint("voice", __name__, url_prefix=f"{CARRIER_PREFIX}Accounts/<account_sid>")

    @room.url_value_preprocessor
    def take_account(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.account_sid = (values or {}).pop("account_sid")

    @room.before_request
    def check_credentials() -> None:
        authenticate(g.account_sid)

    @room.post("/Calls.json")
    def accept() -> Response:
        return carrier.create()

    @room.get("/Calls/<sid>.json")
    def fetch(sid: str) -> dict[str, Any]:
        return resource(carrier.fetch(sid))

    @room.post("/Calls/<sid>.json")
    def update(sid: str) -> dict[str, Any]:
        return resource(carrier.update(sid))

    @room.get("/Calls.json")
    def list_calls() -> dict[str, Any]:
        return carrier.list_calls()

    return room
