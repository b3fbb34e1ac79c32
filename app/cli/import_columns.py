"""The columns of a CSV file, and the JSON that the API would have been sent in their place."""

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import ValidationError
from werkzeug.exceptions import BadRequest

from app.domain.questionnaire import QUESTIONS
from app.domain.text import ascii_int
from app.web.json import load_json

# what a report of refused lines adds; ignored, so that it can be mended and imported as it is
REPORT = ("line", "problem")

_NESTED = {
    "agent_id": ("agent", "id"),
    "agent_name": ("agent", "name"),
    "team": ("agent", "team"),
    "vendor": ("agent", "vendor"),
    "customer_phone": ("customer", "phone"),
    "customer_email": ("customer", "email"),
    "customer_name": ("customer", "name"),
    "customer_language": ("customer", "language"),
    "customer_timezone": ("customer", "timezone"),
    "customer_ref": ("customer", "ref"),
}
_COLUMN_OF = {".".join(path): column for column, path in _NESTED.items()}

_WHOLE = frozenset({"talk_seconds", "wait_seconds", "hold_seconds", "wrap_seconds", *QUESTIONS}) - {"comment"}
_FLAGS = frozenset({"ask", "test"})

CALL_COLUMNS = (
    "call_id",
    "source",
    "direction",
    "started_at",
    "answered_at",
    "ended_at",
    "asked_at",
    *_NESTED,
    "queue",
    "contact_reason",
    "talk_seconds",
    "wait_seconds",
    "hold_seconds",
    "wrap_seconds",
    "ended_by",
    "transferred_from",
    "transferred_to",
    "trigger",
    "tags",
    "attributes",
    "ask",
    "test",
)
RESPONSE_COLUMNS = ("call_id", "source", "answered_at", "channel", "language", "scale", *QUESTIONS)


def wrong_columns(given: Iterable[str], known: tuple[str, ...], needed: tuple[str, ...]) -> str | None:
    """What is wrong with a header, in words."""
    names = list(given)
    unknown = [name for name in names if name not in (*known, *REPORT)]
    missing = [name for name in needed if name not in names]
    twice = sorted({name for name in names if names.count(name) > 1})
    problems = [
        *([f"Unknown: {', '.join(name or '(empty)' for name in unknown)}."] if unknown else []),
        *([f"Missing: {', '.join(missing)}."] if missing else []),
        *([f"Twice: {', '.join(twice)}."] if twice else []),
    ]
    return f"{' '.join(problems)} Known columns: {', '.join(known)}." if problems else None


def body_of_row(row: Mapping[str, str]) -> dict[str, Any]:
    """A row as JSON. An empty cell says nothing, save that a question was asked and not answered.

    What is not of its column's kind is left as it is: the schema says what is wrong with it.
    """
    body: dict[str, Any] = {}
    for column, cell in row.items():
        text = cell.strip()
        if column in REPORT:
            continue
        if not text:
            if column in QUESTIONS:
                body[column] = None
        elif column in _NESTED:
            parent, name = _NESTED[column]
            body.setdefault(parent, {})[name] = text
        else:
            body[column] = _value(column, text)
    return body


def _value(column: str, text: str) -> Any:
    if column in _WHOLE:
        number = ascii_int(text)
        return text if number is None else number
    if column in _FLAGS:
        return {"true": True, "false": False}.get(text.lower(), text)
    if column == "tags":
        return [tag for part in text.split("|") if (tag := part.strip())]
    if column == "attributes":
        try:
            return load_json(text.encode())
        except BadRequest:
            return text
    return text


def in_words(error: ValidationError, *, flat: bool) -> str:
    """Every problem of a line with the field that it is about; `flat` names columns."""
    found = _problems(error.messages)
    return "; ".join(f"{_COLUMN_OF.get(path, path) if flat else path}: {problem}" for path, problem in found)


def _problems(messages: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(messages, Mapping):
        return [
            found
            for name, inner in messages.items()
            for found in _problems(inner, path if name == "_schema" else f"{path}.{name}".lstrip("."))
        ]
    return [(path or "line", " ".join(str(message) for message in messages))]
