"""What a person may have sent again or closed, and the words for every message."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.delivery import TWILIO_CODES
from app.domain.explanation import Told, explain_message
from app.domain.invitation import InvitationState
from app.domain.message import MessageState
from app.domain.resending import BY_HAND, WAITING, Case, why_not_close, why_not_resend
from app.domain.text import without_addresses

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
POSSIBLE = Case(
    state=MessageState.IN_DOUBT,
    purpose="ask",
    code=None,
    survey=InvitationState.IN_DOUBT,
    now=NOW,
    until=NOW + timedelta(hours=18),
)


@pytest.mark.parametrize(
    "case",
    [
        POSSIBLE,
        replace(POSSIBLE, state=MessageState.QUARANTINED, survey=InvitationState.SCHEDULED),
        replace(POSSIBLE, state=MessageState.FAILED, survey=InvitationState.FAILED, code=30034),
        replace(POSSIBLE, state=MessageState.FAILED, survey=InvitationState.FAILED, code=99999),
        replace(POSSIBLE, purpose="question", survey=InvitationState.STARTED),
        replace(POSSIBLE, purpose="repeat", survey=InvitationState.ASKED),
    ],
)
def test_what_is_left_to_people_may_be_sent_again(case: Case) -> None:
    assert why_not_resend(case) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"state": MessageState.DELIVERED}, "has reached the customer"),
        ({"state": MessageState.ACCEPTED}, "the carrier has it already"),
        ({"state": MessageState.CLAIMED}, "being sent at this moment"),
        ({"state": MessageState.UNKNOWN}, "the carrier is being asked"),
        ({"state": MessageState.EXPIRED}, "nobody is texted late"),
        ({"state": MessageState.CANCELLED}, "was taken back"),
        ({"purpose": "thanks"}, "a moment that has passed"),
        ({"opted_out": True}, "has opted out"),
        ({"survey": InvitationState.OPTED_OUT}, "has opted out"),
        ({"answered": True}, "answered it meanwhile"),
        ({"survey": InvitationState.UNANSWERED}, "survey is over (unanswered)"),
        ({"purpose": "question"}, "survey is over (in_doubt)"),
        ({"until": NOW}, "too long ago"),
        ({"until": None}, "too long ago"),
        ({"state": MessageState.FAILED, "code": 21614}, "refuses it with 21614 (not a mobile number)"),
        ({"other_survey": True}, "another survey of this customer is open"),
        ({"asked_recently": True}, "has asked this customer since"),
        ({"sender_active": False}, "no longer in use"),
    ],
)
def test_each_thing_that_stands_against_it_is_named(change: dict[str, Any], why: str) -> None:
    assert why in (why_not_resend(replace(POSSIBLE, **change)) or "")


@given(
    state=st.sampled_from(MessageState),
    survey=st.sampled_from(InvitationState),
    purpose=st.sampled_from(["ask", "question", "repeat", "thanks", "corrected", "stopped"]),
    code=st.none() | st.sampled_from(sorted(TWILIO_CODES)),
    facts=st.fixed_dictionaries(
        {name: st.booleans() for name in ("answered", "opted_out", "other_survey", "asked_recently")}
    ),
)
def test_nobody_who_said_no_or_has_answered_is_texted_by_any_case(
    state: MessageState, survey: InvitationState, purpose: str, code: int | None, facts: dict[str, bool]
) -> None:
    case = Case(
        state=state, purpose=purpose, code=code, survey=survey, now=NOW, until=POSSIBLE.until, **facts
    )
    if why_not_resend(case) is None:
        assert state in BY_HAND
        assert not any(facts.values())
        assert survey is not InvitationState.OPTED_OUT


def test_what_waits_for_a_person_or_failed_can_be_closed_and_nothing_else() -> None:
    assert {state for state in MessageState if why_not_close(state) is None} == BY_HAND
    assert all(why_not_close(state) for state in set(MessageState) - BY_HAND)


@pytest.mark.parametrize("state", [*MessageState])
@pytest.mark.parametrize("code", [None, 21610, 30007, 30034, 99999])
def test_every_message_is_explained(state: MessageState, code: int | None) -> None:
    explanation = explain_message(Told(state, attempts=1, code=code))
    assert explanation.happened.endswith(".")
    assert explanation.known.endswith(".")
    assert bool(explanation.options) == (state in BY_HAND)


@pytest.mark.parametrize("state", sorted(WAITING))
def test_what_waits_offers_both_decisions(state: MessageState) -> None:
    again, close = explain_message(Told(state, attempts=1)).options
    assert again.startswith("Send it again")
    assert close.startswith("Close it")


def test_a_final_refusal_offers_no_second_request() -> None:
    told = Told(MessageState.FAILED, attempts=1, code=21211)
    assert explain_message(told).options == ("Close it: it is never sent again",)


@pytest.mark.parametrize("state", sorted(set(MessageState) - {MessageState.IN_DOUBT}))
def test_a_doubt_that_a_person_passed_over_stays_told(state: MessageState) -> None:
    assert "the customer may have the text" in explain_message(Told(state, 2, doubted=True)).known


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("ring +44 7700 900123 again", "ring [number] again"),
        ("wrote to jo@example.com", "wrote to [address]"),
        ("ticket 4711, at 12:30", "ticket 4711, at 12:30"),
    ],
)
def test_what_a_person_writes_keeps_no_address(written: str, kept: str) -> None:
    assert without_addresses(written) == kept
