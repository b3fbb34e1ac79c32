"""Numbers that are no customer's: a company's own, those it tests with, and its agents' own telephones."""

import re
from collections.abc import Collection
from dataclasses import dataclass

KINDS = ("internal", "test", "agent")
MOST_LINES = 10_000

# fewer digits would mean a whole city, or a country
_LEAST_OF_A_RANGE = 6
_MOST_DIGITS = 15
_SEPARATORS = re.compile(r"[\s().\-/]")
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{6,14}")
_RANGE = re.compile(rf"\+[1-9][0-9]{{{_LEAST_OF_A_RANGE - 1},{_MOST_DIGITS - 2}}}\*")
# as switchboards report their own: 1234, sip:1234@pbx.example
_EXTENSION = re.compile(r"(?:sips?:|tel:)?([0-9]{2,6})(?:@[^@\s]+)?")


@dataclass(frozen=True)
class Listed:
    """What a number is listed as, and whose it is where it is an agent's."""

    kind: str
    agent_id: str | None = None


@dataclass(frozen=True)
class Entry:
    """A number, or a range of them, by the key that it is listed by."""

    key: str
    kind: str
    agent_id: str | None = None


def extension_in(raw: str | None) -> str | None:
    """The extension of a switchboard that somebody called from; None for everything else."""
    found = _EXTENSION.fullmatch((raw or "").strip().casefold())
    return found[1] if found else None


def number_key(raw: str | None, e164: str | None) -> str | None:
    """What a number is listed by and looked for by: E.164, or a switchboard's extension.

    `e164`: as it was understood, if it was. One that nobody could be texted at, a hotline of the company's own, is
    taken as it is written where that is international.
    """
    if e164 is not None:
        return e164
    bare = _SEPARATORS.sub("", raw or "")
    return bare if _INTERNATIONAL.fullmatch(bare) else extension_in(raw)


def range_key(raw: str) -> str | None:
    """`+4420794600*`: every number that begins like this; None for what is no range."""
    bare = _SEPARATORS.sub("", raw)
    return bare if _RANGE.fullmatch(bare) else None


def length_of(key: str) -> int | None:
    """How many characters of a number a range's key holds; None for a number's own key."""
    return len(key) - 1 if key.endswith("*") else None


def keys_for(key: str, lengths: Collection[int]) -> list[str]:
    """Every key by which this number may be listed: its own, and those of ranges of the lengths that there are."""
    if not key.startswith("+"):
        return [key]
    return [key, *(f"{key[:length]}*" for length in sorted(lengths) if length < len(key))]
