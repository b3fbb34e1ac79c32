import threading
from typing import Any

import pytest
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from tests.simulator.receiver import Answer, Receiver
from tests.simulator.world import ACCOUNT_SID, AUTH_TOKEN, NUMBER, PHONE, World, eventually, refusal

SID = "SM" + "0c" * 16
CARRIER_NUMBER = "+15005550009"


def said(world: World, number: str = PHONE) -> list[tuple[str, str]]:
    return [(message["direction"], message["body"]) for message in world.phone(number)]


def test_a_phone_shows_what_came_and_what_its_owner_wrote_in_order(world: World) -> None:
    world.send("How satisfied are you?")
    world.text("5")
    world.send("谢谢")
    assert said(world) == [
        ("to_phone", "How satisfied are you?"),
        ("from_phone", "5"),
        ("to_phone", "谢谢"),
    ]
    assert world.phone("+12025550143") == []


def test_a_reply_reaches_the_service_with_twilios_fields_and_signature(
    world: World, receiver: Receiver
) -> None:
    response = world.text("2 态度差 😀 & a=b")
    assert response.status == 201
    (request,) = receiver.requests
    assert request.path == "/hooks/twilio/inbound"
    fields = request.fields
    assert fields["Body"] == "2 态度差 😀 & a=b"
    assert (fields["From"], fields["To"], fields["AccountSid"]) == (PHONE, NUMBER, ACCOUNT_SID)
    assert fields["MessageSid"] == fields["SmsSid"] == response.json()["sid"]
    assert (fields["NumMedia"], fields["NumSegments"]) == ("0", "1")
    assert (fields["FromCountry"], fields["ToCountry"]) == ("GB", "US")
    signature = request.headers["X-Twilio-Signature"]
    assert RequestValidator(AUTH_TOKEN).validate(receiver.url + request.path, fields, signature)


def test_a_reply_goes_to_who_texted_last_unless_told(world: World, receiver: Receiver) -> None:
    world.send("from the first number")
    world.create(To=PHONE, From=CARRIER_NUMBER, Body="from the second")
    world.text("to the last")
    world.text("to the first", to=NUMBER)
    assert [request.fields["To"] for request in receiver.requests] == [CARRIER_NUMBER, NUMBER]


def test_what_the_service_replied_is_kept_with_the_message(world: World, receiver: Receiver) -> None:
    receiver.answer = Answer(200, b"<Response/>")
    world.text("5")
    receiver.answer = Answer(403, b"no")
    world.text("4")
    deliveries = [message["deliveries"] for message in world.phone()]
    assert [[(d["status"], d["body"]) for d in each] for each in deliveries] == [
        [(200, "<Response/>")],
        [(403, "no")],
    ]


def test_a_reply_that_the_service_cannot_take_stays_on_the_phone(world: World, receiver: Receiver) -> None:
    receiver.close()
    response = world.text("5")
    assert response.status == 502
    assert response.json()["deliveries"][0]["error"]
    assert said(world) == [("from_phone", "5")]


def test_repeated_deliveries_carry_the_same_message_sid(world: World, receiver: Receiver) -> None:
    response = world.text("5", repeat=9)
    sid = response.json()["sid"]
    assert [request.fields["MessageSid"] for request in receiver.requests] == [sid] * 10
    assert len(response.json()["deliveries"]) == 10
    world.request("POST", f"/phones/{PHONE}/messages", {"message_sid": sid})
    assert receiver.requests[-1].fields == receiver.requests[0].fields
    assert len(world.phone()) == 1


def test_one_message_sid_from_many_threads_is_one_message(world: World, receiver: Receiver) -> None:
    threads = [
        threading.Thread(target=world.text, args=("5",), kwargs={"message_sid": SID}) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {request.fields["MessageSid"] for request in receiver.wait_for(20)} == {SID}
    assert len(world.phone()) == 1


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"body": 5},
        {"body": "5", "from": NUMBER},
        {"body": "5", "to": "somebody"},
        {"body": "5", "message_sid": "SM1"},
        {"body": "5", "repeat": -1},
        {"body": "5", "repeat": True},
        [],
    ],
)
def test_an_order_that_cannot_be_is_refused(world: World, receiver: Receiver, order: Any) -> None:
    assert world.request("POST", f"/phones/{PHONE}/messages", order).status == 400
    assert receiver.requests == []


def test_a_message_sid_of_another_phone_is_refused(world: World) -> None:
    world.text("5", message_sid=SID)
    assert world.text("5", number="+12025550143", message_sid=SID).status == 400
    assert world.text("4", message_sid=SID).status == 400
    assert world.text("5", number="mine").status == 400


def test_half_a_surrogate_pair_never_leaves_the_phone(world: World, receiver: Receiver) -> None:
    response = world.request("POST", f"/phones/{PHONE}/messages", b'{"body": "so \\ud83d"}')
    assert response.status == 201
    assert receiver.requests[0].fields["Body"] == "so ?"


def test_stop_blocks_the_pair_until_start_and_the_service_hears_of_both(
    world: World, receiver: Receiver
) -> None:
    world.send()
    world.text(" Stop ")
    error = refusal(lambda: world.twilio.messages.create(to=PHONE, from_=NUMBER, body="x"))
    assert (error.status, error.code) == (400, 21610)
    world.create(To=PHONE, From=CARRIER_NUMBER, Body="another sender may")
    world.send("another phone gets it", to="+12025550143")
    world.text("START", to=NUMBER)
    world.send("welcome back")
    assert [request.fields["Body"] for request in receiver.requests] == [" Stop ", "START"]
    assert "OptOutType" not in receiver.requests[0].fields
    assert said(world)[-1] == ("to_phone", "welcome back")


def test_the_carrier_confirms_a_stop_once_and_it_is_not_in_the_ledger(world: World) -> None:
    world.text("STOP")
    world.text("STOP")
    world.text("HELP")
    by = [(message["direction"], message["by"]) for message in world.phone()]
    assert by == [
        ("from_phone", "phone"),
        ("to_phone", "carrier"),
        ("from_phone", "phone"),
        ("from_phone", "phone"),
        ("to_phone", "carrier"),
    ]
    assert world.ledger() == []


@pytest.mark.parametrize(
    "body", ["please stop", "stop.", "they should stop transferring me", "退订", "NO", ""]
)
def test_only_a_stop_word_alone_blocks(world: World, body: str) -> None:
    world.text(body)
    world.send("still allowed")


def test_a_messaging_service_learns_of_the_block_after_accepting(world: World, receiver: Receiver) -> None:
    world.text("STOP")
    response = world.create(
        To=PHONE,
        MessagingServiceSid="MG" + "0b" * 16,
        Body="x",
        StatusCallback=f"{receiver.url}/hooks/twilio/status",
    )
    assert response.status == 201
    failed = receiver.wait_for(2)[1].fields
    assert (failed["MessageStatus"], failed["ErrorCode"]) == ("failed", "21610")


def test_all_phones_are_listed_the_liveliest_first(world: World) -> None:
    world.send("a", to="+12025550143")
    world.send("b")
    world.text("c")
    lines = world.get("/phones.json")
    assert [(line["number"], line["count"], line["last"]["body"]) for line in lines] == [
        (PHONE, 2, "c"),
        ("+12025550143", 1, "a"),
    ]


def test_an_undelivered_text_is_shown_as_such(world: World) -> None:
    world.fault(delivery_codes={PHONE: 30005})
    world.send()
    eventually(lambda: world.phone()[0]["status"] == "undelivered")
    assert world.phone()[0]["error_code"] == 30005
