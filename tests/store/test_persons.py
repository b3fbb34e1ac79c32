"""One customer of several telephones and mails: their calls are decided as one person's, however they come."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.domain.questionnaire import Survey
from app.flow.receive_call import receive_call
from app.store.calls import Call
from app.store.contacts import CUSTOMER, Contact, end_open_survey, release_cooldown
from app.store.direct import Singles
from app.store.holds import hold_again
from app.store.messages import Message
from tests.desk import Desk, decided
from tests.store.test_accepting import statements

REF = "C-20931"
ONE, TWO, EMAIL = "+447700900123", "+447700900124", "person@example.org"


def calls_by_different_phones(desk: Desk, count: int, **changes: Any) -> list[Any]:
    return [
        desk.call_end(phone=f"+4477009002{number:02}", customer_ref=REF, **changes) for number in range(count)
    ]


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_fifty_calls_of_one_customer_by_fifty_phones_at_once_make_one_invitation(
    desk: Desk, known: bool
) -> None:
    account_id = desk.account()
    if known:
        desk.hang_up(account_id, phone=ONE, customer_ref=REF, ask=False)
    answers = desk.report_all(account_id, calls_by_different_phones(desk, 50))
    assert Counter(map(decided, answers)) == {"scheduled": 1, "survey_open": 49}
    (winner,) = [answer.invitation["id"] for answer in answers if answer.invitation]
    with desk.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 1
        held = session.scalars(select(Contact).where(Contact.open_invitation.is_not(None))).all()
    # the phones of the calls that were not asked are free again: only the person is not
    assert sorted(contact.kind for contact in held) == ["customer", "phone"]
    assert {str(contact.open_invitation) for contact in held} == {winner}


def test_it_is_one_too_where_each_statement_commits_itself(desk: Desk, engine: Engine) -> None:
    """As the web process does: what a call has taken in vain is given back before anybody can see it."""
    account_id = desk.account()
    singles, asking, calls = Singles(engine), desk.asking(account_id), calls_by_different_phones(desk, 50)

    def report(session: Session, number: int) -> str:
        session.rollback()  # the transaction that the start was waited for in
        singles.offered_to(session)
        return decided(receive_call(session, asking=asking, call=calls[number], body_hash=b""))

    assert Counter(desk.at_once(50, report)) == {"scheduled": 1, "survey_open": 49}
    with desk.sessions() as session:
        held = session.scalars(select(Contact.kind).where(Contact.open_invitation.is_not(None)))
        assert sorted(held) == ["customer", "phone"]


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        ({"phone": TWO, "customer_ref": REF}, "survey_open"),
        # the phone is known to be theirs, and so is whatever comes from it
        ({"phone": "+447700900125"}, "survey_open"),
        ({"phone": TWO, "customer_ref": "c-20931"}, "scheduled"),
        ({"phone": TWO}, "scheduled"),
    ],
    ids=["another_phone", "without_ref", "another_customer", "a_stranger"],
)
def test_a_customer_who_is_being_asked_is_not_asked_elsewhere(
    desk: Desk, second: dict[str, Any], reason: str
) -> None:
    account_id = desk.account()
    desk.hang_up(account_id, phone="+447700900125", customer_ref=REF, ask=False)
    assert decided(desk.hang_up(account_id, phone=ONE, customer_ref=REF)) == "scheduled"
    assert decided(desk.hang_up(account_id, **second)) == reason


@pytest.mark.parametrize(
    "ref", ["0", "000", "unknown", "N/A", "n.a.", "-", "???", " ", "Anonymous", "null", "9999", "未知"]
)
def test_what_names_nobody_joins_nobody(desk: Desk, ref: str) -> None:
    account_id = desk.account()
    for phone in (ONE, TWO):
        assert decided(desk.hang_up(account_id, phone=phone, customer_ref=ref)) == "scheduled"
    with desk.sessions() as session:
        assert set(session.scalars(select(Contact.kind))) == {"phone"}
        # what the client wrote stays theirs to read
        assert set(session.scalars(select(Call.customer_ref))) == {ref}


def test_a_telephone_of_two_customers_keeps_its_own_cooldown_and_each_has_theirs(desk: Desk) -> None:
    account_id = desk.account()
    assert decided(desk.hang_up(account_id, phone=ONE, customer_ref="mother")) == "scheduled"
    assert decided(desk.hang_up(account_id, phone=ONE, customer_ref="son")) == "survey_open"
    assert decided(desk.hang_up(account_id, phone=TWO, customer_ref="son")) == "scheduled"
    assert decided(desk.hang_up(account_id, phone="+447700900126", customer_ref="mother")) == "survey_open"


def test_the_cooldown_is_the_customers_and_a_release_frees_the_customer(desk: Desk) -> None:
    account_id = desk.account()
    first = desk.invitation_of(account_id, desk.hang_up(account_id, phone=ONE, customer_ref=REF))
    with desk.sessions.begin() as session:
        end_open_survey(session, account_id, first.id)
    assert decided(desk.hang_up(account_id, phone=TWO, customer_ref=REF)) == "asked_recently"
    with desk.sessions.begin() as session:
        release_cooldown(session, account_id, first.id)
    assert decided(desk.hang_up(account_id, phone=TWO, customer_ref=REF)) == "scheduled"


def test_calls_of_two_customers_by_phones_that_they_share_never_deadlock(desk: Desk) -> None:
    phones, refs, emails = [ONE, TWO], ["mother", "son"], ["one@example.org", "two@example.org"]
    calls = [
        desk.call_end(phone=phones[n % 2], customer_ref=refs[n // 2 % 2], email=emails[n // 4 % 2])
        for n in range(48)
    ]
    tally = Counter(map(decided, desk.report_all(desk.account(), calls)))
    assert tally["scheduled"] in (1, 2)
    assert tally["scheduled"] + tally["survey_open"] == 48


@pytest.mark.parametrize(
    ("changes", "reads"), [({}, 1), ({"customer_ref": REF}, 1), ({"phone": TWO}, 2)], ids=str
)
def test_a_customer_is_read_with_their_addresses(
    desk: Desk, engine: Engine, changes: dict[str, Any], reads: int
) -> None:
    """Only whoever was told to be a customer by an earlier call, and not by this one, costs a read more."""
    account_id = desk.account()
    desk.hang_up(account_id, phone=TWO, customer_ref="C-1", ask=False)
    asking, call = desk.asking(account_id), desk.call_end(**changes)
    with desk.sessions.begin() as session, statements(engine) as seen:
        receive_call(session, asking=asking, call=call, body_hash=b"")
    assert [statement.strip().lower().split()[0] for statement in seen] == ["select"] * reads + ["with"]


# --- how often one customer is asked


def finish(desk: Desk, account_id: Any, received: Any) -> None:
    with desk.sessions.begin() as session:
        end_open_survey(session, account_id, desk.invitation_of(account_id, received).id)


def test_a_customer_is_asked_so_often_and_no_more_whichever_way_they_call(desk: Desk) -> None:
    account_id = desk.account(cooldown_seconds=0, most_per_customer=2, most_per_customer_days=30)
    for phone in (ONE, TWO):
        received = desk.hang_up(account_id, phone=phone, customer_ref=REF)
        assert decided(received) == "scheduled"
        finish(desk, account_id, received)
    over = desk.hang_up(account_id, email=EMAIL, customer_ref=REF)
    assert decided(over) == "customer_cap"
    failed = [one for one in desk.invitation_of(account_id, over).decision["checks"] if not one["passed"]]
    assert failed == [{"check": "customer_cap", "passed": False, "detail": "asked 2 times within 30 days"}]
    # the one telephone alone was asked once
    assert decided(desk.hang_up(account_id, phone="+447700900127")) == "scheduled"
    desk.later(account_id, timedelta(days=31))
    assert decided(desk.hang_up(account_id, phone=ONE, customer_ref=REF)) == "scheduled"


def test_the_write_decides_how_often_too(desk: Desk) -> None:
    """Calls that all read a customer with asks left, while the surveys of those that win end at once."""
    account_id = desk.account(cooldown_seconds=0, most_per_customer=3)
    asking = desk.asking(account_id)

    def report_and_end(session: Session, number: int) -> str:
        call = desk.call_end(customer_ref=REF)
        received = receive_call(session, asking=asking, call=call, body_hash=b"")
        if received.invitation is not None:
            # in the same transaction: whoever waits finds nothing open, and only the cap against it
            invitation_id = session.scalars(
                select(Contact.open_invitation).where(Contact.open_invitation.is_not(None))
            ).first()
            assert invitation_id is not None
            end_open_survey(session, account_id, invitation_id)
        return decided(received)

    tally = Counter[str]()
    while tally["customer_cap"] < 30:
        tally.update(desk.at_once(20, report_and_end))
    assert tally["scheduled"] == 3
    # some began before another one's ask was written, and found that later than themselves
    assert set(tally) <= {"scheduled", "customer_cap", "asked_recently"}


def test_an_ask_that_reached_nobody_is_in_no_cap(desk: Desk) -> None:
    account_id = desk.account(cooldown_seconds=0, most_per_customer=1)
    first = desk.invitation_of(account_id, desk.hang_up(account_id, phone=ONE, customer_ref=REF))
    with desk.sessions.begin() as session:
        end_open_survey(session, account_id, first.id)
    assert decided(desk.hang_up(account_id, phone=TWO, customer_ref=REF)) == "customer_cap"
    with desk.sessions.begin() as session:
        release_cooldown(session, account_id, first.id)
    person = desk.contact(account_id, CUSTOMER, REF)
    assert person is not None
    assert (person.recent_asks, person.last_asked_at) == ([], None)
    assert decided(desk.hang_up(account_id, phone=TWO, customer_ref=REF)) == "scheduled"


def test_a_survey_that_begins_once_more_keeps_to_the_cap_of_its_customer(desk: Desk) -> None:
    account_id = desk.account(cooldown_seconds=0)
    first = desk.invitation_of(account_id, desk.hang_up(account_id, phone=ONE, customer_ref=REF))
    with desk.sessions.begin() as session:
        release_cooldown(session, account_id, first.id)
    second = desk.hang_up(account_id, phone=TWO, customer_ref=REF)
    finish(desk, account_id, second)
    terms = Survey("default", 1, cooldown_seconds=0, most_per_customer=1)
    with desk.sessions.begin() as session:
        # by a telephone that was not asked: the customer was
        assert hold_again(session, account_id, first.id, terms).asked_recently
        assert not hold_again(
            session, account_id, first.id, replace(terms, most_per_customer=2)
        ).asked_recently
    person = desk.contact(account_id, CUSTOMER, REF)
    assert person is not None
    assert person.open_invitation == first.id
    assert person.recent_asks is not None
    assert len(person.recent_asks) == 2


def test_of_two_asks_the_one_that_is_released_is_forgotten(desk: Desk) -> None:
    """Also when the other one came later, and holds the customer now."""
    account_id = desk.account(cooldown_seconds=0)
    first = desk.invitation_of(account_id, desk.hang_up(account_id, phone=ONE))
    with desk.sessions.begin() as session:
        end_open_survey(session, account_id, first.id)
    desk.hang_up(account_id, phone=ONE)
    before = desk.contact(account_id, "phone", ONE)
    assert before is not None
    assert before.recent_asks is not None
    newest, oldest = before.recent_asks
    with desk.sessions.begin() as session:
        release_cooldown(session, account_id, first.id)
    after = desk.contact(account_id, "phone", ONE)
    assert after is not None
    assert (after.recent_asks, after.last_asked_at) == ([newest], newest)
    assert oldest < newest
