"""Mail in tests: a sender of it, what has arrived, and what mail servers report."""

import base64
from typing import Any
from uuid import UUID

import urllib3

from app.domain.channel import Channel
from app.domain.questionnaire import Way
from app.store.senders import add_sender
from tests.house import House

FROM = "feedback@acme.example"
ADA = "ada@example.org"
SECRETS = tuple(f"whsec_{base64.b64encode(bytes([number]) * 24).decode()}" for number in (1, 2))

BY_MAIL = (Way(Channel.EMAIL, 0),)
BY_MAIL_THEN_TEXT = (Way(Channel.EMAIL, 0), Way(Channel.SMS, 0))

_http = urllib3.PoolManager(retries=False, timeout=10)


def add_mail_sender(sessions: Any, account_id: UUID, port: int, **settings: Any) -> UUID:
    """An SMTP sender at 127.0.0.1, whose bounces name the mail."""
    values = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "username": None,
        "from_address": FROM,
        "return_path_domain": "bounces.acme.example",
    }
    with sessions.begin() as session:
        return add_sender(
            session,
            account_id,
            channel=Channel.EMAIL,
            provider="smtp",
            provider_account=FROM,
            auth_token="\n".join(("", *SECRETS)),
            number=None,
            settings={**values, **settings},
            per_second=1000,
            burst=1000,
        )


def mail_account(house: House, *, channels: tuple[Way, ...] = BY_MAIL, **terms: Any) -> UUID:
    """An account that asks by mail, at once."""
    account_id = house.account(channels=channels, **terms)
    add_mail_sender(house.sessions, account_id, house.smtp_port)
    return account_id


def inbox(house: House, address: str = ADA) -> list[dict[str, Any]]:
    """What has arrived there, as the simulated mail server tells it."""
    mails: list[dict[str, Any]] = _http.request(
        "GET", f"{house.simulator_url}/mailboxes/{address}/messages.json"
    ).json()
    return mails


def report(
    returned: str, *, kind: str = "delivery-status", fields: str = "", to: str = "postmaster@acme.example"
) -> bytes:
    """A multipart/report: `fields` of the machine's part, `returned` the headers of the mail."""
    return (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {to}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type={kind}; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you.\r\n\r\n"
        f"--b\r\nContent-Type: message/{kind}\r\n\r\n{fields}\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{returned}\r\n--b--\r\n"
    ).encode()


def bounce(
    mail: dict[str, Any], status: str = "5.1.1", action: str = "failed", said: str = "550 5.1.1 unknown user"
) -> bytes:
    """A mail server's report on a mail of `inbox`."""
    fields = (
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {mail['to']}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {said}\r\n"
    )
    return report(f"Message-ID: {mail['message_id']}\r\n", fields=fields, to=mail["envelope_from"])


def complaint(mail: dict[str, Any], kind: str = "abuse") -> bytes:
    """A reader has called a mail of `inbox` spam."""
    fields = f"Feedback-Type: {kind}\r\nUser-Agent: Feedback/1\r\nVersion: 1\r\n"
    return report(f"Message-ID: {mail['message_id']}\r\n", kind="feedback-report", fields=fields)
