"""A unit of work: committed as a whole, and run again when the database chose it to end a deadlock."""

import pytest
from psycopg.errors import DeadlockDetected, QueryCanceled
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

import app.db
from app.db import make_engine, run_unit


class Work:
    """Writes a row, and fails the first `failures` times."""

    def __init__(self, failures: int, error: Exception) -> None:
        self.tries = 0
        self._failures = failures
        self._error = OperationalError("a statement", {}, error)

    def __call__(self, session: Session, scope: str) -> int:
        session.execute(text("insert into sending_pause (scope) values (:scope)"), {"scope": scope})
        self.tries += 1
        if self.tries <= self._failures:
            raise self._error
        return self.tries


def scopes(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        return list(session.scalars(text("select scope from sending_pause")))


def test_a_unit_that_a_deadlock_ended_is_run_again_and_written_once(
    committing: sessionmaker[Session],
) -> None:
    assert run_unit(committing, Work(2, DeadlockDetected()), "a scope") == 3
    assert scopes(committing) == ["a scope"]


@pytest.mark.parametrize(
    ("failures", "error", "tries"), [(3, DeadlockDetected(), 3), (1, QueryCanceled(), 1)]
)
def test_more_deadlocks_and_other_troubles_are_the_callers(
    committing: sessionmaker[Session], failures: int, error: Exception, tries: int
) -> None:
    work = Work(failures, error)
    with pytest.raises(OperationalError):
        run_unit(committing, work, "a scope")
    assert work.tries == tries
    assert scopes(committing) == []


def test_a_connection_that_died_while_nobody_used_it_is_replaced_before_it_is_used(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.db, "_A_MOMENT", 0.0)
    engine = make_engine(database_url, pool_size=2)
    with engine.connect() as one, engine.connect() as other:
        pids = [connection.scalar(text("select pg_backend_pid()")) for connection in (one, other)]
    with engine.connect() as killer:
        mine = killer.scalar(text("select pg_backend_pid()"))
        (victim,) = [pid for pid in pids if pid != mine]
        killer.execute(text("select pg_terminate_backend(:pid, 1000)"), {"pid": victim})
    with engine.connect() as one, engine.connect() as other:
        assert one.scalar(text("select 1")) == other.scalar(text("select 1")) == 1
    engine.dispose()


def test_a_connection_in_steady_use_is_not_asked_whether_it_lives(database_url: str) -> None:
    engine = make_engine(database_url, pool_size=1)
    asked: list[object] = []
    engine.dialect.do_ping = lambda connection: asked.append(connection) or True  # type: ignore[method-assign]
    for _ in range(3):
        with engine.connect() as connection:
            connection.execute(text("select 1"))
    assert asked == []
    engine.dispose()
