"""Contacts: a phone number or an email address of a customer, encrypted, found by keyed hash."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    DateTime,
    Index,
    LargeBinary,
    bindparam,
    false,
    func,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.roster import Entry
from app.store.base import Base, keyring, made_at
from app.store.direct import Direct
from app.store.roster import entry_at, is_rostered

_ADDRESS = "contact.address"


class Contact(Base):
    """The cooldown lives here as columns, so that the writing statement can decide on the locked row."""

    __tablename__ = "contact"
    # Not unique: the id made of the lookup is. With a second unique index, two first calls of one customer now
    # and then meet in the one that ON CONFLICT doesn't arbitrate, and one of them fails.
    __table_args__ = (
        Index("ix_contact_lookup", "account_id", "lookup"),
        Index("ix_contact_kept", "account_id", "look_again_at", postgresql_where="address <> ''"),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    lookup: Mapped[bytes]
    kind: Mapped[str]  # phone | email
    address: Mapped[bytes]  # empty: forgotten; the hash alone stays, for the no that hangs on it
    customer_ref: Mapped[str | None]
    last_asked_at: Mapped[datetime | None]
    asked_by_invitation: Mapped[UUID | None]
    open_invitation: Mapped[UUID | None]
    nps_asked_at: Mapped[datetime | None]
    opted_out_at: Mapped[datetime | None]
    undeliverable_at: Mapped[
        datetime | None
    ]  # since when mail to it comes back for good: no no of a person's
    created_at: Mapped[datetime] = made_at()
    look_again_at: Mapped[
        datetime | None
    ]  # when it is seen whether its address is still needed; null: at once


@dataclass(frozen=True)
class Point:
    """A way to reach a customer: its keyed hash, under which it is or will be stored, and the sealed address."""

    id: UUID
    lookup: bytes
    kind: str
    address: bytes


@dataclass(frozen=True)
class ContactStanding:
    """What is known of a customer over all the contact points given, and the database's time of reading.

    And, of the same moment, what the roster says of who took the call: see `domain.roster.attribute`.
    """

    now: datetime
    points: tuple[Point, ...]
    opted_out: bool
    open_survey: bool
    last_asked_at: datetime | None
    nps_asked_at: datetime | None
    undeliverable: frozenset[str]  # kinds of address that nothing reaches
    entry: tuple[UUID, Entry] | None
    rostered: bool


@dataclass(frozen=True)
class Sitting:
    """Which agent id took a call, of which source and when: what the roster is asked."""

    source: str
    platform_agent_id: str | None
    at: datetime


def _lookups(session: Session, account_id: UUID, kind: str, value: str) -> list[bytes]:
    return keyring(session).lookups(str(account_id), kind, value.casefold())


def _latest(times: Iterable[datetime | None]) -> datetime | None:
    return max((time for time in times if time is not None), default=None)


_ENTRY = tuple(field.name for field in fields(Entry))


class _Known(NamedTuple):
    """Columns of a contact that is there already."""

    id: UUID
    lookup: bytes
    address: bytes
    opted_out_at: datetime | None
    open_invitation: UUID | None
    last_asked_at: datetime | None
    nps_asked_at: datetime | None
    kind: str
    undeliverable_at: datetime | None


@cache
def _standing(lookups: int) -> Direct:
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
            seat.c.id,
            *(seat.c[name] for name in _ENTRY),
            *(contact.c[name] for name in _Known._fields),
        )
        .select_from(clock)
        .outerjoin(seat, true())
        .outerjoin(contact, ours)
    )


def read_standing(
    session: Session, account_id: UUID, addresses: list[tuple[str, str]], sitting: Sitting
) -> ContactStanding:
    """The one read before a call is accepted. `addresses`: (kind, value), values normalised.

    A contact stored under an older key keeps the hash that it has; a new one gets the newest key's, and an id
    made of it, so that two first calls of one customer agree on it without asking each other.
    """
    ring = keyring(session)
    wanted = {address: _lookups(session, account_id, *address) for address in dict.fromkeys(addresses)}
    every = [lookup for lookups in wanted.values() for lookup in lookups]
    values = {"account_id": account_id, **vars(sitting)}
    values |= {f"lookup_{number}": lookup for number, lookup in enumerate(every)}
    rows = _standing(len(every)).rows(session, values)
    now, rostered, entry_id, *seat = rows[0][: -len(_Known._fields)]
    known = [contact for contact in (_Known(*row[-len(_Known._fields) :]) for row in rows) if contact.id]
    stored = {contact.lookup: contact for contact in known}
    points = []
    for (kind, value), lookups in wanted.items():
        old = next((stored[lookup] for lookup in lookups if lookup in stored), None)
        points.append(
            Point(old.id, old.lookup, kind, old.address or ring.seal(_ADDRESS, account_id, value))
            if old
            else Point(UUID(bytes=lookups[0]), lookups[0], kind, ring.seal(_ADDRESS, account_id, value))
        )
    return ContactStanding(
        now=now,
        points=tuple(points),
        opted_out=any(contact.opted_out_at for contact in known),
        open_survey=any(contact.open_invitation for contact in known),
        last_asked_at=_latest(contact.last_asked_at for contact in known),
        nps_asked_at=_latest(contact.nps_asked_at for contact in known),
        undeliverable=frozenset(contact.kind for contact in known if contact.undeliverable_at),
        entry=entry_id and (entry_id, Entry(*seat)),
        rostered=rostered,
    )


def find_contact(session: Session, account_id: UUID, kind: str, value: str) -> Contact | None:
    """The contact with that address, whichever key it was hashed with."""
    return session.scalar(
        select(Contact)
        .where(
            Contact.account_id == account_id, Contact.lookup.in_(_lookups(session, account_id, kind, value))
        )
        .limit(1)
    )


def address_of(session: Session, contact: Contact) -> str:
    return open_address(session, contact.account_id, contact.address)


def open_address(session: Session, account_id: UUID, sealed: bytes) -> str:
    """A contact's address in clear, "" of a forgotten one. Raises ConfigurationError when its key is gone."""
    if not sealed:
        return ""
    return keyring(session).open(_ADDRESS, account_id, sealed)


# By way of the call, whose contacts they are, since no index leads from an invitation back to its contacts.
# Locked phone first, as accepting a call does: an answer or an opt-out by text holds the phone already, and
# waiting for the email from there can't close a circle. Compare-and-set: what a later invitation took stays taken.
_LET_GO = text(
    """
    with held as (
        select c.account_id, c.id from invitation i
        join call k on k.account_id = i.account_id and k.id = i.call_id
        join contact c on c.account_id = i.account_id and c.id in (k.phone_contact_id, k.email_contact_id)
        where i.account_id = :account_id and i.id = :invitation_id
          and i.id in (c.asked_by_invitation, c.open_invitation)
        order by c.kind desc, c.id for no key update of c
    )
    update contact c set
        open_invitation = nullif(c.open_invitation, :invitation_id),
        asked_by_invitation =
            case when :release then nullif(c.asked_by_invitation, :invitation_id)
                 else c.asked_by_invitation end,
        last_asked_at =
            case when :release and c.asked_by_invitation = :invitation_id then null
                 else c.last_asked_at end
    from held where c.account_id = held.account_id and c.id = held.id
    """
)


def release_cooldown(session: Session, account_id: UUID, invitation_id: UUID) -> None:
    """Nothing reached the customer: as if this invitation had never been."""
    values = {"account_id": account_id, "invitation_id": invitation_id, "release": True}
    session.execute(_LET_GO, values)


def end_open_survey(session: Session, account_id: UUID, invitation_id: UUID) -> None:
    """The customer may be asked again once the cooldown is over."""
    values = {"account_id": account_id, "invitation_id": invitation_id, "release": False}
    session.execute(_LET_GO, values)


def note_nps_asked(session: Session, account_id: UUID, contact_id: UUID, now: datetime) -> None:
    session.execute(
        update(Contact)
        .where(Contact.account_id == account_id, Contact.id == contact_id)
        # an import tells of long ago, and may come after we have asked ourselves
        .values(nps_asked_at=func.greatest(Contact.nps_asked_at, now))
    )


def opt_out(session: Session, account_id: UUID, contact_id: UUID, now: datetime) -> bool:
    """Take the customer's no; False when it stood already. Waits for a claim that holds the contact."""
    done = session.execute(
        update(Contact)
        .where(Contact.account_id == account_id, Contact.id == contact_id, Contact.opted_out_at.is_(None))
        .values(opted_out_at=now)
        .returning(Contact.id)
    )
    return done.first() is not None


def note_undeliverable(session: Session, account_id: UUID, contact_id: UUID, now: datetime) -> bool:
    """Nothing more goes to this address; False when that was known already."""
    done = session.execute(
        update(Contact)
        .where(Contact.account_id == account_id, Contact.id == contact_id, Contact.undeliverable_at.is_(None))
        .values(undeliverable_at=now)
        .returning(Contact.id)
    )
    return done.first() is not None


def opt_out_address(session: Session, account_id: UUID, kind: str, value: str, now: datetime) -> UUID | None:
    """The same for somebody who may be unknown yet: their no stands before the first question.

    The contact's id, or None when it stood already.
    """
    known = find_contact(session, account_id, kind, value)
    if known is not None:
        return known.id if opt_out(session, account_id, known.id, now) else None
    lookup = _lookups(session, account_id, kind, value)[0]
    return session.scalar(
        insert(Contact)
        .values(
            account_id=account_id,
            id=UUID(bytes=lookup),
            lookup=lookup,
            kind=kind,
            address=keyring(session).seal(_ADDRESS, account_id, value),
            opted_out_at=now,
        )
        .on_conflict_do_update(constraint="pk_contact", set_={"opted_out_at": now})
        .returning(Contact.id)
    )


def opt_in(session: Session, account_id: UUID, contact_id: UUID) -> bool:
    """The customer's own word takes the no back; False when there was none."""
    done = session.execute(
        update(Contact)
        .where(Contact.account_id == account_id, Contact.id == contact_id, Contact.opted_out_at.is_not(None))
        .values(opted_out_at=None)
        .returning(Contact.id)
    )
    return done.first() is not None
