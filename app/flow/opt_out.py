"""A customer says no, and takes it back.

By text to a number: for all accounts that send by it. By mail: to one account, and then to all its ways of asking.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.invitation import InvitationState
from app.flow.message_outcomes import move_invitation
from app.store.contacts import Contact, end_open_survey, find_contact, opt_in, opt_out, opt_out_address
from app.store.events import add_event
from app.store.facts import mark_call_stale
from app.store.invitations import Invitation, lock_invitation
from app.store.messages import cancel_due_messages, take_back_asks
from app.tally import happened


def opt_out_everywhere(
    session: Session,
    *,
    accounts: Sequence[UUID],
    known: Sequence[tuple[UUID, UUID]],
    phone: str,
    now: datetime,
) -> None:
    """Take the no, also of somebody unknown as yet; end their open surveys and take back what is due.

    `known`: (account, contact) pairs of those that have this phone.
    """
    # surveys before contacts, like all who lock both: who records a send of theirs this moment goes first
    for account_id, contact_id in known:
        _lock_open_survey(session, account_id, contact_id)
    for account_id in accounts:
        taken = opt_out_address(session, account_id, "phone", phone, now)
        if taken is not None:
            happened(session, "opt_outs", "customer")
            add_event(session, account_id, "contact.opted_out", taken, by="customer")
            cancel_due_messages(session, account_id, taken, "opted out")
        contact = find_contact(session, account_id, "phone", phone)
        if contact is not None:
            _end_open_survey(session, account_id, contact.id, now)


def opt_out_person(
    session: Session, account_id: UUID, contacts: Sequence[UUID], *, by: str, now: datetime
) -> None:
    """Take a person's no for every way to reach them that is known: what is due to any of `contacts` is taken back.

    `contacts`: the phone first, as all do who lock both. `by`: who said it, for the figures.
    """
    open_surveys = session.scalars(
        select(Contact.open_invitation).where(Contact.account_id == account_id, Contact.id.in_(contacts))
    )
    for invitation_id in sorted({one for one in open_surveys if one is not None}):
        lock_invitation(session, account_id, invitation_id)
    for contact_id in contacts:
        if opt_out(session, account_id, contact_id, now):
            happened(session, "opt_outs", by)
            add_event(session, account_id, "contact.opted_out", contact_id, by=by)
        cancel_due_messages(session, account_id, contact_id, "opted out")
    for contact_id in contacts:
        _end_open_survey(session, account_id, contact_id, now)


def opt_in_everywhere(session: Session, known: Sequence[tuple[UUID, UUID]]) -> bool:
    """The customer's own word takes it back; False where there was nothing to take back."""
    taken_back = False
    for account_id, contact_id in known:
        if opt_in(session, account_id, contact_id):
            taken_back = True
            add_event(session, account_id, "contact.opted_in", contact_id)
    return taken_back


def _lock_open_survey(session: Session, account_id: UUID, contact_id: UUID) -> Invitation | None:
    invitation_id = session.scalar(
        select(Contact.open_invitation).where(Contact.account_id == account_id, Contact.id == contact_id)
    )
    return lock_invitation(session, account_id, invitation_id) if invitation_id else None


def _end_open_survey(session: Session, account_id: UUID, contact_id: UUID, now: datetime) -> None:
    """Also one that was not asked yet: its text is taken back, so nothing else would ever end it."""
    invitation = _lock_open_survey(session, account_id, contact_id)
    if invitation is None:
        return
    if move_invitation(session, invitation, InvitationState.OPTED_OUT):
        invitation.ended_at = now
        invitation.close_at = None
    session.flush()
    # on whichever channel it goes on: it may have begun with another address of theirs
    take_back_asks(session, account_id, invitation.id, "opted out")
    end_open_survey(session, account_id, invitation.id)
    mark_call_stale(session, account_id, invitation.call_id)
