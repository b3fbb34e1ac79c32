"""The proof of each change to what a contact allows: when, how, by whom, with which words. Written with the change
itself, and never changed after; only somebody who is forgotten takes their words along."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Identity, Index, insert, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.store.base import Base, keyring
from app.store.contacts import Contact

OPTED_OUT, OPTED_IN = "opted_out", "opted_in"
SUPPRESSED, UNSUPPRESSED = "suppressed", "unsuppressed"
CONSENTED, CONSENT_WITHDRAWN = "consented", "consent_withdrawn"
UNDELIVERABLE, UNDELIVERABLE_LIFTED = "undeliverable", "undeliverable_lifted"

CUSTOMER = "customer"  # as an actor: nobody in between

_WORDS = "contact_change.words"


class ContactChange(Base):
    """`what`: one of those above. `how`: sms, unsubscribe (a mail's), complaint, phone_key, carrier (it refused a
    text, for it holds a no), bounce, api, import, command. `actor`: customer, carrier, operator, or `key pc_...`.

    `words`: the customer's own, or those that they agreed to. `detail`: {reason, where, given_at, withdrawn_at,
    language, wording_version}, as far as there were any; no address and no name.
    """

    __tablename__ = "contact_change"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "contact_id"], ["contact.account_id", "contact.id"]),
        Index("ix_contact_change_contact", "account_id", "contact_id", "id"),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    contact_id: Mapped[UUID]
    what: Mapped[str]
    at: Mapped[datetime]
    how: Mapped[str]
    actor: Mapped[str]
    words: Mapped[bytes | None]
    detail: Mapped[dict[str, Any]]


@dataclass(frozen=True)
class Proof:
    """How something came to be changed, by whom, in which words: see ContactChange."""

    how: str
    actor: str = CUSTOMER
    words: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def add_change(
    session: Session, account_id: UUID, contact_id: UUID, what: str, proof: Proof, *, now: datetime
) -> None:
    add_changes(session, account_id, [(contact_id, what, proof)], now)


def add_changes(
    session: Session, account_id: UUID, changes: Collection[tuple[UUID, str, Proof]], now: datetime
) -> None:
    """(contact, what, proof) of many, in the order in which they were made."""
    if not changes:
        return
    ring = keyring(session)
    holders = _holders(session, account_id, [one for one, _, proof in changes if proof.words is not None])
    session.execute(
        # one statement: hundreds come at once from a file
        insert(ContactChange).values(
            [
                {
                    "account_id": account_id,
                    "contact_id": contact_id,
                    "what": what,
                    "at": now,
                    "how": proof.how,
                    "actor": proof.actor,
                    "words": ring.seal(_WORDS, account_id, proof.words)
                    if proof.words is not None and contact_id in holders
                    else None,
                    "detail": dict(proof.detail),
                }
                for contact_id, what, proof in changes
            ]
        )
    )


def _holders(session: Session, account_id: UUID, contacts: Collection[UUID]) -> set[UUID]:
    """Those with an address or, on a list, a ref. Words go when that does: elsewhere they would stay for ever."""
    if not contacts:
        return set()
    has_name = or_(Contact.address != b"", Contact.customer_ref.is_not(None))
    return set(
        session.scalars(
            select(Contact.id).where(Contact.account_id == account_id, Contact.id.in_(contacts), has_name)
        )
    )


def changes_of(
    session: Session, account_id: UUID, contacts: Collection[UUID]
) -> dict[UUID, list[ContactChange]]:
    """By contact, the oldest first."""
    found: dict[UUID, list[ContactChange]] = defaultdict(list)
    query = select(ContactChange).where(
        ContactChange.account_id == account_id, ContactChange.contact_id.in_(contacts)
    )
    for change in session.scalars(query.order_by(ContactChange.id)):
        found[change.contact_id].append(change)
    return found


def newest_changes(
    session: Session, account_id: UUID, contacts: Sequence[UUID], what: Collection[str]
) -> dict[UUID, ContactChange]:
    """The last of these kinds, by contact."""
    rows = session.scalars(
        select(ContactChange)
        .ext(distinct_on(ContactChange.contact_id))
        .where(
            ContactChange.account_id == account_id,
            ContactChange.contact_id.in_(contacts),
            ContactChange.what.in_(what),
        )
        .order_by(ContactChange.contact_id, ContactChange.id.desc())
    )
    return {change.contact_id: change for change in rows}


def words_of_change(session: Session, change: ContactChange) -> str | None:
    if change.words is None:
        return None
    return keyring(session).open(_WORDS, change.account_id, change.words)


def forget_words_of(session: Session, account_id: UUID, contacts: Collection[UUID]) -> None:
    """What somebody said goes with them, and whatever the client wrote beside it; that they said it stays."""
    if not contacts:
        return
    session.execute(
        update(ContactChange)
        .where(ContactChange.account_id == account_id, ContactChange.contact_id.in_(contacts))
        .values(words=None, detail=ContactChange.detail.op("-")("reason").op("-")("where")),
        execution_options={"synchronize_session": False},
    )
