"""What `make run` can be told, all of it in the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from app.errors import ConfigurationError
from app.run.ports import free_port

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Options:
    home: Path
    port: int
    simulator_port: int
    database_url: str | None
    redis_url: str | None
    worker_memory_bytes: int
    smtp_port: int  # of the simulator, which takes mail there


def read_options(environment: Mapping[str, str]) -> Options:
    """Raises ConfigurationError naming the variable that can't be used."""
    port = _port(environment, "PORT", 8000)
    simulator_port = _port(environment, "SIMULATOR_PORT", 8080)
    smtp_port = _port(environment, "SIMULATOR_SMTP_PORT", 8025)
    ports = {"PORT": port, "SIMULATOR_PORT": simulator_port, "SIMULATOR_SMTP_PORT": smtp_port}
    for (name, one), (other, another) in combinations(ports.items(), 2):
        if one == another:
            raise ConfigurationError(f"{name} and {other} are both {one}: each needs one of its own")
    return Options(
        home=Path(environment.get("POSTCALL_DATA") or CHECKOUT / "var").absolute(),
        port=port,
        simulator_port=simulator_port,
        database_url=environment.get("DATABASE_URL") or None,
        redis_url=environment.get("REDIS_URL") or None,
        worker_memory_bytes=_number(environment, "WORKER_MEMORY_MB", 512, range(64, 1_000_000)) * 1024 * 1024,
        smtp_port=smtp_port,
    )


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    return _number(environment, name, default, range(65536)) or free_port()


def _number(environment: Mapping[str, str], name: str, default: int, allowed: range) -> int:
    given = environment.get(name) or str(default)
    if not given.isascii() or not given.isdigit() or int(given) not in allowed:
        raise ConfigurationError(
            f"{name} is {given!r}: it must be a number from {allowed[0]} to {allowed[-1]}"
        )
    return int(given)
