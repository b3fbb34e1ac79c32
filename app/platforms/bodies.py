"""Bodies as they come: JSON or a form, and the place of a field in them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson

from app.platforms.face import RawRequest, Unreadable

_MOST_FIELDS = 500
_MOST_STEPS = 12


def json_object(body: bytes) -> dict[str, Any]:
    """Raises Unreadable."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Unreadable("not_json", f"at character {error.pos}") from error
    if not isinstance(value, dict):
        raise Unreadable("not_an_object")
    return value


def pairs(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form in their order. Raises Unreadable."""
    try:
        found = parse_qsl(
            body.decode(), keep_blank_values=True, errors="replace", max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:  # no text, or too many fields
        raise Unreadable("not_a_form") from error
    if not found:
        raise Unreadable("not_a_form", "it has no field")
    return found


def form(body: bytes) -> dict[str, str]:
    """Of a name that is there twice the last value counts. Raises Unreadable."""
    return dict(pairs(body))


def json_or_form(raw: RawRequest) -> dict[str, Any]:
    """Whichever it is: what stands in Content-Type is often wrong. Raises Unreadable."""
    if raw.body.lstrip()[:1] in (b"{", b"["):
        return json_object(raw.body)
    if "json" in raw.header("content-type"):
        return json_object(raw.body)
    return dict(form(raw.body))


def look_up(document: Mapping[str, Any], place: str, query: Mapping[str, str]) -> Any:
    """What stands at `data.user.id`, `legs.0.agent`, `TaskAttributes.from` (JSON in a text too) or, in the query of
    the address, at `?agent`; None for nothing."""
    if place.startswith("?"):
        return query.get(place[1:])
    if place in document:
        return document[place]
    value: Any = document
    for step in place.split(".", _MOST_STEPS):
        inner = _opened(value)
        if isinstance(inner, Mapping):
            value = inner.get(step)
        elif isinstance(inner, list) and step.isascii() and step.isdigit() and len(step) < 5:
            value = inner[int(step)] if int(step) < len(inner) else None
        else:
            return None
    return value


def _opened(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return None
    return value


def part(value: Any) -> dict[str, Any]:
    """An object inside, JSON in a text too; empty for anything else."""
    inner = _opened(value)
    return inner if isinstance(inner, dict) else {}


def first(value: Any) -> dict[str, Any]:
    """The first object of a list inside; empty for anything else."""
    inner = _opened(value)
    return part(inner[0]) if isinstance(inner, list) and inner else {}
