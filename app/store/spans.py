"""Cutting time as facts lie: months, weeks of a month, days.

A week here is a step of its month, from the 1st, the 8th, the 15th or the 22nd: so each lies in one month, and the
lock on an agent's month guards its weeks too.
"""

from datetime import date, timedelta
from typing import NamedTuple

_DAY = timedelta(days=1)
_WEEKS_BEGIN = (1, 8, 15, 22)


class Span(NamedTuple):
    """`low` up to, but without `high`, to be read from `table`."""

    table: str
    low: date
    high: date


def month_of(day: date) -> tuple[date, date]:
    """Its first day, and the first of the next one."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def week_of(day: date) -> tuple[date, date]:
    """Its first day, and the first of the next one: the fourth week runs to the end of its month."""
    first = day.replace(day=_WEEKS_BEGIN[min((day.day - 1) // 7, 3)])
    return first, month_of(day)[1] if first.day == _WEEKS_BEGIN[-1] else first + timedelta(days=7)


def days_only(start: date, end: date) -> list[Span]:
    """start..end, both included."""
    return [Span("fact_day", start, end + _DAY)]


def cut(start: date, end: date) -> list[Span]:
    """start..end, both included, in the fewest cells: whole months, at either end whole weeks, and then days."""
    stop, spans = end + _DAY, list[Span]()
    while start < stop:
        span = _largest(start, stop)
        if spans and spans[-1].table == span.table:
            spans[-1] = spans[-1]._replace(high=span.high)
        else:
            spans.append(span)
        start = span.high
    return spans


def _largest(start: date, stop: date) -> Span:
    """The largest cell that begins at `start` and ends by `stop`."""
    for table, (low, high) in (("fact_month", month_of(start)), ("fact_week", week_of(start))):
        if low == start and high <= stop:
            return Span(table, low, high)
    return Span("fact_day", start, start + _DAY)
