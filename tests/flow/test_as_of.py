"""Until when results are true: all that was committed before `as_of` is in the numbers."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.flow.read_results import read_results
from app.flow.roll_up import roll_up
from app.store.facts import StaleCell
from tests.desk import Desk, only, write_answers


def test_as_of_is_the_time_of_the_last_rebuild_and_keeps_still(desk: Desk) -> None:
    account_id = desk.account()
    before = desk.now()
    desk.survey(account_id, values={"csat": 5})
    desk.roll_up()
    first = desk.results(account_id)
    assert before < datetime.fromisoformat(first["as_of"]) < desk.now()
    assert desk.results(account_id) == first


def test_as_of_goes_no_further_than_the_oldest_change_that_waits(desk: Desk) -> None:
    account_id = desk.account()
    received = desk.survey(account_id, values={"csat": 5})
    desk.roll_up()
    desk.answer(account_id, received, csat=1)
    desk.hang_up(account_id)
    with desk.sessions() as session:
        oldest = min(session.scalars(select(StaleCell.created_at)))
    results = desk.results(account_id)
    assert datetime.fromisoformat(results["as_of"]) == oldest
    assert only(results)["csat"]["score"] == 100
    desk.roll_up()
    results = desk.results(account_id)
    assert datetime.fromisoformat(results["as_of"]) > oldest
    assert only(results)["csat"]["score"] == 0


def test_another_accounts_backlog_is_none_of_ours(desk: Desk) -> None:
    ours, theirs = desk.account(), desk.account()
    desk.survey(ours, values={"csat": 5})
    desk.roll_up()
    before = desk.results(ours)["as_of"]
    desk.hang_up(theirs)
    assert desk.results(ours)["as_of"] == before


def test_what_is_committed_before_as_of_is_in_the_numbers_also_while_they_are_read(desk: Desk) -> None:
    """A roll-up and a new answer come between the looks at the log and at the facts."""
    account_id = desk.account()
    first, second = desk.hang_up(account_id), desk.hang_up(account_id)
    desk.roll_up()
    desk.answer(account_id, first, csat=5)
    with desk.sessions() as other:
        other.execute(text("lock table stale_cell in access exclusive mode"))

        def read(session: Session) -> dict[str, Any]:
            return read_results(
                session, account_id=account_id, group_by="agent", start=None, end=None, bucket="all"
            )

        with desk.meanwhile(read) as reading:
            assert not reading.done()
            roll_up(other, 500)
            write_answers(other, account_id, second, csat=5)
            other.commit()
            results = reading.result()
    with desk.sessions() as session:
        waiting = session.scalars(select(StaleCell.created_at)).one()
    assert datetime.fromisoformat(results["as_of"]) == waiting
    assert only(results)["csat"]["n"] >= 1
