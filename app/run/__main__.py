"""`make run`: the whole service on one machine, with nothing installed. Stays in the foreground."""

import json
import os
import shlex
import shutil
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

from app.errors import ConfigurationError, PostcallError
from app.run import process
from app.run.credentials import CredentialFile, Credentials, write_private
from app.run.launch import end_with_parent
from app.run.options import CHECKOUT, Options, read_options
from app.run.place import Place, find_place, lock
from app.run.ports import is_free
from app.run.postgres import Postgres, start_postgres
from app.run.process import Command, Process, until
from app.run.services import (
    base_url,
    carrier_environment,
    common_environment,
    readiness,
    services,
    simulator_url,
)
from app.run.supervisor import Service, Supervisor
from app.run.valkey import Valkey, start_valkey

_SETUP_SECONDS = 300
_READY_SECONDS = 120
_FOR_THE_SHELL = ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "SECRET_KEYS", "TWILIO_BASE_URL")


class _Stop(BaseException):
    """A signal asked us to stop. Not an Exception: nobody on the way may swallow it."""


def main() -> int:
    """The exit code: 0 when asked to stop, 1 when it could not start."""
    if sys.platform != "linux":
        say("make run needs Linux; elsewhere, see compose.yaml")
        return 1
    _stop_on_signals()
    try:
        options = read_options(os.environ)
        place = find_place(options.home)
        held = _lock(place)
        try:
            _run(options, place)
        finally:
            os.close(held)
    except PostcallError as error:
        say(str(error))
        return 1
    except _Stop:
        pass
    return 0


def say(line: str) -> None:
    # the terminal may be gone already, and that is no reason to leave children behind
    with suppress(OSError):
        print(line, flush=True)


def _stop_on_signals() -> None:
    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise _Stop

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # under nohup the end of the terminal is not for us
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, stop)
    if "MAKELEVEL" in os.environ:
        # when make itself is killed, nobody would tell us
        end_with_parent(signal.SIGTERM)


def _lock(place: Place) -> int:
    path = place.home / "lock"
    path.touch(mode=0o600)
    held = lock(path, seconds=0)
    if held is None:
        raise ConfigurationError(
            f"Postcall is already running on {place.home} (pid {path.read_text().strip()})"
        )
    path.write_text(f"{os.getpid()}\n")
    return held


def _run(options: Options, place: Place) -> None:
    results = (place.home / "run.json", place.home / "run.env")
    # left by a run that was killed: its processes are still letting go of their ports
    _check_ports(options, patience=8 if results[0].exists() else 0)
    say("Starting Postcall ...")
    _clear(place, *results)
    supervisor = Supervisor(say, place.log)
    try:
        _start_all(options, place, supervisor)
        supervisor.tend_for_ever()
    except _Stop:
        say("Stopping ...")
    finally:
        for result in results:
            result.unlink(missing_ok=True)
        supervisor.stop()


def _start_all(options: Options, place: Place, supervisor: Supervisor) -> None:
    file = CredentialFile(place.home / "secrets.json")
    if not file.path.exists() and (place.data / "postgres" / "data").exists():
        raise ConfigurationError(
            f"{file.path} is gone, and the data in {place.data} can't be opened without it"
        )
    credentials = file.load_or_make()
    database_url = options.database_url or _keep_postgres(place, credentials, supervisor)
    redis_url = options.redis_url or _keep_valkey(place, credentials, supervisor)
    environment = common_environment(os.environ, options, credentials, database_url, redis_url)
    setup = Command(
        [sys.executable, "-m", "app.run.setup"],
        {
            **environment,
            **carrier_environment(options, credentials),
            "SERVICE_API_KEY": credentials.api_key or "",
        },
        cwd=CHECKOUT,
    )
    api_key = process.run(setup, name="setup", log=place.log("setup"), seconds=_SETUP_SECONDS)
    file.keep_api_key(credentials, api_key)
    for service in services(options, place, credentials, api_key, environment):
        supervisor.add(service)
    supervisor.wait_until_ready(readiness(options, environment), _READY_SECONDS)
    _announce(options, place, api_key, environment)


def _keep_postgres(place: Place, credentials: Credentials, supervisor: Supervisor) -> str:
    running: list[Postgres] = []

    def start() -> Process:
        port = running[-1].port if running else None  # the others know it by its first one
        running.append(start_postgres(place, password=credentials.postgres_password, port=port))
        return running[-1].process

    # SIGINT: the fast shutdown
    supervisor.add(Service("postgres", start, stage=0, stop_seconds=3, stop_signal=signal.SIGINT))
    return running[-1].url


def _keep_valkey(place: Place, credentials: Credentials, supervisor: Supervisor) -> str:
    running: list[Valkey] = []

    def start() -> Process:
        port = running[-1].port if running else None
        running.append(start_valkey(place, password=credentials.valkey_password, port=port))
        return running[-1].process

    supervisor.add(Service("valkey", start, stage=0, stop_seconds=2))
    return running[-1].url


def _check_ports(options: Options, patience: float) -> None:
    ports = {
        "PORT": options.port,
        "SIMULATOR_PORT": options.simulator_port,
        "SIMULATOR_SMTP_PORT": options.smtp_port,
    }
    for name, port in ports.items():
        if not until(partial(is_free, port), patience):
            raise ConfigurationError(
                f"Port {port} is in use by another program: choose another with {name}, as in"
                f" {name}={port + 1 if port < 65535 else 0} make run"
            )


def _clear(place: Place, *results: Path) -> None:
    """Away with what belongs to the run before; its logs are kept once."""
    for result in results:
        result.unlink(missing_ok=True)
    shutil.rmtree(place.home / "metrics", ignore_errors=True)
    (place.home / "metrics").mkdir(mode=0o700)
    for log in (place.home / "log").glob("*.log"):
        log.replace(log.with_suffix(".log.1"))


def _announce(options: Options, place: Place, api_key: str, environment: Mapping[str, str]) -> None:
    phone_url = f"{simulator_url(options)}/"
    results = {
        "base_url": base_url(options),
        "api_key": api_key,
        "docs_url": f"{base_url(options)}/docs",
        "simulator_url": simulator_url(options),
        "phone_url": phone_url,
        "data_dir": str(place.data),
    }
    write_private(place.home / "run.json", json.dumps(results, indent=2) + "\n")
    write_private(
        place.home / "run.env",
        "".join(f"{name}={shlex.quote(environment[name])}\n" for name in _FOR_THE_SHELL),
    )
    say(f"""
Postcall is running.

  API          {results["base_url"]}   (described at {results["docs_url"]})
  API key      {api_key}
  Telephones   {phone_url}   hang up a call there, and answer the survey
  Data         {place.data}
  Logs         {place.home / "log"}

For the command line:  set -a; . {shlex.quote(str(place.home / "run.env"))}; .venv/bin/postcall --help
Ctrl-C stops it.
""")


if __name__ == "__main__":
    sys.exit(main())
