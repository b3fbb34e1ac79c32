"""Account holidays: nobody is asked on them, also where a text waited for the day before it became one."""

from datetime import UTC, date, datetime, time
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from app.db import run_unit
from app.errors import Invalid
from app.flow.accounts import change_account
from app.flow.keep_holidays import keep_holidays
from app.flow.reschedule import next_window
from app.store.accounts import Account
from app.store.invitations import Invitation
from app.store.messages import Message
from tests.flow.steps import the_message, the_state
from tests.flow.test_send_windows import due_at
from tests.house import House

LONDON = ZoneInfo("Europe/London")
WEDNESDAY = date(2035, 6, 6)


def at(house: House, day: date, clock: str) -> None:
    house.shift(datetime.combine(day, time.fromisoformat(clock), LONDON) - datetime.now(UTC))


def close(house: House, account_id: UUID, *holidays: str) -> int:
    with house.sessions.begin() as session:
        change_account(session, session.get_one(Account, account_id).name, holidays=holidays)
    return keep_holidays(partial(run_unit, house.sessions), account_id)


def test_a_call_on_the_eve_of_a_holiday_is_followed_by_a_text_after_it(house: House) -> None:
    account_id = house.account(send_hours="lawful", send_within_seconds=3 * 86_400)
    close(house, account_id, "06-07")
    at(house, WEDNESDAY, "21:00")
    house.hang_up(account_id)
    assert due_at(house, account_id) == "Fri 09:00"


def test_where_it_would_be_too_late_by_then_nobody_is_asked(house: House) -> None:
    account_id = house.account(send_hours="lawful")
    close(house, account_id, "GB:2035-06-07")
    at(house, WEDNESDAY, "21:00")
    assert house.hang_up(account_id).skipped == {"reason": "outside_hours"}


def test_a_text_that_waits_for_a_day_that_becomes_a_holiday_waits_on_or_ends(house: House) -> None:
    patient, hasty = (
        house.account(send_hours="lawful", send_within_seconds=within * 3600) for within in (60, 18)
    )
    at(house, WEDNESDAY, "21:00")
    for account_id in (patient, hasty):
        house.hang_up(account_id)
        assert due_at(house, account_id) == "Thu 09:00"
        assert close(house, account_id, "2035-06-07") == 1
        assert close(house, account_id, "2035-06-07") == 0
    assert due_at(house, patient) == "Fri 09:00"
    assert the_state(house, hasty) == ("expired", "expired")
    at(house, date(2035, 6, 7), "12:00")
    house.send()
    assert house.ledger() == []
    at(house, date(2035, 6, 8), "09:01")
    house.send()
    assert len(house.ledger()) == 1


def test_what_waits_for_another_day_stays_as_it_is_and_what_waits_for_its_minute_too(house: House) -> None:
    account_id = house.account(send_hours="lawful", delay_seconds=3_600)
    at(house, WEDNESDAY, "12:00")
    house.hang_up(account_id)
    before = the_message(house, account_id)
    assert close(house, account_id, "12-25", "06-07") == 0
    after = the_message(house, account_id)
    assert (after.due_at, after.send_before) == (before.due_at, before.send_before)


def test_a_holiday_that_begins_while_a_text_is_due_closes_its_window(house: House) -> None:
    account_id = house.account(send_hours="lawful", send_within_seconds=3 * 86_400)
    at(house, WEDNESDAY, "12:00")
    house.hang_up(account_id)
    assert close(house, account_id, "2035-06-06") == 1
    house.send()
    assert (house.ledger(), due_at(house, account_id)) == ([], "Thu 09:00")


@pytest.mark.parametrize("purpose", ["question", "thanks", "repeat"])
def test_answers_to_what_a_customer_has_just_written_keep_no_holiday(house: House, purpose: str) -> None:
    account_id = house.account(send_hours="lawful")
    at(house, WEDNESDAY, "12:00")
    house.hang_up(account_id)
    with house.sessions.begin() as session:
        session.execute(update(Message).values(purpose=purpose))
    assert close(house, account_id, "2035-06-06") == 0


@pytest.mark.parametrize(
    ("purpose", "by_hand", "waits"),
    [
        *((purpose, False, True) for purpose in ("ask", "reminder")),
        *(
            (purpose, False, False)
            for purpose in ("question", "repeat", "corrected", "thanks", "late", "help")
        ),
        *((purpose, False, False) for purpose in ("stopped", "restarted")),
        *((purpose, True, True) for purpose in ("ask", "question", "repeat")),
    ],
)
def test_what_we_choose_the_hour_of_waits_for_the_morning_and_answers_do_not(
    house: House, purpose: str, by_hand: bool, waits: bool
) -> None:
    """In the evening before a holiday, whichever the message is and whoever has it sent."""
    account_id = house.account(send_hours="lawful", send_within_seconds=3 * 86_400)
    close(house, account_id, "06-07")
    at(house, WEDNESDAY, "12:00")
    house.hang_up(account_id)
    at(house, WEDNESDAY, "21:00")
    with house.sessions() as session:
        message = session.get_one(Message, (account_id, the_message(house, account_id).id))
        invitation = session.get_one(Invitation, (account_id, message.invitation_id))
        message.purpose, now = purpose, house.now()
        message.resend_asked_at = now if by_hand else None
        window = next_window(session, invitation, message, now)
    assert window is not None
    shown = window.opens_at.astimezone(LONDON).strftime("%a %H:%M")
    assert shown == ("Fri 09:00" if waits else "Wed 21:00")


@pytest.mark.parametrize("holiday", ["ZZ:12-25", "2026-02-30", "Christmas"])
def test_what_is_no_holiday_is_refused(house: House, holiday: str) -> None:
    account_id = house.account()
    with pytest.raises(Invalid) as refused:
        close(house, account_id, "12-25", holiday)
    assert list(refused.value.fields) == ["holidays"]
