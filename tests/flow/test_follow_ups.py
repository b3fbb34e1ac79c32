"""What we text back: each question once, its repeat once, nothing that an answer has overtaken, and an end."""

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.domain.delivery import Outcome, SendResult
from tests.flow.customer import asked
from tests.flow.steps import claim_and_begin, record
from tests.house import House


def test_an_unclear_reply_is_kept_and_each_question_repeated_once(house: House) -> None:
    customer = asked(house)
    customer.says("well you know", "dunno", "5", "what?", "sorry?", "4")
    assert [body.split(".")[0].split("?")[0] for body in customer.phone_shows[1:]] == [
        "Sorry, we didn't get that",
        "How willing was the agent to help you",
        "Sorry, we didn't get that",
        "How likely are you to recommend Acme to a friend or colleague",
    ]
    assert "5=very willing" in customer.phone_shows[3]
    assert customer.words("unclear") == "well you know\ndunno\nwhat?\nsorry?"
    assert customer.scores == {"csat": 5, "ownership": 4}


def test_a_question_that_has_not_gone_out_yet_is_not_repeated(house: House) -> None:
    customer = asked(house)
    customer.types("5", "hello?")
    house.send()
    assert [message.purpose for message in customer.messages()] == ["ask", "question"]
    customer.says("hello??")
    assert customer.newest.startswith("Sorry, we didn't get that")


def test_a_quick_answer_overtakes_the_question_which_is_then_not_sent(house: House) -> None:
    customer = asked(house)
    customer.types("5", "4")
    house.send()
    assert customer.scores == {"csat": 5, "ownership": 4}
    assert len(customer.phone_shows) == 2
    assert customer.newest.startswith("How likely")
    overtaken = [message for message in customer.messages("question") if message.question_key == "ownership"]
    assert [message.state for message in overtaken] == ["cancelled"]


def test_a_question_overtaken_while_it_is_being_sent_is_not_tried_again(house: House) -> None:
    customer = asked(house)
    customer.types("5")
    request = claim_and_begin(house.parts)
    customer.types("4")
    record(house.parts, request, SendResult(Outcome.REJECTED, code=20429, http_status=429))
    house.shift(timedelta(minutes=10))
    house.send()
    house.settle()
    assert [message.state for message in customer.messages("question")] == ["expired", "accepted"]
    assert len(customer.phone_shows) == 2
    assert customer.newest.startswith("How likely")


def test_a_repeat_that_its_answer_overtakes_is_not_sent_either(house: House) -> None:
    customer = asked(house)
    customer.types("well", "5")
    house.send()
    assert [body.split()[0] for body in customer.phone_shows] == ["Acme:", "How"]


def test_a_picture_without_words_asks_once_for_a_number_and_answers_no_comment(house: House) -> None:
    customer = asked(house)
    customer.says("", num_media=1, message_sid="MM" + "1" * 32)
    assert customer.newest.startswith("Sorry, we didn't get that")
    assert customer.words("unclear") is None
    customer.says("5 5 9")
    shown = len(customer.phone_shows)
    customer.says("", " \n", num_media=1)
    assert len(customer.phone_shows) == shown, "the comment is not asked for again"
    assert customer.state == "started"
    customer.says("see above")
    assert customer.state == "finished"


def test_two_machines_that_answer_each_other_come_to_an_end(house: House) -> None:
    customer = asked(house)
    customer.says("5 5 9", *("change to 4", "change to 3") * 9)
    assert len(customer.phone_shows) == 14
    customer.says("please unsubscribe me")
    assert "won't get any more" in customer.newest, "what confirms an opt-out is never too much"
    assert len(customer.phone_shows) == 15


def test_endless_words_are_cut_and_end_in_no_more_revisions(house: House) -> None:
    customer = asked(house)
    customer.says("5 5 9")
    customer.types(*["x" * 4000] * 5)
    assert len(customer.words("comment") or "") == 10_000
    assert len(customer.answers("comment")) == 3


def test_answer_and_next_question_are_written_together_or_not_at_all(house: House) -> None:
    customer = asked(house)

    class Killed(BaseException):
        pass

    def die(session: Session) -> None:
        session.flush()
        raise Killed

    sid = "SM" + "7" * 32
    event.listen(house.sessions, "before_commit", die)
    try:
        with pytest.raises(Killed):
            customer.types("5", message_sid=sid)
    finally:
        event.remove(house.sessions, "before_commit", die)
    house.send()
    assert (customer.answers(), len(customer.messages()), customer.state) == ([], 1, "asked")
    # the carrier didn't hear from us and delivers again
    customer.says("5", message_sid=sid)
    assert customer.scores == {"csat": 5}
    assert len(customer.phone_shows) == 2


def test_a_question_held_up_for_an_hour_expires_instead_of_coming_at_night(house: House) -> None:
    customer = asked(house)
    customer.types("5")
    house.shift(timedelta(minutes=61))
    house.send()
    house.settle()
    (question,) = customer.messages("question")
    assert (question.state, question.attempts) == ("expired", 0)
    assert len(customer.phone_shows) == 1
    # the survey still takes an answer to it
    customer.says("4")
    assert customer.scores == {"csat": 5, "ownership": 4}


def test_help_is_answered_once_unless_the_carrier_does(house: House) -> None:
    customer = asked(house)
    customer.says("HELP", "info")
    assert len(customer.phone_shows) == 1
    customer.says("帮助", "帮助")
    assert len(customer.phone_shows) == 2
    assert customer.newest.startswith("Acme: We ask for feedback after a call.")
    assert customer.scores == {}
