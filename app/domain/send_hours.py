"""When a text may be sent: quiet hours on the customer's clock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.domain import holidays
from app.domain.channel import Channel
from app.domain.holidays import Holidays, holidays_of
from app.errors import ConfigurationError

_EVERY_DAY = frozenset(range(7))
_WEEKDAYS = frozenset(range(5))
_NOT_SUNDAY = _EVERY_DAY - {6}
_HORIZON = timedelta(days=10)


@dataclass(frozen=True)
class Hours:
    """Lawful from `opens` up to, and without, `closes` on the days of `days` (0 is Monday) that are no `holidays`,
    by wall clock."""

    opens: time
    closes: time
    days: frozenset[int] = _EVERY_DAY
    holidays: Holidays = holidays.NONE

    def allow(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.holidays


@dataclass(frozen=True)
class Window:
    """Lawful from `opens_at` up to, and without, `closes_at` (UTC)."""

    opens_at: datetime
    closes_at: datetime


CHINA = Hours(time(9), time(20, 30))
EUROPE = Hours(time(9), time(20), _NOT_SUNDAY)
ELSEWHERE = Hours(time(9), time(20))
# a telephone that rings can't be left for later
CALLBACK = Hours(time(10), time(19), _WEEKDAYS)

# ISO 3166-1 alpha-2 (and XK for Kosovo): the European Union with its regions overseas, the European Economic
# Area, the United Kingdom and Switzerland; then the rest of Europe
_EUROPEAN = """
    AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE
    AX GF GP MF MQ RE YT IS LI NO GB CH
    AD AL BA BY FO GG GI IM JE MC MD ME MK RS RU SJ SM UA VA XK
"""
_EUROPE = frozenset(_EUROPEAN.split())


def hours_for(
    region: str | None,
    setting: str = "lawful",
    channel: Channel = Channel.SMS,
    closed: Collection[str] = (),
) -> Hours | None:
    """The hours of a number's region (ISO 3166-1 alpha-2); None, no quiet hours, where `setting` is "any".

    `closed`: the account's holidays, as `holidays.read_holiday` gives them. For a link there are no hours, whoever
    delivers it chooses; nor for those who are on the line.
    """
    if setting == "any" or channel in (Channel.LINK, Channel.IVR):
        return None
    hours = _usual_hours(region, channel)
    return replace(hours, holidays=found) if closed and (found := holidays_of(closed, region)) else hours


def _usual_hours(region: str | None, channel: Channel) -> Hours:
    if channel is Channel.CALLBACK:
        return CALLBACK
    if region == "CN":
        return CHINA
    return EUROPE if region in _EUROPE else ELSEWHERE


# zoneinfo itself keeps eight zones; a number that fits a whole continent's would read files at every call
@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def zones_of(customer: str | None, number: Sequence[str], account: str) -> tuple[ZoneInfo, ...]:
    """The time zones where the customer may be: their own if known, else the number's, else the account's.

    Raises ConfigurationError when it comes down to the account's, and that is no time zone.
    """
    if customer is not None and (known := _zone(customer)) is not None:
        return (known,)
    candidates = tuple(zone for name in number if (zone := _zone(name)) is not None)
    if candidates:
        return candidates
    if (fallback := _zone(account)) is None:
        raise ConfigurationError("The account's time zone is not in the time zone database")
    return (fallback,)


def _readings(day: date, clock: time, zone: ZoneInfo) -> list[datetime]:
    """Both instants that a wall time can mean: they differ where clocks are put back, or jump over it."""
    local = datetime.combine(day, clock, zone)
    return [local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]


def _window_in(zone: ZoneInfo, at: datetime, until: datetime, hours: Hours) -> Window | None:
    """The first window of one zone that is still open at `at` or opens later; None if none opens by `until`."""
    day = at.astimezone(zone).date()
    while True:
        # of two readings the later opens and the earlier closes: an hour too few rather than a text at night
        opens_at = max(_readings(day, hours.opens, zone))
        if opens_at > until:
            return None
        closes_at = min(_readings(day, hours.closes, zone))
        if hours.allow(day) and at < closes_at and opens_at < closes_at:
            return Window(opens_at, closes_at)
        day += timedelta(days=1)


def window(at: datetime, zones: Sequence[ZoneInfo], hours: Hours) -> Window | None:
    """The earliest time at or after `at` that is lawful in every zone; None if there is none in ten days."""
    moment, until = at, at + _HORIZON
    while moment <= until:
        windows = [found for zone in zones if (found := _window_in(zone, moment, until, hours))]
        if len(windows) < len(zones):
            return None
        opens_at = max(window.opens_at for window in windows)
        closes_at = min(window.closes_at for window in windows)
        if opens_at < closes_at:
            return Window(max(opens_at, at.astimezone(UTC)), closes_at)
        # nothing before the last of them opens can suit all
        moment = opens_at
    return None


def slot(at: datetime, zones: Sequence[ZoneInfo], hours: Hours | None, not_after: datetime) -> Window | None:
    """When to send a message that is ready at `at`; None if no lawful moment is left before `not_after`.

    For the first schedule, and again for a message whose window closed before it could go.
    """
    if at >= not_after:
        return None
    found = Window(at, not_after) if hours is None else window(at, zones, hours)
    if found is None or found.opens_at >= not_after:
        return None
    return Window(found.opens_at, min(found.closes_at, not_after))
