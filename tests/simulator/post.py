"""Mail as a service sends it, by Python's own SMTP client."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from tests.simulator.world import World

SENDER = "return+m1@postcall.test"
ADA = "ada@example.com"
BEN = "ben@example.com"


def letter(subject: str = "How was your call?", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Postcall <survey@postcall.test>"
    mail["Subject"] = subject
    mail["Message-ID"] = "<m1@postcall.test>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("How satisfied are you?\n\n.5 is best\n")
    return mail


@contextmanager
def conversation(world: World) -> Iterator[smtplib.SMTP]:
    smtp = smtplib.SMTP("127.0.0.1", world.smtp_port, timeout=10)
    try:
        yield smtp
    finally:
        smtp.close()


def post(world: World, mail: EmailMessage | None = None, *to: str, sender: str = SENDER) -> None:
    """Raises what smtplib raises."""
    with conversation(world) as smtp:
        smtp.send_message(mail or letter(), sender, to or (ADA,))


def inbox(world: World, address: str = ADA) -> list[dict[str, Any]]:
    mails: list[dict[str, Any]] = world.get(f"/mailboxes/{address}/messages.json")
    return mails


def subjects(world: World) -> list[str]:
    """Of all that the mail server took."""
    return [mail["subject"] for mail in world.get("/mails.json")]
