"""A reader who pages through the responses and comes back with the cursor misses none."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.flow.amend_call import amend_call
from app.flow.read_responses import Page, read_responses, read_verbatims
from app.flow.receive_call import Received
from app.flow.tidy import tidy
from app.store.invitations import Invitation
from tests.desk import Desk, write_answers
from tests.settling import settle


@pytest.fixture
def account_id(desk: Desk) -> UUID:
    return desk.account()


def page(desk: Desk, account_id: UUID, cursor: list[Any] | None = None, **query: Any) -> Page:
    wanted: dict[str, Any] = {
        "updated_since": None,
        "limit": 100,
        "verbatims": False,
        "agent_id": None,
        **query,
    }
    with desk.sessions() as session:
        return read_responses(session, account_id=account_id, cursor=cursor, **wanted)


def ids(found: Page | Iterable[dict[str, Any]]) -> list[str]:
    """The calls' own ids: the responses' are not at hand."""
    items = found.items if isinstance(found, Page) else found
    return [item["call"]["id"] for item in items]


def of(*received: Received) -> list[str]:
    return [one.call["id"] for one in received]


def respond(desk: Desk, account_id: UUID, count: int, **call: Any) -> list[Received]:
    return [desk.survey(account_id, values={"csat": 5}, **call) for _ in range(count)]


def test_pages_follow_one_another_and_the_last_says_so(desk: Desk, account_id: UUID) -> None:
    received = respond(desk, account_id, 5)
    settle(desk.sessions)
    seen, cursor = [], None
    for expected in (2, 2, 1):
        found = page(desk, account_id, cursor, limit=2)
        assert len(found.items) == expected
        assert (found.next_cursor is None) == (expected == 1)
        seen += ids(found)
        cursor = found.cursor
    assert seen == of(*received)
    assert page(desk, account_id, cursor) == Page([], None, cursor)


def test_responses_of_one_transaction_may_lie_on_two_pages(desk: Desk, account_id: UUID) -> None:
    received = [desk.hang_up(account_id) for _ in range(3)]
    with desk.sessions.begin() as session:
        for one in received:
            write_answers(session, account_id, one, csat=5)
    settle(desk.sessions)
    first = page(desk, account_id, limit=2)
    assert sorted(ids(first) + ids(page(desk, account_id, first.next_cursor))) == sorted(of(*received))


def test_what_changes_later_comes_after_the_cursor_and_only_that(desk: Desk, account_id: UUID) -> None:
    first, second, third = respond(desk, account_id, 3)
    settle(desk.sessions)
    cursor = page(desk, account_id).cursor
    desk.answer(account_id, second, csat=1)
    (fourth,) = respond(desk, account_id, 1)
    settle(desk.sessions)
    found = page(desk, account_id, cursor)
    assert ids(found) == of(second, fourth)
    assert found.items[0]["answers"]["csat"]["value"] == 1
    assert page(desk, account_id).items[0]["call"]["id"] == first.call["id"]
    assert len(page(desk, account_id).items) == 4
    assert ids(page(desk, account_id)) == of(first, third, second, fourth)


def test_a_change_that_began_earlier_and_is_committed_later_is_not_passed_over(
    desk: Desk, account_id: UUID
) -> None:
    slow, quick = desk.hang_up(account_id), desk.hang_up(account_id)
    with desk.sessions() as early:
        write_answers(early, account_id, slow, csat=5)
        desk.answer(account_id, quick, csat=5)
        found = page(desk, account_id)
        assert found.items == []
        early.commit()
    settle(desk.sessions)
    assert ids(page(desk, account_id, found.cursor)) == of(slow, quick)


def test_a_change_that_began_later_is_not_passed_over_either(desk: Desk, account_id: UUID) -> None:
    quick, slow = desk.hang_up(account_id), desk.hang_up(account_id)
    desk.answer(account_id, quick, csat=5)
    settle(desk.sessions)
    with desk.sessions() as late:
        write_answers(late, account_id, slow, csat=5)
        found = page(desk, account_id)
        assert ids(found) == of(quick)
        late.commit()
    settle(desk.sessions)
    assert ids(page(desk, account_id, found.cursor)) == of(slow)


def test_many_writers_and_a_reader_who_keeps_coming_back(desk: Desk, account_id: UUID) -> None:
    received = [desk.hang_up(account_id) for _ in range(24)]

    def work(session: Session, number: int) -> list[str]:
        seen: list[str] = []
        cursor = None
        for one in received[number - 1 :: 4] if number else received:
            if number:
                write_answers(session, account_id, one, csat=5)
                session.commit()
            else:
                found = page(desk, account_id, cursor, limit=3)
                seen, cursor = seen + ids(found), found.cursor
        return [*seen, cursor] if number == 0 else []  # type: ignore[list-item]  # the cursor rides along

    (*seen, cursor), *_ = desk.at_once(5, work)
    settle(desk.sessions)
    seen += ids(page(desk, account_id, cursor))  # type: ignore[arg-type]
    assert sorted(seen) == sorted(of(*received))


def test_only_what_changed_since_then_is_listed(desk: Desk, account_id: UUID) -> None:
    old, changed, new = (desk.hang_up(account_id) for _ in range(3))
    desk.answer(account_id, old, csat=5)
    desk.answer(account_id, changed, csat=5)
    since = desk.now()
    desk.answer(account_id, changed, csat=1)
    desk.answer(account_id, new, csat=5)
    settle(desk.sessions)
    assert ids(page(desk, account_id, updated_since=since)) == of(changed, new)
    first = page(desk, account_id, updated_since=since, limit=1)
    assert ids(page(desk, account_id, first.next_cursor, updated_since=since)) == of(new)
    assert len(page(desk, account_id, updated_since=since - timedelta(days=1)).items) == 3
    assert page(desk, account_id, updated_since=since + timedelta(days=1)).items == []


def test_what_changed_since_then_is_found_behind_much_that_is_older(desk: Desk, account_id: UUID) -> None:
    old = respond(desk, account_id, 3)
    with desk.sessions.begin() as session:
        session.execute(text("alter table invitation disable trigger touch"))
        session.execute(text("update invitation set updated_at = updated_at - interval '3 hours'"))
        session.execute(text("alter table invitation enable trigger touch"))
    since = desk.now()
    desk.answer(account_id, old[1], csat=1)
    new = respond(desk, account_id, 1)
    settle(desk.sessions)
    assert ids(page(desk, account_id, updated_since=since)) == of(old[1], *new)
    assert len(page(desk, account_id, updated_since=since - timedelta(hours=4)).items) == 4


def test_a_call_that_is_given_an_agent_later_is_listed_again_with_that_agent(
    desk: Desk, account_id: UUID
) -> None:
    received, _ = respond(desk, account_id, 2, agent_id=None)
    settle(desk.sessions)
    found = page(desk, account_id)
    assert found.items[0]["agent"] is None
    with desk.sessions.begin() as session:
        amend_call(
            session,
            account_id=account_id,
            call_id=UUID(received.call["id"]),
            changes={"agent": {"id": "a9"}, "tags": ["late"]},
        )
    settle(desk.sessions)
    (item,) = page(desk, account_id, found.cursor).items
    assert (item["agent"]["id"], item["call"]["tags"]) == ("a9", ["late"])


def test_one_response_has_its_call_its_agent_and_what_stands_of_its_answers(
    desk: Desk, account_id: UUID
) -> None:
    received = desk.hang_up(account_id, customer_ref="C-1", tags=("vip",), contact_reason="invoice")
    desk.answer(account_id, received, csat=1, nps=3)
    desk.answer(account_id, received, csat=4, ownership=5)
    settle(desk.sessions)
    (item,) = page(desk, account_id).items
    invitation = desk.invitation_of(account_id, received)
    assert item["id"] == str(invitation.id)
    assert item["status"] == "started"
    assert item["survey"] == {"key": "default", "version": 1}
    assert item["completed_at"] is not None
    assert item["agent"] == {"id": "a1", "name": "Agent One", "team": "blue", "vendor": "north"}
    assert item["call"]["customer_ref"] == "C-1"
    assert (item["call"]["tags"], item["call"]["contact_reason"]) == (["vip"], "invoice")
    assert {key: (answer["value"], answer["revision"]) for key, answer in item["answers"].items()} == {
        "csat": (4, 2),
        "nps": (3, 1),
        "ownership": (5, 1),
    }
    assert item["answers"]["nps"]["scale"] == "0_10"


def test_words_are_shown_to_those_who_may_read_them(desk: Desk, account_id: UUID) -> None:
    desk.survey(account_id, values={"csat": 5}, comment="so kind \N{SMILING FACE WITH OPEN MOUTH}")
    settle(desk.sessions)
    assert "so kind" not in str(page(desk, account_id).items)
    (item,) = page(desk, account_id, verbatims=True).items
    assert item["verbatims"] == {"comment": "so kind \N{SMILING FACE WITH OPEN MOUTH}"}


def test_one_agents_responses_are_theirs_alone(desk: Desk, account_id: UUID) -> None:
    mine = respond(desk, account_id, 2, agent_id="a1")
    respond(desk, account_id, 2, agent_id="a2")
    settle(desk.sessions)
    first = page(desk, account_id, agent_id="a1", limit=1)
    assert ids(first) + ids(page(desk, account_id, first.next_cursor, agent_id="a1")) == of(*mine)


def test_test_calls_unanswered_ones_and_other_accounts_are_left_out(desk: Desk, account_id: UUID) -> None:
    respond(desk, account_id, 1, is_test=True)
    respond(desk, desk.account(), 1)
    desk.deliver(account_id, desk.hang_up(account_id))
    desk.hang_up(account_id, ask=False)
    desk.answer(account_id, desk.hang_up(account_id), "words alone are no response")
    settle(desk.sessions)
    assert page(desk, account_id) == Page([], None, None)


@pytest.mark.parametrize("cursor", [[], ["x", "y"], [1], [1, 2, 3], [1, "no id"], [None, None], ["1e9", "-"]])
def test_a_cursor_that_is_none_is_refused(desk: Desk, account_id: UUID, cursor: list[Any]) -> None:
    with pytest.raises(Invalid):
        page(desk, account_id, cursor)
    with pytest.raises(Invalid), desk.sessions() as session:
        read_verbatims(session, account_id=account_id, agent_id="a1", cursor=cursor, limit=5)


# --- the database is restored from a dump, on a server that counts its transactions from the start


def restore(desk: Desk, ahead: int = 10**9) -> None:
    """Every change has a number of the other server's, far ahead of this one's."""
    with desk.sessions.begin() as session:
        session.execute(text("alter table invitation disable trigger touch"))
        session.execute(text("update invitation set change = change + :ahead"), {"ahead": ahead})
        session.execute(text("alter table invitation enable trigger touch"))


def test_after_a_restore_an_old_cursor_is_refused_and_a_new_reader_gets_all(
    desk: Desk, account_id: UUID
) -> None:
    received = respond(desk, account_id, 3)
    settle(desk.sessions)
    cursor = page(desk, account_id).cursor
    assert cursor is not None
    restore(desk)
    cursor[0] += 10**9
    later = respond(desk, account_id, 1)
    settle(desk.sessions)
    with pytest.raises(Invalid, match="another time"):
        page(desk, account_id, cursor)
    with desk.sessions.begin() as session:
        assert tidy(session) is False
    settle(desk.sessions)
    found = page(desk, account_id)
    assert ids(found)[0] == later[0].call["id"]
    assert sorted(ids(found)) == sorted(of(*received, *later))
    # and from there on everything is as usual
    desk.answer(account_id, received[0], csat=1)
    settle(desk.sessions)
    assert ids(page(desk, account_id, found.cursor)) == of(received[0])


def test_tidying_gives_nothing_a_new_number_where_nothing_was_restored(desk: Desk, account_id: UUID) -> None:
    respond(desk, account_id, 2)
    numbers = select(Invitation.change, Invitation.updated_at).order_by(Invitation.id)
    with desk.sessions.begin() as session:
        before = session.execute(numbers).all()
        tidy(session)
    with desk.sessions() as session:
        assert session.execute(numbers).all() == before
