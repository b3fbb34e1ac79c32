"""The whole of `make run`, as a newcomer would meet it, with its data in a temporary folder."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from app.run.options import CHECKOUT
from app.run.process import until
from tests.run.residents import processes_on

READY_SECONDS = 90
MAKEFILE = "run:\n\t@exec $(PYTHON) -m app.run\n"


@dataclass
class Newcomer:
    """Someone at a terminal, with a data folder of their own."""

    home: Path
    output: Path
    running: list[subprocess.Popen[bytes]]

    def start(self, *command: str | Path, **settings: str) -> subprocess.Popen[bytes]:
        environment = {
            "PATH": os.environ["PATH"],
            "PORT": "0",
            "SIMULATOR_PORT": "0",
            "SIMULATOR_SMTP_PORT": "0",
            "POSTCALL_DATA": str(self.home),
        }
        with self.output.open("wb") as output:
            run = subprocess.Popen(
                [str(part) for part in command or (sys.executable, "-m", "app.run")],
                env=environment | settings,
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.running.append(run)
        return run

    def wait_until_ready(self, run: subprocess.Popen[bytes]) -> dict[str, str]:
        assert until(lambda: self.results.exists() or run.poll() is not None, READY_SECONDS), self.says
        assert run.poll() is None, self.says
        found: dict[str, str] = json.loads(self.results.read_text())
        return found

    def refused(self, **settings: str) -> str:
        """What a start that must fail says."""
        run = self.start(**settings)
        assert run.wait(20) == 1
        return self.says

    @property
    def results(self) -> Path:
        return self.home / "run.json"

    @property
    def says(self) -> str:
        return self.output.read_text()

    def parts_running(self, parts: Iterable[str]) -> set[str]:
        commands = processes_on(self.home).values()
        return {part for part in parts if any(part in command for command in commands)}

    def pid_of(self, part: str) -> int:
        """The oldest process whose command line has `part`."""
        return min(pid for pid, command in processes_on(self.home).items() if part in command)


@pytest.fixture
def newcomer(home: Path, tmp_path: Path) -> Iterator[Newcomer]:
    newcomer = Newcomer(home / "var", tmp_path / "terminal", [])
    yield newcomer
    for run in newcomer.running:
        run.kill()
        run.wait()
    assert until(lambda: processes_on(newcomer.home) == {}, 15)


def answers(url: str, api_key: str | None = None) -> int:
    request = Request(url, headers={"Authorization": f"Bearer {api_key}"} if api_key else {})  # noqa: S310
    with urlopen(request, timeout=5) as response:  # noqa: S310
        return int(response.status)


def is_up(url: str) -> bool:
    try:
        return answers(url) == 200
    except (URLError, OSError):
        return False


def test_it_runs_and_stops_and_finds_its_data_again(newcomer: Newcomer) -> None:
    run = newcomer.start()
    first = newcomer.wait_until_ready(run)
    assert newcomer.results.stat().st_mode & 0o777 == 0o600
    assert first.keys() == {
        *("base_url", "api_key", "docs_url", "simulator_url", "phone_url", "data_dir"),
    }
    assert first["docs_url"] == first["base_url"] + "/docs"
    assert first["data_dir"] == str(newcomer.home)
    assert until(lambda: first["api_key"] in newcomer.says and first["base_url"] in newcomer.says, 5)
    for url in (first["docs_url"], first["phone_url"], first["base_url"] + "/readyz"):
        assert answers(url) == 200
    assert answers(first["base_url"] + "/v1/surveys/default", first["api_key"]) == 200
    assert "already running" in Newcomer(newcomer.home, newcomer.output, newcomer.running).refused()
    assert str(run.pid) in newcomer.says

    started = time.monotonic()
    run.send_signal(signal.SIGTERM)
    assert run.wait(15) == 0
    assert time.monotonic() - started < 10
    assert processes_on(newcomer.home) == {}
    assert not newcomer.results.exists()

    again = newcomer.start()
    second = newcomer.wait_until_ready(again)
    assert second["api_key"] == first["api_key"]
    assert answers(second["base_url"] + "/v1/surveys/default", second["api_key"]) == 200
    again.kill()
    again.wait()
    assert until(lambda: processes_on(newcomer.home) == {}, 10), processes_on(newcomer.home)


def test_killed_parts_come_back_and_ctrl_c_stops_all(newcomer: Newcomer) -> None:
    run = newcomer.start()
    results = newcomer.wait_until_ready(run)
    parts = ("bin/postgres", "valkey-server", "granian", "celery_app:celery worker", "celery_app:celery beat")
    killed = [newcomer.pid_of(part) for part in parts]
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    assert until(lambda: newcomer.says.count("(ended by SIGKILL); starting it again") == len(parts), 20)
    assert until(lambda: not {*parts} - newcomer.parts_running(parts), 60), newcomer.says
    assert until(lambda: is_up(results["base_url"] + "/readyz"), 60), newcomer.says
    assert not {*killed} & processes_on(newcomer.home).keys()
    started = time.monotonic()
    run.send_signal(signal.SIGINT)
    assert run.wait(15) == 0
    assert time.monotonic() - started < 10
    assert processes_on(newcomer.home) == {}


def test_servers_of_their_own_are_used_and_none_embedded(
    newcomer: Newcomer, new_database: Callable[[], str], redis_url: str
) -> None:
    run = newcomer.start(DATABASE_URL=new_database(), REDIS_URL=redis_url)
    results = newcomer.wait_until_ready(run)
    assert answers(results["base_url"] + "/v1/surveys/default", results["api_key"]) == 200
    assert not newcomer.parts_running(["bin/postgres", "valkey-server"])
    run.send_signal(signal.SIGHUP)  # the terminal was closed
    assert run.wait(15) == 0


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_killing_make_stops_all(newcomer: Newcomer, tmp_path: Path) -> None:
    makefile = tmp_path / "Makefile"
    makefile.write_text(MAKEFILE)
    run = newcomer.start("make", "-f", makefile, "run", f"PYTHON={sys.executable}")
    assert until(lambda: len(processes_on(newcomer.home)) > 3, READY_SECONDS)
    run.kill()
    run.wait()
    assert until(lambda: processes_on(newcomer.home) == {}, 15), processes_on(newcomer.home)


def test_stopping_it_while_it_starts_leaves_nothing(newcomer: Newcomer) -> None:
    run = newcomer.start()
    assert until(lambda: len(newcomer.parts_running(["bin/initdb"])) == 1, READY_SECONDS)
    run.terminate()
    assert run.wait(15) == 0
    assert processes_on(newcomer.home) == {}


def test_a_port_in_use_is_named_with_its_setting(newcomer: Newcomer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Port {port} is in use by another program: choose another with PORT" in newcomer.refused(
            PORT=str(port)
        )
        assert f"{port} is in use by another program: choose another with SIMULATOR_PORT" in newcomer.refused(
            SIMULATOR_PORT=str(port)
        )
        assert "another with SIMULATOR_SMTP_PORT" in newcomer.refused(SIMULATOR_SMTP_PORT=str(port))
    assert processes_on(newcomer.home) == {}


def test_a_setting_that_can_not_be_used_is_named_without_a_traceback(newcomer: Newcomer) -> None:
    said = newcomer.refused(PORT="eighty")
    assert said == "PORT is 'eighty': it must be a number from 0 to 65535\n"


def test_lost_secrets_stop_the_start_instead_of_losing_the_data(newcomer: Newcomer) -> None:
    (newcomer.home / "postgres" / "data").mkdir(parents=True)
    assert "secrets.json is gone" in newcomer.refused()
