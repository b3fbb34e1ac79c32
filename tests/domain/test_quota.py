"""The rule of sampling by quota: what a week's rate is made from, and what no figures can make of it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.eligibility import Ask, Skip, decide
from app.domain.questionnaire import Survey
from app.domain.quota import (
    FLOOR,
    NOBODY,
    Aim,
    History,
    RatesInForce,
    Week,
    account_response,
    calls_a_day,
    own_response,
    response_worth,
    week_rates,
)
from tests.domain.test_eligibility import FIT

# the month's first day: nothing has been answered yet
AIM = Aim(target=20, days=30, days_left=30)


def week(reached: int, drawn: int = 0, answered: int = 0, *, days: int = 7, this_month: bool = False) -> Week:
    return Week(days, reached, drawn, answered, this_month)


def steady(calls_a_day: int, response: float = 0.2, weeks: int = 4) -> History:
    """Weeks of last month in which half of the calls were drawn, and so many of those were answered."""
    drawn = calls_a_day * 7 // 2
    return History((week(calls_a_day * 7, drawn, round(drawn * response)),) * weeks)


def rate(aim: Aim, history: History, others: int = 20) -> float:
    """An agent's among others who are busy and usual."""
    among = {f"other {number}": steady(10) for number in range(others)}
    return week_rates(aim, {"a1": history, **among})["a1"].probability


def test_what_is_missing_is_spread_over_the_calls_to_come() -> None:
    # 10 calls a day for 30 days, of which a fifth would answer: 60 answers for 20 that are wanted
    assert rate(AIM, steady(10)) == pytest.approx(20 / 60, rel=0.02)


def test_who_has_fewer_calls_is_asked_about_more() -> None:
    rates = [rate(AIM, steady(calls)) for calls in (2, 4, 8, 16, 30)]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] == 1.0
    assert rates[-1] < 0.15


def test_who_is_answered_less_is_asked_about_more() -> None:
    assert rate(AIM, steady(10, response=0.1)) > 1.5 * rate(AIM, steady(10, response=0.4))


def test_a_target_out_of_reach_is_approached_with_all_that_there_is() -> None:
    assert rate(AIM, steady(1)) == 1.0
    assert rate(AIM._replace(most=0.5), steady(1)) == 0.5


def test_nobody_is_ever_out_of_the_draw() -> None:
    over = History((week(70, 70, 30, this_month=True), *steady(10).weeks))
    assert rate(AIM._replace(days_left=23), over) == FLOOR
    assert rate(AIM, steady(100_000)) == FLOOR
    assert rate(AIM._replace(most=0.0), steady(1)) == FLOOR


@pytest.mark.parametrize(("answered", "expected"), [(0, 20), (5, 15), (12, 8), (20, 0)])
def test_what_was_answered_this_month_is_not_asked_for_again(answered: int, expected: int) -> None:
    history = History((week(70, 35, answered, this_month=True), *steady(10, weeks=3).weeks))
    response = week_rates(AIM, {"a1": history, "a2": steady(10)})["a1"].basis["response"]
    aim = AIM._replace(days_left=23)
    wanted = max(FLOOR, min(1.0, expected / (10 * 23 * response)))
    assert week_rates(aim, {"a1": history, "a2": steady(10)})["a1"].probability == pytest.approx(
        wanted, rel=0.01
    )


def test_answers_that_are_still_coming_in_are_counted_on() -> None:
    this_week = week(70, 35, 4, this_month=True)
    over = History((this_week, *steady(10, weeks=3).weeks))
    coming = over._replace(coming_drawn=20, coming_answered=1)
    aim = AIM._replace(days_left=23)
    # about a fifth of 20, less the one that is there
    basis = week_rates(aim, {"a1": coming, "a2": steady(10)})["a1"].basis
    assert 2.5 < basis["coming"] < 3.5
    assert rate(aim, coming) < rate(aim, over)


def test_what_is_coming_for_last_month_is_not_this_months() -> None:
    history = steady(10)._replace(coming_drawn=10, coming_answered=0)
    assert week_rates(AIM, {"a1": history})["a1"].basis["coming"] == 0


def test_a_low_response_of_the_last_two_days_is_no_low_response() -> None:
    seen = History((week(70, 35, 4),), coming_drawn=15, coming_answered=0)
    assert own_response(seen, 0.2, 10) == pytest.approx((4 + 2) / (20 + 10))


def test_leave_changes_nothing_of_what_is_expected_afterwards() -> None:
    away = History((week(0), week(0), *steady(10).weeks))
    assert calls_a_day(away.weeks) == calls_a_day(steady(10).weeks)


def test_the_newest_weeks_count_most() -> None:
    growing = [week(140), week(70), week(70), week(70)]
    shrinking = [week(70), week(70), week(70), week(140)]
    assert 10 < calls_a_day(shrinking) < calls_a_day(growing) < 20


def test_a_week_at_the_end_of_a_long_month_is_not_a_busier_one() -> None:
    assert calls_a_day([week(100, days=10)]) == calls_a_day([week(70)]) == 10


def test_three_calls_make_no_rate_of_response() -> None:
    three = History((week(3, 3, 3),))
    assert own_response(three, 0.2, 50) == pytest.approx((3 + 10) / 53)
    assert own_response(History((week(4000, 4000, 1600),)), 0.2, 50) == pytest.approx(0.4, abs=0.01)


def test_before_anything_is_known_a_usual_response_is_taken() -> None:
    assert account_response([]) == pytest.approx(0.2)
    assert account_response([History((week(10, 10, 0),))]) > 0


def test_agents_who_differ_are_taken_more_at_their_own_word() -> None:
    alike = [History((week(400, 400, 80 + number % 3),)) for number in range(20)]
    apart = [History((week(400, 400, 20 if number % 2 else 140),)) for number in range(20)]
    assert response_worth(alike, 0.2) == 200
    assert response_worth(apart, 0.2) < 20


def test_the_worth_of_the_accounts_response_by_the_formula() -> None:
    # n 100 each, 10 and 30 answered, m 0.2: S = 100 (0.01 + 0.01) / 0.16 = 12.5, room = 200 - 100 - 1 = 99
    two = [History((week(100, 100, 10),)), History((week(100, 100, 30),))]
    rho = (12.5 - 1) / 99
    assert response_worth(two, 0.2) == pytest.approx(max(10.0, (1 - rho) / rho))
    near = [History((week(100, 100, 14),)), History((week(100, 100, 26),))]
    rho = (2 * 100 * 0.06**2 / 0.16 - 1) / 99
    assert response_worth(near, 0.2) == pytest.approx((1 - rho) / rho)


def test_the_accounts_own_rate_is_what_a_usual_agent_needs_in_a_month() -> None:
    rates = week_rates(
        AIM._replace(days_left=9), {f"a{n}": steady(calls) for n, calls in enumerate((4, 10, 90))}
    )
    assert rates[NOBODY].probability == pytest.approx(20 / (10 * 30 * 0.2), rel=0.02)


def test_without_any_figures_there_is_the_accounts_own_rate_alone() -> None:
    rates = week_rates(AIM._replace(most=0.4), {"on leave": History((week(0),))})
    assert {agent: rate.probability for agent, rate in rates.items()} == {NOBODY: 0.4}


def test_a_rate_is_explained_by_the_figures_beside_it() -> None:
    history = History((week(70, 35, 6, this_month=True), *steady(10, weeks=3).weeks))
    found, basis = week_rates(AIM._replace(days_left=23), {"a1": history})["a1"]
    again = (basis["target"] - basis["answered"] - basis["coming"]) / (
        basis["calls_a_day"] * basis["days_left"] * basis["response"]
    )
    assert found == pytest.approx(again, rel=0.01)


# of anything that facts could say, sensible or not
_WEEKS = st.lists(
    st.builds(
        Week,
        days=st.integers(7, 10),
        reached=st.integers(0, 5_000),
        drawn=st.integers(0, 5_000),
        answered=st.integers(0, 5_000),
        this_month=st.booleans(),
    ),
    max_size=10,
)
_HISTORIES = st.builds(
    History, weeks=_WEEKS, coming_drawn=st.integers(0, 2_000), coming_answered=st.integers(0, 2_000)
)
_AIMS = st.builds(
    lambda target, days, left, most: Aim(target, days, min(left, days), most),
    st.integers(1, 1_000),
    st.integers(28, 31),
    st.integers(1, 31),
    st.floats(FLOOR, 1.0),
)


@given(_AIMS, st.dictionaries(st.text(min_size=1, max_size=3), _HISTORIES, max_size=6))
def test_a_rate_lies_between_the_floor_and_the_most(aim: Aim, histories: dict[str, History]) -> None:
    rates = week_rates(aim, histories)
    assert NOBODY in rates
    assert all(FLOOR <= one.probability <= max(FLOOR, aim.most) for one in rates.values())


@given(_AIMS, _HISTORIES, st.integers(1, 5_000), st.data())
def test_more_calls_never_raise_a_rate(aim: Aim, history: History, more: int, data: st.DataObject) -> None:
    worked = [number for number, one in enumerate(history.weeks) if one.reached]
    if not worked:
        return
    busier = list(history.weeks)
    at = data.draw(st.sampled_from(worked))
    busier[at] = busier[at]._replace(reached=busier[at].reached + more)
    before = week_rates(aim, {"a1": history})["a1"].probability
    assert week_rates(aim, {"a1": history._replace(weeks=busier)})["a1"].probability <= before


@given(_AIMS, _HISTORIES)
def test_the_more_is_wanted_the_more_is_asked(aim: Aim, history: History) -> None:
    rates, more = (week_rates(one, {"a1": history}) for one in (aim, aim._replace(target=aim.target + 5)))
    assert all(rates[agent].probability <= more[agent].probability for agent in rates)


@given(st.lists(_HISTORIES, max_size=20))
def test_a_response_is_a_share_whatever_the_facts_say(histories: list[History]) -> None:
    response = account_response(histories)
    assert 0 < response < 1
    worth = response_worth(histories, response)
    assert 10 <= worth <= 200
    assert all(0 < own_response(history, response, worth) < 1 for history in histories)


FIRST = date(2026, 3, 8)
IN_FORCE = RatesInForce(
    ((FIRST, {"a1": 0.25, NOBODY: 0.4}), (FIRST - timedelta(days=7), {"a1": 0.75, "a2": 0.5, NOBODY: 0.6}))
)


@pytest.mark.parametrize(
    ("agent_id", "day", "expected"),
    [
        ("a1", FIRST, 0.25),
        ("a1", FIRST + timedelta(days=20), 0.25),
        ("a1", FIRST - timedelta(days=1), 0.75),
        ("a2", FIRST, 0.4),
        ("a2", FIRST - timedelta(days=7), 0.5),
        (None, FIRST, 0.4),
        (None, FIRST - timedelta(days=1), 0.6),
        ("a1", FIRST - timedelta(days=8), None),
    ],
)
def test_a_call_is_drawn_by_the_week_that_it_ended_in(
    agent_id: str | None, day: date, expected: float | None
) -> None:
    assert IN_FORCE.of(agent_id, day) == expected
    assert RatesInForce().of(agent_id, day) is None


def test_the_agents_rate_takes_the_place_of_the_surveys_share() -> None:
    asked = decide(replace(FIT, draw=0.6, rate=0.7))
    assert isinstance(asked, Ask)
    assert asked.probability == 0.7
    skipped = decide(replace(FIT, draw=0.6, rate=0.3))
    assert isinstance(skipped, Skip)
    assert skipped.reason == "sampled_out"


def test_no_rate_is_above_the_share_as_it_is_now() -> None:
    asked = decide(replace(FIT, draw=0.4, rate=0.7, survey=Survey("default", 1, probability=0.5)))
    assert isinstance(asked, Ask)
    assert asked.probability == 0.5


def test_what_was_looked_at_tells_nothing_of_an_agents_rate() -> None:
    by_quota = Survey("default", 1, quota_per_month=20)
    for draw in (0.1, 0.9):
        (drawn,) = (
            check
            for check in decide(replace(FIT, survey=by_quota, draw=draw, rate=0.3)).checks
            if check["check"] == "sampled_out"
        )
        assert not any(sign.isdigit() for sign in drawn["detail"])
