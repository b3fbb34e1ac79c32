"""On half a year of calls: facts are the answers counted again, and results add up to them."""

from collections import Counter
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from app.domain.metrics import METRICS
from app.flow.read_results import read_results
from bench.data import FIRST, LAST
from tests.bench.conftest import Centre

_RECOUNT = text(
    """
    select coalesce(c.agent_id, '') as agent, a.metric, a.value, count(*) as n
    from call c
    join invitation i on i.account_id = c.account_id and i.call_id = c.id
    join answer a on a.account_id = i.account_id and a.invitation_id = i.id
    where a.is_current and a.value is not null and not c.is_test and c.ended_on between :first and :last
    group by 1, 2, 3
    """
)


def results(centre: Centre, group_by: str, **query: Any) -> list[dict[str, Any]]:
    with centre.sessions() as session:
        asked = {"start": FIRST, "end": LAST, "bucket": "all", **query}
        rows: list[dict[str, Any]] = read_results(
            session, account_id=centre.account_id, group_by=group_by, **asked
        )["rows"]
    return rows


def histograms(rows: list[dict[str, Any]], group_by: str) -> Counter[tuple[str, str, int]]:
    """How often each value was given to whom, over all rows."""
    total: Counter[tuple[str, str, int]] = Counter()
    for row in rows:
        key = row["agent"]["id"] if group_by == "agent" else row[group_by] or ""
        for metric in METRICS.keys() & row.keys():
            total.update({(key, metric, int(value)): n for value, n in row[metric]["histogram"].items() if n})
    return total


def test_facts_are_the_answers_counted_again(centre: Centre) -> None:
    period = {"first": FIRST, "last": LAST}
    with centre.sessions() as session:
        recount = Counter(
            {(agent, metric, value): n for agent, metric, value, n in session.execute(_RECOUNT, period)}
        )
    assert sum(recount.values()) == pytest.approx(centre.size.answers, rel=0.05)
    assert histograms(results(centre, "agent"), "agent") == recount


def test_results_add_up_however_they_are_grouped_and_cut(centre: Centre) -> None:
    calls = sum(row["calls"] for row in results(centre, "team"))
    agents = results(centre, "agent")
    nobodys = [row for row in results(centre, "team") if row["team"] is None]
    assert sum(row["calls"] for row in agents + nobodys) == calls == centre.size.calls
    for group_by in ("vendor", "queue"):
        assert sum(row["calls"] for row in results(centre, group_by)) == calls
    for bucket in ("day", "week", "month"):
        assert sum(row["calls"] for row in results(centre, "team", bucket=bucket)) == calls
    answered: Counter[str] = Counter()
    for row in agents:
        skipped = sum(row["skipped"].values())
        assert row["calls"] == row["invited"] + skipped
        answered["csat"] += row["csat"]["n"]
    days = results(centre, "agent", bucket="day")
    assert sum(row["csat"]["n"] for row in days) == answered["csat"]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2026, 1, 12), date(2026, 6, 19)),
        (date(2026, 2, 8), date(2026, 3, 14)),
        (date(2026, 3, 23), date(2026, 6, 20)),
        (date(2026, 5, 10), date(2026, 5, 27)),
        (date(2026, 4, 22), date(2026, 4, 30)),
    ],
)
def test_a_period_that_ends_inside_months_is_the_sum_of_its_days(
    centre: Centre, start: date, end: date
) -> None:
    for group_by in ("agent", "queue"):
        whole = results(centre, group_by, start=start, end=end)
        days = results(centre, group_by, start=start, end=end, bucket="day")
        assert histograms(whole, group_by) == histograms(days, group_by)
        assert sum(row["calls"] for row in whole) == sum(row["calls"] for row in days) > 0
        assert _skipped(whole) == _skipped(days)


def _skipped(rows: list[dict[str, Any]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for row in rows:
        total.update(row["skipped"])
    return total


def test_the_same_seed_makes_the_same(centre: Centre) -> None:
    """Whatever order PostgreSQL makes the rows in: draws are hashes of the seed and the call's number."""
    given: Counter[int] = Counter()
    for (_, metric, value), n in histograms(results(centre, "agent"), "agent").items():
        if metric == "csat":
            given[value] += n
    assert given == {1: 73, 2: 69, 3: 78, 4: 262, 5: 574}
