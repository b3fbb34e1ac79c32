"""`postcall send-test`: a survey to a phone of one's own, followed from the text to the last answer."""

import sys
import time
from typing import Any
from uuid import UUID

import click
from sqlalchemy.orm import Session, sessionmaker

from app.broker import Doorbell
from app.cli.unit import open_sessions
from app.domain.invitation import TERMINAL
from app.flow.read_call import read_invitation
from app.flow.receive_call import Received
from app.flow.send_test import send_test
from app.log import configure_logging
from app.settings import load_settings
from app.store.accounts import find_account, sending_is_paused
from app.wording.languages import LANGUAGES

_NOT_SENT, _NOT_KNOWN = 1, 3
_LOOK_SECONDS = 0.5

_WHY_NOT = {
    "opted_out": "This number has opted out and is never texted. START from that phone takes it back.",
    "suppressed": "This number is on the account's suppression list: postcall suppressions remove.",
    "no_consent": "Consent of this number was withdrawn: postcall consents add.",
    "premium_number": "That number costs more than others to reach, or is no person's: it is never texted.",
    "survey_open": "A survey of this number is still open: answer it, or wait until it closes. With a second one"
    " nobody could tell which of them an answer is for.",
    "no_sender": "The account has no sender: postcall senders add.",
    "invalid_phone": "That is no phone number that can be texted; write it like +447700900123.",
    "masked_phone": "That number is hidden or masked; write it like +447700900123.",
}
# receipts and requests are told by what they came to
_UNTOLD = frozenset({"call.ended", "call.received", "invitation.scheduled", "attempt.started"})


@click.command("send-test")
@click.option("--account", required=True, help="The account's name.")
@click.option("--to", "phone", required=True, help="A phone of your own, such as +447700900123.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Default: the account's.")
@click.option(
    "--seconds", type=click.IntRange(0, 3600), default=120, show_default=True, help="How long to follow it."
)
def send_test_command(account: str, phone: str, language: str | None, seconds: int) -> None:
    """Send a whole survey, marked as a test, and follow what becomes of it.

    Sent now, whatever the survey's delay, hours, sampling and cooldown are; never to somebody who has opted out.
    It is in no facts, results or responses. Ends with 0 when the text is known to have arrived, 1 when it was not
    sent or failed, 3 when the time passed and neither is known.
    """
    settings = load_settings()
    configure_logging("WARNING")
    with open_sessions() as sessions:
        with sessions.begin() as session:
            account_id = find_account(session, account).id
            paused = sending_is_paused(session, account_id)
            received = send_test(session, account_id=account_id, phone=phone, language=language)
        if received.invitation is None:
            click.echo(_why_not(received))
            sys.exit(_NOT_SENT)
        Doorbell(settings).ring()
        click.echo(f"Invitation {received.invitation['id']}, marked as a test. Answer it on the phone.")
        if paused:
            click.echo("Sending is paused: it waits for postcall resume, ten minutes at most.")
        sys.exit(_follow(sessions, account_id, UUID(received.invitation["id"]), seconds))


def _why_not(received: Received) -> str:
    reason = (received.skipped or {}).get("reason", "")
    return _WHY_NOT.get(reason, f"Not asked: {reason}.")


def _follow(sessions: sessionmaker[Session], account_id: UUID, invitation_id: UUID, seconds: int) -> int:
    told: set[str] = set()
    until = time.monotonic() + seconds
    while True:
        with sessions() as session:
            shown = read_invitation(session, account_id=account_id, invitation_id=invitation_id)
        for happening in shown["timeline"]:
            # the same thing at the same time is told once; what it says may have grown since
            key = "|".join(str(value) for value in happening.values())
            if happening["event"] not in _UNTOLD and key not in told:
                told.add(key)
                click.echo(f"{happening['at'][11:19]}  {_in_words(happening)}")
        if shown["status"] in TERMINAL:
            return 0 if shown["delivered_at"] else _NOT_SENT
        if time.monotonic() >= until:
            return _given_up(shown)
        time.sleep(_LOOK_SECONDS)


def _given_up(shown: dict[str, Any]) -> int:
    if shown["delivered_at"]:
        click.echo("The text has arrived; the survey stays open and can be answered as any other.")
        return 0
    if shown["asked_at"]:
        click.echo("The carrier has the text, and has not reported its arrival.")
    else:
        click.echo(
            "Nothing has been sent: is a worker on the queue delivery running, is the sender's pace used up?"
            f" What has not gone out at {shown['not_after'][11:19]} UTC expires."
        )
    return _NOT_KNOWN


_IN_WORDS = {
    "message.written": "text ({about}) written",
    "message.accepted": "text ({about}) accepted by the carrier as {provider_id}",
    "message.delivered": "text ({about}) delivered",
    "attempt.ended": "request to the carrier: {outcome}",
    "receipt": "the carrier reports: {status}",
    "text.received": "a text came back, taken as {understood}",
    "answer": "answered {question}: {value}",
}


def _in_words(happening: dict[str, Any]) -> str:
    kind, _, state = happening["event"].partition(".")
    other = f"the survey is {state}" if kind == "invitation" else f"text ({{about}}) is {state}"
    about = happening.get("question") or happening.get("purpose")
    said = _IN_WORDS.get(happening["event"], other.replace("_", " ")).format(**{**happening, "about": about})
    reasons = (f"code {happening['code']}" if happening.get("code") else None, happening.get("detail"))
    return ", ".join([said, *(reason for reason in reasons if reason)]).replace(": None", " in words")
