"""The door for reports on mails, and somebody who has a mail sender's secret."""

import base64
import hmac
import time
from typing import Any
from uuid import UUID

from sqlalchemy import select
from werkzeug.test import TestResponse

from app.domain.questionnaire import Survey
from app.flow.accounts import create_account
from app.flow.asking import SURVEY_KEY
from app.store.messages import Message
from tests.mails import BY_MAIL, FROM, SECRETS, add_mail_sender
from tests.web.conftest import Api

DOOR = "/hooks/mail/reports"


def signature(secret: str, name: str, timestamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return (
        "v1," + base64.b64encode(hmac.digest(key, f"{name}.{timestamp}.".encode() + body, "sha256")).decode()
    )


def post(
    api: Api,
    body: bytes,
    *,
    secret: str = SECRETS[0],
    off: float = 0,
    sender: str = FROM,
    **headers: str | None,
) -> TestResponse:
    """Signed as it should be, but for the `headers` given ("_" for "-"); None leaves one out. `off`: seconds."""
    name, timestamp = "msg_1", str(int(time.time() + off))
    right: dict[str, str | None] = {
        "webhook_id": name,
        "webhook_timestamp": timestamp,
        "webhook_signature": signature(secret, name, timestamp, body),
        "Content_Type": "message/rfc822",
    }
    sent = {key.replace("_", "-"): value for key, value in (right | headers).items() if value is not None}
    return api.client.post(DOOR, query_string={"sender": sender}, data=body, headers=sent)


def mailed(api: Api) -> tuple[UUID, dict[str, Any]]:
    """A mail of a new account that asks by mail: the message's id, and as much of the mail as a report returns."""
    with api.sessions.begin() as session:
        account_id = create_account(
            session,
            name="mails",
            brand="Acme",
            timezone="UTC",
            survey=Survey(SURVEY_KEY, 1, channels=BY_MAIL, send_hours="any"),
        )
    add_mail_sender(api.sessions, account_id, 25)
    call = api.call_end(customer={"phone": "+447700900123", "email": "ada@example.org"})
    answer = api("POST", "/v1/calls", call, headers=api.headers(account_id=account_id))
    assert answer.status_code == 202, answer.text
    with api.sessions() as session:
        message = session.scalars(select(Message).where(Message.account_id == account_id)).one()
    return message.id, {
        "to": "ada@example.org",
        "message_id": f"<{message.id.hex}@survey.example>",
        "envelope_from": "bounces@acme.example",
    }
