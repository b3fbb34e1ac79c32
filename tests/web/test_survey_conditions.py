"""Which calls a survey is for, as it is set by the API: what is wrong is named, what is right decides."""

from typing import Any

import pytest

from tests.web.conftest import Api

CONDITIONS: dict[str, Any] = {
    "directions": ["inbound"],
    "queues": ["sales-*"],
    "not_queues": ["sales-internal"],
    "tags": ["vip", "refund"],
    "not_tags": ["staff"],
    "attributes": {"tier": ["gold", 2, True]},
    "ask_transferred_in": False,
    "ask_transferred_out": True,
}
FIT: dict[str, Any] = {"queue": "Sales-EU", "tags": ["VIP"], "attributes": {"tier": "2"}}


def test_the_conditions_are_kept_as_they_are_sent(api: Api) -> None:
    put = api("PUT", "/v1/surveys/default", CONDITIONS)
    assert put.status_code == 200, put.json
    definition = api("GET", "/v1/surveys/default").json["definition"]  # type: ignore[index]
    assert {name: definition[name] for name in CONDITIONS} == CONDITIONS


def test_what_no_database_keeps_is_cleaned_away(api: Api) -> None:
    put = api("PUT", "/v1/surveys/default", {"attributes": {"a\x00b": ["x\x00y", 1]}, "tags": ["v\x00"]})
    assert put.status_code == 200
    definition = put.json["definition"]  # type: ignore[index]
    assert (definition["attributes"], definition["tags"]) == ({"ab": ["xy", 1]}, ["v"])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"direction": "outbound"}, "wrong_direction"),
        ({"queue": "sales-internal"}, "wrong_queue"),
        ({"queue": None}, "wrong_queue"),
        ({"tags": ["vip", "staff"]}, "wrong_tags"),
        ({"tags": []}, "wrong_tags"),
        ({"attributes": {"tier": 3}}, "wrong_attributes"),
        ({"attributes": {"tier": ["silver", "Gold"]}}, None),
        ({"transferred_from": "1041"}, "transferred"),
    ],
)
def test_the_conditions_decide_and_the_reason_can_be_looked_up(
    api: Api, changes: dict[str, Any], reason: str | None
) -> None:
    api("PUT", "/v1/surveys/default", CONDITIONS)
    received = api("POST", "/v1/calls", api.call_end(**{**FIT, **changes})).json
    assert received is not None
    assert received.get("skipped", {}).get("reason") == reason


@pytest.mark.parametrize(
    ("definition", "pointer"),
    [
        ({"directions": []}, "#/directions"),
        ({"directions": ["sideways"]}, "#/directions/0"),
        ({"queues": ["sales-2"], "not_queues": ["sales-*"]}, "#/queues/0"),
        ({"queues": ["sa*les"]}, "#/queues/0"),
        ({"queues": ["a"] * 101}, "#/queues"),
        ({"not_tags": ["x", "X"]}, "#/not_tags/1"),
        ({"attributes": {"tier": []}}, "#/attributes/tier"),
        ({"attributes": {"tier": [None]}}, "#/attributes/tier/0"),
        ({"attributes": {"tier": [{"a": 1}]}}, "#/attributes/tier/0"),
        ({"attributes": {"tier": ["x", "X"]}}, "#/attributes/tier/1"),
        ({"attributes": ["tier"]}, "#/attributes"),
        ({"attributes": {"": ["x"]}}, "#/attributes/"),
        ({"ask_transferred_in": "no"}, "#/ask_transferred_in"),
    ],
)
def test_what_can_not_be_met_is_refused_with_its_place(
    api: Api, definition: dict[str, Any], pointer: str
) -> None:
    refused = api("PUT", "/v1/surveys/default", definition)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json["errors"]] == [pointer]  # type: ignore[index]
