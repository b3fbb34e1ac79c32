"""Requests to a carrier, many in one statement: begun before they leave, and their plain acceptance recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.ids import new_id
from app.store.claims import Claimed


@dataclass(frozen=True)
class Begun:
    """`seconds_left`: until the message's window closes."""

    attempt_id: UUID
    seconds_left: float


@dataclass(frozen=True)
class Acceptance:
    """A carrier took the message that was claimed, under that id."""

    claimed: Claimed
    attempt_id: UUID
    provider_id: str
    http_status: int | None


# The lease is checked by the database's clock in the statement that commits the attempt: the request that
# follows ends, by its own time-outs, before anybody else may touch the message. So is the window, which may have
# closed since the claim, be it for the night or by an opt-out.
_BEGIN = """
    with ready as materialized (
        select m.account_id, m.id, m.claim_id, m.attempts + 1 as number, m.send_before, g.attempt_id
        from unnest(cast(:account_ids as uuid[]), cast(:message_ids as uuid[]), cast(:claim_ids as uuid[]),
                    cast(:attempt_ids as uuid[])) as g (account_id, message_id, claim_id, attempt_id)
        join message m on m.account_id = g.account_id and m.id = g.message_id and m.claim_id = g.claim_id
        where m.state = 'claimed' and m.lease_until > clock_now() + :request_seconds * interval '1 s'
          and m.send_before > clock_now()
        order by m.account_id, m.id
        for update of m {or_not}
    ), counted as (
        update message m set attempts = r.number
        from ready r where m.account_id = r.account_id and m.id = r.id
    ), written as (
        insert into attempt (account_id, id, message_id, number, claim_id)
        select account_id, attempt_id, id, number, claim_id from ready
    )
    select id, attempt_id, extract(epoch from send_before - clock_now())::float as seconds_left from ready
"""
_BEGIN_WAITING, _BEGIN_PASSING_OVER = (
    text(_BEGIN.format(or_not="")),
    text(_BEGIN.format(or_not="skip locked")),
)

_GIVEN = """
    given as (
        select * from unnest(
            cast(:account_ids as uuid[]), cast(:invitation_ids as uuid[]), cast(:message_ids as uuid[]),
            cast(:claim_ids as uuid[]), cast(:attempt_ids as uuid[]), cast(:provider_ids as text[]),
            cast(:http_statuses as int[]))
            as g (account_id, invitation_id, message_id, claim_id, attempt_id, provider_id, http_status)
    )
"""

# Invitation, then message, as all who lock both; each sorted. What another transaction holds is not waited for: all
# the others would wait with it.
_LOCK = text(
    f"""
    with {_GIVEN}, invited as materialized (
        select g.account_id, g.invitation_id, g.message_id, g.claim_id from given g
        join invitation i on i.account_id = g.account_id and i.id = g.invitation_id
        order by i.account_id, i.id for update of i skip locked
    )
    select m.id from invited g
    join message m on m.account_id = g.account_id and m.id = g.message_id
    where m.state = 'claimed' and m.claim_id = g.claim_id
    order by m.account_id, m.id for update of m skip locked
    """  # noqa: S608 - a constant
)

# A statement after the locks, so that it sees what they waited for: nothing of what it reads can change any more,
# but for an opt-out, which is read as late as this everywhere.
_ACCEPT = text(
    f"""
    with {_GIVEN}, plain as materialized (
        select g.*, m.purpose = 'ask' as asks,
               c.opted_out_at is not null and m.purpose <> 'stopped' as crossed,
               cast(s.definition ->> 'answer_within_seconds' as float) as answer_within
        from given g
        join message m on m.account_id = g.account_id and m.id = g.message_id
        join invitation i on i.account_id = g.account_id and i.id = g.invitation_id
        join contact c on c.account_id = g.account_id and c.id = m.contact_id
        left join survey_version s
            on s.account_id = i.account_id and s.key = i.survey_key and s.version = i.survey_version
        where g.message_id = any(cast(:locked as uuid[]))
          and m.provider_id is null and m.accepted_at is null
          and (m.purpose <> 'ask'
               or i.state = 'scheduled' and i.asked_at is null and s.definition ? 'answer_within_seconds')
          and not exists (select from provider_event e
                          where e.account_id = g.account_id and e.provider_id = g.provider_id
                            and e.kind = 'receipt' and e.applied_at is null)
    ), attempted as (
        update attempt a set ended_at = clock_now(), outcome = 'accepted', http_status = p.http_status,
                             provider_id = p.provider_id
        from plain p where a.account_id = p.account_id and a.id = p.attempt_id
    ), taken as (
        update message m set
            state = 'accepted', provider_id = p.provider_id, accepted_at = clock_now(),
            claim_id = null, lease_until = null, next_look_at = null, ended_at = null,
            error_code = null, detail = null,  -- of a refusal before this one
            crossed_opt_out = m.crossed_opt_out or p.crossed
        from plain p where m.account_id = p.account_id and m.id = p.message_id
    ), asked as (
        update invitation i set
            state = 'asked', asked_at = clock_now(), close_at = clock_now() + p.answer_within * interval '1 s',
            ended_at = null
        from plain p where p.asks and i.account_id = p.account_id and i.id = p.invitation_id
        returning i.account_id, i.id
    ), told as (
        insert into event (account_id, type, subject_id, content)
        select account_id, 'invitation.asked', id, '{{}}' from asked
    )
    select attempt_id, asks from plain
    """  # noqa: S608 - a constant
)


def begin_attempts(
    session: Session, claimed: Sequence[Claimed], request_seconds: float, *, wait: bool
) -> dict[UUID, Begun]:
    """Write down that requests are about to leave, by message.

    Left out is what may not: the claim is no longer ours, too little is left of its lease, or the message's window
    has closed. Without `wait`, so is what another transaction holds at the moment.
    """
    rows = session.execute(
        _BEGIN_WAITING if wait else _BEGIN_PASSING_OVER,
        {
            "account_ids": [one.account_id for one in claimed],
            "message_ids": [one.message_id for one in claimed],
            "claim_ids": [one.claim_id for one in claimed],
            "attempt_ids": [new_id() for _ in claimed],
            "request_seconds": request_seconds,
        },
    )
    return {row.id: Begun(row.attempt_id, row.seconds_left) for row in rows}


def record_acceptances(session: Session, accepted: Sequence[Acceptance]) -> dict[UUID, bool]:
    """Record those that need no thought, all at once: the attempts that are recorded by it, and whether each moved
    its invitation to `asked`.

    Left out is what needs the whole flow: the claim has lapsed, the invitation has moved on, a receipt waits, or
    another transaction holds either.
    """
    values = {
        "account_ids": [one.claimed.account_id for one in accepted],
        "invitation_ids": [one.claimed.invitation_id for one in accepted],
        "message_ids": [one.claimed.message_id for one in accepted],
        "claim_ids": [one.claimed.claim_id for one in accepted],
        "attempt_ids": [one.attempt_id for one in accepted],
        "provider_ids": [one.provider_id for one in accepted],
        "http_statuses": [one.http_status for one in accepted],
    }
    locked = list(session.scalars(_LOCK, values))
    if not locked:
        return {}
    return {row.attempt_id: row.asks for row in session.execute(_ACCEPT, {**values, "locked": locked})}
