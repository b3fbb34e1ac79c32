"""What was seen is judged by rules alone: right in every case, with nothing to start for it."""

import dataclasses
import threading
from typing import Any

import pytest

from app.broker import make_celery
from app.channels.twilio_account import NumberFacts
from app.checkup.broker import judge_queues, judge_redis
from app.checkup.clock import judge_skew
from app.checkup.database import WORKER_CONNECTIONS, DatabaseFacts, judge_database, judge_migrations
from app.checkup.finding import Finding, State, ok
from app.checkup.public_address import judge_certificate
from app.checkup.rounds import Check, examine
from app.checkup.senders import SenderToLookAt, judge_number
from app.checkup.sending import judge_accounts
from app.checkup.signature import judge_signature
from app.errors import NotFound
from app.store.readiness import Readiness
from tests.checkup.test_settings_rules import GOOD
from workers.parts import WorkerParts

HOOK = "https://survey.example/hooks/twilio/inbound"
FACTS = DatabaseFacts(
    version=170_002,
    encoding="UTF8",
    isolation="read committed",
    read_only=False,
    fsync=True,
    clock_shift="",
    superuser=False,
    free_connections=97,
    max_connections=100,
    idle_in_transaction=0,
)
INFO = {
    "redis_version": "7.2.4",
    "maxmemory_policy": "noeviction",
    "used_memory": 10,
    "maxmemory": 0,
    "role": "master",
}
SENDER = SenderToLookAt("sender +15005550006", "AC" + "0" * 32, "token", "+15005550006", None)
NUMBER = NumberFacts(takes_texts=True, url=HOOK, method="POST", fallback_url=HOOK, application=False)
READY = Readiness(
    account="acme",
    survey="on",
    needs_no_sender=False,
    has_sender=True,
    has_key=True,
    paused=False,
    dry_runs=0,
    unmapped=0,
    held=(),
)


def states(found: list[Finding]) -> list[State]:
    return [one.state for one in found]


@pytest.mark.parametrize(
    ("changes", "state", "said"),
    [
        ({}, State.OK, "PostgreSQL 17"),
        ({"version": 140_009}, State.FAILED, "PostgreSQL 14"),
        ({"encoding": "SQL_ASCII"}, State.FAILED, "SQL_ASCII"),
        ({"isolation": "serializable"}, State.FAILED, "serializable"),
        ({"read_only": True}, State.FAILED, "only be read"),
        ({"fsync": False}, State.FAILED, "fsync"),
        ({"clock_shift": "1 day"}, State.FAILED, "shifted by 1 day"),
        ({"superuser": True}, State.WARNING, "superuser"),
        ({"idle_in_transaction": 2}, State.WARNING, "2 connections"),
        ({"free_connections": 33}, State.FAILED, "33 connections can be had"),
    ],
)
def test_a_database(changes: dict[str, Any], state: State, said: str) -> None:
    (found,) = judge_database(dataclasses.replace(FACTS, **changes), GOOD)
    assert (found.state, said in found.found) == (state, True), found


def test_what_a_worker_takes_of_the_database_is_known() -> None:
    pool = WorkerParts(GOOD, make_celery(GOOD)).sessions.kw["bind"].pool
    assert pool.size() == WORKER_CONNECTIONS


def test_migrations() -> None:
    assert judge_migrations(None).state == State.FAILED
    assert judge_migrations("0001").remedy == "postcall migrate"
    assert judge_migrations("9999").state == State.WARNING


@pytest.mark.parametrize(
    ("changes", "state", "said"),
    [
        ({}, State.OK, "Redis 7.2.4 answers"),
        (
            {"valkey_version": "8.0.1", "aof_enabled": 1},
            State.OK,
            "Valkey 8.0.1 answers, evicts nothing, kept on disk",
        ),
        ({"maxmemory_policy": "allkeys-lru"}, State.FAILED, "allkeys-lru"),
        ({"maxmemory_policy": "volatile-ttl"}, State.FAILED, "volatile-ttl"),
        ({"used_memory": 85 * 2**20, "maxmemory": 100 * 2**20}, State.WARNING, "85% of its 100 MB"),
        ({"used_memory": 99 * 2**20, "maxmemory": 100 * 2**20}, State.FAILED, "99% of its 100 MB"),
        ({"role": "slave"}, State.FAILED, "replica"),
    ],
)
def test_a_broker(changes: dict[str, Any], state: State, said: str) -> None:
    (found,) = judge_redis({**INFO, **changes})
    assert (found.state, said in found.found) == (state, True), found


def test_queues_that_nobody_takes_from() -> None:
    assert states(judge_queues({"delivery": 1, "default": 2})) == [State.OK]
    assert [one.check for one in judge_queues({"delivery": 1})] == ["workers: default"]
    assert [one.check for one in judge_queues({})] == ["workers: delivery", "workers: default"]


@pytest.mark.parametrize(
    ("seconds", "state"),
    [
        (0.2, State.OK),
        (-4.9, State.OK),
        (6, State.WARNING),
        (-59, State.WARNING),
        (61, State.FAILED),
        (-90, State.FAILED),
    ],
)
def test_a_clock(seconds: float, state: State) -> None:
    assert judge_skew("carrier", seconds).state == state


def test_a_certificate_that_ends_soon() -> None:
    assert judge_certificate(15 * 86_400).state == State.OK
    assert judge_certificate(13 * 86_400).state == State.WARNING


@pytest.mark.parametrize(
    ("right", "wrong", "state"),
    [
        (422, 403, State.OK),
        (400, 403, State.OK),
        (403, 403, State.FAILED),
        (404, 404, State.FAILED),
        (204, 204, State.FAILED),
        (422, 422, State.FAILED),
        (502, 502, State.FAILED),
        (301, 301, State.FAILED),
    ],
)
def test_a_signature(right: int, wrong: int, state: State) -> None:
    found = judge_signature("https://survey.example/hooks/twilio/status?account=x", right, wrong)
    assert found.state == state
    assert "https://survey.example/hooks/twilio/status" in found.found


@pytest.mark.parametrize(
    ("facts", "state", "said"),
    [
        (NUMBER, State.OK, "brings answers to us"),
        (None, State.FAILED, "no number of the carrier's account"),
        (dataclasses.replace(NUMBER, takes_texts=False), State.FAILED, "can't send texts"),
        (dataclasses.replace(NUMBER, url=""), State.FAILED, "brought nowhere"),
        (
            dataclasses.replace(NUMBER, url="https://other.example/"),
            State.FAILED,
            "brought to https://other.example/",
        ),
        (dataclasses.replace(NUMBER, method="GET"), State.FAILED, "come by GET"),
        (dataclasses.replace(NUMBER, fallback_url=""), State.WARNING, "not brought a second time"),
        (dataclasses.replace(NUMBER, application=True), State.FAILED, "TwiML application"),
    ],
)
def test_a_number(facts: NumberFacts | None, state: State, said: str) -> None:
    (found,) = judge_number(SENDER, facts, HOOK)
    assert (found.state, said in found.found) == (state, True), found


def test_a_number_of_a_messaging_service_has_no_say() -> None:
    of_a_service = dataclasses.replace(SENDER, messaging_service="MG" + "0" * 32)
    assert judge_number(of_a_service, dataclasses.replace(NUMBER, url=""), HOOK) == []


@pytest.mark.parametrize(
    ("changes", "state", "said"),
    [
        ({}, State.OK, "each has a survey"),
        ({"survey": None}, State.FAILED, "no survey"),
        ({"survey": "off"}, State.WARNING, "survey is off"),
        ({"has_sender": False}, State.FAILED, "no sender"),
        ({"has_sender": False, "needs_no_sender": True}, State.OK, "each has a survey"),
        ({"has_key": False}, State.WARNING, "no key"),
        ({"paused": True}, State.WARNING, "paused"),
        ({"dry_runs": 1}, State.WARNING, "only tried"),
        ({"unmapped": 3}, State.WARNING, "3 agents"),
        ({"held": (30034,)}, State.FAILED, "30034: sender is not registered"),
        ({"held": (20429,)}, State.OK, "each has a survey"),
    ],
)
def test_an_account(changes: dict[str, Any], state: State, said: str) -> None:
    (found,) = judge_accounts([dataclasses.replace(READY, **changes)])
    assert (found.state, said in found.found) == (state, True), found


def test_many_accounts_are_one_line_that_names_a_few() -> None:
    (found,) = judge_accounts([dataclasses.replace(READY, account=f"a{n}", paused=True) for n in range(9)])
    assert found.found.endswith("a0, a1, a2 and 6 more")


def test_one_that_breaks_or_hangs_holds_up_no_other() -> None:
    never = threading.Event()

    def hang() -> list[Finding]:
        never.wait(20)
        return []

    def refuse() -> list[Finding]:
        raise NotFound("nothing there")

    def crash() -> list[Finding]:
        raise KeyError("+447700900123")

    found = examine(
        [Check("a", hang), Check("b", refuse), Check("c", crash), Check("d", lambda: [ok("d", "well")])], 0.3
    )
    never.set()
    assert [(one.check, one.state) for one in found] == [
        ("a", State.FAILED),
        ("b", State.FAILED),
        ("c", State.FAILED),
        ("d", State.OK),
    ]
    assert "+44" not in str(found)
