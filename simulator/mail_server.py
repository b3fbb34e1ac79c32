"""The mail server of everybody: it speaks SMTP on a real socket and takes mail for any address.

It accepts any user name and password, over a connection without TLS: nothing here leaves the machine.
"""

import asyncio
import logging
import socket
import threading
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from simulator.faults import Address, FaultBoard
from simulator.mailboxes import Mail, Mailboxes

_LARGEST_MAIL = 10 * 1024 * 1024
_GREYLIST_KEPT = 100_000
_WORDS = {
    421: "4.3.2 Try again later",
    450: "4.2.0 Mailbox busy",
    451: "4.3.0 Local error in processing",
    452: "4.2.2 Mailbox full for now",
    550: "5.1.1 No such mailbox here",
    551: "5.1.6 The mailbox has moved",
    552: "5.2.2 Mailbox full",
    553: "5.1.3 Bad address syntax",
    554: "5.7.1 Delivery not authorized",
}


class _Conversation(SMTP):
    """One connection."""

    def __init__(self, clerk: "_Clerk", loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            clerk,
            hostname="mail.simulator",
            ident="Postcall simulator",
            data_size_limit=_LARGEST_MAIL,
            enable_SMTPUTF8=True,
            auth_require_tls=False,
            authenticator=clerk.authenticate,
            loop=loop,
        )
        self._clerk = clerk

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # of TCP it always is
        self._clerk.open.add(transport)
        faults = self._clerk.faults.now
        if faults.smtp_refuse_connection.strikes():
            transport.abort()
        elif faults.smtp_busy.strikes():
            transport.write(b"421 4.3.2 Too many connections, try again later\r\n")
            transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._clerk.open.discard(self.transport)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  (the overridden name)
        if self._clerk.faults.now.smtp_cut_in_data.strikes():
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            self.cut()
        await super().smtp_DATA(arg)

    def cut(self) -> None:
        """The connection ends here and now, without a word."""
        assert isinstance(self.transport, asyncio.Transport)  # noqa: S101
        self.transport.abort()
        raise asyncio.CancelledError


class _Clerk:
    """What is said to RCPT, DATA and AUTH. Lives in the server's thread alone."""

    def __init__(self, mailboxes: Mailboxes, faults: FaultBoard) -> None:
        self.faults = faults
        self.open: set[asyncio.BaseTransport | None] = set()
        self._mailboxes = mailboxes
        self._known: dict[tuple[str, str], None] = {}

    def authenticate(self, *_: object) -> AuthResult:
        refused = self.faults.now.smtp_auth_refused.strikes()
        return AuthResult(success=not refused, handled=False)

    async def handle_RCPT(  # noqa: N802  (a hook's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        faults = self.faults.now
        code = faults.smtp_codes.get(Address(address.casefold()))
        if code:
            return f"{code} {_WORDS.get(code, '4.0.0 Not now' if code < 500 else '5.0.0 No')}"
        if self._is_greylisted(str(envelope.mail_from), address):
            return "451 4.7.1 Greylisted, please try again"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    def _is_greylisted(self, sender: str, recipient: str) -> bool:
        pair = sender, recipient
        if pair in self._known or not self.faults.now.smtp_greylist.strikes():
            return False
        self._known[pair] = None
        if len(self._known) > _GREYLIST_KEPT:
            del self._known[next(iter(self._known))]
        return True

    async def handle_DATA(  # noqa: N802
        self, server: _Conversation, _session: Session, envelope: Envelope
    ) -> str:
        faults = self.faults.now
        if faults.smtp_error_after_data.strikes():
            return f"451 {_WORDS[451]}"
        if faults.smtp_reject_after_data.strikes():
            return f"554 {_WORDS[554]}"
        if faults.smtp_cut_lost.strikes():
            server.cut()
        content = envelope.original_content or b""
        mails = [Mail(recipient, str(envelope.mail_from), content) for recipient in envelope.rcpt_tos]
        for mail in mails:
            self._mailboxes.add(mail)
        if faults.smtp_cut_kept.strikes():
            server.cut()
        await asyncio.sleep(faults.smtp_latency)
        return f"250 2.0.0 OK: queued as {mails[0].id}"


class MailServer:
    """Serves from a thread between `start` and `close`; port 0 takes a free one, `port` says which.

    Raises OSError where the port is taken.
    """

    def __init__(self, mailboxes: Mailboxes, faults: FaultBoard, host: str, port: int) -> None:
        self._clerk = _Clerk(mailboxes, faults)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=128)
        self.host, self.port = host, int(self._socket.getsockname()[1])
        self._ready = threading.Event()
        self._stop: Any = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="smtp", daemon=True)

    def start(self) -> None:
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # what it says below that names recipients
        self._thread.start()
        self._ready.wait()

    async def _serve(self) -> None:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        self._stop = lambda: loop.call_soon_threadsafe(stopped.set)
        server = await loop.create_server(lambda: _Conversation(self._clerk, loop), sock=self._socket)
        self._ready.set()
        await stopped.wait()
        server.close()
        for transport in tuple(self._clerk.open):
            assert isinstance(transport, asyncio.Transport)  # noqa: S101
            transport.abort()

    def close(self) -> None:
        """End every conversation where it is."""
        if self._stop is None:
            self._socket.close()
            return
        self._stop()
        self._thread.join()
