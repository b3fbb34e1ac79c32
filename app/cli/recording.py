"""`postcall recording`: a spoken comment, to be listened to."""

from pathlib import Path

import click

from app.cli.unit import unit_of_work
from app.errors import Conflict, NotFound
from app.flow.find_story import find_meant
from app.flow.hear_recording import hear_recording


@click.command()
@click.argument("call_id")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--account", help="The account's name; without it, all are looked through.")
@click.option("--source", help="The platform that reported the call.")
def recording(call_id: str, file: Path, account: str | None, source: str | None) -> None:
    """Write the spoken comment of a call's survey to FILE (WAV), where its audio is kept.

    CALL_ID is the platform's id of the call, or our id of the call or of its invitation. It is audited.
    """
    with unit_of_work() as session:
        meant = find_meant(session, call_id, account=account, source=source)
        if not meant:
            raise NotFound(f"No call {call_id} is known.")
        if len(meant) > 1:
            raise Conflict("Several calls have this id; name one with --account and --source.")
        file.write_bytes(hear_recording(session, meant[0].account_id, meant[0].call_id, "operator"))
    click.echo(f"Written to {file}.")
