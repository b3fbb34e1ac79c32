"""A tag is known before any fact is read, and never the same for results that differ."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.flow.accounts import change_account
from app.flow.read_results import ask_results
from app.flow.roll_up import roll_up
from app.store.accounts import get_account
from tests.desk import Desk


@pytest.fixture
def account_id(desk: Desk) -> UUID:
    account_id = desk.account()
    desk.survey(account_id, values={"csat": 5})
    desk.roll_up()
    return account_id


def tag(desk: Desk, account_id: UUID, **changes: Any) -> str:
    asked: dict[str, Any] = {"group_by": "agent", "start": None, "end": None, "bucket": "all", **changes}
    with desk.sessions() as session:
        return ask_results(session, account_id=account_id, **asked).tag


def test_it_stays_while_nothing_happens(desk: Desk, account_id: UUID) -> None:
    assert tag(desk, account_id) == tag(desk, account_id)


def test_each_question_has_its_own(desk: Desk, account_id: UUID) -> None:
    today = desk.now().date()
    questions: list[dict[str, Any]] = [
        {},
        {"group_by": "team"},
        {"bucket": "day"},
        {"start": today},
        {"end": today - timedelta(days=1)},
        {"agent_id": "a1"},
        {"agent_id": "a2"},
    ]
    assert len({tag(desk, account_id, **question) for question in questions}) == len(questions)


def test_it_changes_with_an_answer_and_again_when_that_is_rolled_up(desk: Desk, account_id: UUID) -> None:
    tags = [tag(desk, account_id)]
    desk.survey(account_id, values={"csat": 1})
    tags.append(tag(desk, account_id))
    desk.roll_up()
    tags.append(tag(desk, account_id))
    assert len(set(tags)) == 3


def test_it_changes_when_a_part_of_what_waits_is_rolled_up(desk: Desk, account_id: UUID) -> None:
    """What has been waiting for longest still does: of that alone nothing would show."""
    desk.survey(account_id, values={"csat": 1}, agent_id="a1")
    desk.survey(account_id, values={"csat": 1}, agent_id="a2")
    before = tag(desk, account_id)
    with desk.sessions.begin() as session:
        oldest = text("select id from stale_cell where agent_id = 'a1' for update")
        session.execute(oldest)
        with desk.sessions.begin() as other:
            assert roll_up(other, 500)  # leaves out what is held
    assert desk.results(account_id)["as_of"] is not None
    assert tag(desk, account_id) != before


def test_it_changes_when_a_cell_goes_and_nothing_comes_in_its_place(desk: Desk, account_id: UUID) -> None:
    before = tag(desk, account_id)
    with desk.sessions.begin() as session:
        session.execute(text("update call set is_test = true where account_id = :id"), {"id": account_id})
        session.execute(
            text(
                "insert into stale_cell (account_id, agent_id, day) select account_id, agent_id, day from fact_day"
                " where account_id = :id"
            ),
            {"id": account_id},
        )
    desk.roll_up()
    assert desk.results(account_id)["rows"] == []
    assert tag(desk, account_id) != before


def test_it_changes_with_the_accounts_own_targets(desk: Desk, account_id: UUID) -> None:
    before = tag(desk, account_id)
    with desk.sessions.begin() as session:
        change_account(session, get_account(session, account_id).name, targets={"csat": 90.0})
    assert tag(desk, account_id) != before


def test_it_changes_with_the_day_on_which_figures_become_final(desk: Desk, account_id: UUID) -> None:
    period = {"start": date(2025, 3, 1), "end": date(2025, 3, 31)}
    before = tag(desk, account_id, **period)
    with desk.sessions.begin() as session:
        session.execute(text("set local postcall.clock_shift = '1 day'"))
        later = ask_results(session, account_id=account_id, group_by="agent", bucket="all", **period).tag
    assert later != before


def test_another_accounts_roll_up_is_none_of_ours(desk: Desk, account_id: UUID) -> None:
    before = tag(desk, account_id)
    theirs = desk.account()
    desk.survey(theirs, values={"csat": 5})
    desk.roll_up()
    assert tag(desk, account_id) == before
