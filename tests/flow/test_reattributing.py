"""A person decides for whom a call counts: results follow, it is audited, and nothing but a person undoes it."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.handlers import Handler
from app.errors import Invalid, NotFound
from app.flow.add_report import add_report
from app.flow.read_call import read_invitation
from app.flow.reattribute import REATTRIBUTED, Decision, NamedAgent, reattribute
from app.flow.receive_call import Received, receive_call
from app.flow.resolve_calls import Wanted, resolve_calls
from app.ids import new_id
from app.store.audit import audited
from app.store.events import Event
from app.store.invitations import lock_invitation_of_call
from app.store.phone_surveys import begin_phone_survey
from app.store.unmapped import Period
from tests.desk import ANY_TIME, Desk, write_answers
from tests.flow.test_handlers import (
    ADA,
    ALL,
    BOB,
    FRONT,
    MONDAY,
    NOON,
    ago,
    amend,
    counts,
    hang_up,
    know,
    read,
)

BY_RULE = Decision("a mistake of mine")
DAYS: dict[str, Any] = {"start": MONDAY, "end": MONDAY}


@pytest.fixture
def account_id(desk: Desk) -> UUID:
    return desk.account(**ANY_TIME)


@pytest.fixture
def received(desk: Desk, account_id: UUID) -> Received:
    """A call of three that counts for bob, and its answer."""
    received = hang_up(desk, account_id, *ALL)
    desk.answer(account_id, received, csat=5)
    desk.roll_up()
    return received


def decide(desk: Desk, account_id: UUID, received: Received, decision: Decision) -> dict[str, Any]:
    with desk.sessions.begin() as session:
        return reattribute(
            session,
            account_id=account_id,
            actor="key pc_1 tests",
            call_id=UUID(received.call["id"]),
            decision=decision,
        )


def to_handler(position: int) -> Decision:
    return Decision("they only took the address", handler=position)


def to_agent(agent_id: str, **more: str) -> Decision:
    return Decision("sat at Ada's desk", agent=NamedAgent(agent_id, **more))


def resolve(desk: Desk, account_id: UUID) -> tuple[int, int]:
    wanted = Wanted(Period(MONDAY, MONDAY), unmapped_only=False)
    done = resolve_calls(desk.sessions.begin, account_id=account_id, actor="tests", wanted=wanted, units=50)
    return done.resolved, done.restated


def ledger(desk: Desk, account_id: UUID) -> dict[str, tuple[int, int]]:
    """Agent -> calls and CSAT answers."""
    desk.roll_up()
    rows = desk.results(account_id, **DAYS)["rows"]
    return {row["agent"]["id"]: (row["calls"], row["csat"]["n"]) for row in rows}


def test_another_handler_has_the_call_and_its_answers(
    desk: Desk, account_id: UUID, received: Received
) -> None:
    assert ledger(desk, account_id) == {"bob": (1, 1)}
    call = decide(desk, account_id, received, to_handler(2))
    assert counts(call) == ("ada", "handler", 2)
    assert (call["agent"]["team"], call["agent"]["vendor"]) == ("blue", "south")
    assert ledger(desk, account_id) == {"ada": (1, 1)}
    assert (desk.csat(account_id, "bob"), desk.csat(account_id, "ada")) == ((0, 0), (1, 1))


def test_somebody_else_has_it_by_name(desk: Desk, account_id: UUID, received: Received) -> None:
    know(desk, account_id, "front", "fay", name="Fay", team="desk")
    call = decide(desk, account_id, received, to_agent("fay", team="night"))
    assert counts(call) == ("fay", "agent", None)
    # what the person did not say the roster knows
    assert call["agent"] == {"id": "fay", "name": "Fay", "team": "night", "vendor": None}
    assert call["platform_agent_id"] == "bob"
    assert ledger(desk, account_id) == {"fay": (1, 1)}


def test_taken_back_it_counts_as_before(desk: Desk, account_id: UUID, received: Received) -> None:
    before, facts = read(desk, account_id, received), desk.facts(account_id)
    decide(desk, account_id, received, to_handler(1))
    decide(desk, account_id, received, to_agent("bob"))
    assert decide(desk, account_id, received, BY_RULE) == before
    desk.roll_up()
    assert desk.facts(account_id) == facts


def test_without_handlers_it_counts_again_for_who_was_reported(desk: Desk, account_id: UUID) -> None:
    received = desk.hang_up(account_id, ended_at=NOON, agent_id="ada", team="blue")
    desk.hang_up(account_id, ended_at=NOON, agent_id="bob")
    before = read(desk, account_id, received)
    assert counts(decide(desk, account_id, received, to_agent("bob"))) == ("bob", "agent", None)
    assert decide(desk, account_id, received, BY_RULE) == before


def test_a_call_of_nobody_gets_an_agent(desk: Desk, account_id: UUID) -> None:
    received = desk.hang_up(account_id, ended_at=NOON, agent_id=None, answered_at=ago(80))
    desk.hang_up(account_id, ended_at=NOON, agent_id="bob")
    decide(desk, account_id, received, to_agent("bob"))
    assert ledger(desk, account_id) == {"bob": (2, 0)}


def test_it_is_audited_with_who_it_was_before_and_after_and_why(
    desk: Desk, account_id: UUID, received: Received
) -> None:
    decide(desk, account_id, received, Decision("wrong desk, ask +44 7700 900123", handler=2))
    with desk.sessions() as session:
        (entry,) = audited(session, account_id, action=REATTRIBUTED, before=None, limit=5)
        told = session.scalars(select(Event).where(Event.type == REATTRIBUTED)).all()
        event = next(one for one in told if one.account_id == account_id)
    assert (entry.actor, str(entry.subject_id)) == ("key pc_1 tests", received.call["id"])
    before, after = entry.detail["before"], entry.detail["after"]
    assert (before["agent_id"], before["team"], before["handler"]) == ("bob", "red", 3)
    assert (after["agent_id"], after["team"], after["handler"]) == ("ada", "blue", 2)
    assert "900123" not in entry.detail["reason"]
    assert (str(event.subject_id), event.content["after"]) == (received.call["id"], "ada")


def test_the_timeline_tells_of_it(desk: Desk, account_id: UUID, received: Received) -> None:
    decide(desk, account_id, received, to_handler(2))
    with desk.sessions() as session:
        invitation_id = desk.invitation_of(account_id, received).id
        shown = read_invitation(session, account_id=account_id, invitation_id=invitation_id)
    (told,) = [one for one in shown["timeline"] if one["event"] == REATTRIBUTED]
    assert (told["before"], told["after"], told["by"]) == ("bob", "ada", "key pc_1 tests")


def test_the_same_again_changes_and_tells_nothing(desk: Desk, account_id: UUID, received: Received) -> None:
    first = decide(desk, account_id, received, to_handler(2))
    desk.roll_up()
    assert decide(desk, account_id, received, to_handler(2)) == first
    assert desk.stale() == 0
    with desk.sessions() as session:
        assert len(audited(session, account_id, action=REATTRIBUTED, before=None, limit=5)) == 1


def test_who_pages_through_responses_sees_it_again(desk: Desk, account_id: UUID, received: Received) -> None:
    def change() -> int:
        return desk.invitation_of(account_id, received).change

    before = change()
    decide(desk, account_id, received, to_handler(2))
    assert change() > before


def test_resolving_leaves_whom_a_person_has_named(desk: Desk, account_id: UUID, received: Received) -> None:
    decide(desk, account_id, received, to_agent("bob", name="Bob himself"))
    know(desk, account_id, "bob", "robert")
    assert resolve(desk, account_id) == (0, 0)
    assert read(desk, account_id, received)["agent"]["id"] == "bob"


def test_resolving_follows_the_handler_whom_a_person_has_chosen(
    desk: Desk, account_id: UUID, received: Received
) -> None:
    """They said whose part it was; who that is, is the roster's to say."""
    decide(desk, account_id, received, to_handler(2))
    know(desk, account_id, "ada", "lovelace")
    know(desk, account_id, "bob", "robert")
    assert resolve(desk, account_id) == (0, 1)
    assert counts(read(desk, account_id, received)) == ("lovelace", "handler", 2)
    assert counts(decide(desk, account_id, received, BY_RULE)) == ("robert", "last", 3)


@pytest.mark.parametrize("decision", [to_handler(1), to_agent("bob")], ids=["handler", "agent"])
def test_reports_and_amendments_leave_what_a_person_has_decided(
    desk: Desk, account_id: UUID, decision: Decision
) -> None:
    """Even before the customer is asked."""
    desk.hang_up(account_id, ended_at=NOON, agent_id="bob")
    received = hang_up(desk, account_id, FRONT, ADA)
    stood = decide(desk, account_id, received, decision)["agent"]
    amended = amend(desk, account_id, received, handlers=[*ALL], wrap_seconds=5)
    assert (amended["agent"], len(amended["handlers"])) == (stood, 3)
    report = desk.call_end(call_id="x", agent_id="eve", handlers=(FRONT, ADA, BOB, Handler("eve")))
    with desk.sessions.begin() as session:
        call_id = UUID(received.call["id"])
        add_report(session, account_id, call_id, report, zone=ZoneInfo("UTC"), survey=None)
    call = read(desk, account_id, received)
    assert (call["agent"], len(call["handlers"])) == (stood, 4)
    # the rule's choice was among those who were known when the customer was decided on
    assert counts(decide(desk, account_id, received, BY_RULE))[0] == "ada"


def test_an_agent_who_is_reported_later_does_not_take_the_place_of_whom_a_person_has_named(
    desk: Desk, account_id: UUID
) -> None:
    desk.hang_up(account_id, ended_at=NOON, agent_id="bob")
    received = desk.hang_up(account_id, ended_at=NOON, agent_id=None, answered_at=ago(80), team=None)
    decide(desk, account_id, received, to_agent("bob"))
    call = amend(desk, account_id, received, agent={"id": "ada", "team": "blue"})
    assert (call["agent"]["id"], call["agent"]["team"], call["platform_agent_id"]) == ("bob", None, "ada")
    assert decide(desk, account_id, received, BY_RULE)["agent"]["id"] == "ada"


@pytest.mark.parametrize(
    ("decision", "field"),
    [(to_handler(4), "handler"), (to_agent("nobody"), "agent.id")],
    ids=["handler", "agent"],
)
def test_who_cannot_be_meant_is_refused(
    desk: Desk, account_id: UUID, received: Received, decision: Decision, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        decide(desk, account_id, received, decision)
    assert refused.value.fields.keys() == {field}


def test_taken_back_it_counts_by_the_rule_where_nobody_was_known_before(desk: Desk, account_id: UUID) -> None:
    """A person was first, and whoever had it became known later."""
    desk.hang_up(account_id, ended_at=NOON, agent_id="zoe")
    received = hang_up(desk, account_id, answered_at=ago(400))
    decide(desk, account_id, received, to_agent("zoe"))
    assert counts(amend(desk, account_id, received, handlers=[*ALL])) == ("zoe", "agent", None)
    assert counts(decide(desk, account_id, received, BY_RULE)) == ("bob", "last", 3)


def test_taken_back_it_counts_by_the_rule_where_whom_it_had_chosen_is_a_handler_no_more(
    desk: Desk, account_id: UUID, received: Received
) -> None:
    decide(desk, account_id, received, to_handler(2))
    assert counts(amend(desk, account_id, received, handlers=[ADA, FRONT])) == ("ada", "handler", 1)
    assert counts(decide(desk, account_id, received, BY_RULE)) == ("front", "last", 2)


def test_taken_back_an_agent_has_what_was_told_of_them_after_the_call(desk: Desk, account_id: UUID) -> None:
    received = hang_up(desk, account_id, ADA, Handler("bob", started_at=ago(60), talk_seconds=55))
    before = amend(desk, account_id, received, agent={"id": "bob", "team": "red", "vendor": "south"})
    decide(desk, account_id, received, to_handler(1))
    after = decide(desk, account_id, received, BY_RULE)
    assert (after["agent"], after["agent"]["team"]) == (before["agent"], "red")


def test_a_report_that_completes_a_call_at_that_moment_leaves_what_a_person_has_decided(
    desk: Desk, account_id: UUID
) -> None:
    """One that is known by the survey in it."""
    desk.hang_up(account_id, ended_at=NOON, agent_id="bob")
    received = desk.hang_up(account_id, call_id="one", ended_at=NOON, agent_id="101", team=None)
    invitation_id = desk.invitation_of(account_id, received).id
    with desk.sessions.begin() as session:
        begin_phone_survey(
            session,
            account_id,
            invitation_id=invitation_id,
            message_id=None,
            provider_account="AC1",
            call_sid="CA1",
            answered_by=None,
            awaits_report=True,
        )
    asking, report = desk.asking(account_id), desk.call_end(call_id="one", ended_at=NOON, agent_id="ada")
    with desk.sessions() as session:
        call_id = UUID(received.call["id"])
        lock_invitation_of_call(session, account_id, call_id)
        with desk.meanwhile(
            lambda other: receive_call(other, asking=asking, call=report, body_hash=b"x")
        ) as completed:
            # by now it has read the call
            reattribute(
                session, account_id=account_id, actor="tests", call_id=call_id, decision=to_agent("bob")
            )
            session.commit()
        assert completed.result().created
    assert counts(read(desk, account_id, received)) == ("bob", "agent", None)
    assert ledger(desk, account_id) == {"bob": (2, 0)}


def test_a_call_of_another_account_is_not_there(desk: Desk, account_id: UUID, received: Received) -> None:
    with pytest.raises(NotFound):
        decide(desk, desk.account(), received, to_handler(1))
    with pytest.raises(NotFound), desk.sessions() as session:
        reattribute(session, account_id=account_id, actor="x", call_id=new_id(), decision=BY_RULE)


def test_a_test_call_marks_no_cell(desk: Desk, account_id: UUID) -> None:
    received = hang_up(desk, account_id, *ALL, is_test=True)
    desk.roll_up()
    decide(desk, account_id, received, to_handler(1))
    assert desk.stale() == 0


def test_who_has_not_been_asked_yet_is_asked_about_the_one_it_counts_for_now(
    desk: Desk, account_id: UUID
) -> None:
    received = hang_up(desk, account_id, *ALL)

    def asked_of_last() -> bool:
        (message,) = desk.messages(account_id, received)
        return "the last person you spoke to" in (message.body or "")

    assert asked_of_last()
    call = decide(desk, account_id, received, to_handler(1))
    assert (call["transferred_from"], call["transferred_to"], asked_of_last()) == (None, "ada", False)
    call = decide(desk, account_id, received, BY_RULE)
    assert (call["transferred_from"], call["transferred_to"], asked_of_last()) == ("ada", None, True)


def test_who_was_asked_already_was_asked_about_the_last(desk: Desk, account_id: UUID) -> None:
    received = hang_up(desk, account_id, *ALL)
    desk.deliver(account_id, received)
    call = decide(desk, account_id, received, to_handler(1))
    assert (call["transferred_from"], call["transferred_to"]) == ("ada", None)


def test_an_answer_that_comes_meanwhile_counts_where_the_call_does(desk: Desk, account_id: UUID) -> None:
    received = hang_up(desk, account_id, *ALL)
    desk.deliver(account_id, received)

    def work(session: Session, number: int) -> None:
        if number:
            write_answers(session, account_id, received, csat=4)
        else:
            call_id = UUID(received.call["id"])
            reattribute(
                session, account_id=account_id, actor="tests", call_id=call_id, decision=to_handler(2)
            )

    desk.at_once(2, work)
    assert ledger(desk, account_id) == {"ada": (1, 1)}
