"""Reports on mails: taken from whoever has the sender's secret, once, and whatever they hold."""

import random
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.store.contacts import Contact
from app.store.messages import Message
from app.store.provider_events import ProviderEvent
from tests.mails import bounce, complaint, report
from tests.web.conftest import MAX_BODY_BYTES, Api
from tests.web.mail_hook import mailed, post


def test_a_bounce_fails_the_mail_and_its_address(api: Api) -> None:
    message_id, mail = mailed(api)
    answer = post(api, bounce(mail))
    assert (answer.status_code, answer.json) == (200, {"understood": "undeliverable"})
    with api.sessions() as session:
        message = session.scalars(select(Message).where(Message.id == message_id)).one()
        contact = session.get_one(Contact, (message.account_id, message.contact_id))
        assert (message.state, message.error_code) == ("failed", 501001)
        assert contact.undeliverable_at is not None
        assert contact.opted_out_at is None
        event = session.scalars(select(ProviderEvent)).one()
        assert (event.provider, event.kind, event.message_id) == ("smtp", "mail_report", message_id)
    assert api.rung


def test_the_address_it_came_back_to_names_the_mail_when_nothing_else_does(api: Api) -> None:
    message_id, mail = mailed(api)
    told = bounce(
        mail | {"message_id": "<else@where>", "envelope_from": f"bounce+{message_id.hex}@b.example"}
    )
    assert post(api, told).json == {"understood": "undeliverable"}


def test_so_does_the_envelopes_id(api: Api) -> None:
    message_id, _ = mailed(api)
    fields = (
        f"Reporting-MTA: dns; mx.example\r\nOriginal-Envelope-Id: {message_id.hex}@survey.example\r\n\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\n"
    )
    assert post(api, report("", fields=fields)).json == {"understood": "undeliverable"}


def test_a_complaint_is_a_no(api: Api) -> None:
    _, mail = mailed(api)
    assert post(api, complaint(mail)).json == {"understood": "complaint"}
    with api.sessions() as session:
        assert all(contact.opted_out_at for contact in session.scalars(select(Contact)))


def test_a_report_on_no_mail_of_ours_is_kept_and_does_nothing(api: Api) -> None:
    _, mail = mailed(api)
    stranger = mail | {"message_id": f"<{uuid4().hex}@survey.example>"}
    assert [post(api, bounce(stranger)).json for _ in range(2)] == [{"understood": "unmatched"}] * 2
    with api.sessions() as session:
        assert session.scalar(select(func.count()).select_from(ProviderEvent)) == 1


def nested(depth: int) -> bytes:
    levels = (
        f"Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n" for level in range(depth)
    )
    return "".join(levels).encode()


HOSTILE = {
    "nothing": b"",
    "no mail": b"\x00\xff" * 1000,
    "nested": nested(1000),
    "mails in mails": b"Content-Type: message/rfc822\r\n\r\n" * 1500,
    "many parts": b"Content-Type: multipart/report; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 8000,
    "many headers": b"To: a@b\r\n" * 6000,
    "a long header": b"To: " + b"0" * 60_000,
    "many addresses": b"To: " + (b"0" * 32 + b"@b, ") * 1500,
    "a charset of nobody": report("x").replace(
        b"text/rfc822-headers", b"text/rfc822-headers; charset=klingon"
    ),
    "an encoding of nobody": report("x").replace(
        b"text/rfc822-headers\r\n", b"text/rfc822-headers\r\nContent-Transfer-Encoding: base64\r\n"
    ),
    "no end": report("Message-ID: <x>")[:-40],
    "no status": report("", fields="Action: failed\r\n"),
    "a long status": report("", fields="Action: failed\r\nStatus: " + "5." * 20_000),
    "continued parameters": b"Content-Type: multipart/report; boundary*0=a;" + b"boundary*1=b;" * 4000,
    "of absence": b"Subject: I am away\r\nAuto-Submitted: auto-replied\r\n\r\nback on Monday",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_is_signed_is_answered(api: Api, body: bytes) -> None:
    mailed(api)
    answer = post(api, body)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    assert answer.json["understood"] in ("other", "unmatched")


def test_a_report_cut_off_or_garbled_anywhere_is_answered(api: Api) -> None:
    message_id, mail = mailed(api)
    whole = bounce(mail | {"envelope_from": f"bounce+{message_id.hex}@bounces.example"})
    chance = random.Random(5)  # noqa: S311 - the same each time
    for _ in range(60):
        body = bytearray(whole[: chance.randrange(len(whole))])
        for _ in range(chance.randrange(5)):
            if body:
                body[chance.randrange(len(body))] = chance.randrange(256)
        assert post(api, bytes(body)).status_code == 200


def test_a_body_that_is_too_long_is_not_read(api: Api) -> None:
    mailed(api)
    assert post(api, b"x" * (MAX_BODY_BYTES + 1)).status_code == 413


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", None, "application/x-www-form-urlencoded"]
)
def test_only_mails_are_taken(api: Api, kind: str | None) -> None:
    mailed(api)
    assert post(api, b"a=b", Content_Type=kind).status_code == 415


@pytest.mark.parametrize("sender", ["", "else@acme.example", "\x00", "x" * 5000, "' or 1=1 --"])
def test_a_sender_that_nobody_has_is_told_nothing(api: Api, sender: str) -> None:
    mailed(api)
    assert post(api, b"x", sender=sender).status_code == 403
