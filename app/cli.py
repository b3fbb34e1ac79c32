"""The command `postcall`: what an operator does at a shell. `postcall --help` lists it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.db import make_engine, make_sessions
from app.db import migrate as migrate_database
from app.errors import Invalid, PostcallError
from app.flow.accounts import (
    SCOPES,
    change_account,
    create_account,
    create_key,
    create_sender,
    hold_sending,
    list_keys,
    revoke_key,
)
from app.flow.roll_up import rebuild_range
from app.settings import load_settings
from app.store.accounts import Account, find_account
from app.store.keyring import Keyring


@contextmanager
def _unit_of_work() -> Iterator[Session]:
    settings = load_settings()
    engine = make_engine(settings.database_url, 1)
    try:
        with make_sessions(engine, Keyring(settings.secret_keys)).begin() as session:
            yield session
    finally:
        engine.dispose()


@click.group()
def postcall() -> None:
    """Post-call surveys: never silently lost, never automatically doubled, scored honestly."""


@postcall.command()
def migrate() -> None:
    """Bring the database to the newest migration."""
    migrate_database(load_settings().database_url)
    click.echo("The database is at the newest migration.")


@postcall.group()
def accounts() -> None:
    """Accounts: the tenants."""


@accounts.command("create")
@click.argument("name")
@click.option("--brand", required=True, help="The name that customers read, at most 12 letters if possible.")
@click.option("--timezone", required=True, help="IANA name; calls count on the days of this zone.")
@click.option("--region", help="ISO country of numbers given without a country code, such as GB.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@click.option("--hotline", help="Where customers who need help are sent.")
def accounts_create(
    name: str, *, brand: str, timezone: str, region: str | None, language: str, hotline: str | None
) -> None:
    """Make an account with the default survey."""
    with _unit_of_work() as session:
        account_id = create_account(
            session,
            name=name,
            brand=brand,
            timezone=timezone,
            region=region,
            language=language,
            hotline=hotline,
        )
    click.echo(f"Account {name} made: {account_id}")


@accounts.command("list")
def accounts_list() -> None:
    """Every account."""
    with _unit_of_work() as session:
        for account in session.scalars(select(Account).order_by(Account.name)):
            click.echo(f"{account.id}  {account.name}  {account.brand}  {account.timezone}")


@accounts.command("set")
@click.argument("name")
@click.option("--brand", help="The name that customers read.")
@click.option("--hotline", help="Where customers who need help are sent.")
@click.option(
    "--target", "targets", multiple=True, metavar="METRIC=VALUE", help="Such as csat=85; repeatable."
)
@click.option(
    "--threshold",
    "thresholds",
    multiple=True,
    metavar="METRIC=N,N",
    help="Answers from which a score is indicative and reportable, such as nps=30,100; repeatable.",
)
def accounts_set(
    name: str,
    *,
    brand: str | None,
    hotline: str | None,
    targets: tuple[str, ...],
    thresholds: tuple[str, ...],
) -> None:
    """Change what customers read, and what scores are held against."""
    try:
        values = {metric: float(value) for metric, _, value in (given.partition("=") for given in targets)}
        pairs = {
            metric: [int(number) for number in numbers.split(",")]
            for metric, _, numbers in (given.partition("=") for given in thresholds)
        }
    except ValueError as error:
        raise click.UsageError("Write targets as csat=85 and thresholds as nps=30,100.") from error
    with _unit_of_work() as session:
        change_account(session, name, brand=brand, hotline=hotline, targets=values, thresholds=pairs)
    click.echo(f"Account {name} changed; results show it at once, texts within seconds.")


@postcall.group()
def keys() -> None:
    """API keys: scoped, revocable, shown once."""


@keys.command("create")
@click.option("--account", required=True, help="The account's name.")
@click.option("--name", required=True, help="What the key is for.")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(list(SCOPES)))
@click.option("--agent", "agent_id", help="The agent whose results a results:self key may see.")
def keys_create(account: str, name: str, scopes: tuple[str, ...], agent_id: str | None) -> None:
    """Make a key and show it this once."""
    with _unit_of_work() as session:
        text = create_key(session, account_name=account, name=name, scopes=list(scopes), agent_id=agent_id)
    click.echo(text)


@keys.command("list")
@click.option("--account", required=True, help="The account's name.")
def keys_list(account: str) -> None:
    """An account's keys, without their secrets."""
    with _unit_of_work() as session:
        for key in list_keys(session, account):
            state = f"revoked {key['revoked_at']:%Y-%m-%d}" if key["revoked_at"] else "in force"
            agent = f" agent={key['agent_id']}" if key["agent_id"] else ""
            click.echo(f"{key['prefix']}  {key['name']}  {' '.join(key['scopes'])}{agent}  {state}")


@keys.command("revoke")
@click.argument("prefix")
@click.option("--account", required=True, help="The account's name.")
def keys_revoke(prefix: str, account: str) -> None:
    """End a key, named by its first characters as `keys list` shows them."""
    with _unit_of_work() as session:
        revoke_key(session, account, prefix)
    click.echo("Revoked; it opens nothing within 5 seconds.")


@postcall.group()
def senders() -> None:
    """Senders: the numbers that texts come from."""


@senders.command("add")
@click.option("--account", required=True, help="The account's name.")
@click.option("--account-sid", required=True, help="Twilio's AccountSid.")
@click.option("--number", help="The number that texts come from, E.164.")
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
    number: str | None,
    messaging_service: str | None,
    per_second: float,
    burst: int,
    opt_out_suffix: str | None,
    auth_token: str,
) -> None:
    """Add a Twilio sender; the newest one of an account is used."""
    with _unit_of_work() as session:
        sender_id = create_sender(
            session,
            account_name=account,
            account_sid=account_sid,
            auth_token=auth_token,
            number=number,
            messaging_service=messaging_service,
            per_second=per_second,
            burst=burst,
            opt_out_suffix=opt_out_suffix,
        )
    click.echo(f"Sender added: {sender_id}")


def _scope(account: str | None, *, every: bool) -> str | None:
    if (account is None) != every:
        raise click.UsageError("Name one account with --account, or all with --all.")
    return account


@postcall.command()
@click.option("--account", help="The account's name.")
@click.option("--all", "every", is_flag=True, help="Every account.")
def pause(account: str | None, *, every: bool) -> None:
    """Stop sending at the claim; calls are still accepted, and replies kept."""
    with _unit_of_work() as session:
        hold_sending(session, _scope(account, every=every), paused=True)
    click.echo("Paused. What was claimed already is still sent; the rest waits until `postcall resume`.")


@postcall.command()
@click.option("--account", help="The account's name.")
@click.option("--all", "every", is_flag=True, help="Lift the pause on all; single accounts' pauses stay.")
def resume(account: str | None, *, every: bool) -> None:
    """Start sending again; what has become too late meanwhile expires."""
    with _unit_of_work() as session:
        hold_sending(session, _scope(account, every=every), paused=False)
    click.echo("Resumed.")


@postcall.command()
@click.option("--account", required=True, help="The account's name.")
@click.option("--from", "start", required=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--to", "end", required=True, type=click.DateTime(["%Y-%m-%d"]))
def rebuild(account: str, start: datetime, end: datetime) -> None:
    """Have the facts of these days rebuilt from calls and answers; the numbers come out the same."""
    if start > end:
        raise click.UsageError("--from lies after --to.")
    with _unit_of_work() as session:
        cells = rebuild_range(session, find_account(session, account).id, start.date(), end.date())
    click.echo(f"{cells} agent-days are marked; a worker rebuilds them within seconds.")


def main() -> None:
    """Runs the command; an error of ours is one line, not a traceback."""
    try:
        postcall()
    except Invalid as error:
        fields = "; ".join(f"{field} {problem}" for field, problem in error.fields.items())
        raise SystemExit(f"postcall: {error} {fields}".strip()) from error
    except PostcallError as error:
        raise SystemExit(f"postcall: {error}") from error
    except OperationalError as error:
        raise SystemExit(f"postcall: the database can't be used: {error.orig}") from error
