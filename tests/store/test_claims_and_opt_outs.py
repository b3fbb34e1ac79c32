"""Claims beside opt-outs, new calls and results: none commits after a no, and none of them deadlocks."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from app.store.base import database_now
from app.store.claims import senders_with_work
from app.store.contacts import opt_out
from app.store.messages import Message, cancel_due_messages
from app.store.persons import Person, take_back_no
from tests.house import House
from tests.store.claiming import change_sender, claim, claim_now, together
from workers.delivery import Drain


def say_no(session: Session, account_id: UUID, contact_id: UUID) -> None:
    opt_out(session, account_id, contact_id, database_now(session))
    cancel_due_messages(session, account_id, contact_id, "opted out")


def test_a_customer_who_is_saying_no_is_passed_over_and_not_waited_for(house: House) -> None:
    account_id = house.account()
    sender = change_sender(house, account_id)
    first, second = house.hang_up_many(account_id, 2)
    contact_id = house.contact(account_id, first).id
    with house.sessions.begin() as session:
        opt_out(session, account_id, contact_id, database_now(session))
        (claimed,) = claim_now(house, sender)
    assert claimed.contact_id == house.contact(account_id, second).id
    assert claim_now(house, sender) == []


def test_a_no_waits_for_the_claim_that_was_first_and_finds_it_made(house: House) -> None:
    account_id = house.account()
    sender = change_sender(house, account_id)
    (phone,) = house.hang_up_many(account_id, 1)
    contact_id = house.contact(account_id, phone).id
    seen: list[str | None] = []

    def opt_out_and_look() -> None:
        with house.sessions.begin() as session:
            opt_out(session, account_id, contact_id, database_now(session))
            seen.append(session.scalar(select(Message.state)))

    with house.sessions() as claiming:
        assert len(claim(claiming, sender)) == 1
        thread = threading.Thread(target=opt_out_and_look)
        thread.start()
        wait_for_a_lock(house)
        assert seen == []
        claiming.commit()
    thread.join()
    assert seen == ["claimed"]


def wait_for_a_lock(house: House) -> None:
    waiting = text(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    )
    until = time.monotonic() + 5
    with house.sessions() as session:
        while not session.scalar(waiting):
            assert time.monotonic() < until
            session.rollback()


def test_no_claim_commits_after_the_opt_out_has(house: House) -> None:
    account_id = house.account()
    sender = change_sender(house, account_id)
    house.hang_up_many(account_id, 100)
    messages = sorted(house.messages(account_id), key=lambda message: message.due_at)
    seen: dict[UUID, str | None] = {}
    finished = threading.Event()

    def claim_one_by_one() -> None:
        while not finished.is_set() and len(seen) < 100:
            claim_now(house, sender, free=1)

    def opt_out_one_by_one() -> None:
        try:
            # from both ends, so that some are claimed first and some opted out first
            for message in [one for pair in zip(messages, reversed(messages), strict=True) for one in pair]:
                if message.id not in seen:
                    with house.sessions.begin() as session:
                        opt_out(session, account_id, message.contact_id, database_now(session))
                        # a later statement, which sees every claim that came before the opt-out got its lock
                        state = select(Message.state).where(Message.id == message.id)
                        seen[message.id] = session.scalar(state)
        finally:
            finished.set()

    together(claim_one_by_one, opt_out_one_by_one)
    claimed = {message.id for message in house.messages(account_id) if message.state == "claimed"}
    assert claimed == {message_id for message_id, state in seen.items() if state == "claimed"}
    assert 0 < len(claimed) < 100


def test_an_opted_out_customer_is_no_work_but_for_the_word_that_confirms_it(house: House) -> None:
    account_id = house.account()
    change_sender(house, account_id)
    (phone,) = house.hang_up_many(account_id, 1)
    with house.sessions.begin() as session:
        # as a retry can leave it that was being recorded in the very moment of the opt-out
        opt_out(session, account_id, house.contact(account_id, phone).id, database_now(session))
    with house.sessions.begin() as session:
        assert senders_with_work(session) == []
        session.scalars(select(Message)).one().purpose = "stopped"
        session.flush()
        (sender,) = senders_with_work(session)
        assert len(claim(session, sender)) == 1


def test_claims_opt_outs_new_calls_and_results_at_once_never_deadlock(house: House) -> None:
    account_id = house.account(cooldown_seconds=0, answer_within_seconds=1)
    numbers = house.hang_up_many(account_id, 6)
    deadlocks = []

    @event.listens_for(house.sessions.kw["bind"], "handle_error")
    def note(context: object) -> None:
        error = getattr(context, "original_exception", None)
        if getattr(error, "sqlstate", None) == "40P01":
            deadlocks.append(str(error))

    until = time.monotonic() + 2
    rounds = Counter[str]()

    def again_and_again(name: str, work: Callable[[str], object]) -> Callable[[], None]:
        def run() -> None:
            while time.monotonic() < until:
                work(numbers[rounds[name] % len(numbers)])
                rounds[name] += 1

        return run

    def turn_around(phone: str) -> None:
        contact = house.contact(account_id, phone)
        with house.sessions.begin() as session:
            say_no(session, account_id, contact.id)
        with house.sessions.begin() as session:
            take_back_no(session, account_id, Person((contact.id,)), contact.id)

    def receive_receipts(phone: str) -> None:
        for message in house.ledger(phone)[-2:]:
            house.receipt(message["sid"], "undelivered", code=30003)

    house.fault(rate_limited=0.2, error_after=0.1, codes={numbers[0]: 21211, numbers[1]: 21610})
    try:
        together(
            again_and_again("calls", lambda phone: house.hang_up(account_id, phone=phone)),
            again_and_again("drains", lambda _: Drain(house.parts).run()),
            again_and_again("sweeps", lambda _: house.settle()),
            again_and_again("texts", lambda phone: house.text("STOP", phone=phone)),
            again_and_again("opt outs", turn_around),
            again_and_again("receipts", receive_receipts),
        )
    finally:
        event.remove(house.sessions.kw["bind"], "handle_error", note)
    assert deadlocks == []
    assert min(rounds[name] for name in ("calls", "drains", "sweeps", "texts", "opt outs", "receipts")) > 0
