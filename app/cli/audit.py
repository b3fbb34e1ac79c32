"""`postcall audit`: who changed what."""

import json

import click

from app.cli.unit import unit_of_work
from app.flow.read_audit import read_audit
from app.store.accounts import find_account


@click.command()
@click.option("--account", required=True, help="The account's name.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many.")
def audit(account: str, limit: int) -> None:
    """What people changed, the newest first: one JSON object a line."""
    with unit_of_work() as session:
        account_id = find_account(session, account).id
        page = read_audit(session, account_id=account_id, cursor=None, limit=limit)
    for item in page.items:
        click.echo(json.dumps(item, ensure_ascii=False))
