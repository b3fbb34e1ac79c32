"""A queue or a source is tried first: its calls are decided on as usual, and nobody is asked."""

from typing import Any

from sqlalchemy.orm import Session

from app.errors import Conflict, NotFound
from app.store.accounts import find_account
from app.store.audit import add_audit
from app.store.dry_runs import add_dry_run, list_dry_runs, remove_dry_run


def start_dry_run(session: Session, account_name: str, kind: str, name: str, *, actor: str) -> None:
    """`kind`: queue or source. Raises NotFound, and Conflict where it is one already."""
    account_id = find_account(session, account_name).id
    if not add_dry_run(session, account_id, kind, name):
        raise Conflict(f"The {kind} {name!r} is only tried already.")
    add_audit(session, account_id, actor, "dry_run.start", kind=kind, name=name)


def stop_dry_run(session: Session, account_name: str, kind: str, name: str, *, actor: str) -> None:
    """Raises NotFound."""
    account_id = find_account(session, account_name).id
    if not remove_dry_run(session, account_id, kind, name):
        raise NotFound(f"The {kind} {name!r} is no dry run.")
    add_audit(session, account_id, actor, "dry_run.stop", kind=kind, name=name)


def dry_runs(session: Session, account_name: str) -> list[dict[str, Any]]:
    """[{kind, name, since}], raises NotFound."""
    found = list_dry_runs(session, find_account(session, account_name).id)
    return [{"kind": one.kind, "name": one.name, "since": one.since} for one in found]
