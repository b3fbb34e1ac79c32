"""Plivo's `hangup_url`, signed by the third version of its signature."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from app.platforms.bodies import form, pairs
from app.platforms.face import Dialect, Ignored, Platform, RawRequest, Reading, Unreadable
from app.platforms.fields import call_ended, plus, utc
from app.platforms.proofs import is_one_of

_ENDED = frozenset({"completed", "busy", "failed", "timeout", "no-answer", "cancel"})
_MOST_SIGNATURES = 10


def _content(raw: RawRequest) -> str:
    """The address, `?` with its sorted query, the sorted fields behind a `.`, and the nonce behind another."""
    split = urlsplit(raw.url)
    query = "&".join(
        f"{name}={value}" for name, value in sorted(parse_qsl(split.query, keep_blank_values=True))
    )
    fields = "".join(f"{name}{value}" for name, value in sorted(pairs(raw.body)))
    content = f"{split.scheme}://{split.netloc}{split.path}"
    if query or fields:
        content += f"?{query}"
    if query and fields:
        content += "."
    return f"{content}{fields}.{raw.header('x-plivo-signature-v3-nonce')}"


def verify(raw: RawRequest, secrets: Sequence[str]) -> str | None:
    """`secrets`: auth tokens."""
    if not secrets:
        return "no_secret"
    given = raw.header("x-plivo-signature-v3")
    if not given or not raw.header("x-plivo-signature-v3-nonce"):
        return "not_signed"
    try:
        content = _content(raw).encode("utf-8", "replace")
    except (Unreadable, ValueError):
        return "wrong_signature"
    expected = [
        base64.b64encode(hmac.digest(one.encode(), content, hashlib.sha256)).decode() for one in secrets
    ]
    listed = given.split(",")[:_MOST_SIGNATURES]
    return None if any(is_one_of(one.strip(), expected) for one in listed) else "wrong_signature"


def read(raw: RawRequest, dialect: Dialect, secrets: Sequence[str]) -> Reading:  # noqa: ARG001
    said = form(raw.body)
    status = said.get("CallStatus", "completed").casefold()
    if status not in _ENDED:
        return Ignored("not_final", status[:40])
    outbound = said.get("Direction") == "outbound"
    source = said.get("HangupSource", "").casefold()
    known: dict[str, Any] = {
        "call_id": said.get("CallUUID"),
        "direction": said.get("Direction"),
        "phone": plus(said.get("To" if outbound else "From")),
        "started_at": utc(said.get("StartTime")),
        "answered_at": utc(said.get("AnswerTime")),
        "ended_at": utc(said.get("EndTime")),
        "talk_seconds": said.get("Duration") if status == "completed" else 0,
        "ended_by": source if not outbound and source in ("caller", "callee") else None,
        "agent_id": raw.query.get("agent"),
        "queue": raw.query.get("queue"),
    }
    return call_ended(known, said, raw, dialect)


PLATFORM = Platform("plivo", "Plivo", verify, read, documented_only=True)
