"""A call out of whatever a platform wrote: each field is read leniently, and what can't be read is unknown.

Unknown is not wrong: only a call without an id, or with an end that can't be read, leads to nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from app.domain.call import MOST_ATTRIBUTES, MOST_TAGS, CallEnd
from app.domain.handlers import MOST_HANDLERS, Handler
from app.domain.legs import as_handler
from app.domain.text import clean
from app.platforms.bodies import look_up, part
from app.platforms.face import CallEnded, Dialect, Ignored, RawRequest

_LONGEST_SECONDS = 7 * 86_400
_MOST_CHARACTERS = 200
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
_CLOCK = re.compile(r"([0-9]{1,3}):([0-5]?[0-9]):([0-5]?[0-9])(\.[0-9]{1,9})?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}")
_INTERNATIONAL = re.compile(r"[1-9][0-9]{7,14}")
_SCHEME = re.compile(r"(tel|sips?):", re.IGNORECASE)
_DIRECTIONS = {
    **dict.fromkeys(
        ("in", "inbound", "incoming", "i", "terminating", "queue_transfer", "transfer"), "inbound"
    ),
    **dict.fromkeys(("out", "outbound", "outgoing", "o", "outbound-api", "outbound-dial"), "outbound"),
    **dict.fromkeys(("originating", "callback", "api"), "outbound"),
    **dict.fromkeys(("internal", "local"), "internal"),
}
_ENDED_BY = {
    **dict.fromkeys(("agent", "user", "callee"), "agent"),
    **dict.fromkeys(("customer", "caller", "client", "external"), "customer"),
    **dict.fromkeys(("system", "api"), "system"),
}
# attributes.order_no: anything else of a call's, kept as it is
ATTRIBUTE = "attributes."
_MOST_NAME = 100


def text(value: Any) -> str | None:
    """A text or a number, cleaned, on one line, at most 200 characters; None for nothing and for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    return " ".join(clean(str(value), _MOST_CHARACTERS).split()) or None


def identifier(value: Any) -> str | None:
    """An id is kept exactly as it came, or not at all: cut off, it would be another one's."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    found = str(value).strip(" ") if isinstance(value, int) or len(value) <= _MOST_CHARACTERS + 50 else ""
    fits = 0 < len(found) <= _MOST_CHARACTERS and not _CONTROLS.search(found)
    return found if fits and not found[0].isspace() and clean(found) == found else None


def seconds(value: Any) -> int | None:
    """Whole seconds of 63, 63.4, "63" or "00:01:03"."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip()
        if clock := _CLOCK.fullmatch(value):
            hours, minutes, rest = (int(one) for one in clock.groups()[:3])
            value = hours * 3600 + minutes * 60 + rest
        elif _NUMBER.fullmatch(value):
            value = float(value)
    if not isinstance(value, (int, float)) or not 0 <= value <= _LONGEST_SECONDS:
        return None
    return int(value)


def moment(value: Any) -> datetime | None:
    """ISO 8601 or RFC 2822 with an offset, or unix time in seconds, milli- or microseconds; 0 is none."""
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, datetime):
            found: datetime | None = value
        elif isinstance(value, str):
            value = value.strip()
            found = _unix(float(value)) if _NUMBER.fullmatch(value) else _written(value[:_MOST_CHARACTERS])
        else:
            found = _unix(value) if isinstance(value, (int, float)) else None
        if found is None or found.tzinfo is None:
            return None
        found = found.astimezone(UTC)
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None
    return found if _FIRST_YEAR <= found.year < _LAST_YEAR else None


def _unix(number: float) -> datetime | None:
    for scale in (1, 1_000, 1_000_000):
        if 1e8 <= number / scale < 1e10:
            return datetime.fromtimestamp(number / scale, UTC)
    return None


def _written(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        found = parsedate_to_datetime(value)
        # -0000 says UTC, and nothing of where
        return found if found.tzinfo else found.replace(tzinfo=UTC)


def phone(value: Any) -> str | None:
    """As it is written, without `tel:` or the host of a SIP address."""
    found = text(value)
    if found is None:
        return None
    if scheme := _SCHEME.match(found):
        found = found[scheme.end() :].partition("@")[0].partition(";")[0]
    return found[:64] or None


def _word(words: Mapping[str, str]) -> Callable[[Any], str | None]:
    def read(value: Any) -> str | None:
        found = text(value)
        return words.get(found.casefold()) if found else None

    return read


def _language(value: Any) -> str | None:
    found = text(value)
    return found if found and _LANGUAGE.fullmatch(found) else None


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _timezone(value: Any) -> str | None:
    found = text(value)
    return found if found in _timezones() else None


def _email(value: Any) -> str | None:
    return value.strip() if isinstance(value, str) and len(value) <= 254 and clean(value) == value else None


READS: Mapping[str, Callable[[Any], Any]] = {
    "call_id": identifier,
    "direction": _word(_DIRECTIONS),
    "started_at": moment,
    "answered_at": moment,
    "ended_at": moment,
    "agent_id": identifier,
    "agent_name": text,
    "team": text,
    "vendor": text,
    "queue": text,
    "contact_reason": text,
    "phone": phone,
    "email": _email,
    "customer_name": text,
    "customer_ref": identifier,
    "language": _language,
    "timezone": _timezone,
    "talk_seconds": seconds,
    "wait_seconds": seconds,
    "hold_seconds": seconds,
    "wrap_seconds": seconds,
    "ended_by": _word(_ENDED_BY),
    "transferred_from": identifier,
    "transferred_to": identifier,
}


def call_ended(
    known: Mapping[str, Any],
    document: Mapping[str, Any],
    raw: RawRequest,
    dialect: Dialect,
    *,
    waits: int = 0,
    leg: Any = None,
) -> CallEnded | Ignored:
    """`known`: field of a call -> what the platform wrote there, None where it is silent. `leg`: its id of this
    agent's part, where it is about that and not about the whole call.

    What the connection maps out of `document` outweighs it.
    """
    for place, wanted in dialect.only.items():
        if text(look_up(document, place, raw.query)) not in wanted:
            return Ignored("not_wanted", f"{place} is none of {', '.join(wanted)}")
    mapped = {name: look_up(document, place, raw.query) for name, place in dialect.fields.items()}
    written = {
        **known,
        **{name: value for name, value in mapped.items() if value not in (None, "")},
    }
    given = {name: value for name in READS if (value := written.get(name)) not in (None, "", [], {})}
    read = {name: READS[name](value) for name, value in given.items()}
    unread = tuple(name for name, value in read.items() if value is None)
    if read.get("call_id") is None:
        return Ignored("no_call_id", "in a form that can't be kept" if "call_id" in unread else "")
    if "ended_at" in unread:
        return Ignored("unreadable_time", "ended_at")
    tags, attributes = _tags(written.get("tags")), _attributes(written)
    call = _call(read, raw, dialect, tags, attributes)
    if handlers := _handlers(written.get("handlers"), call):
        call = _of_one_of(handlers, call)
    elif (name := identifier(leg)) is not None and call.agent_id is not None:
        call = replace(call, handlers=(as_handler(call, name),))
    return CallEnded(call, waits, unread)


def _call(
    read: Mapping[str, Any],
    raw: RawRequest,
    dialect: Dialect,
    tags: tuple[str, ...],
    attributes: dict[str, Any],
) -> CallEnd:
    ended_at = read.get("ended_at") or datetime.fromtimestamp(raw.now, UTC)
    lasted = sum(read.get(name) or 0 for name in ("talk_seconds", "wait_seconds"))
    # clocks of several machines, cut to whole seconds: what can only be a rounding is taken for one
    started_at = min(read.get("started_at") or ended_at - timedelta(seconds=lasted), ended_at)
    answered_at = read.get("answered_at")
    if answered_at is not None:
        answered_at = min(max(answered_at, started_at), ended_at)
    return CallEnd(
        **{
            "direction": dialect.direction,
            "language": dialect.language,
            **{name: value for name, value in read.items() if value is not None},
            "source": "",
            "started_at": started_at,
            "ended_at": ended_at,
            "answered_at": answered_at,
            "is_test": dialect.test,
            "tags": tags,
            "attributes": attributes,
        }
    )


def _of_one_of(handlers: tuple[Handler, ...], call: CallEnd) -> CallEnd:
    if call.agent_id is not None:
        return replace(call, handlers=handlers)
    one = handlers[0]
    return replace(
        call,
        agent_id=one.agent_id,
        agent_name=one.agent_name,
        team=one.team,
        vendor=one.vendor,
        handlers=handlers,
    )


def _handlers(value: Any, call: CallEnd) -> tuple[Handler, ...]:
    """As `POST /v1/calls` has them; those without an id are nobody's."""
    found = []
    for number, one in enumerate(value[:MOST_HANDLERS] if isinstance(value, list) else ()):
        given, agent = part(one), part(part(one).get("agent"))
        agent_id = identifier(agent.get("id"))
        if agent_id is None:
            continue
        times = (moment(given.get(name)) for name in ("started_at", "ended_at"))
        began, over = (None if at is None else min(max(at, call.started_at), call.ended_at) for at in times)
        found.append(
            Handler(
                agent_id=agent_id,
                agent_name=text(agent.get("name")),
                team=text(agent.get("team")),
                vendor=text(agent.get("vendor")),
                queue=text(given.get("queue")),
                started_at=began,
                ended_at=over,
                talk_seconds=seconds(given.get("talk_seconds")),
                leg=f"#{number}",
            )
        )
    return tuple(found)


def _tags(value: Any) -> tuple[str, ...]:
    listed = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else ()
    found = [tag[:100] for one in listed[:MOST_TAGS] if (tag := text(one))]
    return tuple(dict.fromkeys(found))


def _attributes(written: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        name.removeprefix(ATTRIBUTE): text(value)
        for name, value in written.items()
        if name.startswith(ATTRIBUTE)
    }
    kept = {name: value for name, value in found.items() if value and 0 < len(name) <= _MOST_NAME}
    return dict(list(kept.items())[:MOST_ATTRIBUTES])


def plus(number: Any) -> str | None:
    """With the + that some platforms leave out of international numbers."""
    found = phone(number)
    return f"+{found}" if found and _INTERNATIONAL.fullmatch(found) else found


def utc(value: Any) -> Any:
    """A moment that is written without an offset, where the platform's are in UTC."""
    found = text(value)
    if found is None or moment(value) is not None:
        return value
    try:
        return datetime.fromisoformat(found).replace(tzinfo=UTC)
    except ValueError:
        return value


def later(moment_: datetime | None, span: int | None) -> datetime | None:
    """So many seconds after; None where either is unknown."""
    return None if moment_ is None or span is None else moment_ + timedelta(seconds=span)


def between(start: Any, end: Any) -> int | None:
    """Whole seconds between two moments as written; None where that can't be told."""
    begun, ended = moment(start), moment(end)
    if begun is None or ended is None or ended < begun:
        return None
    return int((ended - begun).total_seconds())
