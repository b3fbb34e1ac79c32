"""`postcall consents`: who consented to be asked, and who took it back."""

from datetime import UTC, datetime
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

_at = click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]), help="When, in UTC. Default: now.")
_where = click.option("--where", help="Such as the page or form.")
_words = click.option("--words", help="What was agreed to or said, verbatim.")


@click.group()
def consents() -> None:
    """Who consented to be asked, for surveys with `consent: required`, and who took it back."""


@consents.command("add")
@account_option
@person_options
@_at
@_where
@_words
def consents_add(
    *,
    account: str,
    phone: str | None,
    email: str | None,
    ref: str | None,
    at: datetime | None,
    where: str | None,
    words: str | None,
) -> None:
    """Record a consent."""
    told = {"at": at and at.replace(tzinfo=UTC), "where": where, "words": words}
    change(account, "consent", {**named(phone, email, ref), **told})


@consents.command("withdraw")
@account_option
@person_options
@_at
@_where
@_words
def consents_withdraw(
    *,
    account: str,
    phone: str | None,
    email: str | None,
    ref: str | None,
    at: datetime | None,
    where: str | None,
    words: str | None,
) -> None:
    """Record that it was taken back: what is due to them is too, and an open survey ends."""
    told = {"at": at and at.replace(tzinfo=UTC), "where": where, "words": words}
    change(account, "withdraw", {**named(phone, email, ref), **told})


@consents.command("import")
@file_argument
@account_option
@encoding_option
@dry_run_option
def consents_import(file: Path, *, account: str, encoding: str, dry_run: bool) -> None:
    """Add a CSV file's lines: phone, email or ref, status, given_at, withdrawn_at, where and words.

    Ends with 0 when all was taken, 1 when some lines were refused. The same file again changes nothing.
    """
    import_file(file, account, Listing.CONSENTS, encoding=encoding, dry_run=dry_run)


@consents.command("export")
@account_option
def consents_export(account: str) -> None:
    """Write the list as CSV, which `import` takes back."""
    export_file(account, Listing.CONSENTS)
