"""The ledger: every call is in it once, and a reason that nobody foresaw is told rather than lost."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.domain.eligibility import SKIP_REASONS
from app.flow.read_ledger import read_ledger
from app.flow.record_elsewhere import record_asked
from app.store.facts import FactDay, FactMonth, FactWeek
from tests.desk import ANY_TIME, MONDAY, Desk, noon
from tests.recount import recount


def ledger(desk: Desk, account_id: UUID, group_by: str = "agent", **period: Any) -> dict[str, Any]:
    wanted = {"start": MONDAY, "end": MONDAY + timedelta(days=60), **period}
    with desk.sessions() as session:
        return read_ledger(session, account_id=account_id, group_by=group_by, **wanted)


def busy(desk: Desk) -> UUID:
    """30 calls of three agents and of nobody, over two months, some skipped for this, some for that."""
    account_id = desk.account(**ANY_TIME)
    for number in range(30):
        agent = None if number % 10 == 9 else f"a{number % 3}"
        desk.hang_up(
            account_id,
            agent_id=agent,
            talk_seconds=None if agent is None else 1 if number % 5 == 0 else 90,
            ask=number % 7 > 0,
            is_test=number == 29,
            ended_at=noon(MONDAY + timedelta(days=2 * number)),
        )
    desk.roll_up()
    return account_id


def test_every_reason_has_its_column() -> None:
    for table in (FactDay, FactWeek, FactMonth):
        columns = {name for name in table.__table__.columns.keys() if name.startswith("skipped_")}  # noqa: SIM118
        assert columns == {f"skipped_{reason}" for reason in SKIP_REASONS}


@pytest.mark.parametrize("group_by", ["agent", "day"])
def test_calls_are_invited_plus_skipped_in_every_row_and_rows_in_the_total(desk: Desk, group_by: str) -> None:
    found = ledger(desk, busy(desk), group_by)
    for one in (found["total"], *found["rows"]):
        assert one["calls"] == one["invited"] + sum(one["skipped"].values())
    assert found["total"]["calls"] == 29  # the test call is in none
    for figure in ("calls", "answered", "invited"):
        assert sum(row[figure] for row in found["rows"]) == found["total"][figure]


def test_by_reason_the_same_calls_are_there(desk: Desk) -> None:
    account_id = busy(desk)
    found, total = ledger(desk, account_id, "reason"), ledger(desk, account_id)["total"]
    told = {row["reason"]: row["calls"] for row in found["rows"]}
    assert told == {None: total["invited"], **total["skipped"]}
    assert {"ask_false", "not_answered", "too_short"} <= told.keys()
    assert sum(told.values()) == found["total"]["calls"] == 29


def test_days_weeks_and_months_tell_the_same(desk: Desk) -> None:
    account_id = busy(desk)
    whole = ledger(desk, account_id, start=date(2025, 3, 1), end=date(2025, 4, 30))
    days = ledger(desk, account_id, "day", start=date(2025, 3, 1), end=date(2025, 4, 30))
    assert whole["total"] == days["total"]


def test_calls_that_nobody_took_have_a_row_without_an_agent(desk: Desk) -> None:
    rows = {row["agent"] and row["agent"]["id"]: row for row in ledger(desk, busy(desk))["rows"]}
    assert set(rows) == {None, "a0", "a1", "a2"}
    assert rows[None]["answered"] == 0
    assert rows[None]["against_others"] is None


def test_who_is_offered_less_than_the_others_stands_out(desk: Desk) -> None:
    account_id = desk.account(**ANY_TIME)
    for number in range(24):
        shy = number % 2 == 0
        desk.hang_up(account_id, agent_id="shy" if shy else "fair", ask=not shy, ended_at=noon(MONDAY))
    desk.roll_up()
    fair, shy = ledger(desk, account_id)["rows"]
    assert (shy["offer"]["value"], fair["offer"]["value"]) == (0.0, 100.0)
    assert (shy["against_others"]["verdict"], fair["against_others"]["verdict"]) == ("lower", "higher")
    assert shy["against_others"]["others"]["numerator"] == 12


def test_who_was_asked_elsewhere_after_a_call_that_nobody_took_counts_as_invited(desk: Desk) -> None:
    account_id = desk.account(**ANY_TIME)
    call = desk.hang_up(account_id, agent_id=None, talk_seconds=None, ended_at=noon(MONDAY))
    with desk.sessions.begin() as session:
        record_asked(session, account_id=account_id, call_id=UUID(call.call["id"]), asked_at=desk.now())
    desk.roll_up()
    total = ledger(desk, account_id)["total"]
    assert (total["calls"], total["invited"], total["skipped"]) == (1, 1, {})
    assert total["offer"]["denominator"] == 0


def test_a_reason_that_the_facts_have_no_column_of_is_told_as_other(desk: Desk) -> None:
    account_id = desk.account(**ANY_TIME)
    desk.hang_up(account_id, ask=False, ended_at=noon(MONDAY))
    with desk.sessions.begin() as session:
        session.execute(text("update invitation set skip_reason = 'full_moon'"))
    desk.roll_up()
    assert ledger(desk, account_id)["total"]["skipped"] == {"other": 1}
    with desk.sessions.begin() as session:
        assert recount(session.connection()) != []  # and the tests' own recount does not let it pass
        session.execute(text("update invitation set skip_reason = 'ask_false'"))
    with desk.sessions.begin() as session:
        session.execute(text("delete from fact_day"))


def test_the_recount_misses_a_call_without_its_invitation(desk: Desk) -> None:
    account_id = desk.account(**ANY_TIME)
    desk.hang_up(account_id, ask=False, ended_at=noon(MONDAY))
    with desk.sessions() as session:
        session.execute(text("delete from message"))
        session.execute(text("delete from invitation"))
        assert [row[1:] for row in recount(session.connection())] == [(0, 0, 0)]
