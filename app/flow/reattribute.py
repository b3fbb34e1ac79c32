"""A person decides for whom a call counts: audited, told, and kept until a person decides otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.attribution import BY_AGENT, BY_HAND, BY_HANDLER, REPORTED, choose, neighbours
from app.domain.roster import Attribution, ReportedAgent
from app.domain.text import clean, without_addresses
from app.errors import Invalid
from app.flow.attribution import (
    read_attribution,
    reported_agent,
    taken_at,
    write_attribution,
)
from app.flow.keep_handlers import Held, reword
from app.flow.unsent import unsent_ask
from app.flow.views import call_view
from app.log import get_logger
from app.store.audit import add_audit_of
from app.store.base import database_now
from app.store.calls import Call, agent_is_known
from app.store.events import add_event
from app.store.facts import Agent, mark_stale
from app.store.handlers import CallHandler, handlers_of
from app.store.invitations import Invitation, lock_invitation_of_call
from app.store.roster import list_entries
from app.store.surveys import survey_version

log = get_logger(__name__)

REATTRIBUTED = "call.reattributed"
LONGEST_REASON = 500


@dataclass(frozen=True)
class NamedAgent:
    """The person, by the id that results have. What is None the roster may know."""

    id: str
    name: str | None = None
    team: str | None = None
    vendor: str | None = None


@dataclass(frozen=True)
class Decision:
    """Exactly one: the person themselves, a handler by position, or (neither) what the rule had chosen."""

    reason: str
    agent: NamedAgent | None = None
    handler: int | None = None


def reattribute(
    session: Session, *, account_id: UUID, actor: str, call_id: UUID, decision: Decision
) -> dict[str, Any]:
    """The call as it then stands. Results follow, the customer's answers with it. The same again changes nothing.

    A handler is whom the roster names, now and after a correction; a person whom somebody has named stays. Later
    reports, amendments and resolving leave both alone.
    Raises NotFound; Invalid for a handler that the call doesn't have, and a person of whom nothing is known.
    """
    # answers hold this lock too: none can be counted where the call is just being taken from
    invitation = lock_invitation_of_call(session, account_id, call_id)
    call = session.get_one(Call, (account_id, call_id), populate_existing=True)
    handlers = handlers_of(session, account_id, call_id)
    before, asked_of_last = _shown(call, handlers), call.last_of_several
    _note_told(call, handlers)
    if decision.agent is not None:
        _name(session, call, handlers, decision.agent)
    elif decision.handler is not None:
        _choose(session, call, handlers, decision.handler)
    elif call.attributed_by in BY_HAND:
        _by_rule(session, call, handlers, invitation)
    unsent = unsent_ask(session, invitation)
    if unsent is not None and call.attributed_by != BY_AGENT:
        _meet(call, handlers)
        if call.last_of_several != asked_of_last:
            reword(session, Held(call, invitation, unsent), unsent)
    if (after := _shown(call, handlers)) != before:
        # whoever pages through the responses shall see this one again, with its agent
        invitation.updated_at = database_now(session)
        _tell(session, call, actor, before=before, after=after, reason=decision.reason)
    return call_view(session, call, invitation)


def _note_told(call: Call, handlers: Sequence[CallHandler]) -> None:
    """What was told of its agent after the call goes with their part, so that it is there when a decision is taken
    back."""
    said = reported_agent(call)
    for one in handlers:
        if one.counts and one.platform_agent_id == said.id:
            one.agent_name, one.team, one.vendor = said.name, said.team, said.vendor


def _name(session: Session, call: Call, handlers: Sequence[CallHandler], agent: NamedAgent) -> None:
    entries = list_entries(
        session, call.account_id, source=call.source, agent_id=agent.id, at=taken_at(call), limit=1
    )
    if not (entries or _is_known(session, call.account_id, agent.id)):
        problem = f"no call and no entry of the roster names {agent.id!r}: enter them into the roster first"
        raise Invalid("Nobody is known by this id.", {"agent.id": problem})
    seat = entries[0].entry if entries else None
    named = Attribution(
        agent.id,
        agent.name or (seat.name if seat else None),
        agent.team or (seat.team if seat else None),
        agent.vendor or (seat.vendor if seat else None),
    )
    write_attribution(call, reported_agent(call), named)
    call.attributed_by = BY_AGENT
    for one in handlers:
        one.counts = False


def _is_known(session: Session, account_id: UUID, agent_id: str) -> bool:
    """A slip of the pen would make an agent of its own. Of whom a figure was ever made, there is a row."""
    return bool(
        session.get(Agent, (account_id, agent_id))
        or agent_is_known(session, account_id, agent_id)
        or list_entries(session, account_id, agent_id=agent_id, limit=1)
    )


def _choose(session: Session, call: Call, handlers: Sequence[CallHandler], position: int) -> None:
    chosen = next((one for one in handlers if one.position == position), None)
    if chosen is None:
        there = f"has handlers 1 to {len(handlers)}" if handlers else "has no handlers"
        raise Invalid("The call has no such handler.", {"handler": f"the call {there}"})
    _count_for(session, call, handlers, chosen)
    call.attributed_by = BY_HANDLER


def _by_rule(session: Session, call: Call, handlers: Sequence[CallHandler], invitation: Invitation) -> None:
    """For whom it counted before anybody decided, as the roster names them now."""
    chosen = next((one for one in handlers if one.chosen), None)
    if chosen is None:
        said = reported_agent(call)
        write_attribution(call, said, read_attribution(session, call, said, taken_at(call)))
        call.attributed_by = None if not handlers else REPORTED
        return
    _count_for(session, call, handlers, chosen)
    key, version = invitation.survey_key, invitation.survey_version
    survey = survey_version(session, call.account_id, key, version) if key and version else None
    choice = choose([one.handler for one in handlers], survey)
    agrees = choice is not None and handlers[choice.place] is chosen
    call.attributed_by = choice.by if choice and agrees else REPORTED


def _count_for(session: Session, call: Call, handlers: Sequence[CallHandler], chosen: CallHandler) -> None:
    said = ReportedAgent(chosen.platform_agent_id, chosen.agent_name, chosen.team, chosen.vendor)
    call.taken_at = chosen.started_at
    write_attribution(call, said, read_attribution(session, call, said, taken_at(call)))
    for one in handlers:
        one.counts = one is chosen


def _meet(call: Call, handlers: Sequence[CallHandler]) -> None:
    """Nobody has been asked as yet: they are asked about the one it counts for now."""
    place = next((place for place, one in enumerate(handlers) if one.counts), None)
    if place is not None:
        told = call.transferred_from, call.transferred_to
        call.transferred_from, call.transferred_to = neighbours(
            [one.handler for one in handlers], place, *told
        )


def _shown(call: Call, handlers: Sequence[CallHandler]) -> dict[str, Any]:
    return {
        "agent_id": call.agent_id,
        "name": call.agent_name,
        "team": call.team,
        "vendor": call.vendor,
        "attributed_by": call.attributed_by,
        "handler": next((one.position for one in handlers if one.counts), None),
    }


def _tell(
    session: Session,
    call: Call,
    actor: str,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
    reason: str,
) -> None:
    session.flush()
    account_id = call.account_id
    if not call.is_test:
        for agent_id in {before["agent_id"], after["agent_id"]}:
            mark_stale(session, account_id, agent_id, call.ended_on)
    why = without_addresses(clean(reason, LONGEST_REASON))
    detail = {"before": before, "after": after, "reason": why}
    add_audit_of(session, (account_id, call.id), actor, REATTRIBUTED, detail)
    told = {"before": before["agent_id"], "after": after["agent_id"], "attributed_by": call.attributed_by}
    add_event(session, account_id, REATTRIBUTED, call.id, **told)
    log.info("call reattributed", account_id=str(account_id), call_id=str(call.id))
