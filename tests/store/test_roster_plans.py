"""The roster's statements on a full database: each is served by an index."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from app.db import make_engine, make_sessions
from app.store.direct import WATCHED
from app.store.keyring import Keyring
from app.store.roster import entries_of, find_entry_at
from app.store.standing import Sitting, read_standing
from app.store.unmapped import (
    Group,
    Period,
    calls_of_group,
    hold_calls,
    may_resolve,
    next_agent,
    next_extension,
    touch_invitations,
    unmapped_agents,
)

_FILL = """
insert into account (id, name, brand, timezone, default_language, settings)
    select md5(i::text)::uuid, i, 'b', 'UTC', 'en', '{}' from generate_series(1, 4) i;
insert into roster_entry (account_id, id, source, platform_agent_id, agent_id, valid_from, valid_to)
    select md5((mod(i, 4) + 1)::text)::uuid, gen_random_uuid(), 's' || mod(i, 3), mod(i, 500), 'p' || mod(i, 700),
           timestamptz '2020-01-01 00:00Z' + interval '1 d' * (i / 500),
           timestamptz '2020-01-02 00:00Z' + interval '1 d' * (i / 500)
    from generate_series(1, 30000) i on conflict do nothing;
create temporary table one as select i, gen_random_uuid() as id, md5((mod(i, 4) + 1)::text)::uuid as account_id
    from generate_series(1, 30000) i;
insert into call (account_id, id, source, call_id, direction, started_at, ended_at, ended_on, is_answered, trigger,
                  is_test, ask, tags, attributes, body_hash, platform_agent_id, agent_id)
    select account_id, id, 's' || mod(i, 3), i, 'inbound', now(), now(), date '2026-01-01' + mod(i, 100), true,
           'automatic', false, true, '{}', '{}', '', mod(i, 300),
           case when mod(i, 10) > 2 then 'p' || mod(i, 700) end
    from one;
insert into invitation (account_id, id, call_id, state, skip_reason, questions, language, probability, trigger,
                        decision)
    select account_id, gen_random_uuid(), id, 'skipped', 'ask_false', '[]', 'en', 1, 'automatic', '{}' from one;
analyze;
"""
PERIOD = Period(date(2026, 1, 1), date(2026, 2, 1))


@pytest.fixture
def busy(new_database: Callable[[], str]) -> Iterator[Engine]:
    """On a database with 30,000 calls, 9,000 of them unmapped, and 30,000 entries of a roster."""
    engine = make_engine(new_database(), 1)
    with closing(engine.raw_connection()) as connection:
        connection.cursor().execute(_FILL)
        connection.commit()
    yield engine
    engine.dispose()


def test_accepting_listing_and_resolving_read_no_table_from_end_to_end(
    busy: Engine, keyring: Keyring
) -> None:
    statements: list[tuple[str, Any]] = []

    @event.listens_for(busy, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    busy.update_execution_options(**{WATCHED: True})
    with make_sessions(busy, keyring)() as session:
        _use(session)
    event.remove(busy, "before_cursor_execute", note)
    assert len(statements) >= 10
    with busy.connect() as connection:
        for statement, parameters in statements:
            (plan,) = connection.exec_driver_sql(
                f"explain (format json) {statement}", parameters
            ).scalar_one()
            assert not set(_read_whole(plan["Plan"])) & {"call", "invitation", "roster_entry"}, statement


def _use(session: Session) -> None:
    account_id: UUID = session.scalar(text("select id from account where name = '1'"))
    at = datetime(2020, 1, 20, 12, tzinfo=UTC)
    standing = read_standing(session, account_id, [], Sitting("s1", "4", at))
    assert standing.rostered
    entry, _ = find_entry_at(session, account_id, "s1", "4", at)
    assert entry == standing.entry
    assert entries_of(session, account_id, "s1", "4")
    for source in (None, "s1"):
        assert unmapped_agents(session, account_id, source=source, after=("", ""), limit=20)
    extension = next_extension(
        session, account_id, Group(None, "s1", "1"), source=None, platform_agent_id=None
    )
    assert extension is not None
    assert may_resolve(session, account_id, extension)
    agent = next_agent(session, account_id, "p3")
    assert agent is not None
    for group in (extension, agent):
        rows = calls_of_group(session, account_id, group, period=PERIOD, after=None, limit=100)
        ids = [row.Call.id for row in rows]
        assert len(hold_calls(session, account_id, ids, wait=False)) == len(ids) > 0
        touch_invitations(session, account_id, ids)


def _read_whole(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", []):
        yield from _read_whole(part)
