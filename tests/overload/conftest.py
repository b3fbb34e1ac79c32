"""The web service as its own processes, on a database of its own, for clients that are many or slow."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGTERM
from uuid import uuid4

import pytest
import urllib3
from sqlalchemy import text

from app.db import make_engine, make_sessions
from app.flow.accounts import create_account, create_key
from app.run import process
from app.run.options import CHECKOUT
from app.run.ports import LOOPBACK, free_port
from app.run.process import Command, Process
from app.run.services import python_command, web_server
from app.store.keyring import Keyring
from app.store.senders import add_sender
from bench.calls import Reports
from tests.conftest import _SECRET_KEYS, _execute, _url_of

PUBLIC_URL = "http://survey.example"
ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
AUTH_TOKEN = "a token of the carrier"
# shorter than in production, so that a test need not wait as long as a client may take
BODY_SECONDS = 1
_READY_SECONDS = 60


@dataclass(frozen=True)
class Web:
    port: int
    reports: Reports
    api_key: str
    database_url: str
    process: Process
    connections: ExitStack = field(default_factory=ExitStack)

    def answers(self, path: str, seconds: float = 3) -> bool:
        """Whether it says 200 within that time: three seconds are those of Kubernetes' probe."""
        address = f"http://{LOOPBACK}:{self.port}{path}"
        try:
            return urllib3.request("GET", address, timeout=seconds, retries=False).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def connect(self, receive_buffer: int | None = None) -> socket.socket:
        """Closed after the test."""
        connection = self.connections.enter_context(socket.socket())
        connection.settimeout(20)
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.connect((LOOPBACK, self.port))
        return connection

    def call_ids(self) -> set[str]:
        """Of all calls that are in the database."""
        engine = make_engine(self.database_url, 1)
        with engine.connect() as connection:
            found = set(connection.scalars(text("select call_id from call")))
        engine.dispose()
        return found

    def resident_bytes(self) -> int:
        """Memory of all its processes together."""
        return sum(_resident_bytes(pid) for pid in _tree(self.process.pid))


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _tree(int(child)))]


def _resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


@pytest.fixture(scope="session")
def service(
    addresses: dict[str, str], template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Web]:
    """Started as `make run` starts it; one for all tests of this folder."""
    name, folder, port = f"web_{uuid4().hex}", tmp_path_factory.mktemp("web"), free_port()
    _execute(addresses["postgres"], "CREATE DATABASE {} TEMPLATE {}", name, template)
    database_url = _url_of(addresses, name)
    engine = make_engine(database_url, 1)
    with make_sessions(engine, Keyring(_SECRET_KEYS)).begin() as session:
        account_id = create_account(session, name="acme", brand="Acme", timezone="UTC")
        add_sender(
            session, account_id, provider_account=ACCOUNT_SID, auth_token=AUTH_TOKEN, number="+15005550006"
        )
        api_key = create_key(session, account_name="acme", name="pbx", scopes=["calls:write"])
    engine.dispose()
    counters = folder / "counters"
    counters.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database_url,
        "REDIS_URL": addresses["valkey"],
        "SECRET_KEYS": _SECRET_KEYS,
        "PUBLIC_URL": PUBLIC_URL,
        "PROMETHEUS_MULTIPROC_DIR": str(counters),
        "API_REQUESTS_PER_MINUTE": "0",
        "WEB_BODY_SECONDS": str(BODY_SECONDS),
    }
    command = Command(
        python_command(*web_server("app.web.application:from_environment", port)), environment, cwd=CHECKOUT
    )
    started = process.start(command, name="web", log=folder / "web.log")
    web = Web(port, Reports(api_key), api_key, database_url, started)
    try:
        process.until(lambda: started.ended() is not None or web.answers("/readyz"), _READY_SECONDS)
        assert web.answers("/readyz"), process.tail(started.log)
        yield web
    finally:
        started.stop(SIGTERM, 5)


@pytest.fixture
def web(service: Web) -> Iterator[Web]:
    """The same, without the connections that the test before has left open."""
    with service.connections:
        yield service
