import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulator.service import Reply
from simulator.switchboard import outcome
from tests.simulator.receiver import Answer, Receiver
from tests.simulator.world import World

DECIDED = {
    "call": {"id": "1", "call_id": "c-1", "source": "generic"},
    "invitation": {"id": "2", "status": "scheduled", "channel": "sms", "due_at": "2026-05-01T10:00:02Z"},
}


@pytest.fixture(autouse=True)
def decided(receiver: Receiver) -> None:
    receiver.answer = Answer(202, json.dumps(DECIDED).encode(), "application/json")


def hang_up(world: World, receiver: Receiver, **order: Any) -> dict[str, Any]:
    """The call that reached the service for this order."""
    response = world.request("POST", "/switchboard/calls", order)
    assert response.status == 202, response.data
    call: dict[str, Any] = json.loads(receiver.requests[-1].body)
    return call


def seconds(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def test_nothing_ordered_is_an_answered_call_that_ended_just_now(world: World, receiver: Receiver) -> None:
    call = hang_up(world, receiver)
    assert call["direction"] == "inbound"
    assert call["agent"]["id"]
    assert call["customer"]["phone"].startswith("+")
    assert call["talk_seconds"] == 60
    assert seconds(call["answered_at"], call["ended_at"]) == 60
    assert seconds(call["started_at"], call["answered_at"]) == call["wait_seconds"]
    assert (
        timedelta(0) <= datetime.now(UTC) - datetime.fromisoformat(call["ended_at"]) < timedelta(seconds=10)
    )


def test_the_report_carries_the_api_key_and_the_answer_comes_back_as_it_is(
    world: World, receiver: Receiver
) -> None:
    receiver.answer = Answer(422, b'{"title": "Unprocessable"}', "application/problem+json")
    response = world.request("POST", "/switchboard/calls", {})
    assert (response.status, response.data) == (422, b'{"title": "Unprocessable"}')
    assert response.headers["Content-Type"] == "application/problem+json"
    assert receiver.requests[0].path == "/v1/calls"
    assert receiver.requests[0].headers["Authorization"] == "Bearer key-of-the-tests"


def test_what_is_ordered_passes_through(world: World, receiver: Receiver) -> None:
    call = hang_up(
        world,
        receiver,
        call_id="c-7",
        source="pbx",
        agent={"id": "a1", "team": "Red"},
        phone="+8613800138000",
        language="zh-CN",
        queue="billing",
        tags=["vip"],
        talk_seconds=25,
        test=True,
    )
    assert (call["call_id"], call["source"], call["queue"]) == ("c-7", "pbx", "billing")
    assert call["agent"] == {"id": "a1", "team": "Red"}
    assert call["customer"] == {"phone": "+8613800138000", "language": "zh-CN"}
    assert (call["tags"], call["test"]) == (["vip"], True)
    assert call["talk_seconds"] == seconds(call["answered_at"], call["ended_at"]) == 25


def test_a_customer_is_joined_with_phone_and_language(world: World, receiver: Receiver) -> None:
    assert hang_up(world, receiver, customer={"ref": "c1"}, language="en")["customer"] == {
        "ref": "c1",
        "language": "en",
    }
    assert hang_up(world, receiver, phone=None)["customer"] == {}
    assert hang_up(world, receiver, phone=None, email="ada@example.com")["customer"] == {
        "email": "ada@example.com"
    }


def test_call_ids_differ(world: World, receiver: Receiver) -> None:
    assert hang_up(world, receiver)["call_id"] != hang_up(world, receiver)["call_id"]


@pytest.mark.parametrize("order", [{"agent": None}, {"answered_at": None}])
def test_a_call_that_nobody_answered(world: World, receiver: Receiver, order: dict[str, None]) -> None:
    call = hang_up(world, receiver, **order)
    assert "answered_at" not in call
    assert "talk_seconds" not in call
    assert seconds(call["started_at"], call["ended_at"]) > 0
    assert not set(order) & set(call)


def test_times_that_are_given_are_kept_and_the_others_fitted(world: World, receiver: Receiver) -> None:
    ended = hang_up(world, receiver, ended_at="2026-03-01T12:00:00Z", talk_seconds=30, wait_seconds=10)
    assert (ended["answered_at"], ended["started_at"]) == (
        "2026-03-01T11:59:30.000+00:00",
        "2026-03-01T11:59:20.000+00:00",
    )
    answered = hang_up(
        world, receiver, answered_at="2026-03-01T11:58:00+00:00", ended_at="2026-03-01T12:00:00+00:00"
    )
    assert answered["talk_seconds"] == 120
    started = hang_up(
        world, receiver, started_at="2026-03-01T11:59:40+00:00", ended_at="2026-03-01T12:00:00+00:00"
    )
    assert started["answered_at"] >= started["started_at"]
    assert started["talk_seconds"] == 20


@pytest.mark.parametrize(
    "wrong", [{"talk_seconds": "long"}, {"ended_at": "soon"}, {"customer": 7}, {"colour": 1}]
)
def test_wrong_values_reach_the_service_whose_job_it_is_to_refuse_them(
    world: World, receiver: Receiver, wrong: dict[str, Any]
) -> None:
    call = hang_up(world, receiver, **wrong)
    assert {name: call[name] for name in wrong} == wrong


def test_a_service_that_is_gone_is_a_502(world: World, receiver: Receiver) -> None:
    receiver.close()
    response = world.request("POST", "/switchboard/calls", {})
    assert response.status == 502
    assert world.get("/switchboard/calls.json")[0]["kind"] == "unreachable"


def test_the_newest_call_is_shown_first_with_the_decision(world: World, receiver: Receiver) -> None:
    hang_up(world, receiver, call_id="c-1")
    receiver.answer = Answer(
        202, b'{"call": {}, "skipped": {"reason": "asked_recently"}}', "application/json"
    )
    hang_up(world, receiver, call_id="c-2")
    newest, older = world.get("/switchboard/calls.json")
    assert (newest["call"]["call_id"], newest["kind"], newest["reason"]) == (
        "c-2",
        "skipped",
        "asked_recently",
    )
    assert newest["words"] == "Not asked: the customer was asked recently."
    assert (older["call"]["call_id"], older["kind"]) == ("c-1", "invited")


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(202, json.dumps(DECIDED)), "The customer will be asked by text in 2 seconds."),
        (Reply(202, '{"invitation": {"channel": "email"}}'), "The customer will be asked by email."),
        (Reply(202, '{"invitation": {"due_at": "2026-05-01T09:00:00Z"}}'), "The customer will be asked now."),
        (Reply(202, '{"call": {"skipped": {"reason": "moon_phase"}}}'), "Not asked: moon_phase."),
        (Reply(422, '{"title": "No", "detail": "Not so."}'), "Refused (422): Not so."),
        (
            Reply(422, '{"detail": "x", "errors": [{"pointer": "#/customer/phone", "detail": "Too long."}]}'),
            "Refused (422): customer/phone: Too long.",
        ),
        (Reply(500, "<html>"), "Refused (500): no reason given"),
        (Reply(None, error="refused"), "The service can't be reached."),
    ],
)
def test_the_decision_in_words(reply: Reply, words: str) -> None:
    assert outcome(reply, datetime(2026, 5, 1, 10, 0, 0, tzinfo=UTC))["words"] == words
