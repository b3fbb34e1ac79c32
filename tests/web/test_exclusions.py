"""Exclusions by the API: made, listed, ended, by whom; and what they take back is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.web.api.schemas.exclusions import ExclusionSchema, MadeExclusionSchema
from tests.web.conftest import Api


def window(**changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "from": (now - timedelta(hours=1)).isoformat(),
        "to": (now + timedelta(hours=1)).isoformat(),
        "reason": "the billing system was down",
        **changes,
    }


def test_an_outage_is_left_out_and_what_waited_is_taken_back(api: Api) -> None:
    waiting = api("POST", "/v1/calls", api.call_end()).json
    assert waiting is not None
    made = api("POST", "/v1/exclusions", window())
    assert made.status_code == 201
    assert made.json is not None
    assert MadeExclusionSchema().validate(made.json) == {}
    assert (made.json["taken_back"], made.json["complete"], made.json["status"]) == (1, True, "in_force")
    call = api("GET", f"/v1/calls/{waiting['call']['id']}").json
    assert call is not None
    assert (call["skipped"], call["invitation"]) == ({"reason": "excluded"}, None)
    late = api("POST", "/v1/calls", api.call_end(customer={"phone": "+447700900124"})).json
    assert late is not None
    assert late["skipped"] == {"reason": "excluded"}
    (listed,) = api("GET", "/v1/exclusions").json["items"]  # type: ignore[index]
    assert listed == {name: value for name, value in made.json.items() if name != "complete"}


def test_sent_again_it_is_the_one_that_is_there_until_it_is_ended(api: Api) -> None:
    sent = window()
    first, again = (api("POST", "/v1/exclusions", sent) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    api("POST", f"/v1/exclusions/{first.json['id']}/end")  # type: ignore[index]
    anew = api("POST", "/v1/exclusions", sent)
    assert (anew.status_code, anew.json["status"]) == (201, "in_force")  # type: ignore[index]


def test_it_is_ended_early_and_audited(api: Api) -> None:
    made = api("POST", "/v1/exclusions", window(queues=["sales-*"])).json
    assert made is not None
    ended = api("POST", f"/v1/exclusions/{made['id']}/end")
    assert ended.json is not None
    assert ExclusionSchema().validate(ended.json) == {}
    assert (ended.json["status"], ended.json["ended_by"].startswith("key ")) == ("over", True)
    actions = [entry["action"] for entry in api("GET", "/v1/audit").json["items"]]  # type: ignore[index]
    assert actions == ["exclusion.ended", "exclusion.added"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"to": "2020-01-01T00:00:00Z"}, "#/to"),
        ({"to": "2090-01-01T00:00:00Z"}, "#/to"),
        ({"from": "yesterday"}, "#/from"),
        ({"queues": ["a", "b*c"]}, "#/queues/1"),
        ({"reason": ""}, "#/reason"),
        ({"agent_id": "1042"}, "#/agent_id"),
    ],
)
def test_what_can_not_be_left_out_is_refused_and_an_agent_is_never_aimed_at(
    api: Api, changes: dict[str, Any], pointer: str
) -> None:
    refused = api("POST", "/v1/exclusions", window(**changes))
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json["errors"]] == [pointer]  # type: ignore[index]


def test_it_takes_its_scope_and_reaches_no_other_account(api: Api) -> None:
    assert api("POST", "/v1/exclusions", window(), headers=api.headers("calls:read")).status_code == 403
    made = api("POST", "/v1/exclusions", window()).json
    assert made is not None
    other = api.headers(account_id=api.account("second"))
    assert api("POST", f"/v1/exclusions/{made['id']}/end", headers=other).status_code == 404
    assert api("GET", "/v1/exclusions", headers=other).json["items"] == []  # type: ignore[index]
    assert api("POST", "/v1/calls", api.call_end(), headers=other).json["invitation"]  # type: ignore[index]


def test_the_list_is_read_page_by_page(api: Api) -> None:
    made = [api("POST", "/v1/exclusions", window()).json["id"] for _ in range(3)]  # type: ignore[index]
    first = api("GET", "/v1/exclusions?limit=2").json
    assert first is not None
    rest = api("GET", f"/v1/exclusions?limit=2&cursor={first['next_cursor']}").json
    assert rest is not None
    assert [one["id"] for one in first["items"] + rest["items"]] == made[::-1]
