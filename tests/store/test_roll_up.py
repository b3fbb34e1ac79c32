"""Facts equal what is there to be counted, whatever happens while they are being counted.

The interleavings are stepped by hand: each is the one that shows what a step of the roll-up is there for, and a
stress test would mostly pass without that step.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.flow.amend_call import amend_call
from app.flow.roll_up import rebuild_range, roll_up
from app.store.cells import Cell, lock_months
from tests.desk import ANY_TIME, MONDAY, TUESDAY, Desk, counted_call, noon, write_answers


@pytest.fixture
def account_id(desk: Desk) -> UUID:
    return desk.account(**ANY_TIME)


def once(session: Session) -> int:
    return roll_up(session, 500)


@contextmanager
def held(desk: Desk, account_id: UUID, agent: str, day: date = MONDAY) -> Iterator[Session]:
    """That agent's month is being rebuilt by somebody else, until the session commits."""
    with desk.sessions() as session:
        lock_months(session, [Cell(account_id, agent, day)])
        yield session


def test_two_rebuilds_of_one_cell_take_turns(desk: Desk, account_id: UUID) -> None:
    """Without the lock both would write the cell."""
    first, second = counted_call(desk, account_id), counted_call(desk, account_id)
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
    first, second = counted_call(desk, account_id, day=MONDAY), counted_call(desk, account_id, day=TUESDAY)
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
    of_a, of_b, more_of_b = (counted_call(desk, account_id, agent) for agent in ("a", "b", "b"))
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
        desk.answer(account_id, counted_call(desk, account_id, day=day), csat=5)
    desk.roll_up()
    assert desk.csat(account_id, "a1", MONDAY) == (1, 0)
    assert desk.csat(account_id, "a1") == (3, 3)


def test_only_the_picked_rows_leave_the_log(desk: Desk, account_id: UUID) -> None:
    """With "id <= the highest picked", what was committed late under a lower id would never be counted."""
    late, early = counted_call(desk, account_id, "late"), counted_call(desk, account_id, "early")
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
    received = counted_call(desk, account_id, agent=None)

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
    desk.answer(account_id, counted_call(desk, account_id), csat=5)
    with desk.sessions() as one, desk.sessions() as other:
        assert once(one) == 1
        assert once(other) == 0
        one.commit()
    assert desk.csat(account_id, "a1") == (1, 1)


def test_a_rebuild_that_dies_leaves_the_log_and_the_facts_as_they_were(desk: Desk, account_id: UUID) -> None:
    desk.answer(account_id, counted_call(desk, account_id), csat=5)
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
