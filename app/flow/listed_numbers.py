"""Listed numbers are kept: a company's own, those it tests with, its agents' own telephones.

Every change is audited, without the number.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.channels.phone import read_phone
from app.domain.csv_table import Unreadable, read_rows, write_rows
from app.domain.flags import AGENTS_NUMBER
from app.domain.listed_number import KINDS, MOST_LINES, Entry, number_key, range_key
from app.domain.text import clean
from app.errors import Invalid, NotFound
from app.flow.pages import Page, position
from app.flow.views import iso
from app.store.accounts import get_account
from app.store.audit import add_audit
from app.store.call_flags import flag_calls_of, unflag_calls_of
from app.store.contacts import phones_of
from app.store.listed_numbers import (
    ListedNumber,
    find_listed,
    hashes,
    list_numbers,
    listed_by_keys,
    number_of,
    put_numbers,
    unlist,
)

COLUMNS = ("number", "listed_as", "agent_id")
_NEEDED = ("number", "listed_as")
_LONGEST_ID = 200
_MOST_PROBLEMS = 100
# in one statement, and in one audit row
_TOGETHER = 100
_WHAT = "is a telephone number, a range such as +4420794600*, or an extension of two to six digits"

Row = Mapping[str, Any]


def add_number(session: Session, *, account_id: UUID, actor: str, row: Row) -> tuple[dict[str, Any], bool]:
    """(the entry, whether anything changed): listed otherwise before, it is so no more.

    `row`: number, listed_as, agent_id. Calls from an agent's number that are there already are flagged.
    Raises Invalid.
    """
    entry, problems = _read(row, get_account(session, account_id).default_region)
    if entry is None:
        raise Invalid("This number can't be listed.", problems)
    changed = _put(session, account_id, actor, [entry])
    for detail in changed:
        add_audit(session, account_id, actor, "number.listed", **detail)
    listed = find_listed(session, account_id, entry.key)
    assert listed is not None  # noqa: S101 - it has just been
    return _view(listed, entry.key), bool(changed)


def remove_number(session: Session, *, account_id: UUID, actor: str, number_id: UUID) -> None:
    """Raises NotFound."""
    listed = session.get(ListedNumber, (account_id, number_id))
    if listed is None:
        raise NotFound("No such listed number")
    _remove(session, account_id, actor, number_of(session, listed))


def remove_number_named(session: Session, *, account_id: UUID, actor: str, number: str) -> None:
    """The same by the number itself, range or extension. Raises NotFound."""
    key = _key(number, get_account(session, account_id).default_region)
    if key is None or find_listed(session, account_id, key) is None:
        raise NotFound("This number is not listed.")
    _remove(session, account_id, actor, key)


def import_numbers(session: Session, *, account_id: UUID, actor: str, data: bytes) -> dict[str, int]:
    """All lines of a CSV, or none where one is wrong: {changed, unchanged}. What is not in it stays listed.

    Raises Invalid, which names the lines.
    """
    region = get_account(session, account_id).default_region
    entries, problems = [], dict[str, str]()
    for place, row in _rows(data):
        entry, wrong = _read(row, region)
        problems |= {f"{place}.{field}": detail for field, detail in wrong.items()}
        if entry is not None:
            entries.append(entry)
        if len(problems) >= _MOST_PROBLEMS:
            break
    if problems:
        raise Invalid("The list can't be taken like this: nothing was changed.", problems)
    # of a number that is there twice the last line holds
    wanted = list({entry.key: entry for entry in entries}.values())
    changed = 0
    for start in range(0, len(wanted), _TOGETHER):
        told = _put(session, account_id, actor, wanted[start : start + _TOGETHER])
        if told:
            add_audit(session, account_id, actor, "number.imported", numbers=told)
            changed += len(told)
    return {"changed": changed, "unchanged": len(wanted) - changed}


def export_numbers(session: Session, *, account_id: UUID, kind: str | None = None) -> str:
    """CSV, which `import_numbers` takes back exactly."""
    rows = list_numbers(session, account_id, kind=kind, after=None)
    return write_rows(COLUMNS, ((number_of(session, row), row.kind, row.agent_id) for row in rows))


def read_numbers(
    session: Session, *, account_id: UUID, kind: str | None, cursor: list[Any] | None, limit: int
) -> Page:
    """In no order that says anything. Raises Invalid for a cursor of others."""
    after = None if cursor is None else position(cursor, UUID)[0]
    rows = list_numbers(session, account_id, kind=kind, after=after, limit=limit + 1)
    shown = rows[:limit]
    place = [str(shown[-1].id)] if shown else cursor
    items = [_view(row, number_of(session, row)) for row in shown]
    return Page(items, place if len(rows) > limit else None, place)


def _rows(data: bytes) -> Iterator[tuple[str, Row]]:
    try:
        for number, row in read_rows(data, COLUMNS, _NEEDED, MOST_LINES):
            yield f"line {number}", row
    except Unreadable as error:
        raise Invalid(str(error)) from error


def _read(row: Row, region: str | None) -> tuple[Entry | None, dict[str, str]]:
    problems = {}
    key = _key(row.get("number") or "", region)
    kind, agent_id = (row.get("listed_as") or "").strip(), clean(row.get("agent_id") or "").strip() or None
    if key is None:
        problems["number"] = _WHAT
    if kind not in KINDS:
        problems["listed_as"] = f"is one of {', '.join(KINDS)}"
    if agent_id and kind != "agent":
        problems["agent_id"] = "is for an agent's number only"
    elif agent_id and len(agent_id) > _LONGEST_ID:
        problems["agent_id"] = f"has at most {_LONGEST_ID} characters"
    return (None, problems) if problems or key is None else (Entry(key, kind, agent_id), {})


def _key(raw: str, region: str | None) -> str | None:
    return range_key(raw) if "*" in raw else number_key(raw, read_phone(raw, region).e164)


def _put(session: Session, account_id: UUID, actor: str, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """List those that are not listed just so already: what the audit is told of each."""
    known = listed_by_keys(session, account_id, [entry.key for entry in entries])
    before = {key: (row.kind, row.agent_id) for key, row in known.items()}
    changed = [entry for entry in entries if before.get(entry.key) != (entry.kind, entry.agent_id)]
    if not changed:
        return []
    put_numbers(session, account_id, changed, by=actor)
    _flag(session, account_id, [entry.key for entry in changed if entry.kind == "agent"], is_agents=True)
    others = [one.key for one in changed if one.kind != "agent" and before.get(one.key, ("",))[0] == "agent"]
    _flag(session, account_id, others, is_agents=False)
    rows = listed_by_keys(session, account_id, [entry.key for entry in changed])
    return [
        {
            **_told(row.id, row.kind, row.agent_id, row.length),
            "before": before[key][0] if key in before else None,
        }
        for key, row in rows.items()
    ]


def _remove(session: Session, account_id: UUID, actor: str, key: str) -> None:
    gone = unlist(session, account_id, hashes(session, account_id, key))
    if gone is None:
        raise NotFound("No such listed number")
    if gone["kind"] == "agent":
        _flag(session, account_id, [key], is_agents=False)
    add_audit(session, account_id, actor, "number.unlisted", **_told(**gone))


def _flag(session: Session, account_id: UUID, keys: Sequence[str], *, is_agents: bool) -> None:
    """Calls that are there: of a range no index tells which those are."""
    contacts = phones_of(session, account_id, keys) if keys else []
    (flag_calls_of if is_agents else unflag_calls_of)(session, account_id, contacts, AGENTS_NUMBER)


def _told(id: UUID, kind: str, agent_id: str | None, length: int | None) -> dict[str, Any]:  # noqa: A002
    return {"number_id": str(id), "listed_as": kind, "agent_id": agent_id, "is_range": length is not None}


def _view(row: ListedNumber, number: str) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "number": number,
        "listed_as": row.kind,
        "agent_id": row.agent_id,
        "listed_by": row.listed_by,
        "listed_at": iso(row.listed_at),
    }
