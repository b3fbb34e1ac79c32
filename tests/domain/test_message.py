"""The states of a message, and status reports that come late, twice and in any order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.message import MOVES, MessageState, can_move, newer_status, state_of

# what a carrier reports for one message: a way along, and one end
WAYS = [
    ["queued", "sending", "sent", "delivered"],
    ["accepted", "queued", "sending", "sent", "delivered", "read"],
    ["queued", "sent", "partially_delivered", "delivered"],
    ["queued", "sending", "sent", "undelivered"],
    ["queued", "failed"],
    ["scheduled", "canceled"],
]


def final(reports: list[str]) -> str | None:
    current: str | None = None
    for report in reports:
        if newer_status(current, report):
            current = report
    return current


@given(data=st.data(), way=st.sampled_from(WAYS))
def test_reports_shuffled_and_repeated_end_where_the_message_ended(
    data: st.DataObject, way: list[str]
) -> None:
    repeats = data.draw(st.lists(st.sampled_from(way), max_size=6))
    assert final(data.draw(st.permutations(way + repeats))) == way[-1]


@given(
    current=st.sampled_from(["delivered", "undelivered", "failed", "canceled", "read"]),
    incoming=st.sampled_from(sorted({status for way in WAYS for status in way})) | st.text(max_size=8),
)
def test_what_ended_stays_ended_but_for_being_read(current: str, incoming: str) -> None:
    assert newer_status(current, incoming) == ((current, incoming) == ("delivered", "read"))


def test_a_word_that_is_no_status_moves_nothing() -> None:
    assert not newer_status(None, "received")
    assert not newer_status("sent", "teleported")


@given(data=st.data(), way=st.sampled_from(WAYS))
def test_a_later_status_never_asks_for_an_illegal_move(data: st.DataObject, way: list[str]) -> None:
    status, state = None, MessageState.ACCEPTED
    for report in data.draw(st.permutations(way)):
        if newer_status(status, report):
            new = state_of(report)
            assert new is not None
            assert new is state or can_move(state, new)
            status, state = report, new


def test_every_state_has_its_moves_written_down() -> None:
    assert set(MOVES) == set(MessageState)


def test_no_state_moves_to_itself() -> None:
    assert not any(can_move(state, state) for state in MessageState)


@pytest.mark.parametrize("state", ["delivered", "failed"])
def test_an_end_that_the_carrier_told_is_an_end(state: str) -> None:
    assert MOVES[MessageState(state)] == frozenset()


@pytest.mark.parametrize("state", [*MessageState])
def test_a_receipt_moves_a_message_whatever_was_planned_for_it(state: MessageState) -> None:
    told = {MessageState.ACCEPTED, MessageState.DELIVERED, MessageState.FAILED}
    assert state in told or told <= MOVES[state]


def test_a_message_that_a_carrier_took_is_never_due_again() -> None:
    reachable, todo = set(), [MessageState.ACCEPTED]
    while todo:
        state = todo.pop()
        reachable.add(state)
        todo += MOVES[state] - reachable
    assert reachable == {MessageState.ACCEPTED, MessageState.DELIVERED, MessageState.FAILED}


def test_what_expired_or_was_cancelled_is_never_sent_after_all() -> None:
    for state in (MessageState.EXPIRED, MessageState.CANCELLED):
        assert not MOVES[state] & {MessageState.DUE, MessageState.CLAIMED}
