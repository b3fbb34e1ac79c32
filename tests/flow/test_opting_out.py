"""A customer's no: taken in both languages, kept for everybody who sends by the number, undone by one word."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.store.claims import claim_messages, senders_with_work
from app.store.events import Event
from tests.flow.customer import Customer, asked
from tests.house import House

STOPPED = "Acme: You won't get any more feedback texts from us. Reply START to undo."


def phones(prefix: str) -> list[str]:
    return [f"{prefix}{number:02}" for number in range(40)]


def states_after(house: House, words: list[str], *, language: str) -> dict[str, str]:
    """What each of these texts makes of a survey in that language."""
    account_id = house.account()
    customers = [Customer(house, account_id, phone) for phone in phones("+4477009001")[: len(words)]]
    for customer in customers:
        house.hang_up(account_id, phone=customer.phone, language=language)
    house.send()
    for customer, word in zip(customers, words, strict=True):
        customer.types(word)
    return {word: customer.state for customer, word in zip(customers, words, strict=True)}


def test_the_listed_words_stop_in_both_languages(house: House) -> None:
    words = [
        "stop.",
        "unsubscribe",
        "CANCEL",
        "optout",
        "TD",
        "退订",
        "拒收",
        "Please stop texting me!",
        "2 STOP",
    ]
    for language in ("en", "zh"):
        assert set(states_after(house, words, language=language).values()) == {"opted_out"}


def test_single_letters_stop_in_chinese_alone_and_0_nowhere(house: House) -> None:
    letters = ["R", "T", "n"]
    assert set(states_after(house, letters, language="zh").values()) == {"opted_out"}
    assert set(states_after(house, letters, language="en").values()) == {"asked"}
    for language in ("en", "zh"):
        words = ["0", "they should stop transferring me", "５", "my END of the line"]
        assert "opted_out" not in states_after(house, words, language=language).values()


def test_0_is_an_answer_to_nps_in_chinese_too(house: House) -> None:
    customer = asked(house, phone="+6591234567", call={"language": "zh"})
    customer.types("5", "5", "0")
    assert customer.scores["nps"] == 0
    assert customer.contact.opted_out_at is None


@pytest.mark.parametrize("opt_out_type", [None, "STOP"])
def test_after_the_carriers_own_stop_we_say_nothing(house: House, opt_out_type: str | None) -> None:
    customer = asked(house)
    customer.types("5")
    customer.says("Stop ", opt_out_type=opt_out_type)
    assert len(customer.phone_shows) == 1
    assert [message.state for message in customer.messages("question")] == ["cancelled"]
    assert customer.state == "opted_out"


def test_a_word_that_the_carrier_was_told_to_take_for_stop_is_one(house: House) -> None:
    customer = asked(house)
    customer.says("enough of this", opt_out_type="STOP")
    assert (customer.state, len(customer.phone_shows)) == ("opted_out", 1)
    assert customer.words("unclear") == "enough of this"


def test_our_own_words_get_one_confirmation_though_the_customer_has_opted_out(house: House) -> None:
    customer = asked(house)
    customer.says("please unsubscribe me", "退订", "please unsubscribe me")
    assert customer.phone_shows[1:] == [STOPPED]
    assert customer.calls().skipped == {"reason": "opted_out"}
    assert len(customer.phone_shows) == 2


def test_a_comment_that_asks_to_unsubscribe_is_honoured_and_kept(house: House) -> None:
    customer = asked(house, phone="+6591234567", call={"language": "zh"})
    customer.says("5 5 9", "态度很差,我要退订")
    assert customer.words("comment") == "态度很差,我要退订"
    assert customer.contact.opted_out_at is not None
    assert customer.newest == "【Acme】已停止向您发送评价短信。如需恢复请回复“开通”。"
    assert (customer.state, customer.messages("thanks")) == ("finished", [])


def test_also_when_it_comes_late(house: House) -> None:
    customer = asked(house)
    house.shift(timedelta(hours=49))
    house.settle()
    customer.says("you were awful, take me off your list")
    assert customer.words("late") == "you were awful, take me off your list"
    assert customer.contact.opted_out_at is not None
    assert customer.phone_shows[1:] == [STOPPED]
    assert (customer.state, customer.invitation.delivered_at) == ("unanswered", None)


def test_the_answer_before_a_stop_word_counts_and_may_complete_the_survey(house: House) -> None:
    customer = asked(house)
    customer.types("5", "5", "9 STOP")
    assert customer.scores == {"csat": 5, "ownership": 5, "nps": 9}
    assert customer.state == "opted_out"
    assert customer.invitation.completed_at is not None
    assert customer.invitation.responded_at is not None


def test_nothing_is_scored_or_said_after_an_opt_out(house: House) -> None:
    customer = asked(house, link=True)
    customer.says("4", "please unsubscribe me")
    shown = len(customer.phone_shows)
    customer.says("5", "I meant 1", "HELP", "帮助", "very nice")
    assert customer.opens_link() is None
    assert customer.submits(csat=1) is None
    assert customer.history("csat") == [4]
    assert customer.scores == {"csat": 4}
    assert len(customer.phone_shows) == shown
    assert not [message for message in customer.messages() if message.state == "due"]
    assert customer.words("late") == "5\nI meant 1\nvery nice"


def test_not_even_within_the_edit_window_of_a_finished_survey(house: House) -> None:
    customer = asked(house, link=True)
    customer.says("5 5 9", "bye", "STOP", "change to 1")
    assert customer.submits(nps=1) is None
    assert customer.scores["nps"] == 9
    assert (customer.state, len(customer.messages("corrected"))) == ("finished", 0)
    # thanks were still waiting for quiet
    assert [message.state for message in customer.messages("thanks")] == ["cancelled"]


def test_stop_from_a_number_nobody_knows_stands_at_its_first_call(house: House) -> None:
    one, other = house.account(), house.account()
    stranger = Customer(house, one, "+447700900555")
    stranger.says("stop")
    for account_id in (one, other):
        later = Customer(house, account_id, stranger.phone)
        assert later.calls().skipped == {"reason": "opted_out"}
        assert later.phone_shows == []


def test_a_stranger_to_a_chinese_account_may_stop_by_one_letter(house: House) -> None:
    stranger = Customer(house, house.account(language="zh"), "+8613900139000")
    stranger.says("T")
    assert stranger.contact.opted_out_at is not None
    assert stranger.phone_shows == []


def test_stop_before_the_first_question_has_gone_out_ends_the_survey(house: House) -> None:
    account_id = house.account(delay_seconds=180, cooldown_seconds=0)
    customer = Customer(house, account_id)
    customer.calls()
    assert customer.state == "scheduled"
    customer.says("STOP")
    assert customer.state == "opted_out"
    assert [message.state for message in customer.messages("ask")] == ["cancelled"]
    assert customer.contact.open_invitation is None
    customer.says("START")
    assert customer.calls().invitation is not None, "nothing of the old survey stands in the way"


def test_an_opt_out_holds_for_every_account_that_shares_the_number(house: House) -> None:
    older, newer = asked(house, link=True), asked(house)
    newer.says("please unsubscribe me")
    assert newer.phone_shows[2:] == [STOPPED]
    for customer in (older, newer):
        assert customer.contact.opted_out_at is not None
        assert (customer.state, customer.contact.open_invitation) == ("opted_out", None)
        assert customer.invitation.close_at is None
    # the older survey would be the newest open one now
    older.says("5")
    assert (older.scores, newer.scores) == ({}, {})
    assert older.submits(csat=5) is None
    assert len(older.phone_shows) == 3


def test_an_opt_out_leaves_other_customers_and_other_numbers_alone(house: House) -> None:
    account_id = house.account()
    one = asked(house, account_id, phone="+447700900101")
    other = asked(house, account_id, phone="+447700900102")
    one.says("STOP")
    other.says("5")
    assert (other.state, other.scores) == ("started", {"csat": 5})


@pytest.mark.parametrize(("word", "answer"), [("START", None), ("unstop", None), ("开通", "restarted")])
def test_one_word_takes_the_no_back(house: House, word: str, answer: str | None) -> None:
    one, other = asked(house, cooldown_seconds=0), Customer(house, house.account(cooldown_seconds=0))
    one.says("STOP")
    assert other.calls().skipped == {"reason": "opted_out"}
    one.says(word)
    assert one.contact.opted_out_at is None
    assert [message.purpose for message in one.messages()][1:] == ([answer] if answer else [])
    assert one.calls().invitation is not None
    assert other.calls().invitation is not None


def test_the_word_to_start_says_nothing_to_those_who_never_stopped(house: House) -> None:
    customer = asked(house)
    customer.says("START", "开通")
    assert (customer.state, len(customer.phone_shows)) == ("asked", 1)


def test_yes_is_an_answer_though_the_carrier_takes_it_for_start(house: House) -> None:
    customer = asked(house, order_sms=("fcr", "csat"))
    customer.says("Yes", opt_out_type="START")
    assert customer.scores == {"fcr": 1}
    assert customer.newest.startswith("How satisfied")


def test_yes_after_a_stop_takes_it_back_as_the_carrier_does(house: House) -> None:
    customer = asked(house)
    customer.says("STOP", opt_out_type="STOP")
    customer.says("YES", opt_out_type="START")
    assert customer.contact.opted_out_at is None
    assert len(customer.phone_shows) == 1


def test_others_are_told_once_of_an_opt_out_and_of_its_end(house: House) -> None:
    customer = asked(house)
    customer.types("STOP", "STOP", "START", "START")
    with house.sessions() as session:
        told = session.scalars(select(Event.type).where(Event.type.like("contact.%")).order_by(Event.id))
        assert list(told) == ["contact.opted_out", "contact.opted_in"]


def test_an_opt_out_that_crosses_a_send_is_counted(house: House) -> None:
    customer = asked(house)
    customer.types("5")
    with house.sessions.begin() as session:
        ((owner_id, sender_id),) = senders_with_work(session)
        assert claim_messages(session, owner_id, sender_id, free=1, lease_seconds=30)
    customer.types("STOP")
    (question,) = customer.messages("question")
    assert (question.state, question.crossed_opt_out) == ("claimed", True)
