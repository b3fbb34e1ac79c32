"""One call from hang-up to result: the examples of the API's documentation, held to its schemas by a test."""

from typing import Any

from app.domain.questionnaire import Survey
from app.web.api import condition_examples, connection_examples, message_examples, roster_examples

_CALL_KEY = {"id": "0198c5a0-6a1e-7c3b-9d51-2f6f0c9a4b17", "source": "generic", "call_id": "2026-000417"}
_INVITATION_ID = "0198c5a0-6a1f-7a90-8f04-51c2f9e7d3aa"
_MESSAGE = {"message_id": "0198c5a0-6a1f-7e55-b6f3-9c1d2a7e8804", "purpose": "ask", "question": "csat"}
_AGENT = {"id": "1042", "name": "Agent 1042", "team": "Billing", "vendor": "North"}

CALL_END: dict[str, Any] = {
    "call_id": "2026-000417",
    "direction": "inbound",
    "agent": _AGENT,
    "queue": "billing",
    "contact_reason": "invoice",
    "customer": {"phone": "+12025550142", "language": "en", "timezone": "America/New_York", "ref": "C-20931"},
    "started_at": "2026-03-02T09:30:00-05:00",
    "answered_at": "2026-03-02T09:30:25-05:00",
    "ended_at": "2026-03-02T09:34:40-05:00",
    "talk_seconds": 255,
    "wait_seconds": 25,
    "ended_by": "customer",
    "tags": ["invoice"],
    "attributes": {"ivr_path": "2-1"},
}

_INVITED = {
    "id": _INVITATION_ID,
    "status": "scheduled",
    "channel": "sms",
    "due_at": "2026-03-02T14:37:40+00:00",
}

RECEIVED: dict[str, Any] = {"call": _CALL_KEY, "invitation": _INVITED}

RATINGS: dict[str, Any] = {"channel": "ivr", "scale": "zh_ivr_1best", "csat": 1, "ownership": 2}

LINK_REPORT: dict[str, Any] = {"status": "sent"}

AMENDMENT: dict[str, Any] = {"wrap_seconds": 48, "tags": ["refund"]}

CALL: dict[str, Any] = {
    **_CALL_KEY,
    "direction": "inbound",
    "agent": _AGENT,
    "platform_agent_id": _AGENT["id"],
    "queue": "billing",
    "contact_reason": "invoice",
    "customer": {
        "ref": "C-20931",
        "name": None,
        "language": "en",
        "timezone": "America/New_York",
        "has_phone": True,
        "has_email": False,
    },
    "started_at": "2026-03-02T14:30:00+00:00",
    "answered_at": "2026-03-02T14:30:25+00:00",
    "ended_at": "2026-03-02T14:34:40+00:00",
    "ended_on": "2026-03-02",
    "answered": True,
    "talk_seconds": 255,
    "wait_seconds": 25,
    "hold_seconds": None,
    "wrap_seconds": 48,
    "ended_by": "customer",
    "transferred_from": None,
    "transferred_to": None,
    "handlers": [],
    "attributed_by": None,
    "trigger": "automatic",
    "test": False,
    "ask": True,
    "tags": ["invoice", "refund"],
    "attributes": {"ivr_path": "2-1"},
    "flags": [],
    "received_at": "2026-03-02T14:34:41+00:00",
    "invitation_id": _INVITATION_ID,
    "invitation": _INVITED,
    "skipped": None,
}

_CURSOR = "q1Zh0Kc2m9RbNDE3LCIwMTk4YzVhMC02YTFmIl0"
_PAGE_ENDS = {"next_cursor": None, "cursor": _CURSOR}

CALLS: dict[str, Any] = {"items": [CALL], "next_cursor": _CURSOR, "cursor": _CURSOR}

SURVEY_DEFINITION: dict[str, Any] = {
    "order_sms": ["csat", "ownership", "nps", "comment"],
    "delay_seconds": 180,
}

SURVEY: dict[str, Any] = {"key": "default", "version": 1, "definition": Survey("default", 1).definition()}

PREVIEW: dict[str, Any] = {
    "survey": {"key": "default", "version": 1},
    "language": "zh",
    "channel": "sms",
    "questions": ["csat", "ownership", "nps", "comment"],
    "parts": [
        {
            "purpose": "ask",
            "question": "csat",
            "when": None,
            "text": "【云客】您刚才来电,对客服的服务满意吗?"
            "回复5非常满意 4满意 3一般 2不满意 1非常不满意。拒收请回复R",
            "encoding": "UCS-2",
            "segments": 1,
            "characters": 55,
        }
    ],
}

SURVEYS: dict[str, Any] = {"items": [SURVEY], **_PAGE_ENDS}

INVITATION: dict[str, Any] = {
    "id": _INVITATION_ID,
    "status": "started",
    "skipped": None,
    "channel": "sms",
    "language": "en",
    "trigger": "automatic",
    "probability": 1.0,
    "survey": {"key": "default", "version": 1},
    "questions": ["csat", "ownership", "nps", "comment"],
    "call": _CALL_KEY,
    "due_at": "2026-03-02T14:37:40+00:00",
    "not_after": "2026-03-03T08:34:40+00:00",
    "asked_at": "2026-03-02T14:37:41+00:00",
    "delivered_at": "2026-03-02T14:37:43+00:00",
    "delivered_basis": "receipt",
    "responded_at": "2026-03-02T14:38:20+00:00",
    "completed_at": None,
    "ended_at": None,
    "edit_until": None,
    "decision": {
        "checks": [
            {"check": "ask_false", "passed": True, "detail": "a survey is wanted"},
            {"check": "too_short", "passed": True, "detail": "talked for 255 s, asked from 20 s"},
        ]
    },
    "timeline": [
        {"at": "2026-03-02T14:34:40+00:00", "event": "call.ended", "ended_by": "customer"},
        {
            "at": "2026-03-02T14:34:41+00:00",
            "event": "invitation.scheduled",
            "due_at": "2026-03-02T14:37:40+00:00",
            "not_after": "2026-03-03T08:34:40+00:00",
        },
        {"at": "2026-03-02T14:37:41+00:00", "event": "message.accepted", **_MESSAGE},
        {"at": "2026-03-02T14:37:43+00:00", "event": "message.delivered", **_MESSAGE},
        {"at": "2026-03-02T14:38:20+00:00", "event": "answer", "question": "csat", "value": 5, "revision": 1},
    ],
}


def _wilson(low: float, high: float) -> dict[str, Any]:
    return {"low": low, "high": high, "level": 0.95, "method": "wilson"}


RESULTS: dict[str, Any] = {
    "group_by": "agent",
    "bucket": "month",
    "from": "2026-03-01",
    "to": "2026-03-31",
    "timezone": "America/New_York",
    "as_of": "2026-03-31T15:00:02+00:00",
    "rows": [
        {
            "agent": _AGENT,
            "from": "2026-03-01",
            "to": "2026-03-31",
            "status": "provisional",
            "final_on": "2026-04-08",
            "as_of": "2026-03-31T15:00:02+00:00",
            "calls": 96,
            "answered": 90,
            "invited": 48,
            "delivered": 45,
            "responded": 18,
            "completed": 12,
            "skipped": {"asked_recently": 30, "masked_phone": 12, "not_answered": 6},
            "rates": {
                "offer": {
                    "value": 53.3333,
                    "numerator": 48,
                    "denominator": 90,
                    "interval": _wilson(43.1022, 63.2916),
                },
                "response": {
                    "value": 40.0,
                    "numerator": 18,
                    "denominator": 45,
                    "interval": _wilson(27.0249, 54.5481),
                    "basis": {"receipt": 43, "assumed": 2},
                },
                "completion": {
                    "value": 66.6667,
                    "numerator": 12,
                    "denominator": 18,
                    "interval": _wilson(43.7495, 83.7212),
                },
            },
            "mean_seconds": {"talk": 262.5, "hold": 18.0, "wrap": 51.3, "wait": 24.8},
            "csat": {
                "n": 18,
                "histogram": {"1": 0, "2": 1, "3": 1, "4": 6, "5": 10},
                "score": 88.8889,
                "unit": "percent",
                "mean": 4.3889,
                "mean_interval": {"low": 3.9663, "high": 4.8115, "level": 0.95, "method": "t"},
                "interval": _wilson(67.2002, 96.898),
                "evidence": "indicative",
                "target": {"value": 80.0, "source": "house", "point_met": True, "verdict": "unproven"},
                "definition": {"name": "csat_top2box", "version": 1},
                "weighting": "none",
                "effective_n": 18.0,
                "bottom2box": 5.5556,
            },
            "nps": {
                "n": 12,
                "histogram": dict(zip(map(str, range(11)), (0, 0, 0, 0, 0, 0, 1, 2, 2, 4, 3), strict=True)),
                "score": 50.0,
                "unit": "points",
                "mean": 8.5,
                "mean_interval": {"low": 7.665, "high": 9.335, "level": 0.95, "method": "t"},
                "interval": {"low": 5.1834, "high": 74.8166, "level": 0.95, "method": "adjusted_wald"},
                "evidence": "insufficient",
                "target": {"value": 60.0, "source": "house", "point_met": False, "verdict": "unproven"},
                "definition": {"name": "nps", "version": 1},
                "weighting": "none",
                "effective_n": 12.0,
                "promoters": 7,
                "passives": 4,
                "detractors": 1,
            },
            "ownership": {
                "n": 17,
                "histogram": {"1": 0, "2": 0, "3": 2, "4": 6, "5": 9},
                "score": 88.2353,
                "unit": "percent",
                "mean": 4.4118,
                "mean_interval": {"low": 4.0455, "high": 4.778, "level": 0.95, "method": "t"},
                "interval": _wilson(65.6636, 96.712),
                "evidence": "indicative",
                "target": None,
                "definition": {"name": "ownership_top2box", "version": 1},
                "weighting": "none",
                "effective_n": 17.0,
                "bottom2box": 0.0,
            },
        }
    ],
}

RESPONSES: dict[str, Any] = {
    "items": [
        {
            "id": _INVITATION_ID,
            "status": "started",
            "channel": "sms",
            "language": "en",
            "survey": {"key": "default", "version": 1},
            "trigger": "automatic",
            "probability": 1.0,
            "asked_at": "2026-03-02T14:37:41+00:00",
            "responded_at": "2026-03-02T14:38:20+00:00",
            "completed_at": None,
            "updated_at": "2026-03-02T14:38:20+00:00",
            "call": {
                **_CALL_KEY,
                "ended_at": "2026-03-02T14:34:40+00:00",
                "day": "2026-03-02",
                "queue": "billing",
                "contact_reason": "invoice",
                "customer_ref": "C-20931",
                "tags": ["invoice"],
                "flags": [],
            },
            "agent": _AGENT,
            "answers": {
                "csat": {
                    "value": 5,
                    "scale": "1_5",
                    "answered_at": "2026-03-02T14:38:20+00:00",
                    "revision": 1,
                    "channel": "sms",
                    "wording_version": "en-1",
                    "flags": [],
                }
            },
            "verbatims": {"comment": "Quick and friendly, thank you!"},
        }
    ],
    **_PAGE_ENDS,
}

VERBATIMS: dict[str, Any] = {
    "items": [
        {
            "id": "0198c5a4-0f7d-7b12-a8c6-3e5d9b7f1c20",
            "response_id": _INVITATION_ID,
            "question": "comment",
            "text": "Quick and friendly, thank you!",
            "answered_at": "2026-03-02T14:40:05+00:00",
            "channel": "sms",
            "flags": [],
            "call": {**_CALL_KEY, "day": "2026-03-02", "queue": "billing", "flags": []},
        }
    ],
    **_PAGE_ENDS,
}

# what stands in paths, by the names that routes give it: (example, description)
PATHS: dict[str, tuple[str, str]] = {
    "call_id": (_CALL_KEY["id"], "The call's `id` in the answer to its report"),
    "invitation_id": (_INVITATION_ID, "`invitation_id` of a call, or `id` of a response"),
    "message_id": (message_examples.MESSAGE_ID, "The message's `id`, also in the invitation's timeline"),
    "agent_id": (_AGENT["id"], "As the platform knows the agent"),
    "connection_id": (connection_examples.CONNECTION_ID, "The connection's `id`"),
    "exclusion_id": (condition_examples.EXCLUSION_ID, "The exclusion's `id`"),
    "number_id": (condition_examples.NUMBER_ID, "The listed number's `id`"),
    "entry_id": (roster_examples.ENTRY_ID, "The entry's `id` in the roster"),
    "person": (
        "ref:C-20931",
        "`ref:` and the client's ref, a phone number with its + (%2B), or an email address",
    ),
    "key": ("default", "Of letters, digits, - and _; calls lead to `default`"),
}
