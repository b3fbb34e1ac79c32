"""The roster is kept: entries one by one, or the whole of a source at once; every change is audited."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain.csv_table import Unreadable
from app.domain.roster import Entry, overlapping
from app.domain.roster_table import read_entry, read_table, write_table
from app.errors import Conflict, Invalid, NotFound
from app.flow.pages import Page, position
from app.ids import new_id
from app.store.accounts import get_account
from app.store.audit import add_audit
from app.store.roster import (
    RosterEntry,
    add_entries,
    entries_of,
    get_entry,
    list_entries,
    lock_roster,
    remove_entries,
)

# in one audit row; an import of thousands makes as many rows as it takes
_AUDITED_TOGETHER = 50
_MOST_PROBLEMS = 100

Row = Mapping[str, Any]
# of one entry; None where there was or is none
Change = tuple[Entry | None, Entry | None]


@dataclasses.dataclass(frozen=True)
class Replaced:
    """How a source's roster changed: counts, and each change as (before, after)."""

    added: int
    changed: int
    removed: int
    kept: int
    changes: Sequence[Change]

    @property
    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in ("added", "changed", "removed", "kept")}


def entry_view(entry: Entry) -> dict[str, Any]:
    return {
        "platform_agent_id": entry.platform_agent_id,
        "agent_id": entry.agent_id,
        "name": entry.name,
        "team": entry.team,
        "vendor": entry.vendor,
        "from": entry.valid_from.isoformat(),
        "to": None if entry.valid_to is None else entry.valid_to.isoformat(),
    }


def _view(row: RosterEntry) -> dict[str, Any]:
    return {"id": str(row.id), "source": row.source, **entry_view(row.entry)}


def _zone(session: Session, account_id: UUID) -> ZoneInfo:
    return ZoneInfo(get_account(session, account_id).timezone)


def _read(row: Row, zone: ZoneInfo) -> Entry:
    entry, problems = read_entry(row, zone)
    if entry is None:
        raise Invalid("The entry can't be accepted like this.", problems)
    return entry


def _refuse_overlap(entry: Entry, others: Iterable[RosterEntry]) -> None:
    for other in others:
        if entry.overlaps(other.entry):
            raise Conflict(
                f"{entry.platform_agent_id!r} is {other.agent_id!r} from {other.entry.period} already"
                f" (entry {other.id}): end that entry first, or choose another time"
            )


def rows_of_csv(data: bytes) -> Iterator[tuple[str, Row]]:
    """(place, row) of each line. Raises Invalid as soon as it can't be read on."""
    try:
        for number, row in read_table(data):
            yield f"line {number}", row
    except Unreadable as error:
        raise Invalid(str(error)) from error


def add_entry(
    session: Session, *, account_id: UUID, actor: str, source: str, row: Row
) -> tuple[dict[str, Any], bool]:
    """(the entry, whether it is new): the same once more changes nothing.

    `row`: platform_agent_id, agent_id, name, team, vendor, from, to; days begin in the account's time zone.
    Raises Invalid, and Conflict for one that overlaps another.
    """
    entry = _read(row, _zone(session, account_id))
    lock_roster(session, account_id)
    others = entries_of(session, account_id, source, entry.platform_agent_id)
    same = next((other for other in others if other.entry == entry), None)
    if same is not None:
        return _view(same), False
    _refuse_overlap(entry, others)
    entry_id = new_id()
    add_entries(session, account_id, source, [(entry_id, entry)])
    add_audit(session, account_id, actor, "roster.added", source=source, after=entry_view(entry))
    return {"id": str(entry_id), "source": source, **entry_view(entry)}, True


def _held(session: Session, account_id: UUID, entry_id: UUID) -> RosterEntry:
    """The entry, under the roster's lock. Raises NotFound."""
    lock_roster(session, account_id)
    row = get_entry(session, account_id, entry_id)
    if row is None:
        raise NotFound("No such roster entry")
    return row


def change_entry(
    session: Session, *, account_id: UUID, actor: str, entry_id: UUID, changes: Row
) -> dict[str, Any]:
    """Change what is named in `changes` (None takes a value away); calls stay as they are resolved.

    Raises NotFound, Invalid, and Conflict for a period that overlaps another entry's.
    """
    row = _held(session, account_id, entry_id)
    before = row.entry
    entry = _read({**entry_view(before), **changes}, _zone(session, account_id))
    if entry != before:
        others = entries_of(session, account_id, row.source, row.platform_agent_id)
        _refuse_overlap(entry, (other for other in others if other.id != entry_id))
        _overwrite(row, entry)
        add_audit(
            session,
            account_id,
            actor,
            "roster.changed",
            source=row.source,
            before=entry_view(before),
            after=entry_view(entry),
        )
        session.flush()
    return _view(row)


def _overwrite(row: RosterEntry, entry: Entry) -> None:
    for name, value in vars(entry).items():
        setattr(row, name, value)


def remove_entry(session: Session, *, account_id: UUID, actor: str, entry_id: UUID) -> None:
    """Calls that it resolved stay as they are. Raises NotFound."""
    row = _held(session, account_id, entry_id)
    add_audit(session, account_id, actor, "roster.removed", source=row.source, before=entry_view(row.entry))
    session.delete(row)
    session.flush()


def replace_roster(
    session: Session,
    *,
    account_id: UUID,
    actor: str,
    source: str,
    rows: Iterable[tuple[str, Row]],
    allow_empty: bool = False,
    dry_run: bool = False,
) -> Replaced:
    """Let a source's roster be exactly these rows, (place, row) each: all of them or, with one wrong, none.

    What stays keeps its id: the entry of the same platform agent id and beginning is the same entry.
    `dry_run` writes nothing. Raises Invalid, which names places.
    """
    entries = _read_all(rows, source, _zone(session, account_id))
    if not entries and not allow_empty:
        raise Invalid(
            "There is no entry. Without a roster the platform's ids are taken for the persons': say so with"
            " allow_empty if that is what you want."
        )
    lock_roster(session, account_id)
    known = {_identity(row.entry): row for row in entries_of(session, account_id, source)}
    wanted = {_identity(entry): entry for entry in entries}
    changes: list[Change] = [
        *((None, entry) for identity, entry in wanted.items() if identity not in known),
        *((row.entry, wanted.get(identity)) for identity, row in known.items()),
    ]
    changes = [change for change in changes if change[0] != change[1]]
    replaced = Replaced(
        added=sum(before is None for before, _ in changes),
        changed=sum(None not in change for change in changes),
        removed=sum(after is None for _, after in changes),
        kept=sum(wanted.get(identity) == row.entry for identity, row in known.items()),
        changes=changes,
    )
    if not dry_run:
        remove_entries(session, account_id, [row.id for key, row in known.items() if key not in wanted])
        for identity in wanted.keys() & known.keys():
            _overwrite(known[identity], wanted[identity])
        session.flush()
        new = [(new_id(), entry) for identity, entry in wanted.items() if identity not in known]
        add_entries(session, account_id, source, new)
        for part in _parts(changes):
            shown = [{"before": _shown(before), "after": _shown(after)} for before, after in part]
            add_audit(
                session,
                account_id,
                actor,
                "roster.replaced",
                source=source,
                **replaced.counts,
                changes=shown,
            )
    return replaced


def _identity(entry: Entry) -> tuple[str, datetime]:
    return entry.platform_agent_id, entry.valid_from


def _shown(entry: Entry | None) -> dict[str, Any] | None:
    return None if entry is None else entry_view(entry)


def _parts(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    for start in range(0, len(changes), _AUDITED_TOGETHER):
        yield changes[start : start + _AUDITED_TOGETHER]


def _read_all(rows: Iterable[tuple[str, Row]], source: str, zone: ZoneInfo) -> list[Entry]:
    read: list[tuple[str, Entry]] = []
    problems: dict[str, str] = {}
    for place, row in rows:
        entry, wrong = read_entry(row, zone)
        if row.get("source") not in (None, "", source):
            wrong = {**wrong, "source": f"is not {source}, whose roster this is"}
        problems.update({f"{place}.{field}": detail for field, detail in wrong.items()})
        if entry is not None:
            read.append((place, entry))
        if len(problems) >= _MOST_PROBLEMS:
            break
    for place, earlier, entry in overlapping(read):
        problems[f"{place}.from"] = f"overlaps with {earlier}, {entry.period}"
    if problems:
        shown = dict(list(problems.items())[:_MOST_PROBLEMS])
        raise Invalid("The roster can't be accepted like this: nothing was changed.", shown)
    return [entry for _, entry in read]


def list_roster(
    session: Session, *, account_id: UUID, cursor: list[Any] | None, limit: int, **wanted: Any
) -> Page:
    """`wanted`: source, agent_id, platform_agent_id, and `at`, a moment. Raises Invalid for others' cursors."""
    after = None if cursor is None else position(cursor, str, str, datetime.fromisoformat)
    rows = list_entries(session, account_id, after=after, limit=limit + 1, **wanted)
    shown = rows[:limit]
    last = shown[-1] if shown else None
    end = cursor if last is None else [last.source, last.platform_agent_id, last.valid_from.isoformat()]
    return Page([_view(row) for row in shown], end if len(rows) > limit else None, end)


def export_roster(session: Session, *, account_id: UUID, **wanted: Any) -> str:
    """CSV of all that is `wanted`, as above; `replace_roster` reads it back exactly."""
    rows = list_entries(session, account_id, **wanted)
    return write_table(((row.source, row.entry) for row in rows), _zone(session, account_id))
