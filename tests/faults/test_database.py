"""Faults of the database: what can't be stored is refused at once, and what was accepted is there afterwards."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from tests.faults.conftest import Figures
from tests.faults.disks import Disks, some_disks
from tests.faults.system import System, a_site, a_system, seconds_of
from tests.faults.trial import Trial, open_trial

# a lock is waited for 5 s, a connection 3; two requests may come to the same thread one after the other
REFUSED_WITHIN = 13


def try_again(trial: Trial, calls: list[dict[str, Any]]) -> list[str]:
    """Each until it is taken; their customers' phones."""
    for call in calls:
        trial.report_until_taken(call)
    return [call["customer"]["phone"] for call in calls]


@pytest.mark.long
def test_30_database_killed_9(system: System, trial: Trial) -> None:
    with ThreadPoolExecutor(1) as pool:
        hanging_up = pool.submit(trial.hang_up, 150, at_once=2)
        system.wait(lambda: len(trial.promised) > 30)
        system.kill_server("postgres")
        assert trial.report(trial.call()).status == 503
        system.wait(lambda: trial.statuses[503] > 3)
        system.start_servers()
        phones = hanging_up.result()
    trial.settle()
    assert trial.nothing_but_one_text_each(phones)


@pytest.fixture
def on_small_disks(figures: Figures) -> Iterator[tuple[System, Trial, Disks]]:
    """A system of its own whose data and whose log lie on a small disk each."""
    with some_disks(data=200, wal=160) as disks, a_site(disks.folder) as site, a_system(site) as system:
        trial = open_trial(system)
        try:
            yield system, trial, disks
            system.heal()
            trial.settle()
            verdict = trial.verdict()
        finally:
            figures.kills += system.kills
            # the disks can't be taken from under a server
            system.stack.stop_all()
            site.valkey.stop()
            site.postgres.stop()
        figures.add(verdict)
        assert not verdict.wrong, verdict


@pytest.mark.long
def test_31_data_disk_full(on_small_disks: tuple[System, Trial, Disks]) -> None:
    system, trial, disks = on_small_disks
    phones = trial.hang_up()
    calls = [trial.call() for _ in range(500)]
    with disks.data.full():
        # pages that are there take some more
        refused = next(number for number, call in enumerate(calls) if trial.report(call).status == 503)
        assert set(trial.statuses) == {202, 503}
        assert system.answers("/healthz")
    calls = calls[: refused + 20]
    phones += try_again(trial, calls)
    trial.settle()
    assert trial.nothing_but_one_text_each(phones)


@pytest.mark.long
def test_32_wal_disk_full(on_small_disks: tuple[System, Trial, Disks]) -> None:
    system, trial, disks = on_small_disks
    phones = trial.hang_up()
    call = trial.call()
    with disks.wal.full():
        # the server panics at the first log file that it can't make
        with suppress(psycopg.Error), system.stack.connect() as connection:
            for _ in range(50):
                connection.execute("select pg_logical_emit_message(true, 'fill', repeat('x', 1000000))")
                connection.execute("select pg_switch_wal()")
        system.wait(lambda: trial.report(call).status == 503)
        assert not system.answers("/readyz")
        # the alarm PostcallAway: no web process shows the database's figures any more
        shown = system.http.request("GET", f"{system.url}/metrics").data.decode()
        assert "postcall_oldest_due_seconds" not in shown
    system.kills += 1
    # it comes back by itself where its recovery was still trying, and has to be started where that has given up
    system.wait(lambda: system.start_servers() or system.answers("/readyz"))
    system.engine.dispose()
    phones += try_again(trial, [call])
    trial.settle()
    assert trial.nothing_but_one_text_each(phones)


@pytest.mark.long
def test_33_pool_exhausted_lock_held(system: System, trial: Trial) -> None:
    # one connection for each process' two threads: one waits for the lock, the other for the connection
    system.restart("web", WEB_DB_POOL="1")
    assert trial.report(trial.call()).status == 202
    calls = [trial.call() for _ in range(8)]
    with system.stack.connect() as connection, connection.transaction():
        connection.execute("lock table call in access exclusive mode")
        held_until = time.monotonic() + 20
        while time.monotonic() < held_until:
            took = trial.all_at_once(calls[:4], lambda call: seconds_of(lambda: trial.report(call)), 4)
            assert max(took) < REFUSED_WITHIN
    assert set(trial.statuses) == {202, 503}
    assert trial.statuses[202] == 1
    try_again(trial, calls)
    trial.settle()
    assert len(trial.asked()) == 9
