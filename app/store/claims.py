"""Which messages go out now: claimed under a lease, paced per sender, and never after an opt-out's commit."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.ids import new_id
from app.store.accounts import EVERY_ACCOUNT
from app.store.durability import commit_with_the_next
from app.tally import happened


@dataclass(frozen=True)
class Claimed:
    """A message that is ours to send until its lease ends."""

    account_id: UUID
    message_id: UUID
    invitation_id: UUID
    contact_id: UUID
    sender_id: UUID
    claim_id: UUID
    purpose: str
    body: str
    token_hash: bytes | None
    send_before: datetime
    address: bytes  # the contact's, sealed
    capped: bool  # its account has limits: see sending_permits


@dataclass(frozen=True)
class MessageRef:
    account_id: UUID
    message_id: UUID
    invitation_id: UUID


# Of message m and its contact c. To whom the account's own list holds nothing goes at all; to who has said no, the
# one word that confirms it.
MAY_GO = """(c.suppressed_at is null
    and (m.purpose = 'stopped' or (c.opted_out_at is null and c.consent_withdrawn_at is null)))"""

# of an account's settings: whether where or how much goes out is limited
CAPPED = "x.settings ?| array['countries', 'daily_cap', 'daily_cap_per_range'] as capped"

# of message m, its contact's p.address and its account's p.capped: the fields of Claimed
CLAIMED = """
    m.account_id, m.id as message_id, m.invitation_id, m.contact_id, m.sender_id, m.claim_id, m.purpose, m.body,
    m.token_hash, m.send_before, p.address, p.capped
"""

# Pacing is a generic cell rate: `tat` is when the sender's allowance was last used up. Intervals are cut to the
# microsecond: without its thousandth, a third of a second at three a second would never be room for one. The
# sender's row is the mutex of its claims. FOR SHARE ... SKIP LOCKED on the contact: no claim commits after an
# opt-out's commit, and none waits for one. Sharers come in random order: a slow sender has room for one text at a
# time, and a fixed order would give it to the same account for as long as that one has something to send. Whether
# it has is looked up in order, here and below: a plain "exists", with thousands due, becomes a reading of the
# whole table, since the planner takes the first of so many to be near.
# least(): of windows in the future there are next to none among millions of messages, so by send_before alone the
# planner counts on one row, and sorts a whole backlog in place of reading its head (0.5 s of 20,000 that are due).
# What was lost twice with its worker (claims >= 2) is claimed by itself: app/store/suspects.py.
_CLAIM = text(
    f"""
    with s as materialized (
        select id, per_second,
               greatest(next_free_at, clock_now() - interval '1 s' * burst / per_second) as tat
        from sender where account_id = :owner_id and id = :sender_id and is_active
        for update skip locked
    ), room as materialized (
        select greatest(0, least(:free, floor(extract(epoch from clock_now() - tat) * per_second + 0.001)))::int
               as n
        from s
    ), sharer as materialized (
        select a.account_id, {CAPPED} from sender_account a
        join account x on x.id = a.account_id
        cross join lateral (
            select from message m
            where m.sender_id = a.sender_id and m.account_id = a.account_id
              and m.state = 'due' and m.due_at <= clock_now() and m.claims < 2
            order by m.due_at limit 1) waiting
        where a.sender_id = :sender_id
          and not exists (select from sending_pause p where p.scope in (:every_account, a.account_id::text))
        order by random()
    ), fair as materialized (
        select ceil(n::numeric / greatest(1, (select count(*) from sharer)))::int as n from room
    ), picked as materialized (
        select p.account_id, p.id, p.address, a.capped from sharer a
        cross join lateral (
            select m.account_id, m.id, c.address from message m
            join contact c on c.account_id = m.account_id and c.id = m.contact_id
            where m.sender_id = :sender_id and m.account_id = a.account_id
              and m.state = 'due' and m.due_at <= clock_now() and m.claims < 2
              and least(m.send_before, m.not_after) > clock_now()
              and {MAY_GO}
              and exists (select from s)
            order by m.due_at
            limit (select n from fair)
            for update of m skip locked for share of c skip locked
        ) p
        limit (select n from room)
    ), claimed as (
        update message m
        set state = 'claimed', claim_id = :claim_id, claims = claims + 1,
            lease_until = clock_now() + :lease_seconds * interval '1 s'
        from picked p where m.account_id = p.account_id and m.id = p.id
        returning {CLAIMED}
    ), paced as (
        update sender x
        set next_free_at = s.tat + interval '1 s' * (select count(*) from claimed) / s.per_second
        from s where x.account_id = :owner_id and x.id = s.id and exists (select from claimed)
    )
    select * from claimed
    """  # noqa: S608 - a constant
)

# The one that was served longest ago, for its pace, comes first. What the claim would refuse is no work: a drain
# would ask for it over and over.
_SENDERS_WITH_WORK = text(
    f"""
    select s.account_id as owner_id, s.id from sender s
    where s.is_active and exists (
        select from sender_account a
        cross join lateral (
            select from message m
            join contact c on c.account_id = m.account_id and c.id = m.contact_id
            where m.sender_id = a.sender_id and m.account_id = a.account_id and m.state = 'due'
              and m.due_at <= clock_now() and least(m.send_before, m.not_after) > clock_now() and m.claims < 2
              and {MAY_GO}
            order by m.due_at limit 1) waiting
        where a.sender_id = s.id
          and not exists (select from sending_pause p where p.scope in (:every_account, a.account_id::text)))
    order by s.next_free_at
    """  # noqa: S608 - a constant
)

_NEXT_DUE = text(
    """
    select extract(epoch from min(next.due_at) - clock_now()) from sender_account a
    cross join lateral (
        select m.due_at from message m
        where m.sender_id = a.sender_id and m.account_id = a.account_id and m.state = 'due'
          and m.due_at > clock_now() order by m.due_at limit 1) next
    """
)

_GIVE_BACK = text(
    """
    update message set state = 'due', claim_id = null, lease_until = null, claims = claims - 1,
        due_at = greatest(due_at, clock_now() + :wait_seconds * interval '1 s')
    where account_id = :account_id and id = :message_id and claim_id = :claim_id and state = 'claimed'
    """
)

_LAPSED = text(
    """
    select account_id, id, invitation_id from message
    where state = 'claimed' and lease_until < clock_now()
    order by lease_until limit :most
    """
)

# Materialized: as a plain subquery the planner may run it once for each row it is joined to, and each time it takes
# another one.
_TAKE_UNKNOWN = text(
    """
    with due as materialized (
        select account_id, id from message
        where state = 'unknown' and next_look_at <= clock_now()
        order by next_look_at limit 1 for update skip locked
    )
    update message m set next_look_at = clock_now() + :hold_seconds * interval '1 s'
    from due
    where m.account_id = due.account_id and m.id = due.id
    returning m.account_id, m.id, m.invitation_id
    """
)

_OVERDUE = text(
    """
    select m.account_id, m.id, m.invitation_id from message m
    where m.state = 'due' and m.send_before <= clock_now()
    union all
    select m.account_id, m.id, m.invitation_id from message m
    where m.state = 'quarantined' and m.not_after <= clock_now()
    limit :most
    """
)

# never with a request behind it of which nothing is known: that one is looked up, whatever else is wrong
_SET_ASIDE = text(
    """
    update message m set state = 'quarantined', claim_id = null, lease_until = null
    where m.account_id = :account_id and m.id = :message_id and m.state in ('due', 'claimed')
      and not exists (select from attempt a
                      where a.account_id = m.account_id and a.message_id = m.id and a.outcome is null)
    """
)


def senders_with_work(session: Session) -> list[tuple[UUID, UUID]]:
    """(owner, sender) with something that may go out now, in the order in which they are to be served."""
    rows = session.execute(_SENDERS_WITH_WORK, {"every_account": EVERY_ACCOUNT})
    return [(row.owner_id, row.id) for row in rows]


def claim_messages(
    session: Session, owner_id: UUID, sender_id: UUID, *, free: int, lease_seconds: float
) -> list[Claimed]:
    """Claim at most `free` messages of a sender. Empty does not mean that nothing is due: the sender may be
    locked by another claim or out of allowance, a contact locked by an opt-out."""
    rows = session.execute(
        _CLAIM,
        {
            "owner_id": owner_id,
            "sender_id": sender_id,
            "free": free,
            "claim_id": new_id(),
            "lease_seconds": lease_seconds,
            "every_account": EVERY_ACCOUNT,
        },
    )
    return [Claimed(**row._mapping) for row in rows]


def claim_due(session: Session, *, free: int, lease_seconds: float) -> list[Claimed]:
    """Claim at most `free` messages, whoever sends them; the sender served longest ago comes first.

    Nothing leaves under a claim before its attempt is committed, and that commit waits for both.
    """
    claimed: list[Claimed] = []
    senders = senders_with_work(session)
    if senders:
        commit_with_the_next(session)
    for owner_id, sender_id in senders:
        claimed += claim_messages(
            session, owner_id, sender_id, free=free - len(claimed), lease_seconds=lease_seconds
        )
        if len(claimed) == free:
            break
    happened(session, "claims", times=len(claimed))
    return claimed


def seconds_to_next_due(session: Session) -> float | None:
    """How long until the next message that is not due yet; None when there is none."""
    seconds = session.scalar(_NEXT_DUE)
    return None if seconds is None else float(seconds)


def give_back(session: Session, claimed: Claimed, *, wait_seconds: float = 0) -> None:
    """Nothing was sent under this claim: due again, after `wait_seconds`, and the claim doesn't count."""
    session.execute(
        _GIVE_BACK,
        {
            "account_id": claimed.account_id,
            "message_id": claimed.message_id,
            "claim_id": claimed.claim_id,
            "wait_seconds": wait_seconds,
        },
    )


def lapsed_claims(session: Session, most: int) -> list[MessageRef]:
    """Claims whose worker is gone."""
    return [MessageRef(*row) for row in session.execute(_LAPSED, {"most": most})]


def overdue_messages(session: Session, most: int) -> list[MessageRef]:
    """Messages whose window closed before they could go."""
    return [MessageRef(*row) for row in session.execute(_OVERDUE, {"most": most})]


def take_unknown(session: Session, hold_seconds: float) -> MessageRef | None:
    """The message of unknown fate whose look-up is longest due, put off for so long that one worker asks."""
    row = session.execute(_TAKE_UNKNOWN, {"hold_seconds": hold_seconds}).first()
    return None if row is None else MessageRef(*row)


def set_aside(session: Session, ref: MessageRef) -> None:
    """Quarantine a message that nothing can be done with, until an operator looks or its time is over."""
    session.execute(_SET_ASIDE, {"account_id": ref.account_id, "message_id": ref.message_id})
