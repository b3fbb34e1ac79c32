"""Messages by the API: listed, explained, sent again and closed by whoever has a key for it."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.domain.message import MessageState
from app.store.messages import Message
from tests.web.conftest import PHONE, Api


def put_in(api: Api, state: str, **changes: Any) -> str:
    """A call whose first text has come to that state; the message's id."""
    received = api("POST", "/v1/calls", api.call_end(**changes)).json
    assert received is not None
    with api.sessions.begin() as session:
        message = session.scalars(
            select(Message).where(Message.invitation_id == UUID(received["invitation"]["id"]))
        ).one()
        message.state, message.attempts = state, 1
        return str(message.id)


def listed(api: Api, query: str = "") -> dict[str, Any]:
    answer = api("GET", f"/v1/messages{query}")
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json
    return page


def test_what_waits_for_a_person_is_listed_with_what_can_be_done(api: Api) -> None:
    message_id = put_in(api, "in_doubt")
    (item,) = listed(api)["items"]
    assert (item["id"], item["status"], item["purpose"]) == (message_id, "in_doubt", "ask")
    assert "ended unclear" in item["explanation"]["happened"]
    assert len(item["explanation"]["options"]) == 2
    assert item["call"]["call_id"]
    assert item["invitation"]["status"] == "scheduled"
    assert PHONE not in str(item)
    assert PHONE[3:] not in str(item)
    assert api("GET", f"/v1/messages/{message_id}").json == item


@pytest.mark.parametrize("status", [*MessageState])
def test_every_status_can_be_listed(api: Api, status: str) -> None:
    message_id = put_in(api, status)
    assert [item["id"] for item in listed(api, f"?status={status}")["items"]] == [message_id]
    other = "due" if status == "delivered" else "delivered"
    assert listed(api, f"?status={other}") == {"items": [], "next_cursor": None, "cursor": None}


def test_the_list_is_read_by_pages(api: Api) -> None:
    customers = [f"+4477009001{number:02}" for number in range(5)]
    ids = [put_in(api, "failed", customer={"phone": phone}) for phone in customers]
    seen, query = [], "?status=failed&limit=2"
    while True:
        page = listed(api, query)
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query = f"?status=failed&limit=2&cursor={page['next_cursor']}"
    assert seen == ids[::-1]


def test_a_person_has_a_text_sent_again_and_workers_are_woken(api: Api) -> None:
    message_id = put_in(api, "in_doubt")
    api.rung.clear()
    answer = api("POST", f"/v1/messages/{message_id}/resend", {"reason": "not in the log"})
    assert answer.status_code == 200, answer.text
    assert api.rung
    message = answer.json
    assert message is not None
    assert message["status"] == "due"
    assert message["by_hand"][0]["reason"] == "not in the log"
    assert message["by_hand"][0]["by"].startswith("key pc_")
    again = api("POST", f"/v1/messages/{message_id}/resend", {"reason": "not in the log"})
    assert (again.status_code, again.json) == (200, message)


def test_a_reason_need_not_be_given(api: Api) -> None:
    for body in (None, {}, {"reason": None}):
        message_id = put_in(api, "quarantined", customer={"phone": f"+4477009{uuid4().int % 100_000:05}"})
        closed = api("POST", f"/v1/messages/{message_id}/close", body)
        assert (closed.status_code, closed.json and closed.json["status"]) == (200, "cancelled")


def test_where_it_is_not_possible_the_answer_says_why(api: Api) -> None:
    message_id = put_in(api, "delivered")
    for decision, said in (("resend", "sent again"), ("close", "closed")):
        answer = api("POST", f"/v1/messages/{message_id}/{decision}", {})
        assert answer.status_code == 409
        assert answer.json is not None
        assert answer.json["detail"] == f"This message can't be {said}: it has reached the customer."


@pytest.mark.parametrize("body", [{"reason": 5}, {"state": "due"}, {"reason": "x" * 501}])
def test_what_a_decision_does_not_know_is_refused(api: Api, body: dict[str, Any]) -> None:
    message_id = put_in(api, "in_doubt")
    assert api("POST", f"/v1/messages/{message_id}/resend", body).status_code == 422
    assert listed(api)["items"][0]["by_hand"] == []


def test_reading_is_not_deciding(api: Api) -> None:
    message_id = put_in(api, "in_doubt")
    reader = api.headers("calls:read")
    assert api("GET", "/v1/messages", headers=reader).status_code == 200
    for decision in ("resend", "close"):
        path = f"/v1/messages/{message_id}/{decision}"
        assert api("POST", path, {}, headers=reader).status_code == 403
    decider = api.headers("messages:write")
    assert api("POST", f"/v1/messages/{message_id}/close", {}, headers=decider).status_code == 200


def test_nothing_is_found_of_another_account(api: Api) -> None:
    message_id = put_in(api, "in_doubt")
    stranger = api.headers(account_id=api.account("second"))
    page = api("GET", "/v1/messages", headers=stranger).json
    assert page is not None
    assert page["items"] == []
    for method, path in (("GET", ""), ("POST", "/resend"), ("POST", "/close")):
        body = {} if method == "POST" else None
        assert api(method, f"/v1/messages/{message_id}{path}", body, headers=stranger).status_code == 404


def test_a_status_that_does_not_exist_is_refused(api: Api) -> None:
    answer = api("GET", "/v1/messages?status=lost")
    assert answer.status_code == 422
    assert "in_doubt" in answer.text
