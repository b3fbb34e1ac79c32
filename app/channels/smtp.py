"""Mail by SMTP: one connection, one mail, one of four outcomes.

A mail server can't be asked what it has taken. So the moment that counts is the dot that ends the mail. Before it,
whatever goes wrong has sent nothing, and may be tried again. After it only the server's reply tells, and without
one the mail stays in doubt: so the dot is not sent without the whole time for an answer left.
"""

import re
import smtplib
import ssl
from email.errors import MessageError

import certifi

from app.channels.mail_message import bytes_of_mail
from app.channels.parcel import MailParcel, SmtpSender
from app.channels.smtp_conversation import Conversation, Refusal, about_reply
from app.domain.delivery import Outcome, SendResult
from app.domain.mail_codes import (
    BAD_ADDRESS,
    BAD_CONTENT,
    classify_mail,
    mail_code,
)

# what could end a command, or a path within it, and what stands outside of all addresses
_UNSAFE = re.compile(r"[\x00-\x20<>\x7f-\xa0\u2028\u2029]")


class Smtp:
    """Thread-safe. A mail takes at most the sum of both times: `connect_seconds` until all but its final dot is
    written, `read_seconds` for the server's word on it."""

    def __init__(
        self, connect_seconds: float, read_seconds: float, trust: ssl.SSLContext | None = None
    ) -> None:
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._trust = trust or _trust()

    def send(self, parcel: MailParcel) -> SendResult:
        """Hand one mail to the sender's server. Never raises for what the server or the network does.

        `provider_id` is the mail's Message-ID: a server's queue id need not be unique, and nothing else comes back
        with a bounce.
        """
        try:
            content = bytes_of_mail(parcel.mail, parcel.sender.from_address, parcel.to)
        except (ValueError, IndexError, MessageError) as error:
            # a header that can't be written: by the next channel perhaps, never by another try
            return _refused(BAD_CONTENT, f"the mail can't be written: {type(error).__name__}")
        recipient = _envelope_address(parcel.to)
        if recipient is None:
            return _refused(BAD_ADDRESS, "not an address")
        talk = Conversation(parcel.sender, self._connect_seconds, self._trust)
        try:
            return self._deliver(talk, parcel, recipient, content)
        except Refusal as refusal:
            return _refused(refusal.code, refusal.detail)
        except (OSError, smtplib.SMTPException, UnicodeError, ValueError) as error:
            return SendResult(Outcome.NOT_SENT, detail=f"no mail was handed over: {type(error).__name__}")
        finally:
            talk.end()

    def greet(self, sender: SmtpSender) -> SendResult:
        """Connect, encrypt, log in and leave: ACCEPTED where a mail would be taken so far. Never raises either."""
        talk = Conversation(sender, self._connect_seconds, self._trust)
        try:
            talk.open()
        except Refusal as refusal:
            return _refused(refusal.code, refusal.detail)
        except (OSError, smtplib.SMTPException, UnicodeError, ValueError) as error:
            return SendResult(Outcome.NOT_SENT, detail=f"no connection: {type(error).__name__}")
        finally:
            talk.end()
        return SendResult(Outcome.ACCEPTED)

    def _deliver(
        self, talk: "Conversation", parcel: MailParcel, recipient: str, content: bytes
    ) -> SendResult:
        talk.open()
        talk.name(parcel.bounce_to, recipient, parcel.mail.message_id)
        talk.write(content)
        talk.give(self._read_seconds)
        # from here on, whatever is not an answer leaves the mail in doubt
        try:
            reply, words = talk.finish()
        except (OSError, smtplib.SMTPException, ValueError) as error:
            return SendResult(Outcome.UNKNOWN, detail=f"no answer after the mail: {type(error).__name__}")
        if 200 <= reply < 300:
            return SendResult(Outcome.ACCEPTED, provider_id=parcel.mail.message_id)
        if 400 <= reply < 600:
            return _refused(mail_code(reply, words), about_reply(reply, words))
        return SendResult(Outcome.UNKNOWN, detail="an answer after the mail that can't be read")


def _refused(code: int, detail: str) -> SendResult:
    return SendResult(Outcome.REJECTED, code=code, detail=detail, action=classify_mail(code))


def _envelope_address(address: str) -> str | None:
    """As it is named to the server; None for what is no address, or would be more than one command."""
    if _UNSAFE.search(address) or address.count("@") < 1:
        return None
    name, _, domain = address.rpartition("@")
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return None
    return f"{name}@{domain}" if name and domain else None


def _trust() -> ssl.SSLContext:
    """The machine's certificates and, for machines that have none installed, Mozilla's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
