"""A message goes out: what each answer of the carrier leads to, and what an opt-out stops."""

import time
from uuid import UUID

from sqlalchemy import select

from app.domain.delivery import MAX_ATTEMPTS, Outcome, SendResult
from app.store.base import database_now
from app.store.claims import senders_with_work
from app.store.contacts import opt_out
from app.store.events import Event
from app.store.messages import cancel_due_messages
from tests.flow.steps import (
    claim,
    claim_and_begin,
    is_free,
    outcomes,
    record,
    request,
    the_message,
    the_state,
)
from tests.house import PHONE, House
from workers.drain import Drain, send


def test_an_accepted_text_is_asked_and_holds_its_customer(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    house.send()
    (accepted,) = house.ledger()
    assert (accepted["to"], accepted["from"]) == (PHONE, "+15005550006")
    message, (invitation,), (attempt,) = (
        the_message(house, account_id),
        house.invitations(account_id),
        house.attempts(account_id),
    )
    assert (message.state, message.provider_id, message.claim_id) == ("accepted", accepted["sid"], None)
    assert (attempt.outcome, attempt.provider_id, attempt.number) == ("accepted", accepted["sid"], 1)
    assert f"attempt={attempt.id}" in accepted["status_callback"]
    assert attempt.ended_at is not None
    assert attempt.started_at < attempt.ended_at
    assert invitation.state == "asked"
    assert invitation.close_at is not None
    contact = house.contact(account_id)
    assert contact.open_invitation == contact.asked_by_invitation == invitation.id


def test_a_wrong_number_fails_for_good_and_its_customer_is_free_for_another_call(house: House) -> None:
    account_id = house.account()
    house.fault(codes={PHONE: 21211})
    house.hang_up(account_id)
    house.send()
    message = the_message(house, account_id)
    assert the_state(house, account_id) == ("failed", "failed")
    assert (message.error_code, message.attempts) == (21211, 1)
    assert house.ledger() == []
    assert is_free(house.contact(account_id))
    house.no_faults()
    assert house.hang_up(account_id).skipped is None


def test_too_many_requests_are_tried_again_after_what_the_carrier_asked_for(house: House) -> None:
    account_id = house.account()
    house.fault(rate_limited={"count": 1}, retry_after_seconds=120)
    house.hang_up(account_id)
    house.send()
    message, (attempt,) = the_message(house, account_id), house.attempts(account_id)
    assert (message.state, attempt.outcome, attempt.http_status) == ("due", "rejected", 429)
    assert attempt.ended_at is not None
    assert 120 <= (message.due_at - attempt.ended_at).total_seconds() <= 150
    house.pass_time(seconds=151)
    house.send()
    assert outcomes(house, account_id) == ["rejected", "accepted"]
    assert len(house.ledger()) == 1
    accepted = the_message(house, account_id)
    assert (accepted.error_code, accepted.detail) == (None, None)


def test_a_carrier_that_never_has_room_is_asked_until_it_is_too_late_and_the_customer_is_free(
    house: House,
) -> None:
    account_id = house.account(send_within_seconds=7200)
    house.fault(rate_limited=1)
    house.hang_up(account_id)
    for _ in range(MAX_ATTEMPTS + 2):
        house.send()
        house.pass_time(minutes=20)
    house.settle()
    assert set(outcomes(house, account_id)) == {"rejected"}
    assert the_state(house, account_id) == ("expired", "expired")
    assert house.ledger() == []
    assert is_free(house.contact(account_id))


def test_requests_that_never_left_are_in_no_cap_and_come_at_longer_and_longer_intervals(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    nobody_listens = house.worker(base_url="http://127.0.0.1:9")
    waits = []
    for _ in range(MAX_ATTEMPTS + 2):
        Drain(nobody_listens).run()
        message, attempt = the_message(house, account_id), house.attempts(account_id)[-1]
        assert (message.state, attempt.outcome) == ("due", "not_sent")
        assert attempt.ended_at is not None
        waits.append((message.due_at - attempt.ended_at).total_seconds())
        house.pass_time(seconds=waits[-1] + 1)
    assert waits[:-2] == sorted(waits[:-2])
    assert all(900 <= wait <= 1125 for wait in waits[-2:])
    # neither do they count when the carrier, back again, has too much to do
    house.fault(rate_limited={"count": 1})
    house.send()
    assert the_message(house, account_id).state == "due"
    house.pass_time(seconds=60)
    house.send()
    assert the_state(house, account_id) == ("asked", "accepted")
    assert len(house.ledger()) == 1


def test_a_configuration_error_holds_the_message_outside_the_cap_until_it_is_mended(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    house.fault(codes={PHONE: 21606})
    for _ in range(MAX_ATTEMPTS):
        house.send()
        house.pass_time(minutes=20)
    assert the_state(house, account_id) == ("scheduled", "due")
    house.fault(rate_limited={"count": 1})
    house.send()
    assert the_message(house, account_id).state == "due"
    house.pass_time(minutes=1)
    house.send()
    assert the_state(house, account_id) == ("asked", "accepted")
    assert len(house.ledger()) == 1


def test_an_opt_out_that_the_carrier_holds_becomes_ours_and_ends_the_survey(house: House) -> None:
    account_id = house.account()
    house.fault(codes={PHONE: 21610})
    house.hang_up(account_id)
    house.send()
    assert the_state(house, account_id) == ("opted_out", "failed")
    contact = house.contact(account_id)
    assert contact.opted_out_at is not None
    assert contact.open_invitation is None
    assert house.hang_up(account_id).skipped == {"reason": "opted_out"}
    with house.sessions() as session:
        (told,) = session.scalars(select(Event).where(Event.type == "contact.opted_out"))
        assert told.content == {"by": "carrier"}


def test_an_opt_out_that_the_carrier_tells_ends_the_next_survey_before_it_begins(house: House) -> None:
    account_id = house.account(cooldown_seconds=0, answer_within_seconds=1)
    house.hang_up(account_id)
    house.send()
    house.pass_time(seconds=2)
    house.settle()
    house.hang_up(account_id)
    house.receipt(house.ledger()[0]["sid"], "failed", code=21610)
    house.send()
    house.settle()
    assert [invitation.state for invitation in house.invitations(account_id)] == ["unanswered", "opted_out"]
    assert [message.state for message in house.messages(account_id)] == ["failed", "cancelled"]
    assert house.contact(account_id).open_invitation is None
    assert len(house.ledger()) == 1


def test_an_opt_out_found_at_a_later_question_cancels_what_was_still_to_come(house: House) -> None:
    account_id = house.account(comment_quiet_seconds=0)
    house.hang_up(account_id)
    house.send()
    house.text("5")
    question = claim_and_begin(house.parts)
    house.text("4")
    house.fault(codes={PHONE: 21610})
    record(house.parts, question, request(house.parts, question))
    assert [message.state for message in house.messages(account_id)] == ["accepted", "failed", "cancelled"]
    assert house.invitations(account_id)[0].state == "opted_out"
    assert not house.parts.unit(senders_with_work)


def test_a_customer_who_opted_out_is_not_asked_and_their_invitation_ends_so(house: House) -> None:
    account_id = house.account(delay_seconds=600)
    house.hang_up(account_id)
    house.text("STOP")
    house.settle()
    assert the_state(house, account_id) == ("opted_out", "cancelled")
    assert house.contact(account_id).open_invitation is None
    house.pass_time(minutes=11)
    house.send()
    assert house.ledger() == []


def test_a_no_between_the_claim_and_the_request_stops_the_text(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    (claimed,) = claim(house.parts)
    house.text("STOP")
    send(house.parts, claimed, time.monotonic() + 5)
    assert house.ledger() == []
    house.settle()
    message = the_message(house, account_id)
    assert (message.state, message.crossed_opt_out) == ("cancelled", False)


def opt_out_elsewhere(house: House, account_id: UUID) -> None:
    """By a door that has nothing to do with the open survey."""
    contact_id = house.contact(account_id).id
    with house.sessions.begin() as session:
        opt_out(session, account_id, contact_id, database_now(session))
        cancel_due_messages(session, account_id, contact_id, "opted out", asks=False)


def test_a_text_that_crosses_a_no_on_its_way_is_counted(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    envelope = claim_and_begin(house.parts)
    house.text("STOP")
    record(house.parts, envelope, request(house.parts, envelope))
    message = the_message(house, account_id)
    assert (message.state, message.crossed_opt_out) == ("accepted", True)


def test_a_refused_text_is_not_tried_again_once_its_customer_has_opted_out(house: House) -> None:
    account_id = house.account()
    house.hang_up(account_id)
    envelope = claim_and_begin(house.parts)
    opt_out_elsewhere(house, account_id)
    record(house.parts, envelope, SendResult(Outcome.REJECTED, code=20429, http_status=429))
    assert the_message(house, account_id).state == "cancelled"
