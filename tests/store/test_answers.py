"""Answers as rows: one that stands per question, its history dense, the customer's words sealed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from app.ids import new_id
from app.store.answers import Answer, answers_of, revise, take_turn, text_was_taken, words_of
from app.store.base import database_now
from app.store.provider_events import keep_event
from tests.desk import Desk

Write = Callable[..., Answer]


@pytest.fixture
def desk(session_factory: sessionmaker[Session]) -> Desk:
    return Desk(session_factory)


@pytest.fixture
def invited(desk: Desk) -> tuple[UUID, UUID]:
    """(account, invitation) of a customer who is asked."""
    account_id = desk.account()
    return account_id, desk.invitation_of(account_id, desk.hang_up(account_id)).id


@pytest.fixture
def write(session: Session, invited: tuple[UUID, UUID]) -> Write:
    account_id, invitation_id = invited

    def write(previous: Answer | None, **values: Any) -> Answer:
        terms: dict[str, Any] = {
            "account_id": account_id,
            "invitation_id": invitation_id,
            "question_key": "csat",
            "metric": "csat",
            "value": 5,
            "words": "five!",
            "scale": "1_5",
            "wording_version": "en-1",
            "channel": "sms",
            "flags": [],
            "provider_event_id": None,
            "answered_at": database_now(session),
        }
        return revise(session, previous, **{**terms, **values})

    return write


def test_a_revision_takes_the_place_of_the_one_before_which_stays(
    session: Session, invited: tuple[UUID, UUID], write: Write
) -> None:
    first = write(None, value=2)
    second = write(first, value=4)
    write(second, value=5)
    assert [(one.revision, one.is_current, one.value) for one in answers_of(session, *invited)] == [
        (1, False, 2),
        (2, False, 4),
        (3, True, 5),
    ]


def test_two_answers_to_one_question_never_stand_at_once(session: Session, write: Write) -> None:
    write(None)
    with pytest.raises(IntegrityError, match="uq_answer"), session.begin_nested():
        write(None)


def test_a_revision_is_written_once(session: Session, invited: tuple[UUID, UUID], write: Write) -> None:
    first = write(None)
    write(first)
    with pytest.raises(IntegrityError, match="uq_answer_account_id_invitation_id_question_key_revision"):
        session.execute(text("update answer set revision = 1, is_current = false where revision = 2"))


def test_words_are_sealed_for_their_account_and_place(session: Session, write: Write) -> None:
    answer = write(None, words="so rude \N{ANGRY FACE}")
    assert answer.words is not None
    assert b"rude" not in answer.words
    assert words_of(session, answer) == "so rude \N{ANGRY FACE}"
    other = Answer(account_id=new_id(), words=answer.words)
    with pytest.raises(InvalidTag):
        words_of(session, other)
    assert words_of(session, write(answer, words=None)) is None


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("completed_at = clock_now()", "completed_within_responded"),
        ("responded_at = clock_now()", "responded_within_delivered"),
        ("completed_at = clock_now(), delivered_at = clock_now()", "completed_within_responded"),
        ("state = 'skipped'", "skipped_has_reason"),
        ("skip_reason = 'too_old'", "skipped_has_reason"),
    ],
)
def test_an_invitation_cannot_contradict_itself(
    session: Session, invited: tuple[UUID, UUID], change: str, constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), session.begin_nested():
        session.execute(text(f"update invitation set {change} where id = :id"), {"id": invited[1]})  # noqa: S608


def test_texts_of_one_number_take_turns_and_others_go_on(committing: sessionmaker[Session]) -> None:
    desk, order = Desk(committing), []

    def second(session: Session) -> None:
        take_turn(session, "+447700900123")
        order.append("second")

    with committing() as session, session.begin():
        take_turn(session, "+447700900123")
        with desk.meanwhile(second) as waiting:
            assert not waiting.done()
            with committing() as other, other.begin():
                take_turn(other, "+447700900124")
            order.append("first")
            session.commit()
            waiting.result(timeout=10)
    assert order == ["first", "second"]


def test_a_text_is_known_again_by_whichever_account_took_it(session: Session, desk: Desk) -> None:
    one, other, stranger = desk.account(), desk.account(), desk.account()
    sid = "SM" + "1" * 32
    keep_event(session, other, kind="text", event_key=sid, provider_id=sid, content="5")
    assert text_was_taken(session, [one, other], sid)
    assert not text_was_taken(session, [one, stranger], sid)
    assert not text_was_taken(session, [one, other], sid[:-1] + "2")
