"""Workers that are killed, paused or too late: nothing is lost by it, and nothing doubled."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.delivery import MAX_CLAIMS, SUSPECT_CLAIMS, Outcome, SendResult
from app.flow.settle_messages import recover_lapsed
from app.store.accounts import pause_sending, resume_sending
from app.store.claims import lapsed_claims
from app.store.senders import Sender
from tests.flow.steps import (
    begin,
    claim,
    claim_and_begin,
    is_free,
    outcomes,
    record,
    request,
    the_message,
    the_state,
)
from tests.house import House
from tests.store.claiming import change_sender
from workers.delivery import Drain, look_up, recover
from workers.parts import WorkerParts


@pytest.fixture
def patient(house: House) -> WorkerParts:
    """A worker that looks after 60 and 120 seconds, as in production."""
    return house.worker(first_look_seconds=60, second_look_seconds=120)


def test_a_worker_killed_after_the_carrier_took_the_text_leaves_nothing_doubled(
    house: House, patient: WorkerParts
) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    request(patient, claim_and_begin(patient))
    Drain(patient).run()
    recover(patient)
    assert the_message(house, account_id).state == "claimed"  # its lease still runs
    house.pass_time(seconds=31)
    recover(patient)
    assert the_message(house, account_id).state == "unknown"
    assert outcomes(house, account_id) == ["unknown"]
    Drain(patient).run()
    house.pass_time(seconds=61)
    look_up(patient)
    assert the_state(house, account_id) == ("asked", "accepted")
    assert len(house.ledger()) == 1


def test_a_worker_killed_between_attempt_and_request_is_looked_up_before_the_text_goes_again(
    house: House, patient: WorkerParts
) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    claim_and_begin(patient)
    house.pass_time(seconds=31)
    for _ in range(3):
        recover(patient)
        look_up(patient)
        Drain(patient).run()
        assert house.ledger() == []
        house.pass_time(seconds=61)
    look_up(patient)
    Drain(patient).run()
    assert outcomes(house, account_id) == ["unknown", "accepted"]
    assert len(house.ledger()) == 1


def test_a_worker_killed_before_the_attempt_leaves_the_text_due(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    claim(house.parts)
    house.pass_time(seconds=31)
    recover(house.parts)
    message = the_message(house, account_id)
    assert (message.state, message.claims, message.attempts) == ("due", 1, 0)
    house.send()
    assert outcomes(house, account_id) == ["accepted"]
    assert len(house.ledger()) == 1


def test_a_worker_paused_past_its_lease_sends_nothing(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    (claimed,) = claim(house.parts)
    house.pass_time(seconds=31)
    assert begin(house.parts, claimed) is None
    house.pass_time(seconds=2)  # not at once: it is this worker that is too slow
    (again,) = claim(house.parts)
    assert begin(house.parts, claimed) is None
    assert begin(house.parts, again) is not None


def test_a_row_that_keeps_ending_its_worker_is_set_aside_and_ends_with_its_time(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    for _ in range(MAX_CLAIMS):
        assert claim(house.parts)
        house.pass_time(seconds=31)
        recover(house.parts)
        house.pass_time(minutes=3)  # later each time
    assert the_state(house, account_id) == ("scheduled", "quarantined")
    house.send()
    assert house.ledger() == []
    house.pass_time(hours=19)
    recover(house.parts)
    assert the_state(house, account_id) == ("expired", "expired")
    assert is_free(house.contact(account_id))


def test_an_answer_of_the_carrier_that_comes_after_the_lease_is_adopted(
    house: House, patient: WorkerParts
) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    envelope = claim_and_begin(patient)
    result = request(patient, envelope)
    house.pass_time(seconds=31)
    recover(patient)
    record(patient, envelope, result)
    assert the_state(house, account_id) == ("asked", "accepted")
    assert outcomes(house, account_id) == ["accepted"]
    house.pass_time(minutes=10)
    look_up(patient)
    Drain(patient).run()
    assert len(house.ledger()) == 1


def test_an_answer_that_comes_when_the_text_is_about_to_go_again_stops_it(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    envelope = claim_and_begin(house.parts)
    house.pass_time(seconds=31)
    house.settle()
    assert the_message(house, account_id).state == "due"  # looked for twice and not found
    (second,) = claim(house.parts)
    record(house.parts, envelope, request(house.parts, envelope))
    assert begin(house.parts, second) is None
    house.send()
    assert the_state(house, account_id) == ("asked", "accepted")
    assert len(house.ledger()) == 1


def test_a_refusal_that_comes_after_the_lease_changes_no_plan(house: House, patient: WorkerParts) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    envelope = claim_and_begin(patient)
    house.pass_time(seconds=31)
    recover(patient)
    record(patient, envelope, SendResult(Outcome.REJECTED, code=20429, http_status=429))
    assert the_message(house, account_id).state == "unknown"


def test_a_slow_sweep_leaves_the_claim_alone_that_came_after_the_one_it_saw(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    claim(house.parts)
    house.pass_time(seconds=31)
    (seen,) = house.parts.unit(lapsed_claims, 10)
    recover(house.parts)
    envelope = claim_and_begin(house.parts)
    house.parts.unit(recover_lapsed, seen, house.parts.settings.carrier)
    assert the_message(house, account_id).claim_id == envelope.claimed.claim_id
    house.pass_time(seconds=31)
    # that one has made a request, and is lost too: what the sweep saw of the first one no longer holds
    house.parts.unit(recover_lapsed, seen, house.parts.settings.carrier)
    assert the_message(house, account_id).state == "unknown"


class WorkerEnds(BaseException):
    """As if its process were killed: whatever it holds stays as it is."""


def ends_workers(house: House, account_id: UUID, point: str) -> None:
    """The account's only message ends each worker that gets so far with it."""
    body = the_message(house, account_id).body

    def trap(text: str) -> None:
        if text == body:
            raise WorkerEnds

    setattr(house.parts, point, trap)


def work(house: House, rounds: int) -> None:
    """So many workers after each other, and the sweeps that follow them."""
    for _ in range(rounds):
        with suppress(WorkerEnds):
            house.send()
        house.pass_time(seconds=31)
        house.settle()
        house.pass_time(minutes=3)


def test_a_row_that_ends_its_worker_takes_no_other_with_it(house: House) -> None:
    poisoned, innocent = house.account(language="zh"), house.account()
    house.hang_up_many(innocent, 20)
    house.hang_up(poisoned)
    ends_workers(house, poisoned, "claimed")
    work(house, MAX_CLAIMS + 1)
    assert the_message(house, poisoned).state == "quarantined"
    # lost with it twice, then claimed without it: never nearer to being set aside than that
    assert {(one.state, one.claims) for one in house.messages(innocent)} == {("accepted", SUSPECT_CLAIMS + 1)}
    assert len(house.ledger()) == 20


def test_a_row_that_ends_its_worker_at_the_request_takes_no_other_with_it(house: House) -> None:
    poisoned, innocent = house.account(language="zh"), house.account()
    house.hang_up_many(innocent, 20)
    house.hang_up(poisoned)
    ends_workers(house, poisoned, "begun")
    work(house, 4)
    assert outcomes(house, poisoned) == ["unknown", "unknown"]  # looked for, sent again at most once
    assert {message.state for message in house.messages(innocent)} == {"accepted"}
    assert len(house.ledger()) == 20


def test_what_was_lost_twice_goes_with_nothing_beside_it(house: House) -> None:
    account_id = house.account()
    house.hang_up_many(account_id, 3)
    for _ in range(SUSPECT_CLAIMS):
        assert len(claim(house.parts)) == 3
        house.pass_time(seconds=31)
        recover(house.parts)
    house.hang_up_many(account_id, 2, first=3)
    assert [len(claim(house.parts)) for _ in range(4)] == [1, 1, 1, 2]


def test_what_was_lost_twice_keeps_to_every_rule_of_a_claim(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    for _ in range(SUSPECT_CLAIMS):
        assert claim(house.parts)
        house.pass_time(seconds=31)
        recover(house.parts)
    with house.sessions.begin() as session:
        pause_sending(session, str(account_id))
    assert claim(house.parts) == []
    with house.sessions.begin() as session:
        resume_sending(session, str(account_id))
    sender = change_sender(house, account_id, is_active=False)
    assert claim(house.parts) == []
    later = house.now() + timedelta(seconds=20)
    change_sender(house, account_id, is_active=True, per_second=1, burst=1, next_free_at=later)
    assert claim(house.parts) == []
    house.pass_time(seconds=21)
    assert len(claim(house.parts)) == 1
    with house.sessions() as session:
        assert session.get_one(Sender, sender).next_free_at > later  # it has used its pace
