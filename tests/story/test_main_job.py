"""A call ends, the customer answers by text, a scorecard reads the agent's result: all of it, for real.

Real web server, real worker, real beat, PostgreSQL, Valkey; the carrier and the telephones are the simulator's.
"""

import os
import signal
import time
from typing import Any

import pytest

from tests.story.running import System, eventually, fresh_phone

# one system serves them all: they stay on one of xdist's workers
pytestmark = pytest.mark.xdist_group("story")


def agent_row(system: System, agent_id: str) -> dict[str, Any]:
    rows = system.read("/v1/results?group_by=agent")["rows"]
    return next((row for row in rows if row["agent"]["id"] == agent_id), {"calls": 0, "completed": 0})


def answer(system: System, phone: str, *replies: str) -> list[str]:
    """Reply to each text as it comes; the texts received in the end."""
    for number, reply in enumerate(replies, start=1):
        system.wait_for_texts(phone, number)
        system.reply(phone, reply)
    return system.wait_for_texts(phone, len(replies) + 1)


def test_replies_in_two_languages_become_the_figures_worked_out_by_hand(system: System) -> None:
    amy = {"id": "amy", "name": "Amy", "team": "blue", "vendor": "north"}
    bao = {"id": "bao", "name": "Bao", "team": "red", "vendor": "south"}
    english, unhappy = fresh_phone(), fresh_phone()
    chinese, mainland = fresh_phone("+65812"), fresh_phone("+86138001")
    for phone, language in ((english, "en"), (unhappy, "en-GB"), (chinese, "zh-CN")):
        assert (
            system.hang_up(phone=phone, language=language, agent=amy)["invitation"]["status"] == "scheduled"
        )
    system.hang_up(phone=mainland, language="zh-Hans", agent=bao)
    short = system.hang_up(phone=fresh_phone(), agent=bao, talk_seconds=5)
    assert short["skipped"] == {"reason": "too_short"}
    abandoned = system.hang_up(phone=fresh_phone(), agent=None, answered_at=None, talk_seconds=0)
    assert abandoned["skipped"] == {"reason": "not_answered"}

    system.wait_for_texts(english, 1)
    system.reply(english, "5 5 10")
    system.wait_for_texts(english, 2)
    system.reply(english, "Lovely \N{SMILING FACE WITH SMILING EYES}")
    texts = answer(system, unhappy, "2", "1", "0", "nobody called back")
    assert texts[3].startswith("Sorry we let you down.")
    texts = answer(system, chinese, "4", "非常愿意", "9", "很好")
    assert texts[0].startswith("【Postcall】您刚才来电")
    texts = answer(system, mainland, "非常满意", "3")
    assert texts[-1] == "【Postcall】已记录,谢谢您的评价!"

    row = eventually(lambda: agent_row(system, "amy"), lambda found: found["completed"] == 3)
    assert {name: row[name] for name in ("calls", "answered", "invited", "delivered", "responded")} == {
        "calls": 3,
        "answered": 3,
        "invited": 3,
        "delivered": 3,
        "responded": 3,
    }
    # csat 5, 2, 4: two of three; by Wilson's formula 20.77 to 93.85
    assert row["csat"]["histogram"] == {"1": 0, "2": 1, "3": 0, "4": 1, "5": 1}
    assert row["csat"]["score"] == 66.6667
    assert row["csat"]["mean"] == 3.6667
    interval = row["csat"]["interval"]
    assert (interval["low"], interval["high"]) == pytest.approx((20.7655, 93.8505), abs=1e-3)
    assert row["csat"]["evidence"] == "insufficient"
    assert row["csat"]["target"] == {
        "value": 80,
        "source": "house",
        "point_met": False,
        "verdict": "unproven",
    }
    # ownership 5, 1, 5; nps 10, 0, 9: two promoters, one detractor
    assert (row["ownership"]["score"], row["ownership"]["mean"]) == (66.6667, 3.6667)
    assert (row["nps"]["score"], row["nps"]["promoters"], row["nps"]["detractors"]) == (33.3333, 2, 1)

    row = eventually(lambda: agent_row(system, "bao"), lambda found: found["completed"] == 1)
    assert (row["calls"], row["answered"], row["invited"]) == (2, 2, 1)
    assert row["skipped"] == {"too_short": 1}
    assert row["rates"]["offer"]["value"] == 50
    assert (row["csat"]["score"], row["ownership"]["score"]) == (100, 0)
    assert row["nps"]["n"] == 0

    teams = {row["team"]: row for row in system.read("/v1/results?group_by=team")["rows"]}
    assert (teams["blue"]["csat"]["n"], teams["red"]["csat"]["n"]) == (3, 1)
    verbatims = system.read("/v1/agents/amy/verbatims")["items"]
    assert {one["text"] for one in verbatims} == {
        "Lovely \N{SMILING FACE WITH SMILING EYES}",
        "nobody called back",
        "很好",
    }
    responses = [one for one in system.read("/v1/responses")["items"] if one["agent"]["id"] in ("amy", "bao")]
    assert len(responses) == 4
    # thanks came once the customer had been quiet for a while
    assert len(system.wait_for_texts(unhappy, 5)) == 5


def test_results_that_did_not_change_are_not_sent_again(system: System) -> None:
    first = system.service("GET", "/v1/results?group_by=agent&from=2020-01-01&to=2020-01-31")
    tag = first.headers["ETag"]
    again = system.service(
        "GET", "/v1/results?group_by=agent&from=2020-01-01&to=2020-01-31", **{"If-None-Match": tag}
    )
    assert (again.status, again.data) == (304, b"")


def test_a_worker_killed_between_the_carriers_yes_and_our_commit_texts_nobody_twice(system: System) -> None:
    phones = [fresh_phone() for _ in range(10)]
    # accepted at once, answered late: whoever is killed in between has recorded nothing
    system.world("PUT", "/faults", {"latency": 2.5})
    for phone in phones:
        system.hang_up(phone=phone, agent={"id": "kim"})
    eventually(lambda: [len(system.ledger(phone)) for phone in phones], lambda found: sum(found) >= 5)
    os.kill(system.process("celery_app:celery worker"), signal.SIGKILL)
    system.world("DELETE", "/faults")
    invitations = eventually(
        lambda: [row for row in [agent_row(system, "kim")] if row["calls"] == 10 and row["delivered"] == 10],
        bool,
        60,
    )
    assert invitations
    assert [len(system.ledger(phone)) for phone in phones] == [1] * 10


def post_call(system: System, call_id: str, phone: str) -> tuple[int, float]:
    """(status, seconds) of a hang-up reported straight to the service."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    started = time.monotonic()
    answered = system.service(
        "POST",
        "/v1/calls",
        {
            "call_id": call_id,
            "direction": "inbound",
            "agent": {"id": "lee"},
            "customer": {"phone": phone},
            "talk_seconds": 60,
            "started_at": now,
            "ended_at": now,
        },
    )
    return answered.status, time.monotonic() - started


def test_a_frozen_broker_delays_texts_and_refuses_no_call(system: System) -> None:
    phones = [fresh_phone() for _ in range(5)]
    valkey = system.process("valkey-server")
    os.kill(valkey, signal.SIGSTOP)
    try:
        for phone in phones:
            status, seconds = post_call(system, f"frozen-{phone}", phone)
            assert status == 202
            assert seconds < 5  # waiting for the broker would take its time-outs, ten seconds and more
    finally:
        os.kill(valkey, signal.SIGCONT)
    for phone in phones:
        assert len(system.wait_for_texts(phone, 1)) == 1


def test_a_killed_broker_delays_texts_and_refuses_no_call(system: System) -> None:
    phones = [fresh_phone() for _ in range(5)]
    os.kill(system.process("valkey-server"), signal.SIGKILL)
    for phone in phones:
        status, seconds = post_call(system, f"down-{phone}", phone)
        assert status == 202
        assert seconds < 5  # waiting for the broker would take its time-outs, ten seconds and more
    for phone in phones:
        eventually(lambda phone=phone: system.texts_to(phone), lambda found: len(found) == 1, 60)


def test_pause_holds_sending_and_resume_lets_it_go(system: System) -> None:
    phone = fresh_phone()
    assert "Paused" in system.command("pause", "--all")
    try:
        invitation = system.hang_up(phone=phone, agent={"id": "mia"})["invitation"]
        eventually(
            lambda: system.http.request("GET", system.run["base_url"] + "/readyz").json(),
            lambda found: found["oldest_due_seconds"] > 1,
        )
        assert system.texts_to(phone) == []
        assert system.read(f"/v1/invitations/{invitation['id']}")["status"] == "scheduled"
    finally:
        assert "Resumed" in system.command("resume", "--all")
    assert len(system.wait_for_texts(phone, 1)) == 1


def test_keys_are_made_listed_and_revoked_at_the_shell(system: System) -> None:
    account = ("--account", "demonstration")
    key = system.command(
        "keys", "create", *account, "--name", "own", "--scope", "results:self", "--agent", "amy"
    )
    assert system.service("GET", "/v1/agents/amy/results", key=key.strip()).status == 200
    assert system.service("GET", "/v1/agents/bao/results", key=key.strip()).status == 404
    assert key.strip()[:11] in system.command("keys", "list", *account)
    system.command("keys", "revoke", key.strip()[:11], *account)
    eventually(
        lambda: system.service("GET", "/v1/agents/amy/results", key=key.strip()).status,
        lambda status: status == 401,
    )


def test_the_doctor_finds_nothing_wrong(system: System) -> None:
    said = system.command("doctor")
    assert " 0 failed" in said
    for line in (
        "workers: 1 on delivery, 1 on default",
        "beat: ticks",
        "signature: made over",
        "sender +1500",
    ):
        assert f"ok        {line}" in said, said
