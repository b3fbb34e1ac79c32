"""What mail servers report about a mail: it came back (DSN, RFC 3464), or it was complained of (ARF, RFC 5965).

Anybody may write to the address that these come to, so nothing in them is trusted to be well-formed, and reading
one never raises. Which mail it is about is said by the address that it was sent to (bounce+<message's id>@...), by
the envelope's id that we gave (RFC 3461), or by the Message-ID of what was returned: all of them hold the id of our
message.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from enum import StrEnum
from uuid import UUID

from app.domain.mail_codes import enhanced_code

_OURS = re.compile(r"(?<![0-9A-Za-z])([0-9a-f]{32})@", re.IGNORECASE)
_REPLY = re.compile(r"(?<![0-9.])([45][0-9]{2})(?![0-9.])")
_ADDRESSED = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
_ENVELOPE = ("Original-Envelope-Id", "Original-Mail-From")
_RETURNED = ("Message-ID", "Return-Path")
_MOST_PARTS = 50
_LONGEST_FIELD = 2_000
# no complaint of a person's: the opposite, and a report on signatures (RFC 6591)
_NO_COMPLAINTS = frozenset({"not-spam", "auth-failure"})


class ReportKind(StrEnum):
    FAILED = "failed"
    DELAYED = "delayed"
    COMPLAINT = "complaint"
    OTHER = "other"


@dataclass(frozen=True)
class MailReport:
    """`code`: as in domain/mail_codes.py; None where none is told. `messages`: which it may mean, surest first."""

    kind: ReportKind
    code: int | None = None
    messages: tuple[UUID, ...] = ()


def read_report(raw: bytes) -> MailReport:
    """What a mail (message/rfc822, possibly cut off) reports; OTHER for all that is no report."""
    try:
        return _read(message_from_bytes(raw))
    except Exception:
        # the standard library raises whatever it likes for mail that is made to break it, nested too deeply for one
        return MailReport(ReportKind.OTHER)


def _read(mail: Message) -> MailReport:
    parts = list(_parts(mail))
    fields = [block for part in parts for block in _blocks(part)]
    texts = [_field(mail, name) for name in _ADDRESSED]
    texts += [_field(block, name) for block in fields for name in _ENVELOPE]
    texts += [_field(block, name) for part in parts for block in _returned(part) for name in _RETURNED]
    found = [UUID(hex=name) for text in texts for name in _OURS.findall(text)]
    kind, code = _verdict(fields)
    return MailReport(kind, code, tuple(dict.fromkeys(found)))


def _parts(mail: Message) -> Iterator[Message]:
    """The parts of a report, which are not nested; what is returned with it is not looked into."""
    payload = mail.get_payload()
    if mail.get_content_maintype() == "multipart" and isinstance(payload, list):
        yield from (part for part in payload[:_MOST_PARTS] if isinstance(part, Message))


def _blocks(part: Message) -> list[Message]:
    """The groups of fields of a machine's report."""
    if part.get_content_type() not in ("message/delivery-status", "message/feedback-report"):
        return []
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _returned(part: Message) -> list[Message]:
    """The mail that came back, or its headers."""
    payload = part.get_payload()
    if part.get_content_type() == "message/rfc822" and isinstance(payload, list):
        return [block for block in payload if isinstance(block, Message)]
    if part.get_content_type() == "text/rfc822-headers":
        content = part.get_payload(decode=True)
        return [message_from_bytes(content)] if isinstance(content, bytes) else []
    return []


def _verdict(fields: list[Message]) -> tuple[ReportKind, int | None]:
    """The worst of what is told of any recipient: ours have one each."""
    for block in fields:
        feedback = _field(block, "Feedback-Type").strip().casefold()
        if feedback and feedback not in _NO_COMPLAINTS:
            return ReportKind.COMPLAINT, None
    for kind in (ReportKind.FAILED, ReportKind.DELAYED):
        for block in fields:
            if _field(block, "Action").strip().casefold().startswith(kind):
                return kind, _code(block)
    return ReportKind.OTHER, None


def _code(block: Message) -> int | None:
    """The status; where it only says that something is wrong (5.0.0), what the server itself has said."""
    status, said = _field(block, "Status"), _field(block, "Diagnostic-Code")
    told, diagnosed = enhanced_code(status), enhanced_code(said)
    if told is not None and told % 100_000:
        return told
    reply = _REPLY.search(said)
    return diagnosed or (int(reply[1]) if reply else told)


def _field(block: Message, name: str) -> str:
    return " ".join(str(value)[:_LONGEST_FIELD] for value in block.get_all(name, [])[:5])
