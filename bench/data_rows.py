"""The rows of bench/data.py, as SQL for psycopg: what is made of each call, by draws that a seed repeats."""


def _draw(which: int | str) -> str:
    """An even draw from 0 to 1 for call `i`, the same for the same seed."""
    return f"((hashint8extended(i * 32 + {which}, %(seed)s) & 1048575) / 1048576::float8)"


def _id(kind: str) -> str:
    """A UUID of version 7 made of the call's end and number; `kind`: a number of two digits in SQL."""
    stamp = "lpad(to_hex((extract(epoch from ended_at) * 1000)::bigint), 12, '0')"
    return f"({stamp} || '70' || {kind} || '8000' || lpad(to_hex(i), 12, '0'))::uuid"


CONSTANTS = """
create unlogged table bench_constant as
select %(account_id)s::uuid as account_id, %(comment)s::bytea as comment,
       (select sender_id from sender_account where account_id = %(account_id)s order by created_at desc limit 1)
       as sender_id
"""

# most serve one queue, some a second one; a few move to another team in spring
AGENTS = f"""
create unlogged table bench_agent as
select i::int as number, 'agent-' || lpad(i::text, 4, '0') as agent_id, 'Agent ' || i as agent_name,
       'team-' || i %% 40 as team,
       'team-' || case when i %% 20 = 0 then (i + 1) %% 40 else i %% 40 end as later_team,
       'vendor-' || i %% 4 as vendor, 'queue-' || i %% 3 as queue,
       'queue-' || case when i %% 5 = 0 then (i + 1) %% 3 else i %% 3 end as other_queue,
       0.6 + 0.35 * {_draw(1)} as quality
from generate_series(0::bigint, %(agents)s - 1) i
"""  # noqa: S608  # made of this file's own names and numbers, like all below

PAST = f"""
select i, (%(first)s::date + floor(i / %(per_day)s)::int) as day,
       %(first)s::date + interval '1 d' * floor(i / %(per_day)s) + interval '8 h'
         + interval '12 h' * (i / %(per_day)s - floor(i / %(per_day)s)) as ended_at,
       floor({_draw(2)} * %(contacts)s)::int as contact, false as is_waiting
from generate_series(%(low)s::bigint, %(high)s - 1) i
"""  # noqa: S608

NOW = """
select i, clock_now()::date as day, clock_now() - interval '1 s' * (i %% 3600) as ended_at,
       (i - %(calls)s)::int as contact, true as is_waiting
from generate_series(%(calls)s::bigint, %(calls)s + 2 * %(waiting)s - 1) i
"""

# each call with what became of it
ONE = f"""
create temporary table one as
with drawn as (
    select c.*, {_draw(3)} as why, {_draw(4)} as sampled, {_draw(5)} as reached, {_draw(6)} as heard,
           {_draw(7)} as far, {_draw(8)} as talked, {_draw(9)} as queued,
           floor({_draw(10)} * %(agents)s)::int as agent
    from ({{calls}}) c
), decided as (
    select d.*, a.agent_id, a.agent_name, a.vendor, a.quality,
           case when day < '2026-04-01' then a.team else a.later_team end as team,
           case when queued < 0.8 then a.queue else a.other_queue end as queue, b.id as contact_id,
           case when is_waiting then null
                when why < 0.05 then 'not_answered' when why < 0.09 then 'too_short'
                when why < 0.13 then 'asked_recently' when why < 0.14 then 'invalid_phone'
                when why < 0.15 then 'opted_out' when why < 0.155 then 'outside_hours'
                when sampled < 0.2 and a.queue = 'queue-0' then 'sampled_out' end as skip_reason
    from drawn d join bench_agent a on a.number = d.agent join bench_contact b on b.number = d.contact
), sent as (
    select *, case when skip_reason is not null then 'skipped'
                   when is_waiting then case when contact < %(waiting)s then 'scheduled' else 'asked' end
                   when reached < 0.03 then 'failed' when heard >= 0.8 then 'unanswered'
                   when far >= 0.85 then 'partial' else 'finished' end as state
    from decided
)
select *, {_id("'01'")} as call_id, {_id("'02'")} as invitation_id, {_id("'03'")} as message_id,
       {_id("'04'")} as attempt_id, case when queue = 'queue-0' then 0.8 else 1 end as probability,
       case state when 'finished' then 3 when 'partial' then 1 + (far < 0.95)::int else 0 end as answers
from sent
"""  # noqa: S608

_NO_ONE = "case when skip_reason = 'not_answered' then null else"
_CALL = f"""
insert into call (account_id, id, source, call_id, direction, platform_agent_id, agent_id, agent_name, team, vendor,
                  queue, phone_contact_id, started_at, answered_at, ended_at, ended_on, is_answered, talk_seconds,
                  wait_seconds, hold_seconds, wrap_seconds, ended_by, trigger, is_test, ask, tags, attributes,
                  body_hash, received_at)
select account_id, one.call_id, 'pbx', 'call-' || i, 'inbound', {_NO_ONE} agent_id end, {_NO_ONE} agent_id end,
       {_NO_ONE} agent_name end, {_NO_ONE} team end, {_NO_ONE} vendor end, queue, contact_id,
       ended_at - interval '1 s' * floor(30 + 600 * talked), {_NO_ONE} ended_at
       - interval '1 s' * floor(600 * talked) end, ended_at, day, skip_reason is distinct from 'not_answered',
       {_NO_ONE} floor(600 * talked)::int end,
       floor(30 * sampled)::int, {_NO_ONE} floor(20 * why)::int end, {_NO_ONE} floor(90 * far)::int end, 'customer',
       'automatic', false, true, '{{}}', '{{}}', decode(md5(i::text), 'hex'), ended_at
from one cross join bench_constant
"""  # noqa: S608

_INVITATION = """
insert into invitation (account_id, id, call_id, contact_id, sender_id, state, skip_reason, channel, survey_key,
                        survey_version, questions, language, probability, trigger, decision, due_at, not_after,
                        asked_at, delivered_at, delivered_basis, responded_at, completed_at, ended_at, edit_until,
                        close_at, created_at, updated_at)
select account_id, invitation_id, call_id, contact_id, case when skip_reason is null then sender_id end, state,
       skip_reason, case when skip_reason is null then 'sms' end, 'default', 1,
       case when skip_reason is null then '["csat", "ownership", "nps"]'::jsonb else '[]' end, 'en', probability,
       'automatic', '{}', ended_at + interval '3 min', ended_at + interval '18 h',
       case when skip_reason is null and state <> 'scheduled' then ended_at + interval '3 min' end,
       case when state in ('finished', 'partial', 'unanswered', 'asked') then ended_at + interval '4 min' end,
       case when state in ('finished', 'partial', 'unanswered', 'asked')
            then case when talked < 0.1 and answers > 0 then 'assumed' else 'receipt' end end,
       case when answers > 0 then ended_at + interval '9 min' end,
       case when answers = 3 then ended_at + interval '15 min' end,
       case when state not in ('scheduled', 'asked') then ended_at + interval '2 d' end,
       case when answers > 0 then ended_at + interval '1 d' end,
       case when is_waiting and state = 'asked' then ended_at + interval '2 d' end, ended_at, ended_at
from one cross join bench_constant
"""

_MESSAGE = """
insert into message (account_id, id, invitation_id, contact_id, sender_id, purpose, question_key, language,
                     wording_version, body, state, due_at, send_before, not_after, claims, attempts, provider_id,
                     provider_status, accepted_at, delivered_at, ended_at, created_at)
select account_id, message_id, invitation_id, contact_id, sender_id, 'ask', 'csat', 'en', 'en.1',
       'Acme: how satisfied were you with our help today? Reply 1 (not at all) to 5 (very). STOP to opt out.',
       case state when 'scheduled' then 'due' when 'failed' then 'failed' else 'delivered' end,
       ended_at + interval '3 min', ended_at + interval '12 h', ended_at + interval '18 h',
       (state <> 'scheduled')::int, (state <> 'scheduled')::int,
       case when state <> 'scheduled' then 'SM' || replace(message_id::text, '-', '') end,
       case when state <> 'scheduled' then 'delivered' end,
       case when state <> 'scheduled' then ended_at + interval '3 min' end,
       case when state not in ('scheduled', 'failed') then ended_at + interval '4 min' end,
       case when state <> 'scheduled' then ended_at + interval '4 min' end, ended_at
from one cross join bench_constant where skip_reason is null
"""

_ATTEMPT = """
insert into attempt (account_id, id, message_id, number, claim_id, started_at, ended_at, outcome, http_status,
                     provider_id)
select account_id, attempt_id, message_id, 1, attempt_id, ended_at, ended_at, 'accepted', 201,
       'SM' || replace(message_id::text, '-', '')
from one cross join bench_constant where skip_reason is null and state <> 'scheduled' and day > %(recent)s
"""

_RECEIPT = """
insert into provider_event (account_id, id, provider, kind, event_key, provider_id, status, invitation_id,
                            message_id, content, received_at, applied_at)
select account_id, attempt_id, 'twilio', 'receipt', 'SM' || replace(message_id::text, '-', '') || ' delivered',
       'SM' || replace(message_id::text, '-', ''), 'delivered', invitation_id, message_id, null, ended_at, ended_at
from one cross join bench_constant where skip_reason is null and state <> 'scheduled' and day > %(recent)s
"""

_EVENT = """
insert into event (account_id, type, subject_id, content, created_at)
select account_id, 'invitation.' || state, invitation_id, jsonb_build_object('call_id', call_id), ended_at
from one cross join bench_constant where day > %(recent)s
"""

_ANSWER = f"""
insert into answer (account_id, id, invitation_id, question_key, revision, is_current, metric, value, scale,
                    wording_version, channel, answered_at)
select account_id, {_id("(10 + number)::text")}, invitation_id, question, 1, true, question,
       case when question = 'nps'
            then case when luck < quality - 0.1 then 9 + any_of %% 2 when luck < quality + 0.1 then 7 + any_of %% 2
                      else any_of %% 7 end
            else case when luck < 0.7 * quality then 5 when luck < quality then 4 else 1 + any_of %% 3 end end,
       case when question = 'nps' then '0-10' else '1-5' end, 'en.1', 'sms', ended_at + interval '3 min' * number
from (
    select one.*, q.*, {_draw("12 + number")} as luck, ({_draw("16 + number")} * 1000)::int as any_of
    from one cross join (values (1, 'csat'), (2, 'ownership'), (3, 'nps')) q (number, question)
    where number <= answers
) asked
cross join bench_constant
"""  # noqa: S608

_COMMENT = f"""
insert into answer (account_id, id, invitation_id, question_key, revision, is_current, words, wording_version,
                    channel, answered_at)
select account_id, {_id("'19'")}, invitation_id, 'comment', 1, true, comment, 'en.1', 'sms',
       ended_at + interval '15 min'
from one cross join bench_constant where answers = 3 and {_draw(20)} < 0.125
"""  # noqa: S608

ROWS = (_CALL, _INVITATION, _MESSAGE, _ATTEMPT, _RECEIPT, _EVENT, _ANSWER, _COMMENT)

# one in a hundred of what waits is something that has gone wrong
WAITING = (
    """
    update contact c set last_asked_at = ended_at, asked_by_invitation = invitation_id,
           open_invitation = invitation_id
    from one cross join bench_constant k where c.account_id = k.account_id and c.id = contact_id
    """,
    """
    update message m set due_at = clock_now() + interval '1 s' * (contact %% 3600 - 1800),
           send_before = clock_now() + interval '1 h' * case when contact %% 100 = 4 then -1 else 12 end,
           not_after = clock_now() + interval '18 h', provider_id = null,
           state = case contact %% 100 when 0 then 'claimed' when 1 then 'unknown' when 2 then 'in_doubt'
                                       when 3 then 'quarantined' else 'due' end,
           lease_until = case contact %% 100 when 0 then clock_now() - interval '1 min' end,
           claim_id = case contact %% 100 when 0 then message_id end,
           next_look_at = case contact %% 100 when 1 then clock_now() end
    from one cross join bench_constant k
    where m.account_id = k.account_id and m.id = message_id and one.state = 'scheduled'
    """,
    """
    update invitation v set close_at = clock_now() - interval '1 min'
    from one cross join bench_constant k
    where v.account_id = k.account_id and v.id = invitation_id and one.state = 'asked' and contact %% 100 = 0
    """,
)
