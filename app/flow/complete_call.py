"""A call that is known by the survey in it is reported: what was known of it makes room for what it was."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.domain.attribution import BY_HAND
from app.store.base import database_now
from app.store.calls import Call
from app.store.facts import mark_stale
from app.store.handlers import put_handlers
from app.store.invitations import Invitation, lock_invitation
from app.store.phone_surveys import awaiting_report

_AGENT = (
    "platform_agent_id",
    "roster_entry_id",
    "reported_agent",
    "agent_id",
    "agent_name",
    "team",
    "vendor",
    "taken_at",
    "attributed_by",
)
# what it was found by, and who was asked
_STAYS = {
    *("account_id", "id", "source", "call_id"),
    *("phone_contact_id", "email_contact_id", "customer_contact_id"),
}
_PERSONAL = {"customer_name", "customer_ref", "attributes"}


def complete_call(
    session: Session,
    call: Call,
    invitation: Invitation,
    reported: dict[str, Any],
    handlers: Sequence[dict[str, Any]] = (),
) -> bool:
    """False, and nothing done, where the call has been reported already.

    `reported`: the columns of a call as its report fills them, `handlers` those of its handlers. What the report
    leaves out stays as it was known, and so does whom a person has named; the decision to ask is not retaken.
    """
    if awaiting_report(session, call.account_id, invitation.id) is None:
        return False
    lock_invitation(session, call.account_id, invitation.id)
    phone = awaiting_report(session, call.account_id, invitation.id)
    if phone is None:
        return False  # by another report of this moment
    # a person may have decided about it, or its customer been forgotten, since it was read
    session.refresh(call)
    phone.awaits_report = False
    before = (call.agent_id, call.ended_on)
    names_agent = reported["platform_agent_id"] is not None and call.attributed_by not in BY_HAND
    reported = {**reported, "flags": list(dict.fromkeys([*call.flags, *reported["flags"]]))}
    stays = _STAYS if call.forgotten_at is None else _STAYS | _PERSONAL
    for column, value in reported.items():
        if column in stays or (column in _AGENT and not names_agent):
            continue
        if value is not None or column in _AGENT:
            setattr(call, column, value)
    if handlers:
        kept = [row if names_agent else {**row, "counts": False} for row in handlers]
        put_handlers(session, call, kept)
    # somebody has talked: there was an agent to leave
    call.is_answered = True
    # whoever pages through the responses shall see this one again, with its agent
    invitation.updated_at = database_now(session)
    for agent_id, day in {before, (call.agent_id, call.ended_on)}:
        mark_stale(session, call.account_id, agent_id, day)
    return True
