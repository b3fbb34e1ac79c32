"""Several reports of one call, as legs and transfers make them, are one call."""

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from app.domain.attribution import choose
from app.domain.call import MOST_ATTRIBUTES, MOST_TAGS, CallEnd
from app.domain.handlers import MOST_HANDLERS, Handler
from app.domain.questionnaire import Survey

_WHO = ("agent_id", "agent_name", "team", "vendor")
# of an agent's own part, where the call has several
_OWN = ("talk_seconds", "hold_seconds", "wrap_seconds", "queue")
_TRANSFERS = ("transferred_from", "transferred_to")
_ADDED = frozenset(_WHO) | {
    "started_at",
    "ended_at",
    "answered_at",
    "tags",
    "attributes",
    "handlers",
}


def join_legs(call: CallEnd, others: Sequence[CallEnd], survey: Survey | None = None) -> CallEnd:
    """`call` with what only the others know, known over null; it spans them all.

    Every agent whom they name is a handler; where there is one alone, there are none. For whom the call counts by
    the rule of `survey`, the durations and the queue are of their own part, as far as that knows them.

    The agent is `call`'s where it names one, else the last one who is named.
    """
    by_end = sorted(others, key=lambda one: one.ended_at)
    everything = [call, *reversed(by_end)]
    known = _known(everything, [field.name for field in dataclasses.fields(CallEnd)])
    handlers = _handlers(everything)
    if handlers:
        own = _of_the_one_it_counts_for(everything, handlers, survey)
        known |= {name: value for name, value in _known(own, _OWN).items() if value is not None}
        # where others had it from and passed it on to, is no story of this one's
        told = [*own[:1], *(one for one in everything if one.agent_id is None)]
        known |= _known(told, _TRANSFERS)
    named = next((one for one in everything if one.agent_id is not None), call)
    answered = [one.answered_at for one in everything if one.answered_at is not None]
    started_at = min(one.started_at for one in everything)
    ended_at = max(one.ended_at for one in everything)
    return CallEnd(
        **{
            **{name: value for name, value in known.items() if name not in _ADDED},
            **{name: getattr(named, name) for name in _WHO},
            "started_at": started_at,
            "ended_at": ended_at,
            "answered_at": min(answered, default=None),
            "tags": tuple(dict.fromkeys(tag for one in everything for tag in one.tags))[:MOST_TAGS],
            "attributes": _attributes(everything),
            "handlers": tuple(_fit(one, started_at, ended_at) for one in handlers),
        }
    )


def _known(legs: Iterable[CallEnd], names: Iterable[str]) -> dict[str, Any]:
    return {
        name: next((value for one in legs if (value := getattr(one, name)) is not None), None)
        for name in names
    }


def _attributes(legs: Sequence[CallEnd]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for leg in legs:
        known = {**leg.attributes, **known}
    return dict(list(known.items())[:MOST_ATTRIBUTES])


def _handlers(legs: Sequence[CallEnd]) -> tuple[Handler, ...]:
    """None where there is one alone. A report that lists them knows better than their parts."""
    listed = max((one.handlers for one in legs), key=len, default=())
    if len(listed) > 1:
        return listed
    found = join_handlers([part for one in legs for part in _parts(one)])
    return found if len(found) > 1 else ()


def _parts(leg: CallEnd) -> tuple[Handler, ...]:
    if leg.handlers or leg.agent_id is None:
        return leg.handlers
    return (as_handler(leg),)


def as_handler(leg: CallEnd, name: str | None = None) -> Handler:
    """The agent of a report as the one who had that part; `name`: the platform's, of the part."""
    return Handler(
        agent_id=leg.agent_id or "",
        agent_name=leg.agent_name,
        team=leg.team,
        vendor=leg.vendor,
        queue=leg.queue,
        started_at=leg.answered_at or leg.started_at,
        ended_at=leg.ended_at,
        talk_seconds=leg.talk_seconds,
        leg=name,
    )


def join_handlers(parts: Iterable[Handler]) -> tuple[Handler, ...]:
    """The parts of a call, each once, in the order in which they ended, whatever the order they come in.

    What is said of one leg is one part. What a report of the whole call says of an agent who has legs of their own
    only adds names to those; without any, what overlaps is one part, and the shortest knows best what was theirs.
    """
    found: list[Handler] = []
    ordered = sorted(parts, key=_precision)
    with_legs = {one.agent_id for one in ordered if one.leg is not None}
    for part in ordered:
        same = [place for place, one in enumerate(found) if _is_same(one, part, with_legs)]
        for place in same:
            found[place] = _with(found[place], part)
        if not same:
            found.append(part)
    return tuple(sorted(found, key=_order)[-MOST_HANDLERS:])


def _precision(part: Handler) -> tuple[Any, ...]:
    """Legs before reports of the whole, the shorter one first; the rest makes the order the same every time."""
    lasted = (part.ended_at - part.started_at).total_seconds() if part.ended_at and part.started_at else 0.0
    return part.leg is None, lasted, _order(part), repr(part)


def _order(part: Handler) -> tuple[Any, ...]:
    # a consultation within a call began later and ended before it
    moments = [(at is not None, at.timestamp() if at else 0.0) for at in (part.ended_at, part.started_at)]
    return *moments, part.agent_id


def _is_same(one: Handler, part: Handler, with_legs: set[str]) -> bool:
    if one.agent_id != part.agent_id:
        return False
    if part.leg is not None or one.leg is not None:
        return part.leg is None or part.leg == one.leg
    if part.agent_id in with_legs or None in (
        one.started_at,
        one.ended_at,
        part.started_at,
        part.ended_at,
    ):
        return True
    return _overlap(one, part)


def _overlap(one: Handler, other: Handler) -> bool:
    begins: list[datetime] = [at for at in (one.started_at, other.started_at) if at]
    ends: list[datetime] = [at for at in (one.ended_at, other.ended_at) if at]
    return max(begins) <= min(ends)


def _with(one: Handler, other: Handler) -> Handler:
    """`one` with what only the other knows; of talk only where both are about the same part."""
    added = {
        name: getattr(other, name)
        for name in ("agent_name", "team", "vendor", "queue", "talk_seconds")
        if getattr(one, name) is None and (name != "talk_seconds" or other.leg == one.leg)
    }
    return dataclasses.replace(one, **added)


def _fit(one: Handler, started_at: datetime, ended_at: datetime) -> Handler:
    """What can't be true is unknown: clocks of several machines have been read."""
    began, over, talked = one.started_at, one.ended_at, one.talk_seconds
    if talked is not None and talked > (ended_at - started_at).total_seconds() + 1:
        talked = None
    had = (over - began).total_seconds() + 1 if began and over else None
    if had is not None and (had < 1 or had < (talked or 0)):
        began = over = None
    return dataclasses.replace(one, started_at=began, ended_at=over, talk_seconds=talked)


def _of_the_one_it_counts_for(
    legs: Sequence[CallEnd], handlers: Sequence[Handler], survey: Survey | None
) -> list[CallEnd]:
    """Their legs: the one that was chosen, then others that are theirs alone, then reports of the whole."""
    choice = choose(handlers, survey)
    if choice is None:
        return []
    chosen = handlers[choice.place]

    def distance(one: CallEnd) -> tuple[bool, bool, float]:
        return not one.handlers, one.ended_at != chosen.ended_at, -one.ended_at.timestamp()

    return sorted((one for one in legs if one.agent_id == chosen.agent_id), key=distance)
