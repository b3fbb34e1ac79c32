"""Contacts: a phone number or an email address of a customer, encrypted, found by keyed hash."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.store.base import Base, keyring, made_at
from app.store.direct import Direct

# the kind of contact that stands for a person
CUSTOMER = "customer"

_ADDRESS = "contact.address"


class Contact(Base):
    """The cooldown lives here as columns, so that the writing statement can decide on the locked row."""

    __tablename__ = "contact"
    # Not unique: the id made of the lookup is. With a second unique index, two first calls of one customer now
    # and then meet in the one that ON CONFLICT doesn't arbitrate, and one of them fails.
    __table_args__ = (
        Index("ix_contact_lookup", "account_id", "lookup"),
        # all addresses of one customer: whom a no reaches
        Index(
            "ix_contact_customer_ref",
            "account_id",
            "customer_ref",
            postgresql_where="customer_ref is not null",
        ),
        Index("ix_contact_many_calls", "account_id", "id", postgresql_where="many_calls_since is not null"),
        Index("ix_contact_kept", "account_id", "look_again_at", postgresql_where="address <> ''"),
        Index("ix_contact_suppressed", "account_id", "id", postgresql_where="suppressed_at is not null"),
        Index(
            "ix_contact_consented",
            "account_id",
            "id",
            postgresql_where="consented_at is not null or consent_withdrawn_at is not null",
        ),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    lookup: Mapped[bytes]
    kind: Mapped[str]  # phone | email | customer: a person by the client's ref, over all addresses of theirs
    address: Mapped[
        bytes
    ]  # empty: forgotten; the hash alone stays, for the no that hangs on it. A customer has none
    customer_ref: Mapped[str | None]  # whose address it is, as was last told
    last_asked_at: Mapped[datetime | None]
    recent_asks: Mapped[list[datetime] | None] = mapped_column(ARRAY(DateTime(timezone=True)))  # newest first
    asked_by_invitation: Mapped[UUID | None]
    open_invitation: Mapped[UUID | None]
    nps_asked_at: Mapped[datetime | None]
    opted_out_at: Mapped[datetime | None]
    opted_out_through: Mapped[UUID | None]  # by which contact of the same person, if not by this one
    many_calls_since: Mapped[
        datetime | None
    ]  # more calls than a person makes: flagged, and asked all the same
    suppressed_at: Mapped[datetime | None]  # since when the account's own list has it
    consented_at: Mapped[datetime | None]
    consent_withdrawn_at: Mapped[datetime | None]  # of the two consents, one is null
    undeliverable_at: Mapped[
        datetime | None
    ]  # since when mail to it comes back for good: no no of a person's
    created_at: Mapped[datetime] = made_at()
    look_again_at: Mapped[
        datetime | None
    ]  # when it is seen whether its address is still needed; null: at once

    @property
    def is_listed(self) -> bool:
        """On one of the account's own lists."""
        listed = (self.suppressed_at, self.consented_at, self.consent_withdrawn_at)
        return any(since is not None for since in listed)

    def bars(self, purpose: str) -> str | None:
        """Why no message of that purpose goes to it; None where it may."""
        return _bar(self.suppressed_at, self.opted_out_at, self.consent_withdrawn_at, purpose)


def _bar(
    suppressed_at: datetime | None, opted_out_at: datetime | None, withdrawn_at: datetime | None, purpose: str
) -> str | None:
    """As the claim decides: see claims.MAY_GO."""
    if suppressed_at is not None:
        return "suppressed"
    if purpose == "stopped":
        return None
    if opted_out_at is not None:
        return "opted out"
    return None if withdrawn_at is None else "consent withdrawn"


def contact_lookups(session: Session, account_id: UUID, kind: str, value: str) -> list[bytes]:
    """The keyed hashes that it may be stored under, the newest key's first."""
    # refs that differ in their letters' case are two customers
    return keyring(session).lookups(str(account_id), kind, value if kind == CUSTOMER else value.casefold())


def phones_of(session: Session, account_id: UUID, phones: Collection[str]) -> list[UUID]:
    """The contacts that are there of these telephone numbers."""
    lookups = [one for phone in phones for one in contact_lookups(session, account_id, "phone", phone)]
    return list(
        session.scalars(
            select(Contact.id).where(Contact.account_id == account_id, Contact.lookup.in_(lookups))
        )
    )


def find_contact(session: Session, account_id: UUID, kind: str, value: str) -> Contact | None:
    """The contact with that address, whichever key it was hashed with."""
    return session.scalar(
        select(Contact)
        .where(
            Contact.account_id == account_id,
            Contact.lookup.in_(contact_lookups(session, account_id, kind, value)),
        )
        .limit(1)
    )


def seal_address(session: Session, account_id: UUID, value: str) -> bytes:
    return keyring(session).seal(_ADDRESS, account_id, value)


def address_of(session: Session, contact: Contact) -> str:
    return open_address(session, contact.account_id, contact.address)


def open_address(session: Session, account_id: UUID, sealed: bytes) -> str:
    """A contact's address in clear, "" of a forgotten one. Raises ConfigurationError when its key is gone."""
    if not sealed:
        return ""
    return keyring(session).open(_ADDRESS, account_id, sealed)


# By way of the call, whose contacts they are, since no index leads from an invitation back to its contacts.
# Locked phone first, then email, then customer, as accepting a call does: an answer or opt-out by text holds the
# phone already, and waiting for the others from there can't close a circle. Compare-and-set: what a later
# invitation took stays taken. An ask bears the time of its invitation.
_LET_GO = text(
    """
    with held as (
        select c.account_id, c.id,
               array_remove(array_remove(c.recent_asks, i.created_at),
                            case when c.asked_by_invitation = i.id then c.last_asked_at end) as other_asks
        from invitation i
        join call k on k.account_id = i.account_id and k.id = i.call_id
        join contact c on c.account_id = i.account_id
                      and c.id in (k.phone_contact_id, k.email_contact_id, k.customer_contact_id)
        where i.account_id = :account_id and i.id = :invitation_id
          and (i.id in (c.asked_by_invitation, c.open_invitation)
               or :release and i.created_at = any(c.recent_asks))
        order by c.kind desc, c.id for no key update of c
    )
    update contact c set
        open_invitation = nullif(c.open_invitation, :invitation_id),
        asked_by_invitation =
            case when :release then nullif(c.asked_by_invitation, :invitation_id)
                 else c.asked_by_invitation end,
        last_asked_at =
            case when :release and c.asked_by_invitation = :invitation_id then held.other_asks[1]
                 else c.last_asked_at end,
        recent_asks = case when :release then held.other_asks else c.recent_asks end
    from held where c.account_id = held.account_id and c.id = held.id
    returning c.id
    """
)
_GIVE_BACK = Direct(_LET_GO)


def give_back(session: Session, account_id: UUID, invitation_id: UUID) -> None:
    """What an invitation has just taken and could not have as a whole: in the transaction of the direct statement
    that took it."""
    _GIVE_BACK.rows(session, {"account_id": account_id, "invitation_id": invitation_id, "release": True})


def release_cooldown(session: Session, account_id: UUID, invitation_id: UUID) -> None:
    """Nothing reached the customer: as if this invitation had never been."""
    release_cooldowns(session, account_id, [invitation_id])


def release_cooldowns(session: Session, account_id: UUID, invitation_ids: Collection[UUID]) -> None:
    """The same of several, whose contacts the caller holds."""
    every = [{"account_id": account_id, "invitation_id": one, "release": True} for one in invitation_ids]
    session.execute(_LET_GO, every)


def end_open_survey(session: Session, account_id: UUID, invitation_id: UUID) -> None:
    """The customer may be asked again once the cooldown is over."""
    values = {"account_id": account_id, "invitation_id": invitation_id, "release": False}
    session.execute(_LET_GO, values)


def why_barred(session: Session, account_id: UUID, contact_id: UUID, purpose: str) -> str | None:
    """The same, asked of the database each time: a no of this very transaction counts."""
    row = session.execute(
        select(Contact.suppressed_at, Contact.opted_out_at, Contact.consent_withdrawn_at).where(
            Contact.account_id == account_id, Contact.id == contact_id
        )
    ).one()
    return _bar(*row, purpose)


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


def put_address(session: Session, account_id: UUID, kind: str, value: str) -> UUID:
    """The contact with that address, made where there is none yet."""
    known = find_contact(session, account_id, kind, value)
    if known is not None:
        return known.id
    lookup = contact_lookups(session, account_id, kind, value)[0]
    session.execute(
        insert(Contact)
        .values(
            account_id=account_id,
            id=UUID(bytes=lookup),
            lookup=lookup,
            kind=kind,
            address=b"" if kind == CUSTOMER else seal_address(session, account_id, value),
        )
        .on_conflict_do_nothing(constraint="pk_contact")
    )
    return UUID(bytes=lookup)


def opt_out_address(session: Session, account_id: UUID, kind: str, value: str, now: datetime) -> UUID | None:
    """The same for somebody who may be unknown yet: their no stands before the first question.

    The contact's id, or None when it stood already.
    """
    contact_id = put_address(session, account_id, kind, value)
    return contact_id if opt_out(session, account_id, contact_id, now) else None
