"""What is known of a call only later is added to it; what it counts for, and its decision, stay."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid, NotFound
from app.flow.amend_call import amend_call
from app.flow.read_call import read_call
from app.flow.receive_call import Received
from app.ids import new_id
from tests.desk import Desk


def amend(desk: Desk, account_id: UUID, received: Received, **changes: Any) -> dict[str, Any]:
    with desk.sessions.begin() as session:
        return amend_call(session, account_id=account_id, call_id=UUID(received.call["id"]), changes=changes)


def test_what_is_known_later_is_added(desk: Desk) -> None:
    account_id = desk.account()
    received = desk.hang_up(account_id, tags=("a",), attributes={"x": 1, "y": {"deep": True}})
    shown = amend(
        desk,
        account_id,
        received,
        wrap_seconds=48,
        ended_by="customer",
        tags=["b", "a"],
        attributes={"y": 2, "z": None},
        contact_reason="invoice",
    )
    with desk.sessions() as session:
        assert read_call(session, account_id=account_id, call_id=UUID(received.call["id"])) == shown
    assert (shown["wrap_seconds"], shown["ended_by"], shown["contact_reason"]) == (48, "customer", "invoice")
    assert shown["tags"] == ["a", "b"]
    assert shown["attributes"] == {"x": 1, "y": 2, "z": None}
    assert shown["invitation"] == received.invitation


def test_an_agent_is_named_once_and_then_stays(desk: Desk) -> None:
    account_id = desk.account()
    received = desk.hang_up(account_id, agent_id=None, agent_name=None, team=None, vendor="")
    shown = amend(desk, account_id, received, agent={"id": "a1", "team": "blue", "vendor": "north"})
    assert shown["agent"] == {"id": "a1", "name": None, "team": "blue", "vendor": "north"}
    shown = amend(desk, account_id, received, agent={"id": "a1", "name": "Agent One", "team": "blue"})
    assert shown["agent"]["name"] == "Agent One"
    for other in ({"id": "a2"}, {"id": "a1", "team": "red"}, {"id": "a1", "vendor": "south"}):
        with pytest.raises(Conflict, match="frozen"):
            amend(desk, account_id, received, wrap_seconds=1, agent=other)
    with desk.sessions() as session:
        assert read_call(session, account_id=account_id, call_id=UUID(received.call["id"])) == shown


def test_a_decision_is_not_taken_again_when_the_call_turns_out_to_have_been_answered(desk: Desk) -> None:
    account_id = desk.account()
    received = desk.hang_up(account_id, agent_id=None, talk_seconds=None)
    assert received.skipped == {"reason": "not_answered"}
    shown = amend(desk, account_id, received, agent={"id": "a1"}, talk_seconds=300)
    assert (shown["answered"], shown["skipped"]) == (True, {"reason": "not_answered"})
    desk.roll_up()
    (row,) = desk.results(account_id)["rows"]
    assert (row["answered"], row["invited"]) == (1, 0)


def test_a_call_whose_customer_was_asked_stays_answered(desk: Desk) -> None:
    account_id = desk.account()
    assert amend(desk, account_id, desk.hang_up(account_id), talk_seconds=0)["answered"]


def test_two_amendments_at_once_are_both_kept(desk: Desk) -> None:
    account_id = desk.account()
    received = desk.hang_up(account_id)
    call_id = UUID(received.call["id"])

    def add_tag(session: Session, number: int) -> None:
        amend_call(session, account_id=account_id, call_id=call_id, changes={"tags": [f"t{number}"]})

    desk.at_once(8, add_tag)
    assert sorted(desk.call_of(account_id, received).tags) == [f"t{number}" for number in range(8)]


def test_a_call_of_another_account_cannot_be_amended(desk: Desk) -> None:
    ours, theirs = desk.account(), desk.account()
    received = desk.hang_up(theirs)
    with pytest.raises(NotFound):
        amend(desk, ours, received, wrap_seconds=1)
    with pytest.raises(NotFound), desk.sessions() as session:
        amend_call(session, account_id=ours, call_id=new_id(), changes={"wrap_seconds": 1})


def test_a_call_amended_by_nothing_new_is_as_it_was(desk: Desk) -> None:
    account_id = desk.account()
    received = desk.hang_up(account_id)
    with desk.sessions() as session:
        before = read_call(session, account_id=account_id, call_id=UUID(received.call["id"]))
    assert amend(desk, account_id, received, tags=[], talk_seconds=90) == before


@pytest.mark.parametrize(
    ("field", "first", "more"),
    [
        ("tags", [f"a{n}" for n in range(30)], [f"b{n}" for n in range(21)]),
        ("attributes", {f"a{n}": n for n in range(30)}, {f"b{n}": n for n in range(21)}),
    ],
)
def test_amendments_together_stay_within_what_one_call_may_carry(
    desk: Desk, field: str, first: Any, more: Any
) -> None:
    account_id = desk.account()
    received = desk.hang_up(account_id)
    amend(desk, account_id, received, **{field: first})
    with pytest.raises(Invalid) as refused:
        amend(desk, account_id, received, **{field: more})
    assert refused.value.fields.keys() == {field}
