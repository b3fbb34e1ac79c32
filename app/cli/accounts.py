"""`postcall accounts`: the tenants."""

import click
from sqlalchemy import select

from app.cli.unit import unit_of_work
from app.flow.accounts import change_account, create_account
from app.store.accounts import Account


@click.group()
def accounts() -> None:
    """Accounts: the tenants."""


@accounts.command("create")
@click.argument("name")
@click.option("--brand", required=True, help="The name that customers read, at most 12 letters if possible.")
@click.option("--timezone", required=True, help="IANA name; calls count on the days of this zone.")
@click.option("--region", help="ISO country of numbers given without a country code, such as GB.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
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
def accounts_set(
    name: str,
    *,
    brand: str | None,
    hotline: str | None,
    targets: tuple[str, ...],
    thresholds: tuple[str, ...],
) -> None:
    """Change what customers read, and what scores are held against."""
    try:
        values = {metric: float(value) for metric, _, value in (given.partition("=") for given in targets)}
        pairs = {
            metric: [int(number) for number in numbers.split(",")]
            for metric, _, numbers in (given.partition("=") for given in thresholds)
        }
    except ValueError as error:
        raise click.UsageError("Write targets as csat=85 and thresholds as nps=30,100.") from error
    with unit_of_work() as session:
        change_account(session, name, brand=brand, hotline=hotline, targets=values, thresholds=pairs)
    click.echo(f"Account {name} changed; results show it at once, texts within seconds.")
