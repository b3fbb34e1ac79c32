"""`postcall send-test`: a survey to one's own phone, followed to its end, and counted nowhere."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from app.flow.accounts import hold_sending
from app.flow.read_responses import read_responses
from app.flow.read_results import read_results
from app.store.audit import Audit
from tests.cli.conftest import Command
from tests.house import PHONE, House

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def acme(house: House) -> UUID:
    """An account that would not ask: its survey is off, waits for hours, and nobody is drawn."""
    return house.account("acme", active=False, delay_seconds=7200, probability=0.0)


class Following:
    """The command in a process of its own; what it has said so far."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from app.cli.main import main; main()", "send-test", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        self.said = ""

    def until(self, words: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if words in line:
                return
        raise AssertionError(f"{words!r} was not said, but: {self.said}")

    def end(self) -> int:
        rest, _ = self.process.communicate(timeout=30)
        self.said += rest
        return self.process.returncode


@pytest.fixture
def follow(command: Command) -> Iterator[Callable[..., Following]]:
    """`command` has put the settings into the environment."""
    started: list[Following] = []

    def start(*words: str) -> Following:
        started.append(Following("--account", "acme", "--to", PHONE, *words))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


def test_a_whole_survey_goes_out_at_once_is_followed_and_counts_nowhere(
    house: House, acme: UUID, follow: Callable[..., Following]
) -> None:
    following = follow()
    following.until("text (csat) written")
    house.send()
    following.until("text (csat) accepted by the carrier as SM")
    (message,) = house.messages(acme)
    assert message.provider_id is not None
    house.receipt(message.provider_id, "delivered")
    following.until("text (csat) delivered")
    house.text("5 4 9")
    following.until("answered csat: 5")
    following.until("answered nps: 9")
    house.text("all good")
    assert following.end() == 0
    assert "answered comment in words" in following.said
    assert "the survey is finished" in following.said
    house.roll_up()
    with house.sessions() as session:
        results = read_results(session, account_id=acme, group_by="team", start=None, end=None, bucket="all")
        responses = read_responses(
            session, account_id=acme, updated_since=None, cursor=None, limit=10, verbatims=True, agent_id=None
        )
        written = session.scalars(select(Audit.action)).all()
    assert (results["rows"], responses.items) == ([], [])
    assert "send_test" in written


def test_a_test_is_repeated_at_will_and_is_a_text_to_a_person_all_the_same(
    house: House, acme: UUID, command: Command
) -> None:
    given = ("send-test", "--account", "acme", "--to", PHONE, "--seconds", "0")
    assert "Nothing has been sent: is a worker on the queue delivery running" in command(*given)
    house.send()
    said = command(*given)
    assert "A survey of this number is still open" in said
    assert said.endswith("1")
    house.text("5 4 9")
    house.text("done")
    assert "marked as a test" in command(*given)
    # the person has been asked: their cooldown holds for real calls
    assert house.contact(acme).last_asked_at is not None


def test_nobody_who_has_opted_out_is_texted(house: House, acme: UUID, command: Command) -> None:
    house.text("STOP")
    said = command("send-test", "--account", "acme", "--to", PHONE)
    assert "has opted out and is never texted" in said
    assert said.endswith("1")
    house.send()
    assert house.messages(acme) == []


@pytest.mark.parametrize(
    ("phone", "complaint"),
    [("hello", "no phone number that can be texted"), ("anonymous", "hidden or masked")],
)
def test_what_is_no_phone_is_said(acme: UUID, command: Command, phone: str, complaint: str) -> None:
    assert complaint in command("send-test", "--account", "acme", "--to", phone)


def test_what_the_carrier_refuses_is_said_with_its_code(
    house: House, acme: UUID, follow: Callable[..., Following]
) -> None:
    house.fault(codes={PHONE: 21211})
    following = follow("--language", "zh")
    following.until("text (csat) written")
    house.send()
    assert following.end() == 1
    assert "code 21211" in following.said
    assert "the survey is failed" in following.said


def test_time_that_passes_says_how_far_it_came(house: House, acme: UUID, command: Command) -> None:
    with house.sessions.begin() as session:
        hold_sending(session, "acme", paused=True)
    said = command("send-test", "--account", "acme", "--to", PHONE, "--seconds", "0")
    assert "Sending is paused: it waits for postcall resume" in said
    assert said.endswith("3")


@pytest.mark.parametrize("late", [False, True])
def test_what_waits_too_long_is_not_sent_any_more(
    house: House, acme: UUID, command: Command, *, late: bool
) -> None:
    command("send-test", "--account", "acme", "--to", PHONE, "--seconds", "0")
    house.pass_time(minutes=11 if late else 9)
    house.settle()
    house.send()
    assert len(house.ledger()) == (0 if late else 1)
