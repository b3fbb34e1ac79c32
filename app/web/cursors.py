"""Opaque page cursors: base64url of a tag and JSON, so that a changed one is refused, not interpreted."""

import base64
import binascii
import hashlib
import hmac
from typing import Any

import orjson

from app.errors import Invalid

_TAG_BYTES = 8
# a position may hold two ids of 200 characters, of four bytes each
_MAX_LENGTH = 2_500


class Cursors:
    """Writes cursors under a key derived from the first of the service's secrets, and reads those of all:
    a tool may keep one for months, and a rotation must not cost it its place."""

    def __init__(self, secret_keys: str) -> None:
        self._keys = [
            hashlib.sha256(b"page cursor\x1f" + secret.strip().encode()).digest()
            for secret in secret_keys.split(",")
        ]

    def write(self, purpose: str, position: list[Any] | None) -> str | None:
        """`purpose` ties the cursor to one listing; a position of None is the end and stays None."""
        if position is None:
            return None
        payload = orjson.dumps(position)
        tag = _tag(self._keys[0], purpose, payload)
        return base64.urlsafe_b64encode(tag + payload).decode().rstrip("=")

    def read(self, purpose: str, cursor: str | None) -> list[Any] | None:
        """The position that `write` was given, as JSON values. Raises Invalid for any other text."""
        if cursor is None:
            return None
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        tag, payload = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        ours = any(hmac.compare_digest(tag, _tag(key, purpose, payload)) for key in self._keys)
        if len(cursor) > _MAX_LENGTH or not ours:
            raise Invalid(
                "This cursor was not given out by this listing.",
                {"cursor": "Use the cursor of a page as it is, or leave it out to start again."},
            )
        position: list[Any] = orjson.loads(payload)
        return position


def _tag(key: bytes, purpose: str, payload: bytes) -> bytes:
    return hmac.digest(key, purpose.encode() + b"\x1f" + payload, "sha256")[:_TAG_BYTES]
