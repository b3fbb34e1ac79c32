"""A list is read page by page: each page ends at a place from which the next one goes on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.errors import Invalid


@dataclass(frozen=True)
class Page:
    """`next_cursor`: where to go on, None at the end. `cursor`: where this page ended, to come back to."""

    items: list[dict[str, Any]]
    next_cursor: list[Any] | None
    cursor: list[Any] | None = None


def position(cursor: list[Any], *reads: Callable[[Any], Any]) -> tuple[Any, ...]:
    """The place that a cursor names, each part read by its function. Raises Invalid for a cursor of others."""
    try:
        return tuple(read(part) for read, part in zip(reads, cursor, strict=True))
    except (TypeError, ValueError, AttributeError) as error:
        raise Invalid(
            "The cursor can't be read.", {"cursor": "is not one that this list has given"}
        ) from error
