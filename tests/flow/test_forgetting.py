"""Forgetting a person: nothing that says who they are is left anywhere, and nothing that was counted changes."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import LargeBinary, select, text
from sqlalchemy.orm import Session

from app.channels.twilio_hooks import InboundText
from app.flow.add_report import add_report
from app.flow.forget_customer import Forgotten, Named, forget_customer, forget_some
from app.flow.receive_call import Received, receive_call
from app.flow.record_answer import record_text
from app.flow.survey_page import open_page
from app.store.base import keyring
from app.store.calls import Call
from app.store.contacts import Contact, find_contact
from app.store.messages import Message
from app.store.tables import metadata
from tests.desk import Desk
from tests.flow.customer import Customer
from tests.house import ACCOUNT_SID, NUMBER, PHONE, House

EMAIL = "pat.doe@example.org"
CALL: dict[str, Any] = {
    "customer_name": "Pat Doe",
    "customer_ref": "C-77001",
    "email": EMAIL,
    "attributes": {"order": "O-55123"},
}
WORDS = "I am Pat and my cat is ill"
NEEDLES = ("Pat", "C-77001", "O-55123", PHONE, EMAIL)


def forget(house: House, account_id: UUID, by: str, value: str, **options: Any) -> Forgotten:
    @contextmanager
    def unit() -> Iterator[Session]:
        with house.sessions.begin() as session:
            yield session

    wanted = {"actor": "tests", "opt_out": False, "units": 10, **options}
    return forget_customer(unit, account_id=account_id, by=by, value=value, **wanted)


def traces(house: House) -> set[str]:
    """Which of the needles any row of any table still tells, sealed or not."""
    found = set()
    with house.sessions() as session:
        for table in metadata.tables.values():
            for row in session.execute(select(table)).mappings():
                told = " ".join(str(_opened(session, table, column, row)) for column in table.columns)
                found |= {needle for needle in NEEDLES if needle in told}
    return found


def _opened(session: Session, table: Any, column: Any, row: Any) -> object:
    value = row[column]
    if not value or not isinstance(column.type, LargeBinary):
        return value
    try:
        place = f"{table.name}.{column.name}"
        return keyring(session).open_bytes(place, row[table.c.account_id], value).decode("utf-8", "replace")
    except Exception:  # a hash, which is sealed nowhere
        return ""


@pytest.fixture
def told(house: House) -> Customer:
    """Somebody who has said all that one can say, and whose next question is not sent yet."""
    customer = Customer(house, house.account(cooldown_seconds=0))
    customer.calls(**CALL)
    customer.says("5", "4", "9")
    customer.says(WORDS)
    return customer


@pytest.mark.parametrize(
    ("by", "value"), [("ref", "C-77001"), ("phone", "+44 7700 900123"), ("email", EMAIL.upper())]
)
def test_nothing_tells_who_they_were(house: House, told: Customer, by: str, value: str) -> None:
    assert traces(house) == set(NEEDLES)
    done = forget(house, told.account_id, by, value)
    assert traces(house) == set()
    assert (done.contacts, done.calls, done.complete) == (2, 1, True)
    assert done.answers_emptied == 4


def test_scores_stay_as_they_were(house: House, told: Customer) -> None:
    house.roll_up()
    scores, facts = told.scores, _facts(house)
    forget(house, told.account_id, "phone", PHONE)
    house.roll_up()
    with house.sessions() as session:
        kept = session.execute(
            text("select question_key, value from answer where is_current and value is not null")
        )
        assert dict(tuple(row) for row in kept) == scores != {}
    assert _facts(house) == facts


def _facts(house: House) -> list[Any]:
    with house.sessions() as session:
        return [
            tuple(row)
            for row in session.execute(
                text("select metric, n, invited, responded, completed, weight_value from fact_day order by 1")
            )
        ]


def test_a_second_time_there_is_nothing_to_forget(house: House, told: Customer) -> None:
    forget(house, told.account_id, "phone", PHONE)
    again = forget(house, told.account_id, "phone", PHONE)
    assert again == Forgotten()
    assert forget(house, told.account_id, "ref", "nobody's") == Forgotten()


def test_others_and_other_accounts_keep_theirs(house: House, told: Customer) -> None:
    other = Customer(house, told.account_id, "+447700900124")
    other.calls(customer_ref="C-2")
    elsewhere = Customer(house, house.account())
    house.hang_up(elsewhere.account_id, phone=PHONE, customer_ref="C-77001")
    forget(house, told.account_id, "ref", "C-77001")
    assert other.state == "asked"
    assert traces(house) == {"C-77001", PHONE}
    assert [one.state for one in house.invitations(elsewhere.account_id)] == ["scheduled"]


def test_what_was_not_sent_is_not_sent_and_the_survey_ends(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id, **CALL)
    done = forget(house, account_id, "phone", PHONE)
    house.send()
    assert house.bodies(PHONE) == []
    assert (done.surveys_ended, done.messages_cancelled) == (1, 1)
    assert [one.state for one in house.invitations(account_id)] == ["cancelled"]
    assert [one.state for one in house.messages(account_id)] == ["cancelled"]


def test_a_no_stands_when_its_number_is_gone(house: House, told: Customer) -> None:
    told.types("STOP")
    forget(house, told.account_id, "phone", PHONE)
    received = house.hang_up(told.account_id, phone=PHONE)
    assert received.skipped == {"reason": "opted_out"}
    assert PHONE not in traces(house)


def test_with_opt_out_they_are_never_asked_again_known_or_not(house: House, told: Customer) -> None:
    stranger = "+447700900150"
    for phone in (PHONE, stranger):
        forget(house, told.account_id, "phone", phone, opt_out=True)
        assert house.hang_up(told.account_id, phone=phone).skipped == {"reason": "opted_out"}
    with house.sessions() as session:
        assert not any(session.scalars(select(Contact.address)))


def test_a_phone_that_has_become_another_customers_stays_theirs(house: House, told: Customer) -> None:
    theirs = house.hang_up(told.account_id, phone=PHONE, customer_ref="C-2")
    done = forget(house, told.account_id, "ref", "C-77001")
    assert (done.calls, done.contacts) == (1, 1)  # the mail address of the first went
    assert traces(house) == {PHONE}
    with house.sessions() as session:
        call = session.get_one(Call, (told.account_id, UUID(theirs.call["id"])))
        contact = find_contact(session, told.account_id, "phone", PHONE)
        assert contact is not None
        assert (call.customer_ref, call.phone_contact_id) == ("C-2", contact.id)


def test_who_calls_again_is_somebody_new(house: House, told: Customer) -> None:
    """Asked as anybody is, and nothing leads from the old calls to them."""
    before = house.messages(told.account_id)[0].id
    forget(house, told.account_id, "phone", PHONE)
    shown = len(house.bodies(PHONE))
    told.calls()
    assert len(house.bodies(PHONE)) == shown + 1
    with house.sessions() as session:
        contact = find_contact(session, told.account_id, "phone", PHONE)
        assert contact is not None
        assert session.get_one(Message, (told.account_id, before)).contact_id != contact.id
    told.says("3")
    assert told.scores == {"csat": 3}


def test_forgetting_is_no_way_to_be_asked_again_at_once(house: House) -> None:
    account_id = house.account()
    Customer(house, account_id).calls(**CALL)
    forget(house, account_id, "phone", PHONE)
    assert house.hang_up(account_id, phone=PHONE).skipped == {"reason": "asked_recently"}


def test_the_link_in_an_old_text_is_dead(house: House) -> None:
    customer = Customer(house, house.account(link=True))
    customer.calls(**CALL)
    token = customer.newest.rpartition("/")[2]
    with house.sessions() as session:
        assert open_page(session, token) is not None
    forget(house, customer.account_id, "phone", PHONE)
    with house.sessions() as session:
        assert open_page(session, token) is None


def test_an_answer_after_it_is_not_put_to_the_old_survey(house: House, told: Customer) -> None:
    forget(house, told.account_id, "phone", PHONE)
    told.types(f"{WORDS}, still")
    with house.sessions() as session:
        assert session.scalar(text("select count(*) from answer where words is not null")) == 0


def test_a_request_on_its_way_is_recorded_and_one_that_is_unclear_ends_in_doubt(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id, **CALL)
    house.fault(error_after={"count": 1})
    house.send()
    (message,) = house.messages(account_id)
    assert message.state == "unknown"
    forget(house, account_id, "phone", PHONE)
    house.settle()
    assert house.messages(account_id)[0].state == "unknown"  # nobody can be asked about nobody
    house.pass_time(days=2)
    house.settle()
    assert house.messages(account_id)[0].state == "in_doubt"
    assert len(house.bodies(PHONE)) == 1


def test_many_calls_go_in_steps_of_which_each_is_durable(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.flow.forget_customer._CALLS_AT_ONCE", 2)
    account_id = house.account()
    for _ in range(5):
        house.hang_up(account_id, **CALL)
    first = forget(house, account_id, "ref", "C-77001", units=1)
    assert (first.calls, first.contacts, first.complete) == (2, 0, False)
    rest = forget(house, account_id, "ref", "C-77001")
    assert (rest.calls, rest.contacts, rest.complete) == (3, 2, True)
    assert traces(house) == set()


def test_it_is_audited_without_who_they_were(house: House, told: Customer) -> None:
    forget(house, told.account_id, "phone", PHONE)
    with house.sessions() as session:
        (detail,) = session.scalars(text("select detail from audit where action = 'customer.forgotten'"))
    assert (detail["by"], detail["calls"], detail["contacts"]) == ("phone", 1, 2)


def test_a_later_report_of_an_old_call_brings_nothing_back(house: House, told: Customer) -> None:
    with house.sessions() as session:
        call_id = session.scalar(text("select id from call"))
    forget(house, told.account_id, "phone", PHONE)
    with house.sessions.begin() as session:
        report = house.call_end(customer_ref="C-77001", attributes={"order": "O-55123"}, wrap_seconds=9)
        assert "wrap_seconds" in add_report(
            session, told.account_id, call_id, report, zone=ZoneInfo("UTC"), survey=None
        )
    assert traces(house) == set()


def test_an_answer_that_is_being_taken_is_forgotten_with_the_rest(house: House, told: Customer) -> None:
    desk = Desk(house.sessions)
    with house.sessions() as session:
        record_text(session, _text(f"{WORDS}, first"))
        with desk.meanwhile(lambda other: _step(other, told.account_id)) as forgetting:
            assert not forgetting.done()
            session.commit()
        assert forgetting.result(timeout=10).answers_emptied >= 4
    assert traces(house) == set()


def test_an_answer_that_waits_for_it_comes_too_late(house: House, told: Customer) -> None:
    desk = Desk(house.sessions)
    with house.sessions() as session:
        _step(session, told.account_id)
        with desk.meanwhile(lambda other: record_text(other, _text("1"))) as answering:
            assert not answering.done()
            session.commit()
        answering.result(timeout=10)
    with house.sessions() as session:
        assert session.scalar(text("select count(*) from answer where words is not null")) == 0


def test_a_call_that_waits_for_it_is_somebody_new(house: House, told: Customer) -> None:
    desk = Desk(house.sessions)
    with house.sessions() as session:
        _step(session, told.account_id)

        def calls(other: Session) -> Received:
            asking = desk.asking(told.account_id)
            return receive_call(other, asking=asking, call=house.call_end(), body_hash=b"another")

        with desk.meanwhile(calls) as calling:
            assert not calling.done()
            session.commit()
        assert calling.result(timeout=10).invitation is not None
    house.send()
    assert traces(house) == {PHONE}
    assert told.state == "asked"


def _text(body: str) -> InboundText:
    return InboundText(
        message_sid="SM" + secrets.token_hex(16),
        sender=PHONE,
        to=NUMBER,
        body=body,
        account_sid=ACCOUNT_SID,
        messaging_service_sid=None,
        opt_out_type=None,
        num_media=0,
    )


def _step(session: Session, account_id: UUID) -> Forgotten:
    return forget_some(session, account_id, Named("phone", PHONE))
