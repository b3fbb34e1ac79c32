"""Somebody wants to be forgotten: what is known of them goes, what was counted stays.

Their calls and messages become nobody's, so that nothing leads from the old ones to the next. Of each address the
keyed hash stays behind with nothing attached but their no and when they were last asked: both protect them.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.channels.phone import read_phone
from app.domain.customer_ref import known_ref
from app.domain.invitation import ANSWERABLE, InvitationState
from app.errors import Invalid
from app.flow.message_outcomes import move_invitation
from app.log import get_logger
from app.store.accounts import get_account
from app.store.audit import add_audit
from app.store.base import database_now
from app.store.contact_changes import OPTED_OUT, Proof, add_change, forget_words_of
from app.store.contact_lists import Address
from app.store.contacts import CUSTOMER, Contact, opt_out_address
from app.store.customers import (
    add_nobody,
    calls_of,
    contacts_of,
    drop_recordings,
    empty_words,
    find_person,
    hand_over_calls,
    hand_over_messages,
    let_go,
    lock_contacts,
    lock_invitations_of,
)
from app.store.events import add_event
from app.store.facts import mark_call_stale
from app.store.invitations import Invitation

log = get_logger(__name__)

# a customer has some dozens; a switchboard's number may stand behind a hundred thousand
_CALLS_AT_ONCE = 200

Unit = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Named:
    """Whom somebody asks about: `by` ref, phone or email."""

    by: str
    value: str


@dataclass
class Forgotten:
    """How much there was. `complete`: nothing is left."""

    contacts: int = 0
    calls: int = 0
    surveys_ended: int = 0
    messages_cancelled: int = 0
    answers_emptied: int = 0
    recordings: int = 0
    complete: bool = True

    def add(self, other: "Forgotten") -> None:
        for name, count in asdict(other).items():
            setattr(self, name, other.complete if name == "complete" else getattr(self, name) + count)


def name_person(session: Session, account_id: UUID, by: str, value: str) -> Named:
    """As addresses are kept. Raises Invalid for a phone that none of ours could be."""
    if by == "phone":
        phone = read_phone(value, get_account(session, account_id).default_region)
        if phone.e164 is None:
            raise Invalid("Nobody can be known by this.", {"phone": "is a number such as +447700900123"})
        return Named(by, phone.e164)
    return Named(by, value.strip())


def forget_customer(
    unit: Unit, *, account_id: UUID, actor: str, by: str, value: str, opt_out: bool, units: int
) -> Forgotten:
    """In short steps, each durable and audited, at most `units` of them. A second time finds nothing.

    `opt_out`: they are never asked again either, known until now or not.
    """
    done = Forgotten()
    for _ in range(units):
        with unit() as session:
            named = name_person(session, account_id, by, value)
            step = forget_some(session, account_id, named, Proof("api", actor) if opt_out else None)
            counts = {name: count for name, count in asdict(step).items() if name != "complete"}
            add_audit(session, account_id, actor, "customer.forgotten", by=by, opt_out=opt_out, **counts)
        done.add(step)
        if done.complete:
            break
    log.info("customer forgotten", account_id=str(account_id), **asdict(done))
    return done


def forget_some(session: Session, account_id: UUID, named: Named, no: Proof | None = None) -> Forgotten:
    """One step, of some hundred calls; the addresses go with the last one. `no`: how theirs came, if any."""
    now = database_now(session)
    person = find_person(session, account_id, named.by, named.value)
    if no and named.by != "ref" and not person.contacts:
        _take_no(session, account_id, (named.by, named.value), no, now)
        # by now somebody of whom a call may be reported this moment; of contacts that are held no survey is locked
        return Forgotten(complete=False)
    calls = calls_of(session, account_id, person, _CALLS_AT_ONCE)
    # surveys before messages before contacts, like all who lock them: an answer that is being taken goes first
    invitations = lock_invitations_of(session, account_id, calls)
    done = Forgotten(calls=len(calls))
    involved = set(person.contacts) | contacts_of(session, account_id, calls)
    if calls:
        _hand_over(session, account_id, invitations, calls, done)
    contacts = lock_contacts(session, account_id, involved)
    let_go(session, account_id, involved, [invitation.id for invitation in invitations])
    # of a call that was reported meanwhile the survey is not ours to lock any more: it is the next step's
    done.complete = not calls_of(session, account_id, person, 1)
    if done.complete:
        for contact in contacts:
            if contact.id in person.contacts:
                done.contacts += _forget_contact(contact)
                if no and contact.opted_out_at is None:
                    contact.opted_out_at = now
                    session.flush()
                    add_change(session, account_id, contact.id, OPTED_OUT, no, now=now)
                    add_event(session, account_id, "contact.opted_out", contact.id, by="client")
        session.flush()
        forget_words_of(session, account_id, person.contacts)
        for ref in filter(known_ref, person.refs if no else ()):
            _take_no(session, account_id, (CUSTOMER, ref), no, now)
    session.flush()
    return done


def _take_no(session: Session, account_id: UUID, address: Address, no: Proof | None, now: datetime) -> None:
    taken = opt_out_address(session, account_id, *address, now)
    if taken is not None and no is not None:
        add_change(session, account_id, taken, OPTED_OUT, no, now=now)


def _hand_over(
    session: Session,
    account_id: UUID,
    invitations: Sequence[Invitation],
    calls: Sequence[UUID],
    done: Forgotten,
) -> None:
    """These calls and all that came of them to nobody."""
    now, ids = database_now(session), [invitation.id for invitation in invitations]
    phone, email = (add_nobody(session, account_id, kind, now) for kind in ("phone", "email"))
    for invitation in invitations:
        done.surveys_ended += _end(session, invitation, now)
        # also where nothing else changes: whoever keeps a copy of the responses reads them again
        invitation.updated_at = now
    session.flush()
    done.messages_cancelled += hand_over_messages(session, account_id, ids, phone=phone, email=email)
    done.answers_emptied += empty_words(session, account_id, ids)
    done.recordings += drop_recordings(session, account_id, ids, now)
    hand_over_calls(session, account_id, calls, phone=phone, email=email)


def _end(session: Session, invitation: Invitation, now: datetime) -> bool:
    """As at the end of its time where something was answered, else cancelled. True where it was open."""
    invitation.edit_until = invitation.close_at = None
    state = InvitationState(invitation.state)
    if state not in ANSWERABLE:
        return False
    end = InvitationState.CANCELLED
    if state is InvitationState.STARTED:
        end = InvitationState.FINISHED if invitation.completed_at else InvitationState.PARTIAL
    move_invitation(session, invitation, end)
    invitation.ended_at = now
    mark_call_stale(session, invitation.account_id, invitation.call_id)
    return True


def _forget_contact(contact: Contact) -> bool:
    """True where there was something to forget."""
    was_known = bool(contact.address)
    contact.address = b""
    contact.customer_ref = contact.undeliverable_at = contact.look_again_at = None
    contact.consented_at = (
        None  # a consent goes with who gave it; that it was taken back protects them, and stays
    )
    contact.asked_by_invitation = contact.open_invitation = contact.opted_out_through = None
    return was_known
