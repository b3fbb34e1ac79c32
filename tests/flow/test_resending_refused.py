"""What stands against a second text, whoever asks for it: most of all the customer's no."""

from threading import Thread

import pytest
from sqlalchemy import select, text

from app.errors import NotFound
from app.flow.decide_by_hand import close_by_hand, resend_by_hand
from app.store.senders import Sender
from tests.flow.by_hand import (
    WHO,
    close,
    doubt,
    failed,
    in_doubt,
    resend,
    shown,
    tried,
)
from tests.flow.steps import (
    claim,
    the_message,
)
from tests.house import House
from tests.store.claiming import together


@pytest.mark.parametrize("before", [True, False])
def test_whoever_has_opted_out_is_not_texted_by_hand_either(house: House, before: bool) -> None:
    message = failed(house, house.account(), 30034)
    if before:
        house.text("STOP")
        assert tried(house, message) == "This message can't be sent again: the customer has opted out."
    else:
        resend(house, message)
        house.text("STOP")
    house.send()
    assert house.bodies().count(message.body) == 1  # the first
    assert the_message(house, message.account_id).state != "due"


def test_an_opt_out_that_races_with_a_resend_wins(house: House) -> None:
    message = failed(house, house.account(), 30034)
    together(lambda: tried(house, message), lambda: house.text("STOP"))
    house.send()
    house.pass_time(hours=19)
    house.settle()
    assert house.bodies().count(message.body) == 1
    assert the_message(house, message.account_id).state != "due"
    assert house.contact(message.account_id).open_invitation is None


def test_an_opt_out_that_comes_between_the_look_and_the_record_stops_it(house: House) -> None:
    message = failed(house, house.account(), 30034)
    with house.sessions.begin() as session:
        resend_by_hand(session, account_id=message.account_id, actor=WHO, message_id=message.id)
        stopping = Thread(target=house.text, args=("STOP",))
        stopping.start()
        wait_for_a_lock(house)
    stopping.join()
    house.send()
    assert house.bodies().count(message.body) == 1
    assert house.invitations(message.account_id)[0].state == "opted_out"


def test_what_was_answered_meanwhile_is_not_asked_again(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    house.send()
    house.text("5")
    house.fault(error_after={"count": 1})
    house.send()
    doubt(house, hours=2)
    question = house.messages(account_id)[1]
    assert question.state == "in_doubt"
    house.text("4")
    assert house.messages(account_id)[1].state == "accepted"
    assert "the carrier has it already" in tried(house, question)


def test_thanks_that_are_in_doubt_are_not_said_a_day_later(house: House) -> None:
    account_id = house.account(order_sms=("csat",))
    house.hang_up(account_id)
    house.send()
    house.text("5")
    house.fault(error_after={"count": 1})
    house.send()
    doubt(house, hours=2)
    thanks = house.messages(account_id)[1]
    assert (thanks.purpose, thanks.state) == ("thanks", "in_doubt")
    assert "belongs to a moment that has passed" in tried(house, thanks)
    assert tried(house, thanks, close) == "cancelled"


def test_a_call_of_long_ago_is_not_asked_about_any_more(house: House) -> None:
    message = in_doubt(house)
    house.pass_time(hours=18 + 48)
    assert "too long ago" in tried(house, message)


def test_another_survey_that_is_open_stands_against_it(house: House) -> None:
    account_id = house.account(cooldown_seconds=0)
    message = failed(house, account_id, 30034)
    house.hang_up(account_id)
    assert "another survey of this customer is open" in tried(house, message)


def test_a_resend_and_a_new_call_of_the_same_customer_make_one_survey(house: House) -> None:
    account_id = house.account(cooldown_seconds=0)
    for _ in range(5):
        message = failed(house, account_id, 30034)
        before = len(house.ledger())
        together(lambda: tried(house, message), lambda: house.hang_up(account_id))  # noqa: B023
        house.send()
        assert len(house.ledger()) == before + 1
        open_ones = [one for one in house.invitations(account_id) if one.state == "asked"]
        assert [one.id for one in open_ones] == [house.contact(account_id).open_invitation]
        house.receipt(house.ledger()[-1]["sid"], "undelivered", code=30034)


def test_another_survey_that_has_asked_since_stands_against_it(house: House) -> None:
    account_id = house.account(cooldown_seconds=60, answer_within_seconds=86_400)
    message = failed(house, account_id, 30034)
    house.pass_time(seconds=61)
    house.hang_up(account_id)
    house.send()
    house.receipt(house.ledger()[-1]["sid"], "undelivered", code=30034)
    assert "another survey has asked this customer since" in tried(house, message)


@pytest.mark.parametrize("code", [21211, 30005, 30006])
def test_a_refusal_of_the_number_itself_is_final(house: House, code: int) -> None:
    message = failed(house, house.account(), code)
    assert f"the carrier refuses it with {code}" in tried(house, message)
    assert shown(house, message)["explanation"]["options"] == ["Close it: it is never sent again"]


def test_a_sender_that_is_no_longer_used_stands_against_it(house: House) -> None:
    message = in_doubt(house)
    with house.sessions.begin() as session:
        session.scalars(select(Sender).where(Sender.account_id == message.account_id)).one().is_active = False
    assert "its sender is no longer in use" in tried(house, message)


def test_what_goes_its_way_is_left_to_it(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    message = the_message(house, account_id)
    assert "it is due, and goes out by itself" in tried(house, message)
    assert "it is due, and goes out by itself" in tried(house, message, close)
    claim(house.parts)
    assert "it is being sent at this moment" in tried(house, message)


def test_nobody_decides_about_another_accounts_texts(house: House) -> None:
    message = in_doubt(house)
    stranger = house.account()
    for decide in (resend_by_hand, close_by_hand):
        with pytest.raises(NotFound), house.sessions.begin() as session:
            decide(session, account_id=stranger, actor=WHO, message_id=message.id)


def wait_for_a_lock(house: House) -> None:
    """Until somebody waits for a row that another holds."""
    waiting = text("select exists (select from pg_stat_activity where wait_event_type = 'Lock')")
    with house.sessions() as session:
        while not session.scalar(waiting):
            session.rollback()
