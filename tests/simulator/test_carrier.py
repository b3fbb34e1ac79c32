"""The carrier as Twilio's own client library meets it."""

from datetime import UTC, datetime, timedelta

import pytest
from twilio.rest import Client  # type: ignore[import-untyped]

from tests.simulator.world import ACCOUNT_SID, AUTH_TOKEN, MESSAGES, NUMBER, PHONE, World, eventually, refusal

MESSAGING_SERVICE = "MG" + "0b" * 16


def test_a_message_is_created_fetched_and_delivered(world: World) -> None:
    created = world.twilio.messages.create(to=PHONE, from_=NUMBER, body="How are you?")
    assert (created.status, created.from_, created.to, created.direction) == (
        "queued",
        NUMBER,
        PHONE,
        "outbound-api",
    )
    eventually(lambda: world.twilio.messages(created.sid).fetch().status == "delivered")
    fetched = world.twilio.messages(created.sid).fetch()
    assert fetched.body == "How are you?"
    assert fetched.date_sent is not None
    assert abs(datetime.now(UTC) - fetched.date_created) < timedelta(minutes=1)
    assert fetched.error_code is None


def test_a_messaging_service_sends_from_the_carriers_number(world: World) -> None:
    created = world.twilio.messages.create(to=PHONE, messaging_service_sid=MESSAGING_SERVICE, body="Hi")
    assert (created.status, created.from_, created.num_segments) == ("accepted", None, "0")
    assert created.messaging_service_sid == MESSAGING_SERVICE
    eventually(lambda: world.twilio.messages(created.sid).fetch().from_ == NUMBER)
    assert world.ledger()[0]["from"] == NUMBER


@pytest.mark.parametrize(
    ("form", "code", "status"),
    [
        ({"From": NUMBER, "Body": "x"}, 21604, 400),
        ({"To": "", "From": NUMBER, "Body": "x"}, 21604, 400),
        ({"To": "138****", "From": NUMBER, "Body": "x"}, 21211, 400),
        ({"To": "+0123456789", "From": NUMBER, "Body": "x"}, 21211, 400),
        ({"To": PHONE, "Body": "x"}, 21603, 400),
        ({"To": PHONE, "From": "+15005550001", "Body": "x"}, 21606, 400),
        ({"To": PHONE, "MessagingServiceSid": "MG1", "Body": "x"}, 20001, 400),
        ({"To": PHONE, "From": NUMBER}, 21602, 400),
        ({"To": PHONE, "From": NUMBER, "Body": "x" * 1601}, 21617, 400),
        ({"To": PHONE, "From": NUMBER, "Body": "x", "StatusCallback": "hooks/status"}, 21609, 400),
        ({"To": PHONE, "From": NUMBER, "Body": "x", "ValidityPeriod": "0"}, 21624, 400),
        ({"To": PHONE, "From": NUMBER, "Body": "x", "ValidityPeriod": "36001"}, 21624, 400),
        ({"To": PHONE, "From": NUMBER, "Body": "x", "ValidityPeriod": "²"}, 21624, 400),
    ],
)
def test_what_cannot_be_sent_is_refused_with_twilios_code(
    world: World, form: dict[str, str], code: int, status: int
) -> None:
    response = world.create(**form)
    assert response.status == status
    error = response.json()
    assert error["code"] == code
    assert error["status"] == status
    assert error["message"]
    assert error["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert world.ledger() == []


def test_twilios_client_reads_the_refusal(world: World) -> None:
    error = refusal(lambda: world.twilio.messages.create(to="nobody", from_=NUMBER, body="x"))
    assert (error.status, error.code) == (400, 21211)


def test_a_wrong_token_is_not_let_in(world: World) -> None:
    response = world.create(token="guessed", To=PHONE, From=NUMBER, Body="x")
    assert (response.status, response.json()["code"]) == (401, 20003)
    assert world.request("GET", f"{MESSAGES}.json").status == 401
    assert world.ledger() == []


def test_another_account_is_not_found(world: World) -> None:
    other = Client(
        ACCOUNT_SID, AUTH_TOKEN, account_sid="AC" + "ff" * 16, http_client=world.twilio.http_client
    )
    assert refusal(lambda: other.messages.create(to=PHONE, from_=NUMBER, body="x")).code == 20404


def test_an_unknown_message_and_an_unknown_path_are_not_found(world: World) -> None:
    error = refusal(lambda: world.twilio.messages("SM" + "00" * 16).fetch())
    assert (error.status, error.code) == (404, 20404)
    assert world.request("GET", "/2010-04-01/Accounts").json()["code"] == 20404


def test_a_list_is_filtered_by_recipient_and_sender_newest_first(world: World) -> None:
    world.send("one")
    world.send("elsewhere", to="+12025550143")
    world.create(To=PHONE, From="+15005550009", Body="from another number")
    world.send("two")
    assert [m.body for m in world.twilio.messages.list(to=PHONE, from_=NUMBER)] == ["two", "one"]
    assert [m.body for m in world.twilio.messages.list(from_="+15005550009")] == ["from another number"]
    assert len(world.twilio.messages.list()) == 4
    assert world.twilio.messages.list(to="+33612345678") == []


def test_a_list_is_filtered_by_when_it_was_sent(world: World) -> None:
    sid = world.send()["sid"]
    eventually(lambda: world.twilio.messages(sid).fetch().status == "delivered")
    now = datetime.now(UTC)
    assert len(world.twilio.messages.list(to=PHONE, date_sent=now.date())) == 1
    assert len(world.twilio.messages.list(to=PHONE, date_sent_after=now - timedelta(minutes=1))) == 1
    assert world.twilio.messages.list(to=PHONE, date_sent_after=now + timedelta(minutes=1)) == []
    assert len(world.twilio.messages.list(to=PHONE, date_sent_before=now + timedelta(minutes=1))) == 1
    assert world.twilio.messages.list(to=PHONE, date_sent_before=now - timedelta(days=1)) == []
    assert world.listing(DateSent="yesterday").status == 400


def test_pages_end_and_a_message_that_arrives_meanwhile_moves_none(world: World) -> None:
    for number in range(5):
        world.send(str(number))
    stream = world.twilio.messages.stream(to=PHONE, page_size=2)
    read = [next(stream).body, next(stream).body]
    world.send("late")
    read += [message.body for message in stream]
    assert read == ["4", "3", "2", "1", "0"]


def test_a_full_last_page_is_not_followed_by_an_empty_one(world: World) -> None:
    for number in range(4):
        world.send(str(number))
    assert len(world.twilio.messages.list(page_size=2)) == 4
    assert world.listing(PageSize="4").json()["next_page_uri"] is None
    assert world.listing(PageSize="3").json()["next_page_uri"] is not None
    assert world.listing(PageSize="0").json()["code"] == 20001


def test_the_ledger_tells_what_was_accepted_and_where_its_receipts_go(world: World) -> None:
    sid = world.send("Body", StatusCallback="http://127.0.0.1:9/status?attempt=1")["sid"]
    (entry,) = world.ledger()
    assert (entry["sid"], entry["to"], entry["from"], entry["body"]) == (sid, PHONE, NUMBER, "Body")
    assert entry["status_callback"] == "http://127.0.0.1:9/status?attempt=1"
    assert datetime.fromisoformat(entry["accepted_at"]).tzinfo is not None
