import json
from pathlib import Path

import pytest

from app.errors import ConfigurationError
from app.run.credentials import CredentialFile
from app.store.keyring import Keyring


def test_secrets_are_made_once(tmp_path: Path) -> None:
    first = CredentialFile(tmp_path / "secrets.json").load_or_make()
    assert CredentialFile(tmp_path / "secrets.json").load_or_make() == first


def test_no_two_demonstrations_share_a_secret(tmp_path: Path) -> None:
    one = CredentialFile(tmp_path / "one").load_or_make()
    two = CredentialFile(tmp_path / "two").load_or_make()
    assert one.secret_keys != two.secret_keys
    assert one.twilio_auth_token != two.twilio_auth_token


def test_only_their_owner_reads_them(tmp_path: Path) -> None:
    CredentialFile(tmp_path / "secrets.json").load_or_make()
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_the_service_can_use_the_key(tmp_path: Path) -> None:
    Keyring(CredentialFile(tmp_path / "secrets.json").load_or_make().secret_keys)


def test_the_api_key_is_kept_for_the_next_start(tmp_path: Path) -> None:
    file = CredentialFile(tmp_path / "secrets.json")
    credentials = file.load_or_make()
    assert credentials.api_key is None
    file.keep_api_key(credentials, "the key")
    assert file.load_or_make().api_key == "the key"
    assert file.load_or_make().secret_keys == credentials.secret_keys


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"secret_keys": "alone"})])
def test_a_broken_file_is_not_replaced_by_keys_that_open_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "secrets.json").write_text(text)
    with pytest.raises(ConfigurationError, match="can't be understood"):
        CredentialFile(tmp_path / "secrets.json").load_or_make()
    assert (tmp_path / "secrets.json").read_text() == text
