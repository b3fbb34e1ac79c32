"""`python -m simulator`: serve until SIGTERM or SIGINT. The only place that reads the environment."""

import os
import re
import signal
import sys
import threading

from simulator import SimulatorConfig, create_simulator
from simulator.numbers import E164
from simulator.server import Server

_ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")


def _configured() -> SimulatorConfig:
    """Raises ValueError naming the variable that is missing or unreadable."""
    env = os.environ
    account_sid = env.get("TWILIO_ACCOUNT_SID", "")
    if not _ACCOUNT_SID.fullmatch(account_sid):
        raise ValueError("TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits")
    auth_token = env.get("TWILIO_AUTH_TOKEN", "")
    if not auth_token:
        raise ValueError("TWILIO_AUTH_TOKEN must be set")
    numbers = tuple(number.strip() for number in env.get("SIMULATOR_NUMBER", "+15005550006").split(","))
    if not all(E164.fullmatch(number) for number in numbers):
        raise ValueError("SIMULATOR_NUMBER must be a number like +15005550006, or several with commas")
    return SimulatorConfig(
        account_sid=account_sid,
        auth_token=auth_token,
        service_url=env.get("SERVICE_URL", "http://127.0.0.1:8000").rstrip("/"),
        service_api_key=env.get("SERVICE_API_KEY", ""),
        numbers=numbers,
    )


def _port() -> int:
    given = os.environ.get("SIMULATOR_PORT", "8080")
    if not (given.isascii() and given.isdigit() and int(given) <= 65_535):
        raise ValueError("SIMULATOR_PORT must be a number up to 65535")
    return int(given)


def main() -> int:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        config, port = _configured(), _port()
    except ValueError as error:
        sys.stderr.write(f"Simulator: {error}\n")
        return 2
    with Server(create_simulator(config), os.environ.get("SIMULATOR_HOST", "127.0.0.1"), port) as server:
        sys.stdout.write(f"Simulator ready on {server.url}\n")
        sys.stdout.flush()
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
