"""A roster as a table: CSV that people edit in spreadsheets, and rows that are checked one by one."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from app.domain.csv_table import read_rows, write_rows
from app.domain.roster import Entry, start_of
from app.domain.text import clean

COLUMNS = ("source", "platform_agent_id", "agent_id", "name", "team", "vendor", "from", "to")
NEEDED = ("platform_agent_id", "agent_id", "from")
MOST_LINES = 50_000

_LONGEST = 200
_YEARS = range(2000, 2100)
_IDENTIFIER = re.compile(r"[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

Row = Mapping[str, Any]


def read_table(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, cells by column), of UTF-8 CSV with commas, semicolons or tabs. Raises Unreadable."""
    return read_rows(data, COLUMNS, NEEDED, MOST_LINES)


def write_table(entries: Iterable[tuple[str, Entry]], zone: tzinfo) -> str:
    """CSV of (source, entry), which `read_table` and `read_entry` read back exactly, in the same zone."""
    return write_rows(
        COLUMNS,
        (
            (
                *(source, entry.platform_agent_id, entry.agent_id, entry.name, entry.team, entry.vendor),
                _written(entry.valid_from, zone),
                _written(entry.valid_to, zone),
            )
            for source, entry in entries
        ),
    )


def _written(moment: datetime | None, zone: tzinfo) -> str | None:
    """A date where that is all there is to say: spreadsheets keep it, and people read it."""
    if moment is None:
        return None
    local = moment.astimezone(zone)
    if start_of(local.date(), zone) == moment:
        return local.date().isoformat()
    return local.isoformat()


def read_entry(row: Row, zone: tzinfo) -> tuple[Entry | None, dict[str, str]]:
    """The entry that a row describes, or None and field -> what is wrong with it. An empty cell says nothing."""
    problems: dict[str, str] = {name: "is unknown" for name in row if name not in COLUMNS}
    values = {}
    for name in COLUMNS:
        value = row.get(name)
        if value is not None and not isinstance(value, str):
            problems[name] = "is not text"
            continue
        text = value or ""
        if not text.strip():
            if name in NEEDED:
                problems[name] = "is missing"
            continue
        try:
            values[name] = _READERS[name](text)
        except ValueError as error:
            problems[name] = str(error)
    if problems:
        return None, problems
    valid_to = start_of(values["to"], zone) if "to" in values else None
    entry = Entry(
        platform_agent_id=values["platform_agent_id"],
        agent_id=values["agent_id"],
        valid_from=start_of(values["from"], zone),
        valid_to=valid_to,
        name=values.get("name"),
        team=values.get("team"),
        vendor=values.get("vendor"),
    )
    if valid_to is not None and valid_to <= entry.valid_from:
        return None, {"to": "does not lie after from"}
    return entry, {}


def _identifier(text: str) -> str:
    if len(text) > _LONGEST or not _IDENTIFIER.fullmatch(text):
        raise ValueError(
            f"is 1 to {_LONGEST} characters, begins with no white space and holds no control characters"
        )
    return text


def _words(text: str) -> str | None:
    if len(text) > _LONGEST:
        raise ValueError(f"has at most {_LONGEST} characters")
    return clean(text) or None


def read_moment(text: str) -> date | datetime:
    """A date, or a date and time with its offset. Raises ValueError."""
    text = text.strip()
    try:
        moment = date.fromisoformat(text) if _DAY.fullmatch(text) else datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or (isinstance(moment, datetime) and moment.tzinfo is None):
        raise ValueError("is a date such as 2026-03-02, or a time with its offset: 2026-03-02T14:00:00+01:00")
    if moment.year not in _YEARS:
        raise ValueError(f"lies outside the years {_YEARS.start} to {_YEARS.stop - 1}")
    return moment


_READERS: dict[str, Any] = {
    "source": _identifier,
    "platform_agent_id": _identifier,
    "agent_id": _identifier,
    "name": _words,
    "team": _words,
    "vendor": _words,
    "from": read_moment,
    "to": read_moment,
}
