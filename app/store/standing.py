"""What is known of a call's customer before it is accepted: one read, over all contact points at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BindParameter, DateTime, LargeBinary, bindparam, false, func, null, select, true
from sqlalchemy.orm import Session

from app.domain.customer_ref import known_ref
from app.domain.listed_number import Listed
from app.domain.roster import Entry
from app.store.contacts import CUSTOMER, Contact, contact_lookups, seal_address
from app.store.direct import Direct
from app.store.listed_numbers import listed_as
from app.store.roster import entry_at, is_rostered


@dataclass(frozen=True)
class Point:
    """A way to reach a customer, or the customer: its keyed hash, under which it is or will be stored, and the
    sealed address, empty for a customer. `customer_ref`: whose address it is."""

    id: UUID
    lookup: bytes
    kind: str
    address: bytes
    customer_ref: str | None = None


@dataclass(frozen=True)
class ContactStanding:
    """What is known of a customer over all the contact points given, and the database's time of reading.

    And, of the same moment, what the roster says of who took the call: see `domain.roster.attribute`.
    """

    now: datetime
    points: tuple[Point, ...]
    opted_out: bool
    suppressed: bool
    consented: frozenset[str]  # kinds of address that a consent stands for
    consent_withdrawn: bool
    open_survey: bool
    last_asked_at: datetime | None
    recent_asks: tuple[tuple[datetime, ...], ...]  # of each contact, the newest first
    nps_asked_at: datetime | None
    undeliverable: frozenset[str]  # kinds of address that nothing reaches
    many_calls: bool
    entry: tuple[UUID, Entry] | None
    rostered: bool
    listed: Listed | None  # what its number is, if no customer's

    @property
    def listed_as(self) -> str | None:
        return self.listed.kind if self.listed else None


@dataclass(frozen=True)
class Sitting:
    """Which agent id took a call, of which source and when: what the roster is asked."""

    source: str
    platform_agent_id: str | None
    at: datetime


def _latest(times: Iterable[datetime | None]) -> datetime | None:
    return max((time for time in times if time is not None), default=None)


_ENTRY = tuple(field.name for field in fields(Entry))


class _Known(NamedTuple):
    """Columns of a contact that is there already."""

    id: UUID
    lookup: bytes
    address: bytes
    opted_out_at: datetime | None
    suppressed_at: datetime | None
    consented_at: datetime | None
    consent_withdrawn_at: datetime | None
    open_invitation: UUID | None
    last_asked_at: datetime | None
    recent_asks: list[datetime] | None
    nps_asked_at: datetime | None
    kind: str
    customer_ref: str | None
    undeliverable_at: datetime | None
    many_calls_since: datetime | None


@cache
def _standing(lookups: int, listed: int) -> Direct:
    account_id: BindParameter[UUID] = bindparam("account_id")
    source: BindParameter[str] = bindparam("source")
    clock = select(func.clock_now(type_=DateTime(timezone=True)).label("now")).subquery()
    seat = entry_at(account_id, source, bindparam("platform_agent_id"), bindparam("at"))
    contact = Contact.__table__.alias()
    # each in its own place: of an array's length a plan for all lengths knows nothing, and was made anew each time
    sought = [bindparam(f"lookup_{number}", type_=LargeBinary) for number in range(lookups)]
    ours = (contact.c.account_id == account_id) & contact.c.lookup.in_(sought) if sought else false()
    return Direct(
        select(
            clock.c.now,
            is_rostered(account_id, source),
            # of most accounts nothing is listed, and it costs them nothing
            listed_as(account_id, listed) if listed else null(),
            seat.c.id,
            *(seat.c[name] for name in _ENTRY),
            *(contact.c[name] for name in _Known._fields),
        )
        .select_from(clock)
        .outerjoin(seat, true())
        .outerjoin(contact, ours)
    )


@cache
def _customer(lookups: int) -> Direct:
    sought = [bindparam(f"lookup_{number}", type_=LargeBinary) for number in range(lookups)]
    return Direct(
        select(*(getattr(Contact, name) for name in _Known._fields)).where(
            Contact.account_id == bindparam("account_id"), Contact.lookup.in_(sought)
        )
    )


def read_standing(
    session: Session,
    account_id: UUID,
    addresses: list[tuple[str, str]],
    sitting: Sitting,
    *,
    listed: Sequence[UUID] = (),
    ref: str | None = None,
) -> ContactStanding:
    """The one read before a call is accepted. `addresses`: (kind, value), values normalised; `ref`: whose they are.
    `listed`: the ids under which its number may be listed.

    A contact stored under an older key keeps the hash that it has; a new one gets the newest key's, and an id
    made of it, so that two first calls of one customer agree on it without asking each other.

    The customer is a point beside the addresses. Where the call doesn't tell who it is, and an address of theirs
    was last a known customer's, it is theirs: that takes one read more.
    """
    given = [*dict.fromkeys(addresses), *([(CUSTOMER, ref)] if ref else ())]
    wanted = {address: contact_lookups(session, account_id, *address) for address in given}
    every = [lookup for lookups in wanted.values() for lookup in lookups]
    values = {"account_id": account_id, **vars(sitting), **_numbered(every)}
    values |= {f"listed_{number}": one for number, one in enumerate(listed)}
    rows = _standing(len(every), len(listed)).rows(session, values)
    now, rostered, listing, entry_id, *seat = rows[0][: -len(_Known._fields)]
    known = [contact for contact in (_Known(*row[-len(_Known._fields) :]) for row in rows) if contact.id]
    told = None if ref else _told_before(known)
    if told:
        lookups = wanted[CUSTOMER, told] = contact_lookups(session, account_id, CUSTOMER, told)
        values = {"account_id": account_id, **_numbered(lookups)}
        known += [_Known(*row) for row in _customer(len(lookups)).rows(session, values)]
    return ContactStanding(
        now=now,
        points=tuple(
            _sealed(session, account_id, _point(known, kind, lookups, ref), value)
            for (kind, value), lookups in wanted.items()
        ),
        opted_out=any(contact.opted_out_at for contact in known),
        suppressed=any(contact.suppressed_at for contact in known),
        consented=frozenset(contact.kind for contact in known if contact.consented_at),
        consent_withdrawn=any(contact.consent_withdrawn_at for contact in known),
        open_survey=any(contact.open_invitation for contact in known),
        last_asked_at=_latest(contact.last_asked_at for contact in known),
        recent_asks=tuple(tuple(contact.recent_asks) for contact in known if contact.recent_asks),
        nps_asked_at=_latest(contact.nps_asked_at for contact in known),
        undeliverable=frozenset(contact.kind for contact in known if contact.undeliverable_at),
        many_calls=any(contact.many_calls_since for contact in known),
        entry=entry_id and (entry_id, Entry(*seat)),
        listed=listing and Listed(*listing),
        rostered=rostered,
    )


def _numbered(lookups: Sequence[bytes]) -> dict[str, bytes]:
    return {f"lookup_{number}": lookup for number, lookup in enumerate(lookups)}


def _told_before(known: Sequence[_Known]) -> str | None:
    """Whose an address was when somebody last said so; the phone's before the email's."""
    refs = [
        known_ref(contact.customer_ref) for contact in sorted(known, key=lambda one: one.kind, reverse=True)
    ]
    return next((ref for ref in refs if ref), None)


def _point(known: Sequence[_Known], kind: str, lookups: Sequence[bytes], ref: str | None) -> Point:
    """As it is stored, or will be; without an address where none is."""
    old = next((contact for contact in known if contact.lookup in lookups), None)
    return Point(
        old.id if old else UUID(bytes=lookups[0]),
        old.lookup if old else lookups[0],
        kind,
        old.address if old else b"",
        None if kind == CUSTOMER else ref,
    )


def _sealed(session: Session, account_id: UUID, point: Point, value: str) -> Point:
    if point.address or point.kind == CUSTOMER:
        return point
    return replace(point, address=seal_address(session, account_id, value))
