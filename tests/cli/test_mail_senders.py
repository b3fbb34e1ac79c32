"""Mail senders at the shell."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.domain.channel import Channel
from app.signatures.standard_webhooks import is_secret
from app.store.accounts import Account
from app.store.senders import SenderFacts, hook_secrets, senders_of_account
from tests.cli.conftest import Command

FROM = "feedback@acme.example"
RIGHT = ("--host", "mail.acme.example", "--from-address", FROM)


def sender(sessions: sessionmaker[Session]) -> SenderFacts:
    with sessions() as session:
        return senders_of_account(session, session.scalars(select(Account.id)).one())[Channel.EMAIL]


def secrets(sessions: sessionmaker[Session]) -> tuple[str, ...]:
    with sessions() as session:
        (found,) = hook_secrets(session, FROM)
        return found.secrets


def test_a_mail_sender_is_added_and_its_secret_shown_once(
    command: Command, acme: str, committing: sessionmaker[Session]
) -> None:
    login = ("--username", "acme", "--password", "right", "--return-path-domain", "bounces.acme.example")
    shown = command("senders", "add-mail", "--account", acme, *RIGHT, *login).split()[-1]
    assert is_secret(shown)
    assert secrets(committing) == (shown,)
    added = sender(committing)
    assert (added.provider, added.provider_account, added.auth_token) == ("smtp", FROM, "right")
    assert added.settings == {
        "host": "mail.acme.example",
        "port": 587,
        "security": "starttls",
        "username": "acme",
        "from_address": FROM,
        "return_path_domain": "bounces.acme.example",
    }
    assert shown not in command("audit", "--account", acme)


def test_without_a_user_name_nobody_logs_in(
    command: Command, acme: str, committing: sessionmaker[Session]
) -> None:
    command("senders", "add-mail", "--account", acme, *RIGHT, "--security", "none")
    added = sender(committing)
    assert (added.auth_token, added.settings["username"], added.settings["port"]) == ("", None, 25)
    assert len(secrets(committing)) == 1


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--host", "a b", "--from-address", FROM), "is the name of a mail server"),
        ((*RIGHT, "--port", "70000"), "lies between 1 and 65535"),
        (("--host", "x", "--from-address", "acme.example"), "is an address such as"),
        (("--host", "x", "--from-address", "a@b.example\nBcc: x@y.example"), "is an address such as"),
        (("--host", "x", "--from-address", "Acme <a@b.example>"), "is an address such as"),
        ((*RIGHT, "--return-path-domain", "x@bounces.acme.example"), "is a domain such as"),
        ((*RIGHT, "--username", "acme", "--password", ""), "goes with a password"),
        ((*RIGHT, "--username", "acme", "--password", "one\ntwo"), "is one line"),
        ((*RIGHT, "--per-second", "0"), "lies between 0.01"),
    ],
)
def test_a_mail_sender_that_could_not_send_is_refused(
    command: Command, acme: str, words: tuple[str, ...], complaint: str
) -> None:
    assert complaint in command("senders", "add-mail", "--account", acme, *words)


def test_a_new_secret_is_shown_and_the_one_before_it_still_believed(
    command: Command, acme: str, committing: sessionmaker[Session]
) -> None:
    given = ("--account", acme, "--from-address", FROM)
    login = ("--username", "acme", "--password", "right")
    first = command("senders", "add-mail", "--account", acme, *RIGHT, *login).split()[-1]
    second = command("senders", "mail-secret", *given).strip()
    assert secrets(committing) == (second, first)
    third = command("senders", "mail-secret", *given).strip()
    assert secrets(committing) == (third, second)
    assert sender(committing).auth_token == "right"
    assert "1 senders use the new password" in command(
        "senders", "mail-password", *given, "--password", "better"
    )
    assert sender(committing).auth_token == "better"
    assert secrets(committing) == (third, second)
    assert "has no sender of mails" in command(
        "senders", "mail-secret", "--account", acme, "--from-address", "b@c.example"
    )
