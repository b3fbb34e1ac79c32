"""Texts go out at lawful hours and in time, or not at all."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.channels.parcel import TextParcel
from app.flow.accounts import hold_sending
from app.store.claims import senders_with_work
from tests.flow.steps import begin, claim, is_free, outcomes, the_message, the_state
from tests.house import House

LONDON = ZoneInfo("Europe/London")  # where the customer's number is from: 9 to 20 o'clock, not on Sundays
MONDAY = date(2035, 6, 4)


def at(house: House, day: date, clock: str) -> datetime:
    """Make it that time in London."""
    moment = datetime.combine(day, time.fromisoformat(clock), LONDON)
    house.shift(moment - datetime.now(UTC))
    return moment


def hang_up(house: House, day: date, clock: str) -> UUID:
    """A call that ends at that time of an account which keeps to lawful hours."""
    account_id = house.account(send_hours="lawful")
    at(house, day, clock)
    house.hang_up(account_id)
    return account_id


def due_at(house: House, account_id: UUID) -> str:
    return f"{the_message(house, account_id).due_at.astimezone(LONDON):%a %H:%M}"


def test_a_call_by_day_is_followed_by_its_text(house: House) -> None:
    hang_up(house, MONDAY, "12:00")
    house.send()
    assert len(house.ledger()) == 1


def test_a_call_in_the_evening_is_followed_by_a_text_in_the_morning(house: House) -> None:
    account_id = hang_up(house, MONDAY, "21:00")
    tuesday = MONDAY + timedelta(days=1)
    assert due_at(house, account_id) == "Tue 09:00"
    at(house, tuesday, "08:59")
    assert not house.parts.unit(senders_with_work)
    at(house, tuesday, "09:01")
    house.send()
    assert len(house.ledger()) == 1


def test_a_text_that_missed_its_evening_goes_out_at_the_next_lawful_hour(house: House) -> None:
    account_id = hang_up(house, MONDAY, "19:58")
    at(house, MONDAY, "20:00")
    house.send()  # nothing: the window is closed, though the message was due
    house.settle()
    assert due_at(house, account_id) == "Tue 09:00"
    house.send()
    assert house.ledger() == []
    at(house, MONDAY + timedelta(days=1), "09:00")
    house.send()
    assert outcomes(house, account_id) == ["accepted"]
    assert len(house.ledger()) == 1


def test_a_text_claimed_before_the_evening_ends_is_not_requested_after_it(house: House) -> None:
    account_id = hang_up(house, MONDAY, "19:58")
    at(house, MONDAY, "19:59:58")
    (claimed,) = claim(house.parts)
    at(house, MONDAY, "20:00:01")
    assert begin(house.parts, claimed) is None
    house.settle()
    assert due_at(house, account_id) == "Tue 09:00"
    assert the_message(house, account_id).claims == 0


def test_the_carrier_is_told_to_drop_a_text_that_it_can_not_send_before_the_evening_ends(
    house: House,
) -> None:
    hang_up(house, MONDAY, "19:45")
    at(house, MONDAY, "19:50")
    (claimed,) = claim(house.parts)
    envelope = begin(house.parts, claimed)
    assert envelope is not None
    assert isinstance(envelope.parcel, TextParcel)
    assert 595 <= envelope.parcel.valid_seconds <= 600


def test_a_retry_that_would_fall_into_the_night_waits_for_the_morning(house: House) -> None:
    account_id = hang_up(house, MONDAY, "19:50")
    house.fault(rate_limited={"count": 1}, retry_after_seconds=800)
    house.send()
    assert due_at(house, account_id) == "Tue 09:00"


def test_a_worker_killed_in_the_evening_leaves_its_text_to_the_morning(house: House) -> None:
    account_id = hang_up(house, MONDAY, "19:58")
    at(house, MONDAY, "19:59:55")
    claim(house.parts)
    at(house, MONDAY, "20:01")
    house.settle()
    assert due_at(house, account_id) == "Tue 09:00"


def test_a_saturday_evening_that_was_missed_expires_before_monday(house: House) -> None:
    saturday = MONDAY + timedelta(days=5)
    account_id = hang_up(house, saturday, "19:58")
    at(house, saturday, "20:00")
    house.settle()
    assert the_state(house, account_id) == ("expired", "expired")
    assert is_free(house.contact(account_id))


def test_after_an_outage_of_twenty_hours_nobody_is_texted_late(house: House) -> None:
    account_id = hang_up(house, MONDAY, "12:00")
    at(house, MONDAY + timedelta(days=1), "08:00")
    house.send()
    house.settle()
    at(house, MONDAY + timedelta(days=1), "12:00")
    house.send()
    assert the_state(house, account_id) == ("expired", "expired")
    assert house.ledger() == []
    yesterday = house.call_end(
        started_at=datetime.combine(MONDAY, time(12), LONDON),
        answered_at=datetime.combine(MONDAY, time(12), LONDON),
        ended_at=datetime.combine(MONDAY, time(12, 1), LONDON),
    )
    assert house.hang_up(account_id, yesterday).skipped == {"reason": "too_old"}


def test_a_pause_does_not_keep_a_text_past_its_time(house: House) -> None:
    account_id = hang_up(house, MONDAY, "16:00")
    with house.sessions.begin() as session:
        hold_sending(session, None, paused=True)
    at(house, MONDAY, "20:01")
    house.settle()
    assert due_at(house, account_id) == "Tue 09:00"
    at(house, MONDAY + timedelta(days=1), "10:01")
    house.settle()
    assert the_state(house, account_id) == ("expired", "expired")


@pytest.mark.parametrize(
    ("day", "clock", "due"),
    [
        (date(2035, 3, 24), "23:30", "Sun 09:00"),  # clocks go forward in this night
        (date(2035, 10, 27), "23:30", "Sun 09:00"),  # and back in this one
        (date(2036, 2, 28), "21:00", "Fri 09:00"),  # the 29th
    ],
)
def test_one_text_goes_out_at_a_lawful_hour_whatever_the_clocks_do(
    house: House, day: date, clock: str, due: str
) -> None:
    # on Sundays nobody in Europe is texted: a customer elsewhere, in a zone with the same clock changes
    account_id = house.account(send_hours="lawful")
    at(house, day, clock)
    house.hang_up(account_id, phone="+12025550143", timezone="Europe/London")
    assert due_at(house, account_id) == due
    house.send()
    assert house.ledger() == []
    message = the_message(house, account_id)
    house.shift(message.due_at - datetime.now(UTC))
    house.send()
    house.settle()
    house.send()
    assert len(house.ledger()) == 1


def test_a_question_that_follows_an_answer_does_not_wait_for_the_morning_but_ends_within_the_hour(
    house: House,
) -> None:
    account_id = hang_up(house, MONDAY, "19:50")
    house.send()
    at(house, MONDAY, "20:30")
    house.text("5")
    house.send()
    assert len(house.ledger()) == 2
    house.text("4")
    at(house, MONDAY, "21:31")
    house.send()
    house.settle()
    assert [message.state for message in house.messages(account_id)] == ["accepted", "accepted", "expired"]
    assert house.invitations(account_id)[0].state == "started"
    assert len(house.ledger()) == 2
