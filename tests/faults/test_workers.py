"""Faults of the processes that send."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.domain.delivery import MAX_CLAIMS
from app.run.supervisor import Service, Supervisor
from tests.faults.havoc import Havoc, seed_of_the_day
from tests.faults.mix import Mix
from tests.faults.system import OTHERS, SENDING, System
from tests.faults.trial import Trial


@pytest.mark.parametrize("place", ["claimed", pytest.param("begun", marks=pytest.mark.long)])
def test_12_worker_killed_before_the_request(system: System, trial: Trial, place: str) -> None:
    system.trap(place)
    phones = trial.hang_up()
    system.wait_for_end(SENDING)
    assert trial.asked() == {}
    system.start(SENDING)
    trial.settle()
    assert trial.nothing_but_one_text_each(phones)


@pytest.mark.parametrize("told", ["by nobody", pytest.param("by receipts", marks=pytest.mark.long)])
def test_13_worker_killed_between_accept_and_commit(system: System, trial: Trial, told: str) -> None:
    system.fault(callbacks={"none": told == "by nobody"})
    system.trap("answered")
    phones = trial.hang_up(5)
    system.wait_for_end(SENDING)
    assert trial.asked()
    assert trial.scalar("select count(*) from message where account_id = :account and state = 'claimed'")
    system.start(SENDING)
    trial.settle()
    assert trial.nothing_but_one_text_each(phones)


@pytest.mark.long
def test_14_random_kills_over_the_full_mix(system: System, open_account: Callable[..., Trial]) -> None:
    """At least 1,000 messages, answered or not, while everything but the carrier is killed at random."""
    trial = open_account(comment_quiet_seconds=1)
    with Mix(trial, silent=700, talking=150) as mix:
        Havoc(system, seed_of_the_day()).rage(60, until=mix.done)
        system.heal()
        mix.finish(90)
    trial.settle(120)
    assert trial.scalar("select count(*) from message where account_id = :account") >= 1000
    assert mix.unheard() == []
    assert mix.wrong == []


@pytest.mark.long
@pytest.mark.parametrize("place", ["claimed", "begun"])
def test_15_worker_paused_past_its_lease(system: System, trial: Trial, place: str) -> None:
    system.trap(place, "stop")
    phones = trial.hang_up()
    system.wait(lambda: system.stopped(SENDING))
    system.start(SENDING, beside="another")
    trial.settle()
    assert trial.nothing_but_one_text_each(phones)
    system.go_on(SENDING)
    system.stop("another")
    more = trial.hang_up()
    trial.settle()
    assert trial.nothing_but_one_text_each(phones + more)


@pytest.mark.long
def test_16_worker_out_of_memory_or_a_poison_row(system: System, open_account: Callable[..., Trial]) -> None:
    poisoned, innocent = open_account(brand="Poison"), open_account()
    system.stop(SENDING)
    poisoned.hang_up()
    phones = innocent.hang_up(20)
    system.trap("claimed.always", "kill", only="Poison")
    said: list[str] = []
    supervisor = Supervisor(said.append, system.stack.place.log)
    supervisor.add(Service(SENDING, lambda: system.start(SENDING), stage=1, stop_seconds=5))
    try:
        until = time.monotonic() + 180
        while poisoned.states() != {"quarantined": 1}:
            assert time.monotonic() < until, poisoned.states()
            supervisor.tend()
            system.hurry()
            time.sleep(0.2)
        system.kills += len(said)
        assert len(said) == MAX_CLAIMS
        assert all("starting it again" in line for line in said)
        until = time.monotonic() + 60
        while innocent.states() != {"delivered": 20}:
            assert time.monotonic() < until, innocent.states()
            supervisor.tend()
            system.hurry()
            time.sleep(0.2)
    finally:
        supervisor.stop()
    assert innocent.nothing_but_one_text_each(phones)
    assert poisoned.asked() == {}


@pytest.mark.long
def test_17_two_dispatchers_two_beats(system: System, trial: Trial) -> None:
    system.start(SENDING, beside="another")
    system.start("beat", beside="another beat")
    phones = trial.hang_up(300)
    trial.settle(hurry=False)
    assert trial.nothing_but_one_text_each(phones)


@pytest.mark.long
def test_34_deploy_mid_run(system: System, trial: Trial) -> None:
    system.fault(latency=0.5)
    with ThreadPoolExecutor(1) as pool:
        hanging_up = pool.submit(trial.hang_up, 200, at_once=2)
        for part in (SENDING, OTHERS, "beat", "web"):
            time.sleep(1)
            system.stop(part, 10)
            system.start(part)
        phones = hanging_up.result()
    trial.settle()
    assert trial.nothing_but_one_text_each(phones)
