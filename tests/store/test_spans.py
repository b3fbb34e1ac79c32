"""A period is cut into the fewest cells that it is made of: months, weeks of a month, days."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from app.store.spans import Span, cut, days_only, month_of, week_of

DATES = st.dates(date(2024, 1, 1), date(2026, 12, 31))
DAY = timedelta(days=1)


@given(DATES)
@example(date(2024, 2, 29))
@example(date(2025, 2, 22))
@example(date(2025, 12, 31))
def test_a_week_lies_in_its_month(day: date) -> None:
    low, high = week_of(day)
    first, after = month_of(day)
    assert first <= low <= day < high <= after
    assert week_of(low) == week_of(high - DAY) == (low, high)
    assert first.day == after.day == 1
    assert (high - low).days in ({7} if low.day < 22 else {7, 8, 9, 10})


@given(DATES, st.integers(0, 400))
@example(date(2025, 2, 1), 27)
def test_the_parts_of_a_period_are_the_period(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    spans = cut(start, end)
    assert spans[0].low == start
    assert spans[-1].high == end + DAY
    assert all(one.high == other.low for one, other in pairwise(spans))
    for table, low, high in spans:
        if table == "fact_month":
            assert low.day == high.day == 1
        if table == "fact_week":
            assert week_of(low)[0] == low
            assert week_of(high - DAY)[1] == high


@given(DATES, st.integers(0, 400))
@example(date(2024, 1, 2), 9)
def test_few_days_are_read_at_either_end(start: date, length: int) -> None:
    spans = cut(start, start + timedelta(days=length))
    days = [span for span in spans if span.table == "fact_day"]
    assert len(days) <= 2
    # of no week all days are read singly, so those of one span lie in two weeks at most
    for _, low, high in days:
        parts = _weeks(Span("fact_day", low, high))
        assert len(parts) <= 2
        assert not any(low <= first and week_of(first)[1] <= high for first in parts)
    weeks = [span for span in spans if span.table == "fact_week"]
    assert all(len({low.day for low in _weeks(span)}) <= 3 for span in weeks if len(weeks) == 2)


def _weeks(span: Span) -> list[date]:
    return sorted({week_of(span.low + timedelta(days=at))[0] for at in range((span.high - span.low).days)})


def test_the_default_of_ninety_days_is_cut_as_it_should_be() -> None:
    assert cut(date(2026, 3, 20), date(2026, 6, 17)) == [
        Span("fact_day", date(2026, 3, 20), date(2026, 3, 22)),
        Span("fact_week", date(2026, 3, 22), date(2026, 4, 1)),
        Span("fact_month", date(2026, 4, 1), date(2026, 6, 1)),
        Span("fact_week", date(2026, 6, 1), date(2026, 6, 15)),
        Span("fact_day", date(2026, 6, 15), date(2026, 6, 18)),
    ]


def test_days_stay_days_where_they_are_asked_for() -> None:
    assert days_only(date(2026, 1, 1), date(2026, 1, 31)) == [
        Span("fact_day", date(2026, 1, 1), date(2026, 2, 1))
    ]
