"""One example of each problem that the API's document names."""

from http import HTTPStatus
from typing import Any

_REQUEST_ID = "5b0c9c1f3d0e4a57b2a3c8f6d1e2f3a4"

_DETAILS = {
    HTTPStatus.BAD_REQUEST: "The body is empty: send a JSON object.",
    HTTPStatus.UNAUTHORIZED: "Send a valid API key as `Authorization: Bearer pc_...`.",
    HTTPStatus.FORBIDDEN: "This needs a key with the scope calls:read.",
    HTTPStatus.NOT_FOUND: "No such call",
    HTTPStatus.CONFLICT: "This call was reported before with other content. Amend it with"
    " PATCH /v1/calls/0198c5a0-6a1e-7c3b-9d51-2f6f0c9a4b17.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Send at most 65536 bytes.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Send the body as JSON, with Content-Type: application/json.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "1 field is not acceptable: see `errors`.",
    HTTPStatus.TOO_MANY_REQUESTS: "This key has made its 30000 requests of this minute, and nothing was done"
    " with this one: send it again in 12 s.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong on our side. Name the request_id when you report it.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The service can't store anything now. Please try again.",
}
_ERRORS = {
    HTTPStatus.UNPROCESSABLE_ENTITY: [
        {
            "pointer": "#/started_at",
            "detail": "Send an ISO 8601 date and time with its offset, such as 2026-03-02T09:30:00+08:00.",
        }
    ]
}


def problem_example(status: HTTPStatus) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": int(status)}
    if status in _DETAILS:
        shown["detail"] = _DETAILS[status]
    if status in _ERRORS:
        shown["errors"] = _ERRORS[status]
    return {**shown, "request_id": _REQUEST_ID}
