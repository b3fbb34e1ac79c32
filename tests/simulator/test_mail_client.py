import base64
import hashlib
import hmac
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
import urllib3

from tests.simulator.post import ADA, BEN, SENDER, inbox, letter, post
from tests.simulator.receiver import Answer, Document, Receiver
from tests.simulator.world import World

KEY = b"key-of-the-mail-provider!"
ONE_CLICK = "List-Unsubscribe=One-Click"


def act(world: World, what: str, order: object = None) -> urllib3.BaseHTTPResponse:
    """Something is done with the newest mail of Ada's."""
    return world.request("POST", f"/mailboxes/{ADA}/messages/{inbox(world)[-1]['id']}/{what}", order)


def reported(receiver: Receiver) -> EmailMessage:
    (request,) = receiver.requests
    assert request.path == "/hooks/mail/reports?sender=survey%40postcall.test"
    assert request.headers["Content-Type"] == "message/rfc822"
    return message_from_bytes(request.body, policy=policy.default)


def fields(part: Any) -> dict[str, str]:
    """Of a machine's part of a report, whichever of its blocks they are in."""
    payload = part.get_payload()
    blocks = payload if isinstance(payload, list) else [message_from_bytes(payload.encode())]
    return {name: str(value) for block in blocks for name, value in block.items()}


def test_a_bounce_is_reported_as_rfc_3464_says(world: World, receiver: Receiver) -> None:
    post(world, letter("Subject to bounce"))
    assert act(world, "bounce").json() == {"status": 200, "body": "<Response/>", "error": None}
    report = reported(receiver)
    assert report.get_content_type() == "multipart/report"
    assert report.get_param("report-type") == "delivery-status"
    assert report["To"] == SENDER
    words, status, original = report.iter_parts()
    assert "550 5.1.1" in words.get_content()
    assert status.get_content_type() == "message/delivery-status"
    told = fields(status)
    assert told["Final-Recipient"] == f"rfc822; {ADA}"
    assert (told["Action"], told["Status"]) == ("failed", "5.1.1")
    assert original.get_payload()[0]["Subject"] == "Subject to bounce"  # type: ignore[index]


def test_a_bounce_may_say_something_else(world: World, receiver: Receiver) -> None:
    post(world)
    assert act(world, "bounce", {"status": "4.4.7", "action": "delayed"}).status == 200
    told = fields(list(reported(receiver).iter_parts())[1])
    assert (told["Action"], told["Status"]) == ("delayed", "4.4.7")


@pytest.mark.parametrize("order", [{"status": "2.0.0"}, {"status": 5}, {"action": "lost"}, {"code": 550}, []])
def test_a_bounce_that_cannot_be_is_refused(world: World, receiver: Receiver, order: object) -> None:
    post(world)
    assert act(world, "bounce", order).status == 400
    assert receiver.requests == []


def test_a_complaint_is_reported_as_rfc_5965_says(world: World, receiver: Receiver) -> None:
    post(world, letter("满意吗？"))
    assert act(world, "complain").json()["status"] == 200
    report = reported(receiver)
    assert report.get_param("report-type") == "feedback-report"
    _, feedback, original = report.iter_parts()
    assert feedback.get_content_type() == "message/feedback-report"
    told = fields(feedback)
    assert (told["Feedback-Type"], told["Version"]) == ("abuse", "1")
    assert (told["Original-Rcpt-To"], told["Original-Mail-From"]) == (f"<{ADA}>", f"<{SENDER}>")
    assert original.get_payload()[0]["Message-ID"] == "<m1@postcall.test>"  # type: ignore[index]


def test_a_report_is_signed_as_standard_webhooks_are(world: World, receiver: Receiver) -> None:
    post(world)
    act(world, "complain")
    (request,) = receiver.requests
    named, at = request.headers["webhook-id"], request.headers["webhook-timestamp"]
    assert abs(time.time() - int(at)) < 60
    digest = hmac.new(KEY, f"{named}.{at}.".encode() + request.body, hashlib.sha256).digest()
    assert request.headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()


def test_of_a_long_mail_the_beginning_is_reported(world: World, receiver: Receiver) -> None:
    mail = letter()
    mail.set_content("Very long. " * 20_000)
    post(world, mail)
    act(world, "bounce")
    assert len(receiver.requests[0].body) == 60_000
    assert fields(list(reported(receiver).iter_parts())[1])["Status"] == "5.1.1"


def test_what_the_service_said_to_a_report_comes_back(world: World, receiver: Receiver) -> None:
    post(world)
    receiver.answer = Answer(403, b"no", "text/plain")
    response = act(world, "complain")
    assert (response.status, response.json()["status"], response.json()["body"]) == (200, 403, "no")
    receiver.close()
    response = act(world, "complain")
    assert (response.status, response.json()["status"]) == (502, None)


def test_one_click_unsubscribes_by_a_post(world: World, receiver: Receiver) -> None:
    url = f"{receiver.url}/u/opaque"
    post(
        world, letter(List_Unsubscribe=f"<mailto:u@postcall.test>, <{url}>", List_Unsubscribe_Post=ONE_CLICK)
    )
    assert inbox(world)[0]["one_click"] == url
    assert act(world, "unsubscribe").json()["status"] == 200
    (request,) = receiver.requests
    assert request.path == "/u/opaque"
    assert request.fields == {"List-Unsubscribe": "One-Click"}
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert not {"Cookie", "Authorization", "Referer"} & set(request.headers)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"List_Unsubscribe": "<http://127.0.0.1:9/u>"},
        {"List_Unsubscribe": "<mailto:u@postcall.test>", "List_Unsubscribe_Post": ONE_CLICK},
        {"List_Unsubscribe": "<http://127.0.0.1:9/u>", "List_Unsubscribe_Post": "yes"},
    ],
)
def test_a_mail_without_one_click_offers_no_button(world: World, headers: dict[str, str]) -> None:
    post(world, letter(**headers))
    assert inbox(world)[0]["one_click"] is None
    assert act(world, "unsubscribe").status == 409


def test_a_scanner_fetches_every_link_five_times_each_way(world: World, receiver: Receiver) -> None:
    receiver.documents["/a"] = Document(b"a page")
    mail = letter(List_Unsubscribe=f"<{receiver.url}/u>")
    mail.set_content(f"Answer at {receiver.url}/a?csat=5.\n")
    post(world, mail)
    assert act(world, "scan").json() == [
        {"url": f"{receiver.url}/a?csat=5", "GET": [200] * 5, "HEAD": [200] * 5},
        {"url": f"{receiver.url}/u", "GET": [404] * 5, "HEAD": [404] * 5},
    ]
    paths = [(request.method, request.path) for request in receiver.requests]
    assert sorted(set(paths)) == [("GET", "/a?csat=5"), ("GET", "/u"), ("HEAD", "/a?csat=5"), ("HEAD", "/u")]
    assert len(paths) == 20


def test_a_scan_of_a_mail_without_links_and_a_mail_that_is_not_there(world: World) -> None:
    post(world)
    assert act(world, "scan").json() == []
    for what in ("bounce", "complain", "unsubscribe", "scan"):
        assert (
            world.request("POST", f"/mailboxes/{BEN}/messages/{inbox(world)[0]['id']}/{what}").status == 404
        )
