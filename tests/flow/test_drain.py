"""The drain: sends what is due and nothing else, whatever befalls it."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from app.flow.accounts import hold_sending
from app.store.claims import senders_with_work
from app.store.contacts import Contact
from app.store.messages import lock_message
from tests.flow.steps import claim, claim_and_begin, is_free, outcomes, request, the_message, the_state
from tests.house import QUICK, House
from workers.delivery import recover
from workers.drain import Drain, send
from workers.parts import alone


def test_a_pause_holds_its_account_at_the_claim_until_it_is_lifted(house: House) -> None:
    held, free = house.account("held"), house.account("free")
    house.hang_up(held)
    house.hang_up(free, phone="+447700900124")
    with house.sessions.begin() as session:
        hold_sending(session, "held", paused=True)
    house.send()
    assert [message["to"] for message in house.ledger()] == ["+447700900124"]
    with house.sessions.begin() as session:
        hold_sending(session, "held", paused=False)
    house.send()
    assert len(house.ledger()) == 2


def test_a_pause_of_all_holds_everybody(house: House) -> None:
    accounts = [house.account(), house.account()]
    for account_id in accounts:
        house.hang_up(account_id)
    with house.sessions.begin() as session:
        hold_sending(session, None, paused=True)
    house.send()
    assert house.ledger() == []
    with house.sessions.begin() as session:
        hold_sending(session, None, paused=False)
    house.send()
    assert len(house.ledger()) == 2


def test_a_lease_too_short_for_a_request_sends_nothing_and_counts_for_nothing(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    (claimed,) = claim(house.worker(lease_margin_seconds=0))
    send(house.parts, claimed, time.monotonic() + 5)
    message = the_message(house, account_id)
    assert (message.state, message.claims, message.attempts) == ("due", 0, 0)
    assert house.ledger() == []


def test_a_worker_that_was_stopped_just_before_the_request_does_not_make_it(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    (claimed,) = claim(house.parts)
    send(house.parts, claimed, start_by=time.monotonic())
    assert outcomes(house, account_id) == ["not_sent"]
    assert the_message(house, account_id).state == "due"
    assert house.ledger() == []


def test_a_stopping_worker_gives_back_what_it_has_not_requested(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    drain = Drain(house.parts)
    drain.stop()
    drain.run()
    message = the_message(house, account_id)
    assert (message.state, message.claims) == ("due", 0)
    house.send()
    assert len(house.ledger()) == 1


def test_the_drain_returns_at_once_when_nothing_is_due_soon(house: House) -> None:
    house.hang_up(house.account(delay_seconds=60))
    started = time.monotonic()
    house.send()
    assert time.monotonic() - started < 1
    assert house.ledger() == []


def test_the_drain_waits_for_what_is_due_in_a_moment(house: House) -> None:
    account_id = house.account(delay_seconds=1)
    house.hang_up(account_id)
    house.send()
    message, (attempt,) = the_message(house, account_id), house.attempts(account_id)
    assert len(house.ledger()) == 1
    assert 0 <= (attempt.started_at - message.due_at).total_seconds() < 1


def test_a_ring_wakes_a_drain_that_waits_for_something_else(house: House) -> None:
    house.hang_up(house.account(delay_seconds=2))
    drain = Drain(house.parts)
    running = threading.Thread(target=drain.run)
    running.start()
    urgent = house.account()
    house.hang_up(urgent, phone="+447700900124")
    drain.run()
    running.join()
    attempt, message = house.attempts(urgent)[0], the_message(house, urgent)
    assert (attempt.started_at - message.due_at).total_seconds() < 1
    assert len(house.ledger()) == 2


def test_two_drains_at_once_send_every_message_exactly_once(house: House) -> None:
    account_id = house.account()
    phones = house.hang_up_many(account_id, 200)
    drains = [threading.Thread(target=Drain(house.worker()).run) for _ in range(2)]
    for drain in drains:
        drain.start()
    for drain in drains:
        drain.join()
    assert sorted(message["to"] for message in house.ledger()) == phones
    assert outcomes(house, account_id) == ["accepted"] * 200


_UNDER_WAY = text(
    """
    select (select count(*) from message where state = 'claimed') as claimed,
           (select count(*) from pg_stat_activity
            where datname = current_database() and state = 'idle in transaction') as idle
    """
)


def test_a_fixed_number_of_requests_are_under_way_and_none_holds_a_transaction(house: House) -> None:
    house.hang_up_many(house.account(), 12)
    house.fault(latency=0.4)  # between the carrier's taking a text and its answer
    drain = threading.Thread(target=Drain(house.worker(in_flight=4)).run)
    claimed, all_wait, until = [], False, time.monotonic() + 10
    with house.sessions.kw["bind"].connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        drain.start()
        while drain.is_alive():
            taken = len(house.ledger())
            now = connection.execute(_UNDER_WAY).one()
            claimed.append(now.claimed)
            # nothing but the four requests goes on: neither the one before nor the one after has a transaction
            all_wait |= taken == len(house.ledger()) == now.claimed == 4 and now.idle == 0
            assert time.monotonic() < until
    assert all_wait
    assert max(claimed) == 4
    assert len(house.ledger()) == 12


def test_a_message_that_cannot_be_read_stops_no_other_and_is_set_aside(house: House) -> None:
    account_id = house.account()
    house.hang_up_many(account_id, 3)
    with house.sessions.begin() as session:
        contact = house.contact(account_id, "+447700900000")
        session.get_one(Contact, (account_id, contact.id)).address = b"\x03old sealed with a key that is gone"
    house.send()
    assert len(house.ledger()) == 2
    house.pass_time(minutes=1)
    house.settle()
    assert sorted(message.state for message in house.messages(account_id)) == [
        "accepted",
        "accepted",
        "quarantined",
    ]
    house.pass_time(hours=19)
    house.settle()
    assert is_free(house.contact(account_id, "+447700900000"))
    assert {invitation.state for invitation in house.invitations(account_id)} == {"asked", "expired"}


def test_an_outage_of_the_database_between_request_and_record_is_settled_by_a_look_up(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    request(house.parts, claim_and_begin(house.parts))
    house.pass_time(minutes=1)
    house.settle()
    assert the_state(house, account_id) == ("asked", "accepted")
    assert len(house.ledger()) == 1


def test_trouble_with_the_database_is_no_message_s_fault(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    house.pass_time(hours=19)
    met: list[BaseException] = []

    def sweep() -> None:
        try:
            recover(house.parts)
        except OperationalError as error:
            met.append(error)

    with house.sessions() as holding, house.sessions() as watching:
        lock_message(holding, account_id, the_message(house, account_id).id)
        sweeping = threading.Thread(target=sweep)
        sweeping.start()
        until = time.monotonic() + 5
        while not watching.scalar(_END_WHO_WAITS):
            assert time.monotonic() < until
            watching.rollback()  # within one transaction the answer would never change
        sweeping.join()
    assert len(met) == 1
    assert the_message(house, account_id).state == "due"
    house.settle()
    assert the_message(house, account_id).state == "expired"


_END_WHO_WAITS = text(
    """
    select count(pg_terminate_backend(pid)) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'
    """
)


def test_a_worker_whose_clock_is_wrong_keeps_to_the_database_s(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10)):
        claim_and_begin(house.parts)
        recover(house.parts)
        assert the_message(house, account_id).state == "claimed"
        Drain(house.parts).run()
    message, (attempt,) = the_message(house, account_id), house.attempts(account_id)
    assert message.lease_until is not None
    assert 0 < (message.lease_until - attempt.started_at).total_seconds() <= QUICK.lease_seconds
    assert house.ledger() == []


def test_a_tick_that_finds_its_task_at_work_does_nothing() -> None:
    runs: list[str] = []

    def work() -> None:
        runs.append("run")
        tick()

    tick = alone(work)
    tick()
    assert runs == ["run"]
    tick()
    assert runs == ["run", "run"]


def test_an_account_that_lost_its_sender_keeps_no_drain_busy(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    with house.sessions.begin() as session:
        session.execute(
            text("update sender set is_active = false where account_id = :id"), {"id": account_id}
        )
    assert not house.parts.unit(senders_with_work)
    house.pass_time(hours=19)
    house.settle()
    assert the_state(house, account_id) == ("expired", "expired")
    assert is_free(house.contact(account_id))


@pytest.mark.parametrize("change", ["per_second = 0", "burst = 0"])
def test_a_sender_that_could_never_send_is_refused(house: House, change: str) -> None:
    house.account()
    with pytest.raises(IntegrityError, match="ck_sender_pace"), house.sessions.begin() as session:
        session.execute(text(f"update sender set {change}"))  # noqa: S608
