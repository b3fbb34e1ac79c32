"""`postcall keys`: who may ask the API, and for what."""

import click

from app.cli.unit import unit_of_work
from app.flow.accounts import SCOPES, create_key, list_keys, revoke_key


@click.group()
def keys() -> None:
    """API keys: scoped, revocable, shown once."""


@keys.command("create")
@click.option("--account", required=True, help="The account's name.")
@click.option("--name", required=True, help="What the key is for.")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(list(SCOPES)))
@click.option("--agent", "agent_id", help="The agent whose results a results:self key may see.")
def keys_create(account: str, name: str, scopes: tuple[str, ...], agent_id: str | None) -> None:
    """Make a key and show it this once."""
    with unit_of_work() as session:
        text = create_key(session, account_name=account, name=name, scopes=list(scopes), agent_id=agent_id)
    click.echo(text)


@keys.command("list")
@click.option("--account", required=True, help="The account's name.")
def keys_list(account: str) -> None:
    """An account's keys, without their secrets."""
    with unit_of_work() as session:
        for key in list_keys(session, account):
            state = f"revoked {key['revoked_at']:%Y-%m-%d}" if key["revoked_at"] else "in force"
            agent = f" agent={key['agent_id']}" if key["agent_id"] else ""
            click.echo(f"{key['prefix']}  {key['name']}  {' '.join(key['scopes'])}{agent}  {state}")


@keys.command("revoke")
@click.argument("prefix")
@click.option("--account", required=True, help="The account's name.")
def keys_revoke(prefix: str, account: str) -> None:
    """End a key, named by its first characters as `keys list` shows them."""
    with unit_of_work() as session:
        revoke_key(session, account, prefix)
    click.echo("Revoked; it opens nothing within 5 seconds.")
