"""A customer of a phone and an email address: both decide together, and neither waits for the other."""

from collections import Counter
from collections.abc import Callable
from itertools import count
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.flow.receive_call import receive_call
from app.store.contacts import (
    Contact,
    end_open_survey,
    note_nps_asked,
    release_cooldown,
)
from app.store.keyring import Keyring
from tests.desk import Desk, decided

PHONE, EMAIL = "+447700900123", "person@example.org"


def email_beside(phone: str, account_id: UUID, keyring: Keyring, *, before: bool) -> str:
    """An address whose contact's id sorts before, or after, the phone's: locking by id would take it first."""
    (phone_id,) = keyring.lookups(str(account_id), "phone", phone)
    emails = (f"person{number}@example.org" for number in count())
    return next(
        email
        for email in emails
        if (keyring.lookups(str(account_id), "email", email)[0] < phone_id) == before
    )


def lock(session: Session, contact: Contact | None, *, wait: bool = True) -> None:
    assert contact is not None
    session.execute(select(Contact.id).where(Contact.id == contact.id).with_for_update(nowait=not wait))


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("step", ["accepting", "ending"])
def test_the_phone_is_locked_before_the_email_whatever_their_ids(
    desk: Desk, keyring: Keyring, step: str, before: bool
) -> None:
    account_id = desk.account()
    email = email_beside(PHONE, account_id, keyring, before=before)
    first = desk.invitation_of(account_id, desk.hang_up(account_id, phone=PHONE, email=email))
    asking, call = desk.asking(account_id), desk.call_end(phone=PHONE, email=email)

    def run(session: Session) -> None:
        if step == "accepting":
            receive_call(session, asking=asking, call=call, body_hash=b"")
        else:
            end_open_survey(session, account_id, first.id)

    with desk.sessions() as other:
        lock(other, desk.contact(account_id, "phone", PHONE))
        with desk.meanwhile(run) as running:
            assert not running.done()
            lock(other, desk.contact(account_id, "email", email), wait=False)
            other.rollback()
            running.result()


@pytest.mark.parametrize("before", [True, False])
def test_an_answer_that_ends_a_survey_and_the_next_call_do_not_wait_for_each_other(
    desk: Desk, keyring: Keyring, before: bool
) -> None:
    account_id = desk.account(cooldown_seconds=0)
    email = email_beside(PHONE, account_id, keyring, before=before)
    first = desk.hang_up(account_id, phone=PHONE, email=email)
    # at the time of its reading, the survey is over and the customer free
    invitation = desk.invitation_of(account_id, first)
    asking, call = desk.asking(account_id), desk.call_end(phone=PHONE, email=email)
    with desk.sessions() as answering:
        phone = desk.contact(account_id, "phone", PHONE)
        assert phone is not None
        note_nps_asked(answering, account_id, phone.id, desk.now())
        with desk.meanwhile(lambda s: receive_call(s, asking=asking, call=call, body_hash=b"")) as received:
            assert not received.done()
            end_open_survey(answering, account_id, invitation.id)
            answering.commit()
            assert decided(received.result()) == "survey_open"
    assert decided(desk.hang_up(account_id, phone=PHONE, email=email)) == "scheduled"


def test_calls_that_share_phones_and_emails_crosswise_never_deadlock(desk: Desk) -> None:
    phones, emails = [PHONE, "+447700900124"], ["one@example.org", "two@example.org"]
    calls = [desk.call_end(phone=phones[n % 2], email=emails[n // 2 % 2]) for n in range(40)]
    tally = Counter(map(decided, desk.report_all(desk.account(), calls)))
    assert tally["scheduled"] in (1, 2)
    assert tally["scheduled"] + tally["survey_open"] == 40


def test_a_customer_free_by_phone_and_taken_by_email_is_left_alone_on_both(desk: Desk) -> None:
    account_id = desk.account()
    asking = desk.asking(account_id)
    of_another, call = desk.call_end(email=EMAIL), desk.call_end(phone=PHONE, email=EMAIL)
    with desk.sessions() as other:
        receive_call(other, asking=asking, call=of_another, body_hash=b"")
        with desk.meanwhile(lambda s: receive_call(s, asking=asking, call=call, body_hash=b"")) as received:
            assert not received.done()
            other.commit()
            assert decided(received.result()) == "survey_open"
    phone, email = desk.contact(account_id, "phone", PHONE), desk.contact(account_id, "email", EMAIL)
    assert phone is not None
    assert email is not None
    assert (phone.last_asked_at, phone.asked_by_invitation, phone.open_invitation) == (None, None, None)
    assert email.open_invitation is not None
    assert decided(desk.hang_up(account_id, phone=PHONE)) == "scheduled"


def test_a_released_cooldown_lets_the_next_call_ask(desk: Desk) -> None:
    account_id = desk.account()
    first = desk.hang_up(account_id, phone=PHONE, email=EMAIL)
    assert decided(desk.hang_up(account_id, phone=PHONE)) == "survey_open"
    with desk.sessions.begin() as session:
        release_cooldown(session, account_id, desk.invitation_of(account_id, first).id)
    assert decided(desk.hang_up(account_id, phone=PHONE, email=EMAIL)) == "scheduled"


def test_an_ended_survey_leaves_the_cooldown(desk: Desk) -> None:
    account_id = desk.account()
    first = desk.hang_up(account_id, phone=PHONE, email=EMAIL)
    with desk.sessions.begin() as session:
        end_open_survey(session, account_id, desk.invitation_of(account_id, first).id)
    assert decided(desk.hang_up(account_id, phone=PHONE)) == "asked_recently"
    assert decided(desk.hang_up(account_id, email=EMAIL)) == "asked_recently"


@pytest.mark.parametrize("let_go", [release_cooldown, end_open_survey])
def test_an_old_invitation_lets_go_of_nothing_that_a_later_one_holds(
    desk: Desk, let_go: Callable[[Session, UUID, UUID], None]
) -> None:
    account_id = desk.account(cooldown_seconds=0)
    first = desk.invitation_of(account_id, desk.hang_up(account_id, phone=PHONE))
    with desk.sessions.begin() as session:
        end_open_survey(session, account_id, first.id)
    second = desk.invitation_of(account_id, desk.hang_up(account_id, phone=PHONE))
    before = desk.contact(account_id, "phone", PHONE)
    with desk.sessions.begin() as session:
        let_go(session, account_id, first.id)
    after = desk.contact(account_id, "phone", PHONE)
    assert before is not None
    assert after is not None
    assert after.open_invitation == after.asked_by_invitation == second.id
    assert after.last_asked_at == before.last_asked_at
