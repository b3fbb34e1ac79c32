"""`postcall calls`: what an operator decides about a call."""

import click

from app.cli.unit import unit_of_work
from app.errors import NotFound
from app.flow.find_story import find_meant
from app.flow.read_audit import OPERATOR
from app.flow.reattribute import Decision, NamedAgent, reattribute


@click.group()
def calls() -> None:
    """Calls, and for whom they count."""


@calls.command("reattribute")
@click.argument("call_id")
@click.option("--account", required=True, help="The account's name.")
@click.option("--source", help="The platform that reported the call.")
@click.option(
    "--handler",
    type=click.IntRange(min=1),
    help="One of the call's handlers, by the number that `postcall why` shows.",
)
@click.option("--agent", help="Somebody else, by the id that results have.")
@click.option("--by-rule", is_flag=True, help="Take a decision back: as before anybody's.")
@click.option("--reason", required=True, help="Why, for the audit; nothing of the customer's.")
def calls_reattribute(
    *,
    call_id: str,
    account: str,
    source: str | None,
    handler: int | None,
    agent: str | None,
    by_rule: bool,
    reason: str,
) -> None:
    """Decide for whom a call counts. Results are restated, and it is in the audit.

    CALL_ID is the platform's id of the call, or our id of the call or of its invitation.
    """
    if [handler is None, agent is None, not by_rule].count(False) != 1:
        raise click.UsageError("Give one of --handler, --agent and --by-rule.")
    with unit_of_work() as session:
        meant = find_meant(session, call_id, account=account, source=source)
        if len(meant) > 1:
            raise click.UsageError("Several calls have this id; name its --source.")
        if not meant:
            raise NotFound(f"No call {call_id} in account {account}")
        call = reattribute(
            session,
            account_id=meant[0].account_id,
            actor=OPERATOR,
            call_id=meant[0].call_id,
            decision=Decision(reason, NamedAgent(agent) if agent else None, handler),
        )
    counts = call["agent"]["id"] if call["agent"] else "nobody as yet: the roster does not know them"
    click.echo(f"Call {call['call_id']} of {call['source']} counts for {counts}.")
