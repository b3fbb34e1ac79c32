"""Twilio's doors open only to what Twilio signed, and keep what it says."""

from typing import Any

import pytest
from sqlalchemy import select
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from werkzeug.test import TestResponse

from app.store.messages import Attempt, Message
from app.store.provider_events import ProviderEvent
from tests.web.conftest import ACCOUNT_SID, AUTH_TOKEN, NUMBER, PHONE, Api

MESSAGE_SID = "SM" + "0123456789abcdef" * 2
TEXT = {"MessageSid": MESSAGE_SID, "AccountSid": ACCOUNT_SID, "From": PHONE, "To": NUMBER, "Body": "5"}
RECEIPT = {"MessageSid": MESSAGE_SID, "AccountSid": ACCOUNT_SID, "MessageStatus": "delivered"}


def post(api: Api, path: str, form: dict[str, str], token: str = AUTH_TOKEN, **options: Any) -> TestResponse:
    signature = RequestValidator(token).compute_signature(f"http://survey.example{path}", form)
    return api.client.post(path, data=form, headers={"X-Twilio-Signature": signature}, **options)


def kept(api: Api) -> list[ProviderEvent]:
    with api.sessions() as session:
        return list(session.scalars(select(ProviderEvent)))


def test_a_text_is_answered_with_an_empty_response(api: Api) -> None:
    api.invite()
    response = post(api, "/hooks/twilio/inbound", TEXT)
    assert response.status_code == 200
    assert response.mimetype == "text/xml"
    assert "<Response" in response.text
    assert "<Message" not in response.text
    assert [event.kind for event in kept(api)] == ["text"]
    assert len(api.rung) == 2


def test_a_text_delivered_twice_is_kept_once(api: Api) -> None:
    assert [post(api, "/hooks/twilio/inbound", TEXT).status_code for _ in range(2)] == [200, 200]
    assert len(kept(api)) == 1


def test_a_receipt_is_taken_with_no_words(api: Api) -> None:
    response = post(api, "/hooks/twilio/status", RECEIPT)
    assert (response.status_code, response.data) == (204, b"")
    assert [event.status for event in kept(api)] == ["delivered"]


def test_the_query_is_signed_as_it_was_given(api: Api) -> None:
    path = "/hooks/twilio/status?account=not-an-id&attempt=not-an-id&note=a%20b+c%2F"
    assert post(api, path, RECEIPT).status_code == 204


def test_a_receipt_finds_its_message_by_the_attempt_in_its_url(api: Api) -> None:
    api.invite()
    with api.sessions.begin() as session:
        message = session.scalars(select(Message)).one()
        attempt = Attempt(
            account_id=message.account_id, id=message.id, message_id=message.id, number=1, claim_id=message.id
        )
        session.add(attempt)
        message_id, account_id = message.id, message.account_id
    path = f"/hooks/twilio/status?account={account_id}&attempt={message_id}"
    assert post(api, path, RECEIPT).status_code == 204
    with api.sessions() as session:
        assert session.get_one(Message, (account_id, message_id)).state == "delivered"


@pytest.mark.parametrize("path", ["/hooks/twilio/inbound", "/hooks/twilio/status"])
def test_a_wrong_or_missing_signature_is_a_403(api: Api, path: str) -> None:
    form = TEXT | RECEIPT
    assert post(api, path, form, token="another token").status_code == 403
    missing = api.client.post(path, data=form)
    assert missing.status_code == 403
    assert missing.mimetype == "application/problem+json"
    for odd in ("", "x", "é", "=" * 1000):
        headers = {"X-Twilio-Signature": odd}
        assert api.client.post(path, data=form, headers=headers).status_code == 403
    assert kept(api) == []


@pytest.mark.parametrize("sid", ["AC" + "f" * 32, "", "AC\x00"])
def test_an_account_of_the_carrier_that_no_sender_has_opens_nothing(api: Api, sid: str) -> None:
    assert post(api, "/hooks/twilio/inbound", {**TEXT, "AccountSid": sid}).status_code == 403


def test_the_signature_of_another_path_or_body_is_refused(api: Api) -> None:
    signature = RequestValidator(AUTH_TOKEN).compute_signature(
        "http://survey.example/hooks/twilio/inbound", TEXT
    )
    headers = {"X-Twilio-Signature": signature}
    changed = api.client.post("/hooks/twilio/inbound", data={**TEXT, "Body": "1"}, headers=headers)
    assert changed.status_code == 403
    queried = api.client.post("/hooks/twilio/inbound?x=1", data=TEXT, headers=headers)
    assert queried.status_code == 403


def test_json_is_refused_whatever_its_signature(api: Api) -> None:
    signature = RequestValidator(AUTH_TOKEN).compute_signature(
        "http://survey.example/hooks/twilio/inbound", {}
    )
    response = api.client.post("/hooks/twilio/inbound", json=TEXT, headers={"X-Twilio-Signature": signature})
    assert response.status_code == 415


def test_a_signed_form_with_a_field_missing_is_refused(api: Api) -> None:
    form = {name: value for name, value in TEXT.items() if name != "Body"}
    response = post(api, "/hooks/twilio/inbound", form)
    assert response.status_code == 422
    assert response.json is not None
    assert response.json["errors"] == [{"pointer": "#/Body", "detail": "is missing"}]


@pytest.mark.parametrize("body", ["²", "①", "5️⃣", "٥", "-1", "5/5", "五", "", "\x00", "5\x00", "x" * 10_000])
def test_no_text_is_too_odd(api: Api, body: str) -> None:
    api.invite()
    assert post(api, "/hooks/twilio/inbound", {**TEXT, "Body": body}).status_code == 200


def test_a_text_over_the_limit_is_a_413(api: Api) -> None:
    assert post(api, "/hooks/twilio/inbound", {**TEXT, "Body": "x" * 70_000}).status_code == 413
