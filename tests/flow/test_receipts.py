"""Receipts: before our own record, twice, in any order, of nobody we know, and of somebody else."""

import itertools
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import select, text

from app.channels.twilio_hooks import StatusReport
from app.domain.delivery import Outcome, SendResult
from app.flow.record_receipt import record_receipt
from app.store.messages import Attempt
from app.store.provider_events import ProviderEvent
from app.store.senders import Sender, share_sender
from tests.flow.steps import (
    claim_and_begin,
    is_free,
    outcomes,
    record,
    request,
    the_message,
    the_state,
)
from tests.house import House
from tests.store.claiming import together


@pytest.fixture
def account_id(house: House) -> UUID:
    """With one text accepted by the carrier."""
    account_id = house.account()
    house.hang_up(account_id)
    house.send()
    return account_id


def sid(house: House, account_id: UUID) -> str:
    provider_id = house.messages(account_id)[0].provider_id
    assert provider_id is not None
    return provider_id


def attempt_of(house: House, attempt_id: UUID) -> Attempt:
    with house.sessions() as session:
        return session.scalars(select(Attempt).where(Attempt.id == attempt_id)).one()


def receipts(house: House) -> list[ProviderEvent]:
    with house.sessions() as session:
        return list(session.scalars(select(ProviderEvent).where(ProviderEvent.kind == "receipt")))


def test_a_delivery_is_noted_on_the_message_and_its_invitation(house: House, account_id: UUID) -> None:
    house.receipt(sid(house, account_id), "sent")
    assert the_message(house, account_id).state == "accepted"
    house.receipt(sid(house, account_id), "delivered")
    message, (invitation,) = the_message(house, account_id), house.invitations(account_id)
    assert (message.state, message.provider_status) == ("delivered", "delivered")
    assert (invitation.state, invitation.delivered_basis) == ("asked", "receipt")
    assert invitation.delivered_at == message.delivered_at is not None


def test_a_receipt_that_comes_before_our_own_record_is_kept(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    envelope = claim_and_begin(house.parts)
    result = request(house.parts, envelope)
    house.receipt(str(result.provider_id), "delivered", attempt=attempt_of(house, envelope.attempt_id))
    assert the_state(house, account_id) == ("asked", "delivered")
    record(house.parts, envelope, result)
    assert the_state(house, account_id) == ("asked", "delivered")
    assert outcomes(house, account_id) == ["accepted"]


def test_a_receipt_names_its_attempt_when_the_answer_to_the_request_was_lost(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    house.fault(drop_reply={"count": 1})
    house.send()
    (attempt,), (accepted,) = house.attempts(account_id), house.ledger()
    house.receipt(accepted["sid"], "sent", attempt=attempt)
    message = the_message(house, account_id)
    assert (message.state, message.provider_id) == ("accepted", accepted["sid"])
    house.settle()
    house.send()
    assert len(house.ledger()) == 1


def test_a_receipt_stops_an_attempt_that_was_already_planned(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    envelope = claim_and_begin(house.parts)
    result = request(house.parts, envelope)
    house.fault(listing_lag=3600)
    house.pass_time(seconds=31)
    house.settle()
    assert the_message(house, account_id).state == "due"
    house.receipt(str(result.provider_id), "sent", attempt=attempt_of(house, envelope.attempt_id))
    house.send()
    assert the_state(house, account_id) == ("asked", "accepted")
    assert len(house.ledger()) == 1


@pytest.mark.parametrize("status", ["sent", "delivered"])
def test_a_receipt_of_a_text_we_do_not_know_yet_waits_for_it(house: House, status: str) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    envelope = claim_and_begin(house.parts)
    result = request(house.parts, envelope)
    house.receipt(str(result.provider_id), status)
    (waiting,) = receipts(house)
    assert (waiting.applied_at, waiting.message_id) == (None, None)
    record(house.parts, envelope, result)
    (applied,), message = receipts(house), the_message(house, account_id)
    assert applied.message_id == message.id
    assert applied.applied_at is not None
    assert message.provider_status == status


def test_a_waiting_receipt_is_applied_when_a_look_up_finds_the_text(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    house.fault(drop_reply={"count": 1})
    house.send()
    house.receipt(house.ledger()[0]["sid"], "delivered")
    assert the_message(house, account_id).state == "unknown"
    house.settle()
    assert the_state(house, account_id) == ("asked", "delivered")


def test_a_waiting_receipt_finds_the_account_that_only_shares_the_sender(house: House) -> None:
    owner, guest = house.account(), house.account()
    with house.sessions.begin() as session:
        session.execute(text("update sender set is_active = false where account_id = :id"), {"id": guest})
        share_sender(session, session.scalars(select(Sender).where(Sender.account_id == owner)).one(), guest)
    house.hang_up(guest)
    envelope = claim_and_begin(house.parts)
    result = request(house.parts, envelope)
    house.receipt(str(result.provider_id), "delivered")
    record(house.parts, envelope, result)
    assert the_state(house, guest) == ("asked", "delivered")
    assert house.messages(owner) == []


@pytest.mark.parametrize("order", list(itertools.permutations(["queued", "sent", "delivered"])))
def test_receipts_in_any_order_lead_to_the_same_end(
    house: House, account_id: UUID, order: tuple[str, ...]
) -> None:
    for status in order:
        house.receipt(sid(house, account_id), status)
    message = the_message(house, account_id)
    assert (message.state, message.provider_status) == ("delivered", "delivered")


def test_one_receipt_delivered_twenty_times_at_once_is_kept_once(house: House, account_id: UUID) -> None:
    report = partial(house.receipt, sid(house, account_id), "delivered")
    together(*[report] * 20)
    assert len(receipts(house)) == 1
    assert the_state(house, account_id) == ("asked", "delivered")


def test_every_receipt_at_once_beside_our_own_record_leads_to_the_same_end(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    envelope = claim_and_begin(house.parts)
    result = request(house.parts, envelope)
    attempt = attempt_of(house, envelope.attempt_id)
    reports = [
        partial(house.receipt, str(result.provider_id), status, attempt=attempt)
        for status in ("queued", "sent", "delivered")
        for _ in range(3)
    ]
    together(partial(record, house.parts, envelope, result), *reports)
    assert the_state(house, account_id) == ("asked", "delivered")
    assert outcomes(house, account_id) == ["accepted"]
    assert len(receipts(house)) == 3


def test_what_was_delivered_stays_so_whatever_is_told_later(house: House, account_id: UUID) -> None:
    house.receipt(sid(house, account_id), "delivered")
    house.receipt(sid(house, account_id), "undelivered", code=30008)
    house.receipt(sid(house, account_id), "sent")
    assert the_state(house, account_id) == ("asked", "delivered")


def test_a_text_that_was_taken_and_not_delivered_ends_the_survey_and_keeps_the_cooldown(
    house: House, account_id: UUID
) -> None:
    house.receipt(sid(house, account_id), "undelivered", code=30005)
    assert the_state(house, account_id) == ("failed", "failed")
    assert the_message(house, account_id).error_code == 30005
    contact = house.contact(account_id)
    assert contact.open_invitation is None
    assert not is_free(contact)
    assert house.hang_up(account_id).skipped == {"reason": "asked_recently"}


def test_a_text_that_was_not_delivered_is_not_sent_again(house: House, account_id: UUID) -> None:
    house.receipt(sid(house, account_id), "undelivered", code=30003)
    house.pass_time(hours=1)
    house.settle()
    house.send()
    assert len(house.ledger()) == 1


def test_an_opt_out_told_by_receipt_is_written_and_ends_the_survey(house: House, account_id: UUID) -> None:
    house.receipt(sid(house, account_id), "failed", code=21610)
    assert the_state(house, account_id) == ("opted_out", "failed")
    contact = house.contact(account_id)
    assert contact.opted_out_at is not None
    assert contact.open_invitation is None
    assert house.hang_up(account_id).skipped == {"reason": "opted_out"}


def test_an_opt_out_told_by_receipt_cancels_what_is_still_to_come(house: House, account_id: UUID) -> None:
    house.text("5")
    house.receipt(sid(house, account_id), "failed", code=21610)
    assert [message.state for message in house.messages(account_id)] == ["failed", "cancelled"]
    house.send()
    assert len(house.ledger()) == 1


def test_a_receipt_of_another_carrier_account_touches_nothing(house: House, account_id: UUID) -> None:
    stranger = "AC" + "f" * 32
    with house.sessions.begin() as session:
        sender = session.scalars(select(Sender).where(Sender.account_id == house.account())).one()
        sender.provider_account = stranger
    (attempt,) = house.attempts(account_id)
    for provider_id in (sid(house, account_id), "SM" + "9" * 32):
        report = StatusReport(provider_id, "failed", 21610, stranger, raw={})
        with house.sessions.begin() as session:
            record_receipt(session, report, account_id=account_id, attempt_id=attempt.id)
    assert the_state(house, account_id) == ("asked", "accepted")
    assert house.contact(account_id).opted_out_at is None
    assert {event.account_id for event in receipts(house)} == {sender.account_id}


def test_a_receipt_of_a_carrier_account_that_nobody_has_is_dropped(house: House, account_id: UUID) -> None:
    report = StatusReport(sid(house, account_id), "failed", None, "AC" + "f" * 32, raw={})
    with house.sessions.begin() as session:
        record_receipt(session, report, account_id=None, attempt_id=None)
    assert receipts(house) == []
    assert the_state(house, account_id) == ("asked", "accepted")


def test_a_receipt_of_a_second_text_under_one_attempt_does_not_change_the_first(
    house: House, account_id: UUID
) -> None:
    (attempt,) = house.attempts(account_id)
    house.receipt("SM" + "8" * 32, "undelivered", code=30005, attempt=attempt)
    assert the_state(house, account_id) == ("asked", "accepted")


def test_without_any_receipt_the_survey_ends_unanswered_in_its_time(house: House, account_id: UUID) -> None:
    house.pass_time(hours=49)
    house.settle()
    assert the_state(house, account_id) == ("unanswered", "accepted")
    assert house.contact(account_id).open_invitation is None


def test_a_word_that_the_carrier_has_never_used_before_changes_nothing(
    house: House, account_id: UUID
) -> None:
    house.receipt(sid(house, account_id), "teleported")
    assert the_state(house, account_id) == ("asked", "accepted")
    assert receipts(house)[0].status == "teleported"


def test_an_unclear_request_does_not_undo_what_a_receipt_has_told(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    envelope = claim_and_begin(house.parts)
    result = request(house.parts, envelope)
    attempt = attempt_of(house, envelope.attempt_id)
    house.receipt(str(result.provider_id), "undelivered", code=30005, attempt=attempt)
    record(house.parts, envelope, SendResult(Outcome.UNKNOWN))
    assert the_state(house, account_id) == ("failed", "failed")
    house.settle()
    house.send()
    assert len(house.ledger()) == 1
