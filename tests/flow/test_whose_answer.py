"""Which survey a text belongs to: one at most, and only of exactly this pair of numbers."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from app.domain.delivery import Outcome, SendResult
from app.flow.message_outcomes import note_in_doubt
from app.store.base import database_now
from app.store.invitations import lock_invitation
from app.store.messages import lock_message
from app.store.senders import Sender, SenderAccount, add_sender
from tests.flow.customer import Customer, asked
from tests.flow.steps import claim_and_begin, record
from tests.house import ACCOUNT_SID, AUTH_TOKEN, House

OTHER_NUMBER = "+15005550007"


def test_of_two_open_surveys_the_one_asked_last_is_answered_and_never_both(house: House) -> None:
    older, newer = asked(house), asked(house)
    newer.says("5")
    assert (older.state, older.scores) == ("asked", {})
    assert (newer.state, newer.scores) == ("started", {"csat": 5})
    assert len(newer.phone_shows) == 3
    newer.says("4 9", "bye")
    newer.says("3")
    assert newer.scores == {"csat": 5, "ownership": 4, "nps": 9}
    assert older.scores == {"csat": 3}, "once the newer one is done, the older is the newest"


def test_newest_means_asked_last_and_not_called_last(house: House) -> None:
    early = Customer(house, house.account(delay_seconds=600))
    early.calls()
    late = asked(house)
    house.shift(timedelta(minutes=11))
    house.send()
    late.says("4")
    assert (early.scores, late.scores) == ({"csat": 4}, {})


def test_two_accounts_that_share_one_sender_are_told_apart_alike(house: House) -> None:
    owner = asked(house)
    guest_id = house.account()
    with house.sessions.begin() as session:
        shared = session.scalars(select(Sender).where(Sender.account_id == owner.account_id)).one()
        session.execute(
            update(SenderAccount)
            .where(SenderAccount.account_id == guest_id)
            .values(sender_id=shared.id, owner_id=owner.account_id)
        )
    guest = asked(house, guest_id)
    guest.says("2")
    assert (owner.scores, guest.scores) == ({}, {"csat": 2})
    guest.says("STOP")
    assert (owner.state, guest.state) == ("opted_out", "opted_out")


def test_the_same_phone_at_another_number_is_another_conversation(house: House) -> None:
    here = asked(house)
    there = house.account()
    with house.sessions.begin() as session:
        add_sender(
            session,
            there,
            provider_account=ACCOUNT_SID,
            auth_token=AUTH_TOKEN,
            number=OTHER_NUMBER,
            per_second=1000,
            burst=1000,
        )
    customer = Customer(house, there)
    house.hang_up(there)
    record(
        house.parts, claim_and_begin(house.parts), SendResult(Outcome.ACCEPTED, provider_id="SM" + "6" * 32)
    )
    customer.types("5", to=OTHER_NUMBER)
    assert (here.scores, customer.scores) == ({}, {"csat": 5})
    here.types("4")
    assert (here.scores, customer.scores) == ({"csat": 4}, {"csat": 5})
    customer.types("STOP", to=OTHER_NUMBER)
    assert here.state == "started"
    assert here.contact.opted_out_at is None


def test_a_forged_sender_changes_nothing_but_the_survey_of_that_very_number(house: House) -> None:
    account_id = house.account()
    one = asked(house, account_id, phone="+447700900101")
    other = asked(house, account_id, phone="+447700900102")
    before = house.invitations(account_id)
    Customer(house, account_id, "+447700900103").types("1")
    one.types("1", to="+15005550099")
    one.types("1", account_sid="AC" + "9" * 32)
    assert [(i.state, i.change) for i in house.invitations(account_id)] == [
        (i.state, i.change) for i in before
    ]
    one.types("1")
    assert (one.scores, other.scores) == ({"csat": 1}, {})


def test_a_reply_before_our_own_record_of_the_acceptance_counts(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    customer = Customer(house, account_id)
    envelope = claim_and_begin(house.parts)
    customer.types("5")
    assert (customer.scores, customer.state) == ({"csat": 5}, "started")
    record(house.parts, envelope, SendResult(Outcome.ACCEPTED, provider_id="SM" + "5" * 32))
    now = customer.invitation
    assert (now.state, now.delivered_basis) == ("started", "assumed")
    assert [message.state for message in customer.messages("ask")] == ["accepted"]
    house.send()
    assert customer.newest.startswith("How willing")
    assert len(customer.phone_shows) == 1, "the carrier of this test took the first one by hand"


def test_a_reply_settles_a_request_whose_outcome_was_lost(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    customer = Customer(house, account_id)
    record(house.parts, claim_and_begin(house.parts), SendResult(Outcome.UNKNOWN))
    customer.types("um")
    assert [message.state for message in customer.messages("ask")] == ["accepted"]
    # nothing was answered, but it was asked, and so it ends in time
    assert (customer.state, customer.invitation.close_at is None) == ("asked", False)
    house.shift(timedelta(hours=1))
    house.settle()
    house.send()
    assert [message.attempts for message in customer.messages("ask")] == [1]
    house.shift(timedelta(hours=50))
    house.settle()
    assert (customer.state, customer.contact.open_invitation) == ("unanswered", None)


def test_a_text_while_the_carrier_refuses_is_about_something_else(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    customer = Customer(house, account_id)
    record(
        house.parts, claim_and_begin(house.parts), SendResult(Outcome.REJECTED, code=20429, http_status=429)
    )
    customer.types("hello, I called you before")
    assert customer.understood() == ["unmatched"]
    assert (customer.state, customer.invitation.delivered_at) == ("scheduled", None)
    house.shift(timedelta(minutes=5))
    house.send()
    assert [body.split(".")[0] for body in customer.phone_shows] == ["Acme: Thanks for calling"]
    assert customer.state == "asked"


def in_doubt(house: House, account_id: UUID, phone: str) -> Customer:
    """A customer who may have been asked: neither the carrier's answer nor its listings have told."""
    house.hang_up(account_id, phone=phone)
    customer = Customer(house, account_id, phone)
    record(house.parts, claim_and_begin(house.parts), SendResult(Outcome.UNKNOWN))
    (ask,) = customer.messages("ask")
    with house.sessions.begin() as session:
        invitation = lock_invitation(session, account_id, ask.invitation_id)
        message = lock_message(session, account_id, ask.id)
        note_in_doubt(session, invitation, message, database_now(session))
    return customer


def test_a_reply_settles_a_doubt_as_long_as_its_survey_is_open(house: House) -> None:
    account_id = house.account()
    early, late = (in_doubt(house, account_id, phone) for phone in ("+447700900101", "+447700900102"))
    house.shift(timedelta(hours=47))
    early.types("5")
    assert (early.state, early.scores) == ("started", {"csat": 5})
    assert [message.state for message in early.messages("ask")] == ["accepted"]
    house.shift(timedelta(hours=49))
    house.settle()
    late.types("5")
    assert (late.state, late.scores, late.words("late")) == ("in_doubt", {}, "5")
    assert late.contact.open_invitation is None


def test_an_account_that_has_two_senders_of_a_number_is_one_account(house: House) -> None:
    account_id = house.account()
    with house.sessions.begin() as session:
        add_sender(
            session,
            account_id,
            provider_account=ACCOUNT_SID,
            auth_token=AUTH_TOKEN,
            number=None,
            messaging_service="MG" + "1" * 32,
        )
    customer = asked(house, account_id)
    customer.types("5", messaging_service_sid="MG" + "1" * 32)
    assert customer.scores == {"csat": 5}
    customer.types("STOP", messaging_service_sid="MG" + "1" * 32)
    assert customer.state == "opted_out"
