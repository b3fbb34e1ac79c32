"""`postcall accounts`: the tenants."""

from functools import partial

import click
from sqlalchemy import select

from app.cli.unit import open_sessions, unit_of_work
from app.db import run_unit
from app.flow.accounts import change_account, create_account
from app.flow.keep_holidays import keep_holidays
from app.flow.retention import set_retention
from app.store.accounts import Account, find_account
from app.wording.languages import LANGUAGES


@click.group()
def accounts() -> None:
    """Accounts: the tenants."""


@accounts.command("create")
@click.argument("name")
@click.option("--brand", required=True, help="The name that customers read, at most 12 letters if possible.")
@click.option("--timezone", required=True, help="IANA name; calls count on the days of this zone.")
@click.option("--region", help="ISO country of numbers given without a country code, such as GB.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--hotline", help="Where customers who need help are sent.")
def accounts_create(
    name: str, *, brand: str, timezone: str, region: str | None, language: str, hotline: str | None
) -> None:
    """Make an account with the default survey."""
    with unit_of_work() as session:
        account_id = create_account(
            session,
            name=name,
            brand=brand,
            timezone=timezone,
            region=region,
            language=language,
            hotline=hotline,
        )
    click.echo(f"Account {name} made: {account_id}")


@accounts.command("list")
def accounts_list() -> None:
    """Every account."""
    with unit_of_work() as session:
        for account in session.scalars(select(Account).order_by(Account.name)):
            click.echo(f"{account.id}  {account.name}  {account.brand}  {account.timezone}")


@accounts.command("set")
@click.argument("name")
@click.option("--brand", help="The name that customers read.")
@click.option("--hotline", help="Where customers who need help are sent.")
@click.option("--privacy-url", help='Where customers read what becomes of their answers; "" for none.')
@click.option(
    "--target", "targets", multiple=True, metavar="METRIC=VALUE", help="Such as csat=85; repeatable."
)
@click.option(
    "--threshold",
    "thresholds",
    multiple=True,
    metavar="METRIC=N,N",
    help="Answers from which a score is indicative and reportable, such as nps=30,100; repeatable.",
)
@click.option("--countries", help='Where texts and calls may go, such as GB,IE; "" for everywhere.')
@click.option("--daily-cap", type=int, help="Surveys begun by text or call in a day; 0 for no cap.")
@click.option("--daily-cap-per-range", type=int, help="The same to ten thousand neighbouring numbers.")
@click.option(
    "--holidays",
    help="Days on which nobody is asked: 2026-12-25, 12-25 for each year, GB:12-26 for numbers of one country; all"
    ' of them, separated by commas; "" for none.',
)
@click.option(
    "--keep",
    "kept",
    multiple=True,
    metavar="KIND=DAYS",
    help="How long verbatims, recordings, contacts and reports are kept: contacts=365, or =forever; repeatable.",
)
def accounts_set(
    name: str,
    *,
    brand: str | None,
    hotline: str | None,
    privacy_url: str | None,
    targets: tuple[str, ...],
    thresholds: tuple[str, ...],
    countries: str | None,
    daily_cap: int | None,
    daily_cap_per_range: int | None,
    holidays: str | None,
    kept: tuple[str, ...],
) -> None:
    """Change what customers read, and what scores are held against."""
    try:
        values = {metric: float(value) for metric, _, value in (given.partition("=") for given in targets)}
        pairs = {
            metric: [int(number) for number in numbers.split(",")]
            for metric, _, numbers in (given.partition("=") for given in thresholds)
        }
        days = {
            kind: None if number == "forever" else int(number)
            for kind, _, number in (given.partition("=") for given in kept)
        }
    except ValueError as error:
        raise click.UsageError(
            "Write targets as csat=85, thresholds as nps=30,100 and what is kept as contacts=365."
        ) from error
    listed = (
        None if countries is None else [one.strip().upper() for one in countries.split(",") if one.strip()]
    )
    closed = None if holidays is None else [one for one in holidays.split(",") if one.strip()]
    limits = {"countries": listed, "daily_cap": daily_cap, "daily_cap_per_range": daily_cap_per_range}
    with unit_of_work() as session:
        change_account(
            session,
            name,
            brand=brand,
            hotline=hotline,
            privacy_url=privacy_url,
            targets=values,
            thresholds=pairs,
            limits={name: value for name, value in limits.items() if value is not None},
            holidays=closed,
        )
        set_retention(session, name, days)
    if closed:
        with open_sessions() as sessions:
            with sessions() as session:
                account_id = find_account(session, name).id
            if moved := keep_holidays(partial(run_unit, sessions), account_id):
                click.echo(f"{moved} messages that waited were put to another day, or have ended.")
    click.echo(f"Account {name} changed; results show it at once, texts within seconds.")
