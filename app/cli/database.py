"""`postcall migrate` and `rebuild`: the database's form, and the facts in it."""

from datetime import datetime

import click

from app.cli.unit import unit_of_work
from app.db import migrate as migrate_database
from app.flow.roll_up import rebuild_range
from app.settings import load_settings
from app.store.accounts import find_account


@click.command()
def migrate() -> None:
    """Bring the database to the newest migration."""
    migrate_database(load_settings().database_url)
    click.echo("The database is at the newest migration.")


@click.command()
@click.option("--account", required=True, help="The account's name.")
@click.option("--from", "start", required=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--to", "end", required=True, type=click.DateTime(["%Y-%m-%d"]))
def rebuild(account: str, start: datetime, end: datetime) -> None:
    """Have the facts of these days rebuilt from calls and answers; the numbers come out the same."""
    if start > end:
        raise click.UsageError("--from lies after --to.")
    with unit_of_work() as session:
        cells = rebuild_range(session, find_account(session, account).id, start.date(), end.date())
    click.echo(f"{cells} agent-days are marked; a worker rebuilds them within seconds.")
