"""Results of half a year, of one agent and of 2,000: read, computed, written, and over HTTP.

With several sizes of `--answers`, each is held against the first, round by round. A kept `--home` keeps their data.
"""

import gc
import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

import orjson
from psycopg import sql
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from app.db import make_engine, make_sessions
from app.flow.read_results import Question, ask_results, read_agents, shape_results
from app.run.ports import LOOPBACK
from app.store.accounts import Account, find_account
from app.store.keyring import Keyring
from app.store.results import Summed, sum_facts
from app.store.senders import Sender
from app.web.figures import REMEMBERED, forget
from app.web.json import dump_json
from bench.data import FIRST, LAST, Size, fill
from bench.place import Site, Stack
from bench.rounds import Measured, Table, counting_cpu, interleave
from bench.scale import Scale

_PERIOD = f"from={FIRST}&to={LAST}"
_STEADY = 1 / 1.2  # at most 1.2 times slower
_GROUPING = 50.0
_WRITING = 1 / 5

# what facts save: the same counts from the answers themselves
_RAW = text(
    f"""
    select c.agent_id, a.metric, {", ".join(f"count(*) filter (where a.value = {value})" for value in range(11))}
    from call c
    join invitation i on i.account_id = c.account_id and i.call_id = c.id
    join answer a on a.account_id = i.account_id and a.invitation_id = i.id and a.is_current and a.value is not null
    where c.account_id = :account_id and c.ended_on between :first and :last and not c.is_test
    group by 1, 2
    """  # noqa: S608  # made of this file's own numbers
)


@dataclass
class Half:
    """Half a year of so many answers, its web service running."""

    name: str
    size: Size
    site: Site
    stack: Stack
    sessions: sessionmaker[Session]
    account: Account
    agents: Iterator[int]

    def ask(self, session: Session, agent_id: str | None = None) -> Question:
        return ask_results(
            session,
            account_id=self.account.id,
            group_by="agent",
            start=FIRST,
            end=LAST,
            bucket="all",
            agent_id=agent_id,
        )

    def sums(self, session: Session, agent_id: str | None = None) -> list[Summed]:
        return sum_facts(
            session,
            self.account.id,
            group_by="agent",
            bucket="all",
            start=FIRST,
            end=LAST,
            agent_id=agent_id,
            weighted=False,
        )

    def number(self) -> str:
        """What customers answer to."""
        with self.sessions() as session:
            number: str = session.scalar(select(Sender.number).where(Sender.account_id == self.account.id))
        return number

    def next_agent(self) -> str:
        return f"agent-{next(self.agents) * 7 % self.size.agents:04}"


def measure(site: Site, scale: Scale) -> Iterator[Table]:
    """What is read from facts, against grouping answers; what is written, against orjson alone; and HTTP."""
    sizes = [Size(scale.of(answers, 2_000), agents=scale.of(2_000, 20)) for answers in scale.answers]
    with ExitStack() as ending:
        halves = [open_half(ending, site, size) for size in sizes]
        for half in halves:
            half.stack.start("web")
        yield _reading(halves, scale)
        yield _writing(halves, scale)
        yield _asking(halves, scale)


def open_half(ending: ExitStack, site: Site, size: Size) -> Half:
    """Filled, unless it has been; without processes."""
    name = f"results_{size.answers}"
    stack = ending.enter_context(site.stack(name, keep=True))
    keyring = Keyring(stack.credentials.secret_keys)
    engine = make_engine(stack.database_url, 2)
    ending.callback(engine.dispose)
    sessions = make_sessions(engine, keyring)
    with sessions() as session:
        account = find_account(session, "demonstration")
    with stack.connect() as connection:
        # written once all is there: what was cut off is not taken for whole
        done = connection.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()"
        ).fetchone()
        if done != (str(size),):
            connection.execute("alter system set max_wal_size = '8GB'")
            connection.execute("select pg_reload_conf()")
            fill(stack.database_url, keyring, account.id, size)
            connection.execute(
                sql.SQL("comment on database {} is {}").format(sql.Identifier(name), sql.Literal(str(size)))
            )
    return Half(f"{size.answers:,} answers", size, site, stack, sessions, account, count())


def _reading(halves: list[Half], scale: Scale) -> Table:
    variants: dict[str, Callable[[], Measured]] = {}
    for half in halves:
        variants[f"one agent, {half.name}"] = partial(_read, half, scale.of(300, 3), one=True)
        variants[f"all agents, {half.name}"] = partial(_read, half, scale.of(10, 1))
        variants[f"grouping answers, {half.name}"] = partial(_group, half)
    found = interleave(variants, scale.rounds)
    table = Table("Reading six months of results (SQL to rows)")
    for half in halves:
        one, every, raw = (f"{what}, {half.name}" for what in ("one agent", "all agents", "grouping answers"))
        table.add(one, found[one])
        table.add(every, found[every])
        table.add(raw, found[raw])
        table.add(
            f"all agents against grouping, {half.name}", found[every], ceiling=found[raw], aim=_GROUPING
        )
    _against_first(table, halves, found, ("one agent", "all agents"))
    table.note("Grouping takes longer with each answer, facts do not: the aim is for millions.")
    return table


def _writing(halves: list[Half], scale: Scale) -> Table:
    variants: dict[str, Callable[[], Measured]] = {}
    for half in halves:
        with half.sessions() as session:
            question, sums = half.ask(session), half.sums(session)
            agents = read_agents(session, half.account.id)
        plain = orjson.loads(dump_json(shape_results(question, sums, agents)))
        times = scale.of(10, 1)
        write = partial(_write, question, sums, agents, times)
        variants[f"first look, {half.name}"] = partial(write, first=True)
        variants[f"later looks, {half.name}"] = partial(write, first=False)
        variants[f"orjson alone, {half.name}"] = partial(_timed, times, partial(orjson.dumps, plain))
    # what lies here for the benchmark's sake is not to be gone through at each collection
    gc.collect()
    gc.freeze()
    found = interleave(variants, scale.rounds)
    gc.unfreeze()
    table = Table("Computing and encoding all agents")
    for half in halves:
        alone = found[f"orjson alone, {half.name}"]
        for what in ("first look", "later looks"):
            table.add(f"{what}, {half.name}", found[f"{what}, {half.name}"], ceiling=alone, aim=_WRITING)
        table.add(f"orjson alone, {half.name}", alone)
    table.note("First look: nothing is remembered. Later looks: no agent has a new answer since.")
    return table


def _asking(halves: list[Half], scale: Scale) -> Table:
    variants: dict[str, Callable[[], Measured]] = {}
    for half in halves:
        variants[f"one agent, {half.name}"] = partial(_get, half, scale.of(100, 3), one=True)
        variants[f"all agents, {half.name}"] = partial(_get, half, scale.of(8, 1))
        variants[f"all agents, not changed, {half.name}"] = partial(_get, half, scale.of(100, 3), again=True)
    found = interleave(variants, scale.rounds)
    table = Table("Asking over HTTP, one after the other")
    for half in halves:
        full = found[f"all agents, {half.name}"]
        table.add(f"one agent, {half.name}", found[f"one agent, {half.name}"])
        table.add(f"all agents, {half.name}", full)
        same = f"all agents, not changed, {half.name}"
        table.add(f"304 against the full body, {half.name}", found[same], ceiling=full)
    _against_first(table, halves, found, ("one agent", "all agents"))
    table.note("One agent is to be answered within 10 ms.")
    return table


def _against_first(
    table: Table, halves: list[Half], found: dict[str, list[Measured]], whats: tuple[str, ...]
) -> None:
    for half in halves[1:]:
        for what in whats:
            table.add(
                f"{what}, {half.name} against {halves[0].name}",
                found[f"{what}, {half.name}"],
                ceiling=found[f"{what}, {halves[0].name}"],
                aim=_STEADY,
            )


def _timed(times: int, work: Callable[[], object]) -> Measured:
    latencies, before = [], time.process_time()
    for _ in range(times):
        since = time.perf_counter()
        work()
        latencies.append(time.perf_counter() - since)
    return Measured(times, sum(latencies), {"python": time.process_time() - before}, latencies)


def _read(half: Half, times: int, *, one: bool = False) -> Measured:
    with half.sessions() as session, counting_cpu({"database": half.site.postgres.process.pid}) as cpu:
        measured = _timed(times, lambda: half.sums(session, half.next_agent() if one else None))
    return Measured(times, measured.seconds, {**measured.cpu, **cpu}, measured.latencies)


def _group(half: Half) -> Measured:
    values = {"account_id": half.account.id, "first": FIRST, "last": LAST}
    with half.sessions() as session, counting_cpu({"database": half.site.postgres.process.pid}) as cpu:
        session.execute(text("set local statement_timeout = 0"))
        measured = _timed(1, lambda: session.execute(_RAW, values).all())
    return Measured(1, measured.seconds, {**measured.cpu, **cpu}, measured.latencies)


def _write(
    question: Question, sums: list[Summed], agents: dict[str, dict[str, Any]], times: int, *, first: bool
) -> Measured:
    def once() -> None:
        dump_json(shape_results(question, sums, agents, REMEMBERED))

    forget()
    if not first:
        once()
        return _timed(times, once)
    looks = []
    for _ in range(times):
        forget()
        looks.append(_timed(1, once))
    return Measured(
        times,
        sum(look.seconds for look in looks),
        {"python": sum(look.cpu["python"] for look in looks)},
        [latency for look in looks for latency in look.latencies],
    )


def _get(half: Half, times: int, *, one: bool = False, again: bool = False) -> Measured:
    """Over one connection. `again`: with the tag of what was sent before."""
    connection = http.client.HTTPConnection(LOOPBACK, half.stack.port)
    headers = {"Authorization": f"Bearer {half.stack.api_key}"}

    def get(wanted: int) -> str:
        path = f"/v1/agents/{half.next_agent()}/results" if one else "/v1/results"
        group = "" if one else "&group_by=agent"
        connection.request("GET", f"{path}?{_PERIOD}{group}", headers=headers)
        response = connection.getresponse()
        response.read()
        if response.status != wanted:
            raise ValueError(f"{wanted} was expected, and it was {response.status}")
        return response.headers["ETag"]

    if again:
        headers["If-None-Match"] = get(200)
    pids = {"web": half.stack.processes["web"].pid, "database": half.site.postgres.process.pid}
    with counting_cpu(pids) as cpu:
        measured = _timed(times, lambda: get(304 if again else 200))
    connection.close()
    return Measured(times, measured.seconds, cpu, measured.latencies)
