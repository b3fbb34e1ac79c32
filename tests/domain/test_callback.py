"""A telephone that was rung: once more at most, never soon, and never where somebody has said no by hanging up."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.callback import Ring, is_machine, ring_again, ring_of

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "answered_by", "heard", "ring"),
    [
        ("completed", "human", True, Ring.HEARD),
        ("completed", None, True, Ring.HEARD),
        ("completed", "machine_start", False, Ring.MACHINE),
        ("completed", "machine_end_beep", False, Ring.MACHINE),
        ("completed", "fax", False, Ring.MACHINE),
        ("completed", "human", False, Ring.HUNG_UP),
        ("completed", None, False, Ring.HUNG_UP),
        ("busy", None, False, Ring.BUSY),
        ("no-answer", None, False, Ring.NO_ANSWER),
        ("failed", None, False, Ring.FAILED),
        ("canceled", None, False, Ring.FAILED),
        ("ringing", None, False, None),
        ("in-progress", "human", False, None),
        ("a new word", None, False, None),
    ],
)
def test_what_a_status_means(status: str, answered_by: str | None, heard: bool, ring: Ring | None) -> None:
    assert ring_of(status, answered_by, heard=heard) is ring


@pytest.mark.parametrize("ring", list(Ring))
def test_who_could_not_come_is_rung_once_more_an_hour_later(ring: Ring) -> None:
    again = ring_again(ring, 1, NOW)
    if ring in {Ring.BUSY, Ring.NO_ANSWER, Ring.MACHINE}:
        assert again == NOW + timedelta(hours=1)
    else:
        assert again is None
    assert ring_again(ring, 2, NOW) is None


@pytest.mark.parametrize(
    ("answered_by", "machine"),
    [("human", False), ("unknown", False), (None, False), ("machine_end_silence", True), ("fax", True)],
)
def test_who_is_a_machine(answered_by: str | None, machine: bool) -> None:
    assert is_machine(answered_by) is machine
