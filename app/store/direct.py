"""Statements that go to the driver as they are: for the two that every call costs, SQLAlchemy's way to it takes
longer than they do themselves."""

import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from sqlalchemy import Engine, Executable, event
from sqlalchemy.dialects.postgresql.psycopg import dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import PoolProxiedConnection

# set on an engine whose statements somebody listens to: they hear only those that go the long way
WATCHED = "watched"

_SINGLES = "singles"
_A_MOMENT = 1.0  # second

# numbered parameters need no search for names in the text, which is done anew for each execution of a long one
_dialect = dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


class Singles:
    """Connections beside the pool of `engine` on which each statement commits itself: as many as are used at once.

    The pool asks and resets a connection whenever one is taken, which is a third of what a statement costs.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: deque[tuple[psycopg.Connection, float]] = deque()
        event.listen(engine, "engine_disposed", lambda _: self._close())

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection]:
        taken = self._take()
        try:
            yield taken
        finally:
            if not taken.closed:
                self._idle.append((taken, time.monotonic()))

    @contextmanager
    def transaction(self) -> Iterator["Held"]:
        """One connection, and what is done on it one transaction."""
        with self.connection() as driver:
            driver.autocommit = False
            try:
                yield Held(driver)
                with _translated():
                    driver.commit()
            finally:
                if not driver.closed:
                    driver.rollback()
                    driver.autocommit = True

    def _take(self) -> psycopg.Connection:
        while self._idle:
            with suppress(IndexError, psycopg.OperationalError):  # taken by another thread; or dead
                connection, since = self._idle.pop()
                if time.monotonic() - since > _A_MOMENT:
                    connection.execute("")
                return connection
        pooled = self._connect()
        driver = _driver(pooled)
        pooled.detach()
        driver.autocommit = True
        return driver

    def _connect(self) -> PoolProxiedConnection:
        with _translated():
            return self._engine.raw_connection()

    def _close(self) -> None:
        while self._idle:
            self._idle.pop()[0].close()

    def offered_to(self, session: Session) -> None:
        """Have each direct statement of this session commit itself as it ends: two of four round trips less, and
        the session need not even take a connection. One that is bound to a connection is part of something larger.
        """
        if session.get_bind() is self._engine and not self._engine.get_execution_options().get(WATCHED):
            session.info[_SINGLES] = self


class Held:
    """The one connection of a transaction."""

    def __init__(self, driver: psycopg.Connection) -> None:
        self._driver = driver

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection]:
        yield self._driver


@contextmanager
def together(session: Session) -> Iterator[None]:
    """The direct statements of the block are one transaction: the session's, or one of their own where each would
    have committed itself, committed with the block. The session's other statements are no part of that one."""
    singles: Singles | None = session.info.get(_SINGLES)
    if singles is None:
        yield
        return
    with singles.transaction() as held:
        session.info[_SINGLES] = held
        try:
            yield
        finally:
            session.info[_SINGLES] = singles


@contextmanager
def _translated() -> Iterator[None]:
    """The driver's own errors: nobody above would take them for the database's being away."""
    try:
        yield
    except psycopg.Error as error:
        raise DBAPIError.instance(None, None, error, psycopg.Error, dialect=_dialect) from error


class Direct:
    """`sql`: the statement with $1, $2 ...; `names`: which parameter each is. Both made once."""

    def __init__(self, statement: Executable) -> None:
        compiled = statement.compile(dialect=_dialect)  # type: ignore[attr-defined]
        self._statement = statement
        self._given = compiled.params
        self.sql = compiled.string.encode()
        self.names: tuple[str, ...] = tuple(compiled.positiontup or ())

    def rows(self, session: Session, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Plain tuples; in the session's transaction, or by itself (see Singles). Raises what SQLAlchemy would."""
        singles: Singles | Held | None = session.info.get(_SINGLES)
        if singles is not None:
            with singles.connection() as driver:
                return self._rows(driver, values)
        connection = session.connection()
        if connection.get_execution_options().get(WATCHED):
            return [tuple(row) for row in connection.execute(self._statement, dict(values))]
        try:
            return self._rows(_driver(connection.connection), values)
        except DBAPIError as error:
            if error.connection_invalidated:
                connection.invalidate(error.orig)
            raise

    def _rows(self, driver: psycopg.Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        given = self._given | values
        try:
            with psycopg.RawCursor(driver) as cursor:
                return cursor.execute(self.sql, [given[name] for name in self.names]).fetchall()
        except psycopg.Error as error:
            raise DBAPIError.instance(
                self.sql.decode(),
                None,
                error,
                psycopg.Error,
                hide_parameters=True,
                connection_invalidated=driver.closed,
                dialect=_dialect,
            ) from error


def _driver(connection: Any) -> psycopg.Connection:
    driver: psycopg.Connection = connection.driver_connection
    return driver
