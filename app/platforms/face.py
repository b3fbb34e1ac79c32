"""The face that every platform shows: is this request really theirs, and what does it say.

A platform is one file with one `Platform` in it. Pure: nothing is read but what is handed in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from app.domain.call import CallEnd

# codes of `Ignored`: what was understood, and does not lead to a call
IGNORED: Mapping[str, str] = {
    "not_final": "the call goes on, or a fuller event of it follows",
    "not_a_call": "an event of something else than a call",
    "not_voice": "not a conversation by telephone",
    "not_answered_leg": "a leg of the call that nobody answered",
    "not_wanted": "what the connection's `only` leaves out",
    "no_call_id": "it names no call",
    "impossible_times": "its times can't be true",
    "unreadable_time": "when the call ended is written in no known way",
    "not_json": "the body is no JSON",
    "not_an_object": "the body is JSON, and no object",
    "not_a_form": "the body is no form",
    "not_understood": "not what this platform sends",
}
# codes of a refusal: who sent it is not who may
REFUSED: Mapping[str, str] = {
    "not_signed": "the signature, or what stands for it, is missing",
    "wrong_signature": "signed with another secret, or altered on the way",
    "wrong_secret": "the secret is another one",
    "clock": "signed more than 5 minutes ago, or ahead: a replay, or a clock is wrong",
    "no_secret": "the connection has no secret as yet: rotate it in",
}


class Unreadable(Exception):
    """What came is not even the kind of thing that the platform sends. `reason`: a code of IGNORED."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class RawRequest:
    """As it came. `url`: as the platform was told it, its query as received. `headers`: by names in lower case.

    `now`: of its arrival, unix seconds.
    """

    url: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    now: float

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.url.partition("?")[2], keep_blank_values=True))

    def header(self, name: str) -> str:
        """ "" for one that is missing."""
        return self.headers.get(name, "")


@dataclass(frozen=True)
class Dialect:
    """How a connection's words differ from its platform's own.

    `fields`: field of a call -> where it is found. `only`: where -> the values that are wanted there. The others
    are for what the platform leaves out.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, Sequence[str]] = field(default_factory=dict)
    direction: str = "inbound"
    language: str | None = None
    test: bool = False


@dataclass(frozen=True)
class CallEnded:
    """A call has ended, or a leg of it. The call's `source` is left empty: it is the connection's.

    `waits`: 0 where this decides; else for how many seconds more is to be waited for. `unread`: fields that were
    there, in no form that can be read.
    """

    call: CallEnd
    waits: int = 0
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ignored:
    reason: str  # of IGNORED
    detail: str = ""  # for people; no telephone number, no name


@dataclass(frozen=True)
class Reply:
    """Nothing happened: the platform only wants to know whether we are who we should be."""

    content: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


Reading = CallEnded | Ignored | Reply


@dataclass(frozen=True)
class Answer:
    """What the platform expects to hear. `tells`: whether a body is read there, for whoever sets it up by hand."""

    status: int = 200
    tells: bool = False
    content_type: str | None = None


@dataclass(frozen=True)
class Platform:
    """`verify(request, secrets)` gives a code of REFUSED, None for a request that is believed. It never raises.

    `read(request, dialect, secrets)` raises Unreadable at most. `make_secret`: the secret is ours, and the platform
    is told it; without, it is the platform's, and we are. `documented_only`: written after its documentation, and
    tried with that.
    """

    name: str
    title: str
    verify: Callable[[RawRequest, Sequence[str]], str | None]
    read: Callable[[RawRequest, Dialect, Sequence[str]], Reading]
    make_secret: Callable[[], str] | None = None
    answer: Answer = Answer()
    documented_only: bool = False
