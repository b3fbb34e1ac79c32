"""`postcall messages`: texts that wait for a person, and what is decided about them."""

from typing import Any
from uuid import UUID

import click
from sqlalchemy.orm import Session

from app.broker import Doorbell
from app.cli.unit import open_sessions, unit_of_work
from app.domain.message import MessageState
from app.flow.decide_by_hand import close_by_hand, resend_by_hand
from app.flow.read_audit import OPERATOR
from app.flow.read_messages import read_messages
from app.flow.recheck_messages import recheck_messages
from app.settings import load_settings
from app.store.accounts import accounts_named, find_account

_PAGE = 100

_account = click.option("--account", required=True, help="The account's name.")
_reason = click.option("--reason", help="Why, for the audit; nothing of the customer's.")


@click.group()
def messages() -> None:
    """Texts that wait for a person: in doubt, quarantined, failed."""


@messages.command("list")
@click.option("--account", help="The account's name. Default: every account.")
@click.option(
    "--status",
    type=click.Choice([str(state) for state in MessageState]),
    help="Default: all that wait for a person, in_doubt and quarantined.",
)
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="How many of an account."
)
def messages_list(account: str | None, status: str | None, limit: int) -> None:
    """Each with what happened, what is known and what can be done, the newest first."""
    total = 0
    with unit_of_work() as session:
        for one in accounts_named(session, account):
            items, more = _some(session, one.id, status, limit)
            total += len(items)
            if items and account is None:
                click.echo(f"Account {one.name}:")
            for item in items:
                _show(item)
            if more:
                click.echo(f"There are more than {limit}.")
    click.echo(f"{total} listed.")


def _some(
    session: Session, account_id: UUID, status: str | None, most: int
) -> tuple[list[dict[str, Any]], bool]:
    """Up to `most`, and whether there are more."""
    items: list[dict[str, Any]] = []
    cursor = None
    while len(items) < most:
        left = min(most - len(items), _PAGE)
        page = read_messages(session, account_id=account_id, status=status, cursor=cursor, limit=left)
        items += page.items
        cursor = page.next_cursor
        if cursor is None:
            return items, False
    return items, True


@messages.command("resend")
@click.argument("message_id", type=click.UUID)
@_account
@_reason
def messages_resend(message_id: UUID, account: str, reason: str | None) -> None:
    """Have a text sent again, at the next lawful hour.

    What was in doubt the customer may then have twice: look into the carrier's own log first.
    """
    with unit_of_work() as session:
        message = resend_by_hand(
            session,
            account_id=find_account(session, account).id,
            actor=OPERATOR,
            message_id=message_id,
            reason=reason,
        )
    Doorbell(load_settings()).ring()
    _show(message)


@messages.command("close")
@click.argument("message_id", type=click.UUID)
@_account
@_reason
def messages_close(message_id: UUID, account: str, reason: str | None) -> None:
    """End a text for good. What may have arrived can still be answered."""
    with unit_of_work() as session:
        message = close_by_hand(
            session,
            account_id=find_account(session, account).id,
            actor=OPERATOR,
            message_id=message_id,
            reason=reason,
        )
    _show(message)


@messages.command("recheck")
@click.option("--account", help="The account's name.")
@click.option("--all", "every", is_flag=True, help="Every account.")
def messages_recheck(account: str | None, *, every: bool) -> None:
    """After a restore: ask the carrier about all that is due before it is sent, for it may have gone out already.

    Sending has to be paused. What the carrier has is not sent again; the rest is due again after some minutes, and
    goes out when sending is resumed.
    """
    if (account is None) != every:
        raise click.UsageError("Name one account with --account, or all with --all.")
    with open_sessions() as sessions:
        with sessions() as session:
            ids = [one.id for one in accounts_named(session, account)]
        rechecked = sum(
            recheck_messages(sessions.begin, account_id=account_id, actor=OPERATOR) for account_id in ids
        )
    click.echo(f"{rechecked} texts are looked up at the carrier before they are sent.")


def _show(message: dict[str, Any]) -> None:
    about = message["question"] or message["purpose"]
    code = f", code {message['code']}" if message["code"] else ""
    click.echo(
        f"{message['id']}  {message['status']}{code}  text ({about}) of call {message['call']['call_id']}"
    )
    explanation = message["explanation"]
    click.echo(
        f"  due {message['due_at']}, not after {message['not_after']}, {len(message['attempts'])} requests"
    )
    click.echo(f"  {explanation['happened']} {explanation['known']}")
    for option in explanation["options"]:
        click.echo(f"  - {option}")
    for one in message["by_hand"]:
        why = f" ({one['reason']})" if one["reason"] else ""
        click.echo(f"  {one['at']}  {one['action']} by {one['by']}, was {one['was']}{why}")
