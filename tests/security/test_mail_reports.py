"""The checks of the list for the door that takes Standard Webhooks signatures, and for what mails are made of."""

import time
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.channels.mail_message import bytes_of_mail
from app.channels.parcel import Mail
from app.store.provider_events import ProviderEvent
from tests.mails import FROM, SECRETS, bounce
from tests.web.conftest import Api
from tests.web.mail_hook import mailed, post, signature


def events(api: Api) -> int:
    with api.sessions() as session:
        return session.scalar(select(func.count()).select_from(ProviderEvent)) or 0


def test_01_hmac_over_raw_bytes_with_id_and_timestamp(api: Api) -> None:
    _, mail = mailed(api)
    body, now = bounce(mail), str(int(time.time()))
    right = signature(SECRETS[0], "msg_1", now, body)
    for wrong in (
        {"webhook_id": "msg_2"},
        {"webhook_timestamp": str(int(now) + 1)},
        {"webhook_signature": signature(SECRETS[0], "msg_1", now, body + b" ")},
        {"webhook_signature": right.replace("v1,", "v2,")},
    ):
        headers = {"webhook_timestamp": now, "webhook_signature": right, **wrong}
        assert post(api, body, **headers).status_code == 403, wrong
    assert events(api) == 0
    several = f"v1,AAAA v2,BBBB {right}"
    assert post(api, body, webhook_timestamp=now, webhook_signature=several).status_code == 200


@pytest.mark.parametrize(("off", "status"), [(-290, 200), (290, 200), (-310, 403), (310, 403)])
def test_01_five_minutes_to_either_side(api: Api, off: float, status: int) -> None:
    _, mail = mailed(api)
    assert post(api, bounce(mail), off=off).status_code == status


def test_02_a_replay_returns_the_first_result(api: Api) -> None:
    _, mail = mailed(api)
    answers = [post(api, bounce(mail)) for _ in range(3)]
    assert {(answer.status_code, answer.data) for answer in answers} == {(200, answers[0].data)}
    assert events(api) == 1


def test_03_two_secrets_verify_during_a_rotation(api: Api) -> None:
    _, mail = mailed(api)
    assert [post(api, bounce(mail), secret=secret).status_code for secret in SECRETS] == [200, 200]
    assert post(api, bounce(mail), secret=SECRETS[0].replace("_A", "_C")).status_code == 403


def test_03_the_password_signs_nothing(api: Api) -> None:
    """It is another line of the same credentials, and here it is empty."""
    _, mail = mailed(api)
    for secret in ("", "whsec_"):
        assert post(api, bounce(mail), secret=secret).status_code == 403


@pytest.mark.parametrize("missing", ["webhook_id", "webhook_timestamp", "webhook_signature"])
def test_05_a_missing_signature_is_a_403(api: Api, missing: str) -> None:
    mailed(api)
    assert post(api, b"x", **{missing: None}).status_code == 403


@pytest.mark.parametrize(
    "value", ["", "=", "v1", "v1,", "v1,=", "v1,\u00e9", "v1,AAAA " * 2000, "-1", "1e9", "9" * 400]
)
@pytest.mark.parametrize("name", ["webhook_timestamp", "webhook_signature"])
def test_05_a_broken_signature_is_a_403(api: Api, name: str, value: str) -> None:
    mailed(api)
    assert post(api, b"x", **{name: value}).status_code == 403


MAIL = Mail("<1@survey.example>", "Acme", "How did we do?", "text", "<p>html</p>", {"List-Id": "<1.x>"})


@pytest.mark.parametrize(
    "end", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00"]
)
def test_31_mail_headers_refuse_line_breaks(end: str) -> None:
    words = f"Acme{end}Bcc: eve@example.org"
    for mail in (
        replace(MAIL, from_name=words),
        replace(MAIL, subject=words),
        replace(MAIL, message_id=words),
        replace(MAIL, headers={"List-Id": words}),
    ):
        with pytest.raises(ValueError, match="one line"):
            bytes_of_mail(mail, FROM, "ada@example.org")
    for addresses in ((FROM, f"ada{end}@example.org"), (f"{FROM}{end}", "ada@example.org")):
        with pytest.raises(ValueError, match="one line"):
            bytes_of_mail(MAIL, *addresses)
    assert (
        b"\nBcc"
        not in bytes_of_mail(replace(MAIL, text=words, html=words), FROM, "a@b.example").split(b"\r\n\r\n")[0]
    )
