"""Several reports of one call, as legs and transfers make them, are one call."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from app.domain.call import MOST_ATTRIBUTES, MOST_TAGS, CallEnd

_WHO = ("agent_id", "agent_name", "team", "vendor")
_ADDED = frozenset(_WHO) | {"started_at", "ended_at", "answered_at", "transferred_from", "tags", "attributes"}


def join_legs(call: CallEnd, others: Sequence[CallEnd]) -> CallEnd:
    """`call` with what only the others know, known over null; it spans them all.

    Whoever took the last leg has the call: that is `call`'s agent where it names one, else the last one who is
    named. An agent before them is the one that it was transferred from.
    """
    by_end = sorted(others, key=lambda one: one.ended_at)
    everything = [call, *reversed(by_end)]
    known = {
        field.name: next(
            (value for one in everything if (value := getattr(one, field.name)) is not None), None
        )
        for field in dataclasses.fields(CallEnd)
        if field.name not in _ADDED
    }
    named = next((one for one in everything if one.agent_id is not None), call)
    before = [one.agent_id for one in by_end if one.agent_id not in (None, named.agent_id)]
    answered = [one.answered_at for one in everything if one.answered_at is not None]
    return CallEnd(
        **{
            **known,
            **{name: getattr(named, name) for name in _WHO},
            "started_at": min(one.started_at for one in everything),
            "ended_at": max(one.ended_at for one in everything),
            "answered_at": min(answered, default=None),
            "transferred_from": call.transferred_from or (before[-1] if before else None),
            "tags": tuple(dict.fromkeys(tag for one in everything for tag in one.tags))[:MOST_TAGS],
            "attributes": _attributes(everything),
        }
    )


def _attributes(legs: Sequence[CallEnd]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for leg in legs:
        known = {**leg.attributes, **known}
    return dict(list(known.items())[:MOST_ATTRIBUTES])
