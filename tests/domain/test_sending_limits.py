"""What is left of an account's caps."""

import pytest

from app.domain.sending_limits import EVERY_NUMBER, SendingLimits, range_of, sending_limits

PHONE = "+447700900123"


def test_settings_that_say_nothing_limit_nothing() -> None:
    assert sending_limits({}) == SendingLimits()
    assert sending_limits({"countries": None, "daily_cap": None}) == SendingLimits()
    assert not SendingLimits().counts
    assert SendingLimits().used_up({EVERY_NUMBER: 10**9}, PHONE) is None


def test_settings_are_read() -> None:
    limits = sending_limits({"countries": ["GB"], "daily_cap": 5, "daily_cap_per_range": 2})
    assert limits == SendingLimits(frozenset({"GB"}), 5, 2)
    assert limits.counts


@pytest.mark.parametrize(
    ("counts", "is_used_up"),
    [
        ({}, False),
        ({EVERY_NUMBER: 4, "+44770090": 1}, False),
        ({EVERY_NUMBER: 5}, True),
        ({EVERY_NUMBER: 4, "+44770090": 2}, True),
        ({EVERY_NUMBER: 4, "+44770091": 2}, False),
    ],
)
def test_a_cap_is_reached_by_its_number(counts: dict[str, int], is_used_up: bool) -> None:
    assert (SendingLimits(None, 5, 2).used_up(counts, PHONE) is not None) is is_used_up


def test_a_range_is_ten_thousand_numbers() -> None:
    assert range_of(PHONE) == "+44770090"
