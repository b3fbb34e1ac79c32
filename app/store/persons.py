"""A person: all contacts that are known to be one customer's, held together until the transaction ends."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.domain.customer_ref import known_ref
from app.log import get_logger
from app.store.contacts import CUSTOMER, Contact, contact_lookups, find_contact
from app.store.invitations import lock_invitation

log = get_logger(__name__)

# Somebody has a few telephones and mails. A ref behind more than these is no person's but a desk's or a mistake,
# and nobody's word is everybody's.
MOST_ADDRESSES = 50
# a call of theirs may come in between, seldom twice
_TRIES = 3

_REFS = text(
    """
    select customer_ref from contact
    where account_id = :account_id and id = any(:contacts) and customer_ref is not null
    union
    select k.customer_ref from contact c
    join invitation i on i.account_id = c.account_id and i.id = c.open_invitation
    join call k on k.account_id = i.account_id and k.id = i.call_id
    where c.account_id = :account_id and c.id = any(:contacts) and k.customer_ref is not null
    """
)

_LOCK = text(
    """
    select id, open_invitation from contact where account_id = :account_id and id = any(:contacts)
    order by kind desc, id for no key update
    """
)

# said of a customer who has not called since there are persons
_ADD_CUSTOMER = text(
    """
    insert into contact as c (account_id, id, lookup, kind, address)
    values (:account_id, :id, :lookup, :kind, '')
    on conflict on constraint pk_contact do update set lookup = c.lookup returning c.open_invitation
    """
)

_TAKE_NO = text(
    """
    update contact set
        opted_out_through = case when id = :said_by then null when opted_out_at is null then cast(:said_by as uuid)
                                 else opted_out_through end,
        opted_out_at = coalesce(opted_out_at, :now)
    where account_id = :account_id and id = any(:contacts) and (opted_out_at is null or id = :said_by)
    returning id, opted_out_at = :now as is_news
    """
)

_TAKE_BACK_NO = text(
    """
    update contact set opted_out_at = null, opted_out_through = null
    where account_id = :account_id and id = any(:contacts) and opted_out_at is not null
      and (id = :said_by or kind = 'customer' or opted_out_through is not null)
    returning id
    """
)


@dataclass(frozen=True)
class Person:
    """Ids: addresses and, last, who has them; the surveys of theirs that are open."""

    contacts: tuple[UUID, ...]
    open_surveys: tuple[UUID, ...] = ()


class _Found(NamedTuple):
    addresses: frozenset[UUID]
    customers: dict[UUID, bytes]  # id -> lookup, also of one that is not stored yet


def hold_person(
    session: Session,
    account_id: UUID,
    contacts: Collection[UUID],
    *,
    refs: Iterable[str | None] | None = None,
    surveys: bool = True,
) -> Person:
    """Lock all contacts of whoever has these, and the surveys of theirs that are open, unless `surveys` is false.

    `refs`: who that is; None: whose the addresses were when somebody last said so, and whose their open surveys
    are. Surveys before contacts, phones before mails before customers, each sorted, as everybody: nobody waits in a
    circle. A call that comes in between may bring an address or a survey more: then all is let go and held anew,
    since by then it could only be locked in another order. A call that comes later waits for the customer, and
    finds what was said.
    """
    for last in [False] * (_TRIES - 1) + [True]:
        attempt = session.begin_nested()
        found = _find(session, account_id, contacts, refs)
        open_surveys = _open_surveys(session, account_id, found) if surveys else []
        for invitation_id in open_surveys:
            lock_invitation(session, account_id, invitation_id)
        begun = _lock(session, account_id, found)
        if last or (
            (not surveys or begun <= set(open_surveys))
            and _find(session, account_id, contacts, refs) == found
        ):
            attempt.commit()
            return Person((*sorted(found.addresses), *sorted(found.customers)), tuple(open_surveys))
        attempt.rollback()
    raise AssertionError("the last try is taken as it is")


def _find(
    session: Session, account_id: UUID, contacts: Collection[UUID], refs: Iterable[str | None] | None
) -> _Found:
    if refs is None:
        refs = session.scalars(_REFS, {"account_id": account_id, "contacts": list(contacts)})
    addresses, customers = set(contacts), dict[UUID, bytes]()
    for ref in sorted({one for one in map(known_ref, refs) if one}):
        linked = session.scalars(
            select(Contact.id)
            .where(Contact.account_id == account_id, Contact.customer_ref == ref)
            .limit(MOST_ADDRESSES + 1)
        ).all()
        if len(linked) > MOST_ADDRESSES:
            log.warning("a customer's ref is no person's: too many addresses", account_id=str(account_id))
            continue
        addresses.update(linked)
        known = find_contact(session, account_id, CUSTOMER, ref)
        lookup = known.lookup if known else contact_lookups(session, account_id, CUSTOMER, ref)[0]
        customers[known.id if known else UUID(bytes=lookup)] = lookup
    return _Found(frozenset(addresses - customers.keys()), customers)


def _open_surveys(session: Session, account_id: UUID, found: _Found) -> list[UUID]:
    ids = found.addresses | found.customers.keys()
    rows = session.scalars(
        select(Contact.open_invitation).where(
            Contact.account_id == account_id, Contact.id.in_(ids), Contact.open_invitation.is_not(None)
        )
    )
    return sorted({one for one in rows if one is not None})


def _lock(session: Session, account_id: UUID, found: _Found) -> set[UUID]:
    """The surveys that are open now that nobody else can begin one."""
    rows = session.execute(_LOCK, {"account_id": account_id, "contacts": list(found.addresses)}).all()
    begun = {row.open_invitation for row in rows}
    for contact_id, lookup in sorted(found.customers.items()):
        values = {"account_id": account_id, "id": contact_id, "lookup": lookup, "kind": CUSTOMER}
        begun.add(session.scalar(_ADD_CUSTOMER, values))
    return {one for one in begun if one is not None}


def take_no(
    session: Session, account_id: UUID, person: Person, said_by: UUID | None, now: datetime
) -> list[UUID]:
    """The no of a person who is held, for each of their contacts; those that had none. `said_by`: the contact by
    which they said it; of all others it is remembered that they did not say it themselves."""
    values = {"account_id": account_id, "contacts": list(person.contacts), "said_by": said_by, "now": now}
    return [row.id for row in session.execute(_TAKE_NO, values) if row.is_news]


def take_back_no(session: Session, account_id: UUID, person: Person, said_by: UUID) -> list[UUID]:
    """Of that contact, of the person, and of what had it by another contact alone; what said no itself keeps it.
    Those that are free of it now."""
    values = {"account_id": account_id, "contacts": list(person.contacts), "said_by": said_by}
    return list(session.scalars(_TAKE_BACK_NO, values))
