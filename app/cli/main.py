"""The command `postcall`: what an operator does at a shell. `postcall --help` lists it."""

import click
from sqlalchemy.exc import OperationalError

from app.cli.accounts import accounts
from app.cli.asterisk_bridge import asterisk_bridge
from app.cli.audit import audit
from app.cli.calls import calls
from app.cli.connections import connections
from app.cli.consents import consents
from app.cli.customers import customers
from app.cli.database import migrate, rebuild
from app.cli.doctor import doctor
from app.cli.dry_run import dry_run
from app.cli.exclusions import exclusions
from app.cli.imports import imports
from app.cli.keys import keys
from app.cli.mail_senders import senders_add_mail, senders_mail_password, senders_mail_secret
from app.cli.messages import messages
from app.cli.numbers import numbers
from app.cli.recording import recording
from app.cli.replay import replay
from app.cli.roster import roster
from app.cli.sampling import sampling
from app.cli.send_test import send_test_command
from app.cli.senders import pause, resume, senders
from app.cli.suppressions import suppressions
from app.cli.why import why
from app.errors import Invalid, PostcallError


@click.group()
def postcall() -> None:
    """Post-call surveys: never silently lost, never automatically doubled, scored honestly."""


for command in (senders_add_mail, senders_mail_password, senders_mail_secret):
    senders.add_command(command)
for command in (
    migrate,
    accounts,
    keys,
    senders,
    calls,
    connections,
    asterisk_bridge,
    replay,
    pause,
    resume,
    doctor,
    why,
    dry_run,
    exclusions,
    numbers,
    messages,
    recording,
    send_test_command,
    imports,
    roster,
    suppressions,
    consents,
    customers,
    sampling,
    audit,
    rebuild,
):
    postcall.add_command(command)


def main() -> None:
    """Runs the command; an error of ours is one line, not a traceback."""
    try:
        postcall()
    except Invalid as error:
        fields = "; ".join(f"{field} {problem}" for field, problem in error.fields.items())
        raise SystemExit(f"postcall: {error} {fields}".strip()) from error
    except PostcallError as error:
        raise SystemExit(f"postcall: {error}") from error
    except OperationalError as error:
        raise SystemExit(f"postcall: the database can't be used: {error.orig}") from error
