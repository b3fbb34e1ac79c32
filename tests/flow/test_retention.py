"""What is old is let go of, by kind and by account; scores, facts and a no stay."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from app.domain.retention import DEFAULT_DAYS, days_kept
from app.errors import Invalid
from app.flow.retention import let_go_of_old, set_retention
from app.flow.tidy import tidy
from app.store.accounts import get_account
from app.store.answers import Answer
from app.store.base import database_now
from app.store.calls import Call
from app.store.contacts import Contact
from app.store.facts import StaleCell
from app.store.provider_events import ProviderEvent
from app.store.retention import forget_words
from tests.flow.customer import Customer
from tests.house import House

CALL: dict[str, Any] = {"customer_name": "Pat Doe", "customer_ref": "C-7", "attributes": {"order": "O-5"}}


@pytest.fixture
def told(house: House) -> Customer:
    customer = Customer(house, house.account("told", cooldown_seconds=0))
    customer.calls(**CALL)
    customer.says("5", "4", "9", "a comment")
    house.roll_up()
    return customer


def let_time_pass(house: House, days: int) -> None:
    house.pass_time(days=days, minutes=1)
    house.settle()
    house.roll_up()
    with house.sessions.begin() as session:
        while tidy(session):
            pass


def held(house: House, account_id: UUID) -> dict[str, int]:
    """How many of each kind are still there."""
    counted = {
        "verbatims": (Answer, Answer.words.is_not(None)),
        "reports": (ProviderEvent, ProviderEvent.content.is_not(None)),
        "contacts": (Contact, Contact.address != b""),
        "names": (Call, Call.customer_name.is_not(None)),
    }
    with house.sessions() as session:
        return {
            kind: session.scalar(
                select(func.count()).select_from(table).where(table.account_id == account_id, there)
            )
            or 0
            for kind, (table, there) in counted.items()
        }


def test_each_kind_is_kept_as_long_as_the_defaults_say(house: House, told: Customer) -> None:
    assert held(house, told.account_id) == {"verbatims": 4, "reports": 4, "contacts": 1, "names": 1}
    let_time_pass(house, 29)
    assert held(house, told.account_id)["reports"] == 4
    let_time_pass(house, 2)
    assert held(house, told.account_id) == {"verbatims": 4, "reports": 0, "contacts": 1, "names": 1}
    let_time_pass(house, 695)
    assert held(house, told.account_id)["verbatims"] == 4
    let_time_pass(house, 40)
    assert held(house, told.account_id) == {"verbatims": 0, "reports": 0, "contacts": 0, "names": 0}


def test_scores_and_facts_stay_and_nothing_is_rebuilt(house: House, told: Customer) -> None:
    before, scores = _facts(house), told.scores
    let_time_pass(house, 31)
    house.pass_time(days=800)
    with house.sessions.begin() as session:
        while let_go_of_old(session, database_now(session)):
            pass
        assert session.scalar(select(func.count()).select_from(StaleCell)) == 0
    with house.sessions() as session:
        kept = session.execute(text("select question_key, value from answer where is_current and value > 0"))
        assert dict(tuple(row) for row in kept) == scores
    assert _facts(house) == before
    assert held(house, told.account_id)["verbatims"] == 0


def _facts(house: House) -> list[Any]:
    with house.sessions() as session:
        return list(session.execute(text("select metric, n, responded, completed from fact_day order by 1")))


def test_an_account_says_for_itself_how_long(house: House, told: Customer) -> None:
    other = Customer(house, house.account("other"), "+447700900124")
    other.calls(**CALL)
    other.says("5", "4", "9", "a comment")
    with house.sessions.begin() as session:
        set_retention(session, "told", {"verbatims": 3, "contacts": 40, "reports": None})
    let_time_pass(house, 4)
    assert held(house, told.account_id)["verbatims"] == 0
    assert held(house, other.account_id)["verbatims"] == 4
    let_time_pass(house, 60)
    assert held(house, told.account_id) == {"verbatims": 0, "reports": 4, "contacts": 0, "names": 0}
    assert held(house, other.account_id) == {"verbatims": 4, "reports": 0, "contacts": 1, "names": 1}


def test_who_goes_on_calling_goes_on_being_known(house: House, told: Customer) -> None:
    with house.sessions.begin() as session:
        set_retention(session, "told", {"contacts": 40})
    for _ in range(3):
        let_time_pass(house, 35)
        told.calls()
    assert held(house, told.account_id) == {"verbatims": 4, "reports": 0, "contacts": 1, "names": 0}


def test_a_no_outlives_its_number_and_who_has_said_none_is_asked_again(house: House, told: Customer) -> None:
    no = Customer(house, told.account_id, "+447700900124")
    no.calls()
    no.types("STOP")
    let_time_pass(house, 800)
    assert held(house, told.account_id)["contacts"] == 0
    assert house.hang_up(told.account_id, phone=no.phone).skipped == {"reason": "opted_out"}
    told.calls()
    assert told.state == "asked"
    assert held(house, told.account_id)["contacts"] == 1


def test_it_goes_in_bounded_steps(house: House, told: Customer) -> None:
    house.pass_time(days=800)
    with house.sessions.begin() as session:
        now = database_now(session)
        assert [forget_words(session, told.account_id, now, 3) for _ in range(3)] == [3, 1, 0]


@pytest.mark.parametrize("kept", [{"verbatims": 0}, {"contacts": 29}, {"reports": 9999}, {"letters": 30}])
def test_what_can_t_be_kept_like_this_is_refused(house: House, kept: dict[str, int]) -> None:
    house.account("acme")
    with house.sessions.begin() as session, pytest.raises(Invalid):
        set_retention(session, "acme", kept)


def test_a_change_is_audited(house: House) -> None:
    account_id = house.account("acme")
    with house.sessions.begin() as session:
        assert days_kept(get_account(session, account_id).settings) == DEFAULT_DAYS
        set_retention(session, "acme", {"verbatims": 365})
        set_retention(session, "acme", {"verbatims": 365})
    with house.sessions() as session:
        (detail,) = session.scalars(
            text("select detail from audit where action = 'account.retention_changed'")
        )
    assert (detail["before"]["verbatims"], detail["after"]["verbatims"]) == (730, 365)
