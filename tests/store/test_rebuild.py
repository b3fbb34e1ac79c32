"""What a rebuild gives: the numbers that are there, what is there now, and nothing of what is gone."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.eligibility import SKIP_REASONS
from app.flow.amend_call import amend_call
from app.flow.roll_up import rebuild_range, roll_up
from app.store.cells import SUMS
from app.store.facts import SHAPE, Agent, FactDay, FactMonth, FactWeek, StaleCell
from app.store.spans import month_of, week_of
from tests.desk import ANY_TIME, MONDAY, TUESDAY, Desk, counted_call, noon


@pytest.fixture
def account_id(desk: Desk) -> UUID:
    return desk.account(**ANY_TIME)


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
    desk.answer(account_id, counted_call(desk, account_id), csat=5)
    desk.roll_up()
    right = desk.facts(account_id)
    with desk.sessions.begin() as session:
        for table in (FactDay, FactWeek, FactMonth):
            session.execute(text(f"update {table.__tablename__} set n = n + 7, v5 = 9"))  # noqa: S608
            session.add(
                table(
                    account_id=account_id,
                    agent_id="ghost",
                    day=MONDAY.replace(day=1),
                    **dict.fromkeys(("team", "vendor", "queue", "survey", "channel"), ""),
                    metric="csat",
                    definition="csat_top2box.1",
                    **({"shape": SHAPE} if table is FactDay else {}),
                )
            )
        rebuild_range(session, account_id, MONDAY.replace(day=1), MONDAY)
    desk.roll_up()
    assert desk.facts(account_id) == right


def test_a_call_that_is_given_to_an_agent_later_leaves_no_ghost(desk: Desk, account_id: UUID) -> None:
    received = counted_call(desk, account_id, agent=None)
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
        for table in (FactDay, FactWeek, FactMonth):
            keys = session.execute(select(table.agent_id, table.queue).distinct()).all()
            assert [tuple(key) for key in keys] == [("a1", "support")]


def test_an_answer_that_is_changed_later_is_counted_once_and_as_it_is_now(
    desk: Desk, account_id: UUID
) -> None:
    received = counted_call(desk, account_id)
    desk.answer(account_id, received, csat=1)
    desk.roll_up()
    desk.answer(account_id, received, csat=5)
    desk.roll_up()
    with desk.sessions() as session:
        for table in (FactDay, FactWeek, FactMonth):
            counted = select(table.n, table.v1, table.v5, table.weight_top, table.weight_bottom)
            assert tuple(session.execute(counted.where(table.metric == "csat")).one()) == (1, 0, 1, 1, 0)


@pytest.mark.parametrize("table", [FactWeek, FactMonth])
def test_weeks_and_months_are_the_sums_of_their_days(
    desk: Desk, account_id: UUID, table: type[FactWeek | FactMonth]
) -> None:
    for number in range(12):
        received = desk.hang_up(
            account_id,
            agent_id="a1",
            team=f"t{number % 2}",
            ended_at=noon(date(2025, 2, 25) + timedelta(number)),
            hold_seconds=number,
            talk_seconds=1 if number % 4 == 1 else 90,
        )
        if received.invitation:
            desk.answer(account_id, received, csat=1 + number % 5, fcr=1 + number % 3)
    desk.roll_up()
    first = {FactWeek: week_of, FactMonth: month_of}[table]
    found: dict[tuple[Any, ...], list[float]] = defaultdict(lambda: [0] * len(SUMS))
    with desk.sessions() as session:
        for day, *key, sums in _sums_of(session, FactDay):
            cell = found[first(day)[0], *key]
            cell[:] = [total + one for total, one in zip(cell, sums, strict=True)]
        made = {tuple(key): sums for *key, sums in _sums_of(session, table)}
    assert made == found
    assert sum(sums[SUMS.index("skipped_too_short")] for sums in made.values()) == 3


def _sums_of(session: Session, table: type[FactDay | FactWeek | FactMonth]) -> Iterator[tuple[Any, ...]]:
    keys = table.day, table.team, table.channel, table.metric
    for row in session.execute(select(*keys, *(getattr(table, name) for name in SUMS))):
        yield *row[: len(keys)], [one or 0 for one in row[len(keys) :]]


def test_every_reason_not_to_ask_is_counted() -> None:
    counted = {name.removeprefix("skipped_") for name in SUMS if name.startswith("skipped_")}
    assert counted == set(SKIP_REASONS)


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
    counted_call(desk, account_id)
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
    assert counted_call(desk, account_id).skipped == {"reason": "sampled_out"}
    (row,) = desk.results(account_id, "team", start=MONDAY, end=MONDAY)["rows"]
    assert row["skipped"] == {"sampled_out": 1}


def test_who_was_asked_after_a_call_that_nobody_took_is_in_no_offer_rate(
    desk: Desk, account_id: UUID
) -> None:
    received = counted_call(desk, account_id)
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
