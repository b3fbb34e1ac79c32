"""A mail's unsubscribe link: what its page shows, and what the button does.

It is known by the token of the survey's link. Both stand in the same mail, so that whoever has the one has the
other, and a second secret would keep nobody out. Unlike the survey it doesn't end: a no is taken as long as we know
to whom the mail went.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.customer_ref import known_ref
from app.flow.opt_out import opt_out_person
from app.flow.proofs import proof_of
from app.log import get_logger
from app.store.accounts import get_account
from app.store.base import database_now
from app.store.calls import Call
from app.store.invitations import Invitation, lock_invitation
from app.store.keyring import hash_token
from app.store.messages import Message

log = get_logger(__name__)


@dataclass(frozen=True)
class UnsubscribePage:
    language: str
    brand: str


def open_unsubscribe(session: Session, token: str) -> UnsubscribePage | None:
    """What the page shows; None for a link that is wrong. Reads only: scanners open the links of a mail."""
    found = _find(session, token)
    if found is None:
        return None
    return _page(session, session.get_one(Invitation, found))


def unsubscribe(session: Session, token: str) -> UnsubscribePage | None:
    """Take the no, of the person and not only of the address: by text and by telephone they aren't asked either.

    None for a link that is wrong. A second time changes nothing.
    """
    found = _find(session, token)
    if found is None:
        return None
    invitation = lock_invitation(session, *found)
    opt_out_customer(session, invitation, by="customer", how="unsubscribe")
    log.info("unsubscribed", account_id=str(invitation.account_id), invitation_id=str(invitation.id))
    return _page(session, invitation)


def opt_out_customer(session: Session, invitation: Invitation, *, by: str, how: str) -> None:
    """The no of whoever was invited, for the phone and the email address that their call came with, and for all
    others of the same customer. `how`: see ContactChange."""
    call = session.get_one(Call, (invitation.account_id, invitation.call_id))
    known = (call.phone_contact_id, call.email_contact_id, invitation.contact_id)
    opt_out_person(
        session,
        invitation.account_id,
        list(dict.fromkeys(contact for contact in known if contact is not None)),
        said_by=invitation.contact_id,
        by=by,
        now=database_now(session),
        proof=proof_of(session, invitation, how),
        # who the call was of is known better than whose its telephone was last
        refs=[call.customer_ref] if known_ref(call.customer_ref) else None,
    )


def _find(session: Session, token: str) -> tuple[UUID, UUID] | None:
    # before the account is known, the token's hash is all there is: 128 random bits, so no other tenant's
    row = session.execute(
        select(Message.account_id, Message.invitation_id).where(Message.token_hash == hash_token(token))
    ).one_or_none()
    return None if row is None else (row.account_id, row.invitation_id)


def _page(session: Session, invitation: Invitation) -> UnsubscribePage:
    return UnsubscribePage(invitation.language, get_account(session, invitation.account_id).brand)
