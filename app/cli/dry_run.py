"""`postcall dry-run`: a queue or a source is tried before its customers are asked."""

from collections.abc import Callable

import click

from app.cli.unit import unit_of_work
from app.flow.dry_runs import dry_runs, start_dry_run, stop_dry_run

_ACTOR = "operator"


@click.group("dry-run")
def dry_run() -> None:
    """Dry runs: calls are decided on and logged, and nobody is asked."""


def _of_an_account(command: Callable[..., None]) -> Callable[..., None]:
    """The options that name what is tried."""
    for option in (
        click.option("--source", help="The reporting platform's name, as `source` in its calls."),
        click.option("--queue", help="A queue, as `queue` in its calls."),
        click.option("--account", required=True, help="The account's name."),
    ):
        command = option(command)
    return command


def _tried(queue: str | None, source: str | None) -> tuple[str, str]:
    if queue and not source:
        return "queue", queue
    if source and not queue:
        return "source", source
    raise click.UsageError("Name one queue with --queue, or one source with --source.")


@dry_run.command("start")
@_of_an_account
def dry_run_start(account: str, queue: str | None, source: str | None) -> None:
    """Ask nobody after calls of this queue or source; all else goes on as usual."""
    kind, name = _tried(queue, source)
    with unit_of_work() as session:
        start_dry_run(session, account, kind, name, actor=_ACTOR)
    click.echo(
        f"Within 2 seconds nobody is asked after calls of the {kind} {name}: they are skipped as dry_run, and"
        " `postcall why CALL_ID` shows what would have been sent. What was scheduled before still goes out."
    )


@dry_run.command("stop")
@_of_an_account
def dry_run_stop(account: str, queue: str | None, source: str | None) -> None:
    """Ask again from the next call on; calls of the dry run stay unasked."""
    kind, name = _tried(queue, source)
    with unit_of_work() as session:
        stop_dry_run(session, account, kind, name, actor=_ACTOR)
    click.echo(f"From within 2 seconds customers are asked after calls of the {kind} {name}.")


@dry_run.command("list")
@click.option("--account", required=True, help="The account's name.")
def dry_run_list(account: str) -> None:
    """What the account only tries."""
    with unit_of_work() as session:
        for one in dry_runs(session, account):
            click.echo(f"{one['kind']:6}  {one['name']}  since {one['since']:%Y-%m-%d %H:%M} UTC")
