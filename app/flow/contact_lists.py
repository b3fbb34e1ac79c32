"""The account's own lists are kept: whom not to contact, and who consented. Each change is proved.

Whoever comes onto the first, or takes a consent back, is sent nothing from that commit on: what is due is taken
back, and an open survey ends. The customer's own no is none of this and stays as it is.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.phone import read_phone
from app.domain.addresses import read_email
from app.domain.contact_table import Listed
from app.domain.customer_ref import known_ref
from app.domain.invitation import ANSWERABLE, InvitationState, releases_cooldown
from app.errors import Invalid
from app.flow.message_outcomes import move_invitation
from app.store.accounts import get_account
from app.store.audit import add_audit
from app.store.base import database_now
from app.store.contact_changes import (
    CONSENT_WITHDRAWN,
    CONSENTED,
    SUPPRESSED,
    UNDELIVERABLE_LIFTED,
    UNSUPPRESSED,
    Proof,
    add_changes,
)
from app.store.contact_lists import Address, find_contacts, hold_contacts, keep_contacts, make_contacts
from app.store.contacts import CUSTOMER, Contact, end_open_survey, release_cooldown
from app.store.customers import contacts_of, find_person
from app.store.facts import mark_call_stale
from app.store.invitations import lock_invitation
from app.store.messages import cancel_due_messages, take_back_asks
from app.store.persons import MOST_ADDRESSES

# as for a call's times: a clock may be off
_MOST_AHEAD = timedelta(minutes=10)


@dataclass
class Changed:
    """How many addresses and customers changed, and how many were so already."""

    changed: int = 0
    unchanged: int = 0
    surveys_ended: int = 0

    def add(self, other: "Changed") -> None:
        for name, count in vars(other).items():
            setattr(self, name, getattr(self, name) + count)


@dataclass(frozen=True)
class Entry:
    """One address, or one customer by ref, as it is kept; and what is known of why it is listed."""

    address: Address
    given: bool  # False where a consent is withdrawn
    at: datetime | None  # None: now
    proof: Proof
    may_be_old: bool = False  # a list's line without a time: it may tell what was true once


# what becomes of one contact: what was done to it, None where nothing was to be done
_Change = Callable[[Contact, Entry, datetime], str | None]


def entries_from(listed: Listed, region: str | None, *, how: str, actor: str, now: datetime) -> list[Entry]:
    """An entry for each of its names. `region`: of national numbers. Raises Invalid, which names the column."""
    if listed.at is not None and listed.at > now + _MOST_AHEAD:
        column = "given_at" if listed.given else "withdrawn_at"
        raise Invalid("That can't be kept like this.", {column: "lies in the future"})
    detail = {
        "reason": listed.reason,
        "where": listed.where,
        "given_at" if listed.given else "withdrawn_at": listed.at and listed.at.isoformat(),
    }
    told = {name: value for name, value in detail.items() if value is not None}
    proof = Proof(how, actor, listed.words, told)
    may_be_old = how == "import" and listed.at is None
    return [
        Entry(_address(by, value, region), listed.given, listed.at, proof, may_be_old)
        for by, value in listed.names
    ]


def _address(by: str, value: str, region: str | None) -> Address:
    if by == "ref":
        if (ref := known_ref(value)) is None:
            raise Invalid(
                "Nobody can be known by this.", {by: "names nobody: it is what systems write for unknown"}
            )
        return CUSTOMER, ref
    read = read_email(value) if by == "email" else read_phone(value, region).e164
    if read is None:
        such = "an address such as pat@example.com" if by == "email" else "a number such as +447700900123"
        raise Invalid("Nobody can be known by this.", {by: f"is {such}"})
    return by, read


def suppress(session: Session, account_id: UUID, entries: Sequence[Entry]) -> Changed:
    """On the list they come, known until now or not. Who is there already stays as they are."""

    def change(contact: Contact, _entry: Entry, now: datetime) -> str | None:
        if contact.suppressed_at is not None:
            return None
        contact.suppressed_at = now
        return SUPPRESSED

    return _change(session, account_id, entries, change, makes=True)


def unsuppress(session: Session, account_id: UUID, entries: Sequence[Entry]) -> Changed:
    """Off the list; what the customer said themselves stays."""

    def change(contact: Contact, _entry: Entry, _now: datetime) -> str | None:
        if contact.suppressed_at is None:
            return None
        contact.suppressed_at = None
        return UNSUPPRESSED

    return _change(session, account_id, entries, change)


def put_consents(session: Session, account_id: UUID, entries: Sequence[Entry]) -> Changed:
    """Given or withdrawn: the later of the two counts, in whichever order they come. What may be old gives none
    back that was withdrawn."""
    return _change(session, account_id, entries, _take_consent, makes=True)


def _take_consent(contact: Contact, entry: Entry, now: datetime) -> str | None:
    given, withdrawn = contact.consented_at, contact.consent_withdrawn_at
    stands = given if entry.given else withdrawn
    if stands is not None and (entry.at is None or entry.at <= stands):
        return None
    at = entry.at or now
    other = withdrawn if entry.given else given
    if other is not None and (at < other or (entry.given and entry.may_be_old)):
        return None
    contact.consented_at = at if entry.given else None
    contact.consent_withdrawn_at = None if entry.given else at
    return CONSENTED if entry.given else CONSENT_WITHDRAWN


def lift_undeliverable(session: Session, account_id: UUID, entries: Sequence[Entry]) -> Changed:
    """Mail to it came back for good, and somebody knows that it would not any more."""

    def change(contact: Contact, _entry: Entry, _now: datetime) -> str | None:
        if contact.undeliverable_at is None:
            return None
        contact.undeliverable_at = None
        return UNDELIVERABLE_LIFTED

    return _change(session, account_id, entries, change)


def _change(
    session: Session, account_id: UUID, entries: Sequence[Entry], change: _Change, *, makes: bool = False
) -> Changed:
    """One transaction's work, some hundred entries at most; a deadlock is possible, and run_unit does it again.

    `makes`: who is unknown becomes known by it.
    """
    addresses = [entry.address for entry in entries]
    known = find_contacts(session, account_id, addresses)
    ids = make_contacts(session, account_id, addresses) if makes else known
    wanted: dict[UUID, list[Entry]] = defaultdict(list)
    for entry in entries:
        for contact_id in _meant(session, account_id, entry.address, ids):
            wanted[contact_id].append(entry)
    others = _lock_open_surveys(session, account_id, wanted) - wanted.keys()
    held = hold_contacts(session, account_id, wanted.keys() | others)
    contacts = [contact for contact in held if contact.id in wanted]
    now = database_now(session)
    changes = [
        (contact.id, what, entry.proof)
        for contact in contacts
        for entry in wanted[contact.id]
        if (what := change(contact, entry, now))
    ]
    changed_ids = {contact_id for contact_id, *_ in changes}
    changed = [contact for contact in contacts if contact.id in changed_ids]
    for contact in changed:
        if contact.kind == CUSTOMER:
            # what a list's entry is known by to whoever keeps the list; elsewhere the hash does
            contact.customer_ref = wanted[contact.id][0].address[1] if contact.is_listed else None
    keep_contacts(session, account_id, changed)
    add_changes(session, account_id, changes, now)
    done = Changed(len(changed))
    done.unchanged = len(contacts) - done.changed + sum(address not in ids for address in set(addresses))
    new = set(ids.values()) - set(known.values())
    for contact in changed:
        if contact.id not in new and (why := contact.bars("ask")):
            cancel_due_messages(session, account_id, contact.id, why)
    for contact in contacts:
        if contact.open_invitation is not None and (why := contact.bars("ask")):
            done.surveys_ended += _end_survey(session, contact, now, why)
    return done


def _meant(session: Session, account_id: UUID, address: Address, ids: Mapping[Address, UUID]) -> set[UUID]:
    """The contact with that address; by ref, all that are known of the customer too."""
    meant = {ids[address]} if address in ids else set[UUID]()
    if address[0] == CUSTOMER:
        person = find_person(session, account_id, "ref", address[1])
        # what is behind more is a desk or a mistake: then it is the ref alone, and calls that have it
        if len(person.contacts) <= MOST_ADDRESSES:
            meant.update(person.contacts)
    return meant


def _lock_open_surveys(session: Session, account_id: UUID, contacts: Collection[UUID]) -> set[UUID]:
    """Before the contacts, like all who lock both. All contacts of whom they ask, since a survey's end writes them
    too, and who holds a customer's mail can't wait for their telephone."""
    open_surveys = session.scalars(
        select(Contact.open_invitation).where(
            Contact.account_id == account_id, Contact.id.in_(contacts), Contact.open_invitation.is_not(None)
        )
    )
    ids = sorted({one for one in open_surveys if one is not None})
    return contacts_of(
        session, account_id, [lock_invitation(session, account_id, one).call_id for one in ids]
    )


def _end_survey(session: Session, contact: Contact, now: datetime, why: str) -> bool:
    """As at the end of its time where something was answered, else cancelled: on whichever channel it goes on."""
    account_id, invitation_id = contact.account_id, contact.open_invitation
    assert invitation_id is not None  # noqa: S101 - asked before
    invitation = lock_invitation(session, account_id, invitation_id)
    state = InvitationState(invitation.state)
    if state not in ANSWERABLE:
        return False
    end = InvitationState.CANCELLED
    if state is InvitationState.STARTED:
        end = InvitationState.FINISHED if invitation.completed_at else InvitationState.PARTIAL
    move_invitation(session, invitation, end)
    invitation.ended_at, invitation.close_at = now, None
    session.flush()
    take_back_asks(session, account_id, invitation.id, why)
    released = releases_cooldown(end, accepted=invitation.asked_at is not None)
    (release_cooldown if released else end_open_survey)(session, account_id, invitation.id)
    mark_call_stale(session, account_id, invitation.call_id)
    return True


_ACTIONS: Mapping[str, tuple[str, Callable[[Session, UUID, Sequence[Entry]], Changed]]] = {
    "suppress": ("suppressions.added", suppress),
    "unsuppress": ("suppressions.removed", unsuppress),
    "consent": ("consents.given", put_consents),
    "withdraw": ("consents.withdrawn", put_consents),
    "lift": ("undeliverable.lifted", lift_undeliverable),
}


def change_one(
    session: Session, account_id: UUID, action: str, told: Mapping[str, Any], *, how: str, actor: str
) -> Changed:
    """One person's: suppress, unsuppress, consent, withdraw, or lift what is undeliverable. Audited without who.

    `told`: `by` and `value`; reason, at, where and words, as far as they are known. Raises Invalid.
    """
    listed = Listed(
        ((told["by"], told["value"]),),
        reason=told.get("reason") or None,
        given=action != "withdraw",
        at=told.get("at"),
        where=told.get("where") or None,
        words=told.get("words") or None,
    )
    region = get_account(session, account_id).default_region
    entries = entries_from(listed, region, how=how, actor=actor, now=database_now(session))
    audited, change = _ACTIONS[action]
    changed = change(session, account_id, entries)
    if changed.changed:
        add_audit(session, account_id, actor, audited, by=told["by"], how=how, **vars(changed))
    return changed
