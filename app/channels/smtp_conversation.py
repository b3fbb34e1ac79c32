"""One conversation with a mail server, held to its time as a whole."""

import re
import smtplib
import ssl
import time
from contextlib import suppress
from io import BufferedReader, RawIOBase
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection, socket
from typing import Any

from app.channels.parcel import SmtpSender
from app.domain.mail_codes import (
    NO_LOGIN,
    NO_STARTTLS,
    NO_SUCH_LETTERS,
    NOT_TRUSTED,
    OURS,
    mail_code,
    written,
)

_LONGEST_TALK = 64 * 1024
_GOODBYE_SECONDS = 0.5


class Refusal(Exception):
    """The server, or what it offers, is against it."""

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Conversation(smtplib.SMTP):
    """One conversation, all of it within `seconds` until it is given more."""

    def __init__(self, sender: SmtpSender, seconds: float, trust: ssl.SSLContext) -> None:
        # who we say that we are: the sender's domain, not the name of a machine in a network of its own
        super().__init__(
            local_hostname=sender.from_address.rpartition("@")[2] or "localhost", timeout=seconds
        )
        self._sender = sender
        self._host = sender.host  # whom the certificate has to name
        self._trust = trust
        self._deadline = 0.0
        self.give(seconds)

    def give(self, seconds: float) -> None:
        """So many seconds from now. Raises TimeoutError when those before are used up."""
        if self._deadline:
            self._left()
        self._deadline = time.monotonic() + seconds

    def open(self) -> None:
        """Connect, encrypt, log in. Raises Refusal, and others for what is no answer."""
        sender = self._sender
        try:
            self._expect(self.connect(sender.host, sender.port), 220)
            self._expect(self.ehlo(), 250)
            if sender.security == "starttls":
                if not self.has_extn("starttls"):
                    raise Refusal(NO_STARTTLS, OURS[NO_STARTTLS])
                self._starttls()
                self._expect(self.ehlo(), 250)
        except ssl.SSLCertVerificationError as error:
            raise Refusal(NOT_TRUSTED, f"{OURS[NOT_TRUSTED]}: {error.verify_message}") from error
        if sender.username is not None:
            self._log_in(sender.username, sender.password or "")

    def name(self, bounce_to: str, recipient: str, message_id: str) -> None:
        """MAIL, RCPT and DATA: after it, the server waits for the mail. Raises as `open`."""
        from_us, to_them = [], []
        if not (recipient.isascii() and bounce_to.isascii()):
            if not self.has_extn("smtputf8"):
                raise Refusal(NO_SUCH_LETTERS, "the server takes no such letters in an address")
            from_us += ["SMTPUTF8"]
        if self.has_extn("8bitmime"):
            from_us += ["BODY=8BITMIME"]
        if self.has_extn("dsn"):
            # the report needs no copy of the mail, and names it by what we call it
            from_us += ["RET=HDRS", f"ENVID={_xtext(message_id.strip('<>'))}"]
            to_them += ["NOTIFY=FAILURE,DELAY"]
        self._expect(self.mail(bounce_to, from_us), 250)
        reply, words = self.rcpt(recipient, to_them)
        if reply not in (250, 251):
            self._refuse(reply, words, about_us=False)
        reply, words = self.docmd("DATA")
        if reply != 354:
            self._refuse(reply, words, about_us=False)

    def write(self, content: bytes) -> None:
        """All of the mail but its final dot."""
        self.send(re.sub(rb"^\.", b"..", content, flags=re.MULTILINE))

    def finish(self) -> tuple[int, str]:
        """The final dot, and what the server says of the mail. Raises OSError or SMTPException for no answer."""
        self.send(b".\r\n")
        reply, words = self.getreply()
        return reply, words.decode("utf-8", "replace")

    def end(self) -> None:
        """Take leave, without waiting for what it brings."""
        if self.sock is None:
            return
        with suppress(OSError, smtplib.SMTPException, ValueError):
            self._deadline = time.monotonic() + _GOODBYE_SECONDS
            self.putcmd("QUIT")
        self.close()

    def _expect(self, answer: tuple[int, bytes], wanted: int) -> None:
        if answer[0] != wanted:
            self._refuse(*answer, about_us=True)

    def _refuse(self, reply: int, said: bytes, *, about_us: bool) -> None:
        words = said.decode("utf-8", "replace")
        if not 400 <= reply < 600:
            raise smtplib.SMTPResponseException(reply, "an answer that makes no sense")
        raise Refusal(mail_code(reply, words, about_us=about_us), about_reply(reply, words))

    def _starttls(self) -> None:
        try:
            self.starttls(context=self._trust)
        except smtplib.SMTPResponseException as error:
            self._refuse(error.smtp_code, _as_bytes(error.smtp_error), about_us=True)

    def _log_in(self, username: str, password: str) -> None:
        try:
            self.login(username, password)
        except smtplib.SMTPResponseException as error:
            self._refuse(error.smtp_code, _as_bytes(error.smtp_error), about_us=True)
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException as error:
            raise Refusal(NO_LOGIN, OURS[NO_LOGIN]) from error

    # the standard library's time-outs hold for each piece that is read: these hold for all of it

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the mail server is too slow")
        return left

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket:
        connection = create_connection((host, port), self._left())
        try:
            connection.settimeout(self._left())
            connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
            if self._sender.security == "tls":
                return self._trust.wrap_socket(connection, server_hostname=host)
        except BaseException:
            connection.close()
            raise
        return connection

    def send(self, content: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(self._left())
        super().send(content)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = BufferedReader(_Ear(self, self.sock))
        return super().getreply()

    def hear(self, connection: socket, buffer: memoryview) -> int:
        connection.settimeout(self._left())
        return connection.recv_into(buffer)


class _Ear(RawIOBase):
    """What the server says, as long as there is time for it, and so much of it as any server has to say."""

    def __init__(self, talk: Conversation, connection: socket) -> None:
        self._talk = talk
        self._connection = connection
        self._heard = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._talk.hear(self._connection, buffer)
        self._heard += count
        if self._heard > _LONGEST_TALK:
            raise OSError("the mail server talks without end")
        return count


def about_reply(reply: int, words: str) -> str:
    """The reply for operators: servers repeat the address in it, which is left out."""
    code = mail_code(reply, words)
    enhanced = f" {written(code)}" if code >= 100_000 else ""
    return f"SMTP {reply}{enhanced}"


def _xtext(text: str) -> str:
    """RFC 3461, 4: what may stand in a parameter."""
    return re.sub(r"[^!-*,-<>-~]", lambda found: f"+{ord(found[0]) & 0xFF:02X}", text)


def _as_bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode("utf-8", "replace")
