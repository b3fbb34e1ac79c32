"""`postcall customers`: what is proved about a person, and mail that may go to them again."""

import json

import click

from app.cli.contact_files import account_option, change, named, person_options
from app.cli.unit import unit_of_work
from app.flow.read_audit import OPERATOR
from app.flow.read_proof import read_proof
from app.store.accounts import find_account


@click.group()
def customers() -> None:
    """What a person allows, and the proof of it."""


@customers.command("proof")
@account_option
@person_options
def customers_proof(account: str, phone: str | None, email: str | None, ref: str | None) -> None:
    """Show when, how and in which words a person said no, consented, or was listed: a line of JSON for each."""
    with unit_of_work() as session:
        account_id = find_account(session, account).id
        proof = read_proof(session, account_id=account_id, actor=OPERATOR, **named(phone, email, ref))
    for contact in proof["contacts"]:
        changes = contact.pop("changes")
        click.echo(json.dumps(contact, ensure_ascii=False))
        for one in changes:
            click.echo(f"  {json.dumps(one, ensure_ascii=False)}")
    click.echo(f"{len(proof['contacts'])} addresses and customers.")


@customers.command("lift-undeliverable")
@account_option
@person_options
@click.option("--reason", help="Kept with the proof.")
def customers_lift(
    account: str, phone: str | None, email: str | None, ref: str | None, reason: str | None
) -> None:
    """Let mail go again to an address from which it came back for good."""
    change(account, "lift", {**named(phone, email, ref), "reason": reason})
