"""`postcall numbers`: numbers that are no customer's."""

from collections.abc import Callable
from pathlib import Path

import click

from app.cli.unit import unit_of_work
from app.domain.listed_number import KINDS
from app.flow.listed_numbers import (
    add_number,
    export_numbers,
    import_numbers,
    read_numbers,
    remove_number_named,
)
from app.flow.read_audit import OPERATOR
from app.store.accounts import find_account

_AT_ONCE = 500
_account = click.option("--account", required=True, help="The account's name.")
_kind: Callable[..., Callable[..., None]] = click.option(
    "--as", "kind", type=click.Choice(KINDS), help="internal, test, or agent: an agent's own telephone."
)


@click.group()
def numbers() -> None:
    """Listed numbers: a company's own, those it tests with, its agents' own telephones."""


@numbers.command("add")
@click.argument("number")
@_account
@click.option(
    "--as", "kind", required=True, type=click.Choice(KINDS), help="What it is, in place of a customer's."
)
@click.option("--agent", help="Whose it is, where it is an agent's.")
def numbers_add(number: str, *, account: str, kind: str, agent: str | None) -> None:
    """List a number, a range (+4420794600*) or an extension (1234).

    internal: nobody is asked. test: asked as usual, and in no figure. agent: nobody is asked, and its calls are
    flagged, those that are there already too.
    """
    row = {"number": number, "listed_as": kind, "agent_id": agent}
    with unit_of_work() as session:
        account_id = find_account(session, account).id
        _, changed = add_number(session, account_id=account_id, actor=OPERATOR, row=row)
    click.echo(f"Listed as {kind}, from within 2 seconds on." if changed else f"Listed as {kind} already.")


@numbers.command("remove")
@click.argument("number")
@_account
def numbers_remove(number: str, account: str) -> None:
    """Take a number, range or extension off the list: who calls from it is a customer again."""
    with unit_of_work() as session:
        account_id = find_account(session, account).id
        remove_number_named(session, account_id=account_id, actor=OPERATOR, number=number)
    click.echo("No longer listed.")


@numbers.command("list")
@_account
@_kind
def numbers_list(account: str, kind: str | None) -> None:
    """What is listed, by whom and since when."""
    cursor = None
    with unit_of_work() as session:
        account_id = find_account(session, account).id
        while True:
            page = read_numbers(session, account_id=account_id, kind=kind, cursor=cursor, limit=_AT_ONCE)
            for one in page.items:
                whose = f" {one['agent_id']}" if one["agent_id"] else ""
                click.echo(
                    f"{one['number']:20}  {one['listed_as']}{whose}  {one['listed_at']}  {one['listed_by']}"
                )
            cursor = page.next_cursor
            if cursor is None:
                break


@numbers.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_account
def numbers_import(file: Path, account: str) -> None:
    """List all numbers of a CSV file (number, listed_as, agent_id), or none where a line is wrong."""
    with unit_of_work() as session:
        account_id = find_account(session, account).id
        counts = import_numbers(session, account_id=account_id, actor=OPERATOR, data=file.read_bytes())
    click.echo(f"{counts['changed']} listed, {counts['unchanged']} were so already.")


@numbers.command("export")
@_account
@_kind
def numbers_export(account: str, kind: str | None) -> None:
    """Write the list as CSV, which `import` takes back."""
    with unit_of_work() as session:
        account_id = find_account(session, account).id
        click.echo(export_numbers(session, account_id=account_id, kind=kind).encode(), nl=False)
