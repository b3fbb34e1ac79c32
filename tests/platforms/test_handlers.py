"""Transfers, as each platform tells of them: in whatever order, the same handlers, and the same one counts."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from sqlalchemy import select

from app.store.handlers import CallHandler
from tests.platforms.senders import FORM, JSON, TWILIO_TOKEN, Line, payload
from tests.web.conftest import Api

START = 1_772_445_600

Change = Callable[[dict[str, Any]], None]


def document(name: str, change: Change) -> bytes:
    content = json.loads(payload(name))
    change(content)
    return json.dumps(content).encode()


def fields(name: str, **changes: str) -> bytes:
    return urlencode(dict(parse_qsl(payload(name).decode(), keep_blank_values=True)) | changes).encode()


def genesys(agent: str, ended: int, talked: int, left: str = "TRANSFER") -> bytes:
    """`ended`: seconds before the conversation's end."""

    def change(event: dict[str, Any]) -> None:
        body = event["detail"]["eventBody"]
        body.update(userId=agent, sessionId=f"s-{agent}", disconnectType=left, queueId=f"q-{agent}")
        body.update(eventTime=body["eventTime"] - ended * 1000, interactingDurationMs=talked * 1000)

    return document("genesys_user_end.json", change)


def connect(contact: str, agent: str, took: str, ended: str, event: str = "DISCONNECTED") -> bytes:
    def change(content: dict[str, Any]) -> None:
        detail = content["detail"]
        detail.update(contactId=contact, eventType=event, disconnectTimestamp=ended)
        detail["agentInfo"].update(agentArn=f"arn:x/agent/{agent}", connectedToAgentTimestamp=took)

    return document("amazon_connect.json", change)


def dialled(agent: str, took: int, ended: int) -> bytes:
    """A leg of FreeSWITCH's, in seconds from the call's start."""
    content = json.loads(payload("freeswitch_b.json", START))
    variables = content["variables"]
    variables.update(uuid=f"leg-{agent}-{took}", cc_agent=agent, billsec=str(ended - took))
    for name, second in (("start", took), ("answer", took), ("end", ended)):
        variables[f"{name}_epoch"] = str(START + second)
    return json.dumps(content).encode()


def reservation(worker: str, sid: str, ended: int, event: str = "reservation.wrapup") -> bytes:
    changes = {"WorkerSid": worker, "ReservationSid": sid, "EventType": event, "TaskAge": str(ended)}
    return fields("twilio_taskrouter.form", **changes, Timestamp=str(START + ended))


def member(name: str, reason: str, ended: int, talked: int) -> bytes:
    changes = {"Interface": name, "MemberName": name, "Reason": reason, "DestUniqueid": f"d-{name}"}
    return fields("asterisk.form", **changes, EndTime=str(START + ended), TalkTime=str(talked))


@dataclass
class Told:
    """What came of a call: its handlers as (agent, talk), and (agent, position, why, before, after)."""

    handlers: list[tuple[str, int | None]]
    counts: tuple[Any, ...]
    talked: int | None


def tell(api: Api, line: Line) -> Told:
    call = line.call
    with api.sessions() as session:
        query = select(CallHandler).where(CallHandler.call_id == call.id).order_by(CallHandler.position)
        rows = session.scalars(query).all()
    position = next((one.position for one in rows if one.counts and one.chosen), None)
    return Told(
        [(one.platform_agent_id, one.talk_seconds) for one in rows],
        (call.agent_id, position, call.attributed_by, call.transferred_from, call.transferred_to),
        call.talk_seconds,
    )


def at(minute: int, second: int = 0) -> str:
    return f"2026-03-02T10:{minute:02}:{second:02}.000Z"


CASES: dict[str, tuple[str, list[bytes], Told]] = {
    "genesys": (
        "genesys",
        [genesys("u-1", 200, 20), genesys("u-2", 30, 160), genesys("u-3", 0, 25, left="PEER")],
        Told([("u-1", 20), ("u-2", 160), ("u-3", 25)], ("u-2", 2, "last", "u-1", "u-3"), 160),
    ),
    "amazon connect, with the work after it": (
        "amazon_connect",
        [
            connect("c-1", "a-1", at(0), at(2)),
            connect("c-2", "a-2", at(2, 30), at(5)),
            connect("c-1", "a-1", at(0), at(2), "COMPLETED"),
        ],
        Told([("a-1", 120), ("a-2", 150)], ("a-2", 2, "last", "a-1", None), 150),
    ),
    "freeswitch, an agent twice": (
        "freeswitch",
        [
            dialled("1001@default", 5, 45),
            dialled("1002@default", 45, 95),
            dialled("1001@default", 95, 110),
            payload("freeswitch_a.json", START),
        ],
        Told(
            [("1001@default", 40), ("1002@default", 50), ("1001@default", 15)],
            ("1001@default", 3, "last", "1002@default", None),
            15,
        ),
    ),
    "taskrouter, whose first worker worked on": (
        "twilio_taskrouter",
        [
            reservation("WK1", "WR1", 40),
            reservation("WK2", "WR2", 90),
            reservation("WK1", "WR1", 95, "reservation.completed"),
        ],
        Told([("WK1", None), ("WK2", None)], ("WK2", 2, "last", "WK1", None), None),
    ),
    "asterisk": (
        "asterisk",
        [member("PJSIP/1", "transfer", 60, 50), member("PJSIP/2", "agent", 140, 70)],
        Told([("PJSIP/1", 50), ("PJSIP/2", 70)], ("PJSIP/2", 2, "last", "PJSIP/1", None), 70),
    ),
}


def post(line: Line, body: bytes) -> None:
    kind = FORM if line.platform in ("twilio_taskrouter", "asterisk") else JSON
    assert line.post(body, content_type=kind).status_code in (200, 204)


@pytest.mark.parametrize("case", CASES)
def test_transfers_in_any_order(api: Api, case: str) -> None:
    """Of many orders some: tests/domain/test_legs.py has them all."""
    platform, events, expected = CASES[case]
    secret = TWILIO_TOKEN if platform == "twilio_taskrouter" else None
    every = list(permutations(events))
    for order in every[:: max(1, len(every) // 6)]:
        line = Line(api, platform, secret=secret)
        for body in (*order, order[0]):
            post(line, body)
        assert tell(api, line) == expected, [events.index(body) for body in order]


def test_a_generic_report_lists_them_as_the_api_does(api: Api) -> None:
    """Read leniently: a call is never lost for what is wrong with one of its handlers."""
    now = time.time()
    parts: list[Any] = [
        {"agent": {"id": "ada"}, "queue": "billing", "talk_seconds": "80"},
        {
            "agent": {"id": "bob", "name": "Bob"},
            "started_at": now - 20,
            "ended_at": now + 500,
            "talk_seconds": 9_999,
        },
        {"agent": {"name": "nobody"}, "talk_seconds": 50},
        {"agent": "eve"},
        None,
    ]
    report = {"call_id": "c-1", "direction": "inbound", "started_at": now - 100, "ended_at": now}
    line = Line(api, "generic")
    post(line, json.dumps({**report, "agent": {"id": "zoe"}, "handlers": parts}).encode())
    told = tell(api, line)
    assert told.handlers == [("ada", 80), ("bob", None)]
    assert told.counts == ("bob", 2, "last", "ada", None)


def test_a_generic_report_that_lists_one_names_the_agent(api: Api) -> None:
    line = Line(api, "generic")
    post(line, b'{"call_id": "c-1", "handlers": [{"agent": {"id": "ada", "team": "blue"}}]}')
    assert (tell(api, line).handlers, line.call.agent_id, line.call.team) == ([], "ada", "blue")
