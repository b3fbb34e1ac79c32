"""`postcall sampling`: the rates that a survey's quota has made, for operators. Agents are never to see them."""

from datetime import datetime

import click

from app.cli.unit import unit_of_work
from app.errors import NotFound
from app.flow.asking import SURVEY_KEY
from app.flow.set_rates import quota_of, read_rates, set_rates
from app.store.accounts import find_account

_account = click.option("--account", required=True, help="The account's name.")


@click.group()
def sampling() -> None:
    """Sampling by quota: each agent's rate of a week, and the figures that it was made from."""


@sampling.command("show")
@_account
@click.option("--agent", "agent_id", help="Only this agent's.")
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), help="Of the week of this day; left out: of today's."
)
def sampling_show(account: str, agent_id: str | None, day: datetime | None) -> None:
    """Show a week's rates: the account's own first, for calls of no agent and of agents who are new."""
    with unit_of_work() as session:
        rates = read_rates(
            session,
            account_id=find_account(session, account).id,
            survey=SURVEY_KEY,
            day=None if day is None else day.date(),
            agent_id=agent_id,
        )
        if not rates:
            raise NotFound("There are no rates of that week: has the survey a quota_per_month?")
        click.echo(f"Week from {rates[0].first_day}, made {rates[0].made_at:%Y-%m-%d %H:%M} UTC:")
        for rate in rates:
            figures = ", ".join(f"{name} {figure}" for name, figure in sorted(rate.basis.items()))
            click.echo(f"{rate.probability:6.4f}  {rate.agent_id or '(the account)'}  {figures}")


@sampling.command("make")
@_account
def sampling_make(account: str) -> None:
    """Make this week's rates now, if there are none: a worker does it within minutes."""
    with unit_of_work() as session:
        made = set_rates(session, quota_of(session, find_account(session, account).id, SURVEY_KEY))
    click.echo(f"{made} rates made." if made else "No rates made: they are there, or the facts are behind.")
