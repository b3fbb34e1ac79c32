"""Standard Webhooks 1.0.0, as a receiver: what is signed is `id.timestamp.body`, by HMAC-SHA256."""

import base64
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

TOLERANCE_SECONDS = 300
PREFIX = "whsec_"
_LEAST_SECRET, _MOST_SECRET = 24, 64
_MOST_SIGNATURES = 10
_ID = re.compile(r"[!-~]{1,256}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True)
class WebhookSignature:
    """The headers webhook-id, webhook-timestamp and webhook-signature as they came, "" for one that is missing."""

    name: str
    timestamp: str
    signatures: str = field(repr=False)

    def covers(self, body: bytes, secrets: Iterable[str], now: float) -> bool:
        """Whether `body` was signed with one of `secrets` (`whsec_...`), within 5 minutes of `now` (unix seconds).

        Never raises.
        """
        if not _ID.fullmatch(self.name) or not _TIMESTAMP.fullmatch(self.timestamp):
            return False
        if abs(now - int(self.timestamp)) > TOLERANCE_SECONDS:
            return False
        versions = [one.partition(",") for one in self.signatures.split()[:_MOST_SIGNATURES]]
        given = [value.encode("utf-8", "replace") for version, _, value in versions if version == "v1"]
        content = f"{self.name}.{self.timestamp}.".encode() + body
        keys = [key for secret in secrets if (key := _key(secret))]
        expected = [base64.b64encode(hmac.digest(key, content, "sha256")) for key in keys]
        return any(hmac.compare_digest(one, right) for one in given for right in expected)


def is_secret(text: str) -> bool:
    """Whether it is one: `whsec_` and 24 to 64 bytes in base64."""
    return bool(_key(text))


def _key(secret: str) -> bytes:
    """Empty for what is no secret: a signature made with an empty key opens nothing."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        return b""
    return key if secret.startswith(PREFIX) and _LEAST_SECRET <= len(key) <= _MOST_SECRET else b""
