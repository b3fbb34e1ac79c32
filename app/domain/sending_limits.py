"""What an account lets us send to whom: countries, and how much in a day. Who makes calls end could otherwise have
it text numbers that earn them money."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.channel import Channel

# what is paid for by the piece, and goes to the number that a platform reported
LIMITED = frozenset({Channel.SMS, Channel.CALLBACK})

# so many numbers are a range: those who rent numbers rent them by the thousand
_RANGE_DIGITS = 4
# the reason for which nothing goes out until tomorrow
# why an ask was stopped where it was claimed
DAILY_CAP, COUNTRY_NOT_ALLOWED = "daily_cap", "country_not_allowed"
STOPS = frozenset({DAILY_CAP, COUNTRY_NOT_ALLOWED})
# the range of all numbers
EVERY_NUMBER = ""


@dataclass(frozen=True)
class SendingLimits:
    """None: not limited. `countries`: ISO 3166-1 alpha-2. `per_day`, `per_range`: surveys begun on a day of the
    account's time zone, by text or call, in all and to ten thousand neighbouring numbers."""

    countries: frozenset[str] | None = None
    per_day: int | None = None
    per_range: int | None = None

    def allows(self, region: str | None) -> bool:
        return self.countries is None or region in self.countries

    @property
    def counts(self) -> bool:
        return self.per_day is not None or self.per_range is not None

    def used_up(self, counts: Mapping[str, int], e164: str) -> str | None:
        """What of them is, in words; `counts`: range -> surveys begun today."""
        if self.per_day is not None and counts.get(EVERY_NUMBER, 0) >= self.per_day:
            return f"{self.per_day} surveys by text or call have been begun today"
        if self.per_range is not None and counts.get(range_of(e164), 0) >= self.per_range:
            return f"{self.per_range} of them to numbers that differ in their last {_RANGE_DIGITS} digits"
        return None


def sending_limits(settings: Mapping[str, Any]) -> SendingLimits:
    """Of an account's settings."""
    countries = settings.get("countries")
    return SendingLimits(
        None if countries is None else frozenset(countries),
        settings.get("daily_cap"),
        settings.get("daily_cap_per_range"),
    )


def range_of(e164: str) -> str:
    return e164[:-_RANGE_DIGITS]
