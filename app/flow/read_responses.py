"""Responses, one per answered survey, and verbatims: what scorecard tools pull first."""

from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound
from app.flow.pages import Page, position
from app.flow.views import iso
from app.store.answers import Answer, words_of
from app.store.audit import add_audit
from app.store.calls import Call, agent_is_known
from app.store.invitations import Invitation
from app.store.responses import changed_responses, current_answers, next_change, worded_answers

VERBATIMS_READ = "verbatims.read"


def read_responses(
    session: Session,
    *,
    account_id: UUID,
    updated_since: datetime | None,
    cursor: list[Any] | None,
    limit: int,
    verbatims: bool,
    agent_id: str | None,
    flag: str | None = None,
    rates: bool = True,
) -> Page:
    """Answered surveys in the order of their last change, all or those whose call has a flag; `verbatims` shows the
    customers' words too, `rates` with which probability each was drawn.

    Raises Invalid for a cursor that is none of ours, or older than a restore of the database.
    """
    after = None if cursor is None else position(cursor, int, UUID)
    rows = changed_responses(
        session,
        account_id,
        updated_since=updated_since,
        after=after,
        agent_id=agent_id,
        flag=flag,
        limit=limit + 1,
    )
    if after is not None and not rows and after[0] >= next_change(session):
        # nothing will ever come after it: it is from before the database was restored
        raise Invalid("The cursor is of another time.", {"cursor": "Leave it out to start again."})
    shown = rows[:limit]
    answers: dict[UUID, list[Answer]] = defaultdict(list)
    for answer in current_answers(session, account_id, [row.Invitation.id for row in shown]):
        answers[answer.invitation_id].append(answer)
    items = [
        _response(session, row.Invitation, row.Call, answers[row.Invitation.id], verbatims=verbatims)
        for row in shown
    ]
    if not rates:
        for item in items:
            del item["probability"]
    end = [shown[-1].Invitation.change, str(shown[-1].Invitation.id)] if shown else cursor
    return Page(items, end if len(rows) > limit else None, end)


def _response(
    session: Session, invitation: Invitation, call: Call, answers: list[Answer], *, verbatims: bool
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": str(invitation.id),
        "status": invitation.state,
        "channel": invitation.channel,
        "language": invitation.language,
        "survey": {"key": invitation.survey_key, "version": invitation.survey_version},
        "trigger": invitation.trigger,
        "probability": invitation.probability,
        "asked_at": iso(invitation.asked_at),
        "responded_at": iso(invitation.responded_at),
        "completed_at": iso(invitation.completed_at),
        "updated_at": iso(invitation.updated_at),
        "call": {
            "id": str(call.id),
            "source": call.source,
            "call_id": call.call_id,
            "ended_at": iso(call.ended_at),
            "day": call.ended_on.isoformat(),
            "queue": call.queue,
            "contact_reason": call.contact_reason,
            "customer_ref": call.customer_ref,
            "tags": call.tags,
            "flags": call.flags,
        },
        "agent": None
        if call.agent_id is None
        else {"id": call.agent_id, "name": call.agent_name, "team": call.team, "vendor": call.vendor},
        "answers": {
            answer.question_key: {
                "value": answer.value,
                "scale": answer.scale,
                "answered_at": iso(answer.answered_at),
                "revision": answer.revision,
                "channel": answer.channel,
                "wording_version": answer.wording_version,
                "flags": answer.flags,
            }
            for answer in answers
            if answer.value is not None
        },
    }
    if verbatims:
        shown["verbatims"] = {
            answer.question_key: words_of(session, answer)
            for answer in answers
            if answer.value is None and answer.words is not None
        }
    return shown


def refuse_unknown_agent(session: Session, *, account_id: UUID, agent_id: str) -> None:
    """Raises NotFound for an agent of whom the account has no call: a slip in the id is no empty scorecard."""
    if not agent_is_known(session, account_id, agent_id):
        raise NotFound("No call of this agent is known.")


def read_verbatims(
    session: Session, *, account_id: UUID, agent_id: str, cursor: list[Any] | None, limit: int
) -> Page:
    """What customers wrote about an agent's calls, newest first. Raises Invalid for a cursor of others."""
    before = None if cursor is None else position(cursor, datetime.fromisoformat, UUID)
    rows = worded_answers(session, account_id, agent_id, before=before, limit=limit + 1)
    shown = rows[:limit]
    items = [
        {
            "id": str(row.Answer.id),
            "response_id": str(row.Answer.invitation_id),
            "question": row.Answer.question_key,
            "text": words_of(session, row.Answer),
            "answered_at": iso(row.Answer.answered_at),
            "channel": row.Answer.channel,
            "flags": row.Answer.flags,
            "call": {
                "id": str(row.Call.id),
                "source": row.Call.source,
                "call_id": row.Call.call_id,
                "day": row.Call.ended_on.isoformat(),
                "queue": row.Call.queue,
                "flags": row.Call.flags,
            },
        }
        for row in shown
    ]
    end = [iso(shown[-1].Answer.answered_at), str(shown[-1].Answer.id)] if shown else cursor
    return Page(items, end if len(rows) > limit else None, end)


def note_verbatims_read(
    session: Session, *, account_id: UUID, actor: str, listed: str, agent_id: str | None, page: Page
) -> None:
    """Who was shown customers' words: once for each page that has any, and never the words.

    `listed`: `responses` or `verbatims`; `agent_id`: whose, None for everybody's.
    """
    shown = [
        item.get("response_id") or item["id"]
        for item in page.items
        if item.get("text") or any((item.get("verbatims") or {}).values())
    ]
    if shown:
        add_audit(
            session,
            account_id,
            actor,
            VERBATIMS_READ,
            listed=listed,
            agent_id=agent_id,
            comments=len(shown),
            # where the page began and ended: with the list's order, all that was on it
            first_response_id=shown[0],
            last_response_id=shown[-1],
        )
