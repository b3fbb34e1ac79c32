"""Facts equal what is there to be counted, whatever happens while they are being counted.

The interleavings are stepped by hand: each is the one that shows what a step of the roll-up is there for, and a
stress test would mostly pass without that step.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Date, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from app.flow.receive_call import Received, amend_call
from app.flow.roll_up import rebuild_range, roll_up
from app.store.cells import SUMS, Cell, lock_months
from app.store.facts import Agent, FactDay, FactMonth, StaleCell
from tests.desk import ANY_TIME, Desk, write_answers

MONDAY = date(2025, 3, 3)
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def desk(committing: sessionmaker[Session]) -> Desk:
    return Desk(committing)


@pytest.fixture
def account_id(desk: Desk) -> UUID:
    return desk.account(**ANY_TIME)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def call(desk: Desk, account_id: UUID, agent: str | None = "a1", day: date = MONDAY) -> Received:
    """An asked call whose arrival is counted already."""
    received = desk.hang_up(account_id, agent_id=agent, ended_at=noon(day))
    desk.roll_up()
    return received


def once(session: Session) -> int:
    return roll_up(session, 500)


@contextmanager
def held(desk: Desk, account_id: UUID, agent: str, day: date = MONDAY) -> Iterator[Session]:
    """That agent's month is being rebuilt by somebody else, until the session commits."""
    with desk.sessions() as session:
        lock_months(session, [Cell(account_id, agent, day)])
        yield session


# --- the interleavings


def test_two_rebuilds_of_one_cell_take_turns(desk: Desk, account_id: UUID) -> None:
    """Without the lock both would write the cell."""
    first, second = call(desk, account_id), call(desk, account_id)
    desk.answer(account_id, first, csat=5)
    with desk.sessions() as one:
        once(one)
        desk.answer(account_id, second, csat=5)
        with desk.meanwhile(once) as other:
            assert not other.done()
            one.commit()
            other.result()
    assert desk.csat(account_id, "a1") == (2, 2)
    assert desk.stale() == 0


def test_days_of_one_month_take_turns_too(desk: Desk, account_id: UUID) -> None:
    """With a lock per day, the month would miss what the other had not committed."""
    first, second = call(desk, account_id, day=MONDAY), call(desk, account_id, day=TUESDAY)
    desk.answer(account_id, first, csat=5)
    with desk.sessions() as one:
        once(one)
        desk.answer(account_id, second, csat=5)
        with desk.meanwhile(once) as other:
            assert not other.done()
            one.commit()
            other.result()
    assert desk.csat(account_id, "a1") == (2, 2)


def test_a_rebuild_counts_what_was_committed_while_it_waited_for_a_lock(desk: Desk, account_id: UUID) -> None:
    """With the lock taken in the rebuilding statement, that one would count by a view from before the wait.

    The one that waits has b's cell to do as well; meanwhile another answer for b comes and is counted by a
    third, who then has emptied the log. Counting b by the old view would take that answer away again.
    """
    of_a, of_b, more_of_b = (call(desk, account_id, agent) for agent in ("a", "b", "b"))
    with held(desk, account_id, "a") as holder:
        desk.answer(account_id, of_a, csat=5)
        desk.answer(account_id, of_b, csat=5)
        with desk.meanwhile(once) as waiting:
            assert not waiting.done()
            desk.answer(account_id, more_of_b, csat=5)
            with desk.sessions.begin() as third:
                assert once(third)
            assert desk.csat(account_id, "b") == (2, 2)
            holder.commit()
            waiting.result()
    assert desk.csat(account_id, "a") == (1, 1)
    assert desk.csat(account_id, "b") == (2, 2)
    assert desk.stale() == 0


def test_months_are_summed_after_their_days(desk: Desk, account_id: UUID) -> None:
    """In one statement with them, the months would see the days as they were before."""
    for day in (MONDAY, TUESDAY, TUESDAY):
        desk.answer(account_id, call(desk, account_id, day=day), csat=5)
    desk.roll_up()
    assert desk.csat(account_id, "a1", MONDAY) == (1, 0)
    assert desk.csat(account_id, "a1") == (3, 3)


def test_only_the_picked_rows_leave_the_log(desk: Desk, account_id: UUID) -> None:
    """With "id <= the highest picked", what was committed late under a lower id would never be counted."""
    late, early = call(desk, account_id, "late"), call(desk, account_id, "early")
    with desk.sessions() as slow, held(desk, account_id, "early") as holder:
        write_answers(slow, account_id, late, csat=5)
        desk.answer(account_id, early, csat=5)
        with desk.meanwhile(once) as picked:
            assert not picked.done()
            slow.commit()
            holder.commit()
            picked.result()
    assert desk.csat(account_id, "early") == (1, 1)
    assert desk.stale() == 1
    desk.roll_up()
    assert desk.csat(account_id, "late") == (1, 1)


def test_an_answer_and_a_change_of_its_agent_do_not_pass_each_other(desk: Desk, account_id: UUID) -> None:
    """The answer is about to be counted under nobody while the call is given to an agent."""
    received = call(desk, account_id, agent=None)

    def name_agent(session: Session) -> None:
        amend_call(
            session,
            account_id=account_id,
            call_id=UUID(received.call["id"]),
            changes={"agent": {"id": "a1"}},
        )

    with desk.sessions() as answering:
        write_answers(answering, account_id, received, csat=5)
        with desk.meanwhile(name_agent) as naming:
            desk.roll_up()
            answering.commit()
            naming.result()
    desk.roll_up()
    assert desk.csat(account_id, "a1") == (1, 1)
    assert desk.csat(account_id, "") == (0, 0)


def test_a_second_worker_leaves_alone_what_the_first_has_picked(desk: Desk, account_id: UUID) -> None:
    desk.answer(account_id, call(desk, account_id), csat=5)
    with desk.sessions() as one, desk.sessions() as other:
        assert once(one) == 1
        assert once(other) == 0
        one.commit()
    assert desk.csat(account_id, "a1") == (1, 1)


def test_a_rebuild_that_dies_leaves_the_log_and_the_facts_as_they_were(desk: Desk, account_id: UUID) -> None:
    desk.answer(account_id, call(desk, account_id), csat=5)
    before = desk.facts(account_id)
    with desk.sessions() as session:
        once(session)
        session.rollback()
    assert desk.facts(account_id) == before
    assert desk.stale() == 1


def test_two_workers_and_a_stream_of_answers_end_in_what_a_recount_gives(
    desk: Desk, account_id: UUID
) -> None:
    received = [
        desk.hang_up(
            account_id, agent_id=f"a{number % 3}", ended_at=noon(MONDAY + timedelta(days=number % 4))
        )
        for number in range(24)
    ]

    def work(session: Session, number: int) -> None:
        if number < 2:
            for _ in range(12):
                roll_up(session, 3)
                session.commit()
        else:
            for one in received[number - 2 :: 4]:
                write_answers(session, account_id, one, csat=1 + number % 5)
                session.commit()

    desk.at_once(6, work)
    desk.roll_up()
    assert sum(desk.csat(account_id, f"a{number}")[0] for number in range(3)) == 24
    kept = desk.facts(account_id)
    with desk.sessions.begin() as session:
        session.execute(text("delete from fact_day"))
        session.execute(text("delete from fact_month"))
        rebuild_range(session, account_id, MONDAY, MONDAY + timedelta(days=40))
    desk.roll_up()
    assert desk.facts(account_id) == kept


# --- what a rebuild gives


def test_a_rebuild_of_a_range_gives_the_same_numbers(desk: Desk) -> None:
    account_id = desk.account(probability=0.5, **ANY_TIME)
    for number in range(20):
        received = desk.hang_up(
            account_id, agent_id=[None, "a1", "a2"][number % 3], ended_at=noon(MONDAY + timedelta(number))
        )
        if received.invitation:
            desk.answer(account_id, received, csat=1 + number % 5, nps=number % 11)
    desk.roll_up()
    before = desk.facts(account_id)
    for start, end in (
        (MONDAY, MONDAY),
        (TUESDAY, MONDAY + timedelta(days=9)),
        (date(2025, 1, 1), date(2025, 12, 31)),
    ):
        with desk.sessions.begin() as session:
            marked = rebuild_range(session, account_id, start, end)
        assert marked == desk.stale() == min(20, (end - start).days + 1)
        desk.roll_up()
        assert desk.facts(account_id) == before


def test_a_rebuild_mends_a_cell_that_is_wrong_and_removes_one_that_should_not_be(
    desk: Desk, account_id: UUID
) -> None:
    desk.answer(account_id, call(desk, account_id), csat=5)
    desk.roll_up()
    right = desk.facts(account_id)
    with desk.sessions.begin() as session:
        for table in (FactDay, FactMonth):
            session.execute(text(f"update {table.__tablename__} set n = n + 7, v5 = 9"))  # noqa: S608
            session.add(
                table(
                    account_id=account_id,
                    agent_id="ghost",
                    day=MONDAY.replace(day=1),
                    **dict.fromkeys(("team", "vendor", "queue", "survey", "channel"), ""),
                    metric="csat",
                    definition="csat_top2box.1",
                )
            )
        rebuild_range(session, account_id, MONDAY.replace(day=1), MONDAY)
    desk.roll_up()
    assert desk.facts(account_id) == right


def test_a_call_that_is_given_to_an_agent_later_leaves_no_ghost(desk: Desk, account_id: UUID) -> None:
    received = call(desk, account_id, agent=None)
    desk.answer(account_id, received, csat=5)
    desk.roll_up()
    assert desk.csat(account_id, "") == (1, 1)
    with desk.sessions.begin() as session:
        amend_call(
            session,
            account_id=account_id,
            call_id=UUID(received.call["id"]),
            changes={"agent": {"id": "a1", "team": "blue"}, "queue": "support"},
        )
    desk.roll_up()
    assert desk.csat(account_id, "a1") == (1, 1)
    with desk.sessions() as session:
        for table in (FactDay, FactMonth):
            keys = session.execute(select(table.agent_id, table.queue).distinct()).all()
            assert [tuple(key) for key in keys] == [("a1", "support")]


def test_an_answer_that_is_changed_later_is_counted_once_and_as_it_is_now(
    desk: Desk, account_id: UUID
) -> None:
    received = call(desk, account_id)
    desk.answer(account_id, received, csat=1)
    desk.roll_up()
    desk.answer(account_id, received, csat=5)
    desk.roll_up()
    with desk.sessions() as session:
        for table in (FactDay, FactMonth):
            counted = select(table.n, table.v1, table.v5, table.weight_top, table.weight_bottom)
            assert tuple(session.execute(counted.where(table.metric == "csat")).one()) == (1, 0, 1, 1, 0)


def test_months_are_the_sums_of_their_days(desk: Desk, account_id: UUID) -> None:
    for number in range(12):
        received = desk.hang_up(
            account_id,
            agent_id="a1",
            team=f"t{number % 2}",
            ended_at=noon(date(2025, 2, 25) + timedelta(number)),
            hold_seconds=number,
        )
        desk.answer(account_id, received, csat=1 + number % 5, fcr=1 + number % 3)
    desk.roll_up()
    keys = [FactDay.team, FactDay.metric, func.date_trunc("month", FactDay.day).cast(Date)]
    sums = [func.sum(getattr(FactDay, name)) for name in SUMS]
    with desk.sessions() as session:
        days = session.execute(select(*keys, *sums).group_by(*keys).order_by(*keys)).all()
        months = session.execute(
            select(
                FactMonth.team, FactMonth.metric, FactMonth.day, *(getattr(FactMonth, name) for name in SUMS)
            ).order_by(FactMonth.team, FactMonth.metric, FactMonth.day)
        ).all()
    assert [tuple(row) for row in days] == [tuple(row) for row in months]
    assert len(days) == 12  # two teams, three metrics, two months


def test_a_test_call_counts_nowhere(desk: Desk, account_id: UUID) -> None:
    received = desk.hang_up(account_id, is_test=True, ended_at=noon(MONDAY))
    assert received.invitation
    desk.deliver(account_id, received)
    desk.answer(account_id, received, csat=5)
    with desk.sessions.begin() as session:
        amend_call(
            session, account_id=account_id, call_id=UUID(received.call["id"]), changes={"wrap_seconds": 9}
        )
        assert rebuild_range(session, account_id, MONDAY, MONDAY) == 0
    assert desk.stale() == 0
    # nor where a call that does count has its cell rebuilt
    call(desk, account_id)
    assert desk.csat(account_id, "a1") == (0, 0)
    (row,) = desk.results(account_id, start=MONDAY, end=MONDAY)["rows"]
    assert row["calls"] == 1


def test_an_agent_is_labelled_by_the_newest_call_and_not_by_the_last_rebuild(
    desk: Desk, account_id: UUID
) -> None:
    for day, name, team in ((MONDAY, "Before", "old"), (TUESDAY, "After", "new"), (TUESDAY, None, "new")):
        desk.hang_up(account_id, agent_id="a1", agent_name=name, team=team, ended_at=noon(day))
        desk.roll_up()
    with desk.sessions.begin() as session:
        rebuild_range(session, account_id, MONDAY, MONDAY)
    desk.roll_up()
    with desk.sessions() as session:
        agent = session.get_one(Agent, (account_id, "a1"))
        assert (agent.name, agent.team) == ("After", "new")


def test_a_survey_with_a_share_of_nothing_stops_no_roll_up(desk: Desk) -> None:
    """No door lets such a share in; if one ever does, counting goes on."""
    account_id = desk.account(probability=0.0, **ANY_TIME)
    assert call(desk, account_id).skipped == {"reason": "sampled_out"}
    (row,) = desk.results(account_id, "team", start=MONDAY, end=MONDAY)["rows"]
    assert row["skipped"] == {"sampled_out": 1}


def test_who_was_asked_after_a_call_that_nobody_took_is_in_no_offer_rate(
    desk: Desk, account_id: UUID
) -> None:
    received = call(desk, account_id)
    with desk.sessions.begin() as session:
        session.execute(text("update call set is_answered = false"))
    desk.answer(account_id, received, csat=5)
    desk.roll_up()
    (row,) = desk.results(account_id, start=MONDAY, end=MONDAY)["rows"]
    assert (row["calls"], row["answered"], row["invited"], row["responded"]) == (1, 0, 0, 1)


def test_a_batch_ends_and_the_rest_stays_for_the_next(desk: Desk, account_id: UUID) -> None:
    for number in range(5):
        desk.hang_up(account_id, agent_id=f"a{number}", ended_at=noon(MONDAY))
    with desk.sessions.begin() as session:
        assert roll_up(session, 2) == 2
    with desk.sessions() as session:
        assert len(session.scalars(select(StaleCell)).all()) == 3
        assert sorted(session.scalars(select(Agent.id))) == ["a0", "a1"]
