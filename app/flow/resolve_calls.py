"""Calls are resolved again: the unmapped, or all that a corrected roster gives to somebody else; audited."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.attribution import BY_AGENT
from app.domain.roster import Attribution, attribute
from app.errors import Invalid
from app.flow.attribution import attribution_of, reported_agent, write_attribution
from app.flow.pages import Page, position
from app.store.audit import add_audit
from app.store.facts import mark_stale
from app.store.unmapped import (
    Group,
    Period,
    calls_of_group,
    hold_calls,
    may_resolve,
    next_agent,
    next_extension,
    touch_invitations,
    unmapped_agents,
)

# of one transaction: short for whoever waits for one of its calls
_EXAMINED_TOGETHER = 100
_GROUPS_TOGETHER = 200

# a page may hold fewer than were asked for: the calls of each are counted
_MOST_LISTED = 100

EVER = Period(date(2000, 1, 1), date(2100, 1, 1))

OpenUnit = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Wanted:
    """Which calls. `unmapped_only`: those without an agent as yet; else also those that now count for another."""

    period: Period = EVER
    source: str | None = None
    platform_agent_id: str | None = None
    unmapped_only: bool = True

    @property
    def said(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "platform_agent_id": self.platform_agent_id,
            "from": None if self.period == EVER else self.period.start.isoformat(),
            "to": None if self.period == EVER else self.period.end.isoformat(),
            "unmapped_only": self.unmapped_only,
        }


@dataclass(frozen=True)
class Place:
    """Where a walk stands: the group, and the last of its calls that was looked at (None: none as yet)."""

    group: Group
    after: tuple[date, UUID] | None = None

    @property
    def cursor(self) -> list[Any]:
        group = self.group
        day, call_id = self.after or (None, None)
        return [
            group.agent_id,
            group.source,
            group.platform_agent_id,
            day and day.isoformat(),
            call_id and str(call_id),
        ]


@dataclass(frozen=True)
class Resolved:
    """`examined`: calls looked at; `resolved`: unmapped ones that have an agent now; `restated`: that had one,
    or a team or vendor, and count differently now. `next_cursor`: where to go on; None at the end."""

    examined: int = 0
    resolved: int = 0
    restated: int = 0
    next_cursor: list[Any] | None = None


def resolve_calls(
    open_unit: OpenUnit,
    *,
    account_id: UUID,
    actor: str,
    wanted: Wanted,
    cursor: list[Any] | None = None,
    units: int,
) -> Resolved:
    """In at most `units` short transactions, each committed: ended in the middle, what is done is done.

    Calls that somebody else holds just then are waited for one at a time. Raises Invalid for others' cursors.
    """
    place = None if cursor is None else _place(cursor)
    total = Resolved()
    for _ in range(units):
        with open_unit() as session:
            step, place, busy = _step(session, account_id, actor, wanted, place)
        total = _sum(total, step)
        for call_id in busy:
            with open_unit() as session:
                total = _sum(total, _restate(session, account_id, actor, wanted, [call_id], wait=True)[0])
        if place is None:
            return total
    return replace(total, next_cursor=place.cursor if place else None)


def _place(cursor: list[Any]) -> Place:
    def optional(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda value: None if value is None else read(value)

    agent_id, source, extension, day, call_id = position(
        cursor, optional(str), str, str, optional(date.fromisoformat), optional(UUID)
    )
    return Place(Group(agent_id, source, extension), None if day is None else (day, call_id))


def _sum(one: Resolved, other: Resolved) -> Resolved:
    return Resolved(
        one.examined + other.examined, one.resolved + other.resolved, one.restated + other.restated
    )


def _step(
    session: Session, account_id: UUID, actor: str, wanted: Wanted, place: Place | None
) -> tuple[Resolved, Place | None, list[UUID]]:
    """(counts, where to go on, calls that others hold): one batch, of as many groups as it takes."""
    place = place or _next(session, account_id, wanted, None)
    rows: list[Any] = []
    for _ in range(_GROUPS_TOGETHER):
        room = _EXAMINED_TOGETHER - len(rows)
        if place is None or not room:
            break
        found = _look(session, account_id, wanted, place, room)
        rows += found
        if len(found) == room:
            last = found[-1].Call
            place = Place(place.group, (last.ended_on, last.id))
        else:
            place = _next(session, account_id, wanted, place.group)
    moving = [row.Call.id for row in rows if _is_wanted(wanted, row.Call) and _changes(row)]
    step, busy = _restate(session, account_id, actor, wanted, moving, wait=False)
    return replace(step, examined=len(rows)), place, busy


def _look(session: Session, account_id: UUID, wanted: Wanted, place: Place, room: int) -> Sequence[Any]:
    """The next calls of a group; none where nothing can have changed for any of them."""
    if place.group.agent_id is None and not may_resolve(session, account_id, place.group):
        return []
    return calls_of_group(
        session, account_id, place.group, period=wanted.period, after=place.after, limit=room
    )


def _next(session: Session, account_id: UUID, wanted: Wanted, after: Group | None) -> Place | None:
    """Extensions first, then agents: what the first half resolves, the second finds in order."""
    group = None
    if after is None or after.agent_id is None:
        group = next_extension(
            session,
            account_id,
            after,
            source=wanted.source,
            platform_agent_id=wanted.platform_agent_id,
        )
    if group is None and not wanted.unmapped_only:
        before = after.agent_id if after is not None and after.agent_id is not None else ""
        group = next_agent(session, account_id, before)
    return None if group is None else Place(group)


def _is_wanted(wanted: Wanted, call: Any) -> bool:
    return wanted.source in (None, call.source) and wanted.platform_agent_id in (None, call.platform_agent_id)


def _target(row: Any) -> Attribution:
    call, seat, rostered = row
    entry = None if seat is None else (seat.id, seat.entry)
    return attribute(reported_agent(call), entry, rostered=rostered)


def _changes(row: Any) -> bool:
    """Another entry that says the same changes nothing that anybody reads; a person's word outweighs any."""
    if row.Call.attributed_by == BY_AGENT:
        return False
    before = attribution_of(row.Call)
    return replace(before, roster_entry_id=None) != replace(_target(row), roster_entry_id=None)


def _restate(
    session: Session,
    account_id: UUID,
    actor: str,
    wanted: Wanted,
    call_ids: Sequence[UUID],
    *,
    wait: bool,
) -> tuple[Resolved, list[UUID]]:
    """Give these calls to whom the roster says, as it and they are now; (counts, those that others hold)."""
    if not call_ids:
        return Resolved(), []
    rows = hold_calls(session, account_id, call_ids, wait=wait)
    busy = sorted(set(call_ids) - {row.Call.id for row in rows})
    changes: dict[str, list[dict[str, Any]]] = {"roster.resolved": [], "roster.restated": []}
    stale: set[tuple[str | None, date]] = set()
    moved = []
    for row in rows:
        named_meanwhile = wanted.unmapped_only and row.Call.agent_id is not None
        if named_meanwhile or not _changes(row):
            continue
        call, before, after = row.Call, attribution_of(row.Call), _target(row)
        write_attribution(call, reported_agent(call), after)
        moved.append(call.id)
        action = "roster.resolved" if before.agent_id is None else "roster.restated"
        changes[action].append({"call": str(call.id), "before": _shown(before), "after": _shown(after)})
        if not call.is_test:
            stale |= {(before.agent_id, call.ended_on), (after.agent_id, call.ended_on)}
    session.flush()
    touch_invitations(session, account_id, moved)
    for agent_id, day in sorted(stale, key=lambda cell: (cell[0] or "", cell[1])):
        mark_stale(session, account_id, agent_id, day)
    for action, calls in changes.items():
        if calls:
            add_audit(session, account_id, actor, action, wanted=wanted.said, changed=len(calls), calls=calls)
    resolved, restated = (len(calls) for calls in changes.values())
    return Resolved(0, resolved, restated), [] if wait else busy


def _shown(attribution: Attribution) -> dict[str, Any]:
    return {
        "agent_id": attribution.agent_id,
        "name": attribution.name,
        "team": attribution.team,
        "vendor": attribution.vendor,
    }


def wanted_calls(
    *,
    source: str | None,
    platform_agent_id: str | None,
    start: date | None,
    end: date | None,
    unmapped_only: bool,
) -> Wanted:
    """Raises Invalid for days in the wrong order, and for a restatement without days."""
    if not unmapped_only and (start is None or end is None):
        problem = "is needed where calls that count already may be restated"
        raise Invalid(
            "Which days?",
            {name: problem for name, day in (("from", start), ("to", end)) if day is None},
        )
    period = Period(start or EVER.start, end or EVER.end)
    if period.start > period.end:
        raise Invalid("The days are in the wrong order.", {"from": "lies after to"})
    return Wanted(period, source, platform_agent_id, unmapped_only)


def list_unmapped(
    session: Session, *, account_id: UUID, source: str | None, cursor: list[Any] | None, limit: int
) -> Page:
    """Agents as platforms named them whom no roster knew: the calls that count for none of them as yet."""
    after = ("", "") if cursor is None else position(cursor, str, str)
    limit = min(limit, _MOST_LISTED)
    rows = unmapped_agents(session, account_id, source=source, after=(after[0], after[1]), limit=limit + 1)
    shown = rows[:limit]
    items = [
        {
            "source": row.source,
            "platform_agent_id": row.platform_agent_id,
            "name": row.name,
            "calls": row.calls,
            "answers": row.answers,
            "first_day": row.first_day.isoformat(),
            "last_day": row.last_day.isoformat(),
        }
        for row in shown
    ]
    end = [shown[-1].source, shown[-1].platform_agent_id] if shown else cursor
    return Page(items, end if len(rows) > limit else None, end)
