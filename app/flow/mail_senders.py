"""Mail senders: by which server mails go out, whom they are from, and what signs the reports on them."""

import base64
import re
import secrets
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.channel import Channel
from app.errors import Invalid, NotFound
from app.flow.read_audit import OPERATOR
from app.signatures.standard_webhooks import PREFIX
from app.store.accounts import find_account
from app.store.audit import add_audit
from app.store.senders import add_sender, change_credentials

PROVIDER = "smtp"
SECURITY = ("starttls", "tls", "none")

# letters, digits and hyphens between dots: what may stand after the @ of our own address
_DOMAIN = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+", re.I
)
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
_SECRET_BYTES = 32


def create_mail_sender(
    session: Session,
    *,
    account_name: str,
    host: str,
    port: int,
    security: str,
    username: str | None,
    password: str,
    from_address: str,
    return_path_domain: str | None,
    per_second: float,
    burst: int,
) -> str:
    """A mail sender, which the account uses from now on; the secret that signs reports, shown this once.

    Raises NotFound, Invalid.
    """
    name, _, domain = from_address.rpartition("@")
    problems = {}
    if not host.strip() or not host.isascii() or len(host.split()) != 1:
        problems["host"] = "is the name of a mail server"
    if not 1 <= port <= 65_535:
        problems["port"] = "lies between 1 and 65535"
    if security not in SECURITY:
        problems["security"] = f"is one of {', '.join(SECURITY)}"
    if not _NAME.fullmatch(name) or not _DOMAIN.fullmatch(domain):
        problems["from_address"] = "is an address such as feedback@acme.example"
    if return_path_domain is not None and not _DOMAIN.fullmatch(return_path_domain):
        problems["return_path_domain"] = "is a domain such as bounces.acme.example"
    if (username is None) == bool(password):
        problems["username"] = "goes with a password, and a password with it"
    if not _one_line(username or "") or not _one_line(password):
        problems["password"] = "is one line, and so is the user name"
    if not 0.01 <= per_second <= 10_000 or not 1 <= burst <= 10_000:
        problems["per_second"] = "lies between 0.01 and 10000, and burst between 1 and 10000"
    if problems:
        raise Invalid("The sender can't be added like this.", problems)
    account_id = find_account(session, account_name).id
    secret = _new_secret()
    settings: dict[str, Any] = {
        "host": host.strip(),
        "port": port,
        "security": security,
        "username": username,
        "from_address": from_address,
        "return_path_domain": return_path_domain,
    }
    sender_id = add_sender(
        session,
        account_id,
        channel=Channel.EMAIL,
        provider=PROVIDER,
        provider_account=from_address,
        auth_token=f"{password}\n{secret}",
        number=None,
        settings=settings,
        per_second=per_second,
        burst=burst,
    )
    add_audit(session, account_id, OPERATOR, "sender.added", sender_id=str(sender_id))
    return secret


def change_mail_password(session: Session, *, account_name: str, from_address: str, password: str) -> int:
    """How many senders of that address use the new password from now on. Raises NotFound, Invalid."""
    if not password or not _one_line(password):
        raise Invalid(
            "The password can't be taken up like this.", {"password": "is missing, or not one line"}
        )
    return len(_change(session, account_name, from_address, lambda lines: [password, *lines[1:]]))


def renew_mail_secret(session: Session, *, account_name: str, from_address: str) -> str:
    """A new secret for the reports on mails from that address, shown this once; the one before is still believed.

    Raises NotFound.
    """
    secret = _new_secret()
    _change(session, account_name, from_address, lambda lines: [lines[0], secret, *lines[1:2]])
    return secret


def _change(
    session: Session, account_name: str, from_address: str, change: Callable[[list[str]], list[str]]
) -> list[UUID]:
    account_id = find_account(session, account_name).id
    changed = change_credentials(session, account_id, PROVIDER, from_address, change)
    if not changed:
        raise NotFound(f"Account {account_name!r} has no sender of mails from {from_address}")
    for sender_id in changed:
        add_audit(session, account_id, OPERATOR, "sender.token_changed", sender_id=str(sender_id))
    return changed


def _one_line(text: str) -> bool:
    return text == "" or text.isprintable()


def _new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
