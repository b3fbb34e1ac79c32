"""Texts that a person closes, the lists they are found in, and what is due after a restore."""

import pytest
from sqlalchemy import text

from app.domain.questionnaire import Survey
from app.errors import Conflict
from app.flow.accounts import hold_sending
from app.flow.asking import SURVEY_KEY
from app.flow.read_messages import read_messages
from app.flow.recheck_messages import recheck_messages
from app.store.message_lists import find_messages
from app.store.surveys import add_survey_version
from tests.flow.by_hand import (
    WHO,
    close,
    doubt,
    failed,
    happened,
    in_doubt,
    quarantined,
    tried,
)
from tests.flow.steps import (
    claim_and_begin,
    is_free,
    request,
    the_message,
    the_state,
)
from tests.house import House


def test_what_is_closed_in_doubt_can_still_be_answered(house: House) -> None:
    message = in_doubt(house)
    closed = close(house, message, "called them")
    assert (closed["status"], closed["explanation"]["happened"]) == ("cancelled", "A person closed it.")
    assert closed["invitation"]["status"] == "in_doubt"
    assert close(house, message) == closed
    assert tried(house, message) == "This message can't be sent again: it was taken back."
    house.text("5")
    assert house.invitations(message.account_id)[0].state == "started"


def test_what_was_closed_in_doubt_ends_with_its_time_and_keeps_its_cooldown(house: House) -> None:
    message = in_doubt(house)
    close(house, message)
    house.pass_time(hours=19 + 49)
    house.settle()
    (invitation,) = house.invitations(message.account_id)
    assert invitation.state == "cancelled"
    assert invitation.ended_at is not None
    assert house.hang_up(message.account_id).skipped == {"reason": "asked_recently"}


def test_what_never_left_is_closed_and_its_customer_free_at_once(house: House) -> None:
    message = quarantined(house, house.account())
    close(house, message)
    assert the_state(house, message.account_id) == ("cancelled", "cancelled")
    assert is_free(house.contact(message.account_id))


def test_a_failure_that_is_closed_stays_a_failed_survey(house: House) -> None:
    message = failed(house, house.account(), 30006)
    close(house, message)
    assert the_state(house, message.account_id) == ("failed", "cancelled")
    assert happened(house, message, "message.failed")[0]["code"] == 30006


def test_what_waits_for_a_person_is_listed_by_pages(house: House) -> None:
    account_id = house.account()
    for number in range(3):
        house.hang_up(account_id, phone=f"+4477009001{number:02}")
    house.fault(error_after={"count": 3})
    house.send()
    doubt(house)
    house.hang_up(account_id, phone="+447700900150")
    seen, cursor = [], None
    while True:
        with house.sessions() as session:
            page = read_messages(session, account_id=account_id, status=None, cursor=cursor, limit=2)
        seen += [item["id"] for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    newest_first = [str(message.id) for message in reversed(house.messages(account_id))][1:]
    assert seen == newest_first
    with house.sessions() as session:
        due = read_messages(session, account_id=account_id, status="due", cursor=None, limit=2)
    assert [item["status"] for item in due.items] == ["due"]
    assert due.next_cursor is None


def test_what_is_rare_is_sought_a_stretch_at_a_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.message_lists.LOOKED_THROUGH", 2)
    account_id = house.account()
    house.hang_up(account_id, phone="+447700900160")
    house.send()
    for number in range(3):
        house.hang_up(account_id, phone=f"+4477009001{number:02}")
    pages, before = [], None
    while not pages or before is not None:
        with house.sessions() as session:
            found = find_messages(session, account_id, ["accepted"], before=before, limit=5)
            pages.append(len(found.rows))
        before = found.more_before
    assert pages == [0, 1, 0]


def test_after_a_restore_nothing_is_sent_that_the_carrier_has_already(house: House) -> None:
    account_id = house.account()
    sent, unsent, later = "+447700900101", "+447700900102", "+447700900103"
    house.hang_up(account_id, phone=sent)
    request(house.parts, claim_and_begin(house.parts))
    with house.sessions.begin() as session:  # as in a back-up that was made before
        session.execute(text("delete from attempt"))
        session.execute(text("update message set state = 'due', claim_id = null, attempts = 0, claims = 0"))
        hold_sending(session, None, paused=True)
    house.hang_up(account_id, phone=unsent)
    with house.sessions.begin() as session:
        asked_later = Survey(SURVEY_KEY, 2, delay_seconds=600, send_hours="any")
        add_survey_version(session, account_id, asked_later)
    house.hang_up(account_id, phone=later)
    assert recheck_messages(house.sessions.begin, account_id=account_id, actor=WHO) == 2
    house.send()
    assert len(house.ledger()) == 1
    house.settle()
    house.settle()
    with house.sessions.begin() as session:
        hold_sending(session, None, paused=False)
    house.send()
    assert [one["to"] for one in house.ledger()] == [sent, unsent]
    assert [message.state for message in house.messages(account_id)] == ["accepted", "accepted", "due"]


def test_texts_are_rechecked_only_while_none_can_go_out(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    with pytest.raises(Conflict, match="has to be paused"):
        recheck_messages(house.sessions.begin, account_id=account_id, actor=WHO)
    assert the_message(house, account_id).state == "due"
