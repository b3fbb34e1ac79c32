"""Status callbacks, signed; the service's own validator is Twilio's, so it is asked here too."""

from urllib.parse import quote

import pytest
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from tests.simulator.receiver import Answer, Receiver, Request
from tests.simulator.world import ACCOUNT_SID, AUTH_TOKEN, NUMBER, PHONE, World, eventually


def told(requests: list[Request]) -> list[str]:
    return [request.fields["MessageStatus"] for request in requests]


@pytest.fixture
def callback(receiver: Receiver) -> str:
    return f"{receiver.url}/hooks/twilio/status?attempt=1"


def test_sent_and_delivered_are_told_in_order_and_the_first_status_is_not(
    world: World, receiver: Receiver, callback: str
) -> None:
    sid = world.send(StatusCallback=callback)["sid"]
    requests = receiver.wait_for(2)
    assert told(requests) == ["sent", "delivered"]
    assert requests[1].path == "/hooks/twilio/status?attempt=1"
    fields = requests[1].fields
    assert fields["MessageSid"] == fields["SmsSid"] == sid
    assert fields["SmsStatus"] == "delivered"
    assert (fields["AccountSid"], fields["From"], fields["To"]) == (ACCOUNT_SID, NUMBER, PHONE)
    assert "ErrorCode" not in fields


def test_callbacks_carry_a_signature_that_twilios_validator_accepts(world: World, receiver: Receiver) -> None:
    query = f"attempt=0193-aa&note={quote('a b')}+c&name={quote('名')}"
    world.send("Grüße 名 😀", StatusCallback=f"{receiver.url}/hooks/twilio/status?{query}")
    request = receiver.wait_for(1)[0]
    url, signature = receiver.url + request.path, request.headers["X-Twilio-Signature"]
    validator = RequestValidator(AUTH_TOKEN)
    assert validator.validate(url, request.fields, signature)
    assert not validator.validate(url, request.fields | {"MessageStatus": "read"}, signature)
    assert not validator.validate(url + "0", request.fields, signature)
    assert not RequestValidator("another token").validate(url, request.fields, signature)


@pytest.mark.parametrize(("code", "expected"), [(30003, ["sent", "undelivered"]), (30002, ["failed"])])
def test_a_delivery_code_ends_the_message_with_it(
    world: World, receiver: Receiver, callback: str, code: int, expected: list[str]
) -> None:
    world.fault(delivery_codes={PHONE: code})
    sid = world.send(StatusCallback=callback)["sid"]
    requests = receiver.wait_for(len(expected))
    assert told(requests) == expected
    assert requests[-1].fields["ErrorCode"] == str(code)
    assert world.twilio.messages(sid).fetch().error_code == code
    assert world.ledger()[0]["error_code"] == code


def test_a_message_without_a_callback_goes_its_way_untold(world: World, receiver: Receiver) -> None:
    world.send()
    eventually(lambda: world.ledger()[0]["status"] == "delivered")
    assert receiver.requests == []


def test_a_service_that_is_gone_is_recorded_and_harms_nothing(world: World, receiver: Receiver) -> None:
    receiver.close()
    world.send(StatusCallback=f"{receiver.url}/gone")
    eventually(lambda: len(world.get("/callbacks.json")) == 2)
    assert {(post["status"], bool(post["error"])) for post in world.get("/callbacks.json")} == {(None, True)}
    assert world.ledger()[0]["status"] == "delivered"


def test_what_the_service_answers_to_a_callback_is_kept(
    world: World, receiver: Receiver, callback: str
) -> None:
    receiver.answer = Answer(403, b"who are you?", "text/plain")
    world.send(StatusCallback=callback)
    eventually(lambda: len(world.get("/callbacks.json")) == 2)
    post = world.get("/callbacks.json")[0]
    assert (post["url"], post["status"], post["body"]) == (callback, 403, "who are you?")
