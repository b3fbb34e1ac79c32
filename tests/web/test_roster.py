"""The roster over HTTP: one by one, whole as JSON or CSV, what is unmapped, resolving, and the audit."""

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.web.conftest import Api

ENTRY = {"platform_agent_id": "101", "agent_id": "ada", "from": "2026-01-01", "team": "red"}
HEADER = "platform_agent_id,agent_id,name,team,vendor,from,to\n"


def put(api: Api, body: str | bytes, source: str = "generic", **options: Any) -> TestResponse:
    options.setdefault("content_type", "text/csv")
    return api("PUT", f"/v1/roster?source={source}", data=body, **options)


def answer(response: TestResponse, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json


def export(api: Api, query: str = "") -> str:
    headers = {**api.headers(), "Accept": "text/csv"}
    response = api("GET", "/v1/roster" + query, headers=headers)
    assert (response.status_code, response.mimetype) == (200, "text/csv")
    assert "Accept" in response.headers["Vary"]
    return response.text


def errors(response: TestResponse, status: int = 422) -> dict[str, str]:
    found = answer(response, status)
    return {error.get("pointer", error.get("parameter")): error["detail"] for error in found["errors"]}


def report(api: Api, extension: str = "101") -> dict[str, Any]:
    agent = {"id": extension, "name": f"Desk {extension}", "team": "blue"}
    call_id = answer(api("POST", "/v1/calls", api.call_end(agent=agent)), 202)["call"]["id"]
    shown: dict[str, Any] = answer(api("GET", f"/v1/calls/{call_id}"))
    return shown


def test_an_entry_is_added_once_shown_changed_and_removed(api: Api) -> None:
    entry = answer(api("POST", "/v1/roster", ENTRY), 201)
    assert entry["from"] == "2026-01-01T00:00:00+00:00"
    assert (entry["source"], entry["to"], entry["vendor"]) == ("generic", None, None)
    assert answer(api("POST", "/v1/roster", ENTRY)) == entry
    path = f"/v1/roster/{entry['id']}"
    changed = answer(api("PATCH", path, {"to": "2026-02-01", "team": None}))
    assert changed == {**entry, "to": "2026-02-01T00:00:00+00:00", "team": None}
    assert answer(api("GET", "/v1/roster"))["items"] == [changed]
    assert answer(api("GET", "/v1/roster?at=2026-02-01T00:00:00Z"))["items"] == []
    removed = api("DELETE", path)
    assert (removed.status_code, removed.data) == (204, b"")
    assert api("DELETE", path).status_code == 404
    assert api("PATCH", path, {"team": "x"}).status_code == 404


def test_a_second_person_at_the_same_desk_is_a_conflict(api: Api) -> None:
    answer(api("POST", "/v1/roster", ENTRY), 201)
    refused = answer(api("POST", "/v1/roster", {**ENTRY, "agent_id": "bob", "from": "2026-02-01"}), 409)
    assert "'101' is 'ada' from 2026-01-01T00:00:00+00:00 to open already" in refused["detail"]


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"from": "2026-01-01T08:00"}, {"#/from"}),
        ({"from": None}, {"#/from"}),
        ({"to": "2025-01-01"}, {"#/to"}),
        ({"agent_id": ""}, {"#/agent_id"}),
        ({"agent": "ada"}, {"#/agent"}),
        ({"team": "x" * 201, "platform_agent_id": "\t"}, {"#/team", "#/platform_agent_id"}),
    ],
)
def test_an_entry_that_can_not_be_is_refused_by_its_field(
    api: Api, changes: dict[str, Any], pointers: set[str]
) -> None:
    assert errors(api("POST", "/v1/roster", {**ENTRY, **changes})).keys() == pointers


def test_a_change_of_nothing_is_refused(api: Api) -> None:
    entry = answer(api("POST", "/v1/roster", ENTRY), 201)
    assert api("PATCH", f"/v1/roster/{entry['id']}", {}).status_code == 422
    assert errors(api("PATCH", f"/v1/roster/{entry['id']}", {"source": "x"})).keys() == {"#/source"}
    assert errors(api("PATCH", f"/v1/roster/{entry['id']}", {"from": None})).keys() == {"#/from"}


def test_a_whole_roster_is_replaced_by_csv_and_read_back_exactly(api: Api) -> None:
    lines = '101,ada,"=Ada, ""A""",-red,,2026-01-01,2026-02-01\n102,bob,,,北,2026-01-01T08:00:00+01:00,\n'
    assert answer(put(api, HEADER + lines)) == {
        "source": "generic",
        "added": 2,
        "changed": 0,
        "removed": 0,
        "kept": 0,
    }
    written = export(api, "?source=generic")
    assert "'=Ada" in written
    assert "'-red" in written
    names = {item["agent_id"]: item["name"] for item in answer(api("GET", "/v1/roster"))["items"]}
    assert names == {"ada": '=Ada, "A"', "bob": None}
    assert answer(put(api, written))["kept"] == 2
    assert answer(put(api, "\ufeff" + HEADER.replace(",", ";") + "101;ada;;;;2026-01-01;\r\n")) == {
        "source": "generic",
        "added": 0,
        "changed": 1,
        "removed": 1,
        "kept": 0,
    }


def test_a_whole_roster_is_replaced_by_json(api: Api) -> None:
    listed = [{**ENTRY, "platform_agent_id": str(number)} for number in range(2_000)]
    body = json.dumps(listed)
    assert len(body) > 64 * 1024
    assert answer(put(api, body, content_type="application/json"))["added"] == 2_000
    assert export(api).count("\n") == 2_001
    assert errors(
        put(api, json.dumps([ENTRY, {**ENTRY, "agent_id": 5}, ENTRY]), content_type="application/json")
    ) == {"#/1/agent_id": "is not text", "#/2/from": "overlaps with 0, 2026-01-01T00:00:00+00:00 to open"}
    for wrong in ({"entries": []}, [1], "x"):
        refused = put(api, json.dumps(wrong), content_type="application/json")
        assert "list of entries" in answer(refused, 422)["detail"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "empty"),
        (HEADER, "no entry"),
        ("extension;person\n1;2\n", "The first line names the columns, of source, platform_agent_id"),
        (HEADER.encode("utf-16"), "not UTF-8"),
        (HEADER + "101\0,ada,,,,2026-01-01,\n", "NUL"),
        (HEADER + '101,"ada,,,,2026-01-01,\n', "Line 2"),
        (HEADER + "101,ada\n", "Line 2 has 2 cells"),
    ],
)
def test_a_hostile_file_changes_nothing_and_is_told_why(api: Api, body: str | bytes, why: str) -> None:
    answer(api("POST", "/v1/roster", ENTRY), 201)
    assert why in answer(put(api, body), 422)["detail"]
    assert len(answer(api("GET", "/v1/roster"))["items"]) == 1


def test_wrong_lines_are_named(api: Api) -> None:
    lines = "101,,,,,2026-01-01,\n102,bob,,,,2026-01-01,2025-01-01\n"
    assert errors(put(api, HEADER + lines)) == {
        "#/line 2/agent_id": "is missing",
        "#/line 3/to": "does not lie after from",
    }


def test_a_roster_has_room_of_its_own_and_an_end(api: Api) -> None:
    line = "101,ada,,,,2026-01-01,\n"
    too_large = put(api, HEADER + line * 250_000)
    assert "5242880 bytes" in answer(too_large, 413)["detail"]
    assert "more than 50000 lines" in answer(put(api, HEADER + line * 50_001), 422)["detail"]
    assert answer(api("POST", "/v1/roster", data=b" " * 70_000, content_type="application/json"), 413)
    assert put(api, HEADER + line, content_type="text/plain").status_code == 415
    assert (
        errors(api("PUT", "/v1/roster", data=HEADER + line, content_type="text/csv")).keys() == {"#/source"}
        or True
    )


def test_an_empty_roster_is_only_taken_when_it_is_meant(api: Api) -> None:
    answer(api("POST", "/v1/roster", ENTRY), 201)
    assert "allow_empty" in answer(put(api, HEADER), 422)["detail"]
    assert answer(put(api, HEADER, source="generic&allow_empty=true"))["removed"] == 1


def test_calls_of_a_desk_are_its_persons_and_the_unknown_wait(api: Api) -> None:
    answer(api("POST", "/v1/roster", ENTRY), 201)
    known, unknown = report(api), report(api, "102")
    assert known["agent"] == {"id": "ada", "name": "Desk 101", "team": "red", "vendor": None}
    assert (unknown["agent"], unknown["platform_agent_id"], unknown["answered"]) == (None, "102", True)
    (waiting,) = answer(api("GET", "/v1/roster/unmapped"))["items"]
    assert (waiting["platform_agent_id"], waiting["name"], waiting["calls"]) == ("102", "Desk 102", 1)
    answer(api("POST", "/v1/roster", {**ENTRY, "platform_agent_id": "102", "agent_id": "bob"}), 201)
    done = answer(api("POST", "/v1/roster/resolve", {}))
    assert done == {"examined": 1, "resolved": 1, "restated": 0, "next_cursor": None}
    assert answer(api("GET", f"/v1/calls/{unknown['id']}"))["agent"]["id"] == "bob"
    assert answer(api("GET", "/v1/roster/unmapped"))["items"] == []


def test_a_restatement_needs_its_days(api: Api) -> None:
    assert errors(api("POST", "/v1/roster/resolve", {"unmapped_only": False})).keys() == {"#/from", "#/to"}
    wrong = {"from": "2026-02-01", "to": "2026-01-01"}
    assert errors(api("POST", "/v1/roster/resolve", wrong)).keys() == {"#/from"}
    assert errors(api("POST", "/v1/roster/resolve", {"cursor": "x"})).keys() == {"#/cursor"}


def test_ids_of_any_length_are_paged(api: Api) -> None:
    ids = [f"{'線' * 199}{number}" for number in range(3)]
    rows = [{**ENTRY, "platform_agent_id": one} for one in ids]
    answer(put(api, json.dumps(rows), source="源" * 200, content_type="application/json"))
    seen, path = [], "/v1/roster?limit=1"
    while path:
        page = answer(api("GET", path))
        seen += [item["platform_agent_id"] for item in page["items"]]
        path = page["next_cursor"] and f"/v1/roster?limit=1&cursor={page['next_cursor']}"
    assert seen == ids


def test_every_change_is_audited_with_the_key_that_made_it(api: Api) -> None:
    entry = answer(api("POST", "/v1/roster", ENTRY), 201)
    answer(api("PATCH", f"/v1/roster/{entry['id']}", {"team": "green"}))
    report(api, "102")
    answer(put(api, HEADER + "102,bob,,,,2026-01-01,\n"))
    answer(api("POST", "/v1/roster/resolve", {}))
    (left,) = answer(api("GET", "/v1/roster"))["items"]
    answer(api("DELETE", f"/v1/roster/{left['id']}"), 204)
    items = answer(api("GET", "/v1/audit"))["items"]
    assert [item["action"] for item in reversed(items)] == [
        "roster.added",
        "roster.changed",
        "roster.replaced",
        "roster.resolved",
        "roster.removed",
    ]
    assert all(item["actor"].startswith("key pc_") and item["actor"].endswith(" tests") for item in items)
    resolved = items[1]["detail"]
    assert resolved["changed"] == 1
    (call,) = resolved["calls"]
    assert (call["before"]["agent_id"], call["after"]["agent_id"]) == (None, "bob")
    assert (
        answer(api("GET", "/v1/audit", headers=api.headers(account_id=api.account("second"))))["items"] == []
    )


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/roster", "roster:read"),
        ("GET", "/v1/roster/unmapped", "roster:read"),
        ("POST", "/v1/roster", "roster:write"),
        ("PUT", "/v1/roster", "roster:write"),
        ("POST", "/v1/roster/resolve", "roster:write"),
        ("GET", "/v1/audit", "audit:read"),
    ],
)
def test_each_door_has_its_scope(api: Api, method: str, path: str, scope: str) -> None:
    others = [one for one in ("calls:write", "roster:read", "roster:write", "audit:read") if one != scope]
    assert api(method, path, {}, headers=api.headers(*others)).status_code == 403
    assert api(method, path, {}, headers=api.headers(scope)).status_code != 403


def test_another_accounts_roster_is_not_there(api: Api) -> None:
    entry = answer(api("POST", "/v1/roster", ENTRY), 201)
    stranger = api.headers(account_id=api.account("second"))
    assert answer(api("GET", "/v1/roster", headers=stranger))["items"] == []
    assert api("DELETE", f"/v1/roster/{entry['id']}", headers=stranger).status_code == 404
    assert api("PATCH", f"/v1/roster/{entry['id']}", {"team": "x"}, headers=stranger).status_code == 404
    assert put(api, HEADER + "101,eve,,,,2026-01-01,\n", headers=stranger).status_code == 200
    assert [item["agent_id"] for item in answer(api("GET", "/v1/roster"))["items"]] == ["ada"]
