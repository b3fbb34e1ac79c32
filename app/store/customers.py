"""All that is held about a person, found by the client's ref, a phone or an email; and its way to nobody."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.domain.customer_ref import known_ref
from app.domain.recording import RecordingState
from app.ids import new_id
from app.store.answers import Answer
from app.store.contacts import CUSTOMER, Contact, find_contact
from app.store.invitations import Invitation
from app.store.phone_surveys import PhoneSurvey
from app.store.provider_events import ProviderEvent
from app.store.recordings import Recording


@dataclass(frozen=True)
class Person:
    """The client's refs, and contacts by id. A phone or email that several people share is one person here."""

    refs: tuple[str, ...]
    contacts: tuple[UUID, ...]


_THEIRS = """
    k.account_id = :account_id and (k.customer_ref = any(:refs)
        or k.phone_contact_id = any(:contacts) or k.email_contact_id = any(:contacts))
"""
# those given with the same calls too, unless they are known as another customer's by now
_JOINED = text(
    f"""
    select distinct c.id from call k
    join contact c on c.account_id = k.account_id and c.id in (k.phone_contact_id, k.email_contact_id)
    where {_THEIRS} and (c.customer_ref is null or c.customer_ref = any(:refs))
    """  # noqa: S608  # a constant
)
_CALLS = text(
    f"select k.id from call k where {_THEIRS} order by k.ended_at desc, k.id limit :limit"  # noqa: S608
)


def find_person(session: Session, account_id: UUID, by: str, value: str) -> Person:
    """`by`: ref, phone or email. Nobody known by it has neither refs nor contacts."""
    refs, contacts = {value} if by == "ref" else set[str](), set[UUID]()
    if by != "ref":
        contact = find_contact(session, account_id, by, value)
        if contact is None:
            return Person((), ())
        contacts = {contact.id}
        refs = {contact.customer_ref} if contact.customer_ref else set()
    while True:
        values = {"account_id": account_id, "refs": list(refs), "contacts": list(contacts)}
        joined = contacts | set(session.scalars(_JOINED, values))
        if joined == contacts:
            contacts |= _customers(session, account_id, refs)
            return Person(tuple(sorted(refs)), tuple(sorted(contacts)))
        contacts = joined


def _customers(session: Session, account_id: UUID, refs: Collection[str]) -> set[UUID]:
    """The contacts that stand for the person themselves."""
    known = (find_contact(session, account_id, CUSTOMER, ref) for ref in map(known_ref, refs) if ref)
    return {contact.id for contact in known if contact is not None}


def calls_of(session: Session, account_id: UUID, person: Person, limit: int) -> list[UUID]:
    """Ids of the person's calls, the newest first."""
    values = {
        "account_id": account_id,
        "refs": list(person.refs),
        "contacts": list(person.contacts),
        "limit": limit,
    }
    return list(session.scalars(_CALLS, values))


def lock_invitations_of(session: Session, account_id: UUID, call_ids: Sequence[UUID]) -> Sequence[Invitation]:
    """In the order in which all lock several."""
    return session.scalars(
        select(Invitation)
        .where(Invitation.account_id == account_id, Invitation.call_id.in_(call_ids))
        .order_by(Invitation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


_CONTACTS_OF = text(
    """
    select c.id from call k join invitation i on i.account_id = k.account_id and i.call_id = k.id
    join contact c on c.account_id = k.account_id
                  and c.id in (k.phone_contact_id, k.email_contact_id, k.customer_contact_id, i.contact_id)
    where k.account_id = :account_id and k.id = any(:calls)
    """
)


def contacts_of(session: Session, account_id: UUID, calls: Sequence[UUID]) -> set[UUID]:
    return set(session.scalars(_CONTACTS_OF, {"account_id": account_id, "calls": list(calls)}))


def lock_contacts(session: Session, account_id: UUID, contacts: Collection[UUID]) -> Sequence[Contact]:
    """The phone first, as all do: see contacts."""
    return session.scalars(
        select(Contact)
        .where(Contact.account_id == account_id, Contact.id.in_(contacts))
        .order_by(Contact.kind.desc(), Contact.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def add_nobody(session: Session, account_id: UUID, kind: str, now: datetime) -> UUID:
    """A contact without address or hash: whose calls and messages those are that nobody is to be known by.

    It has said no, so that nothing is ever sent to it, and nothing more is taken from it.
    """
    contact = Contact(
        account_id=account_id, id=new_id(), lookup=new_id().bytes, kind=kind, address=b"", opted_out_at=now
    )
    session.add(contact)
    session.flush()
    return contact.id


# What is claimed may be on its way: it stops unless its request has begun, and is recorded as ever.
_HAND_OVER_MESSAGES = text(
    """
    update message m set
        contact_id = case when c.kind = 'email' then cast(:email as uuid) else cast(:phone as uuid) end,
        token_hash = null,
        state = case when m.state in ('due', 'quarantined') then 'cancelled' else m.state end,
        ended_at = case when m.state in ('due', 'quarantined') then clock_now() else m.ended_at end,
        detail = case when m.state in ('due', 'quarantined') then 'forgotten' else m.detail end,
        send_before = case when m.state = 'claimed' then least(m.send_before, clock_now()) else m.send_before end,
        not_after = case when m.state = 'claimed' then least(m.not_after, clock_now()) else m.not_after end
    from (select m.account_id, m.id, m.state from message m
          where m.account_id = :account_id and m.invitation_id = any(:invitations)
          order by m.id for update) held,
         contact c
    where m.account_id = held.account_id and m.id = held.id
      and c.account_id = m.account_id and c.id = m.contact_id
    returning held.state in ('due', 'quarantined') as cancelled
    """
)

_HAND_OVER_INVITATIONS = text(
    """
    update invitation i set
        contact_id = case when c.kind = 'email' then cast(:email as uuid) else cast(:phone as uuid) end
    from contact c
    where i.account_id = :account_id and i.id = any(:invitations)
      and c.account_id = i.account_id and c.id = i.contact_id
    """
)

_HAND_OVER_CALLS = text(
    """
    update call k set
        customer_name = null, customer_ref = null, attributes = '{}', forgotten_at = clock_now(),
        customer_contact_id = null,
        phone_contact_id = case when k.phone_contact_id is not null then cast(:phone as uuid) end,
        email_contact_id = case when k.email_contact_id is not null then cast(:email as uuid) end
    where k.account_id = :account_id and k.id = any(:calls)
    """
)

_EMPTY_REPORTS = text(
    """
    update connection_event e set content = null
    from call k join connection n on n.account_id = k.account_id and n.source = k.source
    where k.account_id = :account_id and k.id = any(:calls)
      and e.account_id = k.account_id and e.connection_id = n.id and e.call_id = k.call_id
      and e.content is not null and e.decide_at is null
    """
)

_LET_GO = text(
    """
    update contact set
        open_invitation = case when open_invitation = any(:invitations) then null else open_invitation end,
        asked_by_invitation =
            case when asked_by_invitation = any(:invitations) then null else asked_by_invitation end
    where account_id = :account_id and id = any(:contacts)
    """
)


def hand_over_messages(
    session: Session, account_id: UUID, invitations: Sequence[UUID], *, phone: UUID, email: UUID
) -> int:
    """Invitations, which the caller holds, and their messages are nobody's from now on: `phone` and `email` are
    contacts of nobody. How many messages were cancelled."""
    values = {"account_id": account_id, "invitations": list(invitations), "phone": phone, "email": email}
    session.execute(_HAND_OVER_INVITATIONS, values)
    return sum(row.cancelled for row in session.execute(_HAND_OVER_MESSAGES, values))


def hand_over_calls(
    session: Session, account_id: UUID, calls: Sequence[UUID], *, phone: UUID, email: UUID
) -> None:
    """The same of calls, less the customer's name, ref and whatever else the client told of them."""
    values = {"account_id": account_id, "calls": list(calls), "phone": phone, "email": email}
    session.execute(_EMPTY_REPORTS, values)
    session.execute(_HAND_OVER_CALLS, values)


def let_go(
    session: Session, account_id: UUID, contacts: Collection[UUID], invitations: Sequence[UUID]
) -> None:
    """Nothing leads from these contacts, which the caller holds, to these invitations."""
    session.execute(
        _LET_GO,
        {"account_id": account_id, "contacts": list(contacts), "invitations": list(invitations)},
    )


def empty_words(session: Session, account_id: UUID, invitations: Sequence[UUID]) -> int:
    """Of answers and of what carriers brought; values stay. How many answers had words."""
    of_these = [Answer.account_id == account_id, Answer.invitation_id.in_(invitations)]
    emptied = session.execute(
        update(Answer).where(*of_these, Answer.words.is_not(None)).values(words=None).returning(Answer.id),
        execution_options={"synchronize_session": False},
    )
    session.execute(
        update(ProviderEvent)
        .where(ProviderEvent.account_id == account_id, ProviderEvent.invitation_id.in_(invitations))
        .values(content=None),
        execution_options={"synchronize_session": False},
    )
    return len(emptied.all())


def drop_recordings(session: Session, account_id: UUID, invitations: Sequence[UUID], now: datetime) -> int:
    """What is here at once; what is still at the carrier is deleted there next, unheard. How many there were."""
    recordings = session.scalars(
        select(Recording)
        .where(
            Recording.account_id == account_id,
            Recording.phone_survey_id.in_(
                select(PhoneSurvey.id).where(
                    PhoneSurvey.account_id == account_id, PhoneSurvey.invitation_id.in_(invitations)
                )
            ),
        )
        .order_by(Recording.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for recording in recordings:
        recording.keep, recording.is_written = False, True
        if recording.state == RecordingState.KEPT:
            recording.state, recording.audio = RecordingState.DROPPED, None
        elif recording.state == RecordingState.RECORDED and recording.next_move_at is not None:
            recording.next_move_at = now
    return len(recordings)
