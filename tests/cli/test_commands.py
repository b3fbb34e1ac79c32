"""The command `postcall`, as an operator types it: right input works, wrong input is one clear line."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.domain.channel import Channel
from app.domain.metrics import account_metrics
from app.store.accounts import Account
from app.store.senders import senders_of_account, tokens_for
from tests.channels.gateway_server import HOOK_SECRET, SECRET, description
from tests.cli.conftest import Command

SID = "AC" + "0" * 32


def test_an_account_is_made_once(command: Command, acme: str) -> None:
    assert "Acme  Europe/London" in command("accounts", "list")
    said = command("accounts", "create", acme, "--brand", "Acme", "--timezone", "Moon/Sea")
    assert "there is an account 'acme' already" in said
    assert "'Moon/Sea' is no IANA time zone" in said


def test_an_accounts_targets_and_thresholds_are_its_own_to_change(
    command: Command, acme: str, committing: sessionmaker[Session]
) -> None:
    assert "changed" in command(
        "accounts", "set", acme, "--target", "csat=85", "--threshold", "nps=50,200", "--hotline", "0800 1"
    )
    assert "changed" in command("accounts", "set", acme, "--target", "nps=40")
    with committing() as session:
        account = session.scalars(select(Account)).one()
        metrics = account_metrics(account.settings["targets"], account.settings["thresholds"])
    assert (metrics["csat"].target, metrics["nps"].target, metrics["nps"].thresholds) == (85, 40, (50, 200))
    assert (account.hotline, account.brand) == ("0800 1", "Acme")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--target", "csat=800"), "the target for csat"),
        (("--target", "joy=5"), "there is no metric joy"),
        (("--threshold", "nps=30"), "two rising numbers"),
        (("--target", "csat"), "Write targets as csat=85"),
        (("--brand", "x" * 41), "1 to 40 printable characters"),
    ],
)
def test_what_an_account_can_not_be_changed_to_is_named(
    command: Command, acme: str, words: tuple[str, ...], complaint: str
) -> None:
    assert complaint in command("accounts", "set", acme, *words)


def test_a_sender_is_added_and_used(command: Command, acme: str, committing: sessionmaker[Session]) -> None:
    given = ("--account", acme, "--account-sid", SID, "--number", "+447700900999", "--auth-token", "t")
    assert "Sender added" in command("senders", "add", *given)
    with committing() as session:
        assert senders_of_account(session, session.scalars(select(Account.id)).one())


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--account-sid", "ACxx", "--number", "+447700900999"), "is AC and 32 hexadecimal digits"),
        (("--account-sid", SID, "--number", "07700 900999"), "is a number such as"),
        (("--account-sid", SID), "is needed, or a messaging service"),
        (("--account-sid", SID, "--messaging-service", "XX"), "is MG and 32 hexadecimal digits"),
        (("--account-sid", SID, "--number", "+447700900999", "--per-second", "0"), "lies between 0.01"),
    ],
)
def test_a_sender_that_could_not_send_is_refused(
    command: Command, acme: str, words: tuple[str, ...], complaint: str
) -> None:
    assert complaint in command("senders", "add", "--account", acme, "--auth-token", "t", *words)


def test_a_new_token_is_used_and_what_the_old_one_signed_is_still_believed(
    command: Command, acme: str, committing: sessionmaker[Session]
) -> None:
    given = ("--account", acme, "--account-sid", SID)
    command("senders", "add", *given, "--number", "+447700900999", "--auth-token", "first")
    assert "1 senders use the new token" in command("senders", "token", *given, "--auth-token", "second")
    with committing() as session:
        sender = senders_of_account(session, session.scalars(select(Account.id)).one()).get(Channel.SMS)
        assert sender is not None
        assert sender.auth_token == "second"
        assert tokens_for(session, SID) == ["first", "second"]
    command("senders", "token", *given, "--auth-token", "third")
    with committing() as session:
        assert tokens_for(session, SID) == ["second", "third"]
    other = ("--account", acme, "--account-sid", "AC" + "1" * 32)
    assert "has no sender of" in command("senders", "token", *other, "--auth-token", "t")
    assert "sender.token_changed" in command("audit", "--account", acme)


def test_a_key_is_shown_once_listed_and_revoked(command: Command, acme: str) -> None:
    key = command("keys", "create", "--account", acme, "--name", "pbx", "--scope", "calls:write").strip()
    assert key.startswith("pc_")
    listed = command("keys", "list", "--account", acme)
    assert key[:11] in listed
    assert key not in listed
    assert "first 11 characters" in command("keys", "revoke", key[:9], "--account", acme)
    assert "Revoked" in command("keys", "revoke", key[:11], "--account", acme)
    assert "revoked" in command("keys", "list", "--account", acme)


def test_one_account_or_all_are_paused_and_resumed(command: Command, acme: str) -> None:
    for words in (("--account", acme), ("--all",)):
        assert "Paused" in command("pause", *words)
        assert "Resumed" in command("resume", *words)
    assert "Name one account" in command("pause")
    assert "No account is named 'nobody'" in command("pause", "--account", "nobody")


def test_days_are_rebuilt_forwards_only(command: Command, acme: str) -> None:
    assert "0 agent-days" in command(
        "rebuild", "--account", acme, "--from", "2026-01-01", "--to", "2026-01-31"
    )
    assert "--from lies after --to" in command(
        "rebuild", "--account", acme, "--from", "2026-02-01", "--to", "2026-01-31"
    )


def test_a_database_that_is_away_is_one_line(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@127.0.0.1:1/postcall")
    said = command("accounts", "list")
    assert "the database can't be used" in said
    assert "Traceback" not in said


def test_migrating_twice_changes_nothing(command: Command) -> None:
    assert "newest migration" in command("migrate")


def test_a_gateway_is_added_by_its_description_and_changed(
    command: Command, acme: str, place: Path, committing: sessionmaker[Session]
) -> None:
    file, given = place / "gateway.json", ("--account", acme, "--file", "gateway.json")
    secrets = ("--secret", SECRET, "--hook-secret", HOOK_SECRET)
    file.write_text(json.dumps(description("https://gateway.example")))
    said = command("senders", "add-gateway", *given, *secrets)
    assert "/receipts" in said
    assert SECRET not in said
    sender_id = said.split("Sender added: ")[1].split()[0]
    file.write_text(json.dumps(description("https://gateway.example", signature="carrier")))
    assert "used as described now" in command("senders", "change-gateway", sender_id, *given)
    with committing() as session:
        sender = senders_of_account(session, session.scalars(select(Account.id)).one())[Channel.SMS]
    assert (str(sender.id), sender.settings["signature"], sender.auth_token) == (sender_id, "carrier", SECRET)
    file.write_text(json.dumps(description("https://gateway.example", id=5)))
    assert "id is a text" in command("senders", "add-gateway", *given, *secrets)
    file.write_text("[")
    assert "no JSON" in command("senders", "add-gateway", *given, *secrets)
