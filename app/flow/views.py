"""How calls and invitations look from outside: plain values, ready to be encoded."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.roster import Attribution, ReportedAgent, attribute
from app.flow.attribution import attribution_of
from app.store.calls import Call, name_of
from app.store.handlers import handlers_with_entries
from app.store.invitations import Invitation


def iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def handlers_view(session: Session, calls: Sequence[Call]) -> Mapping[UUID, list[dict[str, Any]]]:
    """Call -> its handlers in order. The agent of the one that counts is the call's; of the others, whom the roster
    names now. One read for all calls, and none where nobody but one agent had each."""
    with_some = {call.id: call for call in calls if call.attributed_by is not None}
    found: dict[UUID, list[dict[str, Any]]] = {call.id: [] for call in calls}
    rows = handlers_with_entries(session, calls[0].account_id, list(with_some)) if with_some else ()
    for row, entry, rostered in rows:
        said = ReportedAgent(row.platform_agent_id, row.agent_name, row.team, row.vendor)
        seat = None if entry is None else (entry.id, entry.entry)
        counted = attribution_of(with_some[row.call_id])
        found[row.call_id].append(
            {
                "position": row.position,
                "agent": _agent(counted if row.counts else attribute(said, seat, rostered=rostered)),
                "platform_agent_id": row.platform_agent_id,
                "queue": row.queue,
                "started_at": iso(row.started_at),
                "ended_at": iso(row.ended_at),
                "talk_seconds": row.talk_seconds,
                "counts": row.counts,
            }
        )
    return found


def _agent(agent: Attribution) -> dict[str, Any] | None:
    if agent.agent_id is None:
        return None
    return {"id": agent.agent_id, "name": agent.name, "team": agent.team, "vendor": agent.vendor}


def invitation_summary(invitation: Invitation) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """(invitation, None) for one that was or will be asked, (None, skipped) for one that is not."""
    if invitation.state == "skipped":
        return None, {"reason": invitation.skip_reason}
    return {
        "id": str(invitation.id),
        "status": invitation.state,
        "channel": invitation.channel,
        "due_at": iso(invitation.due_at),
    }, None


def call_view(
    session: Session,
    call: Call,
    invitation: Invitation,
    handlers: Mapping[UUID, list[dict[str, Any]]] | None = None,
) -> dict[str, Any]:
    """A call with its decision. The customer's address is not shown: only who was given, by the client's ref.

    `handlers`: of `handlers_view`, where several calls are shown.
    """
    if handlers is None:
        handlers = handlers_view(session, [call])
    asked, skipped = invitation_summary(invitation)
    return {
        "id": str(call.id),
        "source": call.source,
        "call_id": call.call_id,
        "direction": call.direction,
        "agent": _agent(attribution_of(call)),
        "platform_agent_id": call.platform_agent_id,
        "queue": call.queue,
        "contact_reason": call.contact_reason,
        "customer": {
            "ref": call.customer_ref,
            "name": name_of(session, call),
            "language": call.language,
            "timezone": call.timezone,
            "has_phone": call.phone_contact_id is not None,
            "has_email": call.email_contact_id is not None,
        },
        "started_at": iso(call.started_at),
        "answered_at": iso(call.answered_at),
        "ended_at": iso(call.ended_at),
        "ended_on": call.ended_on.isoformat(),
        "answered": call.is_answered,
        "talk_seconds": call.talk_seconds,
        "wait_seconds": call.wait_seconds,
        "hold_seconds": call.hold_seconds,
        "wrap_seconds": call.wrap_seconds,
        "ended_by": call.ended_by,
        "transferred_from": call.transferred_from,
        "transferred_to": call.transferred_to,
        "attributed_by": call.attributed_by,
        "handlers": handlers[call.id],
        "trigger": call.trigger,
        "test": call.is_test,
        "ask": call.ask,
        "tags": call.tags,
        "attributes": call.attributes,
        "flags": call.flags,
        "received_at": iso(call.received_at),
        "invitation": asked,
        "skipped": skipped,
        "invitation_id": str(invitation.id),
    }
