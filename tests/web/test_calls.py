"""Calls are reported, repeated, amended and read, and bad ones are refused field by field."""

import json
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from app.domain.eligibility import RULES
from tests.web.conftest import Api


def pointers(response: TestResponse) -> set[str]:
    assert response.status_code == 422, response.text
    assert response.json is not None
    return {error["pointer"] for error in response.json["errors"]}


def content(response: TestResponse) -> Any:
    assert response.json is not None
    return response.json


def test_a_call_is_accepted_with_its_invitation(api: Api) -> None:
    call = api.call_end()
    response = api("POST", "/v1/calls", call)
    assert response.status_code == 202
    received = content(response)
    assert received["call"]["call_id"] == call["call_id"]
    assert received["call"]["source"] == "generic"
    assert received["invitation"]["status"] == "scheduled"
    assert "skipped" not in received
    assert api.rung == [()]


def test_a_call_that_is_not_asked_says_why(api: Api) -> None:
    response = api("POST", "/v1/calls", api.call_end(customer={"phone": "138****1234"}))
    assert response.status_code == 202
    received = content(response)
    assert received["skipped"] == {"reason": "masked_phone"}
    assert "invitation" not in received


def test_the_same_body_again_is_the_same_decision(api: Api) -> None:
    call = api.call_end()
    first = api("POST", "/v1/calls", call)
    again = api("POST", "/v1/calls", dict(reversed(call.items())))
    assert (first.status_code, again.status_code) == (202, 200)
    assert content(first) == content(again)


def test_another_body_for_the_same_call_is_a_conflict(api: Api) -> None:
    call = api.call_end()
    api("POST", "/v1/calls", call)
    response = api("POST", "/v1/calls", {**call, "talk_seconds": 5})
    assert response.status_code == 409
    assert "PATCH" in content(response)["detail"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"call_id": ""}, "#/call_id"),
        ({"call_id": "a\x00b"}, "#/call_id"),
        ({"call_id": "line\n"}, "#/call_id"),
        ({"call_id": "x" * 201}, "#/call_id"),
        ({"call_id": 5}, "#/call_id"),
        ({"source": " generic"}, "#/source"),
        ({"direction": "sideways"}, "#/direction"),
        ({"agent": {"name": "no id"}}, "#/agent/id"),
        ({"agent": {"id": "7", "score": 5}}, "#/agent/score"),
        ({"agent": "7"}, "#/agent"),
        ({"customer": None}, "#/customer"),
        ({"customer": {"timezone": "Mars/Olympus"}}, "#/customer/timezone"),
        ({"customer": {"timezone": "../../etc/passwd"}}, "#/customer/timezone"),
        ({"customer": {"language": "english please"}}, "#/customer/language"),
        ({"customer": {"name": "x" * 201}}, "#/customer/name"),
        ({"started_at": "2026-03-02T09:30:00"}, "#/started_at"),
        ({"started_at": "yesterday"}, "#/started_at"),
        ({"started_at": 1_772_000_000}, "#/started_at"),
        ({"started_at": "0001-01-01T00:00:00+14:00"}, "#/started_at"),
        ({"started_at": "9999-12-31T23:59:59-14:00"}, "#/started_at"),
        ({"ended_at": None}, "#/ended_at"),
        ({"talk_seconds": -1}, "#/talk_seconds"),
        ({"talk_seconds": 604_801}, "#/talk_seconds"),
        ({"talk_seconds": 1.5}, "#/talk_seconds"),
        ({"talk_seconds": "90"}, "#/talk_seconds"),
        ({"talk_seconds": True}, "#/talk_seconds"),
        ({"ended_by": "ghost"}, "#/ended_by"),
        ({"ask": "no"}, "#/ask"),
        ({"test": 1}, "#/test"),
        ({"tags": ["x"] * 51}, "#/tags"),
        ({"tags": ["x" * 101]}, "#/tags/0"),
        ({"tags": [5]}, "#/tags/0"),
        ({"attributes": []}, "#/attributes"),
        ({"attributes": {str(number): 1 for number in range(51)}}, "#/attributes"),
        ({"attributes": {"x" * 101: 1}}, "#/attributes"),
        ({"attributes": {"": 1}}, "#/attributes"),
        ({"attributes": {"a": [[[[[1]]]]]}}, "#/attributes"),
        ({"account_id": "01890a5d-ac96-774b-bcce-b302099a8057"}, "#/account_id"),
        ({"status": "finished"}, "#/status"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_field_that_cannot_be_taken_is_named(api: Api, changes: dict[str, Any], pointer: str) -> None:
    assert pointers(api("POST", "/v1/calls", api.call_end(**changes))) == {pointer}


def test_a_number_beyond_all_bounds_is_named(api: Api) -> None:
    body = json.dumps({**api.call_end(), "talk_seconds": 10**40})
    response = api("POST", "/v1/calls", data=body, content_type="application/json")
    assert pointers(response) == {"#/talk_seconds"}


def test_times_that_cannot_be_true_are_named(api: Api) -> None:
    call = api.call_end(started_at="2099-01-01T00:00:00Z")
    assert pointers(api("POST", "/v1/calls", call)) == {"#/ended_at", "#/answered_at"}


def test_what_is_optional_may_be_null(api: Api) -> None:
    call = api.call_end(
        agent=None, queue=None, talk_seconds=None, tags=None, attributes=None, answered_at=None
    )
    assert api("POST", "/v1/calls", call).status_code == 202


def test_a_whole_number_of_seconds_may_be_written_with_a_point(api: Api) -> None:
    assert api("POST", "/v1/calls", api.call_end(talk_seconds=63.0)).status_code == 202


def test_texts_are_cleaned_before_they_are_kept(api: Api) -> None:
    call = api.call_end(
        queue="bil\x00ling", tags=["cafe\u0301"], attributes={"no\x00te": ["a\x00b", {"deep": "c\x00"}]}
    )
    call_id = content(api("POST", "/v1/calls", call))["call"]["id"]
    kept = content(api("GET", f"/v1/calls/{call_id}"))
    assert kept["queue"] == "billing"
    assert kept["tags"] == ["café"]
    assert kept["attributes"] == {"note": ["ab", {"deep": "c"}]}


def test_a_call_is_read_with_its_decision(api: Api) -> None:
    received = content(api("POST", "/v1/calls", api.call_end()))
    call = content(api("GET", f"/v1/calls/{received['call']['id']}"))
    assert call["invitation"] == received["invitation"]
    assert call["skipped"] is None
    assert call["agent"]["id"] == "7"
    invitation = content(api("GET", f"/v1/invitations/{received['invitation']['id']}"))
    assert invitation["call"] == received["call"]
    assert [check["passed"] for check in invitation["decision"]["checks"]] == [True] * len(RULES)


def test_what_is_known_later_is_added(api: Api) -> None:
    call_id = content(api("POST", "/v1/calls", api.call_end(tags=["one"])))["call"]["id"]
    changes = {
        "wrap_seconds": 48,
        "tags": ["two"],
        "queue": None,
        "agent": {"id": "7", "name": "Agent Seven"},
    }
    response = api("PATCH", f"/v1/calls/{call_id}", changes)
    assert response.status_code == 200
    call = content(response)
    assert (call["wrap_seconds"], call["tags"]) == (48, ["one", "two"])
    assert call["agent"] == {"id": "7", "name": "Agent Seven", "team": "blue", "vendor": None}


def test_another_agent_is_a_conflict(api: Api) -> None:
    call_id = content(api("POST", "/v1/calls", api.call_end()))["call"]["id"]
    assert api("PATCH", f"/v1/calls/{call_id}", {"agent": {"id": "8"}}).status_code == 409


@pytest.mark.parametrize("changes", [{}, {"queue": None}])
def test_an_amendment_says_something(api: Api, changes: dict[str, Any]) -> None:
    call_id = content(api("POST", "/v1/calls", api.call_end()))["call"]["id"]
    assert pointers(api("PATCH", f"/v1/calls/{call_id}", changes)) == {"#"}


def test_what_was_decided_by_cannot_be_amended(api: Api) -> None:
    call_id = content(api("POST", "/v1/calls", api.call_end()))["call"]["id"]
    response = api("PATCH", f"/v1/calls/{call_id}", {"ended_at": "2026-03-02T09:30:00Z", "customer": {}})
    assert pointers(response) == {"#/ended_at", "#/customer"}


def test_an_id_that_is_none_is_not_found(api: Api) -> None:
    for path in ("/v1/calls/5", f"/v1/calls/{uuid4()}", f"/v1/invitations/{uuid4()}", "/v1/calls/%00"):
        assert api("GET", path).status_code == 404


def test_calls_of_another_account_are_not_found(api: Api) -> None:
    received = content(api("POST", "/v1/calls", api.call_end()))
    stranger = api.headers(account_id=api.account("second"))
    assert api("GET", f"/v1/calls/{received['call']['id']}", headers=stranger).status_code == 404
    assert api("GET", f"/v1/invitations/{received['invitation']['id']}", headers=stranger).status_code == 404
    changes = {"wrap_seconds": 1}
    path = f"/v1/calls/{received['call']['id']}"
    assert api("PATCH", path, changes, headers=stranger).status_code == 404
