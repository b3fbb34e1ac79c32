"""A worker's steps one at a time, for what comes between them, and what they left behind."""

from uuid import UUID

from app.domain.delivery import SendResult
from app.flow.deliver_messages import record_result
from app.flow.envelopes import Envelope, prepare_send
from app.store.claims import Claimed, claim_messages, senders_with_work
from app.store.contacts import Contact
from app.store.messages import Message
from app.store.suspects import claim_suspect
from tests.house import House
from workers.parts import WorkerParts


def claim(parts: WorkerParts, free: int = 100) -> list[Claimed]:
    """What a worker that holds nothing claims: what was lost twice by itself, else all that is due."""
    suspect = parts.unit(claim_suspect, parts.settings.carrier.lease_seconds)
    if suspect is not None:
        return [suspect]
    return [
        claimed
        for owner_id, sender_id in parts.unit(senders_with_work)
        for claimed in parts.unit(
            claim_messages,
            owner_id,
            sender_id,
            free=free,
            lease_seconds=parts.settings.carrier.lease_seconds,
        )
    ]


def begin(parts: WorkerParts, claimed: Claimed) -> Envelope | None:
    """Everything before the request, the attempt committed; None where nothing may be sent."""
    return parts.unit(
        prepare_send, claimed, limits=parts.settings.carrier, public_url=parts.settings.public_url
    )


def claim_and_begin(parts: WorkerParts) -> Envelope:
    (claimed,) = claim(parts)
    envelope = begin(parts, claimed)
    assert envelope is not None
    return envelope


def request(parts: WorkerParts, envelope: Envelope) -> SendResult:
    """The request itself, with nothing written of its end."""
    return parts.carriers.send(envelope.parcel)


def record(parts: WorkerParts, envelope: Envelope, result: SendResult) -> None:
    parts.unit(record_result, envelope, result, parts.settings.carrier)


def the_message(house: House, account_id: UUID) -> Message:
    (message,) = house.messages(account_id)
    return message


def the_state(house: House, account_id: UUID) -> tuple[str, str]:
    """(of the only invitation, of its only message)."""
    (invitation,) = house.invitations(account_id)
    return invitation.state, the_message(house, account_id).state


def outcomes(house: House, account_id: UUID) -> list[str | None]:
    return [attempt.outcome for attempt in house.attempts(account_id)]


def is_free(contact: Contact) -> bool:
    """Whether the next call may lead to a survey."""
    return (contact.last_asked_at, contact.asked_by_invitation, contact.open_invitation) == (None, None, None)
