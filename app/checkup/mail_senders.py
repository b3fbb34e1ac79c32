"""Mail senders: does their server let us in, and can what comes back be told to us?"""

from dataclasses import dataclass, field

from sqlalchemy import select, true
from sqlalchemy.orm import Session, sessionmaker

from app.channels.parcel import SmtpSender
from app.channels.smtp import Smtp
from app.checkup.finding import Finding, failed, ok, warning
from app.domain.advice import explain
from app.domain.channel import Channel
from app.domain.delivery import Outcome
from app.errors import ConfigurationError
from app.flow.envelopes import smtp_sender
from app.store.accounts import Account
from app.store.senders import Sender, SenderAccount, hook_secrets, sender_facts


@dataclass(frozen=True)
class MailSenderToLookAt:
    """`sender`: None where its password can't be had, and then `problem` says why."""

    name: str
    sender: SmtpSender | None = field(repr=False)
    has_secret: bool
    problem: str | None = None


def read_mail_senders(sessions: sessionmaker[Session], account: str | None) -> list[MailSenderToLookAt]:
    """The active ones, each once, newest first; of one account, or of all."""
    with sessions() as session:
        rows = session.execute(
            select(Sender)
            .join(
                SenderAccount,
                (SenderAccount.owner_id == Sender.account_id) & (SenderAccount.sender_id == Sender.id),
            )
            .join(Account, Account.id == SenderAccount.account_id)
            .where(
                Sender.is_active,
                Sender.channel == Channel.EMAIL,
                Account.name == account if account else true(),
            )
            .order_by(Sender.created_at.desc(), Sender.id)
        ).all()
        senders = {row.Sender.id: row.Sender for row in rows}
        return [_read(session, sender) for sender in senders.values()]


def _read(session: Session, sender: Sender) -> MailSenderToLookAt:
    name = f"mail sender {sender.provider_account}"
    try:
        facts = sender_facts(session, sender.account_id, sender.id)
        secrets = hook_secrets(session, sender.provider_account)
    except ConfigurationError as error:
        return MailSenderToLookAt(name, None, has_secret=False, problem=str(error))
    has_secret = any(one.sender_id == sender.id and one.secrets for one in secrets)
    return MailSenderToLookAt(name, smtp_sender(facts), has_secret)


def check_mail_sender(looked_at: MailSenderToLookAt, smtp: Smtp) -> list[Finding]:
    sender, name = looked_at.sender, looked_at.name
    if sender is None:
        return [failed(name, looked_at.problem or "", "Put the key that is missing back into SECRET_KEYS")]
    greeted = smtp.greet(sender)
    if greeted.outcome is Outcome.NOT_SENT:
        return [failed(name, greeted.detail, f"Let this host reach {sender.host} on port {sender.port}")]
    if greeted.outcome is Outcome.REJECTED:
        advice = explain(greeted.code)
        return [failed(name, advice.meaning, advice.advice)]
    found = [ok(name, f"{sender.host} lets us in")]
    if sender.security == "none" and sender.username is not None:
        found.append(
            warning(name, "the password is said in the clear", "postcall senders add-mail --security")
        )
    if sender.return_path_domain is None or not looked_at.has_secret:
        found.append(
            warning(
                name,
                "nobody tells us what comes back: mails to dead addresses count as sent",
                "Give it a return-path domain, and have its reports posted to us: docs/email.md",
            )
        )
    return found
