"""How often somebody may ask, told with the answers (draft-ietf-httpapi-ratelimit-headers-11).

A key is limited in all that it asks; an address only in what fails; a telephone in the texts that it sends.
"""

import hashlib
import ipaddress
from uuid import UUID

from werkzeug.exceptions import TooManyRequests

from app.limits import Limits, Policy, Standing
from app.web.announced import announce

_SECONDS = 60
# a household's or a host's IPv6 addresses: to count each alone would be to count none
_IPV6_PREFIX = 64


class KeyLimit:
    """At most `per_minute` requests of one API key; 0 is no limit, and then nothing is counted or told."""

    def __init__(self, limits: Limits, per_minute: int) -> None:
        self._limits = limits
        self._policy = Policy("default", per_minute, _SECONDS)

    def admit(self, key_id: UUID) -> None:
        """Count one request of this key. Raises TooManyRequests, before anything was done."""
        if not self._policy.quota:
            return
        standing = self._limits.count(self._policy, str(key_id))
        _tell(self._policy, standing)
        if not standing.allowed:
            raise TooManyRequests(
                f"This key has made its {self._policy.quota} requests of this minute, and nothing was done"
                f" with this one: send it again in {standing.reset_seconds} s.",
                retry_after=standing.reset_seconds,
            )


class FailureLimit:
    """At most `per_minute` refusals of one address: wrong keys, links and signatures together; 0 is no limit.

    What is right is never counted: all texts of a carrier come from few addresses, and behind a proxy that is not
    in TRUSTED_PROXIES all clients have one.
    """

    def __init__(self, limits: Limits, per_minute: int) -> None:
        self._limits = limits
        self._policy = Policy("failures", per_minute, _SECONDS)

    def is_spent(self, address: str | None) -> bool:
        """Whether one more failure of this address would be too many."""
        return bool(self._policy.quota) and self._limits.is_spent(self._policy, _subject(address))

    def note(self, address: str | None) -> None:
        """Count a refusal. Raises TooManyRequests, to be answered in its place, when there were too many."""
        if not self._policy.quota:
            return
        standing = self._limits.count(self._policy, _subject(address))
        _tell(self._policy, standing)
        if not standing.allowed:
            raise TooManyRequests(
                f"Too many requests of this address were refused: try again in {standing.reset_seconds} s.",
                retry_after=standing.reset_seconds,
            )


class PhoneLimit:
    """At most `per_minute` texts of one telephone are acted on; 0 is no limit.

    Counted by a hash with a key: who reads Valkey learns no number.
    """

    def __init__(self, limits: Limits, per_minute: int, secret: str) -> None:
        self._limits = limits
        self._policy = Policy("texts", per_minute, _SECONDS)
        self._key = hashlib.sha256(b"phone limit\x1f" + secret.encode()).digest()

    def admits(self, phone: str) -> bool:
        if not self._policy.quota:
            return True
        subject = hashlib.blake2b(phone.encode(), key=self._key, digest_size=16).hexdigest()
        return self._limits.count(self._policy, subject).allowed


def _tell(policy: Policy, standing: Standing) -> None:
    announce("RateLimit-Policy", f'"{policy.name}";q={policy.quota};w={policy.seconds}')
    announce("RateLimit", f'"{policy.name}";r={standing.remaining};t={standing.reset_seconds}')


def _subject(address: str | None) -> str:
    """What of an address is counted. A proxy may have written anything where it should be."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _IPV6_PREFIX), strict=False))
