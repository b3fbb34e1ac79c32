"""The harness itself can fail: without the step that reconciles, its oracles find what is doubled and lost."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import sessionmaker
from urllib3.exceptions import HTTPError

from tests.faults.oracles import judge
from tests.faults.proxy import Line
from tests.faults.system import SENDING, System
from tests.faults.trial import open_trial

COUNT = 20


@pytest.mark.long
@pytest.mark.parametrize("policy", ["resend", "forget", "reconcile"])
def test_without_reconciling_texts_are_doubled_or_lost(system: System, policy: str) -> None:
    if policy != "reconcile":
        system.stop(SENDING)
        system.start(SENDING, wrapped=("tests.faults.careless", policy))
    trial = open_trial(system)
    # half are taken without a word, the other half never come there
    system.fault(error_after={"count": COUNT // 2}, callbacks={"none": 1})
    trial.hang_up(COUNT // 2)
    attempts = "select count(*) from attempt where account_id = :account and ended_at is not null"
    system.wait(lambda: trial.scalar(attempts) >= COUNT // 2)
    system.fault(error_before={"count": COUNT // 2}, callbacks={"none": 1})
    trial.hang_up(COUNT // 2)
    if policy == "forget":
        system.wait(lambda: trial.states() == {"unknown": COUNT})
        system.hurry()
    else:
        trial.settle()
    verdict = trial.verdict()
    found = {"resend": (0, COUNT // 2), "forget": (COUNT, 0), "reconcile": (0, 0)}
    assert (verdict.lost, verdict.doubled) == found[policy], verdict


def test_a_listing_that_lags_for_longer_than_we_ask_is_the_one_gap(system: System) -> None:
    """Written down in docs/operations.md; and the oracle sees it."""
    trial = open_trial(system)
    system.fault(error_after={"count": 1}, callbacks={"none": 1}, listing_lag=600)
    trial.hang_up()
    system.wait(lambda: trial.states() == {"unknown": 1})
    trial.settle()
    assert trial.verdict().doubled == 1


@pytest.mark.parametrize(
    "break_it",
    [
        "delete from message where account_id = :account",
        "delete from fact_day where account_id = :account and metric = 'volume'",
        "update fact_month set n = n + 1 where account_id = :account",
        "update message set provider_id = 'SM0' where account_id = :account",
        "update message set state = 'due' where account_id = :account",
        "delete from attempt where account_id = :account",
    ],
)
def test_what_is_broken_by_hand_is_found(system: System, break_it: str) -> None:
    trial = open_trial(system)
    trial.hang_up()
    trial.settle()
    # its receipt still makes a cell stale, and facts are judged where none is
    system.wait(lambda: trial.states() == {"delivered": 1} and trial.verdict().stale == 0)
    assert not trial.verdict().wrong
    with system.engine.connect() as connection:
        connection.exec_driver_sql("set session_replication_role = replica")
        connection.execute(text(break_it), {"account": trial.account_id})
        # what is not committed, only this connection sees
        sessions = sessionmaker(bind=connection, join_transaction_mode="create_savepoint")
        assert judge(sessions, system.ledger(), trial.account_id, trial.promised).wrong
        connection.rollback()


def test_a_call_that_was_promised_and_is_not_there_is_found(system: System) -> None:
    trial = open_trial(system)
    trial.promised["a call"] = "its id"
    assert trial.verdict().lost == 1


def test_a_line_can_be_cut_and_slow(system: System) -> None:
    trial = open_trial(system)
    with Line(system.stack.port) as line:
        url = f"http://127.0.0.1:{line.port}/healthz"
        assert trial.system.http.request("GET", url).status == 200
        line.cut_after(5)
        with pytest.raises(HTTPError):
            trial.system.http.request("GET", url)
        line.refuse()
        with pytest.raises(HTTPError):
            trial.system.http.request("GET", url)
        line.heal()
        line.be_slow(0.3)
        assert trial.system.http.request("GET", url).status == 200
