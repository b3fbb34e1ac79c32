"""Days on which an account asks nobody, and how they are written."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

# a list of hundreds would be an account that never asks
MOST = 400

_WRITTEN = re.compile(r"(?:([A-Za-z]{2}):)?(?:(\d{4})-)?(\d{2})-(\d{2})")
_YEARS = range(2000, 2100)
_LEAP_YEAR = 2000


@dataclass(frozen=True)
class Holidays:
    """`dates` come once, `yearly` are (month, day); 29 February is one in leap years alone."""

    dates: frozenset[date] = field(default_factory=frozenset)
    yearly: frozenset[tuple[int, int]] = field(default_factory=frozenset)

    def __contains__(self, day: date) -> bool:
        return day in self.dates or (day.month, day.day) in self.yearly

    def __bool__(self) -> bool:
        return bool(self.dates or self.yearly)


NONE = Holidays()


def holidays_of(written: Iterable[str], region: str | None) -> Holidays:
    """Those that hold for a number of `region` (ISO 3166-1 alpha-2; None: of no known one).

    `written`: as `read_holiday` gives them.
    """
    dates, yearly = set(), set()
    for one in written:
        where, day = _parts(one)
        if where not in (None, region):
            continue
        if isinstance(day, date):
            dates.add(day)
        else:
            yearly.add(day)
    return Holidays(frozenset(dates), frozenset(yearly))


def read_holiday(text: str) -> str:
    """`2026-12-25` once, `12-25` each year, `GB:12-26` for numbers of one country. Raises ValueError, in words."""
    where, day = _parts(text.strip())
    shown = day.isoformat() if isinstance(day, date) else f"{day[0]:02}-{day[1]:02}"
    return shown if where is None else f"{where}:{shown}"


def region_of(holiday: str) -> str | None:
    return _parts(holiday)[0]


def _parts(text: str) -> tuple[str | None, date | tuple[int, int]]:
    found = _WRITTEN.fullmatch(text)
    if found is None or not text.isascii():
        raise ValueError(
            f"{text[:40]!r} is no day: write 2026-12-25, 12-25 for each year, GB:12-26 for a country"
        )
    where, year, month, day = found.groups()
    try:
        read = date(int(year or _LEAP_YEAR), int(month), int(day))
    except ValueError as error:
        raise ValueError(f"{text!r} is no day of the calendar") from error
    if read.year not in _YEARS:
        raise ValueError(f"{text!r} lies outside the years {_YEARS.start} to {_YEARS.stop - 1}")
    return where and where.upper(), read if year else (read.month, read.day)
