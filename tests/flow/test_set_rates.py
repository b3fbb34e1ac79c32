"""A week's rates are made from the facts, once, in the account's own time; and calls are drawn by them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, event, func, select

from app.checkup.sampling import check_sampling
from app.domain.questionnaire import Survey
from app.domain.quota import NOBODY, Rate, Week
from app.flow.amend_call import amend_call
from app.flow.asking import read_asking
from app.flow.read_ledger import read_ledger
from app.flow.set_rates import quota_of, read_rates, set_rates
from app.store.dry_runs import add_dry_run
from app.store.sampling_rates import Quota, SamplingRate, add_rates, histories
from app.store.surveys import add_survey_version, current_survey
from tests.desk import ANY_TIME, Desk, decided, noon, only
from tests.house import House
from workers.sampling import set_rates_of_all

# a year with a leap day, and a month that begins with it in sight
FEBRUARY, MARCH = date(2028, 2, 1), date(2028, 3, 1)
At = Callable[[datetime], None]


@pytest.fixture
def at(house: House) -> At:
    """Let it be this moment in the database."""

    def be(moment: datetime) -> None:
        house.shift(moment - datetime.now(UTC))

    return be


@pytest.fixture
def account_id(desk: Desk) -> UUID:
    return desk.account(quota_per_month=20, **ANY_TIME)


def calls(
    desk: Desk, account_id: UUID, day: date, count: int = 1, *, agent: str | None = "a1", answered: int = 0
) -> None:
    for number in range(count):
        received = desk.hang_up(account_id, agent_id=agent, ended_at=noon(day))
        if number < answered:
            desk.answer(account_id, received, csat=5)


def quota(desk: Desk, account_id: UUID) -> Quota:
    with desk.sessions() as session:
        return quota_of(session, account_id, "default")


def make(desk: Desk, account_id: UUID) -> int:
    with desk.sessions.begin() as session:
        return set_rates(session, quota_of(session, account_id, "default"))


def rates(desk: Desk, account_id: UUID) -> dict[tuple[date, str], SamplingRate]:
    with desk.sessions() as session:
        found = session.scalars(select(SamplingRate).where(SamplingRate.account_id == account_id))
        return {(rate.first_day, rate.agent_id): rate for rate in found}


def give(desk: Desk, account_id: UUID, first_day: date, **probabilities: float) -> None:
    """Rates as they might have been made; `account`: its own."""
    made = {NOBODY if name == "account" else name: Rate(p, {}) for name, p in probabilities.items()}
    with desk.sessions.begin() as session:
        add_rates(session, quota_of(session, account_id, "default"), first_day, made)


def change_survey(desk: Desk, account_id: UUID, **terms: Any) -> None:
    with desk.sessions.begin() as session:
        survey = current_survey(session, account_id, "default")
        assert survey is not None
        changed = Survey.from_definition("default", survey.version + 1, survey.definition() | terms)
        add_survey_version(session, account_id, changed)


def probability(desk: Desk, account_id: UUID, **call: Any) -> float:
    return desk.invitation_of(account_id, desk.hang_up(account_id, **call)).probability


def test_who_took_few_calls_gets_a_higher_rate_than_who_took_many(
    desk: Desk, account_id: UUID, at: At
) -> None:
    at(noon(MARCH))
    for day in (8, 15, 22):
        calls(desk, account_id, FEBRUARY.replace(day=day), 3, agent="quiet", answered=1)
        calls(desk, account_id, FEBRUARY.replace(day=day), 20, agent="busy", answered=12)
    desk.roll_up()
    assert make(desk, account_id) == 3
    made = rates(desk, account_id)
    assert set(made) == {(MARCH, "quiet"), (MARCH, "busy"), (MARCH, NOBODY)}
    quiet, busy = (made[MARCH, agent] for agent in ("quiet", "busy"))
    assert 0.10 <= busy.probability < quiet.probability <= 1.0
    assert busy.basis["calls_a_day"] > 2 > quiet.basis["calls_a_day"]
    assert (busy.basis["target"], busy.basis["answered"], busy.basis["days_left"]) == (20, 0, 31)


def test_facts_tell_what_reached_the_draw_and_what_was_drawn(desk: Desk, at: At) -> None:
    account_id = desk.account(quota_per_month=20, probability=0.5, **ANY_TIME)
    day = FEBRUARY.replace(day=28)
    at(noon(day))
    reached = [decided(desk.hang_up(account_id, ended_at=noon(day - timedelta(days=9)))) for _ in range(30)]
    coming = [decided(desk.hang_up(account_id, ended_at=noon(day))) for _ in range(6)]
    assert set(reached) == {"scheduled", "sampled_out"}
    # these did not come as far
    desk.hang_up(account_id, ended_at=noon(day), talk_seconds=1)
    desk.hang_up(account_id, ended_at=noon(day), ask=False)
    # these did, and then their customer's open survey stood in the way of those that were drawn
    phone = "+447700900999"
    while "survey_open" not in coming:
        coming.append(decided(desk.hang_up(account_id, ended_at=noon(day), phone=phone)))
    desk.roll_up()
    with desk.sessions() as session:
        found = histories(session, quota(desk, account_id), MARCH)["a1"]
    drawn, drawn_lately = (len(some) - some.count("sampled_out") for some in (reached, coming))
    assert found.weeks == (
        Week(8, len(coming), drawn_lately, 0, False),
        Week(7, len(reached), drawn, 0, False),
    )
    assert (found.coming_drawn, found.coming_answered) == (drawn_lately, 0)


def test_what_is_only_tried_is_volume_and_tells_nothing_of_response(desk: Desk, at: At) -> None:
    """A survey that is tried for weeks begins with rates, and not by asking after every call."""
    account_id = desk.account(quota_per_month=20, probability=0.5, **ANY_TIME)
    with desk.sessions.begin() as session:
        add_dry_run(session, account_id, "queue", "sales")
    day = FEBRUARY.replace(day=22)
    at(noon(day))
    tried = [decided(desk.hang_up(account_id, ended_at=noon(day))) for _ in range(20)]
    assert set(tried) == {"dry_run", "sampled_out"}
    desk.roll_up()
    with desk.sessions() as session:
        found = histories(session, quota(desk, account_id), MARCH)["a1"]
    assert found.weeks == (Week(8, 20, 0, 0, False),)


def test_another_survey_and_calls_without_an_agent_are_nobodys_volume(
    desk: Desk, account_id: UUID, at: At
) -> None:
    at(noon(MARCH))
    calls(desk, account_id, FEBRUARY, 2)
    calls(desk, account_id, FEBRUARY, 2, agent=None)
    desk.roll_up()
    with desk.sessions() as session:
        assert set(histories(session, quota(desk, account_id), MARCH)) == {"a1"}
        other = Quota(account_id, "other", 20, 1.0)
        assert histories(session, other, MARCH) == {}


def test_made_twice_or_by_two_at_once_they_are_made_once(desk: Desk, account_id: UUID, at: At) -> None:
    at(noon(MARCH))
    calls(desk, account_id, FEBRUARY, 2)
    desk.roll_up()
    known = quota(desk, account_id)
    made = desk.at_once(4, lambda session, _: set_rates(session, known))
    assert sum(made) == 2
    before = {key: (rate.probability, rate.made_at) for key, rate in rates(desk, account_id).items()}
    calls(desk, account_id, FEBRUARY, 20)
    desk.roll_up()
    assert make(desk, account_id) == 0
    assert {key: (rate.probability, rate.made_at) for key, rate in rates(desk, account_id).items()} == before


@pytest.mark.parametrize(
    ("timezone", "moment", "first_day", "days_left"),
    [
        ("UTC", "2028-02-29T23:55:00+00:00", "2028-02-22", 8),  # a leap year's
        ("UTC", "2027-02-28T23:55:00+00:00", "2027-02-22", 7),
        ("UTC", "2028-03-31T12:00:00+00:00", "2028-03-22", 10),
        ("UTC", "2028-04-30T12:00:00+00:00", "2028-04-22", 9),
        ("UTC", "2028-03-07T23:59:00+00:00", "2028-03-01", 31),
        ("UTC", "2028-03-08T00:01:00+00:00", "2028-03-08", 24),
        ("Asia/Shanghai", "2028-02-29T16:05:00+00:00", "2028-03-01", 31),
        ("Asia/Shanghai", "2028-02-29T15:55:00+00:00", "2028-02-22", 8),
        ("America/Los_Angeles", "2028-03-01T07:55:00+00:00", "2028-02-22", 8),
        ("America/Los_Angeles", "2028-03-15T06:55:00+00:00", "2028-03-08", 24),  # summer time since the 12th
        ("Pacific/Apia", "2027-12-31T11:05:00+00:00", "2028-01-01", 31),
    ],
)
def test_a_week_begins_when_it_does_where_the_account_is(
    desk: Desk, at: At, timezone: str, moment: str, *, first_day: str, days_left: int
) -> None:
    account_id = desk.account(timezone=timezone, quota_per_month=20, **ANY_TIME)
    now, expected = datetime.fromisoformat(moment), date.fromisoformat(first_day)
    at(now)
    eve = datetime(expected.year, expected.month, expected.day, tzinfo=ZoneInfo(timezone)) - timedelta(
        hours=1
    )
    desk.hang_up(account_id, ended_at=eve)
    desk.roll_up()
    make(desk, account_id)
    made = rates(desk, account_id)
    assert set(made) == {(expected, "a1"), (expected, NOBODY)}
    assert made[expected, "a1"].basis["days_left"] == days_left


def test_a_run_that_was_missed_is_made_up_for_from_what_the_week_would_have_known(
    desk: Desk, account_id: UUID, at: At
) -> None:
    at(noon(MARCH.replace(day=12)))
    calls(desk, account_id, MARCH, 10, answered=4)
    calls(desk, account_id, MARCH.replace(day=9), 10, answered=9)
    desk.roll_up()
    make(desk, account_id)
    made = rates(desk, account_id)[MARCH.replace(day=8), "a1"]
    assert (made.basis["answered"], made.basis["days_left"]) == (4, 24)
    assert made.basis["calls_a_day"] == pytest.approx(10 / 7, abs=0.01)


def test_while_the_facts_are_behind_the_rates_of_before_stay(desk: Desk, account_id: UUID, at: At) -> None:
    at(noon(MARCH) - timedelta(minutes=16))
    calls(desk, account_id, FEBRUARY, 2)
    at(noon(MARCH))
    assert make(desk, account_id) == 0
    desk.roll_up()
    assert make(desk, account_id) == 2


def test_facts_that_wait_for_seconds_hold_nothing_up(desk: Desk, account_id: UUID, at: At) -> None:
    at(noon(MARCH))
    calls(desk, account_id, FEBRUARY, 2)
    desk.roll_up()
    calls(desk, account_id, FEBRUARY, 1)
    assert make(desk, account_id) == 2


def test_rates_that_nobody_makes_are_noticed_within_the_weeks_first_hours(
    desk: Desk, house: House, account_id: UUID, at: At
) -> None:
    midnight = datetime(2028, 3, 8, tzinfo=UTC)

    def late() -> str:
        (found,) = check_sampling(desk.sessions, None)
        return found.state

    at(midnight - timedelta(hours=2))
    assert late() == "warning"
    set_rates_of_all(house.parts)
    assert late() == "ok"
    at(midnight + timedelta(minutes=30))
    assert late() == "ok"
    at(midnight + timedelta(minutes=90))
    assert late() == "warning"
    assert check_sampling(desk.sessions, "somebody else") == []
    set_rates_of_all(house.parts)
    assert late() == "ok"


def test_the_worker_makes_them_for_each_account_that_has_a_quota(
    desk: Desk, house: House, account_id: UUID
) -> None:
    without = desk.account(**ANY_TIME)
    other = desk.account(quota_per_month=5, **ANY_TIME)
    set_rates_of_all(house.parts)
    set_rates_of_all(house.parts)
    assert [len(rates(desk, one)) for one in (account_id, other, without)] == [1, 1, 0]


def test_a_quota_that_is_changed_holds_from_the_next_week_and_one_that_is_gone_makes_none(
    desk: Desk, house: House, account_id: UUID, at: At
) -> None:
    at(noon(MARCH))
    make(desk, account_id)
    for target in (40, None):
        change_survey(desk, account_id, quota_per_month=target)
        at(noon(MARCH.replace(day=7 if target else 20)))
        set_rates_of_all(house.parts)
    assert {key: rate.basis["target"] for key, rate in rates(desk, account_id).items()} == {
        (MARCH, NOBODY): 20
    }


def test_a_call_is_drawn_at_its_agents_rate_which_stays_with_it(desk: Desk, account_id: UUID, at: At) -> None:
    at(noon(MARCH))
    give(desk, account_id, MARCH, a1=0.25, account=0.75)
    assert probability(desk, account_id, agent_id="a1") == 0.25
    assert probability(desk, account_id, agent_id="new") == 0.75
    assert probability(desk, account_id, agent_id=None) == 0.75
    assert probability(desk, account_id, agent_id="a1", talk_seconds=1) == 0.25


def test_a_share_that_is_lowered_is_the_most_at_once(desk: Desk, account_id: UUID, at: At) -> None:
    """Whoever asks too many is not to wait for the next week."""
    at(noon(MARCH))
    give(desk, account_id, MARCH, a1=0.75, a2=0.25, account=0.75)
    change_survey(desk, account_id, probability=0.5)
    assert [probability(desk, account_id, agent_id=agent) for agent in ("a1", "a2", None)] == [0.5, 0.25, 0.5]


def test_a_call_that_is_given_to_another_agent_keeps_what_it_was_drawn_at(
    desk: Desk, account_id: UUID, at: At
) -> None:
    at(noon(MARCH))
    give(desk, account_id, MARCH, a1=0.25, a2=0.75, account=0.5)
    received = desk.hang_up(account_id, agent_id=None)
    with desk.sessions.begin() as session:
        call_id = UUID(received.call["id"])
        amend_call(session, account_id=account_id, call_id=call_id, changes={"agent": {"id": "a2"}})
    assert desk.invitation_of(account_id, received).probability == 0.5


def test_before_there_are_rates_the_surveys_share_is_used(desk: Desk, at: At) -> None:
    account_id = desk.account(quota_per_month=20, probability=0.5, **ANY_TIME)
    at(noon(MARCH))
    assert probability(desk, account_id) == 0.5


def test_the_share_of_those_asked_is_the_agents_rate(desk: Desk, account_id: UUID, at: At) -> None:
    at(noon(MARCH))
    give(desk, account_id, MARCH, often=0.8, seldom=0.2, account=1.0)
    for agent, least, most in (("often", 50, 75), ("seldom", 5, 30)):
        asked = [decided(desk.hang_up(account_id, agent_id=agent)) for _ in range(80)].count("scheduled")
        assert least <= asked <= most, agent  # six sigma


def test_a_report_that_is_repeated_is_drawn_as_the_first_time_whatever_the_rate_is_now(
    desk: Desk, account_id: UUID, at: At
) -> None:
    at(noon(MARCH))
    give(desk, account_id, MARCH, a1=0.5, account=0.5)
    reports = [desk.call_end() for _ in range(12)]
    first = [desk.hang_up(account_id, call) for call in reports]
    assert {decided(one) for one in first} == {"scheduled", "sampled_out"}
    with desk.sessions.begin() as session:
        session.execute(delete(SamplingRate))
    give(desk, account_id, MARCH, a1=1.0, account=1.0)
    again = [desk.hang_up(account_id, call) for call in reports]
    assert [decided(one) for one in again] == [decided(one) for one in first]
    assert {desk.invitation_of(account_id, one).probability for one in again} == {0.5}


def test_a_report_that_is_held_back_is_drawn_by_the_week_of_its_call(desk: Desk, at: At) -> None:
    account_id = desk.account(quota_per_month=20, **ANY_TIME | {"too_old_seconds": 7_200})
    midnight = datetime(2028, 3, 8, tzinfo=UTC)
    at(midnight + timedelta(minutes=5))
    give(desk, account_id, MARCH, a1=0.25, account=0.5)
    give(desk, account_id, MARCH.replace(day=8), a1=0.75, account=0.5)
    assert probability(desk, account_id, ended_at=midnight - timedelta(minutes=5)) == 0.25
    assert probability(desk, account_id, ended_at=midnight + timedelta(minutes=1)) == 0.75


def test_without_a_quota_no_rate_is_read(desk: Desk, account_id: UUID) -> None:
    without, seen = desk.account(), list[str]()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    engine = desk.sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", note)
    try:
        for one, expected in ((without, 0), (account_id, 1)):
            seen.clear()
            with desk.sessions() as session:
                read_asking(session, one)
            assert sum("sampling_rate" in statement for statement in seen) == expected
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_team_is_right_again_by_weight_and_an_agent_counts_plainly(
    desk: Desk, account_id: UUID, at: At
) -> None:
    at(noon(MARCH))
    give(desk, account_id, MARCH, quiet=1.0, busy=0.2, account=1.0)
    for agent, value in (("quiet", 5), ("busy", 1)):
        asked = 0
        while asked < 2:
            received = desk.hang_up(account_id, agent_id=agent)
            if received.invitation:
                desk.answer(account_id, received, csat=value)
                asked += 1
    desk.roll_up()
    team = only(desk.results(account_id, "team", start=MARCH, end=MARCH))["csat"]
    # two of quiet count for two calls, two of busy for ten
    assert (team["n"], team["score"]) == (4, pytest.approx(100 * 2 / 12, abs=1e-4))
    assert team["weighting"] == "inverse_probability"
    assert team["effective_n"] == pytest.approx(12**2 / (2 * 1 + 2 * 25), abs=1e-4)
    rows = desk.results(account_id, "agent", start=MARCH, end=MARCH)["rows"]
    assert [(row["agent"]["id"], row["csat"]["score"], row["csat"]["weighting"]) for row in rows] == [
        ("busy", 0.0, "none"),
        ("quiet", 100.0, "none"),
    ]


def test_the_ledger_holds_nobodys_rate_against_them_but_what_they_have_a_hand_in(
    desk: Desk, account_id: UUID, at: At
) -> None:
    at(noon(MARCH))
    give(desk, account_id, MARCH, quiet=1.0, busy=0.1, shy=1.0, account=1.0)
    for agent in ("quiet", "busy", "shy"):
        for _ in range(25):
            desk.hang_up(account_id, agent_id=agent, ask=agent != "shy")
    desk.roll_up()
    with desk.sessions() as session:
        found = read_ledger(session, account_id=account_id, group_by="agent", start=MARCH, end=MARCH)
    rows = {row["agent"]["id"]: row for row in found["rows"]}
    assert rows["busy"]["offer"]["value"] < 50 < rows["quiet"]["offer"]["value"]
    against = {agent: row["against_others"] for agent, row in rows.items()}
    assert against["busy"]["difference"] == against["quiet"]["difference"] == 50
    assert (against["shy"]["difference"], against["shy"]["verdict"]) == (-100, "lower")
    assert {one["compared"] for one in against.values()} == {"reached"}


def test_a_rate_outside_of_floor_and_one_is_refused_by_the_table(desk: Desk, account_id: UUID) -> None:
    for wrong in (0.09, 1.01):
        with pytest.raises(Exception, match="ck_sampling_rate_floor"):
            give(desk, account_id, MARCH, a1=wrong)


def test_rates_are_read_by_the_week_that_a_day_lies_in(desk: Desk, account_id: UUID, at: At) -> None:
    at(noon(MARCH))
    give(desk, account_id, MARCH, a1=0.25, account=0.5)
    with desk.sessions() as session:
        found = [
            read_rates(session, account_id=account_id, survey="default", day=day, agent_id=None)
            for day in (None, MARCH.replace(day=7), MARCH.replace(day=8))
        ]
        assert [[rate.agent_id for rate in one] for one in found] == [["", "a1"], ["", "a1"], []]
        assert session.scalar(select(func.count()).select_from(SamplingRate)) == 2
