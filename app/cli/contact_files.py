"""What the commands of the suppression and consent lists share: a file goes in or out, a person is named."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click

from app.cli.import_columns import wrong_columns
from app.cli.import_lines import CsvLines, Pieces, encoding_of
from app.cli.unit import open_sessions
from app.db import run_unit
from app.domain.contact_table import Row
from app.domain.csv_table import unguarded
from app.flow.contact_files import COLUMNS, take_file, write_file
from app.flow.contact_lists import Changed, change_one
from app.flow.read_audit import OPERATOR
from app.store.accounts import find_account
from app.store.contact_lists import Listing

_SOME_REFUSED = 1
_SHOWN = 20

account_option = click.option("--account", required=True, help="The account's name.")
file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")


def person_options(command: Callable[..., None]) -> Callable[..., None]:
    """--phone, --email or --ref: exactly one of them, see `named`."""
    for by, such in (("ref", "The client's own ref of a customer."), ("email", None), ("phone", None)):
        command = click.option(f"--{by}", by, help=such)(command)
    return command


def named(phone: str | None, email: str | None, ref: str | None) -> dict[str, str]:
    given = {by: value for by, value in (("phone", phone), ("email", email), ("ref", ref)) if value}
    if len(given) != 1:
        raise click.UsageError("Name one person: --phone, --email or --ref.")
    ((by, value),) = given.items()
    return {"by": by, "value": value}


def change(account: str, action: str, told: dict[str, Any]) -> None:
    """Of one person; says what came of it."""
    with open_sessions() as sessions:
        with sessions() as session:
            account_id = find_account(session, account).id
        changed: Changed = run_unit(
            sessions, change_one, account_id, action, told, how="command", actor=OPERATOR
        )
    click.echo(_counts(changed))


def _counts(changed: Changed, would: str = "") -> str:
    return (
        f"{changed.changed} {would}changed, {changed.unchanged} so already, {changed.surveys_ended} open surveys"
        f" {would or 'were '}ended."
    )


def import_file(file: Path, account: str, listing: Listing, *, encoding: str, dry_run: bool) -> None:
    """Each line by itself: wrong ones are told and hold up no other. Ends with 1 where some were refused."""
    with file.open("rb") as content, open_sessions() as sessions:
        with sessions() as session:
            account_id = find_account(session, account).id
        lines = CsvLines(Pieces(content), encoding_of(encoding))
        if wrong := wrong_columns(lines.columns, COLUMNS[listing], ()):
            raise click.ClickException(wrong)
        taken = take_file(
            partial(run_unit, sessions),
            account_id,
            listing,
            _rows(lines),
            actor=OPERATOR,
            dry_run=dry_run,
        )
    for line, problem in taken.problems[:_SHOWN]:
        click.echo(f"Line {line}: {problem}", err=True)
    if taken.refused > _SHOWN:
        click.echo(f"... and {taken.refused - _SHOWN} more lines", err=True)
    click.echo(
        f"{taken.lines:,} lines, {taken.refused:,} refused. {_counts(taken, 'would be ' if dry_run else '')}"
    )
    sys.exit(_SOME_REFUSED if taken.refused else 0)


def _rows(lines: CsvLines) -> Iterator[tuple[int, Row | str]]:
    for line in lines:
        row = {column: unguarded(cell) for column, cell in line.record.items()}
        yield line.number, line.problem or row


def export_file(account: str, listing: Listing) -> None:
    with open_sessions() as sessions:
        with sessions() as session:
            account_id = find_account(session, account).id
        for part in write_file(partial(run_unit, sessions), account_id, listing):
            click.echo(part.encode(), nl=False)
