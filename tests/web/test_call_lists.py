"""Calls are found by the platform's id, and listed as far as an index serves."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.web.conftest import Api


def items(api: Api, query: str, **options: Any) -> list[dict[str, Any]]:
    response = api("GET", f"/v1/calls{query}", **options)
    assert response.status_code == 200, response.text
    assert response.json is not None
    found: list[dict[str, Any]] = response.json["items"]
    return found


def report(api: Api, **changes: Any) -> str:
    response = api("POST", "/v1/calls", api.call_end(**changes))
    assert response.status_code == 202, response.text
    assert response.json is not None
    call_id: str = response.json["call"]["id"]
    return call_id


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [call["id"] for call in found]


def ended(days_ago: int) -> dict[str, str]:
    end = datetime.now(UTC).replace(microsecond=0) - timedelta(days=days_ago)
    return {
        "started_at": (end - timedelta(seconds=90)).isoformat(),
        "answered_at": (end - timedelta(seconds=80)).isoformat(),
        "ended_at": end.isoformat(),
    }


def day(days_ago: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days_ago)).date().isoformat()


def test_a_call_is_found_by_the_platforms_id_as_it_is_read_by_ours(api: Api) -> None:
    call_id = report(api, call_id="2026/17 ö")
    report(api, call_id="2026/17 ö", source="other")
    found = items(api, "?call_id=2026%2F17%20%C3%B6")
    assert ids(found) == [call_id]
    assert found == [api("GET", f"/v1/calls/{call_id}").json]
    assert [call["source"] for call in items(api, "?call_id=2026%2F17%20%C3%B6&source=other")] == ["other"]


def test_a_call_that_is_not_there_is_an_empty_page(api: Api) -> None:
    report(api, call_id="there")
    assert items(api, "?call_id=ther") == items(api, "?call_id=there&source=other") == []


def test_all_calls_come_with_the_last_reported_first(api: Api) -> None:
    reported = [report(api, agent={"id": agent}) for agent in ("7", "8", "7")]
    assert ids(items(api, "")) == reported[::-1]


def test_an_agents_calls_of_some_days(api: Api) -> None:
    old, yesterday, today = (report(api, **ended(days)) for days in (5, 1, 0))
    report(api, agent={"id": "8"})
    assert ids(items(api, "?agent=7")) == [today, yesterday, old]
    assert ids(items(api, f"?agent=7&from={day(1)}")) == [today, yesterday]
    assert ids(items(api, f"?agent=7&from={day(5)}&to={day(1)}")) == [yesterday, old]
    assert items(api, "?agent=nobody") == []


def test_without_days_an_agents_last_ninety_are_listed(api: Api) -> None:
    report(api, **ended(120))
    within = report(api, **ended(80))
    assert ids(items(api, "?agent=7")) == [within]
    assert len(items(api, f"?agent=7&from={day(121)}")) == 2


def test_an_agents_calls_by_what_became_of_them(api: Api) -> None:
    asked = report(api)
    masked = report(api, customer={"phone": "138****1234"})
    short = report(api, talk_seconds=1, customer={"phone": "+447700900199"})
    assert ids(items(api, "?agent=7&status=scheduled")) == [asked]
    assert ids(items(api, "?agent=7&status=skipped")) == [short, masked]
    assert ids(items(api, "?agent=7&skip_reason=masked_phone")) == [masked]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("source=generic", "source"),
        ("call_id=1&agent=7", "agent"),
        ("call_id=1&from=2026-01-01", "from"),
        ("from=2026-01-01", "from"),
        ("to=2026-01-01", "to"),
        ("status=skipped", "status"),
        ("skip_reason=too_short", "skip_reason"),
        ("agent=7&status=lost", "status"),
        ("agent=7&skip_reason=tired", "skip_reason"),
        ("agent=7&from=2026-02-01&to=2026-01-01", "to"),
        ("agent=", "agent"),
        ("call_id=%00", "call_id"),
        ("phone=1", "phone"),
    ],
)
def test_what_cannot_be_listed_is_refused_by_name(api: Api, query: str, parameter: str) -> None:
    response = api("GET", f"/v1/calls?{query}")
    assert response.status_code == 422
    assert response.json is not None
    assert {error["parameter"] for error in response.json["errors"]} == {parameter}


def test_another_accounts_calls_are_not_there(api: Api) -> None:
    report(api, call_id="ours")
    stranger = api.headers(account_id=api.account("second"))
    for query in ("", "?call_id=ours", "?agent=7"):
        assert items(api, query, headers=stranger) == []


def test_the_conflict_of_a_changed_report_names_the_call_that_is_there(api: Api) -> None:
    call_id = report(api, call_id="twice")
    response = api("POST", "/v1/calls", api.call_end(call_id="twice", talk_seconds=7))
    assert response.status_code == 409
    assert call_id in response.text
    assert ids(items(api, "?call_id=twice")) == [call_id]
