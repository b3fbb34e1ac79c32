"""Settings that can't be right, or contradict each other: rules over what was read, nothing is asked."""

import base64
import binascii
import ipaddress
import itertools
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from app.checkup.finding import Finding, failed, ok, warning
from app.errors import ConfigurationError
from app.settings import Settings
from app.store.keyring import DEMONSTRATION, Keyring

_NAME = "settings"
# 32 random bytes have fewer different ones once in 10^9 times
_LEAST_DIFFERENT_BYTES = 20
# /readyz and /metrics read the database, each from a thread of its own
_MONITORS = 2
_SIMULATED = "the carrier is a simulator"


def for_real(settings: Settings) -> bool:
    """Whether texts reach telephones: the carrier is Twilio itself and no stand-in."""
    host = urlsplit(settings.twilio_base_url).hostname or ""
    return host == "twilio.com" or host.endswith(".twilio.com")


def is_loopback(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return (host or "").lower() == "localhost"


def check_settings(settings: Settings, environment: Mapping[str, str]) -> list[Finding]:
    """`environment`: for what is no setting of ours, and still must be right."""
    found = [finding for rule in _RULES for finding in rule(settings)]
    found += _counters(environment)
    carrier = "Twilio" if for_real(settings) else _SIMULATED
    return found or [ok(_NAME, f"none contradicts another; {carrier}")]


def _public_url(settings: Settings) -> Iterator[Finding]:
    name = "settings: PUBLIC_URL"
    url, real = _split(settings.public_url), for_real(settings)
    if url is None or url.scheme not in ("http", "https") or not url.hostname:
        yield failed(name, "is no address", "Write it as https://survey.example.com")
        return
    if url.query or url.fragment:
        yield failed(name, "has a query or a fragment", "Leave it out: paths are put after this address")
    elif url.path.strip("/"):
        yield warning(
            name,
            f"has the path {url.path}",
            "Right only where the proxy takes it away: see the line `signature`",
        )
    if url.username or url.password:
        yield failed(name, "holds a password", "Leave it out: every survey link would show it")
    loopback = is_loopback(url.hostname)
    if loopback and real:
        yield failed(
            name,
            "is this machine alone, and texts go to real telephones",
            "Set it to the address that Twilio and customers reach",
        )
    elif url.scheme == "http" and not loopback:
        say = failed if real else warning
        yield say(name, "is not encrypted", "Use https://, with TLS ended at the proxy in front")
    if not loopback and not real and urlsplit(settings.twilio_base_url).hostname:
        yield warning(
            name,
            f"is a public address, and {_SIMULATED}: no text reaches a telephone",
            "Unset TWILIO_BASE_URL to send for real",
        )


def _carrier_url(settings: Settings) -> Iterator[Finding]:
    name = "settings: TWILIO_BASE_URL"
    url = _split(settings.twilio_base_url)
    if url is None or url.scheme not in ("http", "https") or not url.hostname:
        yield failed(name, "is no address", "Unset it, or write it as https://host[:port]")
    elif url.scheme == "http" and not is_loopback(url.hostname):
        say = failed if for_real(settings) else warning
        yield say(name, "is not encrypted: it carries the auth token", "Use https://")


def _secret_keys(settings: Settings) -> Iterator[Finding]:
    name = "settings: SECRET_KEYS"
    try:
        Keyring(settings.secret_keys)
    except ConfigurationError as error:
        said = str(error).removeprefix("SECRET_KEYS").lstrip(": ")
        yield failed(name, said, "Make one with: echo first:$(openssl rand -base64 32)")
        return
    keys = dict(part.strip().partition(":")[::2] for part in settings.secret_keys.split(",") if part.strip())
    secrets = {key: _decode(encoded) for key, encoded in keys.items()}
    if len(set(secrets.values())) < len(secrets):
        yield warning(
            name, "one secret stands under two names", "Rotate to a new one: openssl rand -base64 32"
        )
    for key, secret in secrets.items():
        if len(set(secret)) < min(_LEAST_DIFFERENT_BYTES, len(secret)) or _is_a_row(secret):
            yield failed(name, f"the key {key} is not random", "Make one with: openssl rand -base64 32")
    if DEMONSTRATION in keys and for_real(settings):
        yield failed(
            name,
            "holds the key of a demonstration, which lies in a file beside the data",
            "Make one with: echo first:$(openssl rand -base64 32)",
        )


def _is_a_row(secret: bytes) -> bool:
    return all((after - before) % 256 == 1 for before, after in itertools.pairwise(secret))


def _decode(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error:  # pragma: no cover - the keyring has read it
        return b""


def _times(settings: Settings) -> Iterator[Finding]:
    limits, name = settings.carrier, "settings: times"
    given = (
        limits.connect_seconds,
        limits.read_seconds,
        limits.lease_margin_seconds,
        limits.first_look_seconds,
        limits.second_look_seconds,
    )
    if min(given) < 0 or min(given[:3]) == 0:
        yield failed(name, "one is zero or less", "Unset it: see README.md, Settings")
        return
    if limits.lease_margin_seconds < 5 and for_real(settings):
        yield warning(
            name,
            f"LEASE_MARGIN_SECONDS is {limits.lease_margin_seconds:g}: a busy worker gives back what it can't begin"
            " in that time",
            "Unset LEASE_MARGIN_SECONDS (15)",
        )
    if limits.read_seconds < 5 and for_real(settings):
        yield warning(
            name,
            f"CARRIER_READ_SECONDS is {limits.read_seconds:g}: each slow answer is looked up, for minutes",
            "Unset CARRIER_READ_SECONDS (10)",
        )
    if limits.lease_seconds > 300:
        yield warning(
            name,
            f"a claim lasts {limits.lease_seconds:g} s: what a dead worker held waits as long",
            "Lower CARRIER_READ_SECONDS or LEASE_MARGIN_SECONDS",
        )
    looks = limits.first_look_seconds + limits.second_look_seconds
    if looks < 180 and for_real(settings):
        yield failed(
            name,
            f"a text of unclear fate is sent again after {looks:g} s: a carrier's listing may lag longer, and the"
            " customer has it twice",
            "Unset FIRST_LOOK_SECONDS (60) and SECOND_LOOK_SECONDS (120)",
        )


def _sizes(settings: Settings) -> Iterator[Finding]:
    sizes = {
        "WEB_DB_POOL": settings.web_db_pool,
        "WEB_THREADS": settings.capacity.threads,
        "SENDS_IN_FLIGHT": settings.sends_in_flight,
    }
    for setting, size in sizes.items():
        if size < 1:
            yield failed(
                f"settings: {setting}", f"is {size}: nothing can be done with none", f"Unset {setting}"
            )
    wanted = settings.capacity.threads + _MONITORS
    if min(sizes.values()) > 0 and settings.web_db_pool < wanted:
        yield warning(
            "settings: WEB_DB_POOL",
            f"is {settings.web_db_pool}: a thread that works ({settings.capacity.threads}) or answers monitors"
            f" ({_MONITORS}) waits for a connection while the others have theirs",
            f"Set WEB_DB_POOL to {wanted}, or WEB_THREADS to less",
        )
    if settings.max_body_bytes < 4096:
        yield failed(
            "settings: MAX_BODY_BYTES",
            f"is {settings.max_body_bytes}: a call's report or a long text is larger",
            "Unset MAX_BODY_BYTES (65536)",
        )


def _broker(settings: Settings) -> Iterator[Finding]:
    broker, redis = _split(settings.broker_url), _split(settings.redis_url)
    name = "settings: BROKER_URL"
    if broker is None or not broker.scheme:
        yield failed(name, "is no address", "Write it as redis://host:6379/0 or amqp://host")
    if redis is None or redis.scheme not in ("redis", "rediss", "unix"):
        yield failed("settings: REDIS_URL", "is no address of a Redis", "Write it as redis://host:6379/0")
    elif broker and broker.scheme.startswith("redis") and settings.broker_url != settings.redis_url:
        yield warning(
            name,
            "is another Redis than REDIS_URL's: two servers to keep where one serves",
            "Unset BROKER_URL, unless that is meant",
        )


def _log_level(settings: Settings) -> Iterator[Finding]:
    known = logging.getLevelNamesMapping()
    if settings.log_level not in known:
        yield failed(
            "settings: LOG_LEVEL",
            f"{settings.log_level!r} is none: web and workers do not start with it",
            "One of DEBUG, INFO, WARNING, ERROR",
        )


_RULES: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _public_url,
    _carrier_url,
    _secret_keys,
    _times,
    _sizes,
    _broker,
    _log_level,
)


def _counters(environment: Mapping[str, str]) -> Iterator[Finding]:
    folder = environment.get("PROMETHEUS_MULTIPROC_DIR")
    if folder and not Path(folder).is_dir():
        yield failed(
            "settings: PROMETHEUS_MULTIPROC_DIR",
            f"{folder} is no folder: web does not start",
            f"mkdir -p {folder}",
        )


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
