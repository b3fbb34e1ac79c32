"""Mail servers: a real one (aiosmtpd), and one that says whatever a test puts into its mouth."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"

Say = bytes | Callable[[socket.socket], None] | None
GREETING: Mapping[str, Say] = {
    "connect": b"220 mail.example ESMTP\r\n",
    "EHLO": b"250-mail.example\r\n250-8BITMIME\r\n250-DSN\r\n250 SMTPUTF8\r\n",
    "MAIL": b"250 2.1.0 OK\r\n",
    "RCPT": b"250 2.1.5 OK\r\n",
    "DATA": b"354 go ahead\r\n",
    ".": b"250 2.0.0 queued\r\n",
    "QUIT": b"221 bye\r\n",
}
STAGES = ("connect", "EHLO", "MAIL", "RCPT", "DATA", ".")


@dataclass
class Taken:
    """A mail that a server took."""

    mail_from: str
    rcpt_tos: list[str]
    content: bytes

    @property
    def mail(self) -> EmailMessage:
        mail = message_from_bytes(self.content, policy=default)
        assert isinstance(mail, EmailMessage)
        return mail


class Scripted:
    """`says`: what it answers to each command, and to the connection; None cuts the connection there."""

    def __init__(self, **says: Say) -> None:
        self._says = {**GREETING, **{"." if key == "dot" else key: say for key, say in says.items()}}
        self.heard: list[bytes] = []
        self._socket = socket.create_server((HOST, 0))
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Scripted":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # closing alone does not wake who accepts
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                with connection, suppress(OSError):
                    connection.settimeout(5)
                    self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        if not self._say(connection, "connect"):
            return
        in_mail = False
        for line in lines:
            self.heard.append(line)
            if in_mail and line != b".\r\n":
                continue
            command = "." if in_mail else line.split()[0].decode().upper()
            in_mail = command == "DATA"
            if not self._say(connection, command) or command == "QUIT":
                return

    def _say(self, connection: socket.socket, command: str) -> bool:
        words = self._says.get(command, b"502 5.5.1 what?\r\n")
        if words is None:
            return False
        if callable(words):
            words(connection)
            return False
        connection.sendall(words)
        return True


@dataclass
class Handler:
    """What the real server does with RCPT and with a mail; a word in its place is its answer."""

    taken: list[Taken] = field(default_factory=list)
    refuse: Iterator[str] = field(default_factory=lambda: iter(()))

    async def handle_RCPT(  # noqa: N802  (a hook's name)
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        refusal = next(self.refuse, None)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 2.1.5 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(Taken(envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
        return "250 2.0.0 queued as 7"


@dataclass(frozen=True)
class RealServer:
    port: int
    handler: Handler


@contextmanager
def real_server(*, password: str | None = None, **more: Any) -> Iterator[RealServer]:
    """`password`: without it nobody is let in. `more`: of aiosmtpd's Controller."""

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and given.password == str(password).encode()
        return AuthResult(success=right, handled=False)

    if password is not None:
        more |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
    handler = Handler()
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname=HOST, port=port, enable_SMTPUTF8=True, **more)
    controller.start()
    try:
        yield RealServer(port, handler)
    finally:
        controller.stop()


def make_certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for HOST that it made itself, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=str(path))
