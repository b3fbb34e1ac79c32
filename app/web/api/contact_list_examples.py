"""Examples of the suppression and consent lists, and of what is proved about a customer: see examples."""

from typing import Any

_END = "q1Zh0Kc2m9RbNDE3LCIwMTk4YzVhMC02YTFmIl0"
_PAGE_ENDS = {"next_cursor": None, "cursor": _END}
_NAMED = {"phone": "+12025550142", "email": None, "ref": None}

SUPPRESS: dict[str, Any] = {"phone": "+12025550142", "reason": "asked by letter"}

SUPPRESSIONS: dict[str, Any] = {
    "items": [{**_NAMED, "reason": "asked by letter", "since": "2026-03-02T14:40:00+00:00"}],
    **_PAGE_ENDS,
}

SUPPRESSIONS_CSV: dict[str, Any] = {
    "schema": {"type": "string"},
    "example": "phone,email,ref,reason,since\r\n'+12025550142,,,asked by letter,2026-03-02T14:40:00+00:00\r\n",
}

CONSENT: dict[str, Any] = {
    "phone": "+12025550142",
    "at": "2026-03-02T09:30:00-05:00",
    "where": "sign-up",
    "words": "You may text me a survey after a call.",
}

WITHDRAWAL: dict[str, Any] = {"phone": "+12025550142", "where": "customer portal"}

CONSENTS: dict[str, Any] = {
    "items": [
        {
            **_NAMED,
            "status": "given",
            "given_at": "2026-03-02T14:30:00+00:00",
            "withdrawn_at": None,
            "where": "sign-up",
            "words": "You may text me a survey after a call.",
        }
    ],
    **_PAGE_ENDS,
}

CONSENTS_CSV: dict[str, Any] = {
    "schema": {"type": "string"},
    "example": "phone,email,ref,status,given_at,withdrawn_at,where,words\r\n"
    "'+12025550142,,,given,2026-03-02T14:30:00+00:00,,sign-up,You may text me a survey after a call.\r\n",
}

CHANGED: dict[str, Any] = {"changed": 1, "unchanged": 0, "surveys_ended": 1}

IMPORTED: dict[str, Any] = {
    "lines": 3,
    "refused": 1,
    "changed": 2,
    "unchanged": 0,
    "surveys_ended": 0,
    "problems": [{"line": 4, "problem": "phone is a number such as +447700900123"}],
}

PROOF: dict[str, Any] = {
    "by": "phone",
    "contacts": [
        {
            "kind": "phone",
            "address": "+12025550142",
            "customer_ref": "C-20931",
            "opted_out_at": "2026-03-02T14:52:10+00:00",
            "suppressed_at": None,
            "consented_at": None,
            "consent_withdrawn_at": None,
            "undeliverable_at": None,
            "changes": [
                {
                    "what": "opted_out",
                    "at": "2026-03-02T14:52:10+00:00",
                    "how": "sms",
                    "actor": "customer",
                    "words": "STOP",
                    "detail": {"language": "en", "wording_version": "en-1"},
                }
            ],
        }
    ],
}
