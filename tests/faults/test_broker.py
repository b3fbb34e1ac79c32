"""Faults of the doorbell: nothing that was accepted waits for it for ever."""

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import pytest

from tests.faults.proxy import Line
from tests.faults.system import OTHERS, SENDING, System, seconds_of
from tests.faults.trial import Trial


def hang_up_at_once(trial: Trial, count: int = 5) -> list[str]:
    """Each answered with 2xx, and within a second: a broker's time-outs would take longer."""
    phones, waited = [], []
    for _ in range(count):
        call = trial.call()
        waited.append(seconds_of(lambda call=call: trial.report(call)))
        phones.append(call["customer"]["phone"])
    # of several, since any one may meet a busy machine
    assert median(waited) < 1
    assert trial.statuses == {202: count}
    return phones


def test_06_redis_down_at_the_webhook(system: System, trial: Trial) -> None:
    system.kill_server("valkey")
    phones = hang_up_at_once(trial)
    assert trial.asked() == {}
    system.start_servers()
    trial.settle(hurry=False)
    assert trial.nothing_but_one_text_each(phones)


@pytest.mark.long
def test_07_redis_frozen(system: System, trial: Trial) -> None:
    with system.frozen("valkey"):
        frozen_until = time.monotonic() + 30
        phones = hang_up_at_once(trial)
        time.sleep(frozen_until - time.monotonic())
    trial.settle(90, hurry=False)
    assert trial.nothing_but_one_text_each(phones)


@pytest.mark.long
def test_08_flushall_mid_run(system: System, trial: Trial) -> None:
    with ThreadPoolExecutor(1) as pool, system.valkey() as valkey:
        hanging_up = pool.submit(trial.hang_up, 500)
        flushed = 0
        while not hanging_up.done() or flushed < 5:
            flushed += bool(valkey.flushall())
            time.sleep(0.5)
        phones = hanging_up.result()
    trial.settle(90, hurry=False)
    assert trial.nothing_but_one_text_each(phones)


def test_09_redis_full(system: System, trial: Trial) -> None:
    with system.valkey() as valkey:
        valkey.config_set("maxmemory", 1)
        try:
            phones = hang_up_at_once(trial)
        finally:
            valkey.config_set("maxmemory", 0)
    trial.settle(hurry=False)
    assert trial.nothing_but_one_text_each(phones)


@pytest.mark.long
def test_10_redis_bounced_5_times(system: System, trial: Trial) -> None:
    with ThreadPoolExecutor(1) as pool:
        hanging_up = pool.submit(trial.hang_up, 200)
        for _ in range(5):
            system.kill_server("valkey")
            time.sleep(0.7)
            system.start_servers()
            time.sleep(1)
        phones = hanging_up.result()
    trial.settle(120, hurry=False)
    assert trial.nothing_but_one_text_each(phones)


@pytest.mark.long
def test_11_network_black_hole_to_redis(system: System, trial: Trial) -> None:
    parts = (SENDING, OTHERS, "beat", "web")
    with Line(system.port_of("REDIS_URL")) as line:
        for part in parts:
            system.restart(part, **system.through("REDIS_URL", line.port))
        line.go_silent()
        silent_until = time.monotonic() + 70
        phones = hang_up_at_once(trial)
        time.sleep(silent_until - time.monotonic())
        line.heal()
        trial.settle(120, hurry=False)
        assert trial.nothing_but_one_text_each(phones)
