"""After which calls a survey asks: queues by name or by how it begins, tags, and attributes of any kind.

Names and values compare whatever the case and the white space around them: people type them twice, once in the
switchboard and once here.
"""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any

_ANY = "*"
# beyond it Python refuses to write a number in decimal digits one day, and nobody types it
_LARGE = 10**18


def matches(pattern: str, name: str) -> bool:
    """Whether a queue is meant by a pattern: its name, or how it begins, followed by a *."""
    pattern, name = _folded(pattern), _folded(name)
    return name.startswith(pattern[:-1]) if pattern.endswith(_ANY) else name == pattern


def covers(pattern: str, other: str) -> bool:
    """Whether every queue that `other` means is meant by `pattern` too."""
    if _folded(other).endswith(_ANY) and not _folded(pattern).endswith(_ANY):
        return False
    return matches(pattern, _folded(other).removesuffix(_ANY))


def first_match(patterns: Sequence[str], name: str | None) -> str | None:
    """The first of the patterns that means this queue; None where none does, or no queue is known."""
    return next((pattern for pattern in patterns if name is not None and matches(pattern, name)), None)


def common(wanted: Sequence[str], tags: Collection[str]) -> str | None:
    """The first of the wanted tags that is there."""
    there = {_folded(tag) for tag in tags}
    return next((tag for tag in wanted if _folded(tag) in there), None)


def first_misfit(wanted: Mapping[str, Sequence[Any]], attributes: Mapping[str, Any]) -> str | None:
    """The first attribute that has none of the values wanted of it; None where all fit."""
    known: dict[str, list[Any]] = {}
    for name, value in attributes.items():
        known.setdefault(_folded(name), []).append(value)
    return next(
        (
            name
            for name, values in wanted.items()
            if not any(has_one_of(values, value) for value in known.get(_folded(name), ()))
        ),
        None,
    )


def has_one_of(wanted: Sequence[Any], value: Any) -> bool:
    """Whether a value as it was reported is one of those wanted, or a list that holds one.

    They compare as they would be written: 42, 42.0 and "42" are the same, and so are true and "true"; true and 1
    are not. What is null or an object is nothing that anybody can have wanted.
    """
    values = value if isinstance(value, (list, tuple)) else (value,)
    written = {_written(one) for one in wanted} - {None}
    return any(_written(one) in written for one in values)


def _written(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _folded(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        return str(value) if abs(value) < _LARGE else hex(value)
    return repr(value) if isinstance(value, float) else None


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip().casefold())
