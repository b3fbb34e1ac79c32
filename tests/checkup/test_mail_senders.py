"""What the doctor says of mail servers: real ones, and one that refuses."""

from dataclasses import replace

import pytest

from app.channels.parcel import SmtpSender
from app.channels.smtp import Smtp
from app.checkup.finding import State
from app.checkup.mail_senders import MailSenderToLookAt, check_mail_sender
from tests.channels.mail_servers import HOST, Scripted, real_server

SENDER = SmtpSender(HOST, 0, "none", None, None, "feedback@acme.example", "bounces.acme.example")


def look(port: int, *, has_secret: bool = True, **changes: object) -> list[tuple[State, str]]:
    sender = MailSenderToLookAt("mail sender", replace(SENDER, port=port, **changes), has_secret)  # type: ignore[arg-type]
    return [(one.state, one.found) for one in check_mail_sender(sender, Smtp(5, 5))]


def test_a_server_that_lets_us_in() -> None:
    with real_server() as server:
        assert look(server.port) == [(State.OK, f"{HOST} lets us in")]
        assert server.handler.taken == []


@pytest.mark.parametrize("lacks", [{"has_secret": False}, {"return_path_domain": None}])
def test_nobody_would_tell_us_what_comes_back(lacks: dict[str, object]) -> None:
    with Scripted() as server:
        states = [state for state, _ in look(server.port, **lacks)]  # type: ignore[arg-type]
        assert states == [State.OK, State.WARNING]


@pytest.mark.parametrize(
    ("says", "found"),
    [
        ({"connect": b"554 no service\r\n"}, "554: the server refuses us or our address"),
        ({"EHLO": None}, "no connection: SMTPServerDisconnected"),
    ],
)
def test_a_server_that_does_not(says: dict[str, bytes | None], found: str) -> None:
    with Scripted(**says) as server:
        assert look(server.port) == [(State.FAILED, found)]


def test_a_server_without_encryption_where_it_is_asked_for() -> None:
    with Scripted() as server:
        assert look(server.port, security="starttls") == [
            (State.FAILED, "the server does not offer STARTTLS")
        ]


def test_a_password_that_can_not_be_read() -> None:
    sealed = MailSenderToLookAt("mail sender", None, has_secret=False, problem="no key named 'x'")
    (finding,) = check_mail_sender(sealed, Smtp(5, 5))
    assert (finding.state, finding.found) == (State.FAILED, "no key named 'x'")
