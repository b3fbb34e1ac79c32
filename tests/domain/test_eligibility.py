"""Who is asked, who is not, and why."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.call import CallEnd
from app.domain.candidate import Candidate, Phone
from app.domain.channel import Channel
from app.domain.eligibility import RULES, SKIP_REASONS, Ask, Skip, check_times, decide, draw
from app.domain.questionnaire import Survey, Way

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)  # a Tuesday
CALL = CallEnd(
    call_id="c-1",
    source="generic",
    direction="inbound",
    started_at=NOW - timedelta(minutes=10),
    answered_at=NOW - timedelta(minutes=9),
    ended_at=NOW - timedelta(minutes=1),
    agent_id="a-1",
    talk_seconds=480,
)
SURVEY = Survey(key="default", version=3)
LONDONER = Phone("+442079460958", None, "GB", ("Europe/London",))
FIT = Candidate(
    call=CALL,
    phone=LONDONER,
    survey=SURVEY,
    senders=frozenset({Channel.SMS}),
    draw=0.5,
    now=NOW,
    account_timezone="Europe/London",
)

# one reason alone, each by the smallest change to a customer who would be asked
CHANGES: dict[str, dict[str, Any]] = {
    "ask_false": {"call": replace(CALL, ask=False)},
    "survey_off": {"survey": replace(SURVEY, active=False)},
    "not_answered": {"call": replace(CALL, answered_at=None, talk_seconds=0)},
    "too_old": {"now": CALL.ended_at + timedelta(hours=2, seconds=1)},
    "too_short": {"call": replace(CALL, talk_seconds=19)},
    "no_contact": {"phone": Phone(None, "missing")},
    "masked_phone": {"phone": Phone(None, "masked")},
    "invalid_phone": {"phone": Phone(None, "invalid")},
    "country_not_allowed": {"countries": frozenset({"FR", "IE"})},
    "no_sender": {"senders": frozenset()},
    "sampled_out": {"survey": replace(SURVEY, probability=0.5)},
    "opted_out": {"opted_out": True},
    "survey_open": {"open_survey": True},
    "asked_recently": {"last_asked_at": NOW - timedelta(days=14) + timedelta(seconds=1)},
    "daily_cap": {"used_up": "enough for today"},
    "excluded": {"exclusion": "an outage"},
    "wrong_direction": {"call": replace(CALL, direction="internal")},
    "wrong_queue": {"survey": replace(SURVEY, queues=("sales",))},
    "wrong_tags": {"survey": replace(SURVEY, tags=("vip",))},
    "wrong_attributes": {"survey": replace(SURVEY, attributes={"plan": ("gold",)})},
    "transferred": {
        "call": replace(CALL, transferred_from="a-0"),
        "survey": replace(SURVEY, ask_transferred_in=False),
    },
    "internal_number": {"listed_as": "internal"},
    "agents_number": {"listed_as": "agent"},
    "premium_number": {"phone": Phone(None, "premium")},
    "suppressed": {"suppressed": True},
    "no_consent": {"survey": replace(SURVEY, consent="required")},
    "customer_cap": {"customer_used_up": "asked 4 times in 365 days"},
    "agent_cap": {"agent_used_up": "5 customers of this agent asked today"},
    "survey_cap": {"survey_used_up": "100 customers asked today"},
    "outside_hours": {"survey": replace(SURVEY, send_within_seconds=100)},
    "dry_run": {"dry_run": "queue billing"},
}


def asked(**changes: Any) -> Ask:
    decision = decide(replace(FIT, **changes))
    assert isinstance(decision, Ask), decision
    return decision


def test_a_customer_in_order_is_asked_three_minutes_after_the_call() -> None:
    decision = asked()
    assert decision.due_at == CALL.ended_at + timedelta(minutes=3)
    assert decision.send_before == datetime(2026, 3, 3, 20, 0, tzinfo=UTC)
    assert decision.not_after == CALL.ended_at + timedelta(hours=18)
    assert decision.probability == 1.0


def by(*channels: Channel, **changes: Any) -> Ask:
    """The decision where a survey asks by these channels, and there is a sender for each."""
    ways = tuple(Way(channel) for channel in channels)
    return asked(survey=replace(SURVEY, channels=ways), senders=frozenset(channels), **changes)


def test_the_first_channel_that_reaches_the_customer_is_taken() -> None:
    both = (Channel.SMS, Channel.EMAIL)
    assert by(*both, has_email=True).channel is Channel.SMS
    assert by(*both, has_email=True, phone=Phone(None, "masked")).channel is Channel.EMAIL
    assert by(*reversed(both)).channel is Channel.SMS
    mail = by(*both, has_email=True, countries=frozenset({"DE"}))
    assert (mail.channel, mail.due_at) == (Channel.EMAIL, CALL.ended_at + timedelta(minutes=10))


def test_a_telephone_rings_on_weekdays_between_ten_and_seven() -> None:
    friday_evening = datetime(2026, 3, 6, 19, 0, tzinfo=UTC)
    call = replace(
        CALL, started_at=friday_evening - timedelta(minutes=9), answered_at=None, ended_at=friday_evening
    )
    week = replace(SURVEY, channels=(Way(Channel.CALLBACK),), send_within_seconds=3 * 86_400)
    rings = replace(
        FIT, call=call, now=friday_evening, survey=week, senders=frozenset({Channel.CALLBACK}), phone=LONDONER
    )
    decision = decide(replace(rings, call=replace(call, answered_at=call.started_at)))
    assert isinstance(decision, Ask)
    assert decision.due_at == datetime(2026, 3, 9, 10, 0, tzinfo=UTC)


def test_a_link_needs_no_sender_and_no_hours_and_may_be_answered_as_long_as_any_page() -> None:
    night = datetime(2026, 3, 3, 23, 0, tzinfo=UTC)
    call = replace(
        CALL,
        started_at=night - timedelta(minutes=9),
        answered_at=night - timedelta(minutes=8),
        ended_at=night,
    )
    survey = replace(SURVEY, channels=(Way(Channel.LINK),))
    decision = asked(call=call, now=night, survey=survey, senders=frozenset())
    assert (decision.channel, decision.due_at) == (Channel.LINK, night)
    assert decision.not_after == decision.send_before == night + timedelta(days=7)


def test_nobody_is_asked_in_the_call_but_those_on_the_line() -> None:
    survey = replace(SURVEY, channels=(Way(Channel.IVR), Way(Channel.SMS)))
    assert asked(survey=survey).channel is Channel.SMS
    assert asked(survey=survey, in_call=True).channel is Channel.IVR


@pytest.mark.parametrize("reason", SKIP_REASONS)
def test_every_reason_skips_alone(reason: str) -> None:
    decision = decide(replace(FIT, **CHANGES[reason]))
    assert isinstance(decision, Skip)
    assert decision.reason == reason
    assert decision.detail == decision.checks[-1]["detail"]


def test_the_reasons_come_in_their_order() -> None:
    expected = (
        "ask_false survey_off excluded wrong_direction wrong_queue wrong_tags wrong_attributes transferred "
        "not_answered too_old too_short no_contact masked_phone internal_number premium_number invalid_phone "
        "agents_number country_not_allowed no_sender sampled_out opted_out suppressed no_consent survey_open "
        "asked_recently customer_cap agent_cap survey_cap daily_cap outside_hours dry_run"
    )
    assert " ".join(SKIP_REASONS) == expected


def test_a_dry_run_tells_what_would_have_been_decided() -> None:
    decision = decide(replace(FIT, dry_run="queue billing"))
    assert isinstance(decision, Skip)
    assert decision.tried is not None
    assert replace(decision.tried, checks=[]) == replace(asked(), checks=[])
    assert "queue billing" in decision.detail


@pytest.mark.parametrize("reason", [reason for reason in SKIP_REASONS if reason != "dry_run"])
def test_a_dry_run_keeps_the_reason_that_there_would_be(reason: str) -> None:
    decision = decide(replace(FIT, dry_run="queue billing", **CHANGES[reason]))
    assert isinstance(decision, Skip)
    assert (decision.reason, decision.tried) == (reason, None)


@given(wrong=st.sets(st.sampled_from(["ask_false", "no_sender", "opted_out", "survey_open", "too_old"])))
def test_of_several_reasons_the_first_is_named(wrong: set[str]) -> None:
    changes = {name: value for reason in wrong for name, value in CHANGES[reason].items()}
    decision = decide(replace(FIT, **changes))
    if wrong:
        assert isinstance(decision, Skip)
        assert decision.reason == min(wrong, key=SKIP_REASONS.index)
    else:
        assert isinstance(decision, Ask)


def test_the_checks_tell_what_was_looked_at_and_stop_at_the_reason() -> None:
    decision = decide(replace(FIT, opted_out=True))
    names = [check["check"] for check in decision.checks]
    assert names == list(SKIP_REASONS[: SKIP_REASONS.index("opted_out") + 1])
    assert [check["passed"] for check in decision.checks] == [True] * (len(names) - 1) + [False]
    assert len(asked().checks) == len(RULES)


def test_the_checks_are_json_and_hold_no_phone_number() -> None:
    text = json.dumps(asked().checks)
    assert "7946" not in text
    assert "talked for 480 s, asked from 20 s" in text


def test_no_survey_at_all_is_survey_off() -> None:
    decision = decide(replace(FIT, survey=None))
    assert isinstance(decision, Skip)
    assert decision.reason == "survey_off"


def test_an_unknown_talk_time_is_not_short() -> None:
    assert asked(call=replace(CALL, talk_seconds=None))


@pytest.mark.parametrize(
    "changes",
    [
        {"call": replace(CALL, talk_seconds=20)},
        {"now": CALL.ended_at + timedelta(hours=2)},
        {"last_asked_at": NOW - timedelta(days=14)},
        {"draw": 0.0, "survey": replace(SURVEY, probability=0.001)},
        {"draw": 1 - 2**-53},
        {"call": replace(CALL, ended_at=NOW + timedelta(minutes=9))},
    ],
)
def test_the_limit_itself_is_still_asked(changes: dict[str, Any]) -> None:
    assert asked(**changes)


@pytest.mark.parametrize("direction", ["inbound", "outbound"])
@pytest.mark.parametrize("trigger", ["automatic", "agent", "customer"])
def test_direction_and_trigger_keep_nobody_out(direction: str, trigger: str) -> None:
    assert asked(call=replace(CALL, direction=direction, trigger=trigger))


def test_nobody_is_asked_by_a_survey_that_samples_none() -> None:
    decision = decide(replace(FIT, draw=0.0, survey=replace(SURVEY, probability=0.0)))
    assert isinstance(decision, Skip)
    assert decision.reason == "sampled_out"


def test_an_evening_call_is_asked_the_next_morning() -> None:
    evening = datetime(2026, 3, 3, 20, 30, tzinfo=UTC)
    call = replace(CALL, started_at=evening, answered_at=evening, ended_at=evening)
    decision = asked(call=call, now=evening)
    assert decision.due_at == datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
    assert decision.send_before == decision.not_after == datetime(2026, 3, 4, 14, 30, tzinfo=UTC)


def test_a_saturday_evening_call_in_europe_finds_no_lawful_hour() -> None:
    saturday = datetime(2026, 3, 7, 20, 30, tzinfo=UTC)
    call = replace(CALL, started_at=saturday, answered_at=saturday, ended_at=saturday)
    decision = decide(replace(FIT, call=call, now=saturday))
    assert isinstance(decision, Skip)
    assert decision.reason == "outside_hours"
    assert asked(call=call, now=saturday, survey=replace(SURVEY, send_hours="any"))


def test_the_customers_time_zone_outranks_the_numbers() -> None:
    decision = asked(call=replace(CALL, timezone="America/New_York"))  # 07:00 there
    assert decision.due_at == datetime(2026, 3, 3, 14, 0, tzinfo=UTC)


def test_a_late_report_is_asked_at_once() -> None:
    late = CALL.ended_at + timedelta(hours=1)
    assert asked(now=late).due_at == late


@given(
    age=st.integers(-600, 7200),
    delay=st.integers(0, 3600),
    within=st.integers(0, 86_400),
    hour=st.integers(0, 200),
    zone=st.sampled_from(["Europe/London", "Asia/Kathmandu", "Pacific/Auckland"]),
)
def test_whoever_is_asked_is_asked_within_all_limits(
    age: int, delay: int, within: int, hour: int, zone: str
) -> None:
    ended = NOW + timedelta(hours=hour)
    call = replace(CALL, started_at=ended, answered_at=ended, ended_at=ended, timezone=zone)
    now = ended + timedelta(seconds=age)
    survey = replace(SURVEY, delay_seconds=delay, send_within_seconds=within)
    decision = decide(replace(FIT, call=call, now=now, survey=survey))
    if isinstance(decision, Ask):
        assert max(now, ended + timedelta(seconds=delay)) <= decision.due_at
        assert decision.due_at < decision.send_before <= decision.not_after
        assert decision.not_after == ended + timedelta(seconds=within)
    else:
        assert decision.reason == "outside_hours"


def test_a_call_draws_the_same_number_every_time_and_another_with_another_key() -> None:
    number = draw(b"key", "account", "generic", "c-1")
    assert number == draw(b"key", "account", "generic", "c-1")
    assert number != draw(b"other key", "account", "generic", "c-1")
    assert number != draw(b"key", "other account", "generic", "c-1")


def test_source_and_call_id_do_not_run_into_each_other() -> None:
    assert draw(b"key", "account", "ab", "c") != draw(b"key", "account", "a", "bc")


@given(st.binary(min_size=1), st.text(), st.text(), st.text())
def test_a_draw_lies_between_zero_and_one(key: bytes, account: str, source: str, call_id: str) -> None:
    assert 0 <= draw(key, account, source, call_id) < 1


def test_draws_are_spread_evenly() -> None:
    draws = [draw(b"key", "account", "generic", str(number)) for number in range(4000)]
    assert 0.22 < sum(number < 0.25 for number in draws) / len(draws) < 0.28
    assert 0.47 < sum(draws) / len(draws) < 0.53


def test_times_that_can_be_true_pass() -> None:
    assert check_times(CALL, NOW) == {}
    ahead = replace(CALL, ended_at=NOW + timedelta(minutes=10))
    assert check_times(ahead, NOW) == {}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"ended_at": NOW + timedelta(minutes=10, seconds=1)}, {"ended_at"}),
        ({"ended_at": CALL.started_at - timedelta(seconds=1), "answered_at": None}, {"ended_at"}),
        ({"answered_at": CALL.started_at - timedelta(seconds=1)}, {"answered_at"}),
        ({"answered_at": CALL.ended_at + timedelta(seconds=1)}, {"answered_at"}),
        ({"talk_seconds": -1, "wrap_seconds": 604_801}, {"talk_seconds", "wrap_seconds"}),
        ({"wait_seconds": -1, "hold_seconds": -1}, {"wait_seconds", "hold_seconds"}),
    ],
)
def test_times_that_cannot_be_true_name_their_fields(changes: dict[str, Any], fields: set[str]) -> None:
    assert set(check_times(replace(CALL, **changes), NOW)) == fields
