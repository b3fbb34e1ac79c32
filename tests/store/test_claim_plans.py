"""The statements of the sending side on a full database."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Engine, event

from app.db import make_engine, make_sessions
from app.store.attempts import Acceptance, begin_attempts, record_acceptances
from app.store.claims import (
    MessageRef,
    give_back,
    lapsed_claims,
    overdue_messages,
    seconds_to_next_due,
    senders_with_work,
    set_aside,
    take_unknown,
)
from app.store.doubts import put_off_doubts, take_doubt
from app.store.keyring import Keyring
from app.store.messages import cancel_due_messages
from app.store.suspects import claim_suspect
from tests.store.claiming import claim

_FILL = """
insert into account (id, name, brand, timezone, default_language, settings)
    select md5(i::text)::uuid, i, 'b', 'UTC', 'en', '{}' from generate_series(1, 5) i;
insert into sender (account_id, id, channel, provider, provider_account, credentials, per_second, burst, is_active,
                    next_free_at)
    select id, id, 'sms', 'twilio', 'AC', '', 100, 20, true, now() - interval '1 h' from account;
insert into survey_version (account_id, key, version, definition)
    select id, 'main', 1, '{"answer_within_seconds": 60}' from account;
insert into sender_account (account_id, sender_id, owner_id) select id, id, id from account;
create temporary table one as select i, md5(i::text)::uuid as id, md5((mod(i, 5) + 1)::text)::uuid as account_id
    from generate_series(1, 20000) i;
insert into call (account_id, id, source, call_id, direction, started_at, ended_at, ended_on, is_answered, trigger,
                  is_test, ask, tags, attributes, body_hash)
    select account_id, id, '', i, 'inbound', now(), now(), now(), true, 'automatic', false, true, '{}', '{}', ''
    from one;
insert into contact (account_id, id, lookup, kind, address)
    select account_id, id, uuid_send(id), 'phone', '' from one;
insert into invitation (account_id, id, call_id, contact_id, sender_id, state, survey_key, survey_version,
                        questions, language, probability, trigger, decision)
    select account_id, id, id, id, account_id, 'scheduled', 'main', 1, '[]', 'en', 1, 'automatic', '{}' from one;
insert into message (account_id, id, invitation_id, contact_id, sender_id, purpose, language, wording_version, body,
                     state, due_at, send_before, not_after, lease_until, next_look_at)
    select account_id, id, id, id, account_id, 'ask', 'en', '1', '',
           case when mod(i, 100) < 30 then 'due' when mod(i, 1000) < 33 then 'claimed'
                when mod(i, 1000) = 50 then 'unknown' when mod(i, 2000) = 60 then 'in_doubt'
                else 'delivered' end,
           now() + interval '1 min' * (mod(i, 3000) - 20), now() + interval '1 d', now() + interval '1 d',
           now(), now()
    from one;
update message set ended_at = now() where state = 'in_doubt';
insert into attempt (account_id, id, message_id, number, claim_id, outcome)
    select account_id, id, id, 0, id, 'accepted' from one;
analyze;
"""


@pytest.fixture
def busy(new_database: Callable[[], str]) -> Iterator[Engine]:
    """On a database with 20,000 messages, 6,000 of them due."""
    engine = make_engine(new_database(), 1)
    with closing(engine.raw_connection()) as connection:
        connection.cursor().execute(_FILL)
        connection.commit()
    yield engine
    engine.dispose()


def test_the_sending_side_reads_no_table_from_end_to_end(busy: Engine, keyring: Keyring) -> None:
    statements: list[tuple[str, Any]] = []

    @event.listens_for(busy, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    with make_sessions(busy, keyring)() as session:
        sender = senders_with_work(session)[0]
        claimed = claim(session, sender, free=20)
        assert len(claimed) == 20
        begun = begin_attempts(session, claimed[4:], 1, wait=False)
        accepted = [
            Acceptance(one, begun[one.message_id].attempt_id, f"SM{one.message_id.hex}", 201)
            for one in claimed[4:]
        ]
        assert len(record_acceptances(session, accepted)) == 16
        give_back(session, claimed[1])
        assert seconds_to_next_due(session)
        assert len(lapsed_claims(session, 200)) == 60
        assert overdue_messages(session, 200) == []
        assert take_unknown(session, 60)
        assert claim_suspect(session, 60) is None
        doubt = take_doubt(session, 60)
        assert doubt
        put_off_doubts(session, doubt, 60)
        cancel_due_messages(session, claimed[2].account_id, claimed[2].contact_id, "opted out")
        set_aside(session, MessageRef(claimed[3].account_id, claimed[3].message_id, claimed[3].invitation_id))
    event.remove(busy, "before_cursor_execute", note)
    with busy.connect() as connection:
        for statement, parameters in statements:
            (plan,) = connection.exec_driver_sql(
                f"explain (format json) {statement}", parameters
            ).scalar_one()
            read_whole = set(_read_whole(plan["Plan"]))
            assert not read_whole & {"message", "attempt", "contact", "invitation"}, statement


def _read_whole(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", []):
        yield from _read_whole(part)
