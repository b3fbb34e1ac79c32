"""Where benchmarks run: PostgreSQL and Valkey of their own, fresh databases, and the service's real processes."""

import base64
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from signal import SIGTERM
from typing import Any

import psycopg
import urllib3
from psycopg import sql
from sqlalchemy import make_url

from app.db import migrate
from app.run import process
from app.run.credentials import Credentials
from app.run.options import CHECKOUT, Options
from app.run.place import Place, find_place
from app.run.ports import LOOPBACK, free_port
from app.run.postgres import Postgres, start_postgres
from app.run.process import Command, Process, StartFailed, until
from app.run.services import (
    carrier_environment,
    common_environment,
    python_command,
    readiness,
    services,
)
from app.run.valkey import Valkey, start_valkey

_READY_SECONDS = 60
_SETUP_SECONDS = 120
_TEMPLATE = "migrated"
# counted like any other's, and never too much
_NO_LIMIT = {"API_REQUESTS_PER_MINUTE": "1000000000", "TEXTS_PER_MINUTE": "1000000000"}
# the same each time, so that a data folder that is kept can be opened again
_CREDENTIALS = Credentials(
    postgres_password="only-for-benchmarks",
    valkey_password="only-for-benchmarks",
    secret_keys="bench:" + base64.b64encode(bytes(range(32))).decode(),
    twilio_account_sid="AC" + "0" * 32,
    twilio_auth_token="0" * 32,
    api_key="pc_only-for-benchmarks-0000000000000000000000",
)


@dataclass
class Stack:
    """One database with the demonstration's account in it, and the processes that run on it.

    `settings`: the environment of all of them. `processes`: by name, those that were started.
    """

    name: str
    place: Place
    options: Options
    database_url: str
    settings: dict[str, str]
    processes: dict[str, Process] = field(default_factory=dict)

    credentials = _CREDENTIALS

    @property
    def api_key(self) -> str:
        return _CREDENTIALS.api_key or ""

    @property
    def port(self) -> int:
        """The web service's."""
        return self.options.port

    def start(self, name: str, **settings: str) -> Process:
        """Start "web", "worker", "beat" or "simulator" just as `make run` does, and wait until it is ready.

        `settings`: more environment, for this process alone. Raises StartFailed with the end of its log.
        """
        environment = {**self.settings, **settings}
        commands = {
            service.name: service
            for service in services(self.options, self.place, _CREDENTIALS, self.api_key, environment)
        }
        started = commands[name].start()
        self._await(name, started, name)
        return started

    def run(self, name: str, *arguments: str, ready: str | None = None, **settings: str) -> Process:
        """Start `python -m ARGUMENTS` under `name`, for what is not part of the service.

        `ready`: wait as for that part of the service ("web", "simulator": its port answers).
        """
        command = Command(
            python_command(*arguments), {**self.settings, **settings}, death_signal=SIGTERM, cwd=CHECKOUT
        )
        started = process.start(command, name=name, log=self.place.log(name))
        self._await(name, started, ready)
        return started

    def stop(self, name: str) -> None:
        self.processes.pop(name).stop(SIGTERM, 5)

    def stop_all(self) -> None:
        """What was started last ends first."""
        for name in reversed(list(self.processes)):
            self.stop(name)

    def connect(self) -> psycopg.Connection:
        """A raw connection to the database, each statement its own transaction."""
        return psycopg.connect(psycopg_url(self.database_url), autocommit=True)

    def analyze(self) -> None:
        """Have the planner see the rows that are there: plans made for empty tables read full ones whole."""
        with self.connect() as connection:
            connection.execute("vacuum analyze")

    def pids(self, *names: str) -> dict[str, int]:
        """Name -> pid, for `counting_cpu`."""
        return {name: self.processes[name].pid for name in names}

    def _await(self, name: str, started: Process, ready: str | None) -> None:
        self.processes[name] = started
        check = readiness(self.options, self.settings).get(ready or "", lambda: True)
        in_time = until(lambda: started.ended() is not None or check(), _READY_SECONDS)
        if started.ended() is not None or not in_time:
            raise StartFailed(f"The {name} does not start\n{process.tail(started.log)}")


@dataclass
class Site:
    """The two servers. They are durable: a commit waits for the disk, as it does in production."""

    place: Place
    postgres: Postgres
    valkey: Valkey
    _stacks: int = 0

    def database(self, name: str, *, keep: bool = False) -> str:
        """The URL of the migrated database `name`: an empty one, unless `keep` and it is there already."""
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            there = {found for (found,) in connection.execute("select datname from pg_database")}
            if _TEMPLATE not in there:
                self._make(connection, _TEMPLATE, "template0")
                migrate(self._sqlalchemy_url(_TEMPLATE))
            elif keep and name in there:
                migrate(self._sqlalchemy_url(name))
                return self._sqlalchemy_url(name)
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )
            self._make(connection, name, _TEMPLATE)
        return self._sqlalchemy_url(name)

    @contextmanager
    def stack(self, name: str, *, keep: bool = False, **settings: str) -> Iterator[Stack]:
        """A database `name`, an account, a sender and a key in it; the processes are started by whoever asks.

        Each stack has a Valkey database and ports of its own, so that several can stand side by side: 16 at once.
        `settings`: environment for all its processes. What was started ends with the block.
        """
        database_url = self.database(name, keep=keep)
        self._stacks = (self._stacks + 1) % 16
        redis_url = self.valkey.url.removesuffix("/0") + f"/{self._stacks}"
        port, simulator_port = free_port(), free_port()
        place = replace(self.place, home=self.place.home / name)
        for folder in ("metrics", "log"):
            (place.home / folder).mkdir(parents=True, exist_ok=True)
        options = Options(place.home, port, simulator_port, database_url, redis_url, 2**40, free_port())
        environment = {
            **common_environment({"PATH": "/usr/bin:/bin"}, options, _CREDENTIALS, database_url, redis_url),
            # all load comes with one key
            "API_REQUESTS_PER_MINUTE": "1000000000",
            **_NO_LIMIT,
            **settings,
        }
        stack = Stack(name, place, options, database_url, environment)
        setup = Command(
            python_command("app.run.setup"),
            {**environment, **carrier_environment(options, _CREDENTIALS), "SERVICE_API_KEY": stack.api_key},
            cwd=CHECKOUT,
        )
        process.run(setup, name="setup", log=place.log("setup"), seconds=_SETUP_SECONDS)
        with ExitStack() as ending:
            ending.callback(stack.stop_all)
            yield stack

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()

    def _make(self, connection: psycopg.Connection, name: str, template: str) -> None:
        connection.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
        )

    def _sqlalchemy_url(self, database: str) -> str:
        return make_url(self.postgres.url).set(database=database).render_as_string(hide_password=False)

    def _url(self, database: str) -> str:
        return psycopg_url(self._sqlalchemy_url(database))


def change_survey(stack: Stack, definition: Mapping[str, Any]) -> None:
    """Change the survey of the stack's account, over the API: its web service runs."""
    answer = urllib3.request(
        "PUT",
        f"http://{LOOPBACK}:{stack.port}/v1/surveys/default",
        json=dict(definition),
        headers={"Authorization": f"Bearer {stack.api_key}"},
    )
    if answer.status != 200:
        raise ValueError(answer.data.decode())


def psycopg_url(database_url: str) -> str:
    """The same address as libpq reads it."""
    return make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def open_site(home: Path | None = None) -> Iterator[Site]:
    """Start both servers and end them; `home` keeps their data for another time, else it goes with them."""
    with ExitStack() as stack:
        folder = home or Path(tempfile.mkdtemp(prefix="postcall-bench-"))
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)  # as root the servers run as nobody, who must pass through
        if home is None:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        place = find_place(folder)
        if home is None:
            stack.callback(shutil.rmtree, place.data, ignore_errors=True)
        postgres = start_postgres(place, password=_CREDENTIALS.postgres_password)
        stack.callback(postgres.stop)
        valkey = start_valkey(place, password=_CREDENTIALS.valkey_password)
        stack.callback(valkey.stop)
        site = Site(place, postgres, valkey)
        stack.callback(site.stop)  # what was started anew meanwhile
        yield site
