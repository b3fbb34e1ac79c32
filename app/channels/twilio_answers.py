"""What an answer of Twilio's to a send means."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
from twilio.http.response import Response  # type: ignore[import-untyped]

from app.domain.delivery import Outcome, SendResult

_LONGEST_RETRY_AFTER_SECONDS = 86_400.0


def judge(answer: Response, sid_form: re.Pattern[str]) -> SendResult:
    """Accepted or rejected where that is certain, unknown otherwise. `sid_form`: of what was to be made."""
    status = answer.status_code
    content = json_object(answer.text)
    code = _error_code(content)
    if 200 <= status < 300:
        sid = content.get("sid")
        if isinstance(sid, str) and sid_form.fullmatch(sid):
            return SendResult(Outcome.ACCEPTED, provider_id=sid, http_status=status)
        outcome, detail = Outcome.UNKNOWN, f"HTTP {status} without an id of it"
    elif status == 429:
        # refused at the door, by Twilio or by what stands before it: never processed
        outcome, detail = Outcome.REJECTED, "HTTP 429: too many requests"
    elif 400 <= status < 500 and status != 408 and code is not None:
        outcome, detail = Outcome.REJECTED, f"HTTP {status}, code {code}"
    else:
        # A 4xx without Twilio's code is the page of something in between, which may answer so after passing the
        # request on. Looking it up costs minutes; calling it rejected could lose the text or send it twice.
        outcome, detail = Outcome.UNKNOWN, f"HTTP {status}, {f'code {code}' if code else 'no code of Twilio'}"
    retry_after = _retry_after(answer.headers.get("Retry-After"))
    return SendResult(outcome, code=code, http_status=status, retry_after=retry_after, detail=detail)


def json_object(text: str) -> dict[str, Any]:
    """The JSON object in `text`, or an empty one."""
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def _error_code(content: Mapping[str, Any]) -> int | None:
    """Twilio's code: five digits or more, which tells it from a gateway's JSON that repeats the HTTP status."""
    code = content.get("code")
    return code if isinstance(code, int) and code >= 10_000 else None


def _retry_after(header: str | None) -> float | None:
    """Seconds of a Retry-After header, which holds either seconds or a date (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    try:
        if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", header.strip()):
            seconds = float(header)
        else:
            seconds = (moment(header) - datetime.now(UTC)).total_seconds()
    except ValueError:
        return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER_SECONDS)


def moment(text: str) -> datetime:
    """An RFC 2822 date. Raises ValueError for anything else."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError from error
