"""A call that several agents had: all of them are kept, and the survey's rule says for whom it counts."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.domain.call import CallEnd
from app.domain.handlers import Handler
from app.errors import Conflict, Invalid
from app.flow.add_report import add_report
from app.flow.amend_call import amend_call
from app.flow.export_customer import export_customer
from app.flow.forget_customer import forget_customer
from app.flow.read_call import read_call
from app.flow.receive_call import Received
from app.flow.resolve_calls import Wanted, resolve_calls
from app.flow.roster import add_entry
from app.store.acceptance import ACCEPT, ACCEPT_HANDLED
from app.store.handlers import CallHandler, handlers_of
from app.store.unmapped import Period
from tests.desk import ANY_TIME, Desk, noon, only

MONDAY = date(2026, 3, 2)
NOON = noon(MONDAY)


def ago(seconds: int) -> datetime:
    return NOON - timedelta(seconds=seconds)


FRONT = Handler("front", "Fay", "desk", "north", "reception", ago(400), ago(350), 45)
ADA = Handler("ada", "Ada", "blue", "south", "billing", ago(350), ago(60), 280)
BOB = Handler("bob", "Bob", "red", "south", "orders", ago(60), ago(0), 55)
ALL = (FRONT, ADA, BOB)


@pytest.fixture
def account_id(desk: Desk) -> UUID:
    return desk.account(**ANY_TIME)


def hang_up(desk: Desk, account_id: UUID, *handlers: Handler, **changes: Any) -> Received:
    given = {"agent_id": None, "agent_name": None, "team": None, "vendor": None, "queue": None, **changes}
    return desk.hang_up(account_id, handlers=handlers, started_at=ago(410), ended_at=NOON, **given)


def read(desk: Desk, account_id: UUID, received: Received) -> dict[str, Any]:
    with desk.sessions() as session:
        return read_call(session, account_id=account_id, call_id=UUID(received.call["id"]))


def amend(desk: Desk, account_id: UUID, received: Received, **changes: Any) -> dict[str, Any]:
    with desk.sessions.begin() as session:
        return amend_call(session, account_id=account_id, call_id=UUID(received.call["id"]), changes=changes)


def kept(desk: Desk, account_id: UUID, received: Received) -> list[CallHandler]:
    with desk.sessions() as session:
        return list(handlers_of(session, account_id, UUID(received.call["id"])))


def counts(call: dict[str, Any]) -> tuple[Any, ...]:
    """(agent, why, the position of the handler that counts)"""
    position = next((one["position"] for one in call["handlers"] if one["counts"]), None)
    return call["agent"] and call["agent"]["id"], call["attributed_by"], position


def know(desk: Desk, account_id: UUID, extension: str, agent_id: str, **more: Any) -> None:
    row = {"platform_agent_id": extension, "agent_id": agent_id, "from": "2026-01-01", **more}
    with desk.sessions.begin() as session:
        add_entry(session, account_id=account_id, actor="tests", source="generic", row=row)


# --- reported with the call


@pytest.mark.parametrize(
    ("rule", "expected", "queue", "transferred"),
    [
        ("last", ("bob", "last", 3), "orders", ("ada", None)),
        ("first", ("front", "first", 1), "reception", (None, "ada")),
        ("longest", ("ada", "longest", 2), "billing", ("front", "bob")),
    ],
)
def test_the_call_counts_for_whom_the_rule_says(
    desk: Desk, rule: str, expected: Any, queue: str, transferred: Any
) -> None:
    account_id = desk.account(**ANY_TIME, attribute_to=rule)
    received = hang_up(desk, account_id, *ALL)
    call = read(desk, account_id, received)
    assert counts(call) == expected
    assert (call["queue"], (call["transferred_from"], call["transferred_to"])) == (queue, transferred)
    assert [(one["agent"]["id"], one["talk_seconds"]) for one in call["handlers"]] == [
        ("front", 45),
        ("ada", 280),
        ("bob", 55),
    ]
    desk.answer(account_id, received, csat=5)
    desk.roll_up()
    row = only(desk.results(account_id, start=MONDAY, end=MONDAY))
    assert (row["agent"]["id"], row["calls"], row["csat"]["n"]) == (expected[0], 1, 1)


@pytest.mark.parametrize(("rule", "words"), [("last", True), ("first", False), ("longest", False)])
def test_the_customer_is_told_of_the_last_person_only_where_it_is_the_last(
    desk: Desk, rule: str, words: bool
) -> None:
    account_id = desk.account(**ANY_TIME, attribute_to=rule)
    (message,) = desk.messages(account_id, hang_up(desk, account_id, *ALL))
    assert ("the last person you spoke to" in (message.body or "")) is words


def test_a_call_that_one_agent_had_has_no_handlers(desk: Desk, account_id: UUID) -> None:
    received = desk.hang_up(account_id)
    call = read(desk, account_id, received)
    assert (call["handlers"], call["attributed_by"]) == ([], None)
    assert kept(desk, account_id, received) == []


def test_a_known_call_reported_again_writes_no_handlers(desk: Desk, account_id: UUID) -> None:
    first = hang_up(desk, account_id, FRONT, ADA, call_id="one")
    again = hang_up(desk, account_id, BOB, call_id="one")
    assert (again.created, again.conflict) == (False, True)
    assert [one.platform_agent_id for one in kept(desk, account_id, first)] == ["front", "ada"]


def test_handlers_that_cannot_have_been_are_refused_by_name(desk: Desk, account_id: UUID) -> None:
    with pytest.raises(Invalid) as refused:
        hang_up(desk, account_id, FRONT, Handler("late", started_at=NOON + timedelta(seconds=1)))
    assert refused.value.fields == {"handlers.1.started_at": "lies outside the call"}


def test_a_customer_who_was_passed_on_quickly_at_last_is_asked_about_who_helped_them(
    desk: Desk, account_id: UUID
) -> None:
    received = hang_up(desk, account_id, ADA, Handler("bob", started_at=ago(10), talk_seconds=9))
    call = read(desk, account_id, received)
    assert (counts(call), received.skipped) == (("ada", "last", 1), None)


# --- the roster


def test_each_handler_is_whom_the_roster_names_at_the_time_of_their_part(
    desk: Desk, account_id: UUID
) -> None:
    """The desk of the first was another's when the third came to it."""
    know(desk, account_id, "desk", "early", to=ago(100).isoformat(), name="Eve")
    know(desk, account_id, "desk", "late", **{"from": ago(100).isoformat()}, name="Leo")
    parts = [
        Handler("desk", started_at=ago(400), ended_at=ago(300), talk_seconds=90),
        Handler("unknown", started_at=ago(300), ended_at=ago(60), talk_seconds=200),
        Handler("desk", started_at=ago(60), ended_at=ago(0), talk_seconds=60),
    ]
    call = read(desk, account_id, hang_up(desk, account_id, *parts))
    named = [one["agent"] and one["agent"]["id"] for one in call["handlers"]]
    assert (named, counts(call)) == (["early", None, "late"], ("late", "last", 3))


def test_a_corrected_roster_moves_the_call_and_its_handlers(desk: Desk, account_id: UUID) -> None:
    know(desk, account_id, "nobody", "nobody")
    received = hang_up(desk, account_id, *ALL)
    desk.answer(account_id, received, csat=4)
    assert counts(read(desk, account_id, received)) == (None, "last", 3)
    know(desk, account_id, "bob", "robert", name="Robert")
    know(desk, account_id, "ada", "lovelace")
    result = resolve_calls(
        desk.sessions.begin, account_id=account_id, actor="tests", wanted=Wanted(), units=10
    )
    call = read(desk, account_id, received)
    assert (result.resolved, counts(call)) == (1, ("robert", "last", 3))
    named = [one["agent"] and one["agent"]["id"] for one in call["handlers"]]
    assert named == [None, "lovelace", "robert"]
    desk.roll_up()
    assert desk.csat(account_id, "robert") == (1, 1)


def test_it_is_resolved_at_the_moment_when_they_took_it_not_when_it_was_answered(
    desk: Desk, account_id: UUID
) -> None:
    know(desk, account_id, "bob", "early", to=ago(100).isoformat())
    know(desk, account_id, "bob", "late", **{"from": ago(100).isoformat()})
    received = hang_up(desk, account_id, *ALL, answered_at=ago(400))
    assert counts(read(desk, account_id, received))[0] == "late"
    wanted = Wanted(Period(MONDAY, MONDAY), unmapped_only=False)
    again = resolve_calls(desk.sessions.begin, account_id=account_id, actor="tests", wanted=wanted, units=10)
    assert (again.resolved, again.restated, counts(read(desk, account_id, received))[0]) == (0, 0, "late")


# --- known later


def test_until_the_customer_is_asked_handlers_that_are_added_may_move_the_call(
    desk: Desk, account_id: UUID
) -> None:
    received = desk.hang_up(account_id, started_at=ago(410), ended_at=NOON, agent_id="ada", queue="billing")
    (message,) = desk.messages(account_id, received)
    assert "the last person" not in (message.body or "")
    call = amend(desk, account_id, received, handlers=[FRONT, ADA, BOB])
    assert (counts(call), call["queue"], call["agent"]["team"]) == (("bob", "last", 3), "orders", "red")
    (message,) = desk.messages(account_id, received)
    assert "the last person you spoke to" in (message.body or "")
    desk.roll_up()
    assert only(desk.results(account_id, start=MONDAY, end=MONDAY))["agent"]["id"] == "bob"


def test_once_the_customer_was_asked_handlers_are_kept_and_the_call_stays(
    desk: Desk, account_id: UUID
) -> None:
    received = desk.hang_up(account_id, started_at=ago(410), ended_at=NOON, agent_id="ada")
    desk.deliver(account_id, received)
    assert counts(amend(desk, account_id, received, handlers=[*ALL])) == ("ada", "reported", 2)
    # where the rule says so too, that is why
    again = desk.hang_up(account_id, started_at=ago(410), ended_at=NOON, agent_id="bob")
    desk.deliver(account_id, again)
    assert counts(amend(desk, account_id, again, handlers=[*ALL])) == ("bob", "last", 3)


@pytest.mark.parametrize("asked", [False, True], ids=["before the ask", "after it"])
def test_a_leg_that_comes_later_is_a_handler(desk: Desk, account_id: UUID, asked: bool) -> None:
    """Before the ask it has the call, if it talked for long enough; after it the text has named the person."""
    received = desk.hang_up(
        account_id, started_at=ago(410), ended_at=ago(60), agent_id="ada", talk_seconds=280
    )
    if asked:
        desk.deliver(account_id, received)
    leg = desk.call_end(agent_id="bob", started_at=ago(60), ended_at=NOON, talk_seconds=55)
    with desk.sessions.begin() as session:
        call_id = UUID(received.call["id"])
        added = add_report(session, account_id, call_id, leg, zone=ZoneInfo("UTC"), survey=None)
    call = read(desk, account_id, received)
    assert [(one["agent"]["id"], one["talk_seconds"]) for one in call["handlers"]] == [
        ("ada", 280),
        ("bob", 55),
    ]
    found = counts(call), call["talk_seconds"], call["ended_at"], call["transferred_from"]
    if asked:
        assert found == (("ada", "reported", 1), 280, ago(60).isoformat(), None)
    else:
        assert found == (("bob", "last", 2), 55, NOON.isoformat(), "ada")
    assert set(added) >= {"handlers"}
    desk.roll_up()
    assert only(desk.results(account_id, start=MONDAY, end=MONDAY))["agent"]["id"] == (
        "ada" if asked else "bob"
    )


def test_the_same_handlers_again_change_nothing(desk: Desk, account_id: UUID) -> None:
    received = hang_up(desk, account_id, *ALL)
    desk.deliver(account_id, received)
    before = read(desk, account_id, received)
    assert amend(desk, account_id, received, handlers=[*ALL]) == before


def test_handlers_without_the_agent_who_is_known_are_refused(desk: Desk, account_id: UUID) -> None:
    received = desk.hang_up(account_id, started_at=ago(410), ended_at=NOON, agent_id="zoe")
    with pytest.raises(Invalid) as refused:
        amend(desk, account_id, received, handlers=[FRONT, Handler("ada", talk_seconds=1000)])
    assert refused.value.fields.keys() == {"handlers", "handlers.1.talk_seconds"}
    with pytest.raises(Conflict, match="frozen"):
        amend(desk, account_id, received, agent={"id": "ada"}, handlers=[FRONT, ADA])


def test_an_agent_of_a_call_that_had_none_is_one_of_its_handlers_also_late(
    desk: Desk, account_id: UUID
) -> None:
    received = desk.hang_up(
        account_id, started_at=ago(410), ended_at=NOON, answered_at=ago(400), agent_id=None, talk_seconds=None
    )
    desk.deliver(account_id, received)
    assert counts(amend(desk, account_id, received, handlers=[*ALL])) == ("bob", "last", 3)


def test_all_calls_that_several_had_are_in_the_ledger_once(desk: Desk, account_id: UUID) -> None:
    for number in range(4):
        hang_up(desk, account_id, *ALL[: number % 3 + 1])
    desk.roll_up()
    rows = desk.results(account_id, start=MONDAY, end=MONDAY)["rows"]
    assert {row["agent"]["id"]: row["calls"] for row in rows} == {"front": 2, "ada": 1, "bob": 1}


def test_a_customer_who_is_forgotten_leaves_the_handlers_and_an_export_has_them(
    desk: Desk, account_id: UUID
) -> None:
    """Agents are nobody's personal data but their own, and the call goes on counting."""
    phone = "+447700900123"
    received = hang_up(desk, account_id, *ALL, phone=phone)
    who: dict[str, Any] = {"account_id": account_id, "actor": "tests", "by": "phone", "value": phone}
    with desk.sessions.begin() as session:
        (call,) = export_customer(session, **who)["calls"]
    assert [one["agent"]["id"] for one in call["handlers"]] == ["front", "ada", "bob"]
    assert forget_customer(desk.sessions.begin, **who, opt_out=False, units=5).complete
    assert read(desk, account_id, received)["handlers"] == call["handlers"]
    desk.roll_up()
    assert only(desk.results(account_id, start=MONDAY, end=MONDAY))["agent"]["id"] == "bob"


def test_what_is_written_for_one_agents_calls_knows_of_no_handlers() -> None:
    """They are nearly all, and pay nothing for the others."""
    assert b"call_handler" not in ACCEPT.sql
    assert "handlers" not in ACCEPT.names
    assert b"call_handler" in ACCEPT_HANDLED.sql


def test_two_reports_at_once_write_the_handlers_of_one(desk: Desk, account_id: UUID) -> None:
    calls: list[CallEnd] = [
        desk.call_end(call_id="same", handlers=ALL, agent_id=None, started_at=ago(410), ended_at=NOON)
        for _ in range(6)
    ]
    received = desk.report_all(account_id, calls)
    assert sum(one.created for one in received) == 1
    assert len(kept(desk, account_id, received[0])) == 3
