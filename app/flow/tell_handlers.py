"""Who handled a call, for its story in words: each with their talk, and why it counts for whom it does."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.domain.attribution import BY_AGENT, BY_HANDLER, REPORTED
from app.flow.views import handlers_view
from app.store.calls import Call

_WHY: Mapping[str, str] = {
    "last": "the last who talked for long enough",
    "first": "the first who talked for long enough",
    "longest": "who talked longest",
    REPORTED: "who was known when the customer was asked",
    BY_HANDLER: "a person decided so",
}


def tell_handlers(session: Session, call: Call) -> list[str]:
    """A line for each; none for a call that one agent had."""
    lines = [_line(one, call.attributed_by or "") for one in handlers_view(session, [call])[call.id]]
    if call.attributed_by == BY_AGENT:
        lines.append(f"it counts for {call.agent_id}: a person named them")
    return lines


def _line(one: Mapping[str, Any], why: str) -> str:
    agent = one["agent"]
    who = agent["id"] if agent else f"{one['platform_agent_id']}, unmapped"
    talked = "an unknown time" if one["talk_seconds"] is None else f"{one['talk_seconds']} s"
    counts = f"; it counts for this one: {_WHY[why]}" if one["counts"] else ""
    return f"handler {one['position']}: {who}, talked for {talked}{counts}"
