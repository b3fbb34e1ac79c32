"""The plan of every hot statement, on half a year of a contact centre: `python -m bench.plans --answers 10000000`.

The service's own flows run in transactions that are rolled back; before each statement PostgreSQL is asked to
explain and analyze it, where it stands. Named is each table of many rows that was read from end to end.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import event, text
from sqlalchemy.orm import Session, sessionmaker

from app.cache import ShortCache
from app.channels.twilio_hooks import InboundText, StatusReport
from app.domain.call import CallEnd
from app.flow.asking import read_asking
from app.flow.close_invitations import close_invitation, due_to_close
from app.flow.envelopes import Envelope, prepare_sends
from app.flow.read_responses import read_responses, read_verbatims, refuse_unknown_agent
from app.flow.read_results import ask_results, read_results
from app.flow.receive_call import receive_call
from app.flow.record_answer import record_text
from app.flow.record_receipt import record_receipt
from app.flow.roll_up import rebuild_range, roll_up
from app.flow.tidy import tidy
from app.settings import CarrierLimits
from app.store.accounts import find_api_key
from app.store.attempts import Acceptance, record_acceptances
from app.store.base import database_now
from app.store.claims import (
    claim_messages,
    lapsed_claims,
    overdue_messages,
    seconds_to_next_due,
    senders_with_work,
    set_aside,
    take_unknown,
)
from app.store.gauges import read_gauges
from app.store.unmapped import unmapped_agents
from bench.data import FIRST, LAST, Size, phone
from bench.place import Site, open_site
from bench.results import open_half

_MANY = 10_000
# What these ask for is most of the table, or lies on most of its pages: a roll-up of 500 agents' months clears
# 3,000 rows of 74,000, and 26 lie on a page. The weeks and days beside them are always looked up.
_MAY_READ_WHOLE = dict.fromkeys(
    ("results of all agents", "results by team", "roll up 500 cells"), "fact_month"
)
_LIMITS = CarrierLimits(5, 10, 15, 60, 120)


@dataclass
class Plan:
    """One statement as it was run."""

    step: str
    statement: str
    plan: dict[str, Any]
    milliseconds: float
    buffers: int
    read_whole: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        begins = " ".join(self.statement.split())[:70]
        whole = f"  READS WHOLE {', '.join(sorted(self.read_whole))}" if self.read_whole else ""
        return f"{self.step:28} {self.milliseconds:9.2f} ms {self.buffers:8,} pages  {begins}{whole}"


@dataclass
class Known:
    """What the steps need to know of the data."""

    account_id: UUID
    api_key: str
    size: Size
    provider_account: str
    number: str


def explained(
    sessions: sessionmaker[Session], known: Known, many: int = _MANY, *, whole_reads: bool = True
) -> Iterator[Plan]:
    """Every hot statement's plan. `many`: from how many rows on a table is too big to be read whole.

    Without `whole_reads` the planner takes them only where it has no other way: for tables that are small.
    """
    with sessions() as session:
        engine = session.get_bind()
        tables = session.execute(text("select relname, reltuples from pg_class where relkind = 'r'"))
        big = {name for name, rows in tables if rows >= many}
    for step, work in _STEPS.items():
        found: list[Plan] = []
        with sessions() as session, _explaining(engine, step, big, found):
            if not whole_reads:
                session.execute(text("set local enable_seqscan = off"))
            work(session, known)
            session.rollback()
        yield from found


@contextmanager
def _explaining(engine: Any, step: str, big: set[str], found: list[Plan]) -> Iterator[None]:
    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.lstrip().lower().startswith(("select", "with", "insert", "update", "delete")):
            return
        # what it writes is taken back, so that the statement itself finds what it would have found
        with cursor.connection.cursor() as own:
            own.execute("savepoint before_plan")
            own.execute(f"explain (analyze, buffers, format json) {statement}", parameters)
            ((explained,),) = own.fetchone()
            own.execute("rollback to savepoint before_plan")
        top = explained["Plan"]
        found.append(
            Plan(
                step,
                statement,
                top,
                explained["Execution Time"],
                top["Shared Hit Blocks"] + top["Shared Read Blocks"],
                {table for table in _read_whole(top) if table in big and _MAY_READ_WHOLE.get(step) != table},
            )
        )

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", explain)


def _read_whole(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", []):
        yield from _read_whole(part)


def _accept(session: Session, known: Known) -> None:
    now = database_now(session)
    call = CallEnd(
        call_id="plan",
        source="pbx",
        direction="inbound",
        started_at=now - timedelta(minutes=3),
        ended_at=now - timedelta(minutes=1),
        agent_id="agent-0001",
        phone=phone(known.size.contacts - 1),
        talk_seconds=90,
    )
    asking = read_asking(session, known.account_id)
    receive_call(session, asking=asking, call=call, body_hash=b"plan")
    receive_call(session, asking=asking, call=call, body_hash=b"plan")


def _send(session: Session, _: Known) -> None:
    (owner_id, sender_id), *_others = senders_with_work(session)
    seconds_to_next_due(session)
    claimed = claim_messages(session, owner_id, sender_id, free=20, lease_seconds=60)
    envelopes = prepare_sends(
        session, claimed, limits=_LIMITS, public_url="http://plans.example", senders=ShortCache(1.0)
    )
    record_acceptances(session, [_accepted(number, envelope) for number, envelope in enumerate(envelopes)])


def _accepted(number: int, envelope: Envelope) -> Acceptance:
    return Acceptance(envelope.claimed, envelope.attempt_id, f"SMplan{number}", 201)


def _settle(session: Session, _: Known) -> None:
    lapsed = lapsed_claims(session, 200)
    overdue_messages(session, 200)
    take_unknown(session, 60)
    set_aside(session, lapsed[0])


def _receipt(session: Session, known: Known) -> None:
    (sid,) = session.execute(
        text(
            "select m.provider_id from invitation i join message m using (account_id)"
            " where i.account_id = :account_id and i.close_at > clock_now() and m.invitation_id = i.id limit 1"
        ),
        {"account_id": known.account_id},
    ).one()
    report = StatusReport(sid, "delivered", None, known.provider_account, {"MessageStatus": "delivered"})
    record_receipt(session, report, account_id=None, attempt_id=None)


def _answer(session: Session, known: Known) -> None:
    asked = phone(known.size.waiting + 1)  # of an open survey
    record_text(
        session, InboundText("SMplan", asked, known.number, "5", known.provider_account, None, None, 0)
    )


def _roll_up(session: Session, known: Known) -> None:
    rebuild_range(session, known.account_id, LAST, LAST)
    roll_up(session, 500)


def _results(group_by: str, agent_id: str | None = None) -> Callable[[Session, Known], None]:
    def read(session: Session, known: Known) -> None:
        read_results(
            session,
            account_id=known.account_id,
            group_by=group_by,
            start=FIRST,
            end=LAST,
            bucket="all",
            agent_id=agent_id,
        )

    return read


def _rolling(session: Session, known: Known) -> None:
    read_results(
        session,
        account_id=known.account_id,
        group_by="agent",
        start=LAST - timedelta(days=100),
        end=LAST - timedelta(days=10),
        bucket="all",
    )


def _not_changed(session: Session, known: Known) -> None:
    question = ask_results(
        session, account_id=known.account_id, group_by="agent", start=None, end=None, bucket="all"
    )
    assert question.tag  # noqa: S101 - it is what costs


def _responses(session: Session, known: Known) -> None:
    page = read_responses(
        session,
        account_id=known.account_id,
        updated_since=None,
        cursor=None,
        limit=100,
        verbatims=True,
        agent_id=None,
    )
    assert page  # noqa: S101
    read_responses(
        session,
        account_id=known.account_id,
        updated_since=database_now(session) - timedelta(days=150),
        cursor=None,
        limit=100,
        verbatims=False,
        agent_id="agent-0001",
    )


def _verbatims(session: Session, known: Known) -> None:
    read_verbatims(session, account_id=known.account_id, agent_id="agent-0001", cursor=None, limit=50)


def _close(session: Session, _: Known) -> None:
    close_invitation(session, *due_to_close(session, 200)[0])


def _unmapped(session: Session, known: Known) -> None:
    unmapped_agents(session, known.account_id, source=None, after=("", ""), limit=50)


def _gauges(session: Session, _: Known) -> None:
    read_gauges(session)


def _tidy(session: Session, _: Known) -> None:
    tidy(session)


def _key(session: Session, known: Known) -> None:
    find_api_key(session, known.api_key)
    refuse_unknown_agent(session, account_id=known.account_id, agent_id="agent-0001")


_STEPS: dict[str, Callable[[Session, Known], None]] = {
    "key, and agent is known": _key,
    "accept, and a repeat": _accept,
    "claim, begin, record": _send,
    "lapsed, overdue, unknown": _settle,
    "receipt": _receipt,
    "reply and answer": _answer,
    "close": _close,
    "roll up 500 cells": _roll_up,
    "results of one agent": _results("agent", "agent-0001"),
    "results of all agents": _results("agent"),
    "results by team": _results("team"),
    "results of all, ends in months": _rolling,
    "304": _not_changed,
    "responses": _responses,
    "verbatims": _verbatims,
    "unmapped agents": _unmapped,
    "gauges": _gauges,
    "tidy": _tidy,
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.plans", description="Plans of hot statements.")
    parser.add_argument("--home", type=Path, help="where `python -m bench results --home` left its data")
    parser.add_argument("--answers", type=int, default=100_000)
    given = parser.parse_args(arguments)
    with ExitStack() as ending:
        site: Site = ending.enter_context(open_site(given.home))
        half = open_half(ending, site, Size(given.answers))
        credentials = half.stack.credentials
        known = Known(
            account_id=half.account.id,
            api_key=half.stack.api_key,
            size=half.size,
            provider_account=credentials.twilio_account_sid,
            number=half.number(),
        )
        found = list(explained(half.sessions, known))
    for plan in found:
        sys.stdout.write(f"{plan}\n")
    return 1 if any(plan.read_whole for plan in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
