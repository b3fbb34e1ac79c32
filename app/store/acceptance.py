"""The one statement that accepts a call and decides on its survey."""

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.survey_caps import MOST_ASKS
from app.store.calls import Call
from app.store.contacts import give_back
from app.store.direct import Direct, together
from app.store.standing import Point


class Accepted(NamedTuple):
    """What the writing statement decided."""

    state: str
    skip_reason: str | None


_LATER = ("received_at", "forgotten_at")
_COLUMNS = ", ".join(column.name for column in Call.__table__.columns if column.name not in _LATER)

# FREE of ../docs/decisions.md: the write decides, on the locked row; a read before it would see an old snapshot
_FREE = """(:contest and c.opted_out_at is null and c.suppressed_at is null and c.consent_withdrawn_at is null
            and c.open_invitation is null
            and coalesce(c.last_asked_at <= clock_now() - :cooldown * interval '1 s', true)
            and coalesce(c.recent_asks[cast(:most_asks as int)]
                         <= clock_now() - :asks_within * interval '1 s', true))"""

# What is written comes as three documents. As parameters, sixty values cost more than the writing itself, and each
# mixture of those left out was, by its types, another statement to be planned.
_ACCEPT = f"""
with new_call as (
    insert into call ({_COLUMNS})
    select {_COLUMNS} from jsonb_populate_record(null::call, cast(:call as jsonb))
    on conflict on constraint uq_call_account_id_source_call_id do nothing
    returning account_id, id, agent_id, ended_on, is_test, trigger
), {{handled}} plan as (
    select * from jsonb_to_record(cast(:plan as jsonb)) as (
        message_id uuid, channel text, contact_id uuid, sender_id uuid, skip_reason text, survey_key text,
        survey_version int,
        questions jsonb, wording_language text, wording_version text, probability float8, decision jsonb,
        question_key text, body text, token_hash bytea, due_at timestamptz, send_before timestamptz,
        not_after timestamptz, counted_on date, counted jsonb)
), asked as (
    insert into contact as c (account_id, id, lookup, kind, address, customer_ref,
                              last_asked_at, recent_asks, asked_by_invitation, open_invitation)
    select n.account_id, p.id, p.lookup, p.kind, p.address, p.customer_ref,
           case when :contest then clock_now() end,
           case when :contest then array[clock_now()] end,
           case when :contest then cast(:invitation_id as uuid) end,
           case when :contest then cast(:invitation_id as uuid) end
    from new_call n
    cross join jsonb_to_recordset(cast(:points as jsonb))
        as p (id uuid, lookup bytea, kind text, address bytea, customer_ref text)
    order by p.kind desc, p.id  -- the phone first, the customer last: see contacts
    on conflict on constraint pk_contact do update set
        last_asked_at = case when {_FREE} then excluded.last_asked_at else c.last_asked_at end,
        recent_asks = case when {_FREE} then (excluded.recent_asks || c.recent_asks)[1:{MOST_ASKS}]
                           else c.recent_asks end,
        asked_by_invitation =
            case when {_FREE} then excluded.asked_by_invitation else c.asked_by_invitation end,
        open_invitation = case when {_FREE} then excluded.open_invitation else c.open_invitation end,
        customer_ref = coalesce(excluded.customer_ref, c.customer_ref),
        -- of somebody who was forgotten and calls again; after a no there is nothing to send to it
        address = case when c.address = '' and c.opted_out_at is null and c.suppressed_at is null
                       then excluded.address else c.address end
    returning opted_out_at, suppressed_at, consent_withdrawn_at, open_invitation, last_asked_at,
              asked_by_invitation is not distinct from cast(:invitation_id as uuid) as won
), verdict as (
    select :contest and coalesce(bool_and(won), false) as won,
           :contest and coalesce(bool_or(won) and not bool_and(won), false) as split,
           case when not :contest then (select skip_reason from plan)
                when bool_or(opted_out_at is not null) then 'opted_out'
                when bool_or(suppressed_at is not null) then 'suppressed'
                when bool_or(consent_withdrawn_at is not null) then 'no_consent'
                when bool_or(open_invitation is not null
                             and open_invitation <> cast(:invitation_id as uuid)) then 'survey_open'
                when bool_or(not won and last_asked_at > clock_now() - :cooldown * interval '1 s')
                    then 'asked_recently'
                else 'customer_cap' end as reason
    from asked
), invited as (
    insert into invitation (account_id, id, call_id, contact_id, sender_id, state, skip_reason, channel,
                            survey_key, survey_version, questions, language, probability, trigger, decision,
                            due_at, not_after)
    select n.account_id, :invitation_id, n.id, p.contact_id, p.sender_id,
           case when v.won then 'scheduled' else 'skipped' end, case when v.won then null else v.reason end,
           case when v.won then p.channel end, p.survey_key, p.survey_version,
           p.questions, p.wording_language, p.probability, n.trigger, p.decision,
           case when v.won then p.due_at end, case when v.won then p.not_after end
    from new_call n cross join plan p cross join verdict v
    returning account_id, id, call_id, state, skip_reason
), first as (
    insert into message (account_id, id, invitation_id, contact_id, sender_id, purpose, question_key, language,
                         wording_version, body, token_hash, state, due_at, send_before, not_after)
    select i.account_id, p.message_id, i.id, p.contact_id, p.sender_id, 'ask', p.question_key,
           p.wording_language, p.wording_version, p.body, p.token_hash, 'due', p.due_at, p.send_before, p.not_after
    from invited i cross join plan p where i.state = 'scheduled' and p.body is not null
), counted as (
    -- for accounts with daily caps alone; in the order of the plan
    insert into sending_day as d (account_id, day, range, n)
    select i.account_id, p.counted_on, r.range, 1
    from invited i cross join plan p
    cross join jsonb_array_elements_text(p.counted) with ordinality as r (range, place)
    where i.state = 'scheduled'
    order by r.place
    on conflict on constraint pk_sending_day do update set n = d.n + 1
), stale as (
    insert into stale_cell (account_id, agent_id, day)
    select account_id, coalesce(agent_id, ''), ended_on from new_call where not is_test
), told as (
    insert into event (account_id, type, subject_id, content)
    select account_id, 'invitation.' || state, id,
           jsonb_build_object('call_id', call_id, 'reason', skip_reason)
    from invited
)
select i.state, i.skip_reason, v.split from invited i cross join verdict v
"""  # noqa: S608  # made of this file's own names, no value is pasted in
_HANDLED = """handled as (
    insert into call_handler (account_id, call_id, position, platform_agent_id, agent_name, team, vendor, queue,
                              started_at, ended_at, talk_seconds, chosen, counts)
    select n.account_id, n.id, h.position, h.platform_agent_id, h.agent_name, h.team, h.vendor, h.queue,
           h.started_at, h.ended_at, h.talk_seconds, h.chosen, h.counts
    from new_call n cross join jsonb_populate_recordset(null::call_handler, cast(:handlers as jsonb)) h
),"""
ACCEPT = Direct(text(_ACCEPT.replace("{handled}", "")))
# a statement of its own: the calls that one agent alone had, nearly all, pay nothing for the others
ACCEPT_HANDLED = Direct(text(_ACCEPT.replace("{handled}", _HANDLED)))


def accept_call(
    session: Session,
    call: dict[str, Any],
    points: tuple[Point, ...],
    plan: dict[str, Any],
    handlers: Sequence[dict[str, Any]] = (),
) -> Accepted | None:
    """Write the call, its handlers, its customer's contacts, its invitation and its first message, if any: all or
    nothing.

    `call`: the columns of Call; `plan`: the columns of the invitation and its message, and `contest`: whether to
    ask if the customer is free: not asked for `cooldown` seconds, nor `most_asks` times (None: any number) within
    `asks_within` seconds. None: this (source, call id) is known already and nothing was touched.

    One statement; only a customer with several contacts may need a second, and then both are one transaction.
    """
    values = {
        "call": _document(call),
        "plan": _document(plan),
        "points": _document(points),
        "invitation_id": plan["invitation_id"],
        "contest": plan["contest"],
        "cooldown": plan["cooldown"],
        "most_asks": plan["most_asks"],
        "asks_within": plan["asks_within"],
    }
    accept = ACCEPT
    if handlers:
        accept, values = ACCEPT_HANDLED, {**values, "handlers": _document(handlers)}
    with together(session) if len(points) > 1 else nullcontext():
        rows = accept.rows(session, values)
        if not rows:
            return None
        ((state, skip_reason, split),) = rows
        if split:
            # one contact was taken by another call in this very moment: give the others back
            give_back(session, call["account_id"], plan["invitation_id"])
    return Accepted(state, skip_reason)


def _document(value: object) -> str:
    return orjson.dumps(value, default=_hexadecimal).decode()


def _hexadecimal(value: object) -> str:
    """How bytea is written."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(f"{type(value).__name__} has no place in a document")
