"""Examples of the ledger and of what is held about a customer: see examples."""

from typing import Any


def _rate(value: float, k: int, n: int, low: float, high: float) -> dict[str, Any]:
    return {"value": value, "numerator": k, "denominator": n, "interval": _interval(low, high, "wilson")}


def _interval(low: float, high: float, method: str) -> dict[str, Any]:
    return {"low": low, "high": high, "level": 0.95, "method": method}


_ONE = _rate(53.3333, 48, 90, 43.1022, 63.2916)
_ANOTHER = _rate(70.0, 140, 200, 63.3209, 75.9253)

LEDGER: dict[str, Any] = {
    "group_by": "agent",
    "from": "2026-03-01",
    "to": "2026-03-31",
    "timezone": "America/New_York",
    "as_of": "2026-03-31T15:00:02+00:00",
    "total": {
        "calls": 306,
        "answered": 290,
        "invited": 188,
        "skipped": {"asked_recently": 90, "masked_phone": 12, "not_answered": 16},
        "offer": _rate(64.8276, 188, 290, 59.1706, 70.0969),
    },
    "rows": [
        {
            "agent": {"id": "1042", "name": "Agent 1042", "team": "Billing", "vendor": "North"},
            "calls": 96,
            "answered": 90,
            "invited": 48,
            "skipped": {"asked_recently": 30, "masked_phone": 12, "not_answered": 6},
            "offer": _ONE,
            "against_others": {
                "compared": "invited",
                "others": _ANOTHER,
                "difference": -16.6667,
                "interval": _interval(-28.4897, -4.676, "newcombe"),
                "verdict": "lower",
            },
        },
        {
            "agent": {"id": "1043", "name": "Agent 1043", "team": "Billing", "vendor": "North"},
            "calls": 210,
            "answered": 200,
            "invited": 140,
            "skipped": {"asked_recently": 60, "not_answered": 10},
            "offer": _ANOTHER,
            "against_others": {
                "compared": "invited",
                "others": _ONE,
                "difference": 16.6667,
                "interval": _interval(4.676, 28.4897, "newcombe"),
                "verdict": "higher",
            },
        },
    ],
}

PERSON: dict[str, Any] = {"ref": "C-20931"}

FORGOTTEN: dict[str, Any] = {
    "contacts": 2,
    "calls": 7,
    "surveys_ended": 1,
    "messages_cancelled": 1,
    "answers_emptied": 5,
    "recordings": 0,
    "complete": True,
}

HELD: dict[str, Any] = {
    "by": "ref",
    "contacts": [
        {
            "kind": "phone",
            "address": "+12025550142",
            "listed_as": None,
            "customer_ref": "C-20931",
            "last_asked_at": "2026-03-02T14:34:41+00:00",
            "recent_asks": ["2026-03-02T14:34:41+00:00"],
            "many_calls_since": None,
            "opted_out_at": None,
            "suppressed_at": None,
            "consented_at": None,
            "consent_withdrawn_at": None,
            "undeliverable_at": None,
            "created_at": "2026-03-02T14:34:41+00:00",
            "changes": [],
        }
    ],
    "calls": [
        {
            "id": "0198c5a0-6a1e-7c3b-9d51-2f6f0c9a4b17",
            "source": "generic",
            "call_id": "2026-000417",
            "ended_at": "2026-03-02T14:34:40+00:00",
            "customer": {"ref": "C-20931", "name": "Pat Doe", "language": "en"},
            "reports": [],
            "survey": {
                "status": "finished",
                "asked_at": "2026-03-02T14:37:41+00:00",
                "messages": [{"purpose": "ask", "text": "How satisfied are you ...", "status": "delivered"}],
                "answers": [{"question": "csat", "value": 5, "words": "5", "revision": 1, "current": True}],
                "received": [{"kind": "text", "understood": "answers", "content": "5"}],
                "recordings": [],
            },
        }
    ],
    "complete": True,
}
