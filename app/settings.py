"""Every setting of the service, read once from the environment at an entry point and passed down.

Names, defaults and meanings stand in README.md; a test holds the two together.
"""

from dataclasses import dataclass
from datetime import timedelta

from environs import Env, EnvError

from app.errors import ConfigurationError


@dataclass(frozen=True)
class CarrierLimits:
    """How long one request to a carrier may take, and when an unclear one is looked up (all in seconds)."""

    connect_seconds: float
    read_seconds: float
    lease_margin_seconds: float
    first_look_seconds: float
    second_look_seconds: float

    @property
    def first_look(self) -> timedelta:
        return timedelta(seconds=self.first_look_seconds)

    @property
    def lease_seconds(self) -> float:
        """A claim outlives the longest possible request, so that two workers never hold one message."""
        return self.connect_seconds + self.read_seconds + self.lease_margin_seconds


@dataclass(frozen=True)
class Capacity:
    """What one web process takes on: threads that work, requests that wait for one, and for how many seconds;
    how many seconds the body of a request may take to arrive."""

    threads: int
    waiting: int
    wait_seconds: float
    body_seconds: float


@dataclass(frozen=True)
class Settings:
    database_url: str
    redis_url: str
    broker_url: str
    public_url: str
    secret_keys: str
    twilio_base_url: str
    transcriber_url: str
    outbound_allow: tuple[str, ...]
    log_level: str
    traces: str
    web_db_pool: int
    sends_in_flight: int
    worker_metrics_port: int
    max_body_bytes: int
    api_requests_per_minute: int
    failed_requests_per_minute: int
    texts_per_minute: int
    trusted_proxies: int
    carrier: CarrierLimits
    capacity: Capacity


def load_settings() -> Settings:
    """Read the settings from the process environment.

    Raises ConfigurationError naming the variable that is missing or unreadable.
    """
    env = Env()
    try:
        return Settings(
            database_url=env.str("DATABASE_URL"),
            redis_url=env.str("REDIS_URL"),
            broker_url=env.str("BROKER_URL", "") or env.str("REDIS_URL"),
            public_url=env.str("PUBLIC_URL").rstrip("/"),
            secret_keys=env.str("SECRET_KEYS"),
            twilio_base_url=env.str("TWILIO_BASE_URL", "https://api.twilio.com").rstrip("/"),
            transcriber_url=env.str("TRANSCRIBER_URL", ""),
            outbound_allow=tuple(env.list("OUTBOUND_ALLOW", [])),
            log_level=env.str("LOG_LEVEL", "INFO").upper(),
            traces=env.str("TRACES", "off").lower(),
            web_db_pool=env.int("WEB_DB_POOL", 4),
            sends_in_flight=env.int("SENDS_IN_FLIGHT", 50),
            worker_metrics_port=env.int("WORKER_METRICS_PORT", 0),
            max_body_bytes=env.int("MAX_BODY_BYTES", 64 * 1024),
            api_requests_per_minute=env.int("API_REQUESTS_PER_MINUTE", 30_000),
            failed_requests_per_minute=env.int("FAILED_REQUESTS_PER_MINUTE", 60),
            texts_per_minute=env.int("TEXTS_PER_MINUTE", 20),
            trusted_proxies=env.int("TRUSTED_PROXIES", 0),
            carrier=CarrierLimits(
                connect_seconds=env.float("CARRIER_CONNECT_SECONDS", 5.0),
                read_seconds=env.float("CARRIER_READ_SECONDS", 10.0),
                lease_margin_seconds=env.float("LEASE_MARGIN_SECONDS", 15.0),
                first_look_seconds=env.float("FIRST_LOOK_SECONDS", 60.0),
                second_look_seconds=env.float("SECOND_LOOK_SECONDS", 120.0),
            ),
            capacity=Capacity(
                threads=env.int("WEB_THREADS", 2),
                waiting=env.int("WEB_WAITING", 64),
                wait_seconds=env.float("WEB_WAIT_SECONDS", 2.0),
                body_seconds=env.float("WEB_BODY_SECONDS", 10.0),
            ),
        )
    except EnvError as error:
        raise ConfigurationError(f"Settings: {error}") from error
