"""One statement accepts a call: whatever comes at the same moment, each call is decided once and rightly."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from app.flow.asking import read_asking
from app.flow.receive_call import Received, receive_call
from app.store.base import database_now
from app.store.calls import Call, find_call, name_of
from app.store.contacts import (
    Contact,
    address_of,
    end_open_survey,
    opt_out_address,
)
from app.store.direct import WATCHED
from app.store.events import Event
from app.store.facts import StaleCell
from app.store.invitations import Invitation, invitation_of_call
from app.store.messages import Message
from app.store.provider_events import keep_event
from app.store.tables import metadata
from tests.desk import Desk, decided

PHONE, EMAIL = "+447700900123", "person@example.org"


def rows(desk: Desk, *tables: Any) -> list[int]:
    with desk.sessions() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_the_same_call_reported_fifty_times_at_once_is_one_row_and_one_answer(desk: Desk) -> None:
    answers = desk.report_all(desk.account(), [desk.call_end(email=EMAIL)] * 50)
    assert Counter(answer.created for answer in answers) == {True: 1, False: 49}
    assert not any(answer.conflict for answer in answers)
    assert all(answer.call == answers[0].call for answer in answers)
    assert all(answer.invitation == answers[0].invitation for answer in answers)
    assert answers[0].invitation is not None
    assert rows(desk, Call, Invitation, Message, StaleCell, Event, Contact) == [1, 1, 1, 1, 1, 2]


@pytest.mark.parametrize(
    ("known", "terms"),
    [(False, {}), (True, {}), (True, {"cooldown_seconds": 0})],
    ids=["new", "known", "without_cooldown"],
)
def test_fifty_calls_of_one_customer_at_once_make_one_invitation(
    desk: Desk, known: bool, terms: dict[str, Any]
) -> None:
    account_id = desk.account(**terms)
    if known:
        desk.hang_up(account_id, phone=PHONE, email=EMAIL, ask=False)
    answers = desk.report_all(account_id, [desk.call_end(phone=PHONE, email=EMAIL) for _ in range(50)])
    assert Counter(map(decided, answers)) == {"scheduled": 1, "survey_open": 49}
    assert rows(desk, Call, Invitation, Message, Contact) == [50 + known, 50 + known, 1, 2]
    (winner,) = [answer.invitation["id"] for answer in answers if answer.invitation]
    for contact in (desk.contact(account_id, "phone", PHONE), desk.contact(account_id, "email", EMAIL)):
        assert contact is not None
        assert str(contact.asked_by_invitation) == str(contact.open_invitation) == winner


def test_first_calls_of_many_customers_at_once_never_fail(desk: Desk) -> None:
    """Two unique keys on contacts would, now and then: ON CONFLICT arbitrates only one of them."""
    account_id = desk.account()
    for number in range(3):
        calls = [desk.call_end(phone=f"+4477009001{number:02}") for _ in range(20)]
        assert Counter(map(decided, desk.report_all(account_id, calls)))["scheduled"] == 1
    with desk.sessions() as session:
        unique = session.scalar(
            text("select count(*) from pg_index where indrelid = 'contact'::regclass and indisunique")
        )
    assert unique == 1


def test_a_call_whose_first_report_is_rolled_back_is_taken_from_the_second(desk: Desk) -> None:
    asking = desk.asking(desk.account())
    call = desk.call_end()

    def report(session: Session) -> Received:
        return receive_call(session, asking=asking, call=call, body_hash=b"")

    with desk.sessions() as first:
        report(first)
        with desk.meanwhile(report) as second:
            assert not second.done()
            first.rollback()
            answer = second.result()
    assert answer.created
    assert answer.invitation is not None
    assert rows(desk, Call, Invitation, Message) == [1, 1, 1]


def test_a_repeat_that_waited_for_the_first_report_gives_its_answer(desk: Desk) -> None:
    asking = desk.asking(desk.account())
    call = desk.call_end()

    def report(session: Session) -> Received:
        return receive_call(session, asking=asking, call=call, body_hash=b"")

    with desk.sessions() as first:
        original = report(first)
        with desk.meanwhile(report) as second:
            assert not second.done()
            first.commit()
            answer = second.result()
    assert (answer.created, answer.conflict) == (False, False)
    assert (answer.call, answer.invitation) == (original.call, original.invitation)


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """What is asked of the database meanwhile, but for the transaction's own begin and end."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    engine.update_execution_options(**{WATCHED: True})
    try:
        yield seen
    finally:
        engine.update_execution_options(**{WATCHED: False})
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "changes",
    [{}, {"email": EMAIL}, {"talk_seconds": 1}, {"phone": None}],
    ids=["asked", "email", "skipped", "nobody"],
)
def test_accepting_a_call_is_one_read_and_one_writing_statement(
    desk: Desk, engine: Engine, changes: dict[str, Any]
) -> None:
    asking = desk.asking(desk.account())
    call = desk.call_end(**changes)
    with desk.sessions.begin() as session, statements(engine) as seen:
        receive_call(session, asking=asking, call=call, body_hash=b"")
    read, write = (statement.strip().lower() for statement in seen)
    assert read.startswith("select")
    assert "insert into" not in read
    assert write.startswith("with new_call as")


# --- what changed between the read and the write


def opt_out(session: Session, account_id: UUID) -> None:
    opt_out_address(session, account_id, "phone", PHONE, database_now(session))


def ask_and_close(session: Session, account_id: UUID) -> None:
    """The customer is asked by another call, whose survey ends at once."""
    desk = Desk(sessionmaker(session.get_bind()))
    received = receive_call(
        session,
        asking=read_asking(session, account_id),
        call=replace(desk.call_end(ended_at=database_now(session)), phone=PHONE),
        body_hash=b"",
    )
    call = find_call(session, account_id, received.call["source"], received.call["call_id"])
    assert call is not None
    end_open_survey(session, account_id, invitation_of_call(session, account_id, call.id).id)


@pytest.mark.parametrize(
    ("change", "reason"),
    [(opt_out, "opted_out"), (ask_and_close, "asked_recently")],
    ids=["opted_out", "asked_recently"],
)
@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_the_write_decides_and_not_the_read(
    desk: Desk, change: Callable[[Session, UUID], None], reason: str, known: bool
) -> None:
    account_id = desk.account()
    if known:
        desk.hang_up(account_id, phone=PHONE, ask=False)
    asking, call = desk.asking(account_id), desk.call_end(phone=PHONE)
    with desk.sessions() as other:
        change(other, account_id)
        with desk.meanwhile(lambda s: receive_call(s, asking=asking, call=call, body_hash=b"")) as received:
            assert not received.done()
            other.commit()
            answer = received.result()
    assert decided(answer) == reason
    assert not desk.messages(account_id, answer)


def test_one_account_knows_nothing_of_the_customers_of_another(desk: Desk) -> None:
    ours, theirs = desk.account(), desk.account()
    assert decided(desk.hang_up(ours, phone=PHONE, email=EMAIL)) == "scheduled"
    assert decided(desk.hang_up(theirs, phone=PHONE, email=EMAIL)) == "scheduled"
    mine, other = desk.contact(ours, "phone", PHONE), desk.contact(theirs, "phone", PHONE)
    assert mine is not None
    assert other is not None
    assert mine.lookup != other.lookup


def test_nothing_personal_is_kept_in_clear(desk: Desk) -> None:
    account_id = desk.account()
    name, comment = "Wilhelmina Ünverwechselbar", "my cat Schrödinger chewed the router"
    received = desk.hang_up(account_id, phone=PHONE, email="Someone.Unique@Example.org", customer_name=name)
    desk.answer(account_id, received, comment, csat=2, ownership=4)
    with desk.sessions.begin() as session:
        keep_event(session, account_id, kind="text", event_key="SM1", provider_id="SM1", content=comment)
    desk.roll_up()
    with desk.sessions() as session:
        dump = "\n".join(
            line
            for table in metadata.tables.values()
            for line in session.scalars(text(f'select t::text from "{table.name}" t'))  # noqa: S608
        ).casefold()
    # bytes come out as hexadecimal digits
    for secret in (PHONE, PHONE[1:], "someone.unique", "wilhelmina", "schrödinger", "chewed the router"):
        assert secret not in dump
        assert secret.encode().hex() not in dump
    # and yet they are there
    contact = desk.contact(account_id, "phone", PHONE)
    with desk.sessions() as session:
        call = session.get_one(Call, (account_id, UUID(received.call["id"])))
        assert contact is not None
        assert (address_of(session, contact), name_of(session, call)) == (PHONE, name)
