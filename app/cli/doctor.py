"""`postcall doctor`: is all that the service needs there, and right?"""

import json
import logging
import os

import click

from app.checkup.doctor import run_doctor
from app.checkup.finding import Finding, State

_COLOURS = {State.OK: "green", State.WARNING: "yellow", State.FAILED: "red"}


@click.command()
@click.option("--account", help="Look at this account's senders and state alone.")
@click.option("--json", "as_json", is_flag=True, help="For machines: [{check, state, found, remedy}].")
def doctor(account: str | None, *, as_json: bool) -> None:
    """Look at settings, database, clocks, broker, workers, public address, senders and sending.

    It changes nothing and sends nothing. The exit status is 1 if anything failed.
    """
    # what goes wrong is told below; libraries would tell it a second time
    logging.disable(logging.CRITICAL)
    try:
        found = run_doctor(os.environ, account)
    finally:
        logging.disable(logging.NOTSET)
    if as_json:
        click.echo(json.dumps([finding.view() for finding in found], indent=2))
    else:
        for finding in found:
            click.echo(_line(finding))
        click.echo(_sum(found))
    if any(finding.state == State.FAILED for finding in found):
        raise SystemExit(1)


def _line(finding: Finding) -> str:
    state = click.style(f"{finding.state:8}", fg=_COLOURS[finding.state])
    remedy = f"\n{'':10}-> {finding.remedy}" if finding.remedy else ""
    return f"{state}  {finding.check}: {finding.found}{remedy}"


def _sum(found: list[Finding]) -> str:
    counts = {state: sum(finding.state == state for finding in found) for state in State}
    warnings = f"{counts[State.WARNING]} warning{'' if counts[State.WARNING] == 1 else 's'}"
    return f"\n{counts[State.OK]} ok, {warnings}, {counts[State.FAILED]} failed"
