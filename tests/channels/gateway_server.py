"""A gateway for texts such as there are many: an HTTP server on this machine, which keeps what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

SECRET, HOOK_SECRET = "our secret there", "their secret for our hooks"


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class GatewayServer:
    """`says`: what it answers next, status and JSON or bytes; None hangs up without a word. The last one stays."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    says: list[tuple[int, Any] | None] = field(default_factory=list)

    @property
    def place(self) -> str:
        return self.url.removeprefix("http://")

    def answer(self) -> tuple[int, bytes] | None:
        number = len(self.asked)
        taken = 200, {"code": 0, "data": {"msgid": 1000 + number}}
        said = (self.says.pop(0) if len(self.says) > 1 else self.says[0]) if self.says else taken
        if said is None:
            return None
        status, content = said
        return status, content if isinstance(content, bytes) else json.dumps(content).encode()


@contextmanager
def gateway_server() -> Iterator[GatewayServer]:
    gateway = GatewayServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            gateway.asked.append(Asked(self.command, self.path, dict(self.headers), body))
            said = gateway.answer()
            if said is None:
                return
            self.send_response(said[0])
            self.send_header("Content-Length", str(len(said[1])))
            self.end_headers()
            self.wfile.write(said[1])

        do_GET = do_POST  # noqa: N815 - http.server's own names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def description(url: str, **changes: Any) -> dict[str, Any]:
    """As an operator would write it; a change of None takes that part out."""
    whole: dict[str, Any] = {
        "from": "106912345678",
        "region": "CN",
        "request": {
            "url": f"{url}/send",
            "headers": {"Authorization": "Bearer {secret}"},
            "json": {"mobile": "{to_national}", "content": "{text}", "extra": {"uid": "{reference}"}},
        },
        "success": {"path": "code", "equals": 0},
        "id": "data.msgid",
        "errors": {"code": "code", "actions": {"42": "slow_down", "43": "configuration", "44": "opt_out"}},
        "receipts": {
            "items": "reports",
            "id": "msgid",
            "reference": "uid",
            "status": "stat",
            "statuses": {"OK": "delivered"},
        },
        "replies": {"id": "moid", "from": "mobile", "text": "content"},
        "proof": {"kind": "hmac-sha256", "header": "X-Signature"},
        "answer": {"body": '{"code":0}'},
    }
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}
