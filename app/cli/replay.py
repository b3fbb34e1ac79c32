"""`postcall replay`: a saved payload once more, to see what is understood of it, or to have it done."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from app.cli.unit import unit_of_work
from app.domain.call import CallEnd
from app.flow.asking import read_asking
from app.flow.take_event import dialect_of, take_event
from app.platforms.face import IGNORED, CallEnded, Dialect, Ignored, RawRequest, Reading
from app.platforms.registry import PLATFORMS, understand
from app.store.accounts import find_account
from app.store.connections import connection_named, facts_of

_EMPTY: tuple[Any, ...] = (None, (), {}, "")
_SHOWN_DIGITS = 3


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--platform", type=click.Choice(list(PLATFORMS)), help="Whose payload it is.")
@click.option("--query", default="", help="The query of the address that it was posted to.")
@click.option("--content-type", default="", help="As it was posted; mostly it shows by itself.")
@click.option("--account", help="The account's name, with --connection.")
@click.option("--connection", metavar="NAME", help="Read it as this connection does, and have it done.")
def replay(
    *,
    file: Path,
    platform: str | None,
    query: str,
    content_type: str,
    account: str | None,
    connection: str | None,
) -> None:
    """Run a saved payload through a platform's reader, and print what was understood.

    FILE is the body as it was posted. With --connection it goes through for real, signed or not: a call is
    accepted, its customer decided on, and asked.
    """
    raw = RawRequest(f"?{query}", file.read_bytes(), {"content-type": content_type}, time.time())
    if connection is None:
        if platform is None:
            raise click.UsageError("Name the platform with --platform, or the connection with --connection.")
        _tell(understand(PLATFORMS[platform], raw, Dialect(), ()))
        return
    if account is None:
        raise click.UsageError("Name the account with --account.")
    with unit_of_work() as session:
        row = connection_named(session, find_account(session, account).id, connection)
        if platform not in (None, row.platform):
            raise click.UsageError(f"{connection} is a connection of {row.platform}.")
        facts = facts_of(session, row)
        reading = understand(PLATFORMS[row.platform], raw, dialect_of(row.settings), facts.secrets)
        taken = take_event(session, facts, raw, reading, asking=read_asking(session, row.account_id))
    _tell(reading)
    why = " ".join(one for one in (taken.reason, taken.detail and f"({taken.detail})") if one)
    click.echo(f"{taken.outcome}: {why}")


def _tell(reading: Reading) -> None:
    if isinstance(reading, Ignored):
        detail = f": {reading.detail}" if reading.detail else ""
        raise click.ClickException(f"{reading.reason}: {IGNORED[reading.reason]}{detail}")
    if not isinstance(reading, CallEnded):
        click.echo("A handshake: it is answered, and nothing else happens.")
        return
    for name, value in _shown(reading.call):
        click.echo(f"{name:18}{value}")
    if reading.waits:
        click.echo(f"A part of a call: the rest is waited for, {reading.waits} s at most.")
    if reading.unread:
        click.echo(f"Not readable, so unknown: {', '.join(reading.unread)}")


def _shown(call: CallEnd) -> Sequence[tuple[str, Any]]:
    masked = {
        "phone": call.phone and f"…{call.phone[-_SHOWN_DIGITS:]}",
        "email": call.email and "given",
        "customer_name": call.customer_name and "given",
    }
    return [(name, value) for name, value in {**vars(call), **masked}.items() if value not in _EMPTY]
