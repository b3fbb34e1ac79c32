"""Connections as their owners make, change and look at them."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid, NotFound
from app.flow.pages import Page, position
from app.flow.read_audit import OPERATOR
from app.flow.views import iso
from app.platforms.face import Platform
from app.platforms.fields import ATTRIBUTE, READS
from app.platforms.registry import PLATFORMS
from app.signatures.standard_webhooks import is_secret
from app.store.audit import add_audit
from app.store.connection_events import ConnectionEvent, content_of, event_of, last_events
from app.store.connections import (
    Connection,
    add_connection,
    get_connection,
    list_connections,
    lock_connection,
    put_secret,
    secrets_of,
)

# what of a connection's settings may be set, each as `app.flow.take_event.dialect_of` reads it
SETTINGS = ("fields", "only", "default_country", "default_language", "default_direction", "test")
EVENTS_SHOWN = 50
MAPPED = (*READS, "tags")
_PLACE = re.compile(r"[^\s\x00-\x1f][^\x00-\x1f]{0,199}")
_SECRET = re.compile(r"[!-~]{8,500}")
_MOST_PLACES, _MOST_VALUES = 60, 50


def create_connection(
    session: Session,
    *,
    account_id: UUID,
    actor: str,
    platform: str,
    name: str,
    source: str | None = None,
    secret: str | None = None,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """The connection as it is shown, with `secret` where we have made it: this once. Raises Invalid, Conflict."""
    kind = _platform(platform)
    problems = _settings_problems(settings)
    if secret is not None and not _fits(kind, secret):
        problems["secret"] = "is no secret of this platform's"
    if problems:
        raise Invalid("The connection can't be made like this.", problems)
    made = secret or _made(kind)
    kept = {key: value for key, value in settings.items() if value is not None}
    row = add_connection(
        session, account_id, platform=platform, name=name, source=source, settings=kept, secret=made
    )
    if row is None:
        raise Conflict(f"There is a connection {name!r} already")
    add_audit(session, account_id, actor, "connection.added", connection_id=str(row.id), **_named(row))
    return {**connection_view(session, row), **({"secret": made} if secret is None and made else {})}


def change_connection(
    session: Session, *, account_id: UUID, actor: str, connection_id: UUID, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """`changes`: name, source, active, and of SETTINGS, each whole; null takes one away.

    Raises NotFound, Invalid, Conflict.
    """
    row = lock_connection(session, account_id, connection_id)
    before = {**_named(row), "active": row.is_active, "settings": row.settings}
    given = {name: value for name, value in changes.items() if name in SETTINGS}
    if problems := _settings_problems(given):
        raise Invalid("The connection can't be changed like this.", problems)
    row.settings = {k: v for k, v in {**row.settings, **given}.items() if v is not None}
    row.name = changes.get("name", row.name)
    row.source = changes.get("source", row.source)
    row.is_active = changes.get("active", row.is_active)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"There is a connection {changes.get('name')!r} already") from error
    after = {**_named(row), "active": row.is_active, "settings": row.settings}
    if before != after:
        _audit(session, row, actor, "connection.changed", before=before, after=after)
    return connection_view(session, row)


def rotate_connection(
    session: Session, *, account_id: UUID, actor: str, connection_id: UUID, secret: str | None
) -> dict[str, Any]:
    """A new secret; the one before it is still believed until the next time. {"secret"} where we have made it.

    `secret`: the platform's own, where that makes it. Raises NotFound, Invalid.
    """
    row = lock_connection(session, account_id, connection_id)
    kind = _platform(row.platform)
    if secret is not None and not _fits(kind, secret):
        raise Invalid("The secret can't be taken.", {"secret": "is no secret of this platform's"})
    new = secret or _made(kind)
    if new is None:
        raise Invalid("The secret is the platform's.", {"secret": f"is made by {kind.title}: send it"})
    put_secret(session, row, new)
    _audit(session, row, actor, "connection.secret_changed")
    session.flush()
    return {**connection_view(session, row), **({"secret": new} if secret is None else {})}


def end_connection(session: Session, *, account_id: UUID, actor: str, connection_id: UUID) -> None:
    """Nothing comes in by it any more; what came stays. Raises NotFound."""
    row = lock_connection(session, account_id, connection_id)
    if row.is_active:
        row.is_active = False
        _audit(session, row, actor, "connection.ended")


def read_connection(session: Session, *, account_id: UUID, connection_id: UUID) -> dict[str, Any]:
    """With its last events, the newest first. Raises NotFound."""
    row = get_connection(session, account_id, connection_id)
    events = last_events(session, account_id, connection_id, EVENTS_SHOWN)
    return {**connection_view(session, row), "events": [event_view(event) for event in events]}


def read_connections(session: Session, *, account_id: UUID, cursor: list[Any] | None, limit: int) -> Page:
    """The oldest first. Raises Invalid for others' cursors."""
    after = None if cursor is None else position(cursor, UUID)[0]
    rows = list_connections(session, account_id, after=after, limit=limit + 1)
    shown = rows[:limit]
    end = [str(shown[-1].id)] if shown else cursor
    return Page([connection_view(session, row) for row in shown], end if len(rows) > limit else None, end)


def read_content(session: Session, row: Connection, event_id: UUID) -> str:
    """What came with an event, as it came. Raises NotFound."""
    content = content_of(session, event_of(session, row, event_id))
    if not content:
        raise NotFound("Of what was refused, nothing is kept")
    add_audit(
        session,
        row.account_id,
        OPERATOR,
        "connection.content_read",
        connection_id=str(row.id),
        event_id=str(event_id),
    )
    return str(content["body"]).encode("latin-1").decode("utf-8", "replace")


def connection_view(session: Session, row: Connection) -> dict[str, Any]:
    """`hook` is a path below the public address. Secrets are not shown, only how many are believed."""
    return {
        "id": str(row.id),
        "platform": row.platform,
        "name": row.name,
        "source": row.source,
        "active": row.is_active,
        "hook": f"/hooks/calls/{row.platform}/{row.id}",
        "secrets": len(secrets_of(session, row)),
        **{name: row.settings.get(name) for name in SETTINGS},
        "created_at": iso(row.created_at),
    }


def event_view(event: ConnectionEvent) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "at": iso(event.received_at),
        "outcome": event.outcome,
        "reason": event.reason,
        "detail": event.detail,
        "call_id": event.call_id,
        "repeats": event.repeats,
    }


def _platform(name: str) -> Platform:
    if name not in PLATFORMS:
        raise Invalid("No such platform.", {"platform": f"is one of {', '.join(PLATFORMS)}"})
    return PLATFORMS[name]


def _made(kind: Platform) -> str | None:
    return kind.make_secret() if kind.make_secret is not None else None


def _fits(kind: Platform, secret: str) -> bool:
    return is_secret(secret) if kind.name == "generic" else bool(_SECRET.fullmatch(secret))


def _named(row: Connection) -> dict[str, Any]:
    return {"platform": row.platform, "name": row.name, "source": row.source}


def _audit(session: Session, row: Connection, actor: str, action: str, **detail: Any) -> None:
    add_audit(session, row.account_id, actor, action, connection_id=str(row.id), **{**_named(row), **detail})


def _settings_problems(settings: Mapping[str, Any]) -> dict[str, str]:
    problems = {}
    fields, only = settings.get("fields") or {}, settings.get("only") or {}
    if len(fields) > _MOST_PLACES or len(only) > _MOST_PLACES:
        problems["fields"] = f"are {_MOST_PLACES} at most"
    for name, place in fields.items():
        if name not in MAPPED and not name.startswith(ATTRIBUTE):
            problems[f"fields.{name}"] = f"is none of {', '.join(MAPPED)}, {ATTRIBUTE}…"
        elif not _PLACE.fullmatch(place):
            problems[f"fields.{name}"] = "is a place such as data.user.id, or ?agent for the address's query"
    for place, values in only.items():
        if not _PLACE.fullmatch(place) or not 0 < len(values) <= _MOST_VALUES:
            problems[f"only.{place}"] = "is a place, with the values that are wanted there"
    return problems
