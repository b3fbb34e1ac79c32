"""How often a key may ask, told with every answer to it (draft-ietf-httpapi-ratelimit-headers-11)."""

from uuid import UUID

from werkzeug.exceptions import TooManyRequests

from app.limits import Limits, Policy
from app.web.announced import announce

_SECONDS = 60


class KeyLimit:
    """At most `per_minute` requests of one API key; 0 is no limit, and then nothing is counted or told."""

    def __init__(self, limits: Limits, per_minute: int) -> None:
        self._limits = limits
        self._policy = Policy("default", per_minute, _SECONDS)
        self._told = f'"{self._policy.name}";q={per_minute};w={_SECONDS}'

    def admit(self, key_id: UUID) -> None:
        """Count one request of this key. Raises TooManyRequests, before anything was done."""
        if not self._policy.quota:
            return
        standing = self._limits.count(self._policy, str(key_id))
        announce("RateLimit-Policy", self._told)
        announce("RateLimit", f'"{self._policy.name}";r={standing.remaining};t={standing.reset_seconds}')
        if not standing.allowed:
            raise TooManyRequests(
                f"This key has made its {self._policy.quota} requests of this minute, and nothing was done"
                f" with this one: send it again in {standing.reset_seconds} s.",
                retry_after=standing.reset_seconds,
            )
