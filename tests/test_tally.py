"""What is counted has happened: it was committed."""

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from app.metrics import STAGES, Metrics
from app.tally import happened, tally

Counted = Counter[tuple[str, ...]]


@pytest.fixture
def counted() -> Counted:
    return Counter()


@pytest.fixture
def sessions(engine: Engine, counted: Counted) -> Iterator[sessionmaker[Session]]:
    made = sessionmaker(engine)

    def count(name: str, labels: tuple[str, ...], times: int) -> None:
        counted[(name, *labels)] += times

    tally(made, count)
    return made


def work(session: Session) -> None:
    session.execute(text("select 1"))
    happened(session, "attempts", "rejected", 21211)
    happened(session, "attempts", "accepted", None)
    happened(session, "rolled_up", times=7)


def test_what_is_committed_is_counted_once(sessions: sessionmaker[Session], counted: Counted) -> None:
    with sessions.begin() as session:
        work(session)
        assert not counted
    with sessions.begin() as session:
        session.execute(text("select 1"))
    assert counted == {
        ("attempts", "rejected", "21211"): 1,
        ("attempts", "accepted", ""): 1,
        ("rolled_up",): 7,
    }


def test_what_is_rolled_back_is_not(sessions: sessionmaker[Session], counted: Counted) -> None:
    with sessions() as session:
        work(session)
        session.rollback()
        session.execute(text("select 1"))
        session.commit()
    assert not counted


def test_a_savepoint_counts_nothing_by_itself(sessions: sessionmaker[Session], counted: Counted) -> None:
    with sessions() as session:
        with session.begin_nested():
            work(session)
        assert not counted
        session.commit()
    assert counted[("rolled_up",)] == 7


def test_a_count_that_fails_leaves_the_work_alone(engine: Engine) -> None:
    made = sessionmaker(engine)
    tally(made, Metrics().count)
    with made.begin() as session:
        session.execute(text("select 1"))
        happened(session, "no such stage")


def test_every_stage_is_shown_with_its_labels() -> None:
    metrics = Metrics()
    for name, stage in STAGES.items():
        metrics.count(name, tuple("x" for _ in stage.labels), 3)
    shown = metrics.render().decode()
    for name, stage in STAGES.items():
        labels = ",".join(f'{label}="x"' for label in sorted(stage.labels))
        assert f"postcall_{name}_total{'{' + labels + '}' if labels else ''} 3.0" in shown
