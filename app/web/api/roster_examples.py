"""Examples of the roster and the audit, of one extension that two people share: see examples."""

from typing import Any

ENTRY_ID = "0198c4f2-11d0-7c44-9a1b-6e0f3b5a9d02"
_END = "q1Zh0Kc2m9RbNDE3LCIwMTk4YzVhMC02YTFmIl0"
_PAGE_ENDS = {"next_cursor": None, "cursor": _END}

NEW_ENTRY: dict[str, Any] = {
    "platform_agent_id": "101",
    "agent_id": "1042",
    "name": "Agent 1042",
    "team": "Billing",
    "vendor": "North",
    "from": "2026-03-02T06:00:00-05:00",
    "to": "2026-03-02T14:00:00-05:00",
}

_KEPT = {**NEW_ENTRY, "from": "2026-03-02T11:00:00+00:00", "to": "2026-03-02T19:00:00+00:00"}

ENTRY: dict[str, Any] = {"id": ENTRY_ID, "source": "generic", **_KEPT}

ROSTER: dict[str, Any] = {"items": [ENTRY], **_PAGE_ENDS}

CSV_CONTENT: dict[str, Any] = {
    "schema": {"type": "string"},
    "example": "platform_agent_id,agent_id,name,team,vendor,from,to\r\n"
    "101,1042,Agent 1042,Billing,North,2026-03-02T06:00:00-05:00,2026-03-02T14:00:00-05:00\r\n"
    "102,1043,Agent 1043,Billing,North,2026-03-02,\r\n",
}

REPLACED: dict[str, Any] = {"source": "generic", "added": 2, "changed": 0, "removed": 0, "kept": 0}

CHANGE: dict[str, Any] = {"to": "2026-03-02T14:00:00-05:00"}

UNMAPPED: dict[str, Any] = {
    "items": [
        {
            "source": "generic",
            "platform_agent_id": "117",
            "name": "Desk 117",
            "calls": 12,
            "answers": 3,
            "first_day": "2026-03-02",
            "last_day": "2026-03-04",
        }
    ],
    **_PAGE_ENDS,
}

RESOLVE: dict[str, Any] = {"source": "generic", "from": "2026-03-01", "to": "2026-03-31"}

RESOLVED: dict[str, Any] = {"examined": 12, "resolved": 12, "restated": 0, "next_cursor": None}

AUDIT: dict[str, Any] = {
    "items": [
        {
            "id": 4711,
            "at": "2026-03-02T14:20:00+00:00",
            "actor": "key pc_Zk3vQ9aB rostering",
            "action": "roster.added",
            "detail": {"source": "generic", "after": _KEPT},
        }
    ],
    **_PAGE_ENDS,
}
