"""Mailboxes: every mail that the mail server took, once for each of its recipients."""

import re
import threading
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from functools import cached_property
from html import unescape
from typing import Any

_HREF = re.compile(r"""<a\b[^>]*?\shref\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)。，！？）]")
_ANGLED = re.compile(r"<(https?://[^>\s]+)>", re.IGNORECASE)


@dataclass(frozen=True)
class Mail:
    """One mail in one mailbox. It is read (parsed) only when somebody looks at it."""

    to: str  # the envelope's recipient
    envelope_from: str
    raw: bytes
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @cached_property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    def header(self, name: str) -> str | None:
        """Decoded and unfolded; the first, where it is repeated."""
        value = self.message.get(name)
        return None if value is None else str(value)

    @property
    def author(self) -> str:
        """The address in the From header; empty where there is none."""
        return parseaddr(self.header("From") or "")[1]

    @cached_property
    def text(self) -> str | None:
        return _content(self.message, "plain")

    @cached_property
    def html(self) -> str | None:
        return _content(self.message, "html")

    @cached_property
    def links(self) -> list[str]:
        """Every link in it, once: of its HTML, its text and its List-Unsubscribe header."""
        found = [unescape(link) for link in _HREF.findall(self.html or "")]
        found += _URL.findall(self.text or "")
        found += _ANGLED.findall(self.header("List-Unsubscribe") or "")
        return [link for link in dict.fromkeys(found) if link.startswith(("http://", "https://"))]

    @property
    def one_click(self) -> str | None:
        """Where a click on "Unsubscribe" is to be posted (RFC 8058); None where the mail offers none."""
        offered = (self.header("List-Unsubscribe-Post") or "").replace(" ", "").casefold()
        urls = _ANGLED.findall(self.header("List-Unsubscribe") or "")
        return urls[0] if urls and offered == "list-unsubscribe=one-click" else None


def _content(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    if part is None:
        return None
    try:
        return str(part.get_content()).replace("\r\n", "\n")
    except LookupError:
        # a character set that nobody knows is shown as well as it can be, as mail clients do
        return part.get_payload(decode=True).decode("utf-8", "replace")  # type: ignore[union-attr]


def brief(mail: Mail) -> dict[str, Any]:
    """What a list of mails shows of one. `from` is as its header says, `envelope_from` as the sender's server."""
    return {
        "id": mail.id,
        "message_id": mail.header("Message-ID"),
        "subject": mail.header("Subject"),
        "from": mail.header("From"),
        "envelope_from": mail.envelope_from,
        "to": mail.to,
        "at": mail.at.isoformat(),
        "size": len(mail.raw),
    }


def full(mail: Mail) -> dict[str, Any]:
    """All of it. `headers` has the first of each name, `all_headers` each in order with its name."""
    every = [(name, str(value)) for name, value in mail.message.items()]
    return brief(mail) | {
        "text": mail.text,
        "html": mail.html,
        "headers": dict(reversed(every)),
        "all_headers": every,
        "links": mail.links,
        "one_click": mail.one_click,
    }


class Mailboxes:
    """The newest `limit` mails. Thread-safe. Addresses differ by more than their case.

    `tell` is called when a mail is new; it must neither wait nor raise.
    """

    def __init__(self, limit: int, tell: Callable[[], None] = lambda: None) -> None:
        self._lock = threading.Lock()
        self._limit = limit
        self._tell = tell
        self._mails: OrderedDict[str, Mail] = OrderedDict()
        self._boxes: dict[str, deque[str]] = {}

    def add(self, mail: Mail) -> None:
        with self._lock:
            self._mails[mail.id] = mail
            self._boxes.setdefault(mail.to.casefold(), deque()).append(mail.id)
            if len(self._mails) > self._limit:
                self._forget_oldest()
        self._tell()

    def _forget_oldest(self) -> None:
        _, oldest = self._mails.popitem(last=False)
        address = oldest.to.casefold()
        self._boxes[address].popleft()
        if not self._boxes[address]:
            del self._boxes[address]

    def get(self, address: str, mail_id: str) -> Mail | None:
        with self._lock:
            mail = self._mails.get(mail_id)
        return mail if mail and mail.to.casefold() == address.casefold() else None

    def all(self) -> list[Mail]:
        """Oldest first, as all lists here."""
        with self._lock:
            return list(self._mails.values())

    def of(self, address: str) -> list[Mail]:
        with self._lock:
            return [self._mails[mail_id] for mail_id in self._boxes.get(address.casefold(), ())]

    def newest(self) -> list[tuple[Mail, int]]:
        """Of each mailbox the newest mail and how many it has, the liveliest first."""
        with self._lock:
            lines = [(self._mails[ids[-1]], len(ids)) for ids in self._boxes.values()]
        return sorted(lines, key=lambda line: line[0].at, reverse=True)
