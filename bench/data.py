"""Half a year of a contact centre, made from a seed: what results are read from, and plans are looked at on.

Calls run evenly over FIRST..LAST, from eight to eight, among agents who differ in how well they do. The rows are
made by the database itself, some days at a time; the facts by the service's own rebuild. To keep ten million
answers under 15 GB there is no text but the first of each survey, no list of what a decision looked at, and
attempts, receipts and events are those of the last 30 days. Beside the half year stands, by the database's clock,
what waits now: texts that are due, claims that lapsed, sends of unknown fate, open surveys.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import psycopg
from sqlalchemy import make_url
from sqlalchemy.orm import Session, sessionmaker

from app.db import make_engine, make_sessions
from app.store.cells import Cell, lock_months, rebuild
from app.store.keyring import Keyring
from bench.data_rows import AGENTS, CONSTANTS, NOW, ONE, PAST, ROWS, WAITING

FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)
_DAYS = (LAST - FIRST).days + 1
_ANSWERS_PER_CALL = 1.713  # by the shares in ONE
_CALLS_PER_CONTACT = 5
_WORKERS = 2
_BATCH = 500  # as the roll-up worker takes them
_BATCHES_TO_VACUUM = 20  # five days of 2,000 agents


@dataclass(frozen=True)
class Size:
    """`answers` are scored ones, within some per mille; one in eight finished surveys has a comment besides."""

    answers: int
    agents: int = 2_000
    seed: int = 1

    @property
    def calls(self) -> int:
        return round(self.answers / _ANSWERS_PER_CALL)

    @property
    def waiting(self) -> int:
        """How many texts are due, and how many surveys open."""
        return max(100, self.answers // 500)

    @property
    def contacts(self) -> int:
        """The first `waiting` have a text that is due, the next an open survey."""
        return max(self.calls // _CALLS_PER_CONTACT, 2 * self.waiting)


def phone(number: int) -> str:
    """Of the contact of that number, from 0."""
    return f"+4477{number:08d}"


def fill(database_url: str, keyring: Keyring, account_id: UUID, size: Size, *, checked: bool = False) -> None:
    """Fill an account that has a sender and no calls. Without `checked`, foreign keys are trusted: by the same
    statements they hold, and looking each up takes half of the time.
    """
    chunk = max(1, _DAYS // 30)
    days = [(day, min(day + chunk, _DAYS)) for day in range(0, _DAYS, chunk)]
    with _connect(database_url, checked) as connection:
        _say(f"{size.calls:,} calls by {size.contacts:,} customers")
        _make_contacts(connection, keyring, account_id, size)
        connection.execute(AGENTS, {"agents": size.agents, "seed": size.seed})
        comment = keyring.seal("answer.words", account_id, "She called back as she had promised. Thank you!")
        connection.execute(CONSTANTS, {"account_id": account_id, "comment": comment})
        connection.commit()
        halves = [days[worker::_WORKERS] for worker in range(_WORKERS)]
        with ThreadPoolExecutor(_WORKERS) as workers:
            list(workers.map(lambda half: _make_days(database_url, size, half, checked), halves))
        _say("what waits now")
        for statement in (ONE.format(calls=NOW), *ROWS, *WAITING):
            connection.execute(statement, _values(size))
        connection.execute("drop table bench_agent, bench_contact, bench_constant, one")
        connection.commit()
    with psycopg.connect(_plain(database_url), autocommit=True) as connection:
        _say("analyze")
        connection.execute("analyze")
        make_facts(database_url, keyring, account_id)
        connection.execute("vacuum (analyze)")


def make_facts(database_url: str, keyring: Keyring, account_id: UUID) -> None:
    """Every cell of the account, by the service's own rebuild: day by day, so that they lie as in service."""
    engine = make_engine(database_url, _WORKERS)
    sessions = make_sessions(engine, keyring)
    with psycopg.connect(_plain(database_url)) as connection:
        rows = connection.execute(
            "select distinct coalesce(agent_id, '') as agent_id, ended_on from call"
            " where account_id = %s and not is_test order by 2, 1",
            [account_id],
        ).fetchall()
    cells = [Cell(account_id, agent_id, day) for agent_id, day in rows]
    _say(f"{len(cells):,} days of agents rolled up")
    batches = [cells[start : start + _BATCH] for start in range(0, len(cells), _BATCH)]
    try:
        with ThreadPoolExecutor(_WORKERS) as workers:
            # the first alone: what is planned for tables that were empty when they were analysed takes seconds
            starts = [0, *range(1, len(batches), _BATCHES_TO_VACUUM), len(batches)]
            for start, stop in pairwise(starts):
                list(workers.map(lambda batch: _roll_up(sessions, batch), batches[start:stop]))
                _vacuum_facts(database_url)
    finally:
        engine.dispose()


def _vacuum_facts(database_url: str) -> None:
    """What autovacuum has days for in service, where here half a year passes in minutes."""
    with psycopg.connect(_plain(database_url), autocommit=True) as connection:
        connection.execute("vacuum (analyze) fact_day, fact_week, fact_month")


def _roll_up(sessions: sessionmaker[Session], cells: list[Cell]) -> None:
    with sessions.begin() as session:
        lock_months(session, cells)
        rebuild(session, cells)


def _make_days(database_url: str, size: Size, chunks: list[tuple[int, int]], checked: bool) -> None:
    with _connect(database_url, checked) as connection:
        for start, stop in chunks:
            per_day = size.calls / _DAYS
            span = {"low": round(start * per_day), "high": round(stop * per_day)}
            for statement in (ONE.format(calls=PAST), *ROWS):
                connection.execute(statement, {**_values(size), **span})
            connection.execute("drop table one")
            connection.commit()
            _say(f"  to {FIRST + timedelta(stop - 1)}")


def _values(size: Size) -> dict[str, object]:
    return {
        "seed": size.seed,
        "agents": size.agents,
        "contacts": size.contacts,
        "waiting": size.waiting,
        "calls": size.calls,
        "per_day": size.calls / _DAYS,
        "first": FIRST,
        "recent": LAST - timedelta(days=30),
    }


def _connect(database_url: str, checked: bool) -> psycopg.Connection:
    options = "-c synchronous_commit=off -c work_mem=256MB -c timezone=UTC -c jit=off"
    return psycopg.connect(
        _plain(database_url),
        options=options if checked else options + " -c session_replication_role=replica",
        # a temporary table's new contents make an old plan a bad one
        prepare_threshold=None,
        cursor_factory=psycopg.ClientCursor,
    )


def _plain(database_url: str) -> str:
    return make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)


def _make_contacts(connection: psycopg.Connection, keyring: Keyring, account_id: UUID, size: Size) -> None:
    connection.execute("create unlogged table bench_contact (number int primary key, id uuid)")
    with (
        connection.cursor() as cursor,
        cursor.copy("copy contact (account_id, id, lookup, kind, address) from stdin") as contacts,
    ):
        for number in range(size.contacts):
            lookup = keyring.lookups(str(account_id), "phone", phone(number))[0]
            address = keyring.seal("contact.address", account_id, phone(number))
            contacts.write_row((account_id, UUID(bytes=lookup), lookup, "phone", address))
    with connection.cursor() as cursor, cursor.copy("copy bench_contact from stdin") as numbers:
        for number in range(size.contacts):
            numbers.write_row(
                (number, UUID(bytes=keyring.lookups(str(account_id), "phone", phone(number))[0]))
            )


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
