"""Quiet hours on the customer's clock: every answer is lawful, and none is earlier than asked."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.send_hours import (
    CHINA,
    ELSEWHERE,
    EUROPE,
    Hours,
    Window,
    hours_for,
    slot,
    window,
    zones_of,
)
from app.errors import ConfigurationError

LONDON, SHANGHAI, NEW_YORK = (
    ZoneInfo("Europe/London"),
    ZoneInfo("Asia/Shanghai"),
    ZoneInfo("America/New_York"),
)
ODD = [
    "Asia/Kathmandu",  # +05:45
    "Australia/Lord_Howe",  # half an hour of summer time
    "Asia/Kolkata",
    "America/St_Johns",
    "Pacific/Chatham",  # +12:45, +13:45
    "Pacific/Kiritimati",  # +14
    "Pacific/Apia",  # left out a whole day in 2011
    "Africa/Casablanca",  # clocks go back in Ramadan
    "Africa/Cairo",  # clocks go over midnight
    "America/Sao_Paulo",
    "Europe/London",
    "America/New_York",
    "Asia/Shanghai",
]
zones = st.lists(st.sampled_from([ZoneInfo(name) for name in ODD]), min_size=1, max_size=3, unique=True)
moments = st.datetimes(datetime(2007, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
hours_of = st.sampled_from([CHINA, EUROPE, ELSEWHERE])
# opening times in the hours where clocks are changed, which no real rule has, but a setting might
odd_hours = st.builds(
    lambda opens, length, days: Hours(time(opens), time(min(opens + length, 23), 30), frozenset(days)),
    st.integers(0, 20),
    st.integers(1, 10),
    st.sets(st.integers(0, 6), min_size=1),
)


def lawful(at: datetime, zone: ZoneInfo, hours: Hours) -> bool:
    local = at.astimezone(zone)
    return local.weekday() in hours.days and hours.opens <= local.time() < hours.closes


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@given(at=moments, zones=zones, hours=hours_of | odd_hours, part=st.floats(0, 1, exclude_max=True))
def test_any_moment_of_a_window_is_lawful_in_every_zone_and_none_is_too_early(
    at: datetime, zones: list[ZoneInfo], hours: Hours, part: float
) -> None:
    found = window(at, zones, hours)
    if found is None:
        assert len(zones) > 1 or len(hours.days) < 7
        return
    assert at <= found.opens_at < found.closes_at
    last = found.closes_at - timedelta(microseconds=1)
    between = min(found.opens_at + (found.closes_at - found.opens_at) * part, last)
    for moment in (found.opens_at, between, last):
        assert all(lawful(moment, zone, hours) for zone in zones)


@given(at=moments, zones=zones, hours=hours_of)
def test_no_lawful_quarter_of_an_hour_is_passed_over(
    at: datetime, zones: list[ZoneInfo], hours: Hours
) -> None:
    found = window(at, zones, hours)
    until = found.opens_at if found else at + timedelta(days=10)
    moment = at
    while moment < until:
        assert not all(lawful(moment, zone, hours) for zone in zones)
        moment += timedelta(minutes=15)


def test_inside_hours_a_text_goes_at_once() -> None:
    at = local("2026-03-03T12:00", LONDON)
    assert window(at, [LONDON], EUROPE) == Window(at, local("2026-03-03T20:00", LONDON))


def test_the_closing_minute_is_too_late() -> None:
    at = local("2026-03-03T20:00", LONDON)
    assert window(at, [LONDON], EUROPE) == Window(
        local("2026-03-04T09:00", LONDON), local("2026-03-04T20:00", LONDON)
    )


def test_a_saturday_evening_in_europe_waits_until_monday() -> None:
    found = window(local("2026-03-07T20:30", LONDON), [LONDON], EUROPE)
    assert found is not None
    assert found.opens_at == local("2026-03-09T09:00", LONDON)


def test_a_sunday_is_lawful_in_china_until_half_past_eight() -> None:
    at = local("2026-03-08T20:29", SHANGHAI)
    assert window(at, [SHANGHAI], CHINA) == Window(at, local("2026-03-08T20:30", SHANGHAI))


def test_the_29th_of_february_is_a_day_like_any_other() -> None:
    found = window(local("2028-02-28T22:00", SHANGHAI), [SHANGHAI], CHINA)
    assert found == Window(local("2028-02-29T09:00", SHANGHAI), local("2028-02-29T20:30", SHANGHAI))


def test_a_day_with_a_clock_change_opens_by_the_new_clock() -> None:
    spring = window(utc("2026-03-08T02:00"), [NEW_YORK], ELSEWHERE)
    autumn = window(utc("2026-11-01T02:00"), [NEW_YORK], ELSEWHERE)
    assert spring == Window(utc("2026-03-08T13:00"), utc("2026-03-09T00:00"))
    assert autumn == Window(utc("2026-11-01T14:00"), utc("2026-11-02T01:00"))


def test_an_opening_that_the_clocks_jump_over_waits_for_the_later_reading() -> None:
    # 01:30 does not exist in London on that day: 01:00 is followed by 02:00
    found = window(utc("2026-03-29T00:00"), [LONDON], Hours(time(1, 30), time(4)))
    assert found == Window(local("2026-03-29T02:30", LONDON), local("2026-03-29T04:00", LONDON))


def test_a_closing_that_comes_twice_counts_the_first_time() -> None:
    # 01:30 comes twice in London on that day
    found = window(utc("2026-10-24T23:30"), [LONDON], Hours(time(0), time(1, 30)))
    assert found is not None
    assert found.closes_at == utc("2026-10-25T00:30")


def test_a_number_of_many_zones_waits_until_it_is_day_in_all() -> None:
    australia = [ZoneInfo("Australia/Perth"), ZoneInfo("Australia/Sydney")]
    found = window(utc("2026-07-01T20:00"), australia, ELSEWHERE)
    assert found == Window(local("2026-07-02T09:00", australia[0]), local("2026-07-02T20:00", australia[1]))


def test_zones_that_share_no_lawful_hour_have_no_window() -> None:
    assert window(utc("2026-03-03T00:00"), [NEW_YORK, SHANGHAI], ELSEWHERE) is None


@pytest.mark.parametrize(
    ("region", "hours"),
    [
        ("CN", CHINA),
        ("GB", EUROPE),
        ("DE", EUROPE),
        ("CH", EUROPE),
        ("GG", EUROPE),
        ("RS", EUROPE),
        ("RE", EUROPE),
        ("US", ELSEWHERE),
        ("HK", ELSEWHERE),
        (None, ELSEWHERE),
    ],
)
def test_a_region_has_its_hours(region: str | None, hours: Hours) -> None:
    assert hours_for(region) is hours


def test_any_means_no_quiet_hours() -> None:
    at = local("2026-03-08T03:00", SHANGHAI)
    hours = hours_for("CN", "any")
    assert slot(at, [SHANGHAI], hours, at + timedelta(hours=1)) == Window(at, at + timedelta(hours=1))


def test_the_customers_own_zone_comes_before_the_numbers_and_that_before_the_accounts() -> None:
    number = ("America/New_York", "Etc/Nowhere")
    assert zones_of("Asia/Shanghai", number, "Europe/London") == (SHANGHAI,)
    assert zones_of(None, number, "Europe/London") == (NEW_YORK,)
    assert zones_of(None, (), "Europe/London") == (LONDON,)


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "America", "../../etc/passwd", "/etc/passwd", "a\0b", "x" * 5000]
)
def test_a_zone_that_is_none_is_passed_over(name: str) -> None:
    assert zones_of(name, (name,), "Europe/London") == (LONDON,)


def test_an_account_without_a_time_zone_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError):
        zones_of(None, (), "Mars/Olympus")


def test_a_slot_ends_with_the_message() -> None:
    at = local("2026-03-03T18:00", LONDON)
    not_after = at + timedelta(minutes=30)
    assert slot(at, [LONDON], EUROPE, not_after) == Window(at, not_after)


def test_a_message_whose_window_closed_goes_in_the_next_one_or_never() -> None:
    closed = local("2026-03-03T20:00", LONDON)
    tomorrow = local("2026-03-04T09:00", LONDON)
    noon = local("2026-03-04T12:00", LONDON)
    assert slot(closed, [LONDON], EUROPE, noon) == Window(tomorrow, noon)
    assert slot(closed, [LONDON], EUROPE, tomorrow) is None
    assert slot(noon, [LONDON], EUROPE, noon) is None
    assert slot(noon, [LONDON], None, noon) is None
