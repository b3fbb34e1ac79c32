"""From an exchange to the service: every call that ended, once, whatever breaks in between."""

import json
import os
import re
import signal
import socket
import time
from pathlib import Path

import pytest

from app.bridge.spool import Spool
from app.errors import ConfigurationError
from tests.bridge.conftest import Bridge, Door, until
from tests.bridge.exchange import Exchange, call, numbers_in, packet, recorded


def test_a_call_that_ended_is_a_call(bridge: Bridge, exchange: Exchange) -> None:
    bridge.open()
    exchange.say(recorded("caller_hangs_up"))
    bridge.delivered()
    ended = bridge.line.call
    assert (ended.agent_id, ended.agent_name, ended.queue) == ("Local/ada@agents/n", "Ada", "support")
    assert (ended.talk_seconds, ended.ended_by, ended.customer_ref) == (73, "customer", "c-77")
    assert bridge.line.invitation.state == "scheduled"
    assert list(bridge.folder.glob("*.json")) == []


@pytest.mark.parametrize("name", ["agent_hangs_up", "overflow", "blind_to_queue", "attended_to_queue"])
def test_parts_of_a_call_are_one_call_and_its_customer_is_asked(
    bridge: Bridge, exchange: Exchange, name: str
) -> None:
    bridge.open()
    exchange.say(recorded(name))
    until(lambda: bridge.line.calls)
    bridge.delivered()
    agents = {"overflow": "Local/ada@agents/n", "agent_hangs_up": "Local/ada@agents/n"}
    assert bridge.line.call.agent_id == agents.get(name, "Local/ben@agents/n")
    assert bridge.line.invitation.state == "scheduled"


@pytest.mark.parametrize("name", ["gives_up", "time_out"])
def test_who_gave_up_is_not_asked(bridge: Bridge, exchange: Exchange, name: str) -> None:
    bridge.open()
    exchange.say(recorded(name))
    until(lambda: bridge.line.calls)
    assert bridge.line.invitation.skip_reason == "not_answered"
    bridge.delivered()


def test_a_transferred_caller_is_asked_when_they_hang_up(bridge: Bridge, exchange: Exchange) -> None:
    said = recorded("blind_to_somebody")
    end = said.rindex(b"Event: Hangup\r\nPrivilege: call,all\r\nChannel: Local/long@phones-")
    end = said.rindex(b"Event: Hangup", 0, end)
    bridge.open()
    exchange.say(said[:end])
    until(lambda: ("accepted", "waiting") in bridge.line.events)
    assert bridge.line.calls == []
    exchange.say(said[end:])
    until(lambda: bridge.line.calls)
    bridge.delivered()
    assert (bridge.line.call.agent_name, bridge.line.call.talk_seconds) == ("Ada", 73)
    assert bridge.line.invitation.state == "scheduled"


def test_however_slowly_and_in_however_many_pieces_it_comes(bridge: Bridge, exchange: Exchange) -> None:
    bridge.open()
    said = (
        b"no packet at all\r\n\xff\xfe\r\n\r\n"
        + packet(Event="VarSet", Value="x" * 300_000)
        + call(1)
        + call(2)
    )
    exchange.say(*(said[at : at + 7919] for at in range(0, len(said), 7919)))
    exchange.say(*(bytes([byte]) for byte in call(3)))
    until(lambda: len(bridge.line.calls) == 3)
    bridge.delivered()
    assert len(bridge.door.posts) == 3


@pytest.mark.parametrize("trouble", [503, 500, 429, 404, 302, 200])
def test_what_is_not_taken_now_is_brought_again(
    bridge: Bridge, exchange: Exchange, door: Door, trouble: int
) -> None:
    door.says = [trouble, trouble]
    bridge.open()
    exchange.say(call(1) + call(2))
    until(lambda: len(bridge.line.calls) == 2)
    bridge.delivered()


def test_a_service_that_is_not_there_is_waited_for(bridge: Bridge, exchange: Exchange) -> None:
    there = bridge.url
    with socket.create_server(("127.0.0.1", 0)) as free:
        bridge.url = f"http://127.0.0.1:{free.getsockname()[1]}{bridge.line.path}"
    bridge.open()
    exchange.say(call(1) + call(2))
    until(lambda: len(bridge.spool.waiting()) == 2)
    bridge.close()
    bridge.url = there
    bridge.open()
    until(lambda: len(bridge.line.calls) == 2)
    bridge.delivered()


def test_an_answer_that_was_lost_doubles_nothing(bridge: Bridge, exchange: Exchange, door: Door) -> None:
    door.lost = 2
    bridge.open()
    exchange.say(call())
    until(lambda: len(door.posts) == 3)
    bridge.delivered()
    assert len(set(door.posts)) == 1
    assert bridge.line.call.call_id == "1795352587.1"


def test_what_is_refused_is_kept_aside_and_the_next_is_brought(
    bridge: Bridge, exchange: Exchange, door: Door, capfd: pytest.CaptureFixture[str]
) -> None:
    door.says = [413]
    bridge.open()
    exchange.say(call(1) + call(2))
    until(lambda: bridge.line.calls)
    bridge.delivered()
    (kept,) = (bridge.folder / "refused").iterdir()
    assert json.loads(kept.read_bytes())["Uniqueid"] == "1795352587.1"
    assert bridge.line.call.call_id == "1795352587.2"


def test_a_wrong_secret_loses_nothing(bridge: Bridge, exchange: Exchange) -> None:
    bridge.secret = "another"
    bridge.open()
    exchange.say(call())
    until(lambda: ("refused", "wrong_secret") in bridge.line.events)
    bridge.close()
    assert len(bridge.spool.waiting()) == 1
    bridge.secret = ""
    bridge.open()
    bridge.delivered()
    assert bridge.line.call


def test_a_line_that_breaks_within_a_packet_is_made_again(bridge: Bridge, exchange: Exchange) -> None:
    bridge.open()
    exchange.say(call(1), call(2)[:-70])
    until(lambda: bridge.line.calls)
    exchange.hang_up()
    exchange.waits_for_login(2)
    exchange.say(call(3))
    until(lambda: len(bridge.line.calls) == 2)
    bridge.delivered()


def ended(number: int, ago: float, event: str = "COMPLETEAGENT") -> str:
    at, caller = int(time.time() - ago), f"1795352587.{number}"
    return (
        f"{at}|{caller}|support|NONE|ENTERQUEUE||+4477009001{number:02}|1\n"
        f"{at}|{caller}|support|Ada|CONNECT|12|1795352588.{number}|3\n"
        f"{at}|{caller}|support|Ada|{event}|12|75|1\n"
    )


def test_what_ended_while_nobody_listened_is_read_from_queue_log_and_only_that(
    bridge: Bridge, exchange: Exchange, tmp_path: Path
) -> None:
    bridge.queue_log = tmp_path / "queue_log"
    bridge.queue_log.write_text(ended(9, ago=3600))
    exchange.members = [("support", "Ada", "PJSIP/1001")]
    bridge.open()
    exchange.say(call(1))
    until(lambda: bridge.line.calls)
    bridge.delivered()
    bridge.close()
    with bridge.queue_log.open("a") as log:
        log.write(ended(1, ago=0) + ended(2, ago=0))
    bridge.open()
    exchange.waits_for_login(2)
    # the manager may tell of it too, behind our back
    exchange.say(call(2), call(3))
    until(lambda: len(bridge.line.calls) == 3)
    bridge.delivered()
    assert [one.call_id for one in bridge.line.calls] == [f"1795352587.{number}" for number in (1, 2, 3)]
    assert {one.agent_id for one in bridge.line.calls} == {"PJSIP/1001"}
    assert len(bridge.door.posts) == 3


def test_killed_while_the_service_is_away_it_goes_on_where_it_was(
    bridge: Bridge, exchange: Exchange, door: Door
) -> None:
    door.says = [503] * 100
    process = bridge.process()
    exchange.say(call(1) + call(2))
    until(lambda: len(bridge.spool.waiting()) == 2 and door.posts)
    process.kill()
    process.wait()
    door.says = []
    again = bridge.process("--once")
    assert again.wait(20) == 0
    assert len(bridge.line.calls) == 2


def test_term_ends_it_at_once_and_keeps_what_is_on_its_way(
    bridge: Bridge, exchange: Exchange, door: Door
) -> None:
    door.slow.set()
    process = bridge.process()
    exchange.say(call(1) + call(2))
    until(lambda: len(bridge.spool.waiting()) == 2 and door.posts)
    process.terminate()
    _, said = process.communicate(timeout=10)
    assert process.returncode == 0
    assert json.loads(said.splitlines()[-1])["waiting"] == 2
    assert numbers_in(said) == []
    assert '"call_id":"1795352587.1"' in said
    door.slow.clear()
    bridge.open()
    until(lambda: len(bridge.line.calls) == 2)
    bridge.delivered()


def test_a_check_says_what_is_wrong_and_needs_nothing_of_the_services(
    bridge: Bridge, exchange: Exchange
) -> None:
    process = bridge.process("--check")
    said, _ = process.communicate(timeout=20)
    assert (process.returncode, "The service takes our reports." in said) == (0, True)
    assert bridge.line.events == [("ignored", "not_final")]
    exchange.password = "changed"
    _, error = bridge.process("--check").communicate(timeout=20)
    assert "Asterisk refuses the login of postcall: Authentication failed" in error


def test_once_it_leaves_what_the_service_does_not_take(bridge: Bridge, door: Door) -> None:
    bridge.spool.keep(b'{"Event": "AgentComplete"}')
    door.says = [503]
    assert bridge.process("--once").wait(20) == 1
    assert len(bridge.spool.waiting()) == 1


def test_once_it_delivers_whether_asterisk_is_there_or_not(bridge: Bridge, exchange: Exchange) -> None:
    bridge.spool.keep(b'{"Event": "AgentComplete", "Linkedid": "1.1"}')
    exchange.password = "changed"
    assert bridge.process("--once").wait(20) == 1
    assert bridge.spool.waiting() == []
    assert bridge.line.call.call_id == "1.1"


def test_two_bridges_never_share_a_spool(tmp_path: Path) -> None:
    with (
        Spool(tmp_path).held(),
        pytest.raises(ConfigurationError, match="another bridge"),
        Spool(tmp_path).held(),
    ):
        pass


def test_the_spool_is_its_owners_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.keep(b"a telephone number")
    (report,) = spool.waiting()
    assert [oct(path.stat().st_mode)[-3:] for path in (report.parent, report)] == ["700", "600"]


def test_while_the_disk_takes_nothing_nothing_is_lost(
    bridge: Bridge, exchange: Exchange, capsys: pytest.CaptureFixture[str]
) -> None:
    bridge.open()
    exchange.waits_for_login(1)
    away = bridge.folder.rename(bridge.folder.with_name("away"))
    exchange.say(call(1) + call(2))
    until(lambda: "the spool can't be written" in capsys.readouterr().out)
    away.rename(bridge.folder)
    until(lambda: len(bridge.line.calls) == 2)
    bridge.delivered()


def test_its_figures_are_told_on_this_machine(bridge: Bridge, exchange: Exchange, door: Door) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    door.says = [413]
    process = bridge.process(f"--metrics-port={port}")
    exchange.say(call(1) + call(2))
    until(lambda: bridge.line.calls and not bridge.spool.waiting())
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        said = b"".join(iter(lambda: line.recv(65536), b"")).decode()
    figures = dict(re.findall(r"^(postcall_bridge\S+) (\S+)$", said, re.MULTILINE))
    assert figures["postcall_bridge_connected"] == "1.0"
    assert figures['postcall_bridge_events_total{event="AgentComplete"}'] == "2.0"
    assert figures['postcall_bridge_deliveries_total{said="refused"}'] == "1.0"
    assert (figures["postcall_bridge_waiting"], figures["postcall_bridge_refused"]) == ("0.0", "1.0")
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(10) == 0
