"""What follows each outcome of a request, each look-up and each receipt."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.delivery import (
    MAX_ATTEMPTS,
    TWILIO_CODES,
    Action,
    NextStep,
    Outcome,
    SendResult,
    Step,
    after_look,
    after_receipt,
    after_send,
    back_off,
    classify,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOT_AFTER = NOW + timedelta(hours=18)
MESSAGE = UUID("018f0000-0000-7000-8000-000000000001")
seconds = timedelta(seconds=1)


def sent(
    outcome: Outcome,
    code: int | None = None,
    http_status: int | None = 400,
    *,
    retry_after: float | None = None,
    attempts: int = 1,
    now: datetime = NOW,
) -> NextStep:
    result = SendResult(outcome, code=code, http_status=http_status, retry_after=retry_after)
    return after_send(result, attempts=attempts, now=now, not_after=NOT_AFTER, message_id=MESSAGE)


def looked(
    found: bool | None,
    empty_looks: int = 0,
    resent: bool = False,
    attempts: int = 1,
    now: datetime = NOW,
) -> NextStep:
    return after_look(
        found, empty_looks=empty_looks, resent=resent, attempts=attempts, now=now, not_after=NOT_AFTER
    )


def test_an_accepted_message_is_accepted() -> None:
    assert sent(Outcome.ACCEPTED, http_status=201) == NextStep(Step.ACCEPTED)


def test_an_unknown_outcome_is_looked_up_after_a_minute_and_never_sent_again_at_once() -> None:
    assert sent(Outcome.UNKNOWN, http_status=500) == NextStep(Step.LOOK, NOW + 60 * seconds)


def test_an_unknown_outcome_is_looked_up_even_where_no_attempt_is_left() -> None:
    assert sent(Outcome.UNKNOWN, attempts=MAX_ATTEMPTS).step is Step.LOOK


def test_a_request_that_was_not_sent_is_free_to_go_again_however_often() -> None:
    for attempts in (0, 1, MAX_ATTEMPTS, 500):
        step = sent(Outcome.NOT_SENT, http_status=None, attempts=attempts)
        assert step.step is Step.RETRY
        assert step.at is not None
        assert step.at >= NOW + 5 * seconds


def test_a_throttled_message_waits_longer_each_time_and_is_not_given_up_before_it_is_too_late() -> None:
    waits = []
    for attempts in range(1, MAX_ATTEMPTS):
        step = sent(Outcome.REJECTED, 20429, 429, attempts=attempts)
        assert step.step is Step.RETRY
        assert step.at is not None
        waits.append(step.at - NOW)
    assert waits == sorted(waits)
    assert sum(waits, timedelta()) >= timedelta(minutes=10), "outlasts ten bad minutes of a carrier"
    assert sent(Outcome.REJECTED, 20429, 429, attempts=MAX_ATTEMPTS + 50).step is Step.RETRY


def test_a_429_without_a_code_is_throttling_too() -> None:
    assert sent(Outcome.REJECTED, None, 429).step is Step.RETRY


def test_retry_after_lengthens_the_wait() -> None:
    step = sent(Outcome.REJECTED, 20429, 429, retry_after=100)
    assert step.at is not None
    assert NOW + 100 * seconds <= step.at < NOW + 126 * seconds


def test_a_carrier_that_always_says_one_second_does_not_use_up_the_attempts() -> None:
    assert back_off(4, MESSAGE, retry_after=1) == back_off(4, MESSAGE)


@given(
    attempts=st.integers(0, 10_000),
    message_id=st.uuids(),
    retry_after=st.none() | st.floats(allow_nan=True, allow_infinity=True),
)
def test_a_wait_is_bounded_whatever_the_carrier_says(
    attempts: int, message_id: UUID, retry_after: float | None
) -> None:
    assert 5 * seconds <= back_off(attempts, message_id, retry_after) <= timedelta(seconds=900 * 1.25)


def test_waits_are_spread_over_messages_and_the_same_for_one() -> None:
    waits = {back_off(3, UUID(int=number)) for number in range(50)}
    assert len(waits) == 50
    assert back_off(3, MESSAGE) == back_off(3, MESSAGE)


def test_a_retry_that_would_come_too_late_ends_as_expired() -> None:
    step = sent(Outcome.REJECTED, 20429, 429, now=NOT_AFTER - 4 * seconds)
    assert step == NextStep(Step.EXPIRED, None, 20429, Action.SLOW_DOWN)


@pytest.mark.parametrize("code", [21211, 21217, 21614, 30005, 30006])
def test_a_number_that_takes_no_texts_fails_for_good_with_its_code(code: int) -> None:
    step = sent(Outcome.REJECTED, code)
    assert (step.step, step.code, step.alarm) == (Step.FAILED, code, False)


def test_a_landline_is_left_to_the_next_channel() -> None:
    assert sent(Outcome.REJECTED, 21614).action is Action.NEXT_CHANNEL


def test_a_code_nobody_knows_fails_for_good() -> None:
    assert sent(Outcome.REJECTED, 29999).step is Step.FAILED


def test_an_opt_out_at_the_carrier_becomes_ours() -> None:
    assert sent(Outcome.REJECTED, 21610) == NextStep(Step.OPT_OUT, None, 21610, Action.OPT_OUT)


@pytest.mark.parametrize("code", [21408, 21215, 21603, 21606, 30002, 30032, 30034])
@pytest.mark.parametrize("attempts", [1, MAX_ATTEMPTS, 40])
def test_a_configuration_error_is_held_and_alarmed_and_costs_no_message(code: int, attempts: int) -> None:
    step = sent(Outcome.REJECTED, code, attempts=attempts)
    assert (step.step, step.code, step.alarm) == (Step.HOLD, code, True)
    assert step.at is not None
    assert step.at >= NOW + timedelta(minutes=15)


@pytest.mark.parametrize("http_status", [401, 403, 404])
def test_a_refused_token_is_a_configuration_error(http_status: int) -> None:
    assert sent(Outcome.REJECTED, 20003, http_status).step is Step.HOLD


def test_a_held_message_expires_with_its_reason() -> None:
    step = sent(Outcome.REJECTED, 21606, now=NOT_AFTER - timedelta(minutes=10))
    assert (step.step, step.code, step.alarm) == (Step.EXPIRED, 21606, True)


@pytest.mark.parametrize("code", [30004, 30007, 14107])
def test_a_filtered_or_looping_message_is_not_tried_again_and_alarms(code: int) -> None:
    step = sent(Outcome.REJECTED, code)
    assert (step.step, step.alarm) == (Step.FAILED, True)


def test_an_unknown_error_of_a_handset_gets_one_retry() -> None:
    assert sent(Outcome.REJECTED, 30008, attempts=1).step is Step.RETRY
    assert sent(Outcome.REJECTED, 30008, attempts=2).step is Step.FAILED


def test_every_code_has_a_meaning_and_a_known_one_outranks_the_http_status() -> None:
    assert all(meaning and isinstance(action, Action) for meaning, action in TWILIO_CODES.values())
    assert classify(21610, 403) is Action.OPT_OUT


def test_a_message_that_the_carrier_lists_is_accepted_at_any_time() -> None:
    assert looked(True).step is Step.ACCEPTED
    assert looked(True, resent=True, now=NOT_AFTER + timedelta(days=1)).step is Step.ACCEPTED


def test_one_empty_listing_proves_nothing_yet() -> None:
    assert looked(False, empty_looks=1) == NextStep(Step.LOOK, NOW + 120 * seconds)


def test_two_empty_listings_allow_one_new_attempt() -> None:
    assert looked(False, empty_looks=2) == NextStep(Step.RESEND, NOW)


def test_there_is_no_second_resend() -> None:
    step = looked(False, empty_looks=2, resent=True)
    assert step.step is Step.LOOK
    assert step.at is not None
    assert step.at > NOW


def test_a_resend_counts_as_an_attempt() -> None:
    assert looked(False, empty_looks=2, attempts=MAX_ATTEMPTS).step is Step.FAILED


@pytest.mark.parametrize("empty_looks", [0, 1])
def test_a_failed_listing_proves_nothing_and_is_asked_again(empty_looks: int) -> None:
    assert looked(None, empty_looks) == NextStep(Step.LOOK, NOW + 60 * seconds)


@pytest.mark.parametrize("empty_looks", [0, 1])
def test_a_carrier_that_cannot_be_asked_leaves_the_message_in_doubt(empty_looks: int) -> None:
    assert looked(None, empty_looks, now=NOT_AFTER).step is Step.IN_DOUBT


def test_two_empty_listings_past_the_last_moment_prove_that_nothing_was_sent() -> None:
    assert looked(False, empty_looks=2, now=NOT_AFTER).step is Step.EXPIRED
    assert looked(False, empty_looks=7, resent=True, now=NOT_AFTER).step is Step.EXPIRED


def test_a_first_empty_listing_past_the_last_moment_is_still_followed_by_the_second() -> None:
    assert looked(False, empty_looks=1, now=NOT_AFTER).step is Step.LOOK


@given(answers=st.lists(st.sampled_from([None, False]), min_size=30, max_size=30))
def test_looking_ends_and_sends_at_most_one_more_time(answers: list[bool | None]) -> None:
    now, empty, resent, resends = NOT_AFTER - timedelta(minutes=20), 0, False, 0
    for found in answers:
        empty += found is False
        step = looked(found, empty, resent, now=now)
        if step.step is Step.RESEND:
            resent, resends, empty = True, resends + 1, 0
            now += 60 * seconds
        elif step.step is Step.LOOK:
            assert step.at is not None
            assert step.at > now
            now = step.at
        else:
            assert step.step in (Step.EXPIRED, Step.IN_DOUBT)
            assert now >= NOT_AFTER
            break
    else:
        pytest.fail("looked for ever")
    assert resends <= 1


@pytest.mark.parametrize("status", ["queued", "sending", "sent", "accepted", "scheduled"])
def test_a_receipt_on_the_way_says_accepted(status: str) -> None:
    assert after_receipt(status, None) == NextStep(Step.ACCEPTED)


@pytest.mark.parametrize("status", ["delivered", "read", "partially_delivered"])
def test_a_receipt_of_arrival_says_delivered(status: str) -> None:
    assert after_receipt(status, None) == NextStep(Step.DELIVERED)


@pytest.mark.parametrize("status", ["undelivered", "failed", "canceled"])
@pytest.mark.parametrize("code", [None, *(code for code in TWILIO_CODES if code != 21610)])
def test_no_receipt_ever_leads_to_a_second_text(status: str, code: int | None) -> None:
    step = after_receipt(status, code)
    assert step is not None
    assert (step.step, step.at, step.code) == (Step.FAILED, None, code)


def test_a_receipt_may_bring_an_opt_out_or_an_alarm() -> None:
    opted_out, filtered = after_receipt("failed", 21610), after_receipt("undelivered", 30007)
    assert opted_out is not None
    assert opted_out.step is Step.OPT_OUT
    assert filtered is not None
    assert filtered.alarm


@pytest.mark.parametrize("status", ["received", "receiving", "", "teleported"])
def test_a_status_that_says_nothing_of_our_message_moves_nothing(status: str) -> None:
    assert after_receipt(status, None) is None
