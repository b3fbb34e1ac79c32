"""The account's own lists: whom not to contact, and who consented. Entries are columns of contacts, made and locked
in the order in which all lock them."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.store.contacts import CUSTOMER, Contact, contact_lookups, seal_address
from app.store.customers import lock_contacts

_LOCKED = ("phone", "email", CUSTOMER)  # in this order

Address = tuple[str, str]  # (kind, value): phone in E.164, email, or customer by the client's ref


class Listing(StrEnum):
    SUPPRESSIONS = "suppressions"
    CONSENTS = "consents"

    @property
    def holds(self) -> ColumnElement[bool]:
        """As the indexes have it."""
        if self is Listing.SUPPRESSIONS:
            return Contact.suppressed_at.is_not(None)
        return or_(Contact.consented_at.is_not(None), Contact.consent_withdrawn_at.is_not(None))


def find_contacts(session: Session, account_id: UUID, addresses: Collection[Address]) -> dict[Address, UUID]:
    """Those that are known, whichever key they were hashed with."""
    wanted = {address: contact_lookups(session, account_id, *address) for address in addresses}
    sought = [lookup for lookups in wanted.values() for lookup in lookups]
    rows = session.execute(
        select(Contact.lookup, Contact.id).where(Contact.account_id == account_id, Contact.lookup.in_(sought))
    )
    known = {row.lookup: row.id for row in rows}
    found = {
        address: next((known[lookup] for lookup in lookups if lookup in known), None)
        for address, lookups in wanted.items()
    }
    return {address: contact_id for address, contact_id in found.items() if contact_id is not None}


def make_contacts(session: Session, account_id: UUID, addresses: Collection[Address]) -> dict[Address, UUID]:
    """Known or not until now, they are contacts from now on."""
    found = find_contacts(session, account_id, addresses)
    new: list[dict[str, Any]] = []
    for kind, value in addresses:
        if (kind, value) not in found:
            lookup = contact_lookups(session, account_id, kind, value)[0]
            found[kind, value] = UUID(bytes=lookup)
            # a customer has no address, and is known by the client's ref alone
            address = b"" if kind == CUSTOMER else seal_address(session, account_id, value)
            ref = value if kind == CUSTOMER else None
            new.append(
                {
                    "id": found[kind, value],
                    "lookup": lookup,
                    "kind": kind,
                    "address": address,
                    "customer_ref": ref,
                }
            )
    if new:
        new.sort(key=lambda row: (_LOCKED.index(row["kind"]), row["id"]))
        rows = [{"account_id": account_id, **row} for row in new]
        # where a call of theirs was accepted meanwhile, it is the same contact
        session.execute(insert(Contact).values(rows).on_conflict_do_nothing(constraint="pk_contact"))
    return found


_KEEP = text(
    """
    update contact c set suppressed_at = g.suppressed_at, consented_at = g.consented_at,
        consent_withdrawn_at = g.consent_withdrawn_at, undeliverable_at = g.undeliverable_at,
        customer_ref = g.customer_ref
    from unnest(cast(:ids as uuid[]), cast(:suppressed_at as timestamptz[]), cast(:consented_at as timestamptz[]),
                cast(:consent_withdrawn_at as timestamptz[]), cast(:undeliverable_at as timestamptz[]),
                cast(:customer_ref as text[]))
        as g (id, suppressed_at, consented_at, consent_withdrawn_at, undeliverable_at, customer_ref)
    where c.account_id = :account_id and c.id = g.id
    """
)
_KEPT = ("suppressed_at", "consented_at", "consent_withdrawn_at", "undeliverable_at", "customer_ref")


def hold_contacts(session: Session, account_id: UUID, contacts: Collection[UUID]) -> Sequence[Contact]:
    """Locked, and apart from the session: what is changed of them is written by `keep_contacts`."""
    held = lock_contacts(session, account_id, contacts)
    for contact in held:
        session.expunge(contact)
    return held


def keep_contacts(session: Session, account_id: UUID, contacts: Collection[Contact]) -> None:
    """What the lists say of these, which the caller holds, in one statement: hundreds come at once from a file."""
    columns = {name: [getattr(contact, name) for contact in contacts] for name in _KEPT}
    ids = [contact.id for contact in contacts]
    session.execute(_KEEP, {"account_id": account_id, "ids": ids, **columns})


def entries_of(
    session: Session, account_id: UUID, listing: Listing, *, after: UUID | None, limit: int
) -> Sequence[Contact]:
    """By id, which is in no order that anybody could know."""
    query = select(Contact).where(Contact.account_id == account_id, listing.holds)
    if after is not None:
        query = query.where(Contact.id > after)
    return session.scalars(query.order_by(Contact.id).limit(limit)).all()
