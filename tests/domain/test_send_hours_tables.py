"""Quiet hours where clocks and calendars are at their worst, and account holidays: tables, and an oracle that walks
minute by minute and knows nothing of the rules' code."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.candidate import Candidate, Phone
from app.domain.channel import Channel
from app.domain.eligibility import outside_hours
from app.domain.holidays import Holidays, holidays_of
from app.domain.questionnaire import Survey
from app.domain.send_hours import CALLBACK, CHINA, ELSEWHERE, EUROPE, Hours, Window, hours_for, slot, window
from tests.domain.test_eligibility import CALL

MINUTE = timedelta(minutes=1)
ALWAYS = Hours(time(0), time(23, 59))
# opens in the very hours in which clocks are changed, as no rule does and a setting might
AT_NIGHT = Hours(time(0), time(4))

ZONES = [
    "Africa/Cairo",  # summer time begins at midnight
    "Africa/Casablanca",  # and ends for the month of Ramadan
    "America/Asuncion",
    "America/Havana",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Kathmandu",  # +05:45
    "Asia/Shanghai",
    "Asia/Tehran",
    "Australia/Eucla",  # +08:45
    "Australia/Lord_Howe",  # half an hour of summer time
    "Europe/London",
    "Pacific/Apia",  # without 30 December 2011
    "Pacific/Chatham",  # +12:45, +13:45
    "Pacific/Kiritimati",  # +14
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def opens(at: str, zone: str, hours: Hours = ELSEWHERE) -> str:
    """The first lawful moment from `at` (UTC) on, by the zone's wall clock and its offset."""
    found = window(utc(at), [ZoneInfo(zone)], hours)
    assert found is not None
    return found.opens_at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("at", "zone", "lawful"),
    [
        # the night in which clocks are put forward, and the one in which they go back
        ("2026-03-29T00:30", "Europe/London", "2026-03-29T09:00+01:00"),
        ("2026-10-25T00:30", "Europe/London", "2026-10-25T09:00+00:00"),
        ("2026-04-04T14:45", "Australia/Lord_Howe", "2026-04-05T09:00+10:30"),
        ("2026-10-03T15:15", "Australia/Lord_Howe", "2026-10-04T09:00+11:00"),
        # there was no midnight in Sao Paulo that day, and two of them in the autumn
        ("2018-11-04T02:30", "America/Sao_Paulo", "2018-11-04T09:00-02:00"),
        ("2018-02-18T01:30", "America/Sao_Paulo", "2018-02-18T09:00-03:00"),
        ("2023-04-27T21:30", "Africa/Cairo", "2023-04-28T09:00+03:00"),
        ("2026-03-28T21:30", "Asia/Beirut", "2026-03-29T09:00+03:00"),
        ("2024-03-31T04:30", "America/Havana", "2024-03-31T09:00-04:00"),
        # Ramadan of 2026 begins and ends
        ("2026-02-15T03:30", "Africa/Casablanca", "2026-02-15T09:00+00:00"),
        ("2026-03-22T03:30", "Africa/Casablanca", "2026-03-22T09:00+01:00"),
        # Samoa went from the 29th to the 31st, and so from one end of the day to the other
        ("2011-12-30T07:00", "Pacific/Apia", "2011-12-31T09:00+14:00"),
        # quarters of an hour
        ("2026-06-01T15:00", "Asia/Kathmandu", "2026-06-02T09:00+05:45"),
        ("2026-06-01T12:00", "Australia/Eucla", "2026-06-02T09:00+08:45"),
        ("2026-04-04T15:00", "Pacific/Chatham", "2026-04-05T09:00+12:45"),
        # leap days, and years without one
        ("2028-02-28T23:30", "Europe/London", "2028-02-29T09:00+00:00"),
        ("2028-02-29T20:30", "Europe/London", "2028-03-01T09:00+00:00"),
        ("2027-02-28T20:30", "Europe/London", "2027-03-01T09:00+00:00"),
        ("2100-02-28T20:30", "Europe/London", "2100-03-01T09:00+00:00"),
        ("2000-02-28T20:30", "Europe/London", "2000-02-29T09:00+00:00"),
        # the year ends, first of all where the day begins
        ("2026-12-31T07:00", "Pacific/Kiritimati", "2027-01-01T09:00+14:00"),
        ("2026-12-31T20:30", "Europe/London", "2027-01-01T09:00+00:00"),
    ],
)
def test_the_first_lawful_moment_by_the_wall_clock(at: str, zone: str, lawful: str) -> None:
    assert opens(at, zone) == lawful


@pytest.mark.parametrize(
    ("at", "zone", "lawful"),
    [
        # what opens at a time that is jumped over opens after it; what comes twice counts from the second on
        ("2026-03-28T23:00", "Europe/London", ["2026-03-29T00:00+00:00", "2026-03-29T04:00+01:00"]),
        ("2018-11-04T02:00", "America/Sao_Paulo", ["2018-11-04T01:00-02:00", "2018-11-04T04:00-02:00"]),
        ("2023-04-27T21:00", "Africa/Cairo", ["2023-04-28T01:00+03:00", "2023-04-28T04:00+03:00"]),
        ("2024-11-03T03:30", "America/Havana", ["2024-11-03T00:00-05:00", "2024-11-03T04:00-05:00"]),
    ],
)
def test_hours_that_open_at_midnight_where_there_is_none(at: str, zone: str, lawful: list[str]) -> None:
    found = window(utc(at), [ZoneInfo(zone)], AT_NIGHT)
    assert found is not None
    local = [moment.astimezone(ZoneInfo(zone)) for moment in (found.opens_at, found.closes_at)]
    assert [moment.isoformat(timespec="minutes") for moment in local] == lawful


@pytest.mark.parametrize(
    ("zones", "at", "lawful"),
    [
        # of one number's zones all have to be awake
        (["America/New_York", "America/Los_Angeles"], "2026-03-08T12:00", "2026-03-08T16:00+00:00"),
        (["America/New_York", "America/Los_Angeles"], "2026-03-09T00:30", "2026-03-09T16:00+00:00"),
        (["Australia/Perth", "Australia/Lord_Howe"], "2026-10-03T10:00", "2026-10-04T01:00+00:00"),
        (["Asia/Kathmandu", "Asia/Kolkata"], "2026-01-01T15:00", "2026-01-02T03:30+00:00"),
        # between New York and Shanghai there is no hour at which it is day in both
        (["America/New_York", "Asia/Shanghai"], "2026-03-08T12:00", None),
        # half an hour is one
        (["Pacific/Auckland", "Asia/Tehran"], "2026-01-05T00:00", "2026-01-05T05:30+00:00"),
    ],
)
def test_several_zones_are_taken_by_the_strictest(zones: list[str], at: str, lawful: str | None) -> None:
    found = window(utc(at), [ZoneInfo(zone) for zone in zones], ELSEWHERE)
    assert (found and found.opens_at.isoformat(timespec="minutes")) == lawful


@pytest.mark.parametrize(
    ("written", "at", "lawful"),
    [
        (["2026-12-25"], "2026-12-24T20:30", "2026-12-26T09:00+00:00"),  # a Saturday
        (["12-25", "12-26"], "2026-12-24T20:30", "2026-12-28T09:00+00:00"),  # and then a Sunday
        (["12-25", "12-26"], "2031-12-24T20:30", "2031-12-27T09:00+00:00"),
        (["2026-12-25"], "2027-12-24T20:30", "2027-12-25T09:00+00:00"),
        (["2026-12-24"], "2026-12-24T12:00", "2026-12-25T09:00+00:00"),  # from now on, today
        (["02-29"], "2028-02-28T20:30", "2028-03-01T09:00+00:00"),
        (["02-29"], "2027-02-28T20:30", "2027-03-01T09:00+00:00"),
        (["GB:12-25"], "2026-12-24T20:30", "2026-12-26T09:00+00:00"),
        (["DE:12-25"], "2026-12-24T20:30", "2026-12-25T09:00+00:00"),
    ],
)
def test_on_a_holiday_nobody_is_texted(written: list[str], at: str, lawful: str) -> None:
    hours = hours_for("GB", closed=written)
    assert hours is not None
    assert opens(at, "Europe/London", hours) == lawful


def test_a_holiday_is_one_where_the_customer_is() -> None:
    hours = hours_for("NZ", closed=["2026-12-25"])
    assert hours is not None
    # in London the 24th has its evening, in Auckland the 25th is over in an hour
    assert opens("2026-12-25T10:00", "Pacific/Auckland", hours) == "2026-12-26T09:00+13:00"
    both = window(utc("2026-12-24T18:00"), [ZoneInfo("Asia/Shanghai"), ZoneInfo("Asia/Tokyo")], hours)
    assert both is not None
    assert both.opens_at == utc("2026-12-26T01:00")


def test_telephones_do_not_ring_on_holidays_and_links_know_none() -> None:
    hours = hours_for("GB", "lawful", Channel.CALLBACK, ["2026-12-25"])
    assert hours is not None
    assert opens("2026-12-24T19:30", "Europe/London", hours) == "2026-12-28T10:00+00:00"
    assert hours_for("GB", "lawful", Channel.LINK, ["2026-12-25"]) is None
    assert hours_for("GB", "any", Channel.SMS, ["2026-12-25"]) is None


def test_holidays_without_end_leave_no_lawful_moment() -> None:
    year = [f"{day:%m-%d}" for day in (date(2000, 1, 1) + timedelta(days=number) for number in range(366))]
    hours = hours_for("GB", closed=year)
    assert hours is not None
    assert window(utc("2026-06-01T12:00"), [ZoneInfo("Europe/London")], hours) is None


@pytest.mark.parametrize(
    ("ended", "delay", "within", "holidays", "due"),
    [
        # (call's end in London, delay and time to send in hours, holidays) -> when it is due
        ("2026-06-02T12:00", 0, 18, (), "2026-06-02T12:00"),
        ("2026-06-02T19:50", 1, 18, (), "2026-06-03T09:00"),
        ("2026-06-02T19:50", 1, 13, (), None),  # lawful ten minutes after it expires
        ("2026-06-02T20:00", 1, 13, (), None),  # lawful in the moment in which it expires
        ("2026-06-02T20:01", 1, 13, (), "2026-06-03T09:00"),  # and a minute before
        ("2026-06-06T19:50", 1, 18, (), None),  # Sunday lies between
        ("2026-06-06T19:50", 1, 48, (), "2026-06-08T09:00"),
        ("2026-06-02T19:50", 1, 18, ("2026-06-03",), None),
        ("2026-06-02T19:50", 1, 42, ("2026-06-03",), "2026-06-04T09:00"),
        ("2026-06-02T12:00", 0, 6, ("06-02",), None),
        (
            "2026-03-28T20:00",
            1,
            36,
            (),
            None,
        ),  # in the night to Sunday an hour is missing, and so it is too late
        ("2026-03-28T20:01", 1, 36, (), "2026-03-30T09:00"),
        (
            "2026-10-24T21:00",
            1,
            37,
            (),
            None,
        ),  # and in that one an hour comes twice: 37 hours later it is 09:00
        ("2026-10-24T21:01", 1, 37, (), "2026-10-26T09:00"),
        ("2028-02-28T19:50", 1, 18, (), "2028-02-29T09:00"),
        ("2028-02-29T19:50", 1, 18, (), "2028-03-01T09:00"),
        ("2026-12-31T19:50", 1, 18, (), "2027-01-01T09:00"),
        ("2026-12-31T19:50", 1, 18, ("01-01",), None),
        ("2026-12-31T19:50", 1, 42, ("01-01",), "2027-01-02T09:00"),
    ],
)
def test_delay_hours_holidays_and_expiry_together(
    ended: str, delay: int, within: int, holidays: tuple[str, ...], due: str | None
) -> None:
    london = ZoneInfo("Europe/London")
    end = datetime.fromisoformat(ended).replace(tzinfo=london).astimezone(UTC)
    candidate = Candidate(
        call=replace(CALL, started_at=end - 5 * MINUTE, answered_at=None, ended_at=end, timezone=None),
        phone=Phone("+447700900123", None, "GB", ("Europe/London",)),
        survey=Survey("default", 1, delay_seconds=delay * 3600, send_within_seconds=within * 3600),
        senders=frozenset({Channel.SMS}),
        draw=0.0,
        now=end,
        account_timezone="UTC",
        holidays=frozenset(holidays),
    )
    found = candidate.slot
    shown = found and f"{found.opens_at.astimezone(london):%Y-%m-%dT%H:%M}"
    assert shown == due
    assert outside_hours(candidate).passed == (due is not None)
    if found is not None:
        assert found.opens_at >= end + timedelta(hours=delay)
        assert found.closes_at <= end + timedelta(hours=within)


def wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def may_be_texted(at: datetime, zone: ZoneInfo, hours: Hours) -> bool:
    clock = wall(at, zone)
    day = clock.date()
    return (
        clock.weekday() in hours.days
        and hours.opens <= clock.time() < hours.closes
        and day not in hours.holidays.dates
        and (day.month, day.day) not in hours.holidays.yearly
    )


zones = st.lists(st.sampled_from([ZoneInfo(name) for name in ZONES]), min_size=1, max_size=3, unique=True)
moments = st.datetimes(datetime(2009, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(second=0, microsecond=0)
)
days_off = st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=4)


@settings(max_examples=60)
@given(at=moments, zones=zones, hours=st.sampled_from([CHINA, EUROPE, ELSEWHERE, CALLBACK]), off=days_off)
def test_a_window_opens_at_the_first_minute_that_is_lawful_everywhere_and_stays_lawful_to_its_end(
    at: datetime, zones: list[ZoneInfo], hours: Hours, off: list[tuple[int, bool]]
) -> None:
    days = [(at.date() + timedelta(days=number), once) for number, once in off]
    holidays = Holidays(
        frozenset(day for day, once in days if once),
        frozenset((day.month, day.day) for day, once in days if not once),
    )
    hours = Hours(hours.opens, hours.closes, hours.days, holidays)
    found = window(at, zones, hours)
    until = found.opens_at if found else at + timedelta(days=10)
    moment = at
    while moment < until:
        assert not all(may_be_texted(moment, zone, hours) for zone in zones)
        moment += MINUTE
    while found and moment < found.closes_at:
        assert all(may_be_texted(moment, zone, hours) for zone in zones)
        moment += MINUTE


@given(at=moments, zones=zones, within=st.integers(1, 72))
def test_a_slot_is_the_window_cut_by_the_expiry_or_none(
    at: datetime, zones: list[ZoneInfo], within: int
) -> None:
    not_after = at + timedelta(hours=within)
    found, free = slot(at, zones, EUROPE, not_after), window(at, zones, EUROPE)
    if free is None or free.opens_at >= not_after:
        assert found is None
    else:
        assert found == Window(free.opens_at, min(free.closes_at, not_after))


@pytest.mark.parametrize(
    "text",
    ["", "25.12.2026", "2026-13-01", "2026-02-29", "02-30", "GBR:12-25", "1999-12-25", "１2-25", "12-25\n1"],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"day|years"):
        holidays_of([text], "GB")
