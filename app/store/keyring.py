"""Keys, and what is done with them: sealing personal data, finding it again by keyed hash, survey tokens.

SECRET_KEYS is `name:base64 of 32 bytes`, newest first, separated by commas. Each purpose gets a key of its
own from it (HKDF-SHA256). To rotate, put a new key in front and keep the old ones: what they sealed can still
be opened and what they hashed can still be found. Where several processes run, first add it at the end of all of
them, so that none meets a key that it doesn't know.
"""

import base64
import hashlib
import hmac
import os
import string
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import ConfigurationError

# the name of the key that `make run` makes for itself; one for real customers has another
DEMONSTRATION = "demonstration"

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_NONCE_BYTES = 12


def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=b"postcall", info=purpose.encode()).derive(secret)


def _base62(raw: bytes) -> str:
    number, digits = int.from_bytes(raw, "big"), []
    while number:
        number, digit = divmod(number, 62)
        digits.append(_BASE62[digit])
    return "".join(reversed(digits)).rjust(22, "0")


@dataclass(frozen=True)
class _Key:
    name: str
    data: AESGCM
    lookup: bytes
    link: bytes
    draw: bytes


class Keyring:
    """All keys in force, newest first. Raises ConfigurationError for a setting that can't be read."""

    def __init__(self, secret_keys: str) -> None:
        self._keys = [self._read(part) for part in secret_keys.split(",") if part.strip()]
        if not self._keys:
            raise ConfigurationError("SECRET_KEYS is empty: it needs at least one name:base64 pair")
        self._by_name = {key.name: key for key in self._keys}
        if len(self._by_name) < len(self._keys):
            raise ConfigurationError(
                "SECRET_KEYS: two keys have one name, so what is sealed could not be opened"
            )

    @staticmethod
    def _read(part: str) -> _Key:
        name, _, encoded = part.strip().partition(":")
        try:
            secret = base64.b64decode(encoded, validate=True)
        except ValueError as error:  # not base64, or not even ASCII
            raise ConfigurationError(f"SECRET_KEYS: the key named {name!r} is not base64") from error
        if not name or len(name) > 20 or len(secret) < 32:
            raise ConfigurationError("SECRET_KEYS: each key is name:base64, the name short, 32 bytes or more")
        return _Key(
            name=name,
            data=AESGCM(_derive(secret, "data")),
            lookup=_derive(secret, "lookup"),
            link=_derive(secret, "link"),
            draw=_derive(secret, "draw"),
        )

    @property
    def draw_key(self) -> bytes:
        """The key of the sampling hash."""
        return self._keys[0].draw

    def seal(self, place: str, account_id: UUID, text: str) -> bytes:
        """Encrypt `text` so that it opens only at the same `place` (table.column) of the same account."""
        return self.seal_bytes(place, account_id, text.encode())

    def open(self, place: str, account_id: UUID, sealed: bytes) -> str:
        """The text that `seal` was given; raises ConfigurationError when its key is no longer in the ring."""
        return self.open_bytes(place, account_id, sealed).decode()

    def seal_bytes(self, place: str, account_id: UUID, content: bytes) -> bytes:
        """The same for what is no text."""
        key, nonce = self._keys[0], os.urandom(_NONCE_BYTES)
        name = key.name.encode()
        sealed = key.data.encrypt(nonce, content, f"{key.name}|{place}|{account_id}".encode())
        return bytes([len(name)]) + name + nonce + sealed

    def open_bytes(self, place: str, account_id: UUID, sealed: bytes) -> bytes:
        size = sealed[0]
        name = sealed[1 : 1 + size].decode()
        key = self._by_name.get(name)
        if key is None:
            raise ConfigurationError(f"SECRET_KEYS: no key named {name!r}, which {place} was sealed with")
        nonce, body = sealed[1 + size : 1 + size + _NONCE_BYTES], sealed[1 + size + _NONCE_BYTES :]
        return key.data.decrypt(nonce, body, f"{name}|{place}|{account_id}".encode())

    def lookups(self, *parts: str) -> list[bytes]:
        """The keyed hashes (16 bytes) under which a value may be stored: the current key's first."""
        message = "\x1f".join(parts).encode()
        return [hmac.digest(key.lookup, message, "sha256")[:16] for key in self._keys]

    def token(self, message_id: UUID, token_hash: bytes | None = None) -> str:
        """The survey link's token (128 bits) of a message: by the current key, or by the one whose token has
        that hash. Raises ConfigurationError when no key of the ring made it."""
        for key in self._keys:
            token = _base62(hmac.digest(key.link, message_id.bytes, "sha256")[:16])
            if token_hash is None or hash_token(token) == token_hash:
                return token
        raise ConfigurationError("SECRET_KEYS: the key that made this survey link is gone")


def hash_token(token: str) -> bytes:
    """What is stored of a token, so that a stolen database opens no survey."""
    return hashlib.sha256(token.encode()).digest()
