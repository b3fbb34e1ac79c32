"""A call of two agents, and a person's decision for whom it counts."""

from typing import Any

from app.web.api import examples

_FIRST = examples.CALL["agent"]
_SECOND = {"id": "1077", "name": "Agent 1077", "team": "Orders", "vendor": "North"}

REATTRIBUTION: dict[str, Any] = {"handler": 1, "reason": "The second one only took the address."}

REATTRIBUTED: dict[str, Any] = {
    **examples.CALL,
    "handlers": [
        {
            "position": 1,
            "agent": _FIRST,
            "platform_agent_id": _FIRST["id"],
            "queue": "billing",
            "started_at": "2026-03-02T14:30:25+00:00",
            "ended_at": "2026-03-02T14:33:50+00:00",
            "talk_seconds": 205,
            "counts": True,
        },
        {
            "position": 2,
            "agent": _SECOND,
            "platform_agent_id": _SECOND["id"],
            "queue": "orders",
            "started_at": "2026-03-02T14:33:50+00:00",
            "ended_at": "2026-03-02T14:34:40+00:00",
            "talk_seconds": 50,
            "counts": False,
        },
    ],
    "transferred_from": _FIRST["id"],
    "attributed_by": "handler",
}
