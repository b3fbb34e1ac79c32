"""Links that the client delivers itself, and ratings that its own platform took."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from tests.web.conftest import Api


def content(response: TestResponse) -> Any:
    assert response.json is not None, response.text
    return response.json


@pytest.fixture
def linked(api: Api) -> dict[str, Any]:
    """An invitation whose link is the client's to deliver."""
    content(api("PUT", "/v1/surveys/default", {"channels": [{"channel": "link"}]}))
    received = content(api("POST", "/v1/calls", api.call_end()))
    assert received["invitation"]["channel"] == "link"
    invitation: dict[str, Any] = received["invitation"]
    return invitation


def test_a_link_is_answered_like_any_other(api: Api, linked: dict[str, Any]) -> None:
    url = urlsplit(linked["link"])
    page = api.client.get(url.path)
    assert page.status_code == 200
    taken = api.client.post(url.path, data={"csat": "5"})
    assert taken.status_code == 303
    invitation = content(api("GET", f"/v1/invitations/{linked['id']}"))
    assert invitation["status"] == "started"
    assert (invitation["channel"], invitation["delivered_basis"]) == ("link", "assumed")


def test_the_same_report_gets_the_same_link(api: Api) -> None:
    content(api("PUT", "/v1/surveys/default", {"channels": [{"channel": "link"}]}))
    call = api.call_end()
    first, again = (content(api("POST", "/v1/calls", call)) for _ in range(2))
    assert first == again
    assert first["invitation"]["link"].startswith("http")


def test_delivery_is_as_the_client_reports_it(api: Api, linked: dict[str, Any]) -> None:
    path = f"/v1/invitations/{linked['id']}/link"
    sent = content(api("POST", path, {"status": "sent"}))
    assert (sent["status"], sent["delivered_at"]) == ("asked", None)
    delivered = content(api("POST", path, {"status": "delivered"}))
    assert (delivered["status"], delivered["delivered_basis"]) == ("asked", "receipt")
    assert content(api("POST", path, {"status": "delivered"})) == delivered


def test_what_could_not_be_delivered_goes_on_by_the_next_channel(api: Api) -> None:
    content(api("PUT", "/v1/surveys/default", {"channels": [{"channel": "link"}, {"channel": "sms"}]}))
    linked = content(api("POST", "/v1/calls", api.call_end()))["invitation"]
    failed = content(api("POST", f"/v1/invitations/{linked['id']}/link", {"status": "failed"}))
    assert (failed["status"], failed["channel"]) == ("scheduled", "sms")


def test_what_is_reported_again_or_too_late_asks_nobody_twice(api: Api) -> None:
    content(api("PUT", "/v1/surveys/default", {"channels": [{"channel": "link"}, {"channel": "sms"}]}))
    arrived = content(api("POST", "/v1/calls", api.call_end()))["invitation"]
    path = f"/v1/invitations/{arrived['id']}/link"
    delivered = content(api("POST", path, {"status": "delivered"}))
    assert content(api("POST", path, {"status": "failed"})) == delivered
    lost = content(api("POST", "/v1/calls", api.call_end(customer={"phone": "+447700900199"})))["invitation"]
    path = f"/v1/invitations/{lost['id']}/link"
    failed = content(api("POST", path, {"status": "failed"}))
    assert failed["channel"] == "sms"
    for status in ("failed", "sent", "delivered"):
        assert content(api("POST", path, {"status": status})) == failed


@pytest.mark.parametrize(
    ("report", "status"),
    [({"status": "read"}, 422), ({}, 422), ({"status": "sent", "at": "2099-01-01T00:00:00Z"}, 422)],
    ids=str,
)
def test_a_report_that_cannot_be_is_refused(
    api: Api, linked: dict[str, Any], report: dict[str, Any], status: int
) -> None:
    assert api("POST", f"/v1/invitations/{linked['id']}/link", report).status_code == status


def test_a_text_is_not_the_clients_to_report_on(api: Api) -> None:
    invitation = content(api("POST", "/v1/calls", api.call_end()))["invitation"]
    assert "link" not in invitation
    answer = api("POST", f"/v1/invitations/{invitation['id']}/link", {"status": "sent"})
    assert answer.status_code == 409


def rate(api: Api, received: dict[str, Any], **ratings: Any) -> TestResponse:
    return api("POST", f"/v1/calls/{received['call']['id']}/answers", ratings)


def answers(api: Api, invitation_id: str) -> list[tuple[str, int | None, str]]:
    timeline = content(api("GET", f"/v1/invitations/{invitation_id}"))["timeline"]
    return [(one["question"], one["value"], one["channel"]) for one in timeline if one["event"] == "answer"]


def test_ratings_by_the_platforms_own_ivr_end_our_survey(api: Api) -> None:
    received = content(api("POST", "/v1/calls", api.call_end()))
    taken = content(rate(api, received, scale="zh_ivr_1best", csat=1, ownership=2))
    assert sorted(answers(api, taken["id"])) == [("csat", 5, "ivr"), ("ownership", 4, "ivr")]
    assert [one["event"] for one in taken["timeline"]].count("message.cancelled") == 1


def test_the_same_ratings_again_change_nothing(api: Api) -> None:
    received = content(api("POST", "/v1/calls", api.call_end()))
    first = content(rate(api, received, csat=3))
    assert content(rate(api, received, csat=3)) == first
    assert content(rate(api, received, csat=4)) != first
    assert [value for _, value, _ in answers(api, first["id"])] == [3, 4]


def test_ratings_sent_again_do_not_outweigh_what_the_customer_said_since(
    api: Api, linked: dict[str, Any]
) -> None:
    received = content(api("GET", f"/v1/invitations/{linked['id']}"))
    at = datetime.now(UTC).isoformat()
    report = {"csat": 2, "comment": "Waited for ever.", "answered_at": at}
    path = f"/v1/calls/{received['call']['id']}/answers"
    assert api("POST", path, report).status_code == 200
    page = urlsplit(linked["link"]).path
    said = {"csat": "4", "comment": "They called back.", "comment_stood": "1"}
    assert api.client.post(page, data=said).status_code == 303
    before = answers(api, linked["id"])
    assert api("POST", path, report).status_code == 200
    assert answers(api, linked["id"]) == before


def test_a_customer_whom_we_would_not_have_asked_has_answered_none_the_less(api: Api) -> None:
    received = content(api("POST", "/v1/calls", api.call_end(customer={"phone": "anonymous"})))
    taken = content(rate(api, received, csat=2, comment="Waited for ever."))
    assert (taken["status"], taken["skipped"]) == ("finished", None)


@pytest.mark.parametrize(
    "ratings",
    [
        {},
        {"csat": 0},
        {"csat": 6},
        {"csat": "5"},
        {"smile": 5},
        {"csat": 5, "scale": "stars"},
        {"csat": 5, "answered_at": "2099-01-01T00:00:00Z"},
        {"csat": 5, "answered_at": "2001-01-01T00:00:00Z"},
    ],
    ids=str,
)
def test_ratings_that_cannot_be_are_refused(api: Api, ratings: dict[str, Any]) -> None:
    received = content(api("POST", "/v1/calls", api.call_end()))
    assert rate(api, received, **ratings).status_code == 422
