"""`python -m simulator`: serve until SIGTERM or SIGINT. The only place that reads the environment."""

import os
import re
import signal
import sys
import threading

from simulator import SimulatorConfig, create_simulator
from simulator.numbers import E164
from simulator.server import Server

_WEBHOOK_SECRET = re.compile(r"whsec_(?:[A-Za-z0-9+/]{4}){8,21}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
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
    secret = env.get("SIMULATOR_MAIL_REPORTS_SECRET", "")
    if secret and not _WEBHOOK_SECRET.fullmatch(secret):
        raise ValueError("SIMULATOR_MAIL_REPORTS_SECRET must be whsec_ and 24 to 64 bytes in base64")
    return SimulatorConfig(
        account_sid=account_sid,
        auth_token=auth_token,
        service_url=env.get("SERVICE_URL", "http://127.0.0.1:8000").rstrip("/"),
        service_api_key=env.get("SERVICE_API_KEY", ""),
        numbers=numbers,
        mail_reports_secret=secret,
    )


def _port(name: str, default: str) -> int:
    given = os.environ.get(name, default)
    if not (given.isascii() and given.isdigit() and int(given) <= 65_535):
        raise ValueError(f"{name} must be a number up to 65535")
    return int(given)


def main() -> int:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        config, host = _configured(), os.environ.get("SIMULATOR_HOST", "127.0.0.1")
        port, smtp_port = _port("SIMULATOR_PORT", "8080"), _port("SIMULATOR_SMTP_PORT", "8025")
        simulator = Server(create_simulator(config), host, port, smtp_port)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"Simulator: {error}\n")
        return 2
    with simulator as server:
        sys.stdout.write(f"Simulator ready on {server.url}, mail on port {server.smtp_port}\n")
        sys.stdout.flush()
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
