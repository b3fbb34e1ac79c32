"""Whatever is hot is found by an index."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, sessionmaker

from app.db import make_engine, make_sessions
from app.domain.call import CallEnd
from app.flow.asking import read_asking
from app.flow.read_responses import read_responses, read_verbatims
from app.flow.read_results import read_results
from app.flow.receive_call import receive_call
from app.flow.roll_up import roll_up
from app.flow.survey_page import open_page
from app.flow.tidy import tidy
from app.store.contacts import release_cooldown
from app.store.facts import mark_stale
from app.store.invitations import newest_invitation
from app.store.keyring import Keyring

# --- enough rows for reading them all to be a mistake

ACCOUNT, OTHER = UUID(int=1), UUID(int=2)
CALLS = 2_000
# a page of fifty with its calls and answers, an agent's two months: whatever reads more, reads what it needn't
MOST_ROWS = 400

# Of two calls one is asked, of four one answered, of twenty one had no agent; forty agents, sixty days.
_FILL = """
insert into account (id, name, brand, timezone, default_language, settings)
    values (%(a)s, %(a)s, 'Acme', 'UTC', 'en', '{}');
insert into survey_version (account_id, key, version, definition)
    values (%(a)s, 'default', 1, '{"send_hours": "any"}');
insert into contact (account_id, id, lookup, kind, address)
    select %(a)s, md5('c' || g)::uuid, uuid_send(md5('c' || g)::uuid), 'phone', ''
    from generate_series(1, %(n)s) g;
insert into call (account_id, id, source, call_id, direction, agent_id, team, queue, phone_contact_id, started_at,
                  ended_at, ended_on, is_answered, talk_seconds, trigger, is_test, ask, tags, attributes, body_hash)
    select %(a)s, md5('k' || g)::uuid, 'generic', g, 'inbound', case when g %% 20 > 0 then 'a' || g %% 40 end, 't',
           'q', md5('c' || g)::uuid, t, t, t::date, true, 90, 'automatic', false, true, '{}', '{}', ''
    from generate_series(1, %(n)s) g, lateral (select now() - g * interval '60 days' / %(n)s) x (t);
insert into invitation (account_id, id, call_id, contact_id, sender_id, state, skip_reason, channel, survey_key,
                        survey_version, questions, language, probability, trigger, decision, asked_at,
                        delivered_at, delivered_basis, responded_at)
    select %(a)s, md5('i' || g)::uuid, md5('k' || g)::uuid, md5('c' || g)::uuid, %(a)s,
           case when g %% 2 = 1 then 'started' else 'skipped' end, case when g %% 2 = 0 then 'too_old' end, 'sms',
           'default', 1, '["csat"]', 'en', 1, 'automatic', '{}', case when g %% 2 = 1 then now() end,
           case when g %% 2 = 1 then now() end, case when g %% 2 = 1 then 'receipt' end,
           case when g %% 4 = 1 then now() end
    from generate_series(1, %(n)s) g;
insert into message (account_id, id, invitation_id, contact_id, sender_id, purpose, language, wording_version, body,
                     token_hash, state, due_at, send_before, not_after, attempts)
    select %(a)s, md5('m' || g)::uuid, md5('i' || g)::uuid, md5('c' || g)::uuid, %(a)s, 'ask', 'en', '1', '',
           uuid_send(md5(%(a)s::text || g)::uuid), 'delivered', now(), now(), now(), 1
    from generate_series(1, %(n)s, 2) g;
insert into answer (account_id, id, invitation_id, question_key, revision, is_current, metric, value, words,
                    wording_version, channel, answered_at)
    select %(a)s, md5(q || g)::uuid, md5('i' || g)::uuid, q, 1, true, m, case when m > '' then 1 + g %% 5 end,
           case when m is null then '\\x00'::bytea end, '1', 'sms', now() - g * interval '1 second'
    from generate_series(1, %(n)s, 4) g, (values ('csat', 'csat'), ('comment', null)) x (q, m);
insert into stale_cell (account_id, agent_id, day)
    select distinct %(a)s, coalesce(agent_id, ''), ended_on from call where account_id = %(a)s;
insert into event (account_id, type, subject_id, content)
    select %(a)s, 't', %(a)s, '{}' from generate_series(1, %(n)s);
insert into provider_event (account_id, id, provider, kind, event_key, provider_id, content)
    select %(a)s, md5('e' || g)::uuid, 'twilio', 'text', g, g, '' from generate_series(1, %(n)s) g;
"""


def md5(name: str) -> UUID:
    """As the database makes them above."""
    return UUID(hashlib.md5(name.encode()).hexdigest())  # noqa: S324  # a name, no secret


@pytest.fixture
def crowded(new_database: Callable[[], str], keyring: Keyring) -> Iterator[sessionmaker[Session]]:
    """Sessions on a database with two accounts, and whatever is to be counted counted."""
    engine = make_engine(new_database(), 2)
    sessions = make_sessions(engine, keyring)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        driver: Any = connection.connection.driver_connection
        raw = psycopg.ClientCursor(driver)  # takes several statements in one
        for account_id, calls in ((ACCOUNT, CALLS), (OTHER, CALLS // 10)):
            raw.execute(_FILL, {"a": account_id, "n": calls})
        counted = True
        while counted:
            with sessions.begin() as session:
                counted = roll_up(session, 5_000) > 0
        raw.execute("vacuum analyze")
    yield sessions
    engine.dispose()


@contextmanager
def noted(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def rows_read(plan: dict[str, Any]) -> float:
    """How many rows the statement's scans looked at, those thrown away included."""
    inner: float = sum(rows_read(part) for part in plan.get("Plans", ()))
    if "Relation Name" not in plan:
        return inner
    removed: float = sum(number for name, number in plan.items() if name.startswith("Rows Removed"))
    read: float = inner + plan["Actual Loops"] * (plan["Actual Rows"] + removed)
    return read


def some_day() -> date:
    return datetime.now(UTC).date() - timedelta(days=20)


def accept(session: Session) -> None:
    now = datetime.now(UTC)
    call = CallEnd("new", "generic", "inbound", now, now, agent_id="a1", phone="+447700900123", email="a@b.c")
    receive_call(session, asking=read_asking(session, ACCOUNT), call=call, body_hash=b"")


def recount(session: Session) -> None:
    for agent_id in ("a7", None):
        mark_stale(session, ACCOUNT, agent_id, some_day())
    roll_up(session, 500)


def results_of_one(session: Session) -> None:
    read_results(
        session, account_id=ACCOUNT, group_by="agent", start=None, end=None, bucket="month", agent_id="a7"
    )


def results_of_all(session: Session) -> None:
    read_results(
        session, account_id=ACCOUNT, group_by="agent", start=some_day(), end=some_day(), bucket="all"
    )


def responses(session: Session, **changes: Any) -> None:
    query: dict[str, Any] = {"updated_since": None, "cursor": None, "limit": 50, "verbatims": False}
    read_responses(session, account_id=ACCOUNT, agent_id=None, **{**query, **changes})


def responses_since(session: Session) -> None:
    responses(session, updated_since=datetime.now(UTC) + timedelta(hours=2))


def comments(session: Session) -> None:
    read_verbatims(session, account_id=ACCOUNT, agent_id="a1", cursor=None, limit=0)


def find_by_token(session: Session) -> None:
    open_page(session, "no such token")


def whose_answer(session: Session) -> None:
    assert newest_invitation(session, [(ACCOUNT, md5("c77"))], [ACCOUNT]) == (ACCOUNT, md5("i77"))


def let_go(session: Session) -> None:
    release_cooldown(session, ACCOUNT, md5("i77"))


WORK = [
    accept,
    recount,
    results_of_one,
    results_of_all,
    responses,
    responses_since,
    comments,
    find_by_token,
    whose_answer,
    let_go,
    tidy,
]


def test_no_hot_statement_reads_more_than_it_needs(crowded: sessionmaker[Session]) -> None:
    engine = crowded.kw["bind"]
    greedy = []
    for work in WORK:
        with crowded() as session, noted(engine) as seen:
            work(session)
            session.rollback()
        assert seen
        with engine.connect() as connection:
            # what is cheap on so few rows, and would not be on a thousand times as many
            connection.exec_driver_sql("set local enable_seqscan = off; set local enable_hashjoin = off")
            for statement, parameters in seen:
                (plan,) = connection.exec_driver_sql(
                    f"explain (analyze, format json, timing off) {statement}", parameters
                ).scalar_one()
                if (rows := rows_read(plan["Plan"])) > MOST_ROWS:
                    greedy.append((work.__name__, rows, statement))
            connection.rollback()
    assert not greedy
