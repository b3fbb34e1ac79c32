"""Lists of messages on a full database: each is served by an index, and what is rare costs no more."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, text

from app.db import make_engine, make_sessions
from app.store.audit import audited_of
from app.store.keyring import Keyring
from app.store.message_lists import find_messages

_FILL = """
insert into account (id, name, brand, timezone, default_language, settings)
    select md5(i::text)::uuid, i, 'b', 'UTC', 'en', '{}' from generate_series(1, 4) i;
create temporary table one as
    select i, md5('c' || i)::uuid as id, md5((mod(i, 4) + 1)::text)::uuid as account_id
    from generate_series(1, 40000) i;
insert into contact (account_id, id, lookup, kind, address)
    select distinct account_id, account_id, decode('00', 'hex'), 'phone', decode('00', 'hex') from one;
insert into call (account_id, id, source, call_id, direction, started_at, ended_at, ended_on, is_answered, trigger,
                  is_test, ask, tags, attributes, body_hash)
    select account_id, id, 's', i, 'inbound', now(), now(), now(), true, 'automatic', false, true, '{}', '{}', ''
    from one;
insert into invitation (account_id, id, call_id, state, questions, language, probability, trigger, decision)
    select account_id, id, id, 'finished', '[]', 'en', 1, 'automatic', '{}' from one;
insert into message (account_id, id, invitation_id, contact_id, sender_id, purpose, language, wording_version, body,
                     state, due_at, send_before, not_after)
    select account_id, id, id, account_id, account_id, 'ask', 'en', 'en-1', 'b',
           case when mod(i, 4000) < 2 then 'in_doubt' when mod(i, 400) < 8 then 'failed'
                when mod(i, 2000) = 1000 then 'expired' else 'delivered' end,
           now(), now(), now()
    from one;
insert into audit (account_id, actor, action, detail, subject_id)
    select account_id, 'operator', 'message.closed', '{}', case when mod(i, 3) = 0 then id end from one;
analyze;
"""


@pytest.fixture
def full(new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """40,000 messages of four accounts: 1 in 2,000 in doubt, 1 in 50 failed."""
    monkeypatch.setattr("app.store.message_lists.LOOKED_THROUGH", 500)
    engine = make_engine(new_database(), 1)
    with closing(engine.raw_connection()) as connection:
        connection.cursor().execute(_FILL)
        connection.commit()
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("states", "index"),
    [
        (["in_doubt", "quarantined"], "ix_message_attention"),
        (["in_doubt"], "ix_message_attention"),
        (["failed"], "ix_message_failed"),
        (["expired"], "pk_message"),
    ],
)
@pytest.mark.parametrize("further", [False, True])
def test_messages_of_a_state_are_found_by_an_index(
    full: Engine, keyring: Keyring, states: list[str], index: str, further: bool
) -> None:
    with full.connect() as connection:
        account_id = connection.scalar(text("select id from account where name = '1'"))
    before = UUID(int=2**127) if further else None
    statements: list[tuple[str, Any]] = []

    @event.listens_for(full, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    with make_sessions(full, keyring)() as session:
        found = find_messages(session, account_id, states, before=before, limit=100)
        assert found.rows or states == ["expired"]
        assert audited_of(session, account_id, [row.Message.id for row in found.rows]) is not None
    event.remove(full, "before_cursor_execute", note)
    plans = [_plan(full, *statement) for statement in statements]
    assert index in plans[0]
    assert all("Seq Scan" not in plan for plan in plans), plans
    assert "ix_audit_subject" in plans[-1]


def _plan(engine: Engine, statement: str, parameters: Any) -> str:
    with engine.connect() as connection:
        return "\n".join(connection.exec_driver_sql(f"explain {statement}", parameters).scalars())
