"""The service's own processes: their commands and what they are told."""

import signal
import sys
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from signal import Signals

import redis

from app.run import process
from app.run.credentials import Credentials
from app.run.options import CHECKOUT, Options
from app.run.place import Place
from app.run.ports import LOOPBACK
from app.run.process import Command, Process
from app.run.supervisor import Service

SIMULATOR_NUMBER = "+15005550006"  # Twilio's own test number: nobody's telephone
CELERY = ("celery", "-A", "workers.celery_app:celery")
# a caller's libpq, Python, Celery, server or make settings are not meant for these processes
_NOT_FOR_US = ("PG", "PYTHON", "CELERY", "GRANIAN", "FLASK_", "MAKE", "MFLAGS", "PYTEST", "COV_")


def common_environment(
    inherited: Mapping[str, str],
    options: Options,
    credentials: Credentials,
    database_url: str,
    redis_url: str,
) -> dict[str, str]:
    """What every process of the service gets. Settings that the caller gives win over the demonstration's."""
    kept = {name: value for name, value in inherited.items() if not name.startswith(_NOT_FOR_US)}
    return {
        "PUBLIC_URL": base_url(options),
        "SECRET_KEYS": credentials.secret_keys,
        "TWILIO_BASE_URL": simulator_url(options),
        **kept,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PROMETHEUS_MULTIPROC_DIR": str(options.home / "metrics"),
        "PYTHONUNBUFFERED": "1",
    }


def carrier_environment(options: Options, credentials: Credentials) -> dict[str, str]:
    """The carrier's account and the mail server: told to the simulator, and to the step that registers senders."""
    return {
        "TWILIO_ACCOUNT_SID": credentials.twilio_account_sid,
        "TWILIO_AUTH_TOKEN": credentials.twilio_auth_token,
        "SIMULATOR_NUMBER": SIMULATOR_NUMBER,
        "SIMULATOR_SMTP_PORT": str(options.smtp_port),
        "SIMULATOR_MAIL_REPORTS_SECRET": credentials.mail_secret,
    }


def base_url(options: Options) -> str:
    return f"http://{LOOPBACK}:{options.port}"


def simulator_url(options: Options) -> str:
    return f"http://{LOOPBACK}:{options.simulator_port}"


def python_command(*arguments: str) -> list[str]:
    """`python -m ARGUMENTS`, by this interpreter."""
    return [sys.executable, "-m", *arguments]


def web_server(factory: str, port: int) -> list[str]:
    """The HTTP server, for `python -m`, with the front door that `factory` ("module:function") makes."""
    return [
        *("granian", "--interface", "rsgi", "--factory", factory),
        *("--host", LOOPBACK, "--port", str(port)),
        # HTTP/2 has many requests on a connection, and only connections are bounded
        *("--workers", "2", "--http", "1", "--http1-buffer-size", "65536", "--no-ws"),
        # one process that dies (for memory, say) comes back without the other noticing
        "--respawn-failed-workers",
        # a request that hangs must not hold up the stop
        *("--workers-kill-timeout", "2"),
    ]


def worker(queues: str, level: str = "INFO") -> list[str]:
    """A worker of these queues (with commas), for `python -m`."""
    return [
        *(*CELERY, "worker", "-P", "threads", "-c", "4", "-Q", queues, "-l", level),
        # workers have nothing to tell each other, and these three cost the broker a message every second or two
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]


def services(
    options: Options, place: Place, credentials: Credentials, api_key: str, environment: Mapping[str, str]
) -> list[Service]:
    """Simulator, web, worker and beat, in the order of starting.

    Stopping: beat and worker first, while what they talk to still answers; then the doors.
    """

    def python(
        name: str,
        *arguments: str,
        more: Mapping[str, str] | None = None,
        death_signal: Signals = signal.SIGTERM,
    ) -> Callable[[], Process]:
        command = Command(
            python_command(*arguments),
            {**environment, **(more or {})},
            death_signal=death_signal,
            cwd=CHECKOUT,
        )
        return lambda: process.start(command, name=name, log=place.log(name))

    level = environment.get("LOG_LEVEL", "INFO").upper()
    simulator = python(
        "simulator",
        "simulator",
        more={
            **carrier_environment(options, credentials),
            "SIMULATOR_HOST": LOOPBACK,
            "SIMULATOR_PORT": str(options.simulator_port),
            "SERVICE_URL": base_url(options),
            "SERVICE_API_KEY": api_key,
        },
    )
    web = python("web", *web_server("app.web.application:from_environment", options.port))
    sending_and_all_else = python(
        "worker",
        *worker("delivery,default", level),
        # what it was doing is looked up later, as after any crash; orphaned, it could not record an end anyway
        death_signal=signal.SIGKILL,
    )
    beat = python(
        "beat",
        *(*CELERY, "beat", "-l", level, "--schedule", str(place.home / "beat-schedule")),
        death_signal=signal.SIGKILL,
    )
    return [
        Service("simulator", simulator, stage=1, stop_seconds=2),
        Service("web", web, stage=1, stop_seconds=3),
        Service(
            "worker", sending_and_all_else, stage=2, stop_seconds=3, memory_bytes=options.worker_memory_bytes
        ),
        Service("beat", beat, stage=2, stop_seconds=1),
    ]


def readiness(options: Options, environment: Mapping[str, str]) -> dict[str, Callable[[], bool]]:
    """When each is ready. Beat has no door, nor has a worker at another broker than Redis: they only run."""
    broker_url = environment.get("BROKER_URL") or environment["REDIS_URL"]
    checks: dict[str, Callable[[], bool]] = {
        "simulator": lambda: _answers(options.simulator_port, "/healthz"),
        "web": lambda: _answers(options.port, "/readyz"),
    }
    if broker_url.startswith("redis"):
        checks["worker"] = lambda: _is_consumed(broker_url)
    return checks


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _is_consumed(redis_url: str) -> bool:
    """Whether a worker waits at the broker: one that is ready blocks in BRPOP."""
    try:
        with redis.Redis.from_url(
            redis_url, socket_timeout=2, socket_connect_timeout=2, retry=None
        ) as client:
            return any(other["cmd"] == "brpop" for other in client.client_list())
    except redis.RedisError:
        return False
