"""`postcall why`: what happened to a call, and what comes next."""

import click

from app.cli.unit import unit_of_work
from app.flow.find_story import find_meant, where_else
from app.flow.tell_call import Story, tell_call


@click.command()
@click.argument("call_id")
@click.option("--account", help="The account's name; without it, all are looked through.")
@click.option("--source", help="The platform that reported the call.")
@click.option("--verbatims", is_flag=True, help="Show the customer's own words too.")
def why(call_id: str, account: str | None, source: str | None, *, verbatims: bool) -> None:
    """Tell the story of a call: why its customer was asked or not, what was sent, what comes next.

    CALL_ID is the platform's id of the call, or our id of the call or of its invitation.
    """
    with unit_of_work() as session:
        meant = find_meant(session, call_id, account=account, source=source)
        if not meant:
            places = "\n".join(f"  {place}" for place in where_else(session, account=account))
            raise click.ClickException(
                f"No call {call_id}{f' of source {source}' if source else ''}"
                f" in {f'account {account}' if account else 'any account'}: it was never reported, or under another"
                f" id, source or account. Sources that have reported calls:\n{places}"
            )
        if len(meant) > 1:
            click.echo("Several calls have this id; name one with --account and --source:")
            for one in meant:
                click.echo(f"  {one.words}")
            raise SystemExit(1)
        _tell(tell_call(session, meant[0].account_id, meant[0].call_id, verbatims=verbatims))


def _tell(story: Story) -> None:
    click.echo(f"{story.title}\nTimes are those of {story.timezone}.\n")
    for at, words, details in story.told:
        click.echo(f"{at:%Y-%m-%d %H:%M:%S}  {words}")
        for detail in details:
            click.echo(f"{'':21}  {detail}")
    click.echo(f"\nResults: {story.counted}.")
    click.echo("Now:")
    for line in story.now:
        click.echo(f"  {line}")
