"""When and how somebody said no or consented, in which words: for whoever has to show it."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.flow.forget_customer import name_person
from app.flow.views import iso
from app.store.audit import add_audit
from app.store.contact_changes import ContactChange, changes_of, words_of_change
from app.store.contacts import Contact, address_of
from app.store.customers import find_person

_STANDING = ("opted_out_at", "suppressed_at", "consented_at", "consent_withdrawn_at", "undeliverable_at")


def read_proof(session: Session, *, account_id: UUID, actor: str, by: str, value: str) -> dict[str, Any]:
    """`contacts`, each with how it stands and its `changes`, the oldest first. Audited without who it is.

    Also of somebody who was forgotten, by the address itself. Raises Invalid for a phone that none could have.
    """
    named = name_person(session, account_id, by, value)
    person = find_person(session, account_id, named.by, named.value)
    contacts = session.scalars(
        select(Contact)
        .where(Contact.account_id == account_id, Contact.id.in_(person.contacts))
        .order_by(Contact.kind.desc(), Contact.created_at)
    ).all()
    changes = changes_of(session, account_id, person.contacts)
    add_audit(session, account_id, actor, "customer.proof_read", by=by, contacts=len(contacts))
    return {
        "by": by,
        "contacts": [
            {
                "kind": contact.kind,
                "address": address_of(session, contact) or None,
                "customer_ref": contact.customer_ref,
                **{name: iso(getattr(contact, name)) for name in _STANDING},
                "changes": [change_view(session, one) for one in changes[contact.id]],
            }
            for contact in contacts
        ],
    }


def change_view(session: Session, change: ContactChange) -> dict[str, Any]:
    return {
        "what": change.what,
        "at": iso(change.at),
        "how": change.how,
        "actor": change.actor,
        "words": words_of_change(session, change),
        "detail": change.detail,
    }
