"""The system that is broken, the account that a fault is tried on, and what is written down of it.

What a row came to is judged after its test, whatever that has asserted itself: nothing lost, nothing doubled.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import pytest
from sqlalchemy import select

from app.store.messages import Message
from bench.place import Site
from tests.faults.oracles import Verdict, judge
from tests.faults.system import System, a_site, a_system
from tests.faults.trial import Trial, open_trial
from tests.house import House


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/faults/" in item.nodeid:
            # one system serves them all: they stay on one of xdist's workers
            item.add_marker(pytest.mark.xdist_group("faults"))


@dataclass
class Figures:
    """`rows`: calls or messages put through, whichever are more."""

    rows: int = 0
    kills: int = 0
    lost: int = 0
    doubled: int = 0
    in_doubt: int = 0

    def add(self, verdict: Verdict) -> None:
        self.rows += max(verdict.calls, verdict.messages)
        self.lost += verdict.lost
        self.doubled += verdict.doubled
        self.in_doubt += verdict.in_doubt


@pytest.fixture(autouse=True)
def figures(record_property: Callable[[str, Any], None]) -> Iterator[Figures]:
    figures = Figures()
    started = time.monotonic()
    yield figures
    record_property("figures", {**asdict(figures), "seconds": time.monotonic() - started})


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with a_site() as site:
        yield site


@pytest.fixture(scope="session")
def running(site: Site) -> Iterator[System]:
    with a_system(site) as system:
        yield system


@pytest.fixture
def system(running: System, figures: Figures) -> Iterator[System]:
    """Healed before and after."""
    running.heal()
    before = running.kills
    yield running
    figures.kills += running.kills - before
    running.heal()


@pytest.fixture
def open_account(system: System, figures: Figures) -> Iterator[Callable[..., Trial]]:
    """A function: another account, judged after the test."""
    trials: list[Trial] = []

    def open_another(**terms: Any) -> Trial:
        trials.append(open_trial(system, **terms))
        return trials[-1]

    yield open_another
    system.heal()
    verdict = Verdict()
    for trial in trials:
        trial.settle()
        verdict += trial.verdict()
    figures.add(verdict)
    assert not verdict.wrong, verdict


@pytest.fixture
def trial(open_account: Callable[..., Trial]) -> Trial:
    return open_account()


@pytest.fixture
def judged_house(house: House, figures: Figures) -> Iterator[House]:
    """Flows, the real drain and a simulated carrier in one process, for what a shifted clock is to show."""
    yield house
    house.roll_up()
    with house.sessions() as session:
        accounts = session.scalars(select(Message.account_id).distinct()).all()
    for account_id in accounts:
        verdict = judge(house.sessions, house.ledger(), account_id)
        figures.add(verdict)
        assert not verdict.wrong, verdict
