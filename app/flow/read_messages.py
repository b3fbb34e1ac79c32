"""Messages by their state, each with what happened, what is known and what a person can do. No address, no text."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.explanation import Told, explain_message
from app.domain.message import MessageState
from app.domain.resending import WAITING
from app.errors import NotFound
from app.flow.pages import Page, position
from app.flow.views import iso
from app.store.audit import Audit, audited_of
from app.store.calls import Call
from app.store.invitations import Invitation
from app.store.message_lists import find_message, find_messages
from app.store.messages import Attempt, Message, attempts_of

# as the audit names them
RESENT, CLOSED = "message.resent", "message.closed"


def read_messages(
    session: Session, *, account_id: UUID, status: str | None, cursor: list[Any] | None, limit: int
) -> Page:
    """Of this status, the newest first; None: all that wait for a person. Raises Invalid for others' cursors."""
    before = None if cursor is None else position(cursor, UUID)[0]
    states = sorted(WAITING) if status is None else [status]
    found = find_messages(session, account_id, states, before=before, limit=limit)
    more = None if found.more_before is None else [str(found.more_before)]
    end = more or ([str(found.rows[-1].Message.id)] if found.rows else cursor)
    return Page(_views(session, account_id, found.rows), more, end)


def read_message(session: Session, *, account_id: UUID, message_id: UUID) -> dict[str, Any]:
    """Raises NotFound."""
    row = find_message(session, account_id, message_id)
    if row is None:
        raise NotFound("No such message")
    return _views(session, account_id, [row])[0]


def _views(session: Session, account_id: UUID, rows: Sequence[Any]) -> list[dict[str, Any]]:
    ids = [row.Message.id for row in rows]
    attempts: dict[UUID, list[Attempt]] = {}
    for attempt in attempts_of(session, account_id, ids):
        attempts.setdefault(attempt.message_id, []).append(attempt)
    by_hand: dict[UUID, list[Audit]] = {}
    for audit in audited_of(session, account_id, ids):
        by_hand.setdefault(audit.subject_id or account_id, []).append(audit)
    return [
        _view(
            row.Message,
            row.Invitation,
            row.Call,
            attempts.get(row.Message.id, []),
            by_hand.get(row.Message.id, []),
        )
        for row in rows
    ]


def _view(
    message: Message,
    invitation: Invitation,
    call: Call,
    attempts: Sequence[Attempt],
    by_hand: Sequence[Audit],
) -> dict[str, Any]:
    return {
        "id": str(message.id),
        "status": message.state,
        "purpose": message.purpose,
        "question": message.question_key,
        "language": message.language,
        "explanation": _explained(message, by_hand),
        "code": message.error_code,
        "detail": message.detail,
        "provider_id": message.provider_id,
        "provider_status": message.provider_status,
        "invitation": {"id": str(invitation.id), "status": invitation.state},
        "call": {"id": str(call.id), "source": call.source, "call_id": call.call_id},
        "created_at": iso(message.created_at),
        "due_at": iso(message.due_at),
        "not_after": iso(message.not_after),
        "accepted_at": iso(message.accepted_at),
        "delivered_at": iso(message.delivered_at),
        "ended_at": iso(message.ended_at),
        "attempts": [_attempt_view(attempt) for attempt in attempts],
        "by_hand": [_by_hand_view(audit) for audit in by_hand],
    }


def _explained(message: Message, by_hand: Iterable[Audit]) -> dict[str, Any]:
    explanation = explain_message(
        Told(
            state=MessageState(message.state),
            attempts=message.attempts,
            code=message.error_code,
            detail=message.detail,
            doubted=message.doubted,
            closed=any(audit.action == CLOSED for audit in by_hand),
            accepted=message.provider_id is not None,
        )
    )
    return {
        "happened": explanation.happened,
        "known": explanation.known,
        "options": list(explanation.options),
    }


def _attempt_view(attempt: Attempt) -> dict[str, Any]:
    return {
        "id": str(attempt.id),
        "number": attempt.number,
        "started_at": iso(attempt.started_at),
        "ended_at": iso(attempt.ended_at),
        "outcome": attempt.outcome,
        "http_status": attempt.http_status,
        "code": attempt.code,
        "provider_id": attempt.provider_id,
        "detail": attempt.detail,
    }


def _by_hand_view(audit: Audit) -> dict[str, Any]:
    return {
        "at": iso(audit.at),
        "by": audit.actor,
        "action": audit.action.removeprefix("message."),
        "was": audit.detail["was"]["status"],
        "reason": audit.detail.get("reason"),
    }
