"""A real HTTP server in the service's place: it keeps every request, and answers what a test tells it to."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Request:
    path: str  # with the query
    headers: dict[str, str]
    body: bytes
    method: str = "POST"

    @property
    def fields(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b"<Response/>"
    content_type: str = "text/xml"


@dataclass(frozen=True)
class Document:
    """What a GET finds, unless its If-None-Match names the `etag`."""

    body: bytes
    etag: str = '"1"'


class Receiver:
    def __init__(self) -> None:
        self.answer = Answer()
        self.answers: dict[str, Answer] = {}  # by path without the query, before `answer`
        self.documents: dict[str, Document] = {}  # by path without the query
        self.before_answer: Callable[[Request], None] = lambda _request: None
        self._arrived = threading.Condition()
        self._requests: list[Request] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver._receive(Request(self.path, dict(self.headers.items()), body))
                self.tell(receiver.answers.get(self.path.partition("?")[0], receiver.answer))

            def tell(self, answer: Answer) -> None:
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def do_GET(self) -> None:
                receiver._receive(Request(self.path, dict(self.headers.items()), b"", self.command))
                path = self.path.partition("?")[0]
                if path in receiver.answers:
                    self.tell(receiver.answers[path])
                    return
                document = receiver.documents.get(path)
                unchanged = document is not None and self.headers["If-None-Match"] == document.etag
                self.send_response(404 if document is None else 304 if unchanged else 200)
                body = b"" if document is None or unchanged else document.body
                self.send_header("ETag", document.etag if document else '""')
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_HEAD = do_GET  # noqa: N815  (named by the standard library)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _receive(self, request: Request) -> None:
        self.before_answer(request)
        with self._arrived:
            self._requests.append(request)
            self._arrived.notify_all()

    @property
    def requests(self) -> list[Request]:
        with self._arrived:
            return list(self._requests)

    def wait_for(self, count: int) -> list[Request]:
        """The requests, once there are at least `count`."""
        with self._arrived:
            came = self._arrived.wait_for(lambda: len(self._requests) >= count, _PATIENCE_SECONDS)
            assert came, f"{len(self._requests)} of {count} requests came: {self._requests}"
            return list(self._requests)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
