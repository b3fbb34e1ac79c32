"""Results of a few calls, held against figures that were worked out by hand."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, text, update

from app.domain.scoring import DAYS_UNTIL_FINAL
from app.flow.receive_call import Received
from app.flow.roll_up import rebuild_range
from app.store.accounts import Account
from app.web.json import dump_json
from tests.desk import ANY_TIME, Desk, noon, only

# a Thursday and a Friday, three Mondays; March has two whole weeks and more between them
FEB_27, FEB_28, MAR_3, MAR_10, MAR_31 = (
    date(2025, 2, 27),
    date(2025, 2, 28),
    date(2025, 3, 3),
    date(2025, 3, 10),
    date(2025, 3, 31),
)


def answered(desk: Desk, account_id: UUID, day: date, csats: list[int], **call: Any) -> list[Received]:
    """That day's calls, each answered with one of `csats`."""
    return [desk.survey(account_id, values={"csat": csat}, ended_at=noon(day), **call) for csat in csats]


def by(results: dict[str, Any], name: str) -> dict[Any, dict[str, Any]]:
    """Rows by what they are grouped by; `agent` by its id."""
    return {row[name]["id"] if name == "agent" else row[name]: row for row in results["rows"]}


@pytest.fixture
def a1(desk: Desk) -> UUID:
    """Agent a1 has ten answers: 5 5 1 in February, 4 4 5 2 early in March, 5 4 4 on its last day."""
    account_id = desk.account(**ANY_TIME)
    answered(desk, account_id, FEB_27, [5, 5, 1])
    answered(desk, account_id, MAR_3, [4, 4, 5, 2])
    answered(desk, account_id, MAR_31, [5, 4, 4])
    desk.roll_up()
    return account_id


def test_a_score_carries_all_that_is_needed_to_judge_it(desk: Desk, a1: UUID) -> None:
    row = only(desk.results(a1, start=FEB_27, end=MAR_31))
    assert row["agent"] == {"id": "a1", "name": "Agent One", "team": "blue", "vendor": "north"}
    assert (row["from"], row["to"], row["status"], row["final_on"]) == (
        "2025-02-27",
        "2025-03-31",
        "final",
        "2025-04-08",
    )
    csat = row["csat"]
    assert csat["n"] == 10
    assert csat["histogram"] == {"1": 1, "2": 1, "3": 0, "4": 4, "5": 4}
    assert (csat["score"], csat["bottom2box"], csat["mean"], csat["unit"]) == (80.0, 20.0, 3.9, "percent")
    assert csat["interval"] == {"low": 49.0162, "high": 94.3318, "level": 0.95, "method": "wilson"}
    assert csat["evidence"] == "indicative"
    assert csat["target"] == {"value": 80.0, "source": "house", "point_met": True, "verdict": "unproven"}
    assert csat["definition"] == {"name": "csat_top2box", "version": 1}
    assert (csat["weighting"], csat["effective_n"]) == ("none", 10)
    # not asked, or not answered: there, and empty
    assert (row["nps"]["n"], row["nps"]["score"], row["nps"]["evidence"]) == (0, None, "none")
    assert (row["ownership"]["n"], row["ownership"]["target"]) == (0, None)
    assert "fcr" not in row


def test_a_period_counts_its_own_days_and_no_others(desk: Desk, a1: UUID) -> None:
    for start, end, top_of in (
        (FEB_27, MAR_31, (8, 10)),  # two days, a whole month
        (FEB_28, MAR_31, (6, 7)),
        (date(2025, 3, 1), MAR_31, (6, 7)),  # exactly a month
        (date(2025, 3, 1), date(2025, 3, 30), (3, 4)),  # a month but for a day
        (date(2025, 3, 2), MAR_31, (6, 7)),
        (FEB_27, MAR_3, (5, 7)),  # no whole month
        (MAR_3, MAR_3, (3, 4)),
        (date(2025, 3, 4), date(2025, 3, 30), None),
        (date(2024, 12, 31), date(2025, 5, 1), (8, 10)),  # months with days on both sides
        (date(2025, 2, 1), date(2025, 2, 28), (2, 3)),
    ):
        rows = desk.results(a1, start=start, end=end)["rows"]
        found = [(row["calls"], row["csat"]["n"], row["csat"]["score"]) for row in rows]
        assert found == (
            [] if top_of is None else [(top_of[1], top_of[1], round(100 * top_of[0] / top_of[1], 4))]
        )


def test_buckets_are_cut_at_the_ends_of_the_period(desk: Desk, a1: UUID) -> None:
    for bucket, expected in (
        ("day", [("02-27", "02-27", 3), ("03-03", "03-03", 4), ("03-31", "03-31", 3)]),
        ("week", [("02-26", "03-02", 3), ("03-03", "03-09", 4), ("03-31", "03-31", 3)]),
        ("month", [("02-26", "02-28", 3), ("03-01", "03-31", 7)]),
        ("all", [("02-26", "03-31", 10)]),
    ):
        rows = desk.results(a1, start=date(2025, 2, 26), end=MAR_31, bucket=bucket)["rows"]
        assert [(row["from"], row["to"], row["csat"]["n"]) for row in rows] == [
            (f"2025-{first}", f"2025-{last}", n) for first, last, n in expected
        ]
        for row in rows:
            assert date.fromisoformat(row["final_on"]) == date.fromisoformat(row["to"]) + timedelta(days=8)


@pytest.fixture
def teams(desk: Desk, a1: UUID) -> UUID:
    """Beside a1 (blue, north, sales): a2 of blue, south, support, whom five love and won't recommend; a3 of
    red, north, sales, not answered; and a call that nobody took. a1's last three were one of two asked."""
    for _ in range(5):
        desk.survey(
            a1,
            values={"csat": 5, "nps": 0},
            ended_at=noon(MAR_3),
            agent_id="a2",
            agent_name="Agent Two",
            vendor="south",
            queue="support",
        )
    desk.hang_up(a1, ended_at=noon(MAR_10), agent_id="a3", agent_name=None, team="red")
    nobody: dict[str, Any] = dict.fromkeys(("agent_id", "agent_name", "team", "vendor"))
    desk.hang_up(a1, ended_at=noon(MAR_10), talk_seconds=0, wait_seconds=75, **nobody)
    with desk.sessions.begin() as session:
        session.execute(
            text(
                "update invitation i set probability = 0.5 from call c"
                " where c.id = i.call_id and c.agent_id = 'a1' and c.ended_on = :day"
            ),
            {"day": MAR_31},
        )
        rebuild_range(session, a1, MAR_31, MAR_31)
    desk.roll_up()
    return a1


MARCH: dict[str, Any] = {"start": date(2025, 3, 1), "end": MAR_31}


def test_agents_are_counted_as_they_are_and_calls_without_one_are_nobodys(desk: Desk, teams: UUID) -> None:
    rows = by(desk.results(teams, "agent", **MARCH), "agent")
    assert {agent: row["csat"]["n"] for agent, row in rows.items()} == {"a1": 7, "a2": 5, "a3": 0}
    assert rows["a1"]["csat"]["score"] == 85.7143  # 6 of 7, whatever their weights
    assert rows["a1"]["csat"]["weighting"] == "none"
    assert rows["a3"]["agent"] == {"id": "a3", "name": None, "team": "red", "vendor": "north"}
    nps = rows["a2"]["nps"]
    assert (nps["score"], nps["promoters"], nps["passives"], nps["detractors"]) == (-100, 0, 0, 5)
    assert (nps["interval"]["low"], nps["interval"]["high"]) == (-100, -17.4915)
    assert (nps["interval"]["method"], nps["unit"]) == ("adjusted_wald", "points")
    assert nps["target"]["point_met"] is False
    assert nps["target"]["verdict"] == "missed"


def test_teams_are_weighted_by_how_likely_their_calls_were_to_be_asked(desk: Desk, teams: UUID) -> None:
    rows = by(desk.results(teams, "team", **MARCH), "team")
    assert list(rows) == [None, "blue", "red"]
    # blue: nine answers of weight 1 (3 + 5 top), three of weight 2 (all top): 14 of 15, not 11 of 12
    csat = rows["blue"]["csat"]
    assert (csat["n"], csat["score"], csat["weighting"]) == (12, 93.3333, "inverse_probability")
    # Kish: 15 x 15 / (9 + 3 x 4)
    assert csat["effective_n"] == 10.7143
    assert csat["interval"]["method"] == "wilson_effective_n"
    assert csat["histogram"] == {"1": 0, "2": 1, "3": 0, "4": 4, "5": 7}
    # (4 + 4 + 5 + 2 + 5 x 5 + 2 x (5 + 4 + 4)) / 15
    assert csat["mean"] == 4.4
    assert rows[None]["calls"] == 1
    assert rows[None]["skipped"] == {"not_answered": 1}
    assert rows["red"]["csat"]["n"] == 0


def test_vendors_and_queues_are_added_up_alike(desk: Desk, teams: UUID) -> None:
    vendors = by(desk.results(teams, "vendor", **MARCH), "vendor")
    assert {vendor: (row["calls"], row["csat"]["n"]) for vendor, row in vendors.items()} == {
        None: (1, 0),
        "north": (8, 7),
        "south": (5, 5),
    }
    # north: 3 of 4 of weight 1, 3 of 3 of weight 2: 9 of 10
    assert vendors["north"]["csat"]["score"] == 90.0
    queues = by(desk.results(teams, "queue", **MARCH), "queue")
    assert {queue: (row["calls"], row["answered"], row["csat"]["n"]) for queue, row in queues.items()} == {
        "sales": (9, 8, 7),
        "support": (5, 5, 5),
    }
    assert queues["sales"]["mean_seconds"]["wait"] == 75.0


def test_one_agent_sees_their_own_calls_only_however_they_are_grouped(desk: Desk, teams: UUID) -> None:
    assert list(by(desk.results(teams, "agent", agent_id="a2", **MARCH), "agent")) == ["a2"]
    assert list(by(desk.results(teams, "team", agent_id="a2", **MARCH), "team")) == ["blue"]
    assert only(desk.results(teams, "team", agent_id="a2", **MARCH))["csat"]["n"] == 5


def test_an_agent_nobody_knows_and_another_account_have_no_rows(desk: Desk, a1: UUID) -> None:
    assert desk.results(a1, agent_id="nobody", start=FEB_27, end=MAR_31)["rows"] == []
    assert desk.results(desk.account(), start=FEB_27, end=MAR_31)["rows"] == []


def test_rates_say_of_how_many_and_on_what_ground(desk: Desk) -> None:
    """Seven calls: four answered (two of them all three questions), one only delivered, one only sent, one too
    short to be asked."""
    account_id = desk.account(**ANY_TIME)
    day: dict[str, Any] = {"ended_at": noon(MAR_3)}
    for values in ({"csat": 5, "ownership": 4, "nps": 9},) * 2 + ({"csat": 4}, {"csat": 1, "ownership": 2}):
        desk.survey(account_id, values=values, hold_seconds=10, **day)
    desk.deliver(account_id, desk.hang_up(account_id, hold_seconds=20, **day))
    desk.hang_up(account_id, **day)
    desk.hang_up(account_id, talk_seconds=6, **day)
    desk.roll_up()
    row = only(desk.results(account_id, start=MAR_3, end=MAR_3))
    assert [
        row[name] for name in ("calls", "answered", "invited", "delivered", "responded", "completed")
    ] == [
        7,
        7,
        6,
        5,
        4,
        2,
    ]
    rates = row["rates"]
    assert (rates["offer"]["value"], rates["offer"]["numerator"], rates["offer"]["denominator"]) == (
        85.7143,
        6,
        7,
    )
    assert (rates["response"]["value"], rates["completion"]["value"]) == (80.0, 50.0)
    assert rates["response"]["basis"] == {"receipt": 1, "assumed": 4}
    assert row["skipped"] == {"too_short": 1}
    # 6 x 90 + 6 over seven; 4 x 10 + 20 over the five that said
    assert row["mean_seconds"] == {"talk": 78.0, "hold": 12.0, "wrap": None, "wait": None}
    assert (row["ownership"]["score"], row["nps"]["score"]) == (66.6667, 100.0)


def test_a_comment_alone_is_no_response(desk: Desk) -> None:
    account_id = desk.account()
    desk.answer(account_id, desk.hang_up(account_id), "only words")
    desk.roll_up()
    row = only(desk.results(account_id))
    assert (row["delivered"], row["responded"], row["completed"]) == (1, 0, 0)


def test_an_unsure_customer_is_counted_and_in_no_denominator(desk: Desk) -> None:
    account_id = desk.account()
    for value in (1, 1, 2, 3):
        desk.survey(account_id, values={"fcr": value})
    desk.roll_up()
    fcr = only(desk.results(account_id))["fcr"]
    assert (fcr["n"], fcr["score"], fcr["histogram"]) == (3, 66.6667, {"1": 2, "2": 1, "3": 1})
    assert fcr["mean"] is None


def test_targets_and_thresholds_are_the_accounts_own(desk: Desk, a1: UUID) -> None:
    with desk.sessions.begin() as session:
        settings = {"targets": {"csat": 90, "nps": None, "ownership": 70}, "thresholds": {"csat": [2, 10]}}
        session.execute(update(Account).where(Account.id == a1).values(settings=settings))
    row = only(desk.results(a1, start=FEB_27, end=MAR_31))
    assert row["csat"]["evidence"] == "reportable"
    assert row["csat"]["target"] == {
        "value": 90,
        "source": "account",
        "point_met": False,
        "verdict": "unproven",
    }
    assert row["nps"]["target"] is None
    assert row["ownership"]["target"]["point_met"] is None


@pytest.mark.parametrize(
    ("timezone", "ended_at", "day"),
    [
        ("Asia/Shanghai", "2025-03-03T23:30:00+00:00", "2025-03-04"),
        ("Asia/Shanghai", "2025-03-03T15:59:59+00:00", "2025-03-03"),
        ("Asia/Shanghai", "2025-03-04T00:30:00+08:00", "2025-03-04"),
        ("America/New_York", "2025-03-04T03:30:00+00:00", "2025-03-03"),
        ("UTC", "2025-03-03T23:30:00+00:00", "2025-03-03"),
    ],
)
def test_a_call_counts_on_the_day_it_ended_where_the_account_is(
    desk: Desk, timezone: str, ended_at: str, day: str
) -> None:
    account_id = desk.account(timezone=timezone, **ANY_TIME)
    received = desk.survey(account_id, values={"csat": 5}, ended_at=datetime.fromisoformat(ended_at))
    assert desk.call_of(account_id, received).ended_on.isoformat() == day
    desk.roll_up()
    row = only(desk.results(account_id, start=MAR_3, end=date(2025, 3, 4), bucket="day"))
    assert (row["from"], row["csat"]["n"]) == (day, 1)


@pytest.mark.parametrize("hours", [14, -12])
def test_without_dates_it_is_the_last_ninety_days_where_the_account_is(desk: Desk, hours: int) -> None:
    """In one of these two zones it is another day than in Greenwich, at any time."""
    account_id = desk.account(timezone=f"Etc/GMT{-hours:+}")
    days = [(desk.now() + timedelta(hours=hours)).date()]
    desk.survey(account_id, values={"csat": 5})
    desk.roll_up()
    results = desk.results(account_id)
    days.append((desk.now() + timedelta(hours=hours)).date())
    start, end = date.fromisoformat(results["from"]), date.fromisoformat(results["to"])
    assert (end - start).days == 89
    assert end in days
    assert only(results)["csat"]["n"] == 1


def test_a_period_is_provisional_until_eight_days_after_its_end(desk: Desk) -> None:
    account_id = desk.account(**ANY_TIME)
    final = desk.now().date() - timedelta(days=DAYS_UNTIL_FINAL)
    for days in (0, 2):
        answered(desk, account_id, final + timedelta(days=days), [5])
    desk.roll_up()
    period: dict[str, Any] = {"start": final, "end": final + timedelta(days=2)}
    rows = desk.results(account_id, bucket="day", **period)["rows"]
    assert [row["status"] for row in rows] == ["final", "provisional"]
    row = only(desk.results(account_id, **period))
    assert (row["status"], row["final_on"]) == ("provisional", (final + timedelta(days=10)).isoformat())


def test_results_are_read_from_facts_alone(desk: Desk, a1: UUID, engine: Engine) -> None:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement.lower())

    event.listen(engine, "before_cursor_execute", note)
    try:
        desk.results(a1, start=FEB_27, end=MAR_31)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(seen) <= 4
    for table in ("answer", "invitation", "call", "message"):
        assert not any(f"from {table}" in statement or f"join {table}" in statement for statement in seen)


def test_results_can_be_written_as_json(desk: Desk, teams: UUID) -> None:
    """Sums of bigint come out of the database as numeric: none of that may get this far."""

    def plain(value: object) -> None:
        if isinstance(value, dict):
            for inner in value.values():
                plain(inner)
        elif isinstance(value, list):
            for inner in value:
                plain(inner)
        else:
            assert type(value) in (str, int, float, bool, type(None))

    for group_by in ("agent", "team", "vendor", "queue"):
        results = desk.results(teams, group_by, bucket="week", **MARCH)
        plain(results)
        assert b"NaN" not in dump_json(results)
