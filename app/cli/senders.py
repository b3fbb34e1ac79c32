"""`postcall senders`, `pause` and `resume`: where texts come from, and whether they go out."""

from typing import Any, BinaryIO
from uuid import UUID

import click
import orjson

from app.cli.unit import unit_of_work
from app.domain.channel import Channel
from app.flow.accounts import change_token, create_sender, hold_sending
from app.flow.gateways import change_gateway, create_gateway


@click.group()
def senders() -> None:
    """Senders: the numbers that texts come from."""


@senders.command("add")
@click.option("--account", required=True, help="The account's name.")
@click.option("--account-sid", required=True, help="Twilio's AccountSid.")
@click.option(
    "--channel",
    type=click.Choice([Channel.SMS, Channel.CALLBACK]),
    default=Channel.SMS,
    show_default=True,
    help="Whether it texts, or rings and asks.",
)
@click.option("--number", help="The number that texts or calls come from, E.164.")
@click.option("--messaging-service", help="A MessagingServiceSid, in place of a number or beside it.")
@click.option("--per-second", default=1.0, show_default=True, help="How many texts a second it may send.")
@click.option("--burst", default=5, show_default=True, help="How many at once after a pause.")
@click.option("--opt-out-suffix", help="What the first text says of opting out; default by language.")
@click.password_option(
    "--auth-token", envvar="TWILIO_AUTH_TOKEN", confirmation_prompt=False, help="Twilio's auth token."
)
def senders_add(
    *,
    account: str,
    account_sid: str,
    channel: Channel,
    number: str | None,
    messaging_service: str | None,
    per_second: float,
    burst: int,
    opt_out_suffix: str | None,
    auth_token: str,
) -> None:
    """Add a Twilio sender; the newest one of an account and channel is used."""
    with unit_of_work() as session:
        sender_id = create_sender(
            session,
            account_name=account,
            account_sid=account_sid,
            channel=Channel(channel),
            auth_token=auth_token,
            number=number,
            messaging_service=messaging_service,
            per_second=per_second,
            burst=burst,
            opt_out_suffix=opt_out_suffix,
        )
    click.echo(f"Sender added: {sender_id}")


@senders.command("token")
@click.option("--account", required=True, help="The account's name.")
@click.option("--account-sid", required=True, help="Twilio's AccountSid.")
@click.password_option(
    "--auth-token", envvar="TWILIO_AUTH_TOKEN", confirmation_prompt=False, help="Twilio's new auth token."
)
def senders_token(account: str, account_sid: str, auth_token: str) -> None:
    """Let an account's senders use a new auth token; what the one before it has signed is still believed."""
    with unit_of_work() as session:
        changed = change_token(session, account_name=account, account_sid=account_sid, auth_token=auth_token)
    click.echo(f"{changed} senders use the new token, within a second or so.")


@senders.command("add-gateway")
@click.option("--account", required=True, help="The account's name.")
@click.option(
    "--file", "description", required=True, type=click.File("rb"), help="Its description: docs/gateways.md."
)
@click.option("--per-second", default=1.0, show_default=True, help="How many texts a second it may send.")
@click.option("--burst", default=5, show_default=True, help="How many at once after a pause.")
@click.option("--opt-out-suffix", help="What the first text says of opting out; default by language.")
@click.option("--secret", envvar="GATEWAY_SECRET", default="", help="What it knows us by: {secret}.")
@click.option(
    "--hook-secret", envvar="GATEWAY_HOOK_SECRET", default="", help="What it signs with, or its token."
)
def senders_add_gateway(
    *,
    account: str,
    description: BinaryIO,
    per_second: float,
    burst: int,
    opt_out_suffix: str | None,
    secret: str,
    hook_secret: str,
) -> None:
    """Add a gateway for texts, described in a file; the newest sender of an account is used."""
    with unit_of_work() as session:
        sender_id = create_gateway(
            session,
            account_name=account,
            description=_description(description),
            secret=secret,
            hook_secret=hook_secret,
            per_second=per_second,
            burst=burst,
            opt_out_suffix=opt_out_suffix,
        )
    click.echo(f"Sender added: {sender_id}")
    click.echo(
        f"Let it post receipts to PUBLIC_URL/hooks/gateway/{sender_id}/receipts, and texts to .../replies"
    )


@senders.command("change-gateway")
@click.argument("sender_id", type=click.UUID)
@click.option("--account", required=True, help="The account's name.")
@click.option("--file", "description", required=True, type=click.File("rb"), help="Its description, whole.")
@click.option("--secret", envvar="GATEWAY_SECRET", help="A new one; without, it stays.")
@click.option(
    "--hook-secret", envvar="GATEWAY_HOOK_SECRET", help="A new one; the one before is still believed."
)
def senders_change_gateway(
    *, sender_id: UUID, account: str, description: BinaryIO, secret: str | None, hook_secret: str | None
) -> None:
    """Describe a gateway anew, for example when its templates are approved: what waited for them goes out."""
    with unit_of_work() as session:
        change_gateway(
            session,
            account_name=account,
            sender_id=sender_id,
            description=_description(description),
            secret=secret,
            hook_secret=hook_secret,
        )
    click.echo("The gateway is used as described now, within a second or so.")


def _description(file: BinaryIO) -> dict[str, Any]:
    try:
        found = orjson.loads(file.read())
    except ValueError as error:
        raise click.UsageError(f"The description is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise click.UsageError("The description is a JSON object.")
    return found


def _scope(account: str | None, *, every: bool) -> str | None:
    if (account is None) != every:
        raise click.UsageError("Name one account with --account, or all with --all.")
    return account


@click.command()
@click.option("--account", help="The account's name.")
@click.option("--all", "every", is_flag=True, help="Every account.")
def pause(account: str | None, *, every: bool) -> None:
    """Stop sending at the claim; calls are still accepted, and replies kept."""
    with unit_of_work() as session:
        hold_sending(session, _scope(account, every=every), paused=True)
    click.echo("Paused. What was claimed already is still sent; the rest waits until `postcall resume`.")


@click.command()
@click.option("--account", help="The account's name.")
@click.option("--all", "every", is_flag=True, help="Lift the pause on all; single accounts' pauses stay.")
def resume(account: str | None, *, every: bool) -> None:
    """Start sending again; what has become too late meanwhile expires."""
    with unit_of_work() as session:
        hold_sending(session, _scope(account, every=every), paused=False)
    click.echo("Resumed.")
