"""Numbers that are no customer's: not asked, or in no figure, and flagged where they are an agent's."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from app.errors import Invalid, NotFound
from app.flow.export_customer import export_customer
from app.flow.forget_customer import forget_customer
from app.flow.listed_numbers import (
    add_number,
    export_numbers,
    import_numbers,
    read_numbers,
    remove_number_named,
)
from app.flow.read_calls import read_calls
from app.flow.read_responses import read_responses
from app.flow.tell_call import tell_call
from app.store.audit import Audit
from app.store.keyring import Keyring
from tests.desk import Desk, decided
from tests.settling import settle

PHONE, OTHER = "+447700900123", "+447700900124"


def list_as(desk: Desk, account_id: UUID, kind: str, number: str = PHONE, agent: str | None = None) -> bool:
    row = {"number": number, "listed_as": kind, "agent_id": agent}
    with desk.sessions.begin() as session:
        return add_number(session, account_id=account_id, actor="operator", row=row)[1]


def take_off(desk: Desk, account_id: UUID, number: str = PHONE) -> None:
    with desk.sessions.begin() as session:
        remove_number_named(session, account_id=account_id, actor="operator", number=number)


@pytest.mark.parametrize(("kind", "reason"), [("internal", "internal_number"), ("agent", "agents_number")])
def test_from_such_a_number_nobody_is_asked(desk: Desk, kind: str, reason: str) -> None:
    account_id, other = desk.account(), desk.account()
    list_as(desk, account_id, kind, "+44 (7700) 900-123")
    assert decided(desk.hang_up(account_id, phone=PHONE)) == reason
    assert decided(desk.hang_up(account_id, phone=PHONE, direction="outbound")) == reason
    assert decided(desk.hang_up(account_id, phone=PHONE, email="p@example.org")) == reason
    assert decided(desk.hang_up(account_id, phone=OTHER)) == "scheduled"
    assert decided(desk.hang_up(other, phone=PHONE)) == "scheduled"
    take_off(desk, account_id)
    assert decided(desk.hang_up(account_id, phone=PHONE)) == "scheduled"


def test_the_call_of_a_test_number_is_asked_and_in_no_figure(desk: Desk) -> None:
    account_id = desk.account()
    list_as(desk, account_id, "test")
    received = desk.hang_up(account_id, phone=PHONE)
    assert decided(received) == "scheduled"
    assert desk.call_of(account_id, received).is_test
    assert desk.stale() == 0
    assert not desk.call_of(account_id, desk.hang_up(account_id, phone=OTHER)).is_test


@pytest.mark.parametrize(
    ("listed", "called", "reason"),
    [
        ("+44 7700 9001*", PHONE, "internal_number"),
        ("+44 7700 9002*", PHONE, "scheduled"),
        ("1234", "sip:1234@pbx.example", "internal_number"),
        ("+44 870 123 4567", "+44 (870) 123-4567", "internal_number"),
    ],
)
def test_ranges_extensions_and_hotlines_are_numbers_too(
    desk: Desk, listed: str, called: str, reason: str
) -> None:
    account_id = desk.account()
    list_as(desk, account_id, "internal", listed)
    assert decided(desk.hang_up(account_id, phone=called)) == reason


def test_the_closest_entry_is_the_one_that_holds(desk: Desk) -> None:
    account_id = desk.account()
    list_as(desk, account_id, "internal", "+447700*")
    list_as(desk, account_id, "agent", "+4477009001*")
    list_as(desk, account_id, "test", PHONE)
    assert decided(desk.hang_up(account_id, phone=PHONE)) == "scheduled"
    assert decided(desk.hang_up(account_id, phone=OTHER)) == "agents_number"
    assert decided(desk.hang_up(account_id, phone="+447700800124")) == "internal_number"


def test_an_agents_number_is_flagged_with_the_calls_that_were_there(desk: Desk) -> None:
    account_id = desk.account(cooldown_seconds=0)
    before = desk.survey(account_id, phone=PHONE, agent_id="a7", values={"csat": 5})
    others = desk.survey(account_id, phone=OTHER, values={"csat": 1}, trigger="agent")
    list_as(desk, account_id, "agent", agent="a7")
    after = desk.hang_up(account_id, phone=PHONE, agent_id="a7")
    assert decided(after) == "agents_number"
    assert [desk.call_of(account_id, one).flags for one in (before, others, after)] == [
        ["agents_number"],
        ["agent_triggered"],
        ["agents_number"],
    ]
    with desk.sessions() as session:
        told = " ".join(words for _, words, _ in tell_call(session, account_id, UUID(after.call["id"])).told)
    assert "flagged agents_number" in told
    assert "listed as an agent's own number" in told
    assert listed_calls(desk, account_id, "agents_number") == [after.call["id"], before.call["id"]]
    assert responses(desk, account_id, "agents_number") == [before.call["id"]]
    assert desk.results(account_id)["rows"] == []  # not rolled up yet
    desk.roll_up()
    assert [row["csat"]["n"] for row in desk.results(account_id)["rows"]] == [1, 1]  # and out of no figure
    take_off(desk, account_id)
    assert listed_calls(desk, account_id, "agents_number") == []


def listed_calls(desk: Desk, account_id: UUID, flag: str) -> list[str]:
    with desk.sessions() as session:
        page = read_calls(session, account_id=account_id, of=None, flag=flag, cursor=None, limit=10)
    return [item["id"] for item in page.items]


def responses(desk: Desk, account_id: UUID, flag: str | None = None) -> list[str]:
    settle(desk.sessions)
    with desk.sessions() as session:
        page = read_responses(
            session,
            account_id=account_id,
            updated_since=None,
            cursor=None,
            limit=10,
            verbatims=False,
            agent_id=None,
            flag=flag,
        )
    return [item["call"]["id"] for item in page.items]


def test_whoever_keeps_a_copy_of_the_responses_reads_the_flagged_again(desk: Desk) -> None:
    account_id = desk.account()
    flagged = desk.survey(account_id, phone=PHONE, values={"csat": 5})
    last = desk.survey(account_id, phone=OTHER, values={"csat": 5})
    assert responses(desk, account_id) == [flagged.call["id"], last.call["id"]]
    list_as(desk, account_id, "agent")
    assert responses(desk, account_id) == [last.call["id"], flagged.call["id"]]


def test_listed_twice_it_is_listed_once_and_otherwise_it_is_changed(desk: Desk) -> None:
    account_id = desk.account()
    assert list_as(desk, account_id, "agent", agent="a7")
    assert not list_as(desk, account_id, "agent", agent="a7")
    assert list_as(desk, account_id, "test")
    with desk.sessions() as session:
        (one,) = read_numbers(session, account_id=account_id, kind=None, cursor=None, limit=10).items
    assert (one["number"], one["listed_as"], one["agent_id"]) == (PHONE, "test", None)


def test_a_number_listed_under_an_older_key_is_found(desk: Desk) -> None:
    account_id = desk.account()
    list_as(desk, account_id, "internal")
    old = desk.sessions.kw["info"]["keyring"]
    fresh = "fresh:" + "QUJD" * 10 + "QUI="
    desk.sessions.kw["info"]["keyring"] = rotated = Keyring(
        f"{fresh},tests:{'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='}"
    )
    try:
        assert rotated is not old
        assert decided(desk.hang_up(account_id, phone=PHONE)) == "internal_number"
        assert not list_as(desk, account_id, "internal")
        take_off(desk, account_id)
        assert decided(desk.hang_up(account_id, phone=PHONE)) == "scheduled"
    finally:
        desk.sessions.kw["info"]["keyring"] = old


def test_a_list_is_exported_as_it_is_imported(desk: Desk) -> None:
    account_id, other = desk.account(), desk.account()
    data = "number,listed_as,agent_id\r\n+447700900123,agent,a7\r\n+4420794600*,internal,\r\n1234,test,\r\n"
    assert take_in(desk, account_id, data) == {"changed": 3, "unchanged": 0}
    assert take_in(desk, account_id, data) == {"changed": 0, "unchanged": 3}
    with desk.sessions() as session:
        exported = export_numbers(session, account_id=account_id)
    assert sorted(exported.splitlines()) == sorted(data.replace("+", "'+").splitlines())
    assert take_in(desk, other, exported) == {"changed": 3, "unchanged": 0}


def take_in(desk: Desk, account_id: UUID, data: str) -> dict[str, int]:
    with desk.sessions.begin() as session:
        return import_numbers(session, account_id=account_id, actor="operator", data=data.encode())


def test_one_wrong_line_and_nothing_is_listed(desk: Desk) -> None:
    account_id = desk.account()
    data = "number,listed_as,agent_id\n+447700900123,agent,a7\n12*,internal,\nx,boss,\n1234,test,a7\n"
    with pytest.raises(Invalid) as refused:
        take_in(desk, account_id, data)
    assert set(refused.value.fields) == {
        "line 3.number",
        "line 4.number",
        "line 4.listed_as",
        "line 5.agent_id",
    }
    with desk.sessions() as session:
        assert read_numbers(session, account_id=account_id, kind=None, cursor=None, limit=10).items == []


def test_the_audit_and_the_table_hold_no_number(desk: Desk) -> None:
    account_id = desk.account()
    list_as(desk, account_id, "agent", agent="a7")
    list_as(desk, account_id, "internal", "+4420794600*")
    take_off(desk, account_id)
    with desk.sessions() as session:
        told: list[Any] = [
            (row.action, row.detail["listed_as"], row.detail["agent_id"], row.detail["is_range"])
            for row in session.scalars(select(Audit).where(Audit.action.like("number.%")).order_by(Audit.id))
        ]
        assert told == [
            ("number.listed", "agent", "a7", False),
            ("number.listed", "internal", None, True),
            ("number.unlisted", "agent", "a7", False),
        ]
        for everything in (
            session.scalar(text("select string_agg(audit::text, ' ') from audit")),
            session.scalar(text("select string_agg(listed_number::text, ' ') from listed_number")),
        ):
            assert "447700900123" not in everything
            assert "4420794600" not in everything


def test_a_national_number_is_read_in_the_accounts_region(desk: Desk) -> None:
    account_id = desk.account(region="GB")
    list_as(desk, account_id, "internal", "020 7946 0018")
    assert decided(desk.hang_up(account_id, phone="+442079460018")) == "internal_number"


def test_forgetting_a_customer_takes_no_number_off_the_list_and_an_export_tells_of_it(desk: Desk) -> None:
    account_id = desk.account()
    list_as(desk, account_id, "agent", agent="a7")
    desk.hang_up(account_id, phone=PHONE)
    who = {"account_id": account_id, "actor": "operator", "by": "phone", "value": PHONE}
    with desk.sessions.begin() as session:
        (contact,) = export_customer(session, **who)["contacts"]
        assert contact["listed_as"] == "agent"
    assert forget_customer(desk.sessions.begin, **who, opt_out=False, units=5).complete
    assert decided(desk.hang_up(account_id, phone=PHONE)) == "agents_number"


def test_what_is_not_listed_can_not_be_taken_off(desk: Desk) -> None:
    account_id = desk.account()
    for number in (PHONE, "no number"):
        with pytest.raises(NotFound):
            take_off(desk, account_id, number)
