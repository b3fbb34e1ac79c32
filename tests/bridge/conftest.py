"""An exchange on one side, the service's own door over HTTP on the other, and the bridge between them."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from app.bridge.courier import Courier
from app.bridge.figures import Figures
from app.bridge.hook import Hook
from app.bridge.listener import Listener
from app.bridge.manager import Address, connect
from app.bridge.spool import Spool
from tests.bridge.exchange import PASSWORD, USER, Exchange, open_exchange
from tests.platforms.senders import Line
from tests.web.conftest import Api, _clean_log_context, api, clock, committing_api, keys

__all__ = ["_clean_log_context", "api", "clock", "committing_api", "keys"]

_SECONDS = 20.0
_COMMAND = "from app.cli.asterisk_bridge import asterisk_bridge; asterisk_bridge()"


def until(condition: Callable[[], Any], seconds: float = _SECONDS) -> Any:
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)
    return found


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any, **__: Any) -> None:
        pass


@dataclass
class Door:
    """What stands before the service. `says`: statuses that it answers by itself; `lost`: how many more answers of
    the service get lost; `slow`: while it is set, nothing is answered."""

    service: Callable[..., Iterable[bytes]]
    says: list[int] = field(default_factory=list)
    lost: int = 0
    posts: list[bytes] = field(default_factory=list)
    slow: threading.Event = field(default_factory=threading.Event)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = _Body(body)
        self.posts.append(body)
        while self.slow.is_set():
            time.sleep(0.01)
        if self.says:
            start(f"{self.says.pop(0)} As it is", [])
            return []
        if self.lost:
            self.lost -= 1
            list(self.service(environ, lambda *_: None))
            start("504 Lost", [])
            return []
        return self.service(environ, start)


class _Body:
    def __init__(self, content: bytes) -> None:
        self._rest = content

    def read(self, size: int = -1) -> bytes:
        size = len(self._rest) if size < 0 else size
        found, self._rest = self._rest[:size], self._rest[size:]
        return found


@dataclass
class Bridge:
    """The bridge in this process. `open` starts it, on the same spool as before."""

    exchange: Exchange
    door: Door
    line: Line
    url: str
    folder: Path
    queue_log: Path | None = None
    secret: str = ""
    _stack: ExitStack = field(default_factory=ExitStack)

    def open(self) -> None:
        dial = partial(connect, Address("127.0.0.1", self.exchange.port), USER, PASSWORD)
        figures = Figures(self.spool)
        courier = Courier(self.spool, Hook(self.url, self.secret or str(self.line.secret)), figures)
        listener = Listener(dial, self.spool, figures, courier.ring, self.queue_log)
        threads = [threading.Thread(target=run, daemon=True) for run in (listener.listen, courier.run)]
        for thread in threads:
            thread.start()
            self._stack.callback(thread.join, _SECONDS)
        self._stack.callback(courier.stop)
        self._stack.callback(listener.stop)

    def close(self) -> None:
        self._stack.close()

    @property
    def spool(self) -> Spool:
        return Spool(self.folder)

    def delivered(self) -> None:
        """Waits until all that was kept has been taken."""
        until(lambda: self.door.posts and not self.spool.waiting())

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "AMI_ADDRESS": f"127.0.0.1:{self.exchange.port}",
            "AMI_USER": USER,
            "AMI_PASSWORD": PASSWORD,
            "HOOK_URL": self.url,
            "HOOK_SECRET": str(self.line.secret),
            "BRIDGE_SPOOL": str(self.folder),
        }

    def process(self, *options: str, **environment: str) -> "subprocess.Popen[str]":
        """The command, as a process of its own; alone, since loading all the others takes seconds."""
        process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, *options],
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._stack.enter_context(process)
        self._stack.callback(process.kill)
        return process


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with open_exchange() as exchange:
        yield exchange


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for another try, but in processes of their own."""
    monkeypatch.setattr("app.bridge.courier._FIRST_PAUSE", 0.02)
    monkeypatch.setattr("app.bridge.listener._FIRST_PAUSE", 0.02)


@pytest.fixture
def door(committing_api: Api) -> Door:
    return Door(committing_api.app)


@pytest.fixture
def serving(door: Door) -> Iterator[BaseWSGIServer]:
    server = make_server("127.0.0.1", 0, door, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    door.slow.clear()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def bridge(
    committing_api: Api, exchange: Exchange, door: Door, serving: BaseWSGIServer, tmp_path: Path
) -> Iterator[Bridge]:
    """Not opened yet."""
    line = Line(committing_api, "asterisk", {"fields": {"customer_ref": "ChanVariable.CUSTOMER_REF"}})
    url = f"http://127.0.0.1:{serving.server_port}{line.path}"
    bridge = Bridge(exchange, door, line, url, tmp_path / "spool")
    yield bridge
    bridge.close()
