"""`postcall exclusions`: an outage is left out for everyone at once."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import click

from app.cli.unit import open_sessions, unit_of_work
from app.domain.roster import start_of
from app.domain.roster_table import read_moment
from app.flow.exclusions import add_exclusion, apply_exclusion, end_exclusion, read_exclusions
from app.flow.read_audit import OPERATOR
from app.store.accounts import find_account

_SHOWN = 100
# of two hundred surveys each
_STEPS = 10_000
_account = click.option("--account", required=True, help="The account's name.")


class _Moment(click.ParamType[date | datetime]):
    name = "moment"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> date | datetime:
        try:
            return read_moment(value)
        except ValueError as error:
            self.fail(f"{value!r} {error}", param, ctx)


@click.group()
def exclusions() -> None:
    """Exclusions: when nobody is asked, whoever took the call, for an outage."""


@exclusions.command("add")
@_account
@click.option(
    "--from", "start", required=True, type=_Moment(), help="From when, such as 2026-03-02T09:00-05:00."
)
@click.option("--to", "end", required=True, type=_Moment(), help="Until when, not included; at most 31 days.")
@click.option("--queue", "queues", multiple=True, help="A queue, or how it begins (sales-*); none: all.")
@click.option("--reason", required=True, help="What happened, for whoever asks later.")
def exclusions_add(
    *, account: str, start: date | datetime, end: date | datetime, queues: tuple[str, ...], reason: str
) -> None:
    """Ask nobody after the calls of a time, and take back what is scheduled and has not been sent."""
    with open_sessions() as sessions:
        with sessions.begin() as session:
            found = find_account(session, account)
            account_id, zone = found.id, ZoneInfo(found.timezone)
            made, _ = add_exclusion(
                session,
                account_id=account_id,
                actor=OPERATOR,
                start=start_of(start, zone),
                end=start_of(end, zone),
                queues=queues,
                reason=reason,
            )
        done = apply_exclusion(sessions.begin, account_id, made, steps=_STEPS)
    click.echo(
        f"Exclusion {made}: from within 2 seconds on, calls of that time are skipped as excluded."
        f" {done.taken_back} surveys that waited to be sent are taken back; what was sent stays sent, and counts."
    )


@exclusions.command("list")
@_account
def exclusions_list(account: str) -> None:
    """The last hundred, the last made first."""
    with unit_of_work() as session:
        account_id = find_account(session, account).id
        page = read_exclusions(session, account_id=account_id, cursor=None, limit=_SHOWN)
    for one in page.items:
        ended = f", ended early at {one['ended_at']} by {one['ended_by']}" if one["ended_at"] else ""
        queues = ", ".join(one["queues"]) or "all queues"
        click.echo(
            f"{one['id']}  {one['status']:8}  {one['from']} to {one['to']}  {queues}"
            f"  {one['taken_back']} taken back  {one['reason']} ({one['made_by']}){ended}"
        )


@exclusions.command("end")
@click.argument("exclusion_id", type=click.UUID)
@_account
def exclusions_end(exclusion_id: UUID, account: str) -> None:
    """Ask again after calls from now on; what was left out stays so."""
    with unit_of_work() as session:
        account_id = find_account(session, account).id
        ended = end_exclusion(session, account_id=account_id, actor=OPERATOR, exclusion_id=exclusion_id)
    click.echo(
        f"Exclusion {exclusion_id} is {ended['status']}: customers are asked from within 2 seconds on."
    )
