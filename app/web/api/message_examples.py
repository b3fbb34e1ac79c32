"""Examples of messages, of one whose request came to no clear end: see examples."""

from typing import Any

MESSAGE_ID = "0198c5a0-6a1f-7e55-b6f3-9c1d2a7e8804"
_PAGE_ENDS = {"next_cursor": None, "cursor": "q1Zh0Kc2m9RbNDE3LCIwMTk4YzVhMC02YTFmIl0"}

DECISION: dict[str, Any] = {"reason": "not in the carrier's log"}

IN_DOUBT: dict[str, Any] = {
    "id": MESSAGE_ID,
    "status": "in_doubt",
    "purpose": "ask",
    "question": "csat",
    "language": "en",
    "explanation": {
        "happened": "Its request to the carrier ended unclear, and the carrier could not be asked in time whether"
        " it took the text.",
        "known": "The customer may have it or not. It is never sent again by itself; a carrier that can be asked is"
        " asked for three days more.",
        "options": [
            "Send it again, if the carrier's own log does not show it: the customer may then have it twice, for the"
            " carrier may have taken the first one",
            "Close it: it is never sent again; an answer to what may have arrived is still taken",
        ],
    },
    "code": None,
    "detail": "no answer within 10 s",
    "provider_id": None,
    "provider_status": None,
    "invitation": {"id": "0198c5a0-6a1f-7a90-8f04-51c2f9e7d3aa", "status": "in_doubt"},
    "call": {"id": "0198c5a0-6a1e-7c3b-9d51-2f6f0c9a4b17", "source": "generic", "call_id": "2026-000417"},
    "created_at": "2026-03-02T14:34:41+00:00",
    "due_at": "2026-03-02T14:37:40+00:00",
    "not_after": "2026-03-03T08:34:40+00:00",
    "accepted_at": None,
    "delivered_at": None,
    "ended_at": "2026-03-03T08:34:52+00:00",
    "attempts": [
        {
            "id": "0198c5a3-2b04-7d18-a5c7-4e9f1b3d6a20",
            "number": 1,
            "started_at": "2026-03-02T14:37:41+00:00",
            "ended_at": "2026-03-02T14:37:51+00:00",
            "outcome": "unknown",
            "http_status": None,
            "code": None,
            "provider_id": None,
            "detail": "no answer within 10 s",
        }
    ],
    "by_hand": [],
}

MESSAGES: dict[str, Any] = {"items": [IN_DOUBT], **_PAGE_ENDS}

RESENT: dict[str, Any] = {
    **IN_DOUBT,
    "status": "due",
    "explanation": {
        "happened": "It waits for its time, or for a worker.",
        "known": "It goes out by itself from `due_at` on. An earlier request is still in doubt: the customer may"
        " have the text from that one too.",
        "options": [],
    },
    "detail": None,
    "invitation": {**IN_DOUBT["invitation"], "status": "scheduled"},
    "due_at": "2026-03-03T14:00:00+00:00",
    "not_after": "2026-03-04T05:10:00+00:00",
    "ended_at": None,
    "by_hand": [
        {
            "at": "2026-03-03T11:10:00+00:00",
            "by": "key pc_Zk3vQ9aB operators",
            "action": "resent",
            "was": "in_doubt",
            "reason": "not in the carrier's log",
        }
    ],
}

CLOSED: dict[str, Any] = {
    **IN_DOUBT,
    "status": "cancelled",
    "explanation": {"happened": "A person closed it.", "known": "It is never sent again.", "options": []},
    "ended_at": "2026-03-03T11:10:00+00:00",
    "by_hand": [{**RESENT["by_hand"][0], "action": "closed", "reason": "called the customer"}],
}
