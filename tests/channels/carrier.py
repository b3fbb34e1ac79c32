"""A carrier on the loopback interface that answers, stalls, breaks off and hangs up as a test tells it."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.channels.twilio import Twilio, TwilioSender
from app.domain.delivery import SendResult

MESSAGE = "SM" + "0a" * 16
ACCOUNT = "AC" + "1b" * 16
SERVICE = "MG" + "2c" * 16
SENDER = TwilioSender(ACCOUNT, "a token", "+15005550006", None)
CUSTOMER = "+8613800138000"
TEXT = "满意吗？1-5 & more + “quotes” 🙂\nReply T to stop"
CALLBACK = "https://postcall.example/hooks/twilio/status?attempt=0199"


def send(
    twilio: Twilio,
    sender: TwilioSender = SENDER,
    to: str = CUSTOMER,
    body: str = TEXT,
    valid_seconds: int = 600,
) -> SendResult:
    return twilio.send(sender, to, body, CALLBACK, valid_seconds)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    form: dict[str, list[str]]
    headers: dict[str, str]
    connection: int


@dataclass(frozen=True)
class Answer:
    """`body` may be a JSON value or raw bytes; the flags say how its sending goes wrong."""

    status: int = 201
    body: Any = field(default_factory=lambda: {"sid": MESSAGE, "status": "queued"})
    headers: dict[str, str] = field(default_factory=dict)
    stalls: bool = False  # nothing is sent at all
    drips: bool = False  # a byte at a time, and never all
    hangs_up: bool = False  # instead of an answer
    lacks: int = 0  # so many bytes of the body announced are not sent
    closes: bool = False  # after the answer, without having said so


class Carrier:
    """`requests` are all that were read; `play` says how the next ones are answered."""

    def __init__(self, server: "_Server") -> None:
        self._server = server
        self.url = f"http://127.0.0.1:{server.server_address[1]}"

    @property
    def requests(self) -> list[Request]:
        return self._server.requests

    @property
    def connections(self) -> int:
        return self._server.connections

    def play(self, *answers: Answer | Callable[[Request], Answer]) -> None:
        """Answer the next requests one by one with `answers`, and all later ones with the last."""
        self._server.answers = list(answers)

    def wait_until_asked(self) -> None:
        assert self._server.asked.wait(10)

    def wait_until_closed(self) -> None:
        assert self._server.closed.wait(10)

    def stop_stalling(self) -> None:
        self._server.over.set()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64

    def __init__(self, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.context = context
        self.answers: list[Answer | Callable[[Request], Answer]] = [Answer()]
        self.requests: list[Request] = []
        self.connections = 0
        self.sockets: list[socket.socket] = []
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.asked = threading.Event()
        self.closed = threading.Event()

    def get_request(self) -> Any:
        sock, address = super().get_request()
        self.connections += 1
        if self.context:
            sock = self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        self.sockets.append(sock)
        return sock, address

    def hang_up(self) -> None:
        """End what clients have left open: server_close() waits for all."""
        for sock in self.sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self.closed.set()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what many of the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = Request(
            method=self.command,
            path=parts.path,
            query=parse_qs(parts.query),
            form=parse_qs(content.decode(), keep_blank_values=True),
            headers=dict(self.headers),
            connection=self.client_address[1],
        )
        with self.server.lock:
            self.server.requests.append(request)
            answers = self.server.answers
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
        self.server.asked.set()
        if callable(answer):
            answer = answer(request)
        self._write(answer)

    do_GET = do_POST = do_DELETE = _answer  # noqa: N815

    def _write(self, answer: Answer) -> None:
        self.close_connection = answer.hangs_up or answer.closes or answer.stalls or bool(answer.lacks)
        if answer.stalls:
            self.server.over.wait(30)
        if answer.stalls or answer.hangs_up:
            return
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in ({"Content-Length": str(len(body))} | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        if answer.drips:
            for byte in body:
                self.wfile.write(bytes([byte]))
                if self.server.over.wait(0.02):
                    return
        self.wfile.write(body[: len(body) - answer.lacks])

    def log_message(self, *args: Any) -> None:
        """Silence is golden."""


@contextmanager
def open_carrier(context: ssl.SSLContext | None = None) -> Iterator[Carrier]:
    server = _Server(context)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Carrier(server)
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.hang_up()
        server.server_close()
