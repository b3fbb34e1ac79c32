"""Which calls an exclusion leaves out: those that met with it, of its queues, whoever took them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.domain.exclusion import Exclusion, exclusion_of

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OUTAGE = Exclusion(UUID(int=1), NINE, NINE + timedelta(hours=1), (), "the billing system was down")


def minutes(count: float) -> datetime:
    return NINE + timedelta(minutes=count)


@pytest.mark.parametrize(
    ("started", "ended", "left_out"),
    [
        (-10, -1, False),
        (-10, 0, True),
        (-10, 70, True),
        (10, 20, True),
        (59, 70, True),
        (60, 70, False),
        (30, 30, True),
    ],
)
def test_a_call_that_was_going_on_within_it_is_left_out(started: int, ended: int, *, left_out: bool) -> None:
    assert OUTAGE.covers(minutes(started), minutes(ended), "sales") is left_out


@pytest.mark.parametrize(
    ("queues", "queue", "left_out"),
    [
        ((), None, True),
        (("billing", "sales-*"), "Sales-EU", True),
        (("billing",), "sales", False),
        (("billing",), None, False),
    ],
)
def test_of_its_queues_alone(queues: tuple[str, ...], queue: str | None, *, left_out: bool) -> None:
    outage = Exclusion(UUID(int=1), OUTAGE.starts_at, OUTAGE.ends_at, queues, "down")
    assert outage.covers(minutes(1), minutes(2), queue) is left_out


def test_one_that_was_ended_before_it_began_leaves_nothing_out() -> None:
    ended = Exclusion(UUID(int=1), NINE, NINE, (), "down")
    assert not ended.covers(minutes(-5), minutes(5), None)


def test_the_words_name_time_queues_and_reason() -> None:
    found = exclusion_of([OUTAGE], minutes(1), minutes(2), None)
    assert found is OUTAGE
    assert OUTAGE.words == (
        "left out for everyone: calls of every queue from 2026-03-02T09:00:00+00:00"
        " until 2026-03-02T10:00:00+00:00 (the billing system was down)"
    )
