"""What customers wrote about an agent's calls, the newest first."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.flow.read_responses import Page, read_verbatims
from tests.desk import Desk, write_answers


@pytest.fixture
def account_id(desk: Desk) -> UUID:
    return desk.account()


def verbatims(desk: Desk, account_id: UUID, cursor: list[Any] | None = None, limit: int = 100) -> Page:
    with desk.sessions() as session:
        return read_verbatims(session, account_id=account_id, agent_id="a1", cursor=cursor, limit=limit)


def test_comments_are_listed_the_newest_first_page_by_page(desk: Desk, account_id: UUID) -> None:
    for number in range(5):
        desk.survey(account_id, values={"csat": 5}, comment=f"comment {number}")
    seen: list[str] = []
    cursor = None
    for expected in (2, 2, 1):
        found = verbatims(desk, account_id, cursor, limit=2)
        assert len(found.items) == expected
        seen += [item["text"] for item in found.items]
        cursor = found.next_cursor
    assert cursor is None
    assert seen == [f"comment {number}" for number in (4, 3, 2, 1, 0)]


def test_comments_of_the_same_moment_are_all_listed(desk: Desk, account_id: UUID) -> None:
    received = [desk.hang_up(account_id) for _ in range(4)]
    with desk.sessions.begin() as session:
        for number, one in enumerate(received):
            write_answers(session, account_id, one, f"comment {number}")
        session.execute(text("update answer set answered_at = now()"))
    first = verbatims(desk, account_id, limit=3)
    rest = verbatims(desk, account_id, first.next_cursor, limit=3)
    assert sorted(item["text"] for item in first.items + rest.items) == [f"comment {n}" for n in range(4)]


def test_a_comment_shows_what_stands_and_whose_call_it_was(desk: Desk, account_id: UUID) -> None:
    received = desk.survey(account_id, values={"csat": 2}, comment="bad")
    desk.answer(account_id, received, "not so bad")
    (item,) = verbatims(desk, account_id).items
    assert (item["text"], item["question"]) == ("not so bad", "comment")
    assert item["call"]["id"] == received.call["id"]
    assert item["response_id"] == str(desk.invitation_of(account_id, received).id)


def test_words_beside_a_score_test_calls_other_agents_and_accounts_are_no_comments_here(
    desk: Desk, account_id: UUID
) -> None:
    desk.survey(account_id, values={"csat": 5})
    for account, call in (
        (account_id, {"agent_id": "a2"}),
        (account_id, {"agent_id": None}),
        (account_id, {"is_test": True}),
        (desk.account(), {}),
    ):
        desk.survey(account, values={"csat": 5}, comment="not theirs", **call)
    assert verbatims(desk, account_id) == Page([], None, None)
