"""Whom a call counts for: what its platform reported, read through the roster of its source."""

import dataclasses
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.attribution import BY_AGENT
from app.domain.roster import Attribution, ReportedAgent, attribute, sat_at
from app.errors import Conflict
from app.store.calls import Call
from app.store.roster import find_entry_at

# of the report -> of the call
_COLUMNS = {"name": "agent_name", "team": "team", "vendor": "vendor"}


def attribution_columns(reported: ReportedAgent, attribution: Attribution) -> dict[str, Any]:
    """A call's columns. What was reported is kept apart only where the roster has put something else there."""
    said = {name: getattr(reported, name) for name in _COLUMNS}
    counts = {name: getattr(attribution, name) for name in _COLUMNS}
    return {
        "platform_agent_id": reported.id,
        "agent_id": attribution.agent_id,
        "roster_entry_id": attribution.roster_entry_id,
        "reported_agent": said if said != counts else None,
        **{column: counts[name] for name, column in _COLUMNS.items()},
    }


def reported_agent(call: Call) -> ReportedAgent:
    said = call.reported_agent or {name: getattr(call, column) for name, column in _COLUMNS.items()}
    return ReportedAgent(call.platform_agent_id, **said)


def attribution_of(call: Call) -> Attribution:
    return Attribution(call.agent_id, call.agent_name, call.team, call.vendor, call.roster_entry_id)


def write_attribution(call: Call, reported: ReportedAgent, attribution: Attribution) -> None:
    for column, value in attribution_columns(reported, attribution).items():
        setattr(call, column, value)


def taken_at(call: Call) -> datetime:
    """The moment whose roster names the agent."""
    return call.taken_at or sat_at(call.answered_at, call.started_at)


def read_attribution(session: Session, call: Call, reported: ReportedAgent, at: datetime) -> Attribution:
    """What the roster says now of who had the call then."""
    if reported.id is None:
        return attribute(reported, None, rostered=False)
    entry, rostered = find_entry_at(session, call.account_id, call.source, reported.id, at)
    return attribute(reported, entry, rostered=rostered)


def name_agent(session: Session, call: Call, given: dict[str, str]) -> None:
    """The platform tells later who took the call; whom it has named once stays, and is not resolved again here.

    `given`: of id, name, team and vendor what is known. Raises Conflict for another id, team or vendor.
    """
    said = reported_agent(call)
    for field, value in given.items():
        known = getattr(said, field)
        if field != "name" and (known or value) != value:
            raise Conflict(f"agent.{field} is {known!r} already: what a call counts for is frozen")
    reported = dataclasses.replace(said, **given)
    before = attribution_of(call)
    if call.attributed_by == BY_AGENT:
        # a person has said who it was: what is reported is kept for whoever takes that back
        write_attribution(call, reported, before)
        return
    if said.id is None and reported.id is not None:
        write_attribution(call, reported, read_attribution(session, call, reported, taken_at(call)))
        return
    # what the roster gave stays; what it left to the platform is the platform's to add
    added = {
        field: getattr(reported, field)
        for field in _COLUMNS
        if getattr(before, field) == getattr(said, field)
    }
    write_attribution(call, reported, dataclasses.replace(before, **added))
