"""A customer says no, and takes it back.

By text to a number: to all accounts that send by it. Otherwise: to one account. Always to all its ways of asking,
by every address that is known to be theirs.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.invitation import InvitationState
from app.flow.message_outcomes import move_invitation
from app.store.contact_changes import OPTED_IN, OPTED_OUT, Proof, add_changes
from app.store.contacts import end_open_survey, put_address
from app.store.events import add_event
from app.store.facts import mark_call_stale
from app.store.invitations import lock_invitation
from app.store.messages import cancel_due_messages, take_back_asks
from app.store.persons import hold_person, take_back_no, take_no
from app.tally import happened


def opt_out_everywhere(
    session: Session,
    *,
    accounts: Sequence[UUID],
    known: Sequence[tuple[UUID, UUID]],
    phone: str,
    now: datetime,
    proof: Proof,
) -> None:
    """Take the no, also of somebody unknown as yet; end their open surveys and take back what is due.

    `known`: (account, contact) pairs of those that have this phone.
    """
    theirs = dict(known)
    for account_id in accounts:
        contact_id = theirs.get(account_id) or put_address(session, account_id, "phone", phone)
        opt_out_person(
            session, account_id, [contact_id], said_by=contact_id, by="customer", now=now, proof=proof
        )


def opt_out_person(
    session: Session,
    account_id: UUID,
    contacts: Sequence[UUID],
    *,
    said_by: UUID | None,
    by: str,
    now: datetime,
    proof: Proof,
    refs: Iterable[str | None] | None = None,
) -> None:
    """Take a person's no for every way to reach them that is known: their open surveys end, and what is due to any
    address of theirs is taken back, in this transaction.

    `said_by`: the contact by which they said it. `by`: who told us, for the figures. `refs`: who they are, else
    whose `contacts` are, see `hold_person`.
    """
    person = hold_person(session, account_id, contacts, refs=refs)
    taken = take_no(session, account_id, person, said_by, now)
    if taken:
        happened(session, "opt_outs", by)
    for contact_id in taken:
        add_event(session, account_id, "contact.opted_out", contact_id, by=by)
    add_changes(session, account_id, [(contact_id, OPTED_OUT, proof) for contact_id in taken], now)
    for contact_id in person.contacts:
        cancel_due_messages(session, account_id, contact_id, "opted out")
    for invitation_id in person.open_surveys:
        _end_open_survey(session, account_id, invitation_id, now)


def opt_in_everywhere(
    session: Session, known: Sequence[tuple[UUID, UUID]], now: datetime, proof: Proof
) -> bool:
    """The customer's own word takes it back, but for another address that said no itself; False where there was
    nothing to take back."""
    taken_back = False
    for account_id, contact_id in known:
        person = hold_person(session, account_id, [contact_id], surveys=False)
        freed = take_back_no(session, account_id, person, contact_id)
        taken_back = taken_back or bool(freed)
        for free in freed:
            add_event(session, account_id, "contact.opted_in", free)
        add_changes(session, account_id, [(free, OPTED_IN, proof) for free in freed], now)
    return taken_back


def _end_open_survey(session: Session, account_id: UUID, invitation_id: UUID, now: datetime) -> None:
    """Also one that was not asked yet: its text is taken back, so nothing else would ever end it."""
    invitation = lock_invitation(session, account_id, invitation_id)
    if move_invitation(session, invitation, InvitationState.OPTED_OUT):
        invitation.ended_at = now
        invitation.close_at = None
    session.flush()
    # on whichever channel it goes on: it may have begun with another address of theirs
    take_back_asks(session, account_id, invitation.id, "opted out")
    end_open_survey(session, account_id, invitation.id)
    mark_call_stale(session, account_id, invitation.call_id)
