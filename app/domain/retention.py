"""How long what is known of people is kept: days, by kind of data; None is for ever. What was counted stays."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

# until an account says otherwise
DEFAULT_DAYS: Mapping[str, int | None] = MappingProxyType(
    {
        "verbatims": 730,  # customers' words: comments, and what was typed for a score
        "recordings": 30,  # the audio of spoken comments
        "contacts": 730,  # addresses, names, refs and attributes, from the last call on
        "reports": 30,  # carriers' words, and what platforms told of calls
    }
)
# surveys may be answered for weeks, and addresses are needed for that
_LEAST = {"contacts": 30}
_MOST = 3650


def days_kept(settings: Mapping[str, Any]) -> dict[str, int | None]:
    """By kind, of an account with these settings."""
    return {**DEFAULT_DAYS, **settings.get("retention", {})}


def problems_of(kept: Mapping[str, int | None]) -> dict[str, str]:
    """Kind -> what is wrong with it. Empty if all can be kept so."""
    problems = {}
    for kind, days in kept.items():
        least = _LEAST.get(kind, 1)
        if kind not in DEFAULT_DAYS:
            problems[kind] = f"is none of {', '.join(DEFAULT_DAYS)}"
        elif days is not None and not least <= days <= _MOST:
            problems[kind] = f"is kept for {least} to {_MOST} days, or for ever"
    return problems
