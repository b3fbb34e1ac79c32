"""The simulated year: the same calls for each way of sampling, and what its tables say of them."""

from datetime import date

import pytest

from app.domain.quota import FLOOR
from bench.callyear import LAST, Year, make_agents, simulate
from bench.quota import plain, sample_by_quota, tables
from bench.scale import Scale

SPRING = date(2027, 4, 30)


@pytest.fixture(scope="module")
def by_quota() -> Year:
    return simulate(1, make_agents(1, 100), sample_by_quota, SPRING)


@pytest.fixture(scope="module")
def by_share(by_quota: Year) -> Year:
    return simulate(1, by_quota.agents, plain(by_quota.asked / by_quota.askable), SPRING)


def test_each_way_of_sampling_meets_the_same_calls(by_quota: Year, by_share: Year) -> None:
    assert by_quota.askable == by_share.askable
    assert {key: month.calls for key, month in by_quota.months.items()} == {
        key: month.calls for key, month in by_share.months.items()
    }


def test_as_many_texts_are_sent_either_way(by_quota: Year, by_share: Year) -> None:
    assert by_share.asked == pytest.approx(by_quota.asked, rel=0.05)


def test_volumes_differ_as_they_do_in_the_world(by_quota: Year) -> None:
    volumes = sorted(agent.calls_a_month for agent in by_quota.agents)
    assert 20 <= volumes[0] < 100
    assert 1_000 < volumes[-1] <= 3_000


def test_by_quota_agents_lie_nearer_to_it(by_quota: Year, by_share: Year) -> None:
    """After the first months, in which nothing is known of anybody."""

    def off(year: Year) -> float:
        late = [month for (_, first), month in year.months.items() if first.month >= 3]
        return sum(abs(month.answers - 20) for month in late) / len(late)

    assert off(by_quota) < off(by_share) / 2


def test_every_rate_is_one_that_there_may_be(by_quota: Year) -> None:
    rates = {rate for counter in by_quota.rates.values() for rate in counter}
    assert min(rates) == FLOOR
    assert max(rates) == 1.0


def test_the_tables_have_a_row_for_each_tenth_and_for_each_way_of_counting() -> None:
    answers, scores = tables(Scale(1, quick=True))
    assert len(answers.rows) == 11
    assert [row[0] for row in scores.rows] == [
        "quota, each answer counted 1 / probability",
        "quota, each answer counted once",
        "plain",
    ]
    assert "| agents, by calls a month " in answers.render()


def test_nobody_works_before_they_start_or_on_leave() -> None:
    agents = make_agents(2, 200)
    for agent in agents:
        assert not any(agent.works(day) for day in agent.leave)
        assert agent.last <= LAST
