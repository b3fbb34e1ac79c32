"""`postcall roster`: who sat at which extension, what no entry names, and calls resolved again."""

from datetime import date, datetime
from pathlib import Path

import click

from app.cli.unit import open_sessions, unit_of_work
from app.flow.read_audit import OPERATOR
from app.flow.resolve_calls import list_unmapped, resolve_calls, wanted_calls
from app.flow.roster import Change, export_roster, replace_roster, rows_of_csv
from app.store.accounts import find_account

# between two lines of progress; each transaction moves 100 calls at most
_UNITS = 100
_SHOWN = 20
_account = click.option("--account", required=True, help="The account's name.")


@click.group()
def roster() -> None:
    """The roster: which person a platform's agent id stood for, and when."""


@roster.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_account
@click.option("--source", required=True, help="Whose roster this is, as calls name it.")
@click.option("--allow-empty", is_flag=True, help="Take the whole roster away when the file has no entry.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
def roster_import(file: Path, *, account: str, source: str, allow_empty: bool, dry_run: bool) -> None:
    """Let a source's roster be exactly what a CSV file says, or change nothing where a line is wrong."""
    with unit_of_work() as session:
        replaced = replace_roster(
            session,
            account_id=find_account(session, account).id,
            actor=OPERATOR,
            source=source,
            rows=rows_of_csv(file.read_bytes()),
            allow_empty=allow_empty,
            dry_run=dry_run,
        )
    for change in replaced.changes[:_SHOWN]:
        click.echo(_line(change))
    if len(replaced.changes) > _SHOWN:
        click.echo(f"... and {len(replaced.changes) - _SHOWN} more changes")
    would = "would be " if dry_run else ""
    counts = ", ".join(f"{count} {would}{name}" for name, count in replaced.counts.items())
    click.echo(f"Roster of {source}: {counts}.")
    if replaced.changes and not dry_run:
        click.echo("Calls stay as they are until `postcall roster resolve`.")


def _line(change: Change) -> str:
    before, after = change
    sign = "+" if before is None else "-" if after is None else "~"
    entry = after or before
    assert entry is not None  # noqa: S101 - a change has one of them
    details = " ".join(word for word in (entry.name, entry.team, entry.vendor) if word)
    return f"{sign} {entry.platform_agent_id} is {entry.agent_id}  {entry.period}  {details}".rstrip()


@roster.command("export")
@_account
@click.option("--source", help="Only this source's entries.")
def roster_export(account: str, source: str | None) -> None:
    """Write the roster as CSV, which `import` takes back exactly."""
    with unit_of_work() as session:
        account_id = find_account(session, account).id
        click.echo(export_roster(session, account_id=account_id, source=source).encode(), nl=False)


@roster.command("unmapped")
@_account
@click.option("--source", help="Only this source's.")
def roster_unmapped(account: str, source: str | None) -> None:
    """Platform agent ids that no entry named at their calls' time; what waits counts for no agent."""
    cursor, found = None, 0
    with unit_of_work() as session:
        account_id = find_account(session, account).id
        while True:
            page = list_unmapped(session, account_id=account_id, source=source, cursor=cursor, limit=100)
            for one in page.items:
                found += 1
                click.echo(
                    f"{one['source']}  {one['platform_agent_id']}  {one['name'] or '-'}"
                    f"  {one['calls']} calls, {one['answers']} answered"
                    f"  {one['first_day']} to {one['last_day']}"
                )
            cursor = page.next_cursor
            if cursor is None:
                break
    click.echo(f"{found} unmapped.")


@roster.command("resolve")
@_account
@click.option("--source", help="Only calls of this source.")
@click.option("--platform-agent-id", help="Only calls of this extension.")
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="Calls that ended from this day on.")
@click.option("--to", "end", type=click.DateTime(["%Y-%m-%d"]), help="And until this day, included.")
@click.option(
    "--restate",
    is_flag=True,
    help="Also calls that count already, and by the roster count for somebody else.",
)
def roster_resolve(
    *,
    account: str,
    source: str | None,
    platform_agent_id: str | None,
    start: datetime | None,
    end: datetime | None,
    restate: bool,
) -> None:
    """Resolve calls again by the roster as it is now; each one that moves is in the audit."""
    wanted = wanted_calls(
        source=source,
        platform_agent_id=platform_agent_id,
        start=_day(start),
        end=_day(end),
        unmapped_only=not restate,
    )
    examined = resolved = restated = 0
    cursor = None
    with open_sessions() as sessions:
        with sessions() as session:
            account_id = find_account(session, account).id
        while True:
            done = resolve_calls(
                sessions.begin,
                account_id=account_id,
                actor=OPERATOR,
                wanted=wanted,
                cursor=cursor,
                units=_UNITS,
            )
            examined += done.examined
            resolved += done.resolved
            restated += done.restated
            cursor = done.next_cursor
            if cursor is None:
                break
            click.echo(f"{examined} calls examined ...", err=True)
    click.echo(f"{examined} calls examined, {resolved} resolved, {restated} restated.")


def _day(given: datetime | None) -> date | None:
    return None if given is None else given.date()
