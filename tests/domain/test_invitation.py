"""The states of an invitation."""

from itertools import pairwise

import pytest

from app.domain.invitation import (
    ANSWERABLE,
    HOLDING,
    MOVES,
    OPEN,
    PENDING,
    TERMINAL,
    InvitationState,
    can_move,
    releases_cooldown,
)


def state(name: str) -> InvitationState:
    return InvitationState(name)


@pytest.mark.parametrize(
    "way",
    [
        "scheduled asked started finished",
        "scheduled asked started partial",
        "scheduled asked unanswered",
        "scheduled expired",
        "scheduled failed",
        "scheduled in_doubt",
        "scheduled opted_out",
        "scheduled cancelled",
        "scheduled asked opted_out",
        "scheduled started finished",
        "scheduled in_doubt started partial",
        "scheduled asked finished",
    ],
)
def test_the_ways_an_invitation_goes(way: str) -> None:
    states = [state(name) for name in way.split()]
    assert all(can_move(old, new) for old, new in pairwise(states))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("skipped", "scheduled"),
        ("asked", "scheduled"),
        ("started", "asked"),
        ("started", "unanswered"),
        ("finished", "started"),
        ("opted_out", "asked"),
        ("unanswered", "started"),
        ("asked", "expired"),
        ("asked", "asked"),
    ],
)
def test_no_way_leads_back(old: str, new: str) -> None:
    assert not can_move(state(old), state(new))


def test_every_state_has_its_moves_written_down() -> None:
    assert set(MOVES) == set(InvitationState)


def test_every_state_is_pending_open_in_doubt_or_terminal_and_only_one_of_them() -> None:
    groups = [PENDING, OPEN, frozenset({state("in_doubt")}), TERMINAL]
    assert sorted(name for group in groups for name in group) == sorted(InvitationState)


def test_only_evidence_leads_out_of_a_terminal_state() -> None:
    assert {old for old in TERMINAL if MOVES[old]} == {state("expired")}
    assert MOVES[state("expired")] <= OPEN | {state("finished")}


def test_an_answer_counts_wherever_the_text_may_have_arrived() -> None:
    assert all(can_move(old, state("started")) for old in ANSWERABLE - {state("started")})


def test_a_contact_is_held_by_its_pending_or_open_survey_only() -> None:
    assert {*HOLDING} == {state("scheduled"), state("asked"), state("started")}


@pytest.mark.parametrize("ended", ["expired", "failed", "cancelled"])
def test_the_cooldown_is_released_when_no_carrier_took_a_message(ended: str) -> None:
    assert releases_cooldown(state(ended), accepted=False)
    assert not releases_cooldown(state(ended), accepted=True)


@pytest.mark.parametrize("ended", ["in_doubt", "unanswered", "finished", "partial", "opted_out"])
def test_the_cooldown_holds_where_a_text_may_have_arrived(ended: str) -> None:
    assert not releases_cooldown(state(ended), accepted=False)
