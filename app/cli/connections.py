"""`postcall connections`: by which platforms calls are reported, and what came in by each."""

import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import orjson

from app.cli.unit import unit_of_work
from app.flow.connections import (
    create_connection,
    read_connection,
    read_connections,
    read_content,
    rotate_connection,
)
from app.flow.read_audit import OPERATOR
from app.platforms.registry import PLATFORMS
from app.settings import load_settings
from app.store.accounts import find_account
from app.store.connections import connection_named

_MOST = 500


@click.group()
def connections() -> None:
    """Connections: the doors by which telephony platforms report their calls."""


def _said(made: dict[str, Any]) -> None:
    click.echo(f"Connection {made['id']}: let {PLATFORMS[made['platform']].title} post to")
    click.echo(f"  {load_settings().public_url.rstrip('/')}{made['hook']}")
    if "secret" in made:
        click.echo("with this secret, which is not shown again:")
        click.echo(f"  {made['secret']}")
    elif not made["secrets"]:
        click.echo(
            "It lets nothing in as yet: give it the platform's secret by `postcall connections rotate`."
        )
    if PLATFORMS[made["platform"]].documented_only:
        click.echo(
            "Written after its documentation, not tried with the platform itself: watch its first events."
        )


def _settings(path: str | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        found = orjson.loads(Path(path).read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise click.ClickException(f"{path}: {error}") from error
    if not isinstance(found, dict):
        raise click.ClickException(f"{path}: holds no JSON object")
    return found


@connections.command("add")
@click.option("--account", required=True, help="The account's name.")
@click.option("--platform", required=True, type=click.Choice(list(PLATFORMS)))
@click.option("--name", required=True, help="What you call it.")
@click.option("--source", help="Under which its calls are known; its own id unless named.")
@click.option("--country", help="Of national telephone numbers, such as GB.")
@click.option("--language", help="Of callers whose own is not known, such as en.")
@click.option("--settings", help="A JSON file with `fields` and `only`, as POST /v1/connections takes them.")
@click.option("--secret", envvar="CONNECTION_SECRET", help="The platform's own, where that makes it.")
def connections_add(
    *,
    account: str,
    platform: str,
    name: str,
    source: str | None,
    country: str | None,
    language: str | None,
    settings: str | None,
    secret: str | None,
) -> None:
    """Make a connection; shows the address and, this once, a secret that it made."""
    given = {**_settings(settings), "default_country": country, "default_language": language}
    with unit_of_work() as session:
        made = create_connection(
            session,
            account_id=find_account(session, account).id,
            actor=OPERATOR,
            platform=platform,
            name=name,
            source=source,
            secret=secret,
            settings=given,
        )
    _said(made)


@connections.command("list")
@click.option("--account", required=True, help="The account's name.")
def connections_list(account: str) -> None:
    """An account's connections."""
    with unit_of_work() as session:
        account_id = find_account(session, account).id
        page = read_connections(session, account_id=account_id, cursor=None, limit=_MOST)
    for one in page.items:
        state = "in force" if one["active"] else "ended"
        click.echo(f"{one['id']}  {one['platform']}  {one['name']}  source={one['source']}  {state}")


@connections.command("events")
@click.argument("name")
@click.option("--account", required=True, help="The account's name.")
@click.option("--content", metavar="EVENT", help="Print what came with this event, as it came.")
def connections_events(name: str, account: str, content: str | None) -> None:
    """What came in by a connection, the newest first, and why it led to nothing.

    NAME is the connection's name or id. What came with an event holds telephone numbers: it is kept, sealed, for 30
    days, and printed only with --content.
    """
    with unit_of_work() as session:
        row = connection_named(session, find_account(session, account).id, name)
        if content is not None:
            sys.stdout.write(read_content(session, row, _uuid(content)) + "\n")
            return
        found = read_connection(session, account_id=row.account_id, connection_id=row.id)
    for event in found["events"]:
        again = f", {event['repeats']} times more" if event["repeats"] else ""
        call = f"  call {event['call_id']}" if event["call_id"] else ""
        why = " ".join(one for one in (event["reason"], event["detail"] and f"({event['detail']})") if one)
        click.echo(f"{event['at'][:19]}  {event['id']}  {event['outcome']}: {why}{call}{again}")
    if not found["events"]:
        click.echo("Nothing has come in by it.")


@connections.command("rotate")
@click.argument("name")
@click.option("--account", required=True, help="The account's name.")
@click.option("--secret", envvar="CONNECTION_SECRET", help="The platform's own, where that makes it.")
def connections_rotate(name: str, account: str, secret: str | None) -> None:
    """Take up a new secret; the one before it is still believed until the next time."""
    with unit_of_work() as session:
        row = connection_named(session, find_account(session, account).id, name)
        made = rotate_connection(
            session, account_id=row.account_id, actor=OPERATOR, connection_id=row.id, secret=secret
        )
    _said(made)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise click.BadParameter(f"{text} is no id of an event") from error
