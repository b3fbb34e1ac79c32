"""Texts that arrive at once: each counts once, one after the other."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.flow.survey_page import record_page
from app.store.answers import take_turn
from app.store.invitations import lock_invitation
from app.store.provider_events import ProviderEvent
from tests.desk import Desk
from tests.flow.customer import Customer, asked
from tests.house import House


def at_once(*actions: Callable[[], object]) -> None:
    """Run them in threads that all start together; an error in any of them is raised."""
    barrier = threading.Barrier(len(actions))

    def run(action: Callable[[], object]) -> object:
        barrier.wait(timeout=10)
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        for done in [pool.submit(run, action) for action in actions]:
            done.result(timeout=30)


def test_a_text_delivered_twenty_times_at_once_is_one_answer(house: House) -> None:
    customer = asked(house)
    sid = "SM" + "1" * 32
    at_once(*[lambda: customer.types("5", message_sid=sid)] * 20)
    customer.types("5", message_sid=sid)
    assert customer.history("csat") == [5]
    assert customer.scores == {"csat": 5}
    assert [message.purpose for message in customer.messages()] == ["ask", "question"]
    with house.sessions() as session:
        assert session.scalar(select(func.count()).where(ProviderEvent.kind == "text")) == 1


def test_two_texts_at_once_are_two_answers_in_the_order_in_which_they_were_taken(house: House) -> None:
    customer = asked(house)
    at_once(lambda: customer.types("5"), lambda: customer.types("4"))
    assert sorted(customer.scores.values()) == [4, 5]
    first, second = (customer.answers(question)[0] for question in ("csat", "ownership"))
    assert first.answered_at < second.answered_at
    assert first.provider_event_id != second.provider_event_id
    house.send()
    assert customer.newest.startswith("How likely")
    assert len(customer.phone_shows) == 2


def test_an_answer_that_had_to_wait_is_younger_than_what_it_waited_for(house: House) -> None:
    customer = asked(house, link=True)
    invitation_id = customer.invitation.id

    def text(session: Session) -> None:
        customer.types("4")

    with house.sessions.begin() as session:
        lock_invitation(session, customer.account_id, invitation_id)
        token = customer.token
        with Desk(house.sessions).meanwhile(text) as waiting:
            record_page(session, token, {"csat": 5}, None)
            session.commit()
            waiting.result(timeout=10)
    csat, ownership = (customer.answers(question)[0] for question in ("csat", "ownership"))
    assert (csat.channel, csat.value) == ("page", 5)
    assert (ownership.channel, ownership.value) == ("sms", 4), "the text found csat answered"
    assert csat.answered_at < ownership.answered_at


def test_many_comments_at_once_are_all_kept(house: House) -> None:
    customer = asked(house)
    customer.says("5 5 9")
    at_once(*[lambda text=f"line {number}": customer.types(text) for number in range(6)])
    assert sorted((customer.words("comment") or "").splitlines()) == [f"line {number}" for number in range(6)]
    assert [answer.revision for answer in customer.answers("comment")] == [1, 2, 3, 4, 5, 6]
    assert [answer.is_current for answer in customer.answers("comment")] == [False] * 5 + [True]
    assert len(customer.messages("thanks")) == 1


def test_a_repeat_of_a_text_that_ended_one_survey_does_not_answer_another(house: House) -> None:
    """Two accounts share a number: once the newest survey is done, the repeat would fall to the older one."""
    older, newer = asked(house), asked(house)
    newer.says("5 5 9")
    sid = "SM" + "2" * 32
    newer.says("that is all", message_sid=sid)
    assert newer.state == "finished"
    older.types("that is all", message_sid=sid)
    assert (older.state, older.answers()) == ("asked", [])
    assert newer.history("comment") == ["that is all"]


def test_a_text_and_the_page_at_once_both_count_once(house: House) -> None:
    customer = asked(house, link=True)
    at_once(lambda: customer.types("2"), lambda: customer.submits(csat=4, ownership=5))
    csat = customer.history("csat")
    assert csat in ([2, 4], [4]), "taken after the page, the text answers what was left: nps"
    assert customer.scores["ownership"] == 5
    assert customer.scores.get("nps") == (2 if csat == [4] else None)


def test_stop_and_an_answer_at_once_leave_nothing_open(house: House) -> None:
    customer = asked(house)
    at_once(lambda: customer.types("5"), lambda: customer.types("please unsubscribe me"))
    house.send()
    assert customer.state == "opted_out"
    assert customer.contact.opted_out_at is not None
    assert [message.purpose for message in customer.messages() if message.state == "accepted"] == [
        "ask",
        "stopped",
    ]


def test_stop_reaches_two_accounts_while_both_take_answers(house: House) -> None:
    """Each text locks surveys of both accounts; opposite orders would deadlock."""
    one, other = asked(house), asked(house)
    at_once(
        lambda: one.types("please unsubscribe me"),
        lambda: other.types("5"),
        lambda: one.types("STOP"),
    )
    assert {one.state, other.state} == {"opted_out"}


def test_two_customers_do_not_wait_for_each_other(house: House) -> None:
    account_id = house.account()
    one = asked(house, account_id, phone="+447700900101")
    other = asked(house, account_id, phone="+447700900102")
    with house.sessions() as session, session.begin():
        take_turn(session, one.phone)
        other.types("5")
    assert other.scores == {"csat": 5}
    assert Customer(house, account_id, one.phone).scores == {}
