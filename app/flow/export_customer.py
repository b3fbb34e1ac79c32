"""All that is held about a person, for whoever asks what that is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.flow.forget_customer import name_person
from app.flow.read_proof import change_view
from app.flow.views import call_view, handlers_view, iso
from app.store.answers import Answer, words_of
from app.store.audit import add_audit
from app.store.calls import Call
from app.store.connection_events import ConnectionEvent, content_of
from app.store.connections import Connection
from app.store.contact_changes import ContactChange, changes_of
from app.store.contacts import Contact, address_of
from app.store.customers import calls_of, find_person
from app.store.invitations import Invitation
from app.store.listed_numbers import find_listed
from app.store.messages import Message
from app.store.provider_events import ProviderEvent, content_of_event
from app.store.recordings import Recording

# what can be read in one go; a customer has some dozens
MOST_CALLS = 500

Row = TypeVar("Row", Message, Answer, ProviderEvent, Recording)


def export_customer(session: Session, *, account_id: UUID, actor: str, by: str, value: str) -> dict[str, Any]:
    """`contacts` and `calls`, each with its survey; empty lists for somebody unknown. Audited without who it is.

    Raises Invalid for a phone that none of ours could be.
    """
    named = name_person(session, account_id, by, value)
    person = find_person(session, account_id, named.by, named.value)
    ids = calls_of(session, account_id, person, MOST_CALLS + 1)
    contacts = session.scalars(
        select(Contact)
        .where(Contact.account_id == account_id, Contact.id.in_(person.contacts))
        .order_by(Contact.kind.desc(), Contact.created_at)
    ).all()
    calls = _calls(session, account_id, ids[:MOST_CALLS])
    changes = changes_of(session, account_id, person.contacts)
    counts = {"contacts": len(contacts), "calls": len(calls)}
    add_audit(session, account_id, actor, "customer.exported", by=by, **counts)
    return {
        "by": by,
        "contacts": [_contact(session, contact, changes[contact.id]) for contact in contacts],
        "calls": calls,
        "complete": len(ids) <= MOST_CALLS,
    }


def _contact(session: Session, contact: Contact, changes: Sequence[ContactChange]) -> dict[str, Any]:
    address = address_of(session, contact) or None
    listed = (
        find_listed(session, contact.account_id, address) if address and contact.kind == "phone" else None
    )
    return {
        "kind": contact.kind,
        "address": address,
        "listed_as": listed and listed.kind,
        "customer_ref": contact.customer_ref,
        "last_asked_at": iso(contact.last_asked_at),
        "recent_asks": [iso(asked) for asked in contact.recent_asks or ()],
        "many_calls_since": iso(contact.many_calls_since),
        "opted_out_at": iso(contact.opted_out_at),
        "suppressed_at": iso(contact.suppressed_at),
        "consented_at": iso(contact.consented_at),
        "consent_withdrawn_at": iso(contact.consent_withdrawn_at),
        "undeliverable_at": iso(contact.undeliverable_at),
        "created_at": iso(contact.created_at),
        "changes": [change_view(session, one) for one in changes],
    }


def _calls(session: Session, account_id: UUID, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Call, Invitation)
        .join(Invitation, and_(Invitation.account_id == Call.account_id, Invitation.call_id == Call.id))
        .where(Call.account_id == account_id, Call.id.in_(ids))
        .order_by(Call.ended_at.desc(), Call.id)
    ).all()
    asked = [invitation.id for _, invitation in rows]
    messages = _by_invitation(session, Message, account_id, asked)
    answers = _by_invitation(session, Answer, account_id, asked)
    events = _by_invitation(session, ProviderEvent, account_id, asked)
    recordings = _by_invitation(session, Recording, account_id, asked)
    reports = _reports(session, account_id, ids)
    handlers = handlers_view(session, [call for call, _ in rows])
    return [
        {
            **call_view(session, call, invitation, handlers),
            "reports": reports[call.id],
            "survey": {
                "status": invitation.state,
                "asked_at": iso(invitation.asked_at),
                "responded_at": iso(invitation.responded_at),
                "decision": invitation.decision,
                "messages": [_message(one) for one in messages[invitation.id]],
                "answers": [_answer(session, one) for one in answers[invitation.id]],
                "received": [_event(session, one) for one in events[invitation.id]],
                "recordings": [_recording(one) for one in recordings[invitation.id]],
            },
        }
        for call, invitation in rows
    ]


def _by_invitation(
    session: Session, table: type[Row], account_id: UUID, invitations: Iterable[UUID]
) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = defaultdict(list)
    query = select(table).where(table.account_id == account_id, table.invitation_id.in_(list(invitations)))
    for row in session.scalars(query.order_by(table.id)):
        if row.invitation_id is not None:
            found[row.invitation_id].append(row)
    return found


def _reports(session: Session, account_id: UUID, ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    rows = session.execute(
        select(Call.id, ConnectionEvent)
        .join(Connection, and_(Connection.account_id == Call.account_id, Connection.source == Call.source))
        .join(
            ConnectionEvent,
            and_(
                ConnectionEvent.account_id == Call.account_id,
                ConnectionEvent.connection_id == Connection.id,
                ConnectionEvent.call_id == Call.call_id,
            ),
        )
        .where(Call.account_id == account_id, Call.id.in_(ids), ConnectionEvent.content.is_not(None))
        .order_by(ConnectionEvent.id)
    )
    for call_id, event in rows:
        found[call_id].append({"received_at": iso(event.received_at), "content": content_of(session, event)})
    return found


def _message(message: Message) -> dict[str, Any]:
    return {
        "purpose": message.purpose,
        "question": message.question_key,
        "text": message.body,
        "status": message.state,
        "due_at": iso(message.due_at),
        "accepted_at": iso(message.accepted_at),
        "delivered_at": iso(message.delivered_at),
        "provider_id": message.provider_id,
    }


def _answer(session: Session, answer: Answer) -> dict[str, Any]:
    return {
        "question": answer.question_key,
        "value": answer.value,
        "words": words_of(session, answer),
        "answered_at": iso(answer.answered_at),
        "channel": answer.channel,
        "revision": answer.revision,
        "current": answer.is_current,
    }


def _event(session: Session, event: ProviderEvent) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "received_at": iso(event.received_at),
        "status": event.status,
        "understood": event.understood,
        "content": content_of_event(session, event),
    }


def _recording(recording: Recording) -> dict[str, Any]:
    return {
        "made_at": iso(recording.created_at),
        "seconds": recording.seconds,
        "status": recording.state,
        "audio_is_kept": recording.audio is not None,
    }
