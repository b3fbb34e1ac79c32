"""The database: engine, sessions and migrations. Made by entry points, passed down."""

import logging
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from app.store.keyring import Keyring

Result = TypeVar("Result")
Given = ParamSpec("Given")

_DEADLOCK, _TRIES = "40P01", 3
_A_MOMENT = 1.0  # second
MIGRATIONS = Path(__file__).parent.parent / "migrations"


def make_engine(database_url: str, pool_size: int) -> Engine:
    """An engine on PostgreSQL whose every wait is bounded.

    A statement over 10 s, a lock not had within 5 s, or a transaction left idle for 15 s is ended by the
    server; a connection not free within 3 s raises sqlalchemy.exc.TimeoutError.
    """
    url = make_url(database_url)
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=3,
        hide_parameters=True,  # an error in the log must not carry a telephone number
        connect_args={
            "connect_timeout": 3,
            "application_name": "postcall",
            "options": (
                # compiling a statement costs more than any of ours takes
                "-c jit=off -c timezone=UTC -c statement_timeout=10s -c lock_timeout=5s"
                " -c idle_in_transaction_session_timeout=15s"
            ),
        },
    )
    _ping_after_a_pause(engine)
    return engine


def _ping_after_a_pause(engine: Engine) -> None:
    """Ask a connection whether it still lives only when it has not been in use a moment ago.

    SQLAlchemy's own ping asks each time, which is one in five of the questions that a call costs. A server that
    restarts takes longer than the moment, and refuses everybody meanwhile.
    """

    @event.listens_for(engine, "checkin")
    def note(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ping(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        used_at = record.info.get("used_at")
        if used_at is None or time.monotonic() - used_at < _A_MOMENT:
            return
        try:
            engine.dialect.do_ping(connection)
        except psycopg.OperationalError as error:
            # away with all that are as old, and this checkout is tried again with a new one
            raise InvalidatePoolError from error


def make_sessions(engine: Engine, keyring: Keyring) -> sessionmaker[Session]:
    """Sessions that carry the keyring: what is sealed is opened by whoever holds the session."""
    return sessionmaker(engine, expire_on_commit=False, info={"keyring": keyring})


def run_unit(
    sessions: sessionmaker[Session],
    work: Callable[Concatenate[Session, Given], Result],
    *args: Given.args,
    **kwargs: Given.kwargs,
) -> Result:
    """Run `work(session, ...)` and commit it; one that a deadlock ended is run again, twice at most.

    For whoever is not asked again: a carrier that got a 5xx for a text may not bring that text a second time.
    """
    for tries_left in reversed(range(_TRIES)):
        try:
            with sessions() as session, session.begin():
                return work(session, *args, **kwargs)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _DEADLOCK or not tries_left:
                raise
    raise AssertionError  # pragma: no cover - the last try returns or raises


def migrate(database_url: str) -> None:
    """Bring the database at `database_url` to the newest migration; harmless when it is there already."""
    config = Config(attributes={"database_url": database_url})
    config.set_main_option("script_location", str(MIGRATIONS))
    logging.getLogger("alembic").setLevel(logging.WARNING)
    command.upgrade(config, "head")


@cache
def _migrations() -> tuple[str, ...]:
    """All that this release knows, newest first."""
    return tuple(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def migrations_state(revision: str | None) -> str:
    """`current`, `behind` (this release can't run on it) or `ahead`: a newer release has migrated already,
    and migrations are compatible with the release before them."""
    if revision == _migrations()[0]:
        return "current"
    return "behind" if revision is None or revision in _migrations() else "ahead"
