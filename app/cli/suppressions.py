"""`postcall suppressions`: whom the account does not contact."""

from pathlib import Path

import click

from app.cli.contact_files import (
    account_option,
    change,
    dry_run_option,
    export_file,
    file_argument,
    import_file,
    named,
    person_options,
)
from app.cli.import_lines import encoding_option
from app.store.contact_lists import Listing

_reason = click.option("--reason", help="Kept with the proof; no name and no address belongs in it.")


@click.group()
def suppressions() -> None:
    """Whom the account does not contact, whatever they say themselves."""


@suppressions.command("add")
@account_option
@person_options
@_reason
def suppressions_add(
    account: str, phone: str | None, email: str | None, ref: str | None, reason: str | None
) -> None:
    """Contact somebody no more: what is due to them is taken back, and an open survey ends."""
    change(account, "suppress", {**named(phone, email, ref), "reason": reason})


@suppressions.command("remove")
@account_option
@person_options
@_reason
def suppressions_remove(
    account: str, phone: str | None, email: str | None, ref: str | None, reason: str | None
) -> None:
    """Take somebody off the list; what they said themselves stays."""
    change(account, "unsuppress", {**named(phone, email, ref), "reason": reason})


@suppressions.command("import")
@file_argument
@account_option
@encoding_option
@dry_run_option
def suppressions_import(file: Path, *, account: str, encoding: str, dry_run: bool) -> None:
    """Add a CSV file's lines: phone, email or ref, and reason.

    Ends with 0 when all was taken, 1 when some lines were refused. The same file again changes nothing.
    """
    import_file(file, account, Listing.SUPPRESSIONS, encoding=encoding, dry_run=dry_run)


@suppressions.command("export")
@account_option
def suppressions_export(account: str) -> None:
    """Write the list as CSV, which `import` takes back."""
    export_file(account, Listing.SUPPRESSIONS)
