"""Why was this customer (not) asked, and what happened then? A call and its timeline answer."""

from typing import Any
from uuid import UUID

import pytest

from app.errors import NotFound
from app.flow.read_call import read_call, read_invitation
from app.flow.receive_call import receive_call
from app.ids import new_id
from app.web.json import dump_json
from tests.desk import Desk


def timeline(desk: Desk, account_id: UUID, invitation_id: UUID) -> dict[str, Any]:
    with desk.sessions() as session:
        return read_invitation(session, account_id=account_id, invitation_id=invitation_id)


def test_a_timeline_runs_from_the_call_to_the_answers_without_addresses_or_words(desk: Desk) -> None:
    account_id = desk.account()
    received = desk.hang_up(account_id, phone="+447700900123", customer_name="Zoë", ended_by="customer")
    desk.deliver(account_id, received)
    desk.answer(account_id, received, "kept waiting", csat=2, ownership=3)
    desk.answer(account_id, received, csat=4, nps=9)
    invitation = desk.invitation_of(account_id, received)
    shown = timeline(desk, account_id, invitation.id)
    assert (shown["status"], shown["delivered_basis"], shown["skipped"]) == ("finished", "receipt", None)
    events = [entry["event"] for entry in shown["timeline"]]
    assert events[:4] == ["call.ended", "call.received", "invitation.scheduled", "message.written"]
    assert events.index("message.delivered") < events.index("answer")
    assert [
        (entry["question"], entry["value"], entry["revision"], entry["current"])
        for entry in shown["timeline"]
        if entry["event"] == "answer" and entry["question"] == "csat"
    ] == [("csat", 2, 1, False), ("csat", 4, 2, True)]
    assert [entry["at"] for entry in shown["timeline"]] == sorted(entry["at"] for entry in shown["timeline"])
    told = dump_json(shown).decode()
    for secret in ("900123", "Zoë", "kept waiting"):
        assert secret not in told


def test_a_customer_lost_to_another_call_at_the_same_moment_is_explained(desk: Desk) -> None:
    account_id = desk.account()
    asking, calls = desk.asking(account_id), [desk.call_end(phone="+447700900123") for _ in range(2)]
    with desk.sessions() as other:
        receive_call(other, asking=asking, call=calls[0], body_hash=b"")
        with desk.meanwhile(lambda s: receive_call(s, asking=asking, call=calls[1], body_hash=b"")) as late:
            other.commit()
            received = late.result()
    shown = timeline(desk, account_id, desk.invitation_of(account_id, received).id)
    assert shown["skipped"] == {"reason": "survey_open"}
    assert all(check["passed"] for check in shown["decision"]["checks"])
    (decided,) = [entry for entry in shown["timeline"] if entry["event"] == "invitation.skipped"]
    assert "same moment" in decided["detail"]


def test_a_call_shows_its_decision_and_not_the_customers_address(desk: Desk) -> None:
    account_id = desk.account()
    received = desk.hang_up(
        account_id,
        phone="+447700900123",
        email="Someone@Example.org",
        customer_name="Zoë",
        customer_ref="C-1",
    )
    with desk.sessions() as session:
        shown = read_call(session, account_id=account_id, call_id=UUID(received.call["id"]))
    assert shown["invitation"] == received.invitation
    assert shown["skipped"] is None
    assert shown["customer"] == {
        "ref": "C-1",
        "name": "Zoë",
        "language": None,
        "timezone": None,
        "has_phone": True,
        "has_email": True,
    }
    told = dump_json(shown).decode()
    assert "900123" not in told
    assert "example.org" not in told.casefold()


def test_what_is_another_accounts_is_not_found(desk: Desk) -> None:
    ours, theirs = desk.account(), desk.account()
    received = desk.hang_up(theirs)
    invitation = desk.invitation_of(theirs, received)
    with desk.sessions() as session:
        for call_id in (UUID(received.call["id"]), new_id()):
            with pytest.raises(NotFound):
                read_call(session, account_id=ours, call_id=call_id)
        for invitation_id in (invitation.id, new_id()):
            with pytest.raises(NotFound):
                read_invitation(session, account_id=ours, invitation_id=invitation_id)
