"""FreeSWITCH's CDRs: two legs are one call, however they are encoded and in whichever order they come."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations
from typing import Any, cast
from urllib.parse import quote

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from app.db import run_unit
from app.store.base import database_now
from app.store.connection_events import ConnectionEvent
from tests.platforms.senders import FORM, JSON, Line, basic, payload
from tests.web.conftest import ACCOUNT_SID, NUMBER, PHONE, Api
from tests.web.test_voice_hooks import post as post_voice
from workers.parts import WorkerParts
from workers.upkeep import close

CALLER, AGENT = "freeswitch_a.json", "freeswitch_b.json"


def test_a_cdr_is_a_call(api: Api) -> None:
    line = Line(api, "freeswitch")
    answer = line.post(payload(CALLER), query="uuid=44dc566a-3657-4fa8-872d-81839524157e")
    assert (answer.status_code, answer.json and answer.json["reason"]) == (200, "invited")
    call = line.call
    assert (call.call_id, call.direction) == ("44dc566a-3657-4fa8-872d-81839524157e", "inbound")
    assert (call.agent_id, call.queue) == ("1001@default", "billing@default")
    assert (call.talk_seconds, call.wait_seconds, call.hold_seconds) == (80, 30, 7)
    assert call.ended_by == "customer"
    assert call.phone_contact_id is not None


@pytest.mark.parametrize("kind", ["json", "json labelled as a form", "form", "base64"])
def test_however_it_is_encoded(api: Api, kind: str) -> None:
    body = payload(CALLER)
    encoded, label = {
        "json": (body, JSON),
        "json labelled as a form": (body, FORM),
        "form": (b"cdr=" + quote(body, safe="").encode(), FORM),
        "base64": (b"cdr=" + base64.b64encode(body), "application/x-www-form-base64-encoded"),
    }[kind]
    line = Line(api, "freeswitch")
    line.post(encoded, content_type=label)
    assert line.events == [("accepted", "invited")]
    assert line.call.talk_seconds == 80


def without(body: bytes, *names: str) -> bytes:
    for name in names:
        body = body.replace(f'"{name}"'.encode(), f'"not_{name}"'.encode())
    return body


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_legs_in_any_order_and_any_number_of_times_are_one_call(api: Api, order: tuple[int, ...]) -> None:
    caller = without(payload(CALLER), "cc_agent")
    agent = payload(AGENT)
    nobody = agent.replace(b'"billsec":"80"', b'"billsec":"0"').replace(b"ba27d90e", b"cb38ea1f")
    line = Line(api, "freeswitch")
    for number in (*order, *order):
        assert line.post((caller, agent, nobody)[number]).status_code == 200
    call = line.call
    assert (call.agent_id, call.talk_seconds, call.queue) == ("101", 80, "billing@default")
    assert (call.transferred_from, call.phone_contact_id is None) == (None, False)
    assert line.invitation.state == "scheduled"
    assert ("ignored", "not_answered_leg") in line.events


@dataclass
class Parts:
    """What the worker's tick needs of a worker."""

    sessions: sessionmaker[Session]

    def unit(self, work: Callable[..., Any], *args: Any) -> Any:
        return run_unit(self.sessions, work, *args)


def test_a_leg_without_its_call_waits_and_is_decided_in_the_end(api: Api) -> None:
    line = Line(api, "freeswitch")
    line.post(payload(AGENT))
    close(cast(WorkerParts, Parts(api.sessions)))
    assert (line.events, line.calls) == ([("accepted", "waiting")], [])
    with api.sessions.begin() as session:
        session.execute(update(ConnectionEvent).values(decide_at=database_now(session)))
    for _ in range(2):
        close(cast(WorkerParts, Parts(api.sessions)))
    assert (line.call.agent_id, line.invitation.skip_reason) == ("101", "no_contact")
    assert line.events == [("accepted", "skipped")]
    line.post(payload(CALLER))
    assert (line.call.queue, line.events[0]) == ("billing@default", ("accepted", "completed"))


def test_of_whom_is_forgotten_meanwhile_nothing_comes(api: Api) -> None:
    line = Line(api, "freeswitch")
    line.post(payload(AGENT))
    with api.sessions.begin() as session:
        session.execute(update(ConnectionEvent).values(decide_at=database_now(session), content=None))
    close(cast(WorkerParts, Parts(api.sessions)))
    assert (line.calls, line.events) == ([], [("accepted", "forgotten")])
    with api.sessions() as session:
        assert session.scalars(select(ConnectionEvent.decide_at)).all() == [None]


@pytest.mark.parametrize("order", list(permutations((CALLER, AGENT))))
def test_a_call_that_is_known_by_the_survey_in_it_is_completed(api: Api, order: tuple[str, ...]) -> None:
    line = Line(api, "freeswitch")
    address = f"survey?source={line.made['source']}&call_id=44dc566a-3657-4fa8-872d-81839524157e"
    said = {
        "CallSid": "CA" + "0123456789abcdef" * 2,
        "AccountSid": ACCOUNT_SID,
        "From": PHONE,
        "To": NUMBER,
        "CallStatus": "in-progress",
        "DialCallStatus": "completed",
    }
    assert post_voice(api, address, said).status_code == 200
    assert (line.call.queue, line.invitation.channel) == (None, "ivr")
    for name in order:
        line.post(without(payload(name), "cc_agent"))
    call = line.call
    assert (call.queue, call.agent_id, call.talk_seconds) == ("billing@default", "101", 80)
    assert line.invitation.state == "asked"


def test_nobody_was_talked_to_where_nothing_was_bridged(api: Api) -> None:
    line = Line(api, "freeswitch")
    line.post(without(payload(CALLER), "cc_agent", "bridge_epoch", "cc_queue_answered_epoch"))
    assert line.invitation.skip_reason == "not_answered"


def test_a_call_that_goes_out_has_its_customer_on_the_other_side(api: Api) -> None:
    body = payload(CALLER).replace(b'"cc_side":"member"', b'"call_direction":"outbound","user_name":"1007"')
    body = body.replace(b"+442079460000", b"+447700900555")
    line = Line(api, "freeswitch")
    line.post(without(body, "cc_agent"))
    assert (line.call.direction, line.call.agent_id, line.call.ended_by) == ("outbound", "1007", "agent")
    assert line.invitation.state == "scheduled"


def test_the_password_is_the_secret(api: Api) -> None:
    line = Line(api, "freeswitch")
    body = payload(CALLER)
    for headers in ({}, basic("wrong"), {"Authorization": "Basic ?"}, {"Authorization": "Digest x"}):
        assert line.post(body, headers).status_code == 403
    assert {reason for _, reason in line.events} == {"not_signed", "wrong_secret"}
    assert line.post(body, {"Authorization": f"Bearer {line.secret}"}).status_code == 200
