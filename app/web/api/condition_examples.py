"""Examples of exclusions and listed numbers: see examples."""

from typing import Any

EXCLUSION_ID = "0198c5d1-77a0-7f15-8c02-4b6de91a3c55"
NUMBER_ID = "6d1f7c02-9b3e-4a58-a1c7-50e2d4b8f613"
_CURSOR = "q1Zh0Kc2m9RbNDE3LCIwMTk4YzVhMC02YTFmIl0"
_PAGE_ENDS = {"next_cursor": None, "cursor": _CURSOR}

NEW_EXCLUSION: dict[str, Any] = {
    "from": "2026-03-02T09:00:00-05:00",
    "to": "2026-03-02T12:00:00-05:00",
    "queues": ["billing", "sales-*"],
    "reason": "the billing system was down",
}

EXCLUSION: dict[str, Any] = {
    "id": EXCLUSION_ID,
    "from": "2026-03-02T14:00:00+00:00",
    "to": "2026-03-02T17:00:00+00:00",
    "queues": ["billing", "sales-*"],
    "reason": "the billing system was down",
    "status": "in_force",
    "made_by": "key pc_Zk3vQ9aB operations",
    "made_at": "2026-03-02T14:40:00+00:00",
    "ended_by": None,
    "ended_at": None,
    "taken_back": 14,
}

MADE_EXCLUSION: dict[str, Any] = {**EXCLUSION, "complete": True}

EXCLUSIONS: dict[str, Any] = {"items": [EXCLUSION], **_PAGE_ENDS}

NEW_NUMBER: dict[str, Any] = {"number": "+12025550142", "listed_as": "agent", "agent_id": "1042"}

NUMBER: dict[str, Any] = {
    "id": NUMBER_ID,
    **NEW_NUMBER,
    "listed_by": "key pc_Zk3vQ9aB operations",
    "listed_at": "2026-03-02T14:40:00+00:00",
}

NUMBERS: dict[str, Any] = {"items": [NUMBER], **_PAGE_ENDS}

NUMBERS_CSV: dict[str, Any] = {
    "schema": {"type": "string"},
    "example": "number,listed_as,agent_id\r\n+12025550142,agent,1042\r\n+120255501*,internal,\r\n",
}

IMPORTED: dict[str, Any] = {"changed": 2, "unchanged": 0}
