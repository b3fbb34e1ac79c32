"""What ended in doubt is asked about again once the carrier can tell: settled by its word, and never sent by it."""

import time

import pytest
from sqlalchemy import update

from app.flow.settle_messages import prepare_look, record_look
from app.store.doubts import take_doubt
from app.store.messages import Message
from tests.flow.by_hand import doubt, in_doubt, resend
from tests.flow.steps import is_free, the_message, the_state
from tests.house import House
from tests.store.claiming import change_sender
from workers.delivery import look_up_doubts


def look_once(house: House) -> None:
    look_up_doubts(house.worker(second_look_seconds=120))


def look(house: House, times: int = 1) -> None:
    """So many ticks of the slow sweep, each when the one before has become old."""
    for _ in range(times):
        look_once(house)
        house.send()
        house.pass_time(minutes=11)


def test_what_the_carrier_had_taken_is_adopted_with_all_that_its_listing_tells(house: House) -> None:
    message = in_doubt(house)
    until = time.monotonic() + 10
    while house.ledger()[0]["status"] != "delivered":
        assert time.monotonic() < until
    look(house)
    # its receipts came while nobody listened, and do not come again
    assert the_state(house, message.account_id) == ("asked", "delivered")
    (sent,) = house.ledger()
    assert the_message(house, message.account_id).provider_id == sent["sid"]


def test_what_the_carrier_never_took_expires_after_two_looks_and_its_customer_is_free(house: House) -> None:
    message = in_doubt(house, arrived=False)
    look(house)
    assert the_state(house, message.account_id) == ("in_doubt", "in_doubt")
    look(house)
    assert the_state(house, message.account_id) == ("expired", "expired")
    assert is_free(house.contact(message.account_id))
    look(house, times=3)
    assert house.ledger() == []  # it is too late


def test_nothing_is_sent_although_its_window_were_still_open(house: House) -> None:
    message = in_doubt(house, arrived=False)
    with house.sessions.begin() as session:
        session.execute(update(Message).values(not_after=message.not_after.replace(year=2100)))
    look(house, times=3)
    assert the_message(house, message.account_id).state == "expired"
    assert house.ledger() == []


def test_a_carrier_that_still_cannot_be_asked_proves_nothing(house: House) -> None:
    message = in_doubt(house, arrived=False)
    house.fault(listing_error=1)
    look(house, times=4)
    assert the_state(house, message.account_id) == ("in_doubt", "in_doubt")
    assert the_message(house, message.account_id).empty_looks == 0
    house.no_faults()
    look(house, times=2)
    assert the_message(house, message.account_id).state == "expired"


def test_one_failed_listing_is_enough_for_all_of_its_sender(house: House) -> None:
    account_id = house.account()
    house.hang_up_many(account_id, 5)
    house.fault(error_before=1)
    house.send()
    doubt(house)
    house.fault(listing_error=1)
    look_once(house)
    assert all(message.next_look_at > house.now() for message in house.messages(account_id))
    assert house.parts.unit(take_doubt, 60) is None
    house.no_faults()
    house.pass_time(minutes=11)
    look(house, times=2)
    assert {message.state for message in house.messages(account_id)} == {"expired"}


def test_only_who_can_be_asked_is_asked_and_nobody_about_what_is_old(house: House) -> None:
    message = in_doubt(house)
    change_sender(house, message.account_id, provider="smtp")
    assert house.parts.unit(take_doubt, 60) is None
    change_sender(house, message.account_id, provider="twilio")
    house.pass_time(days=3)
    assert house.parts.unit(take_doubt, 60) is None


def test_two_workers_that_ask_at_once_count_as_one_look(house: House) -> None:
    message = in_doubt(house, arrived=False)
    ref = house.parts.unit(take_doubt, 60)
    assert ref is not None
    slow = house.parts.unit(prepare_look, ref)
    assert slow is not None
    house.pass_time(minutes=2)
    look_once(house)
    house.parts.unit(record_look, slow, [], house.parts.settings.carrier)
    after = the_message(house, message.account_id)
    assert (after.state, after.empty_looks) == ("in_doubt", 1)


@pytest.mark.parametrize("arrived", [True, False])
def test_a_person_who_had_it_sent_again_meanwhile_goes_first(house: House, arrived: bool) -> None:
    message = in_doubt(house, arrived=arrived)
    ref = house.parts.unit(take_doubt, 60)
    assert ref is not None
    slow = house.parts.unit(prepare_look, ref)
    assert slow is not None
    resend(house, message)
    house.parts.unit(record_look, slow, [], house.parts.settings.carrier)
    after = the_message(house, message.account_id)
    assert (after.state, after.doubted) == ("due", True)
    look_once(house)
    assert the_message(house, message.account_id).state == "due"
