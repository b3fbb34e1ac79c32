"""What is told of a call, after what Asterisk 22.10.1 said of real ones."""

from typing import Any

import pytest

from app.bridge.manager import PacketReader
from app.bridge.queue_calls import QueueCalls, Report
from tests.bridge.exchange import call, packet, recorded

NOW = 1_795_353_400.0


def told(said: bytes, calls: QueueCalls | None = None, now: float = NOW) -> list[Report]:
    calls = calls or QueueCalls()
    return [report for packet in PacketReader().feed(said) if (report := calls.report(packet, now))]


def short(reports: list[Report]) -> list[tuple[Any, ...]]:
    return [(one["Event"], one.get("MemberName"), one.get("Reason")) for one in reports]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("agent_hangs_up", [("AgentComplete", "Ada", "agent")]),
        ("caller_hangs_up", [("AgentComplete", "Ada", "caller")]),
        ("gives_up", [("QueueCallerAbandon", None, None), ("CallerHangup", None, None)]),
        ("time_out", [("QueueCallerAbandon", None, None), ("CallerHangup", None, None)]),
        ("overflow", [("QueueCallerAbandon", None, None), ("AgentComplete", "Ada", "agent")]),
        ("blind_to_queue", [("AgentComplete", "Ada", "transfer"), ("AgentComplete", "Ben", "agent")]),
        ("blind_to_somebody", [("AgentComplete", "Ada", "transfer"), ("CallerHangup", None, None)]),
        ("attended_to_queue", [("AgentComplete", "Ada", "transfer"), ("AgentComplete", "Ben", "agent")]),
    ],
)
def test_each_part_is_told_once_and_all_parts_name_one_call(name: str, parts: list[tuple[Any, ...]]) -> None:
    reports = told(recorded(name))
    assert short(reports) == parts
    assert len({one["Linkedid"] for one in reports}) == 1
    assert all(one["EndTime"] == "1795353400.000" for one in reports)


@pytest.mark.parametrize("name", ["agent_hangs_up", "caller_hangs_up", "blind_to_queue", "attended_to_queue"])
def test_every_agents_part_names_the_customer(name: str) -> None:
    reports = told(recorded(name))
    assert {one["CallerIDNum"] for one in reports} == {"+447700900123"}
    assert {one["ChanVariable"]["CUSTOMER_REF"] for one in reports} == {"c-77"}
    assert len({one["DestUniqueid"] for one in reports}) == len(reports)


def test_of_a_caller_who_is_gone_only_the_agents_channel_may_be_left() -> None:
    connect, complete, _ = (one + b"\r\n\r\n" for one in call().split(b"\r\n\r\n")[:3])
    of_caller = (b"Channel:", b"CallerIDNum:", b"Language:", b"Uniqueid:", b"Linkedid:")
    left = b"\r\n".join(line for line in complete.split(b"\r\n") if not line.startswith(of_caller))
    (known,) = told(connect + left)
    assert (known["Uniqueid"], known["CallerIDNum"]) == ("1795352587.1", "+447700900101")
    (unknown,) = told(left)  # connected before we listened
    assert unknown["Linkedid"] == "1795352587.1"


def test_two_calls_of_an_agent_at_once_are_told_apart_by_how_long_they_talked() -> None:
    connects = [call(number).split(b"\r\n\r\n")[0] + b"\r\n\r\n" for number in (1, 2)]
    calls = QueueCalls()
    told(connects[0], calls, NOW)
    told(connects[1], calls, NOW + 60)
    agent = {"Queue": "support", "Interface": "PJSIP/1001"}
    bare = packet(Event="AgentComplete", **agent, TalkTime="30", Reason="agent")
    (report,) = told(bare, calls, NOW + 90)
    assert report["Uniqueid"] == "1795352587.2"


def test_where_it_was_transferred_to_is_told() -> None:
    assert [one.get("TransferredTo") for one in told(recorded("blind_to_somebody"))] == ["700", "700"]


def test_its_own_time_is_taken_where_it_writes_one() -> None:
    (report,) = told(call(Timestamp="1795353001.250000"))
    assert report["EndTime"] == "1795353001.250000"


def test_transfers_and_hangups_of_other_calls_are_nobodys_business() -> None:
    others = [
        one
        for one in recorded("blind_to_somebody").split(b"\r\n\r\n")
        if one.startswith((b"Event: BlindTransfer", b"Event: Hangup"))
    ]
    assert told(b"\r\n\r\n".join(others) + b"\r\n\r\n") == []


def test_calls_that_never_end_are_forgotten() -> None:
    calls = QueueCalls()
    for number in range(10_050):
        told(call(number).split(b"\r\n\r\n")[0] + b"\r\n\r\n", calls)
    assert len(calls._talks) == len(calls._customers) == 10_000
