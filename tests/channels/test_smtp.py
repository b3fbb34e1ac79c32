"""One mail to one server, and which of four ways it ends."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.channels.parcel import Mail, MailParcel, SmtpSender
from app.channels.smtp import Smtp
from app.domain.delivery import Action, Outcome, SendResult
from tests.channels.mail_servers import GREETING, HOST, STAGES, Scripted, make_certificate, real_server

MESSAGE_ID = "<0190a0b0c0d07e0f8000000000000001@survey.example>"
MAIL = Mail(
    message_id=MESSAGE_ID,
    from_name="Acme",
    subject="How did we do on your call?",
    text="Hello\n.a line with a dot in front\n",
    html="<p>您好</p>",
    headers={"List-Unsubscribe": f"<https://survey.example/unsubscribe/{'x' * 90}>"},
)


def parcel(port: int, *, to: str = "ada@example.org", mail: Mail = MAIL, **sender: Any) -> MailParcel:
    values: dict[str, Any] = {
        "host": HOST,
        "port": port,
        "security": "none",
        "username": None,
        "password": None,
        "from_address": "feedback@acme.example",
    }
    return MailParcel(SmtpSender(**{**values, **sender}), to, mail, "bounce+1@bounces.acme.example")


def send(port: int, *, seconds: float = 5.0, **more: Any) -> SendResult:
    trust = more.pop("trust", None)
    return Smtp(seconds, seconds, trust).send(parcel(port, **more))


def test_a_mail_arrives_as_it_was_written() -> None:
    with real_server() as server:
        result = send(server.port)
        assert (result.outcome, result.provider_id) == (Outcome.ACCEPTED, MESSAGE_ID)
        (taken,) = server.handler.taken
    assert (taken.mail_from, taken.rcpt_tos) == ("bounce+1@bounces.acme.example", ["ada@example.org"])
    assert b"\n" not in taken.content.replace(b"\r\n", b"")
    mail = taken.mail
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    contents = [part.get_content().replace("\r\n", "\n") for part in mail.iter_parts()]
    assert contents == [MAIL.text, f"{MAIL.html}\n"]
    assert mail["From"] == "Acme <feedback@acme.example>"
    assert mail["To"] == "ada@example.org"
    assert mail["Message-ID"] == MESSAGE_ID
    # a line of its own, however long: encoded it would be no URL to anybody
    assert f"List-Unsubscribe: {MAIL.headers['List-Unsubscribe']}\r\n".encode() in taken.content


def test_greylisted_it_arrives_at_the_second_try_under_the_same_id() -> None:
    with real_server() as server:
        server.handler.refuse = iter(["451 4.7.1 Greylisted, try again later"])
        first, second = send(server.port), send(server.port)
        assert (first.outcome, first.action, first.code) == (Outcome.REJECTED, Action.SLOW_DOWN, 407001)
        assert second.outcome is Outcome.ACCEPTED
        assert [taken.mail["Message-ID"] for taken in server.handler.taken] == [MESSAGE_ID]


def test_an_address_that_does_not_exist_is_the_next_channels() -> None:
    with real_server() as server:
        server.handler.refuse = iter(["550 5.1.1 <ada@example.org> no such user"])
        result = send(server.port)
        assert (result.outcome, result.action, result.code) == (Outcome.REJECTED, Action.NEXT_CHANNEL, 501001)
        assert "example.org" not in result.detail
        assert server.handler.taken == []


@pytest.mark.parametrize("stage", STAGES)
def test_cut_anywhere_before_the_final_dot_nothing_was_sent_and_after_it_nobody_knows(stage: str) -> None:
    with Scripted(**{"dot" if stage == "." else stage: None}) as server:
        result = send(server.port)
    assert result.outcome is (Outcome.UNKNOWN if stage == "." else Outcome.NOT_SENT)
    assert result.provider_id is None


def test_cut_within_the_mail_nothing_was_sent() -> None:
    """One that does not fit what the system keeps for a connection: of a small one, the dot may have left."""

    def cut(connection: socket.socket) -> None:
        connection.sendall(b"354 go ahead\r\n")
        connection.recv(1)

    with Scripted(DATA=cut) as server:
        assert send(server.port, mail=replace(MAIL, html="x" * 8_000_000)).outcome is Outcome.NOT_SENT


@pytest.mark.parametrize("stage", STAGES)
def test_silence_is_waited_for_so_long_and_no_longer(stage: str) -> None:
    enough = threading.Event()
    with Scripted(**{"dot" if stage == "." else stage: lambda _: enough.wait(30)}) as server:  # type: ignore[arg-type,return-value]
        result = send(server.port, seconds=0.2)
        enough.set()
    assert result.outcome is (Outcome.UNKNOWN if stage == "." else Outcome.NOT_SENT)


@pytest.mark.parametrize("stage", STAGES)
def test_words_without_end_end_all_the_same(stage: str) -> None:
    """Each piece comes in time, the whole never does: 250-, 250-, 250-..."""

    def drone(connection: socket.socket) -> None:
        line = (GREETING[stage] or b"")[:3] + b"-and more\r\n"  # type: ignore[index]
        with suppress(OSError):
            while True:
                connection.sendall(line)

    with Scripted(**{"dot" if stage == "." else stage: drone}) as server:
        result = send(server.port, seconds=10)
    assert result.outcome is (Outcome.UNKNOWN if stage == "." else Outcome.NOT_SENT)


def test_a_byte_now_and_then_is_not_waited_for() -> None:
    done = threading.Event()

    def dribble(connection: socket.socket) -> None:
        with suppress(OSError):
            while not done.wait(0.02):
                connection.sendall(b"2")

    with Scripted(connect=dribble) as server:
        result = send(server.port, seconds=0.3)
        done.set()
    assert result.outcome is Outcome.NOT_SENT


@pytest.mark.parametrize(
    "words", [b"hello\r\n", b"\r\n", b"999 what\r\n", b"354 more\r\n", b"2", b"\xff\xfe\r\n"]
)
def test_what_is_no_answer_to_the_mail_leaves_it_in_doubt(words: bytes) -> None:
    def mumble(connection: socket.socket) -> None:
        connection.sendall(words)

    with Scripted(dot=mumble) as server:
        assert send(server.port).outcome is Outcome.UNKNOWN


BEFORE_THE_RECIPIENT = ("connect", "EHLO", "MAIL")


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "EHLO"])
@pytest.mark.parametrize("reply", [b"421 4.3.2 busy\r\n", b"450 later\r\n", b"451 4.7.1 greylisted\r\n"])
def test_what_is_put_off_is_tried_again(stage: str, reply: bytes) -> None:
    with Scripted(**{"dot" if stage == "." else stage: reply}) as server:
        result = send(server.port)
    assert (result.outcome, result.action) == (Outcome.REJECTED, Action.SLOW_DOWN)


@pytest.mark.parametrize("stage", STAGES)
def test_what_is_refused_for_good_is_the_recipients_matter_or_ours(stage: str) -> None:
    with Scripted(**{"dot" if stage == "." else stage: b"550 5.1.1 no\r\n"}) as server:
        result = send(server.port)
    ours = stage in BEFORE_THE_RECIPIENT
    assert result.outcome is Outcome.REJECTED
    assert result.action is (Action.CONFIGURATION if ours else Action.NEXT_CHANNEL)
    assert result.code == (1550 if ours else 501001)


def test_a_filters_refusal_is_an_alarm() -> None:
    with Scripted(dot=b"554 5.7.1 looks like spam\r\n") as server:
        result = send(server.port)
    assert (result.outcome, result.action, result.code) == (Outcome.REJECTED, Action.BLOCKED, 507001)


def test_nobody_listens() -> None:
    with socket.create_server((HOST, 0)) as closed:
        port = closed.getsockname()[1]
    assert send(port).outcome is Outcome.NOT_SENT


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
def test_it_logs_in() -> None:
    with real_server(password="right") as server:
        assert send(server.port, username="acme", password="right").outcome is Outcome.ACCEPTED
        refused = send(server.port, username="acme", password="wrong")
        assert (refused.outcome, refused.action, refused.code) == (
            Outcome.REJECTED,
            Action.CONFIGURATION,
            1535,
        )
        assert "wrong" not in repr(refused)
        unknown = send(server.port)
        assert (unknown.action, unknown.code) == (Action.CONFIGURATION, 1530)


def test_a_server_that_knows_no_login_is_not_told_the_password() -> None:
    with Scripted() as server:
        result = send(server.port, username="acme", password="secret")
        assert (result.action, result.code) == (Action.CONFIGURATION, 1003)
        assert not any(line.lower().startswith(b"auth") for line in server.heard)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_it_encrypts_and_asks_who_is_there(tmp_path: Path, security: str) -> None:
    ours, theirs = make_certificate(tmp_path)
    how: dict[str, Any] = (
        {"ssl_context": ours} if security == "tls" else {"tls_context": ours, "require_starttls": True}
    )
    with real_server(**how) as server:
        assert send(server.port, security=security, trust=theirs).outcome is Outcome.ACCEPTED
        stranger = send(server.port, security=security)
        assert (stranger.outcome, stranger.action, stranger.code) == (
            Outcome.REJECTED,
            Action.CONFIGURATION,
            1002,
        )
        assert len(server.handler.taken) == 1


def test_without_starttls_nothing_is_said_in_the_clear() -> None:
    with Scripted() as server:
        result = send(server.port, security="starttls", username="acme", password="secret")
        assert (result.outcome, result.action, result.code) == (
            Outcome.REJECTED,
            Action.CONFIGURATION,
            1001,
        )
        assert not any(line.lower().startswith((b"auth", b"mail")) for line in server.heard)


@pytest.mark.parametrize(
    "change",
    [
        lambda mail: replace(mail, from_name="Acme\r\nBcc: eve@example.org"),
        lambda mail: replace(mail, subject="Hello\nBcc: eve@example.org"),
        lambda mail: replace(mail, message_id="<1@x>\r\nBcc: eve@example.org"),
        lambda mail: replace(mail, headers={"List-Id": "<x>\rBcc: eve@example.org"}),
        lambda mail: replace(mail, headers={"X": "a\x00b"}),
        lambda mail: replace(mail, headers={"X": "a\u2028b"}),
    ],
)
def test_a_header_of_two_lines_is_refused_before_anybody_is_asked(change: Callable[[Mail], Mail]) -> None:
    with real_server() as server:
        result = send(server.port, mail=change(MAIL))
        assert (result.outcome, result.action) == (Outcome.REJECTED, Action.PERMANENT)
        assert server.handler.taken == []


@pytest.mark.parametrize(
    "to",
    [
        "a@b.example>\r\nRCPT TO:<eve@c.example",
        "a@b.example> x",
        "<a@b.example",
        "a b@c.example",
        "nobody",
        "@",
        "a@",
    ],
)
def test_an_address_is_no_command(to: str) -> None:
    with Scripted() as server:
        result = send(server.port, to=to)
        assert (result.outcome, result.action) in {
            (Outcome.REJECTED, Action.NEXT_CHANNEL),
            (Outcome.REJECTED, Action.PERMANENT),
        }
        assert server.heard == []


def test_letters_of_all_the_world() -> None:
    with real_server() as server:
        assert send(server.port, to="jürgen@bücher.example").outcome is Outcome.ACCEPTED
        assert server.handler.taken[0].rcpt_tos == ["jürgen@xn--bcher-kva.example"]
    with Scripted(EHLO=b"250 mail.example\r\n") as server:
        plain = send(server.port, to="jürgen@example.org")
        assert (plain.outcome, plain.action) == (Outcome.REJECTED, Action.NEXT_CHANNEL)


def test_the_report_of_a_failure_is_asked_for_by_our_name_of_the_mail() -> None:
    with Scripted() as server:
        assert send(server.port).outcome is Outcome.ACCEPTED
        heard = b"".join(server.heard)
    assert f"RET=HDRS ENVID={MESSAGE_ID.strip('<>')}\r\n".encode() in heard
    assert b"NOTIFY=FAILURE,DELAY\r\n" in heard
    assert b"\r\n..a line with a dot in front\r\n" in heard
