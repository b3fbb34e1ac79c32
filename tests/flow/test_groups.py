"""Many at once: what is plain is begun and recorded together, and nothing of it at the expense of another."""

import dataclasses
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from structlog.testing import capture_logs

from app.domain.delivery import SendResult
from app.flow.deliver_messages import Sent, record_results
from app.flow.envelopes import Envelope, prepare_sends
from app.store.base import database_now
from app.store.claims import Claimed
from app.store.contacts import opt_out
from app.store.events import Event
from app.store.invitations import lock_invitation
from app.store.messages import Attempt, lock_message
from app.store.senders import SenderFacts
from tests.flow.steps import claim, outcomes, record, request, the_message, the_state
from tests.house import House
from workers.delivery import recover
from workers.drain import Drain
from workers.parts import WorkerParts


def begin_all(parts: WorkerParts, claimed: list[Claimed] | None = None) -> list[Envelope]:
    """Begin what is claimed, by default all that is due, as a drain does."""
    return parts.unit(
        prepare_sends,
        claimed or claim(parts),
        limits=parts.settings.carrier,
        public_url=parts.settings.public_url,
        senders=parts.senders,
    )


def send_all(house: House) -> list[Sent]:
    """Up to the carrier's yes, with nothing recorded."""
    return [Sent(envelope, request(house.parts, envelope)) for envelope in begin_all(house.parts)]


def record_together(house: House, sent: list[Sent]) -> set[UUID]:
    """The messages that were recorded by it."""
    recorded = house.parts.unit(record_results, sent)
    return {one.envelope.claimed.message_id for one in sent if one.envelope.attempt_id in recorded}


def snapshot(house: House, account_id: UUID) -> tuple[object, ...]:
    """All that recording writes, but for ids and times."""
    (message,), (invitation,), (attempt,) = (
        house.messages(account_id),
        house.invitations(account_id),
        house.attempts(account_id),
    )
    assert message.accepted_at is not None
    assert attempt.ended_at is not None
    assert message.provider_id == attempt.provider_id == house.ledger()[-1]["sid"]
    assert invitation.close_at is not None
    assert invitation.asked_at is not None
    with house.sessions() as session:
        events = session.execute(
            select(Event.type, Event.content, Event.subject_id == invitation.id).where(
                Event.account_id == account_id, Event.type == "invitation.asked"
            )
        ).all()
    return (
        (message.state, message.claim_id, message.lease_until, message.error_code, message.detail),
        (message.attempts, message.claims, message.crossed_opt_out, message.ended_at, message.next_look_at),
        (attempt.outcome, attempt.http_status, attempt.code, attempt.detail, attempt.number),
        (invitation.state, invitation.close_at - invitation.asked_at, invitation.ended_at),
        events,
    )


def test_together_writes_what_alone_writes(house: House) -> None:
    seen = []
    for by in (
        lambda sent: record_together(house, [sent]),
        lambda sent: record(house.parts, sent.envelope, sent.result),
    ):
        account_id = house.account(answer_within_seconds=1234)
        house.hang_up(account_id)
        (sent,) = send_all(house)
        by(sent)
        seen.append(snapshot(house, account_id))
    assert seen[0] == seen[1]


def test_a_refusal_before_it_is_forgotten_as_alone(house: House) -> None:
    account_id = house.account()
    house.fault(rate_limited={"count": 1})
    house.hang_up(account_id)
    house.send()
    house.pass_time(minutes=1)
    assert len(record_together(house, send_all(house))) == 1
    message = the_message(house, account_id)
    assert (message.state, message.error_code, message.detail) == ("accepted", None, None)
    assert outcomes(house, account_id) == ["rejected", "accepted"]


class PoisoningCarrier:
    """The first of its answers can't be written, however it is tried."""

    def __init__(self, parts: WorkerParts) -> None:
        self._carrier = parts.carriers
        self._poison = iter(["\x00"])

    def ask(self, *request: Any) -> None:
        """No connection is open: let `send` make one."""

    def send(self, *request: Any) -> SendResult:
        result = self._carrier.send(*request)
        return dataclasses.replace(result, provider_id=next(self._poison, result.provider_id))


def test_one_poisoned_result_leaves_the_others_recorded(house: House) -> None:
    account_id = house.account()
    house.hang_up_many(account_id, 6)
    worker = house.worker()
    vars(worker)["carriers"] = PoisoningCarrier(worker)
    with capture_logs() as logged:
        Drain(worker).run()
    errors = [line["event"] for line in logged if line["log_level"] == "error"]
    assert errors == ["results are recorded one by one", "a send was not recorded"]
    states = sorted(message.state for message in house.messages(account_id))
    assert states == ["accepted"] * 5 + ["claimed"]
    # what could not be recorded is found at the carrier, under its own id
    house.pass_time(minutes=1)
    house.settle()
    messages = house.messages(account_id)
    assert {message.state for message in messages} == {"accepted"}
    assert {message.provider_id for message in messages} == {one["sid"] for one in house.ledger()}
    assert len(house.ledger()) == 6


def test_a_receipt_that_waits_for_its_message_is_applied_and_not_passed_over(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    (sent,) = send_all(house)
    house.receipt(str(sent.result.provider_id), "delivered")  # without its attempt: nobody knows whose it is
    assert record_together(house, [sent]) == set()
    record(house.parts, sent.envelope, sent.result)
    assert the_state(house, account_id) == ("asked", "delivered")


def test_a_receipt_that_was_applied_before_the_group_stands(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    (sent,) = send_all(house)
    with house.sessions() as session:
        attempt = session.scalars(select(Attempt)).one()
    house.receipt(str(sent.result.provider_id), "delivered", attempt=attempt)
    assert record_together(house, [sent]) == set()
    record(house.parts, sent.envelope, sent.result)
    assert the_state(house, account_id) == ("asked", "delivered")
    assert outcomes(house, account_id) == ["accepted"]


def test_what_somebody_holds_is_passed_over_and_not_waited_for(house: House) -> None:
    account_id = house.account()
    house.hang_up_many(account_id, 4)
    sent = send_all(house)
    first, second = sent[0].envelope.claimed, sent[1].envelope.claimed
    with house.sessions() as holding:
        lock_invitation(holding, account_id, first.invitation_id)
        lock_message(holding, account_id, second.message_id)
        assert record_together(house, sent) == {one.envelope.claimed.message_id for one in sent[2:]}
    assert record_together(house, sent) == {first.message_id, second.message_id}


def test_a_message_that_somebody_holds_is_not_begun_with_the_others(house: House) -> None:
    account_id = house.account()
    house.hang_up_many(account_id, 3)
    claimed = claim(house.parts)
    with house.sessions() as holding:
        lock_message(holding, account_id, claimed[0].message_id)
        begun = {envelope.claimed for envelope in begin_all(house.parts, claimed)}
    assert begun == set(claimed[1:])


def test_a_drain_sends_also_what_was_held_at_the_moment(house: House) -> None:
    account_id = house.account()
    house.hang_up_many(account_id, 3)
    held = house.messages(account_id)[0]
    with house.sessions() as holding:
        lock_invitation(holding, account_id, held.invitation_id)
        sending = threading.Thread(target=house.send)
        sending.start()
        while sorted(message.state for message in house.messages(account_id))[:2] != ["accepted"] * 2:
            assert sending.is_alive()
        holding.rollback()
        sending.join()
    assert {message.state for message in house.messages(account_id)} == {"accepted"}
    assert len(house.ledger()) == 3


def test_an_opt_out_that_crossed_a_request_is_counted(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    (sent,) = send_all(house)
    with house.sessions.begin() as session:
        opt_out(session, account_id, sent.envelope.claimed.contact_id, database_now(session))
    assert len(record_together(house, [sent])) == 1
    message = the_message(house, account_id)
    assert (message.state, message.crossed_opt_out) == ("accepted", True)


def test_a_customer_who_has_answered_already_is_not_asked_again_by_the_group(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    (sent,) = send_all(house)
    house.text("5")
    assert record_together(house, [sent]) == set()
    record(house.parts, sent.envelope, sent.result)
    assert [invitation.state for invitation in house.invitations(account_id)] == ["started"]
    assert [message.state for message in house.messages(account_id)] == ["accepted", "due"]


def test_a_result_after_the_lease_is_left_to_the_whole_flow(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    (sent,) = send_all(house)
    house.pass_time(seconds=31)
    recover(house.parts)
    assert record_together(house, [sent]) == set()
    record(house.parts, sent.envelope, sent.result)
    assert the_state(house, account_id) == ("asked", "accepted")
    assert len(house.ledger()) == 1


def test_a_worker_that_is_stopped_while_it_begins_requests_nothing(house: House) -> None:
    account_id = house.account()
    house.hang_up_many(account_id, 3)
    worker = house.worker()
    drain = Drain(worker)

    class Stopping:
        def get(self, _key: object, load: Callable[[], SenderFacts]) -> SenderFacts:
            drain.stop()
            return load()

    worker.senders = Stopping()  # type: ignore[assignment]
    drain.run()
    assert house.ledger() == []
    assert {message.state for message in house.messages(account_id)} == {"due"}
    assert outcomes(house, account_id) == ["not_sent"] * 3


_DRAIN = """
from app.broker import make_celery
from app.settings import load_settings
from workers.drain import Drain
from workers.parts import WorkerParts
settings = load_settings()
Drain(WorkerParts(settings, make_celery(settings))).run()
"""
_WAITS_IN_GROUP = text(
    "select exists (select from pg_stat_activity where datname = current_database()"
    " and wait_event_type = 'Lock' and query like '%plain as materialized%')"
)


def test_a_worker_killed_while_it_records_a_group_loses_nothing_and_doubles_nothing(house: House) -> None:
    account_id = house.account()
    phones = house.hang_up_many(account_id, 12)
    settings = house.settings
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "PUBLIC_URL": settings.public_url,
        "SECRET_KEYS": settings.secret_keys,
        "TWILIO_BASE_URL": settings.twilio_base_url,
    }
    with house.sessions() as holding, house.sessions() as watching:
        # the group's statement writes events: it gets so far, and no further
        holding.execute(text("lock table event in share mode"))
        worker = subprocess.Popen([sys.executable, "-c", _DRAIN], env=environment)
        until = time.monotonic() + 30
        while not watching.scalar(_WAITS_IN_GROUP) or len(house.ledger()) < len(phones):
            assert time.monotonic() < until
            watching.rollback()  # within one transaction the answer would never change
        worker.kill()
        worker.wait()
        holding.rollback()
    assert {message.state for message in house.messages(account_id)} == {"claimed"}
    house.pass_time(minutes=1)
    house.settle()
    assert {message.state for message in house.messages(account_id)} == {"accepted"}
    assert {invitation.state for invitation in house.invitations(account_id)} == {"asked"}
    house.send()
    assert sorted(one["to"] for one in house.ledger()) == phones
