"""Faults of keeping facts."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.system import OTHERS, System
from tests.faults.trial import Trial


@pytest.mark.long
def test_45_facts_while_answers_arrive(system: System, trial: Trial) -> None:
    """Two workers roll up, one of them held between its rebuild and its commit while answers go on coming."""
    phones = trial.hang_up(24)
    system.start(OTHERS, beside="another")
    trial.settle()
    system.trap("before.rolled_up", "wait 3")
    with ThreadPoolExecutor(4) as pool:
        answering = [pool.submit(trial.reply, phone, str(1 + n % 5)) for n, phone in enumerate(phones)]
        system.wait(lambda: system.sprung("before.rolled_up"))
        for one in answering:
            one.result()
    trial.settle()
    kept = trial.scalar("select sum(n) from fact_day where account_id = :account and metric = 'csat'")
    assert kept == len(trial.answers()) == 24
