"""Faults between a telephony platform and our commit."""

from threading import Barrier
from typing import Any

import pytest
import urllib3

from tests.faults.proxy import Line
from tests.faults.system import System
from tests.faults.trial import Trial

AT_ONCE = 50


def test_01_webhook_sent_twice_at_once(trial: Trial) -> None:
    call, barrier = trial.call(), Barrier(AT_ONCE)

    def report(_number: int) -> tuple[int, str]:
        barrier.wait(10)
        answer = trial.report(call)
        return answer.status, answer.json()["call"]["id"]

    told = trial.all_at_once(range(AT_ONCE), report, AT_ONCE)
    assert sorted(status for status, _ in told) == [200] * (AT_ONCE - 1) + [202]
    assert len({call_id for _, call_id in told}) == 1
    trial.settle()
    assert trial.nothing_but_one_text_each([call["customer"]["phone"]])


def test_02_same_call_id_different_body(system: System, trial: Trial) -> None:
    call = trial.call()
    first = trial.report(call)
    other = trial.report({**call, "talk_seconds": 30})
    assert (first.status, other.status) == (202, 409)
    assert first.json()["call"]["id"] in other.json()["detail"]
    # logged under the id that the caller was given, and nothing of the second is kept
    assert any(
        other.json()["request_id"] in line and "409" in line for line in system.log("web").splitlines()
    )
    assert trial.scalar("select talk_seconds from call where account_id = :account") == 90


@pytest.mark.long
def test_03_web_killed_before_commit(system: System, trial: Trial) -> None:
    call = trial.call()
    with Line(system.port_of("DATABASE_URL")) as line:
        system.restart("web", **system.through("DATABASE_URL", line.port))
        line.lose_commit(call["call_id"].encode(), instead=lambda: system.kill("web"))
        with pytest.raises(urllib3.exceptions.HTTPError):
            trial.report(call)
    assert trial.scalar("select count(*) from call where account_id = :account") == 0
    system.start("web")
    assert trial.report(call).status == 202
    trial.settle()
    assert trial.nothing_but_one_text_each([call["customer"]["phone"]])


def test_04_web_killed_after_commit(system: System, trial: Trial) -> None:
    calls = [trial.call()]
    while not killed_while_reporting(system, trial, calls[-1]):
        # a receipt of an earlier trial came to the trap before it
        assert len(calls) < 5
        calls.append(trial.call())
    phones = [call["customer"]["phone"] for call in calls]
    # nobody was answered and no bell was rung
    trial.wait_for_texts(phones[-1], 1)
    # another of the web server's processes is there at once
    assert trial.report_until_taken(calls[-1])["invitation"]["status"] in ("scheduled", "asked")
    assert trial.statuses == {200: 1} | ({202: len(calls) - 1} if len(calls) > 1 else {})
    trial.settle()
    assert trial.nothing_but_one_text_each(phones)


def killed_while_reporting(system: System, trial: Trial, call: dict[str, Any]) -> bool:
    system.trap("ring")
    try:
        trial.report(call)
    except urllib3.exceptions.HTTPError:
        return True
    finally:
        system.kills += 1
        assert system.sprung("ring")
    return False


@pytest.mark.long
def test_05_commit_reply_lost(system: System, trial: Trial) -> None:
    call = trial.call()
    with Line(system.port_of("DATABASE_URL")) as line:
        system.restart("web", **system.through("DATABASE_URL", line.port))
        line.lose_commit(call["call_id"].encode())
        assert trial.report(call).status == 503
        assert line.swallowed == 1
        assert trial.scalar("select count(*) from call where account_id = :account") == 1
        assert trial.report(call).status == 200
        trial.settle()
    assert trial.nothing_but_one_text_each([call["customer"]["phone"]])
