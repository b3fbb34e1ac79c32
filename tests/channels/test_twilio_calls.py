"""Ringing somebody by Twilio: what the request says, what its answer comes to, and how a call is found again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from app.channels.parcel import CallParcel
from app.channels.twilio import match
from app.channels.twilio_calls import TwilioCalls
from app.domain.delivery import Outcome
from app.errors import ProviderUnreadable
from tests.channels.carrier import ACCOUNT, CUSTOMER, MESSAGE, SENDER, Answer, Carrier

CALL = "CA" + "0b" * 16
PARCEL = CallParcel(
    SENDER,
    CUSTOMER,
    "https://postcall.example/hooks/twilio/voice/callback?account=1&message=2",
    "https://postcall.example/hooks/twilio/voice/status?account=1&attempt=3",
)
SINCE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
UNTIL = SINCE + timedelta(minutes=1)


@pytest.fixture
def calls(carrier: Carrier) -> Iterator[TwilioCalls]:
    calls = TwilioCalls(carrier.url, connect_seconds=10, read_seconds=0.5, pool_size=1)
    yield calls
    calls.close()


def record(number: int = 1, created_at: datetime = SINCE, **fields: Any) -> dict[str, Any]:
    return {
        "sid": f"CA{number:032x}",
        "to": CUSTOMER,
        "from": SENDER.number,
        "status": "queued",
        "date_created": format_datetime(created_at),
        "start_time": None,
        **fields,
    }


def listing(*records: Any, next_page: Any = None) -> Answer:
    return Answer(200, {"calls": list(records), "next_page_uri": next_page, "page": 0})


def test_a_machine_is_told_apart_before_anything_is_said(carrier: Carrier, calls: TwilioCalls) -> None:
    carrier.play(Answer(201, {"sid": CALL, "status": "queued"}))
    result = calls.send(PARCEL)
    assert (result.outcome, result.provider_id) == (Outcome.ACCEPTED, CALL)
    (request,) = carrier.requests
    assert (request.method, request.path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json")
    assert request.form == {
        "To": [CUSTOMER],
        "From": [SENDER.number],
        "Url": [PARCEL.url],
        "Method": ["POST"],
        "StatusCallback": [PARCEL.status_callback],
        "StatusCallbackMethod": ["POST"],
        "MachineDetection": ["Enable"],
        "Timeout": ["25"],
        "TimeLimit": ["600"],
    }


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(400, {"code": 21211, "message": "no", "status": 400}), Outcome.REJECTED),
        (Answer(429, {"code": 20429}), Outcome.REJECTED),
        (Answer(500, {"code": 20500}), Outcome.UNKNOWN),
        (Answer(201, {"sid": MESSAGE}), Outcome.UNKNOWN),
        (Answer(201, b'{"sid": "CA'), Outcome.UNKNOWN),
        (Answer(hangs_up=True), Outcome.UNKNOWN),
        (Answer(stalls=True), Outcome.UNKNOWN),
    ],
)
def test_only_what_is_certain_is_called_so(
    carrier: Carrier, calls: TwilioCalls, answer: Answer, outcome: Outcome
) -> None:
    carrier.play(answer)
    assert calls.send(PARCEL).outcome is outcome
    assert len(carrier.requests) == 1
    carrier.stop_stalling()


def test_without_a_connection_nothing_was_sent() -> None:
    calls = TwilioCalls("http://127.0.0.1:9", connect_seconds=1, read_seconds=1, pool_size=1)
    assert calls.send(PARCEL).outcome is Outcome.NOT_SENT


def test_a_call_is_found_by_the_two_numbers_and_its_time(carrier: Carrier, calls: TwilioCalls) -> None:
    far = SINCE - timedelta(hours=1)
    carrier.play(listing(record(1), record(2, far), record(3, to="+15005550009")))
    found = calls.find(SENDER, CUSTOMER, SINCE, UNTIL)
    assert [one.provider_id for one in found] == [f"CA{1:032x}"]
    (request,) = carrier.requests
    assert request.query == {"To": [CUSTOMER], "From": [SENDER.number], "PageSize": ["100"]}


def test_the_oldest_that_is_nobody_elses_is_ours(carrier: Carrier, calls: TwilioCalls) -> None:
    later = SINCE + timedelta(seconds=30)
    other = record(4, **{"from": "+15005550000"})
    carrier.play(listing(record(3, later), record(2), record(1), other))
    found = calls.find(SENDER, CUSTOMER, SINCE, UNTIL)
    ours = match(found, to=CUSTOMER, sender=SENDER, body="", token=None, owned={f"CA{1:032x}"})
    assert ours is not None
    assert ours.provider_id == f"CA{2:032x}"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, {}),
        Answer(200, {"messages": [], "next_page_uri": None}),
        listing(record(), "no call"),
        listing(record(sid=MESSAGE)),
        listing(record(date_created="yesterday")),
        listing(record(), next_page="https://elsewhere.example/Calls.json"),
        listing(record(), next_page=7),
    ],
)
def test_a_listing_that_is_not_whole_proves_nothing(
    carrier: Carrier, calls: TwilioCalls, answer: Answer
) -> None:
    carrier.play(answer)
    with pytest.raises(ProviderUnreadable):
        calls.find(SENDER, CUSTOMER, SINCE, UNTIL)
