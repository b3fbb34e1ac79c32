"""Handlers are reported, amended, read and decided about by the API."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from tests.web.conftest import Api
from tests.web.test_calls import content, pointers


def handler(call: dict[str, Any], agent: str, start: int, end: int, **more: Any) -> dict[str, Any]:
    """From so many seconds after the call's start to so many after it."""
    began = datetime.fromisoformat(call["started_at"])
    given = {
        "agent": {"id": agent, "name": agent.title(), "team": "blue"},
        "started_at": (began + timedelta(seconds=start)).isoformat(),
        "ended_at": (began + timedelta(seconds=end)).isoformat(),
        "talk_seconds": end - start,
    }
    return {**given, **more}


def transferred(api: Api, **changes: Any) -> dict[str, Any]:
    call = api.call_end()
    call.pop("agent", None)
    parts = [handler(call, "ada", 0, 50, queue="billing"), handler(call, "bob", 50, 85)]
    return {**call, "handlers": parts, **changes}


def report(api: Api, call: dict[str, Any]) -> str:
    response = api("POST", "/v1/calls", call)
    assert response.status_code == 202, response.text
    call_id: str = content(response)["call"]["id"]
    return call_id


def read(api: Api, call_id: str) -> dict[str, Any]:
    shown: dict[str, Any] = content(api("GET", f"/v1/calls/{call_id}"))
    return shown


def decide(api: Api, call_id: str, decision: dict[str, Any], **more: Any) -> TestResponse:
    return api("PUT", f"/v1/calls/{call_id}/attribution", decision, **more)


def test_a_call_shows_all_its_handlers_and_for_whom_it_counts(api: Api) -> None:
    call = read(api, report(api, transferred(api, transferred_to="voicemail")))
    assert (call["agent"]["id"], call["attributed_by"]) == ("bob", "last")
    assert (call["transferred_from"], call["transferred_to"]) == ("ada", "voicemail")
    first, second = call["handlers"]
    assert (first["position"], first["agent"], first["queue"], first["talk_seconds"], first["counts"]) == (
        1,
        {"id": "ada", "name": "Ada", "team": "blue", "vendor": None},
        "billing",
        50,
        False,
    )
    assert (second["position"], second["platform_agent_id"], second["counts"]) == (2, "bob", True)


def test_the_survey_says_for_whom(api: Api) -> None:
    assert api("PUT", "/v1/surveys/default", {"attribute_to": "first"}).status_code == 200
    assert read(api, report(api, transferred(api)))["agent"]["id"] == "ada"


@pytest.mark.parametrize(
    "terms",
    [{"attribute_to": "best"}, {"attribute_min_talk_seconds": -1}, {"attribute_min_talk_seconds": 3601}],
    ids=str,
)
def test_a_rule_that_there_is_not_is_refused(api: Api, terms: dict[str, Any]) -> None:
    assert pointers(api("PUT", "/v1/surveys/default", terms)) == {f"#/{next(iter(terms))}"}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"agent": {"id": "zoe"}}, "#/agent"),
        ({"handlers": [{"agent": {"id": "a"}}] * 31}, "#/handlers"),
        ({"handlers": [{"queue": "x"}]}, "#/handlers/0/agent"),
        ({"handlers": [{"agent": {"id": ""}}]}, "#/handlers/0/agent/id"),
        ({"handlers": [{"agent": {"id": "a"}, "talk_seconds": 1.5}]}, "#/handlers/0/talk_seconds"),
        ({"handlers": [{"agent": {"id": "a"}, "talk_seconds": 604_800}]}, "#/handlers/0/talk_seconds"),
        ({"handlers": [{"agent": {"id": "a"}, "ended_at": "2020-01-01T00:00:00Z"}]}, "#/handlers/0/ended_at"),
        ({"handlers": [{"agent": {"id": "a"}, "score": 5}]}, "#/handlers/0/score"),
        ({"handlers": "ada"}, "#/handlers"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_what_cannot_be_taken_of_handlers_is_named(api: Api, change: dict[str, Any], pointer: str) -> None:
    assert pointers(api("POST", "/v1/calls", transferred(api, **change))) == {pointer}


def test_handlers_are_added_to_a_call_until_its_customer_is_asked(api: Api) -> None:
    call = transferred(api)
    parts = call.pop("handlers")
    call_id = report(api, {**call, "agent": {"id": "ada"}})
    shown = content(api("PATCH", f"/v1/calls/{call_id}", {"handlers": parts}))
    assert (shown["agent"]["id"], len(shown["handlers"])) == ("bob", 2)
    late = {"agent": {"id": "eve"}, "talk_seconds": 9_999}
    assert pointers(api("PATCH", f"/v1/calls/{call_id}", {"handlers": [*parts, late]})) == {
        "#/handlers/2/talk_seconds"
    }


def test_a_person_decides_and_takes_it_back(api: Api) -> None:
    call_id = report(api, transferred(api))
    before = read(api, call_id)
    decided = content(decide(api, call_id, {"handler": 1, "reason": "Bob only said goodbye"}))
    assert (decided["agent"]["id"], decided["attributed_by"]) == ("ada", "handler")
    assert [one["counts"] for one in decided["handlers"]] == [True, False]
    assert read(api, call_id) == decided
    shown = content(api("GET", "/v1/audit?action=call.reattributed", headers=api.headers("audit:read")))
    assert shown["items"][0]["detail"]["reason"] == "Bob only said goodbye"
    assert content(decide(api, call_id, {"by_rule": True, "reason": "He did not"})) == before


@pytest.mark.parametrize(
    ("decision", "pointer"),
    [
        ({"reason": "x"}, "#"),
        ({"handler": 1, "by_rule": True, "reason": "x"}, "#"),
        ({"by_rule": False, "reason": "x"}, "#/by_rule"),
        ({"handler": 1}, "#/reason"),
        ({"handler": 1, "reason": " "}, "#/reason"),
        ({"handler": 0, "reason": "x"}, "#/handler"),
        ({"handler": 3, "reason": "x"}, "#/handler"),
        ({"agent": {"name": "Zoe"}, "reason": "x"}, "#/agent/id"),
        ({"agent": {"id": "zoe"}, "reason": "x"}, "#/agent/id"),
    ],
    ids=str,
)
def test_a_decision_that_is_none_is_refused(api: Api, decision: dict[str, Any], pointer: str) -> None:
    assert pointers(decide(api, report(api, transferred(api)), decision)) == {pointer}


def test_deciding_takes_a_scope_of_its_own_and_a_call_of_ones_own(api: Api) -> None:
    call_id = report(api, transferred(api))
    decision = {"handler": 1, "reason": "x"}
    writer = api.headers("calls:write", "results:read", "roster:write")
    assert decide(api, call_id, decision, headers=writer).status_code == 403
    stranger = api.headers("attributions:write", account_id=api.account("second"))
    assert decide(api, call_id, decision, headers=stranger).status_code == 404
    assert decide(api, str(uuid4()), decision).status_code == 404


def test_an_agent_decides_about_nobodys_call_whatever_else_their_key_may(api: Api) -> None:
    call_id = report(api, transferred(api))
    own = api.headers("results:self", "attributions:write", agent_id="ada")
    assert decide(api, call_id, {"handler": 1, "reason": "mine"}, headers=own).status_code == 403
    assert read(api, call_id)["agent"]["id"] == "bob"
