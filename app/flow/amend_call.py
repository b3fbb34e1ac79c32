"""A call is added to: what became known after the hang-up, and who took it."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.attribution import check_handlers
from app.domain.call import MOST_ATTRIBUTES, MOST_TAGS
from app.domain.handlers import Handler
from app.errors import Invalid
from app.flow.attribution import name_agent
from app.flow.keep_handlers import Held, keep_handlers
from app.flow.unsent import unsent_ask
from app.flow.views import call_view
from app.store.base import database_now
from app.store.calls import Call
from app.store.facts import mark_stale
from app.store.invitations import lock_invitation_of_call
from app.store.surveys import survey_version

_AMENDABLE = frozenset(
    {
        "talk_seconds",
        "wait_seconds",
        "hold_seconds",
        "wrap_seconds",
        "ended_by",
        "transferred_from",
        "transferred_to",
        "queue",
        "contact_reason",
        "tags",
        "attributes",
    }
)


def amend_call(
    session: Session, *, account_id: UUID, call_id: UUID, changes: dict[str, Any]
) -> dict[str, Any]:
    """Add what became known after the hang-up; the decision to ask is not retaken.

    `changes`: fields of the report. Tags are added to, attributes merged; the agent, once named, stays, but that
    handlers take its place until the customer is asked.
    Raises NotFound, Invalid for more tags or attributes than a call may have and for handlers that can't have been
    of it, Conflict where another agent, team or vendor stands already.
    """
    # Answers hold this lock too: none can be counted under the agent whom the call is just being taken from.
    invitation = lock_invitation_of_call(session, account_id, call_id)
    call = session.get_one(Call, (account_id, call_id))
    before = (call.agent_id, call.ended_on)
    if changes.get("agent"):
        name_agent(session, call, changes["agent"])
    if changes.get("handlers"):
        _take_handlers(session, Held(call, invitation, unsent_ask(session, invitation)), changes["handlers"])
    for field in _AMENDABLE & changes.keys():
        value = changes[field]
        if field == "tags":
            value = list(dict.fromkeys([*call.tags, *value]))
            if len(value) > MOST_TAGS:
                raise Invalid(
                    "Too much for one call.", {"tags": f"with those there are, more than {MOST_TAGS}"}
                )
        elif field == "attributes":
            value = {**call.attributes, **value}
            if len(value) > MOST_ATTRIBUTES:
                raise Invalid(
                    "Too much for one call.",
                    {"attributes": f"with those there are, more than {MOST_ATTRIBUTES}"},
                )
        setattr(call, field, value)
    # Known to have been answered only now; never the other way, for its customer may have been asked. An agent whom
    # the roster doesn't know has talked all the same.
    talked = call.talk_seconds > 0 if call.talk_seconds is not None else call.platform_agent_id is not None
    call.is_answered = call.is_answered or talked
    # whoever pages through the responses shall see this one again, with its agent
    invitation.updated_at = database_now(session)
    if not call.is_test:
        for agent_id, day in {before, (call.agent_id, call.ended_on)}:
            mark_stale(session, account_id, agent_id, day)
    session.flush()
    return call_view(session, call, invitation)


def _take_handlers(session: Session, held: Held, handlers: list[Handler]) -> None:
    call, invitation = held.call, held.invitation
    problems = check_handlers(handlers, call.started_at, call.ended_at)
    agent_id = call.platform_agent_id
    if agent_id is not None and agent_id not in {one.agent_id for one in handlers}:
        problems["handlers"] = f"leave out {agent_id}, who had the call as well"
    if problems:
        raise Invalid("These can't have been the call's handlers.", problems)
    key, version = invitation.survey_key, invitation.survey_version
    survey = survey_version(session, call.account_id, key, version) if key and version else None
    keep_handlers(session, held, handlers, survey)
