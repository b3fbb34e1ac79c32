"""Examples of a connection: see examples."""

from typing import Any

CONNECTION_ID = "0198c4f2-33a1-7e20-8c55-2b9d40e1f7a6"

NEW_CONNECTION: dict[str, Any] = {
    "platform": "freeswitch",
    "name": "PBX, hall 2",
    "default_country": "GB",
    "fields": {"team": "variables.team"},
}

CONNECTION: dict[str, Any] = {
    "id": CONNECTION_ID,
    "platform": "freeswitch",
    "name": "PBX, hall 2",
    "source": CONNECTION_ID,
    "active": True,
    "hook_url": f"https://postcall.example/hooks/calls/freeswitch/{CONNECTION_ID}",
    "secrets": 1,
    "fields": {"team": "variables.team"},
    "only": None,
    "default_country": "GB",
    "default_language": None,
    "default_direction": None,
    "test": None,
    "created_at": "2026-03-02T08:00:00Z",
}

MADE: dict[str, Any] = {**CONNECTION, "secret": "Jq0tSgd1cXbM3i9oYk5uVf7wLr2eNpZa8hT4-_yCxKs"}

WATCHED: dict[str, Any] = {
    **CONNECTION,
    "events": [
        {
            "id": "0198c4f3-02b7-7d11-9a3e-c2f4d5e6a7b8",
            "at": "2026-03-02T09:15:00Z",
            "outcome": "ignored",
            "reason": "not_answered_leg",
            "detail": "a leg of the call that nobody answered: NO_ANSWER",
            "call_id": None,
            "repeats": 0,
        }
    ],
}

CONNECTIONS: dict[str, Any] = {
    "items": [CONNECTION],
    "next_cursor": None,
    "cursor": "q1Zh0Kc2m9RbNDE3LCIwMTk4YzVhMC02YTFmIl0",
}

CHANGE: dict[str, Any] = {"fields": {"team": "variables.team", "queue": "variables.my_queue"}}

ROTATED: dict[str, Any] = {**MADE, "secrets": 2}
