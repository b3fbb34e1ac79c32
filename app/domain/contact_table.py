"""The lists of whom not to contact and of who consented, as tables: one address or customer a line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from app.domain.roster import start_of
from app.domain.roster_table import read_moment
from app.domain.text import clean

# by what somebody is named: the client's ref of a customer stands for all addresses that are known of them
NAMES = ("phone", "email", "ref")

SUPPRESSION_COLUMNS = (*NAMES, "reason", "since")
CONSENT_COLUMNS = (*NAMES, "status", "given_at", "withdrawn_at", "where", "words")

LONGEST_NAME, LONGEST_REASON, LONGEST_WORDS = 320, 200, 2_000

_GIVEN, _WITHDRAWN = "given", "withdrawn"

Row = Mapping[str, str]


class WrongRow(ValueError):
    """`problems`: column -> what is wrong with it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{column} {problem}" for column, problem in problems.items()))
        self.problems = dict(problems)


@dataclass(frozen=True)
class Listed:
    """One line of a list. `names`: (by, value) of all that it names, as it is written there.

    `given`: False where a consent is withdrawn. `at`: when it was given or withdrawn, None for now.
    """

    names: tuple[tuple[str, str], ...]
    reason: str | None = None
    given: bool = True
    at: datetime | None = None
    where: str | None = None
    words: str | None = None


def read_suppression(row: Row) -> Listed:
    """`since` is what an export tells and an import passes over. Raises WrongRow."""
    problems: dict[str, str] = {}
    found = Listed(_names(row, problems), reason=_text(row, "reason", LONGEST_REASON, problems))
    if problems:
        raise WrongRow(problems)
    return found


def read_consent(row: Row, zone: tzinfo) -> Listed:
    """Days begin in `zone`. Raises WrongRow."""
    problems: dict[str, str] = {}
    status = row.get("status", "").strip().casefold() or _GIVEN
    if status not in (_GIVEN, _WITHDRAWN):
        problems["status"] = f"is {_GIVEN} or {_WITHDRAWN}"
    found = Listed(
        _names(row, problems),
        given=status == _GIVEN,
        at=_moment(row, "given_at" if status == _GIVEN else "withdrawn_at", zone, problems),
        where=_text(row, "where", LONGEST_REASON, problems),
        words=_text(row, "words", LONGEST_WORDS, problems),
    )
    if problems:
        raise WrongRow(problems)
    return found


def _names(row: Row, problems: dict[str, str]) -> tuple[tuple[str, str], ...]:
    named = []
    for by in NAMES:
        value = _text(row, by, LONGEST_NAME, problems)
        if value:
            named.append((by, value))
    if not named and not problems:
        problems["line"] = f"names nobody: fill in one of {', '.join(NAMES)}"
    return tuple(named)


def _text(row: Row, column: str, longest: int, problems: dict[str, str]) -> str | None:
    text = clean(row.get(column, "")).strip()
    if len(text) > longest:
        problems[column] = f"has more than {longest} characters"
    return text or None


def _moment(row: Row, column: str, zone: tzinfo, problems: dict[str, str]) -> datetime | None:
    text = row.get(column, "").strip()
    if not text:
        return None
    try:
        return start_of(read_moment(text), zone)
    except ValueError as error:
        problems[column] = str(error)
        return None
