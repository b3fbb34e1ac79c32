"""Listed numbers by the API: never in an address, audited, and seen as flags of calls."""

from typing import Any

import pytest

from app.web.api.schemas.numbers import NumberSchema
from tests.settling import settle
from tests.web.conftest import PHONE, Api

AGENTS = {"number": PHONE, "listed_as": "agent", "agent_id": "7"}


def test_a_number_is_listed_found_and_taken_off(api: Api) -> None:
    listed = api("POST", "/v1/numbers", AGENTS)
    assert listed.status_code == 201
    assert listed.json is not None
    assert NumberSchema().validate(listed.json) == {}
    assert api("POST", "/v1/numbers", AGENTS).status_code == 200
    assert api("GET", "/v1/numbers?listed_as=agent").json["items"] == [listed.json]  # type: ignore[index]
    assert api("GET", "/v1/numbers?listed_as=test").json["items"] == []  # type: ignore[index]

    call = api("POST", "/v1/calls", api.call_end()).json
    assert call is not None
    assert call["skipped"] == {"reason": "agents_number"}
    seen = api("GET", f"/v1/calls/{call['call']['id']}").json
    assert seen is not None
    assert seen["flags"] == ["agents_number"]
    for query, found in (
        ("flag=agents_number", 1),
        ("flag=agent_triggered", 0),
        ("agent=7&flag=agents_number", 1),
    ):
        page = api("GET", f"/v1/calls?{query}").json
        assert page is not None
        assert len(page["items"]) == found

    assert api("DELETE", f"/v1/numbers/{listed.json['id']}").status_code == 204
    assert api("DELETE", f"/v1/numbers/{listed.json['id']}").status_code == 404
    assert api("POST", "/v1/calls", api.call_end()).json["invitation"]  # type: ignore[index]


def test_a_call_that_the_agent_had_asked_after_is_flagged_in_its_response(committing_api: Api) -> None:
    api = committing_api
    token = api.invite(trigger="agent")
    assert api.client.post(f"/s/{token}", data={"csat": "5", "comment": "well"}).status_code in (200, 303)
    settle(api.sessions)
    for query, found in (("", 1), ("?flag=agent_triggered", 1), ("?flag=agents_number", 0)):
        assert len(api("GET", f"/v1/responses{query}").json["items"]) == found  # type: ignore[index]
    (response,) = api("GET", "/v1/responses").json["items"]  # type: ignore[index]
    (verbatim,) = api("GET", "/v1/agents/7/verbatims").json["items"]  # type: ignore[index]
    assert response["call"]["flags"] == verbatim["call"]["flags"] == ["agent_triggered"]


def test_a_file_is_taken_whole_or_not_at_all_and_given_back(api: Api) -> None:
    csv = "number,listed_as,agent_id\r\n'+447700900123,agent,7\r\n1234,test,\r\n"
    sent = {"headers": api.headers(), "content_type": "text/csv"}
    assert api("POST", "/v1/numbers/import", data=csv, **sent).json == {"changed": 2, "unchanged": 0}
    wrong = api("POST", "/v1/numbers/import", data=csv + "nobody,test,\r\n", **sent)
    assert wrong.status_code == 422
    assert "line 4" in wrong.get_data(as_text=True)
    exported = api("GET", "/v1/numbers", headers={**api.headers(), "Accept": "text/csv"})
    assert exported.mimetype == "text/csv"
    assert sorted(exported.get_data(as_text=True).splitlines()) == sorted(csv.splitlines())
    assert api("POST", "/v1/numbers/import", {"number": PHONE}).status_code == 415


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"number": "nobody", "listed_as": "test"}, "#/number"),
        ({"number": "+4420*", "listed_as": "internal"}, "#/number"),
        ({"number": PHONE, "listed_as": "boss"}, "#/listed_as"),
        ({"number": PHONE, "listed_as": "test", "agent_id": "7"}, "#/agent_id"),
        ({"number": PHONE}, "#/listed_as"),
    ],
)
def test_what_can_not_be_listed_is_refused(api: Api, body: dict[str, Any], pointer: str) -> None:
    refused = api("POST", "/v1/numbers", body)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json["errors"]] == [pointer]  # type: ignore[index]


def test_it_takes_its_scopes_and_reaches_no_other_account(api: Api) -> None:
    for scope in ("lists:read", "customers:write"):
        assert api("POST", "/v1/numbers", AGENTS, headers=api.headers(scope)).status_code == 403
    assert api("GET", "/v1/numbers", headers=api.headers("lists:write")).status_code == 403
    listed = api("POST", "/v1/numbers", AGENTS).json
    assert listed is not None
    other = api.headers(account_id=api.account("second"))
    assert api("GET", "/v1/numbers", headers=other).json["items"] == []  # type: ignore[index]
    assert api("DELETE", f"/v1/numbers/{listed['id']}", headers=other).status_code == 404
