"""What every command works with: the settings of the environment and one unit of work."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session, sessionmaker

from app.db import make_engine, make_sessions
from app.settings import load_settings
from app.store.keyring import Keyring


@contextmanager
def open_sessions(connections: int = 1) -> Iterator[sessionmaker[Session]]:
    """For a command of several units of work; the connections are closed with the block."""
    settings = load_settings()
    engine = make_engine(settings.database_url, connections)
    try:
        yield make_sessions(engine, Keyring(settings.secret_keys))
    finally:
        engine.dispose()


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """One session: committed when the block ends, rolled back when it raises."""
    with open_sessions() as sessions, sessions.begin() as session:
        yield session
