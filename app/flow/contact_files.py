"""The account's lists as tables: taken in line by line, in short steps, and written out page by page."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain.contact_table import (
    CONSENT_COLUMNS,
    NAMES,
    SUPPRESSION_COLUMNS,
    Listed,
    Row,
    WrongRow,
    read_consent,
    read_suppression,
)
from app.domain.csv_table import write_rows
from app.errors import Invalid
from app.flow.contact_lists import Changed, Entry, entries_from, put_consents, suppress
from app.flow.pages import Page, position
from app.flow.views import iso
from app.store.accounts import get_account
from app.store.audit import add_audit
from app.store.base import database_now
from app.store.contact_changes import (
    CONSENT_WITHDRAWN,
    CONSENTED,
    SUPPRESSED,
    ContactChange,
    newest_changes,
    words_of_change,
)
from app.store.contact_lists import Listing, entries_of
from app.store.contacts import CUSTOMER, Contact, address_of

# run(work, ...): work(session, ...) committed, and done again where a deadlock ended it
Run = Callable[..., Any]

COLUMNS = {Listing.SUPPRESSIONS: SUPPRESSION_COLUMNS, Listing.CONSENTS: CONSENT_COLUMNS}

# entries in one transaction, and lines shown of those that are wrong
_TOGETHER = 200
_MOST_PROBLEMS = 100
_PAGE = 500

_BY = {CUSTOMER: "ref"}
_TOLD_BY = {Listing.SUPPRESSIONS: (SUPPRESSED,), Listing.CONSENTS: (CONSENTED, CONSENT_WITHDRAWN)}


@dataclass
class Taken(Changed):
    """What became of a file. `problems`: (line, what is wrong) of the first of those that were refused."""

    lines: int = 0
    refused: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)

    def refuse(self, line: int, problem: str) -> None:
        self.lines += 1
        self.refused += 1
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append((line, problem))

    @property
    def counts(self) -> dict[str, int]:
        return {name: value for name, value in vars(self).items() if name != "problems"}


class _TriedOnly(Exception):
    """Ends a transaction whose work is not wanted, with what it came to."""

    def __init__(self, changed: Changed) -> None:
        self.changed = changed


def take_file(
    run: Run,
    account_id: UUID,
    listing: Listing,
    lines: Iterable[tuple[int, Row | str]],
    *,
    actor: str,
    dry_run: bool = False,
) -> Taken:
    """Add what each line names, right lines whatever is wrong with others. The same file again changes nothing.

    `lines`: (number, cells by column, or what is wrong with the line). `run`: once for some hundred lines; what was
    committed stays if it ends in the middle.
    """
    zone, region, now = run(_circumstances, account_id)
    taken = Taken()

    def entries() -> Iterator[list[Entry]]:
        for number, line in lines:
            try:
                if isinstance(line, str):
                    raise Invalid(line)
                found = entries_from(_read(listing, line, zone), region, how="import", actor=actor, now=now)
            except (WrongRow, Invalid) as error:
                taken.refuse(number, _in_words(error))
            else:
                taken.lines += 1
                yield found

    read = entries()
    try:
        while batch := list(islice(read, _TOGETHER)):
            try:
                taken.add(
                    run(_take, account_id, listing, [entry for found in batch for entry in found], dry_run)
                )
            except _TriedOnly as tried:
                taken.add(tried.changed)
    finally:
        # also of one that was stopped in the middle: what it changed stays changed
        if not dry_run:
            run(_audit, account_id, actor, f"{listing}.imported", taken.counts)
    return taken


def _circumstances(session: Session, account_id: UUID) -> tuple[ZoneInfo, str | None, datetime]:
    account = get_account(session, account_id)
    return ZoneInfo(account.timezone), account.default_region, database_now(session)


def _read(listing: Listing, row: Row, zone: ZoneInfo) -> Listed:
    return read_suppression(row) if listing is Listing.SUPPRESSIONS else read_consent(row, zone)


def _in_words(error: WrongRow | Invalid) -> str:
    problems = error.problems if isinstance(error, WrongRow) else error.fields
    return "; ".join(f"{column} {problem}" for column, problem in problems.items()) or str(error)


def _take(
    session: Session, account_id: UUID, listing: Listing, entries: list[Entry], dry_run: bool
) -> Changed:
    changed = (suppress if listing is Listing.SUPPRESSIONS else put_consents)(session, account_id, entries)
    if dry_run:
        raise _TriedOnly(changed)
    return changed


def _audit(session: Session, account_id: UUID, actor: str, action: str, counts: Mapping[str, Any]) -> None:
    add_audit(session, account_id, actor, action, **counts)


def list_entries(
    session: Session, account_id: UUID, listing: Listing, *, cursor: list[Any] | None, limit: int
) -> Page:
    """Raises Invalid for a cursor of others."""
    after = None if cursor is None else position(cursor, UUID)[0]
    contacts = entries_of(session, account_id, listing, after=after, limit=limit + 1)
    shown = contacts[:limit]
    told = newest_changes(session, account_id, [contact.id for contact in shown], _TOLD_BY[listing])
    end = [str(shown[-1].id)] if shown else cursor
    items = [_VIEWS[listing](session, contact, told.get(contact.id)) for contact in shown]
    return Page(items, end if len(contacts) > limit else None, end)


def _named(session: Session, contact: Contact) -> dict[str, Any]:
    """By one of the three; by none where the address went, and its hash alone is left."""
    value = contact.customer_ref if contact.kind == CUSTOMER else address_of(session, contact) or None
    return {"phone": None, "email": None, "ref": None, _BY.get(contact.kind, contact.kind): value}


def _suppression(session: Session, contact: Contact, told: ContactChange | None) -> dict[str, Any]:
    return {
        **_named(session, contact),
        "reason": told and told.detail.get("reason"),
        "since": iso(contact.suppressed_at),
    }


def _consent(session: Session, contact: Contact, told: ContactChange | None) -> dict[str, Any]:
    return {
        **_named(session, contact),
        "status": "given" if contact.consented_at else "withdrawn",
        "given_at": iso(contact.consented_at),
        "withdrawn_at": iso(contact.consent_withdrawn_at),
        "where": told and told.detail.get("where"),
        "words": told and words_of_change(session, told),
    }


_VIEWS = {Listing.SUPPRESSIONS: _suppression, Listing.CONSENTS: _consent}


def write_file(run: Run, account_id: UUID, listing: Listing) -> Iterator[str]:
    """CSV in parts, which `take_file` reads back; each is read by itself, so that a long list holds nothing up.

    Entries of which the hash alone is left name nobody, and are left out.
    """
    columns = COLUMNS[listing]
    yield write_rows(columns, ())
    cursor: list[Any] | None = None
    while True:
        page = run(list_entries, account_id, listing, cursor=cursor, limit=_PAGE)
        named = [item for item in page.items if any(item[name] for name in NAMES)]
        yield write_rows(None, ([item[column] for column in columns] for item in named))
        cursor = page.next_cursor
        if cursor is None:
            return
