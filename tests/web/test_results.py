"""Results, responses and comments: who may see which, and page by page."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.flow.roll_up import roll_up
from tests.settling import settle
from tests.web.conftest import Api


def content(response: TestResponse) -> Any:
    assert response.status_code == 200, response.text
    assert response.json is not None
    return response.json


def answered(api: Api, agent_id: str, csat: int, comment: str, phone: str) -> None:
    token = api.invite(agent={"id": agent_id}, customer={"phone": phone})
    form = {"csat": str(csat), "ownership": "5", "nps": "9", "comment": comment}
    assert api.client.post(f"/s/{token}", data=form).status_code == 303


@pytest.fixture
def told(committing_api: Api) -> Api:
    """Three answered calls of two agents, rolled up."""
    api = committing_api
    answered(api, "7", 5, "Quick and friendly", "+447700900001")
    answered(api, "7", 2, "慢了一点", "+447700900002")
    answered(api, "SIP/8", 4, "<b>fine</b>", "+447700900003")
    with api.sessions.begin() as session:
        roll_up(session, 1000)
    settle(api.sessions)
    return api


def test_results_are_grouped_and_carry_their_definitions(told: Api) -> None:
    results = content(told("GET", "/v1/results?group_by=agent"))
    rows = {row["agent"]["id"]: row for row in results["rows"]}
    assert (rows["7"]["csat"]["n"], rows["7"]["csat"]["score"]) == (2, 50.0)
    assert rows["SIP/8"]["csat"]["histogram"] == {"1": 0, "2": 0, "3": 0, "4": 1, "5": 0}
    assert rows["7"]["csat"]["definition"] == {"name": "csat_top2box", "version": 1}
    assert results["as_of"] is not None


def test_one_agents_results_are_found_by_any_id_that_a_platform_gives(told: Api) -> None:
    for path in ("/v1/agents/SIP/8/results", "/v1/agents/SIP%2F8/results"):
        rows = content(told("GET", path))["rows"]
        assert [row["agent"]["id"] for row in rows] == ["SIP/8"]


def test_unchanged_results_are_not_sent_again(told: Api) -> None:
    headers = told.headers("results:read")
    first = told("GET", "/v1/results?group_by=team", headers=headers)
    again = told(
        "GET", "/v1/results?group_by=team", headers={**headers, "If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


def test_results_change_with_an_answer(told: Api) -> None:
    before = told("GET", "/v1/results?group_by=agent").headers["ETag"]
    answered(told, "7", 5, "", "+447700900004")
    with told.sessions.begin() as session:
        roll_up(session, 1000)
    assert told("GET", "/v1/results?group_by=agent").headers["ETag"] != before


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "group_by"),
        ("group_by=customer", "group_by"),
        ("group_by=agent&bucket=year", "bucket"),
        ("group_by=agent&from=yesterday", "from"),
        ("group_by=agent&from=0001-01-01", "from"),
        ("group_by=agent&to=9999-12-31", "to"),
        ("group_by=agent&from=2026-03-02&to=2026-03-01", "to"),
        ("group_by=agent&form=2026-03-02", "form"),
    ],
)
def test_a_query_that_means_nothing_is_refused(api: Api, query: str, parameter: str) -> None:
    response = api("GET", f"/v1/results?{query}")
    assert response.status_code == 422
    assert response.json is not None
    assert [error["parameter"] for error in response.json["errors"]] == [parameter]


def test_responses_are_listed_page_by_page(told: Api) -> None:
    seen, cursor = [], ""
    for _ in range(3):
        page = content(told("GET", f"/v1/responses?limit=1{cursor}"))
        seen += [response["call"]["call_id"] for response in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert page["next_cursor"] is None
    assert len(set(seen)) == 3


def test_coming_back_with_the_last_cursor_brings_what_is_new(told: Api) -> None:
    cursor = content(told("GET", "/v1/responses"))["cursor"]
    assert content(told("GET", f"/v1/responses?cursor={cursor}"))["items"] == []
    answered(told, "7", 1, "", "+447700900004")
    settle(told.sessions)
    items = content(told("GET", f"/v1/responses?cursor={cursor}"))["items"]
    assert [item["answers"]["csat"]["value"] for item in items] == [1]


def test_words_are_shown_to_keys_that_may_read_them(told: Api) -> None:
    without = content(told("GET", "/v1/responses", headers=told.headers("results:read")))
    assert all("verbatims" not in item for item in without["items"])
    with_words = content(told("GET", "/v1/responses", headers=told.headers("results:read", "verbatims:read")))
    assert "慢了一点" in [item["verbatims"]["comment"] for item in with_words["items"]]


def test_an_agents_comments_are_listed_newest_first(told: Api) -> None:
    page = content(told("GET", "/v1/agents/7/verbatims?limit=1"))
    assert [item["text"] for item in page["items"]] == ["慢了一点"]
    path = f"/v1/agents/7/verbatims?cursor={page['next_cursor']}"
    assert [item["text"] for item in content(told("GET", path))["items"]] == ["Quick and friendly"]


@pytest.mark.parametrize("cursor", ["x", "%00", "é", "WzFd", "A" * 600])
def test_an_invented_cursor_is_refused(api: Api, cursor: str) -> None:
    for path in ("/v1/responses", "/v1/agents/7/verbatims"):
        response = api("GET", f"{path}?cursor={cursor}")
        assert response.status_code == 422
        assert response.json is not None
        assert response.json["errors"][0]["parameter"] == "cursor"


def test_a_cursor_of_one_agent_opens_no_other_list(told: Api) -> None:
    cursor = content(told("GET", "/v1/agents/7/verbatims?limit=1"))["next_cursor"]
    assert told("GET", f"/v1/agents/SIP/8/verbatims?cursor={cursor}").status_code == 422
    assert told("GET", f"/v1/responses?cursor={cursor}").status_code == 422


def test_an_agents_own_key_sees_that_agent_only(told: Api) -> None:
    own = told.headers("results:self", agent_id="7")
    rows = content(told("GET", "/v1/results?group_by=agent", headers=own))["rows"]
    assert [row["agent"]["id"] for row in rows] == ["7"]
    items = content(told("GET", "/v1/responses", headers=own))["items"]
    assert {item["agent"]["id"] for item in items} == {"7"}
    assert told("GET", "/v1/agents/SIP/8/results", headers=own).status_code == 404
    assert told("GET", "/v1/agents/7/verbatims", headers=own).status_code == 403
    words = told.headers("verbatims:read", "results:self", agent_id="7")
    assert told("GET", "/v1/agents/SIP/8/verbatims", headers=words).status_code == 404


def test_another_account_sees_nothing_of_it(told: Api) -> None:
    stranger = told.headers(account_id=told.account("second"))
    assert content(told("GET", "/v1/results?group_by=agent", headers=stranger))["rows"] == []
    assert content(told("GET", "/v1/responses", headers=stranger))["items"] == []
    for path in ("/v1/agents/7/results", "/v1/agents/7/verbatims"):
        response = told("GET", path, headers=stranger)
        assert response.status_code == 404 or not (response.json or {}).get("rows", []) + (
            response.json or {}
        ).get("items", [])


@pytest.mark.parametrize("agent_id", ["%00", "a%0Ab", "%20a", "a" * 201])
def test_an_agent_id_that_can_be_none_is_not_found(api: Api, agent_id: str) -> None:
    assert api("GET", f"/v1/agents/{agent_id}/results").status_code == 404
    assert api("GET", f"/v1/agents/{agent_id}/verbatims").status_code == 404
