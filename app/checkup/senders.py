"""Senders: does the carrier know them, and does it know where to bring what customers answer?"""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select, true
from sqlalchemy.orm import Session, sessionmaker

from app.channels.lean_http import LeanHttp
from app.channels.twilio_account import NumberFacts, account_status, number_facts
from app.checkup.finding import Finding, failed, ok, warning
from app.errors import ConfigurationError, ProviderUnreadable
from app.settings import Settings
from app.store.accounts import Account
from app.store.senders import Sender, SenderAccount, sender_facts


@dataclass(frozen=True)
class SenderToLookAt:
    """`problem`: why its token can't be had."""

    name: str
    account_sid: str
    token: str = field(repr=False)
    number: str | None
    messaging_service: str | None
    problem: str | None = None


def read_senders(sessions: sessionmaker[Session], account: str | None) -> list[SenderToLookAt]:
    """The active ones, each once, newest first; of one account, or of all."""
    with sessions() as session:
        rows = session.execute(
            select(SenderAccount.account_id, Sender)
            .join(
                Sender, (SenderAccount.owner_id == Sender.account_id) & (SenderAccount.sender_id == Sender.id)
            )
            .join(Account, Account.id == SenderAccount.account_id)
            .where(
                Sender.is_active,
                Sender.channel == "sms",
                Sender.provider == "twilio",
                Account.name == account if account else true(),
            )
            .order_by(Sender.created_at.desc(), Sender.id, SenderAccount.account_id)
        ).all()
        senders = {row.Sender.id: (row.account_id, row.Sender) for row in rows}
        return [_read(session, account_id, sender) for account_id, sender in senders.values()]


def _read(session: Session, account_id: UUID, sender: Sender) -> SenderToLookAt:
    token, problem = "", None
    try:
        token = sender_facts(session, account_id, sender.id).auth_token
    except ConfigurationError as error:
        problem = str(error)
    return SenderToLookAt(
        name=f"sender {sender.number or sender.messaging_service}",
        account_sid=sender.provider_account,
        token=token,
        number=sender.number,
        messaging_service=sender.messaging_service,
        problem=problem,
    )


def check_sender(sender: SenderToLookAt, http: LeanHttp, settings: Settings) -> list[Finding]:
    if sender.problem:
        return [failed(sender.name, sender.problem, "Put the key that is missing back into SECRET_KEYS")]
    try:
        status = account_status(http, sender.account_sid, sender.token)
        if status != "active":
            return [_unusable(sender, status)]
        hook = f"{settings.public_url}/hooks/twilio/inbound"
        found = []
        is_number = (sender.number or "").startswith("+")
        if sender.number and is_number:
            facts = number_facts(http, sender.account_sid, sender.token, sender.number)
            found += judge_number(sender, facts, hook)
        if sender.messaging_service or not is_number:
            # kept on another host of Twilio's, to which the credentials are not sent
            what = "messaging service" if sender.messaging_service else "short code"
            found.append(
                ok(
                    sender.name,
                    "the carrier accepts the credentials; look by hand whether the"
                    f" {what}'s incoming messages go to POST {hook}",
                )
            )
        return found
    except ProviderUnreadable as error:
        return [failed(sender.name, str(error), "Let this host reach the carrier: TWILIO_BASE_URL, firewall")]


def _unusable(sender: SenderToLookAt, status: str | None) -> Finding:
    if status is None:
        return failed(
            sender.name,
            f"the carrier refuses the credentials of {sender.account_sid}",
            "postcall senders add, with the auth token of Twilio's console: the newest sender is used",
        )
    return failed(sender.name, f"the carrier's account {sender.account_sid} is {status}", "Ask Twilio why")


def judge_number(sender: SenderToLookAt, facts: NumberFacts | None, hook: str) -> list[Finding]:
    """`hook`: where texts to the number have to be brought."""
    if facts is None:
        return [
            failed(
                sender.name,
                f"is no number of the carrier's account {sender.account_sid}",
                "Find its account in Twilio's console, then: postcall senders add",
            )
        ]
    if not facts.takes_texts:
        return [failed(sender.name, "can't send texts", "Use a number that can: postcall senders add")]
    if sender.messaging_service:
        return []  # the service's settings hold in place of the number's
    set_it = f"In Twilio's console, let the number's incoming messages go to POST {hook}, fallback included"
    if lost := _where_answers_get_lost(facts, hook):
        return [failed(sender.name, lost, set_it)]
    if facts.fallback_url != hook:
        return [warning(sender.name, "an answer that meets a failure is not brought a second time", set_it)]
    return [
        ok(sender.name, "the carrier accepts the credentials, knows the number, and brings answers to us")
    ]


def _where_answers_get_lost(facts: NumberFacts, hook: str) -> str | None:
    if facts.application:
        return "answers go where a TwiML application says, which can't be read here"
    if facts.url != hook:
        return f"answers are brought {f'to {facts.url}' if facts.url else 'nowhere'}, and not to us"
    return None if facts.method.upper() == "POST" else f"answers come by {facts.method or 'no method'}"
