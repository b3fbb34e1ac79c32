"""A customer who stays on the line for the survey in the same call."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.simulator.receiver import Answer
from tests.simulator.voice import Telephone
from tests.simulator.world import NUMBER, PHONE, World

SURVEY = "/hooks/twilio/voice/survey"
SID = "CA" + "0d" * 16


@pytest.fixture(autouse=True)
def service(telephone: Telephone) -> None:
    telephone.receiver.answers["/v1/calls"] = Answer(202, b'{"call": {}}', "application/json")
    telephone.document(
        '<Gather numDigits="1" action="/hooks/answer"><Say>From 1 to 5?</Say></Gather>', SURVEY
    )
    telephone.document("<Say>Thank you.</Say>", "/hooks/answer")


def hang_up(world: World, **order: Any) -> None:
    response = world.request("POST", "/switchboard/calls", {"phone": PHONE, **order})
    assert response.status == 202, response.data


def test_the_call_goes_on_with_the_service_when_the_agent_has_left(telephone: Telephone) -> None:
    hang_up(telephone.world, stay=True, talk_seconds=90)
    assert "stays on the line" in telephone.world.get("/switchboard/calls.json")[0]["words"]
    (call,) = telephone.calls()
    assert (call["status"], call["direction"], call["heard"]) == ("in-progress", "inbound", ["From 1 to 5?"])
    ended = telephone.do(call["sid"], "press", digits="5")
    assert ended["heard"] == ["From 1 to 5?", "Thank you."]
    fields = telephone.asked(SURVEY)[0].fields
    assert (fields["From"], fields["To"], fields["CallSid"]) == (PHONE, NUMBER, call["sid"])
    assert (fields["DialCallStatus"], fields["DialCallDuration"]) == ("completed", "90")
    assert fields["DialCallSid"].startswith("CA")


@pytest.mark.parametrize(("stay", "order"), [(True, ["/v1/calls", SURVEY]), ("first", [SURVEY, "/v1/calls"])])
def test_the_report_comes_before_the_hook_or_after_it(
    telephone: Telephone, stay: object, order: list[str]
) -> None:
    hang_up(telephone.world, stay=stay)
    assert [urlsplit(request.path).path for request in telephone.receiver.requests] == order


def test_the_report_and_the_hook_name_the_same_call(telephone: Telephone) -> None:
    for named in ({}, {"call_id": SID}, {"call_id": "pbx-7", "source": "pbx"}):
        hang_up(telephone.world, stay=True, **named)
        report = json.loads(telephone.asked("/v1/calls")[-1].body)
        hook = telephone.asked(SURVEY)[-1]
        query = parse_qs(urlsplit(hook.path).query)
        assert query["call_id"] == [report["call_id"]]
        assert query.get("source", [None])[0] == report.get("source")
        assert query["agent"] == [report["agent"]["id"]]
        assert "stay" not in report
        if named.get("call_id") != "pbx-7":
            assert hook.fields["CallSid"] == report["call_id"]
    assert len({call["sid"] for call in telephone.calls()}) == 3


def test_a_call_that_we_made_keeps_its_direction(telephone: Telephone) -> None:
    hang_up(telephone.world, stay=True, direction="outbound")
    fields = telephone.asked(SURVEY)[0].fields
    assert (fields["From"], fields["To"], fields["Direction"]) == (NUMBER, PHONE, "outbound-api")
    assert telephone.world.get("/calls.json") == []


def test_nobody_leaves_a_call_that_nobody_answered(telephone: Telephone) -> None:
    hang_up(telephone.world, stay=True, agent=None)
    assert telephone.asked(SURVEY)[0].fields["DialCallStatus"] == "no-answer"


@pytest.mark.parametrize(
    "order", [{"stay": "later"}, {"stay": True, "phone": None}, {"stay": True, "timed": 1}]
)
def test_an_order_that_cannot_be_is_refused(telephone: Telephone, order: dict[str, Any]) -> None:
    response = telephone.world.request("POST", "/switchboard/calls", {"phone": PHONE, **order})
    assert response.status == 400
    assert telephone.calls() == []
    assert telephone.receiver.requests == []
