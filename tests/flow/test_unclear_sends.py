"""Sends whose outcome is unknown: asked about before anything is sent again, and never doubled."""

from uuid import UUID

import pytest
from sqlalchemy import select

from app.domain.delivery import Outcome, SendResult
from app.flow.settle_messages import prepare_look, record_look
from app.store.claims import take_unknown
from app.store.events import Event
from app.store.senders import Sender, share_sender
from tests.flow.steps import claim_and_begin, is_free, outcomes, record, request, the_message, the_state
from tests.house import PHONE, House
from workers.delivery import Drain, look_up
from workers.parts import WorkerParts


@pytest.fixture
def patient(house: House) -> WorkerParts:
    """A worker that looks after 60 and 120 seconds, as in production."""
    return house.worker(first_look_seconds=60, second_look_seconds=120)


def send_unclear(house: House, parts: WorkerParts, **fault: object) -> UUID:
    """A first text whose request came to no clear end."""
    account_id = house.account()
    house.hang_up(account_id)
    house.fault(**fault)
    Drain(parts).run()
    house.no_faults()
    assert the_message(house, account_id).state == "unknown"
    assert outcomes(house, account_id) == ["unknown"]
    return account_id


@pytest.mark.parametrize("fault", ["error_after", "drop_reply", "broken_reply"])
def test_a_text_that_the_carrier_took_without_saying_so_is_found_and_not_sent_again(
    house: House, patient: WorkerParts, fault: str
) -> None:
    account_id = send_unclear(house, patient, **{fault: {"count": 1}})
    (accepted,) = house.ledger()
    look_up(patient)
    assert the_message(house, account_id).state == "unknown"  # not asked before the minute is over
    house.pass_time(seconds=61)
    look_up(patient)
    assert the_state(house, account_id) == ("asked", "accepted")
    assert the_message(house, account_id).provider_id == accepted["sid"]
    house.pass_time(minutes=10)
    look_up(patient)
    Drain(patient).run()
    assert len(house.ledger()) == 1
    assert outcomes(house, account_id) == ["unknown"]


@pytest.mark.parametrize("fault", ["error_before", "drop_before"])
def test_a_text_that_never_arrived_is_sent_again_once_after_two_looks(
    house: House, patient: WorkerParts, fault: str
) -> None:
    account_id = send_unclear(house, patient, **{fault: {"count": 1}})
    looks = []
    for _ in range(5):
        house.pass_time(seconds=61)
        look_up(patient)
        Drain(patient).run()
        looks.append(the_message(house, account_id).empty_looks)
    # the first after a minute, the second two minutes later, and with it the new attempt
    assert looks == [1, 1, 0, 0, 0]
    assert outcomes(house, account_id) == ["unknown", "accepted"]
    assert the_state(house, account_id) == ("asked", "accepted")
    assert len(house.ledger()) == 1


def test_a_carrier_that_answers_too_late_is_asked_and_not_texted_again(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    house.fault(latency=0.4)
    Drain(house.worker(read_seconds=0.1)).run()
    assert outcomes(house, account_id) == ["unknown"]
    house.no_faults()
    house.settle()
    assert the_state(house, account_id) == ("asked", "accepted")
    assert len(house.ledger()) == 1


def test_a_second_attempt_of_unknown_outcome_is_followed_by_no_third(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    house.fault(error_before=1)
    for _ in range(6):
        house.send()
        house.settle()
        house.pass_time(minutes=20)
    assert outcomes(house, account_id) == ["unknown", "unknown"]
    assert the_state(house, account_id) == ("scheduled", "unknown")
    house.pass_time(hours=18)
    house.settle()
    assert the_state(house, account_id) == ("expired", "expired")
    assert house.ledger() == []
    assert is_free(house.contact(account_id))


def test_a_carrier_that_cannot_be_asked_is_asked_until_it_is_too_late_and_then_it_is_in_doubt(
    house: House, patient: WorkerParts
) -> None:
    account_id = send_unclear(house, patient, error_after={"count": 1})
    house.fault(listing_error=1)
    for _ in range(3):
        house.pass_time(seconds=61)
        look_up(patient)
        message = the_message(house, account_id)
        assert (message.state, message.empty_looks) == ("unknown", 0)
    house.pass_time(hours=18)
    look_up(patient)
    Drain(patient).run()
    assert the_state(house, account_id) == ("in_doubt", "in_doubt")
    assert len(house.ledger()) == 1
    # the customer may have it: neither is another survey sent, nor an answer turned away
    assert house.hang_up(account_id).skipped == {"reason": "survey_open"}
    with house.sessions() as session:
        assert session.scalars(select(Event).where(Event.type == "message.in_doubt")).one()
    house.no_faults()
    house.text("5")
    assert house.invitations(account_id)[0].state == "started"
    assert house.messages(account_id)[0].state == "accepted"


def test_what_is_in_doubt_frees_its_customer_in_the_end(house: House, patient: WorkerParts) -> None:
    account_id = send_unclear(house, patient, error_after={"count": 1})
    house.fault(listing_error=1)
    house.pass_time(hours=19)
    look_up(patient)
    house.pass_time(days=2)
    house.settle()
    assert the_state(house, account_id) == ("in_doubt", "in_doubt")
    assert house.contact(account_id).open_invitation is None


def test_a_listing_that_lags_is_waited_for(house: House, patient: WorkerParts) -> None:
    account_id = send_unclear(house, patient, error_after={"count": 1})
    house.fault(listing_lag=170)
    house.pass_time(seconds=61)
    look_up(patient)
    assert the_message(house, account_id).empty_looks == 1
    house.no_faults()  # what was accepted is listed by now
    house.pass_time(seconds=121)
    look_up(patient)
    Drain(patient).run()
    assert the_state(house, account_id) == ("asked", "accepted")
    assert len(house.ledger()) == 1


def test_two_workers_that_look_at_once_count_as_one_look(house: House, patient: WorkerParts) -> None:
    account_id = send_unclear(house, patient, error_after={"count": 1})
    house.fault(listing_lag=170)
    house.pass_time(seconds=61)
    ref = patient.unit(take_unknown, 60)
    assert ref is not None
    slow = patient.unit(prepare_look, ref)
    assert slow is not None
    house.pass_time(seconds=61)  # as long as one look-up holds it
    look_up(patient)
    patient.unit(record_look, slow, [], patient.settings.carrier)
    message = the_message(house, account_id)
    assert (message.state, message.empty_looks) == ("unknown", 1)


def test_a_reply_while_the_first_text_is_unknown_stops_the_second_attempt(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    house.fault(error_before={"count": 1})
    Drain(house.parts).run()
    house.text("5")
    house.settle()
    house.send()
    house.pass_time(minutes=10)
    house.settle()
    house.send()
    first, question = house.messages(account_id)
    assert (first.state, first.attempts) == ("accepted", 1)
    assert house.bodies() == [question.body]


def test_a_reply_while_the_first_text_is_on_its_way_stops_the_second_attempt(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    envelope = claim_and_begin(house.parts)
    house.text("5")
    record(house.parts, envelope, SendResult(Outcome.UNKNOWN))
    house.settle()
    house.send()
    assert house.messages(account_id)[0].attempts == 1
    assert len(house.bodies()) == 1  # the question that follows


def test_a_question_that_was_answered_while_it_was_unclear_is_not_asked_again(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    house.send()
    house.text("5")
    house.fault(error_before={"count": 1})
    house.send()
    house.text("4")
    house.send()
    house.settle()
    house.send()
    first, unclear, following = house.messages(account_id)
    assert (unclear.state, unclear.attempts) == ("expired", 1)
    assert house.bodies() == [first.body, following.body]


def test_what_was_taken_back_by_an_opt_out_is_not_sent_again(house: House) -> None:
    account_id = send_unclear(house, house.parts, error_before={"count": 1})
    house.text("STOP", phone=PHONE)
    house.settle()
    house.send()
    assert house.invitations(account_id)[0].state == "opted_out"
    assert house.ledger() == []


def test_the_same_text_of_another_account_is_not_taken_for_the_lost_one(house: House) -> None:
    ours, theirs = house.account(), house.account()
    with house.sessions.begin() as session:
        sender = session.scalars(select(Sender).where(Sender.account_id == theirs)).one()
        sender.is_active = False
        sender = session.scalars(select(Sender).where(Sender.account_id == ours)).one()
        share_sender(session, sender, theirs)
    house.hang_up(ours)
    house.fault(error_before={"count": 1})
    Drain(house.parts).run()
    house.hang_up(theirs)
    house.send()
    assert the_message(house, theirs).body == the_message(house, ours).body
    house.settle()
    house.send()
    assert the_message(house, ours).state == the_message(house, theirs).state == "accepted"
    assert len(house.ledger()) == 2


def test_a_text_found_after_it_was_given_up_leaves_the_next_survey_its_place(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    envelope = claim_and_begin(house.parts)
    result = request(house.parts, envelope)
    house.fault(listing_lag=3600)
    house.pass_time(hours=19)
    house.settle()
    first = house.invitations(account_id)[0]
    assert first.state == "expired"
    newer = house.hang_up(account_id).invitation
    assert newer is not None
    record(house.parts, envelope, result)
    house.receipt(str(result.provider_id), "undelivered", code=30003)
    first = house.invitations(account_id)[0]
    assert (first.state, house.messages(account_id)[0].state) == ("failed", "failed")
    contact = house.contact(account_id)
    assert str(contact.asked_by_invitation) == str(contact.open_invitation) == newer["id"]


def test_a_message_that_cannot_be_looked_up_stops_no_other_and_ends_in_doubt(house: House) -> None:
    good, bad = house.account(), house.account()
    for account_id, phone in ((bad, "+447700900124"), (good, PHONE)):
        house.hang_up(account_id, phone=phone)
    house.fault(error_after={"count": 2})
    house.send()
    house.no_faults()
    with house.sessions.begin() as session:
        contact = session.merge(house.contact(bad, "+447700900124"))
        contact.address = b"\x03old sealed with a key that is gone"
    look_up(house.parts)
    assert (the_message(house, good).state, the_message(house, bad).state) == ("accepted", "unknown")
    house.pass_time(hours=19)
    look_up(house.parts)
    assert the_state(house, bad) == ("in_doubt", "in_doubt")
