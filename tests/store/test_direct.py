"""Statements past SQLAlchemy keep what it promises: the session's transaction, its errors, and lost connections."""

import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from app.db import make_engine
from app.store import direct
from app.store.direct import WATCHED, Direct, Singles, together

WHO = Direct(text("select pg_backend_pid(), :said"))
WRITE = Direct(text("insert into note (words) values (:words) returning words"))
READ = text("select words from note order by words")


@pytest.fixture
def engine(new_database: Callable[[], str]) -> Iterator[Engine]:
    engine = make_engine(new_database(), 1)
    with engine.begin() as connection:
        connection.execute(text("create table note (words text primary key)"))
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return sessionmaker(engine)


def kept(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        return list(session.scalars(READ))


@pytest.mark.parametrize("watched", [False, True])
def test_a_statement_is_part_of_the_sessions_transaction(
    engine: Engine, sessions: sessionmaker[Session], watched: bool
) -> None:
    engine.update_execution_options(**{WATCHED: watched})
    with sessions() as session:
        assert WRITE.rows(session, {"words": "seen by itself"}) == [("seen by itself",)]
        assert session.scalars(READ).all() == ["seen by itself"]
        session.rollback()
    assert kept(sessions) == []


def test_alone_it_is_committed_as_it_ends(engine: Engine, sessions: sessionmaker[Session]) -> None:
    singles = Singles(engine)
    with sessions() as session:
        singles.offered_to(session)
        WRITE.rows(session, {"words": "first"})
        assert kept(sessions) == ["first"]


def write_together(session: Session, *notes: str, then: Callable[[int], None] | None = None) -> None:
    with together(session):
        ((pid, _),) = WHO.rows(session, {"said": ""})
        for words in notes:
            WRITE.rows(session, {"words": words})
        if then is not None:
            then(pid)


def test_several_alone_are_committed_with_the_last_of_them_or_not_at_all(
    engine: Engine, sessions: sessionmaker[Session]
) -> None:
    singles = Singles(engine)
    with sessions() as session:
        singles.offered_to(session)
        with together(session):
            WRITE.rows(session, {"words": "first"})
            WRITE.rows(session, {"words": "second"})
            assert kept(sessions) == []
        assert kept(sessions) == ["first", "second"]
        with pytest.raises(IntegrityError):
            write_together(session, "third", "first")
        # the connection is as it was: what comes next is by itself again
        WRITE.rows(session, {"words": "fourth"})
        assert kept(sessions) == ["first", "fourth", "second"]


def test_together_they_are_part_of_the_sessions_transaction(
    engine: Engine, sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        write_together(session, "first")
        session.rollback()
    assert kept(sessions) == []


def test_a_connection_that_is_lost_before_the_commit_is_an_operational_error(
    engine: Engine, sessions: sessionmaker[Session]
) -> None:
    singles = Singles(engine)
    with sessions() as session:
        singles.offered_to(session)
        with pytest.raises(OperationalError):
            write_together(session, "lost", then=lambda pid: end(engine, pid))
        assert WRITE.rows(session, {"words": "kept"}) == [("kept",)]
    assert kept(sessions) == ["kept"]


@pytest.mark.parametrize("alone", [False, True])
def test_errors_are_those_of_sqlalchemy_and_name_no_value(
    engine: Engine, sessions: sessionmaker[Session], alone: bool
) -> None:
    singles = Singles(engine)
    with sessions() as session:
        if alone:
            singles.offered_to(session)
        WRITE.rows(session, {"words": "+447700900123"})
        with pytest.raises(IntegrityError) as raised:
            WRITE.rows(session, {"words": "+447700900123"})
    assert "7700900123" not in str(raised.value).partition("DETAIL")[0]


def end(engine: Engine, pid: int) -> None:
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as other:
        other.execute("select pg_terminate_backend(%s, 5000)", (pid,))


@pytest.mark.parametrize("alone", [False, True])
def test_a_lost_connection_is_an_operational_error_and_not_used_again(
    engine: Engine, sessions: sessionmaker[Session], alone: bool
) -> None:
    singles = Singles(engine)

    def ask() -> int:
        with sessions() as session:
            if alone:
                singles.offered_to(session)
            ((pid, said),) = WHO.rows(session, {"said": "hello"})
            assert said == "hello"
            return int(pid)

    lost = ask()
    end(engine, lost)
    with pytest.raises(OperationalError):
        ask()
    assert ask() != lost


def test_after_a_pause_a_connection_is_asked_whether_it_lives(
    engine: Engine, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct, "_A_MOMENT", 0)
    singles = Singles(engine)
    pids = []
    for _ in range(3):
        with sessions() as session:
            singles.offered_to(session)
            pids.append(WHO.rows(session, {"said": ""})[0][0])
        if len(pids) == 2:
            end(engine, pids[-1])
    assert pids[0] == pids[1] != pids[2]


def test_threads_never_share_a_connection(engine: Engine) -> None:
    singles, together_now, pids = Singles(engine), threading.Barrier(3), set[int]()

    def hold() -> None:
        with singles.connection() as connection:
            together_now.wait(10)
            pids.add(connection.info.backend_pid)

    threads = [threading.Thread(target=hold) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pids) == 3


def test_a_database_that_is_away_is_told_as_sqlalchemy_does() -> None:
    away = make_engine("postgresql://nobody@127.0.0.1:9/nothing", 1)
    with sessionmaker(away)() as session:
        Singles(away).offered_to(session)
        with pytest.raises(OperationalError):
            WHO.rows(session, {"said": "anybody there?"})
