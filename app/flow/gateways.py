"""Gateways for texts: described by an operator, and heard when they report and hand on replies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from app.channels.gateway_description import Gateway, read_gateway
from app.channels.gateway_hooks import GatewayReceipt, GatewayReply
from app.channels.twilio_hooks import InboundText, StatusReport
from app.errors import Invalid, NotFound
from app.flow.gateway_texts import GATEWAY, gateway_sender
from app.flow.read_audit import OPERATOR
from app.flow.record_answer import record_text
from app.flow.record_receipt import record_receipt
from app.ids import new_id
from app.store.accounts import find_account
from app.store.audit import add_audit
from app.store.messages import Attempt, Message
from app.store.senders import (
    SenderFacts,
    accounts_of_provider,
    add_sender,
    change_gateway_sender,
    gateway_of_hooks,
)


@dataclass(frozen=True)
class HookGateway:
    """A gateway that may be posting to us. `secrets`: what it may have signed with, newest first."""

    sender: SenderFacts
    gateway: Gateway
    secrets: tuple[str, ...] = field(repr=False)


def create_gateway(
    session: Session,
    *,
    account_name: str,
    description: Mapping[str, object],
    secret: str,
    hook_secret: str,
    per_second: float,
    burst: int,
    opt_out_suffix: str | None,
) -> UUID:
    """The account's texts go by it from now on. Raises NotFound, Invalid."""
    gateway = read_gateway(description)
    _check_secrets(gateway, secret, hook_secret)
    if not 0.01 <= per_second <= 10_000 or not 1 <= burst <= 10_000:
        raise Invalid("The gateway can't be added like this.", {"per_second": "lies between 0.01 and 10000"})
    account_id = find_account(session, account_name).id
    sender_id = new_id()
    add_sender(
        session,
        account_id,
        sender_id=sender_id,
        provider=GATEWAY,
        provider_account=str(sender_id),
        auth_token=f"{secret}\n{hook_secret}",
        number=gateway.number,
        settings=dict(description),
        per_second=per_second,
        burst=burst,
        opt_out_suffix=opt_out_suffix,
    )
    add_audit(session, account_id, OPERATOR, "sender.added", sender_id=str(sender_id), provider=GATEWAY)
    return sender_id


def change_gateway(
    session: Session,
    *,
    account_name: str,
    sender_id: UUID,
    description: Mapping[str, object],
    secret: str | None,
    hook_secret: str | None,
) -> None:
    """Described anew, the templates that are approved by now among it; with new secrets where some are given.

    What the hook secret before has signed is still believed. Raises NotFound, Invalid.
    """
    gateway = read_gateway(description)
    _check_secrets(gateway, secret or "", hook_secret or "", kept=True)
    account_id = find_account(session, account_name).id
    changed = change_gateway_sender(
        session,
        (account_id, sender_id),
        number=gateway.number,
        settings=dict(description),
        secret=secret,
        hook_secret=hook_secret,
    )
    if not changed:
        raise NotFound(f"Account {account_name!r} has no gateway {sender_id}")
    add_audit(session, account_id, OPERATOR, "sender.changed", sender_id=str(sender_id))


def find_gateway(session: Session, sender_id: UUID) -> HookGateway | None:
    found = gateway_of_hooks(session, str(sender_id))
    if found is None:
        return None
    sender, secrets = found
    return HookGateway(sender, read_gateway(sender.settings), secrets)


def record_gateway_receipt(session: Session, sender: SenderFacts, receipt: GatewayReceipt) -> None:
    """Kept once, applied forward only: as any carrier's."""
    by, accounts = gateway_sender(sender), accounts_of_provider(session, sender.provider_account)
    attempt = _attempt(session, accounts, receipt.reference)
    if receipt.provider_id is not None:
        provider_id = by.named(receipt.provider_id)
    elif attempt is not None:
        message = session.get_one(Message, (attempt.account_id, attempt.message_id))
        provider_id = message.provider_id or by.named(receipt.reference or "")
    else:
        return  # a reference that is none of ours: nothing can come that it would wait for
    record_receipt(
        session,
        StatusReport(provider_id, receipt.status, None, sender.provider_account, {}, provider=GATEWAY),
        account_id=None if attempt is None else attempt.account_id,
        attempt_id=None if attempt is None else attempt.id,
    )


def record_gateway_text(
    session: Session, sender: SenderFacts, reply: GatewayReply, *, too_many: bool = False
) -> None:
    """By the door of all texts: only answers to what this gateway has asked are taken for some."""
    inbound = InboundText(
        message_sid=gateway_sender(sender).named(reply.provider_id),
        sender=reply.phone,
        to=sender.number or "",
        body=reply.text,
        account_sid=sender.provider_account,
        messaging_service_sid=None,
        opt_out_type=None,
        num_media=0,
        provider=GATEWAY,
    )
    record_text(session, inbound, too_many=too_many)


def _attempt(session: Session, accounts: Sequence[UUID], reference: str | None) -> Attempt | None:
    try:
        attempt_id = UUID(hex=reference or "")
    except ValueError:
        return None
    found = (session.get(Attempt, (account_id, attempt_id)) for account_id in accounts)
    return next((attempt for attempt in found if attempt is not None), None)


def _check_secrets(gateway: Gateway, secret: str, hook_secret: str, *, kept: bool = False) -> None:
    problems = {}
    for name, value in (("secret", secret), ("hook_secret", hook_secret)):
        if not value.isprintable() or len(value) > 500:
            problems[name] = "is up to 500 printable characters"
    if gateway.proof is not None and not kept and len(hook_secret) < 16:
        problems["hook_secret"] = "is needed, of 16 characters at least: the gateway posts to us"
    if kept and hook_secret and len(hook_secret) < 16:
        problems["hook_secret"] = "has 16 characters at least"
    if problems:
        raise Invalid("The gateway can't be added like this.", problems)
