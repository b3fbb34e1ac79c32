"""How calls and invitations look from outside: plain values, ready to be encoded."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.store.calls import Call, name_of
from app.store.invitations import Invitation


def iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


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


def call_view(session: Session, call: Call, invitation: Invitation) -> dict[str, Any]:
    """A call with its decision. The customer's address is not shown: only who was given, by the client's ref."""
    asked, skipped = invitation_summary(invitation)
    return {
        "id": str(call.id),
        "source": call.source,
        "call_id": call.call_id,
        "direction": call.direction,
        "agent": None
        if call.agent_id is None
        else {"id": call.agent_id, "name": call.agent_name, "team": call.team, "vendor": call.vendor},
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
        "trigger": call.trigger,
        "test": call.is_test,
        "ask": call.ask,
        "tags": call.tags,
        "attributes": call.attributes,
        "received_at": iso(call.received_at),
        "invitation": asked,
        "skipped": skipped,
        "invitation_id": str(invitation.id),
    }
