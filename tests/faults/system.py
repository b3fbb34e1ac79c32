"""The real system, each part a process of its own, and ways to break it."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import redis
import urllib3
from sqlalchemy import make_url, text

from app.broker import DELIVER, LOOK_UP, RECOVER, ROLL_UP, make_celery
from app.db import make_engine, make_sessions
from app.run.ports import LOOPBACK
from app.run.postgres import start_postgres
from app.run.process import Process, StartFailed, tail, until
from app.run.services import CELERY, simulator_url, worker
from app.run.valkey import start_valkey
from app.settings import load_settings
from app.store.keyring import Keyring
from bench.place import Site, Stack, open_site
from tests.story.running import eventually

SENDING, OTHERS = "delivery", "default"
# in the order of their starting
PARTS = ("simulator", "web", SENDING, OTHERS, "beat")
# what takes minutes in production takes seconds here
QUICK = {
    "CARRIER_CONNECT_SECONDS": "1",
    "CARRIER_READ_SECONDS": "2",
    "LEASE_MARGIN_SECONDS": "1",
    "FIRST_LOOK_SECONDS": "1",
    "SECOND_LOOK_SECONDS": "2",
}
_READY_SECONDS = 60
_PREFIX = "postcall-tests-"


class System:
    """`kills`: how many processes were killed here so far."""

    def __init__(self, site: Site, stack: Stack) -> None:
        self.site = site
        self.stack = stack
        self.kills = 0
        self._altered: set[str] = set()  # parts that run otherwise than they are configured
        self.traps = stack.place.home / "traps"
        self.http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(30), maxsize=64)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.stack.port}"

    @cached_property
    def engine(self) -> Any:
        return make_engine(self.stack.database_url, 40)

    @cached_property
    def sessions(self) -> Any:
        return make_sessions(self.engine, Keyring(self.stack.credentials.secret_keys))

    @cached_property
    def _celery(self) -> Any:
        celery = make_celery(_settings(self.stack.settings))
        celery.conf.broker_transport_options = {
            "socket_timeout": 1,
            "socket_connect_timeout": 1,
            "max_retries": 0,
        }
        return celery

    # its parts

    def start(
        self, part: str, *, beside: str = "", wrapped: tuple[str, ...] = (), **settings: str
    ) -> Process:
        """Start a part and wait until it is ready; `settings` are for this process alone.

        `beside`: another name, for a second one. `wrapped`: what `python -m` runs in place of celery itself.
        """
        name = beside or part
        self._altered.discard(name)
        if settings or wrapped:
            self._altered.add(name)
        if part == "beat" and beside:
            schedule = str(self.stack.place.home / name)
            return self.stack.run(name, *CELERY, "beat", "--schedule", schedule, **settings)
        if part not in (SENDING, OTHERS):
            return self.stack.start(part, **settings)
        log = self.stack.place.log(name)
        before = _times_ready(log)
        # the pid in its name, or a restarted one and the one before are taken for the same
        command = (*wrapped, *worker(part), "-n", f"{name.replace(' ', '-')}-{before}@%h")
        started = self.stack.run(name, *command, **settings)
        until(lambda: started.ended() is not None or _times_ready(log) > before, _READY_SECONDS)
        if started.ended() is not None:
            raise StartFailed(f"The {name} does not start\n{tail(log)}")
        return started

    def stop(self, part: str, seconds: float = 10) -> None:
        """As a deployment does: TERM, and KILL after `seconds`."""
        self.stack.processes.pop(part).stop(signal.SIGTERM, seconds)

    def kill(self, part: str) -> None:
        self.stack.processes.pop(part).kill()
        self.kills += 1

    def wait_for_end(self, part: str, seconds: float = 30) -> None:
        """Of a part that ran into a trap."""
        self.wait(lambda: not self.running(part), seconds)
        self.kills += 1

    def restart(self, part: str, **settings: str) -> None:
        self.stop(part, 2)
        self.start(part, **settings)

    def running(self, part: str) -> bool:
        return part in self.stack.processes and self.stack.processes[part].ended() is None

    def pids(self, part: str) -> list[int]:
        """Of the part itself and its children."""
        group = self.stack.processes[part].pid
        return [pid for pid in _pids() if _group_of(pid) == group]

    def stopped(self, part: str) -> bool:
        """Whether it is held by SIGSTOP."""
        try:
            stat = Path(f"/proc/{self.stack.processes[part].pid}/stat").read_text()
        except FileNotFoundError:
            return False
        return stat.rpartition(")")[2].split()[0] == "T"

    def go_on(self, part: str) -> None:
        os.killpg(self.stack.processes[part].pid, signal.SIGCONT)

    @contextmanager
    def frozen(self, part: str) -> Iterator[None]:
        pid = self._server(part).pid if part in ("postgres", "valkey") else self.stack.processes[part].pid
        os.killpg(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(pid, signal.SIGCONT)

    def heal(self) -> None:
        """Everything runs, as it is configured, and nothing is to go wrong any more."""
        shutil.rmtree(self.traps, ignore_errors=True)
        self.traps.mkdir()
        self.start_servers()
        for name in list(self.stack.processes):
            if name not in PARTS or name in self._altered or self.stopped(name):
                self.stack.stop(name)
        for part in PARTS:
            if not self.running(part):
                self.stack.processes.pop(part, None)
                self.start(part)
        self.world("DELETE", "/faults")

    # the servers

    def _server(self, name: str) -> Process:
        return self.site.postgres.process if name == "postgres" else self.site.valkey.process

    def kill_server(self, name: str) -> None:
        """PostgreSQL's other processes end themselves when the first one is gone."""
        self._server(name).kill()
        self.kills += 1

    def start_servers(self) -> None:
        site = self.site
        if site.postgres.process.ended() is not None:
            site.postgres = start_postgres(
                site.place, password=site.postgres.password, port=site.postgres.port
            )
        if site.valkey.process.ended() is not None:
            site.valkey = start_valkey(site.place, password=site.valkey.password, port=site.valkey.port)

    def valkey(self) -> redis.Redis:
        return redis.Redis.from_url(self.stack.settings["REDIS_URL"], socket_timeout=2, retry=None)

    def port_of(self, setting: str) -> int:
        """Of a setting that is a URL."""
        return make_url(self.stack.settings[setting]).port or 0

    def through(self, setting: str, port: int) -> dict[str, str]:
        """That setting with `port` in place of its own."""
        url = make_url(self.stack.settings[setting])
        return {setting: url.set(port=port).render_as_string(hide_password=False)}

    # traps

    def trap(self, place: str, does: str = "kill", only: str = "") -> None:
        """Lay a trap for whichever process comes to `place` first: see app.failpoints."""
        fresh = self.traps.with_name("trap")
        fresh.write_text(f"{does}\n{only}")
        fresh.replace(self.traps / place)

    def sprung(self, place: str) -> bool:
        return not (self.traps / place).exists()

    # the world around it

    def world(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.http.request(method, simulator_url(self.stack.options) + path, json=body)
        assert answer.status != 500, answer.data
        return answer.json()

    def fault(self, **faults: Any) -> None:
        self.world("PUT", "/faults", faults)

    def ledger(self) -> list[dict[str, Any]]:
        """What the carrier accepted, the oldest first."""
        accepted: list[dict[str, Any]] = self.world("GET", "/ledger.json")
        return accepted

    def mails(self) -> list[dict[str, Any]]:
        """What the mail server took, the oldest first."""
        taken: list[dict[str, Any]] = self.world("GET", "/mails.json")
        return taken

    def rings(self) -> list[dict[str, Any]]:
        """The calls that the carrier made, the oldest first. One in which nothing was said asked nobody: of it only
        the id is told."""
        calls = self.world("GET", "/calls.json")
        return [
            call | {"body": call["heard"][0]} if call["heard"] else {"sid": call["sid"]} for call in calls
        ]

    def hurry(self) -> None:
        """Beat's ticks, without waiting for them: each is harmless at any time."""
        for task in (RECOVER, LOOK_UP, DELIVER, ROLL_UP):
            with suppress(Exception):  # a broker that is away hears them from beat later
                self._celery.send_task(task, retry=False, ignore_result=True, expires=10)

    def scalar(self, statement: str, **values: Any) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(text(statement), values).scalar()

    def wait(self, condition: Callable[[], Any], seconds: float = 30) -> Any:
        """Its first true value."""
        return eventually(condition, bool, seconds)

    def answers(self, path: str) -> bool:
        return bool(self.http.request("GET", self.url + path).status == 200)

    def show_logs(self) -> None:
        """The end of each part's, for whoever reads why a test failed."""
        for part in PARTS:
            print(f"--- {part}: {'runs' if self.running(part) else 'is away'}")  # noqa: T201
            print(self.log(part)[-3000:])  # noqa: T201

    def log(self, part: str) -> str:
        return self.stack.place.log(part).read_text(errors="replace")


def _settings(environment: dict[str, str]) -> Any:
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        return load_settings()
    finally:
        os.environ.clear()
        os.environ.update(before)


def _times_ready(log: Path) -> int:
    with suppress(FileNotFoundError):
        return log.read_text(errors="replace").count(" ready.")
    return 0


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def _group_of(pid: int) -> int | None:
    with suppress(ProcessLookupError):
        return os.getpgid(pid)
    return None


@contextmanager
def a_folder() -> Iterator[Path]:
    """That goes with the block. What a killed run leaves behind, the next test run removes."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def a_site(home: Path | None = None) -> Iterator[Site]:
    """PostgreSQL, durable as in production, and Valkey, in `home` or a folder of their own that goes with them."""
    with ExitStack() as stack:
        folder = home or stack.enter_context(a_folder())
        site = stack.enter_context(open_site(folder))
        stack.callback(shutil.rmtree, site.place.data, ignore_errors=True)
        yield site


@contextmanager
def a_system(site: Site, name: str = "system", **settings: str) -> Iterator[System]:
    """All parts on a database of their own, running; what was started ends with the block."""
    traps = site.place.home / name / "traps"
    with site.stack(name, FAILPOINTS=str(traps), **{**QUICK, **settings}) as stack:
        system = System(site, stack)
        try:
            system.heal()
            yield system
        finally:
            system.http.clear()
            system.engine.dispose()


def seconds_of(work: Callable[[], Any]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started
