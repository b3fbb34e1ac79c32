"""What a demonstration keeps secret, made once: the same API key and the same keys at every start."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from app.errors import ConfigurationError
from app.store.keyring import DEMONSTRATION


@dataclass(frozen=True)
class Credentials:
    postgres_password: str
    valkey_password: str
    secret_keys: str  # as SECRET_KEYS
    twilio_account_sid: str
    twilio_auth_token: str
    api_key: str | None  # made by the service at the first start
    mail_secret: str = ""  # signs what the mail provider reports; files of before have none

    @classmethod
    def new(cls) -> "Credentials":
        return cls(
            postgres_password=secrets.token_urlsafe(24),
            valkey_password=secrets.token_urlsafe(24),
            secret_keys=f"{DEMONSTRATION}:{base64.b64encode(secrets.token_bytes(32)).decode()}",
            twilio_account_sid=f"AC{secrets.token_hex(16)}",
            twilio_auth_token=secrets.token_hex(16),
            api_key=None,
            mail_secret=_webhook_secret(),
        )


def _webhook_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


class CredentialFile:
    """The file that holds them, readable by its owner only."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load_or_make(self) -> Credentials:
        """Raises ConfigurationError when the file can't be read: made anew, it would not open the data kept."""
        try:
            credentials = Credentials(**json.loads(self.path.read_text()))
        except FileNotFoundError:
            return self._write(Credentials.new())
        except (ValueError, TypeError) as error:
            raise ConfigurationError(
                f"{self.path} can't be understood: restore it, or remove the data too"
            ) from error
        if credentials.mail_secret:
            return credentials
        return self._write(replace(credentials, mail_secret=_webhook_secret()))

    def keep_api_key(self, credentials: Credentials, api_key: str) -> None:
        if credentials.api_key != api_key:
            self._write(replace(credentials, api_key=api_key))

    def _write(self, credentials: Credentials) -> Credentials:
        write_private(self.path, json.dumps(asdict(credentials), indent=2) + "\n")
        return credentials


def write_private(path: Path, text: str) -> None:
    """Write a file only its owner reads: whole or not at all, on disk before it has its name."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
