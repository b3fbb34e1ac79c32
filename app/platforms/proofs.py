"""How senders prove who they are, where several platforms do it alike. Each gives a code of REFUSED, or None."""

import base64
import binascii
import hmac
import secrets as random
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from app.platforms.face import RawRequest

TOLERANCE_SECONDS = 300
_RANDOM_BYTES = 32


def is_one_of(given: str, expected: Iterable[str]) -> bool:
    """In a time that tells nothing of how much was right."""
    presented = given.encode("utf-8", "replace")
    return any(hmac.compare_digest(presented, one.encode("utf-8", "replace")) for one in expected)


def make_secret() -> str:
    """256 random bits, of letters, digits, - and _: fit for a header, an address and a `user:password`."""
    return random.token_urlsafe(_RANDOM_BYTES)


def shared_secret(raw: RawRequest, secrets: Sequence[str]) -> str | None:
    """The secret itself, as a bearer token, the password of HTTP Basic, or in X-Api-Key: for whoever can't sign."""
    if not secrets:
        return "no_secret"
    given = _presented(raw)
    if not given:
        return "not_signed"
    return None if is_one_of(given, secrets) else "wrong_secret"


def _presented(raw: RawRequest) -> str:
    scheme, _, rest = raw.header("authorization").strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[2]
        except (binascii.Error, ValueError):
            return ""
    return raw.header("x-api-key").strip()


def header_secret(name: str) -> Callable[[RawRequest, Sequence[str]], str | None]:
    """The secret itself in a header of that name."""

    def verify(raw: RawRequest, secrets: Sequence[str]) -> str | None:
        if not secrets:
            return "no_secret"
        given = raw.header(name)
        if not given:
            return "not_signed"
        return None if is_one_of(given, secrets) else "wrong_secret"

    return verify


def timely(timestamp: str, now: float) -> bool:
    """Unix seconds as written, within 5 minutes of now."""
    short = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    return short and abs(now - int(timestamp)) <= TOLERANCE_SECONDS


def hex_hmac(secret: str, content: bytes) -> str:
    return hmac.digest(secret.encode(), content, sha256).hex()
