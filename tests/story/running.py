"""The whole system on real processes, for stories told over HTTP alone."""

import itertools
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from app.run.options import CHECKOUT
from tests.run.residents import processes_on

# what takes minutes in production takes seconds here
QUICK = {
    "CARRIER_CONNECT_SECONDS": "1",
    "CARRIER_READ_SECONDS": "3",
    "LEASE_MARGIN_SECONDS": "1",
    "FIRST_LOOK_SECONDS": "1",
    "SECOND_LOOK_SECONDS": "1",
}
READY_SECONDS = 180
_NUMBERS = itertools.count()


def eventually(get: Callable[[], Any], holds: Callable[[Any], bool], seconds: float = 30) -> Any:
    """The first value of `get` of which `holds` is true; an AssertionError with the last one otherwise."""
    until = time.monotonic() + seconds
    while not holds(value := get()):
        assert time.monotonic() < until, value
        time.sleep(0.05)
    return value


def fresh_phone(prefix: str = "+4477009") -> str:
    """A number that no other story has: who was asked for one is left in peace in the next.

    `prefix`: up to the last five digits.
    """
    return f"{prefix}{next(_NUMBERS):05}"


@dataclass
class System:
    home: Path
    run: dict[str, str]
    http: urllib3.PoolManager

    def service(
        self, method: str, path: str, body: Any = None, key: str | None = None, **headers: str
    ) -> urllib3.BaseHTTPResponse:
        headers = {"Authorization": f"Bearer {key or self.run['api_key']}", **headers}
        return self.http.request(method, self.run["base_url"] + path, json=body, headers=headers)

    def read(self, path: str) -> Any:
        answer = self.service("GET", path)
        assert answer.status == 200, answer.data
        return answer.json()

    def world(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.http.request(method, self.run["simulator_url"] + path, json=body)
        assert answer.status < 300, answer.data
        return answer.json() if answer.data else None

    def hang_up(self, **call: Any) -> Any:
        return self.world("POST", "/switchboard/calls", call)

    def texts_to(self, phone: str) -> list[str]:
        return [
            message["body"]
            for message in self.world("GET", f"/phones/{phone}/messages.json")
            if message["direction"] == "to_phone"
        ]

    def wait_for_texts(self, phone: str, count: int) -> list[str]:
        texts: list[str] = eventually(lambda: self.texts_to(phone), lambda found: len(found) >= count)
        return texts

    def reply(self, phone: str, body: str) -> None:
        self.world("POST", f"/phones/{phone}/messages", {"body": body})

    def ledger(self, phone: str) -> list[dict[str, Any]]:
        return [message for message in self.world("GET", "/ledger.json") if message["to"] == phone]

    def process(self, part: str) -> int:
        """The pid of the oldest process whose command has `part`."""
        return min(pid for pid, command in processes_on(self.home).items() if part in command)

    def command(self, *words: str) -> str:
        """`postcall`, as an operator runs it."""
        lines = (self.home / "run.env").read_text().splitlines()
        environment = {name: shlex.split(value)[0] for name, value in (line.split("=", 1) for line in lines)}
        done = subprocess.run(
            [str(Path(sys.executable).with_name("postcall")), *words],
            env={"PATH": os.environ["PATH"], **environment},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextmanager
def running_system(home: Path, **settings: str) -> Iterator[System]:
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": "0",
        "SIMULATOR_PORT": "0",
        "SIMULATOR_SMTP_PORT": "0",
        "POSTCALL_DATA": str(home),
        **QUICK,
        **settings,
    }
    terminal = home.parent / "terminal"
    with terminal.open("wb") as output:
        run = subprocess.Popen(
            [sys.executable, "-m", "app.run"],
            env=environment,
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        results = home / "run.json"
        eventually(lambda: run.poll() is not None or results.exists(), bool, READY_SECONDS)
        assert run.poll() is None, terminal.read_text()
        yield System(home, json.loads(results.read_text()), urllib3.PoolManager(retries=False, timeout=15))
    finally:
        run.send_signal(signal.SIGTERM)
        run.wait(20)
