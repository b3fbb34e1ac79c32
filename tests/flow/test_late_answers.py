"""Surveys end by themselves; what comes afterwards is kept, answered once, and not scored."""

from datetime import timedelta

from tests.flow.customer import Customer, asked
from tests.house import House

CLOSED = "Acme: This survey has closed but we've kept your message."


def test_an_unanswered_survey_ends_and_frees_the_customer(house: House) -> None:
    customer = asked(house, cooldown_seconds=0)
    assert customer.calls().skipped == {"reason": "survey_open"}
    house.shift(timedelta(hours=48, seconds=5))
    house.settle()
    first, _ = house.invitations(customer.account_id)
    assert (first.state, first.close_at, first.responded_at) == ("unanswered", None, None)
    assert customer.contact.open_invitation is None
    assert customer.calls().invitation is not None


def test_one_that_was_begun_ends_as_partial(house: House) -> None:
    customer = asked(house)
    customer.says("5")
    house.shift(timedelta(hours=49))
    house.settle()
    ended = customer.invitation
    assert (ended.state, ended.completed_at, customer.contact.open_invitation) == ("partial", None, None)
    assert ended.responded_at is not None


def test_one_whose_comment_was_ignored_ends_as_finished_without_a_word(house: House) -> None:
    customer = asked(house)
    customer.says("5 5 9")
    shown = len(customer.phone_shows)
    house.shift(timedelta(hours=49))
    house.settle()
    house.send()
    assert (customer.state, customer.contact.open_invitation) == ("finished", None)
    assert customer.invitation.completed_at is not None
    assert len(customer.phone_shows) == shown


def test_a_comment_alone_is_no_response_and_ends_as_partial(house: House) -> None:
    customer = asked(house, link=True)
    customer.submits("no time for numbers")
    assert (customer.state, customer.invitation.responded_at) == ("started", None)
    house.shift(timedelta(hours=49))
    house.settle()
    assert (customer.state, customer.invitation.completed_at) == ("partial", None)


def test_what_comes_late_is_kept_and_answered_once(house: House) -> None:
    customer = asked(house)
    customer.says("5")
    house.shift(timedelta(hours=49))
    house.settle()
    customer.says("4", "hello? \N{UNAMUSED FACE}", "5 5 9")
    assert customer.phone_shows[2:] == [CLOSED]
    assert customer.scores == {"csat": 5}
    assert customer.words("late") == "4\nhello? \N{UNAMUSED FACE}\n5 5 9"
    assert customer.understood() == ["answers", "late", "late", "late"]
    assert customer.state == "partial"


def test_time_decides_and_not_the_sweep_that_may_be_behind(house: House) -> None:
    customer = asked(house, link=True)
    house.shift(timedelta(hours=48, seconds=5))
    customer.types("5")
    assert (customer.scores, customer.words("late"), customer.state) == ({}, "5", "asked")
    assert customer.opens_link() is None
    house.settle()
    assert customer.state == "unanswered"


def test_a_survey_that_expired_before_it_could_be_sent_takes_no_answer(house: House) -> None:
    house.fault(drop_before=1.0)
    account_id = house.account()
    customer = Customer(house, account_id)
    customer.calls()
    house.no_faults()
    assert [message.state for message in customer.messages()] == ["unknown"]
    house.shift(timedelta(hours=19))
    house.settle()
    house.shift(timedelta(hours=19, minutes=5))
    house.settle()
    assert customer.state == "expired"
    customer.says("5", "5")
    assert customer.scores == {}
    assert (customer.state, customer.words("late")) == ("expired", "5\n5")
    assert customer.phone_shows == [CLOSED]


def test_endless_late_texts_are_cut(house: House) -> None:
    customer = asked(house)
    house.shift(timedelta(hours=49))
    customer.types(*["y" * 4000] * 4)
    assert len(customer.words("late") or "") == 10_000
    assert len(customer.messages("late")) == 1
