"""The ledger: calls = invited + skipped, by reason, and offer rates that can be held against each other."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.ledger import Entry, compare, entry
from app.domain.rates import rate
from app.flow.read_results import Question, ask_results, read_agents
from app.flow.set_rates import samples_by_quota
from app.flow.views import iso
from app.store.ledger import LedgerSum, sum_ledger


def ask_ledger(
    session: Session, *, account_id: UUID, group_by: str, start: date | None, end: date | None
) -> Question:
    """Like a question for results, by agent, reason or day: the same period, standing and tag.

    Raises Invalid for a period that ends before it starts.
    """
    question = ask_results(
        session, account_id=account_id, group_by=f"ledger {group_by}", start=start, end=end, bucket="all"
    )
    return replace(question, by_quota=samples_by_quota(session, account_id))


def read_ledger(session: Session, **asked: Any) -> dict[str, Any]:
    """Ask and answer in one; `asked` as for `ask_ledger`."""
    return answer_ledger(session, ask_ledger(session, **asked))


def answer_ledger(session: Session, question: Question) -> dict[str, Any]:
    """`as_of`: all that was committed until then is in the numbers. Test calls are in no ledger."""
    group_by = question.group_by.removeprefix("ledger ")
    sums = sum_ledger(session, question.account.id, group_by=group_by, start=question.start, end=question.end)
    entries = {one.key: _entry(one) for one in sums}
    total = sum(entries.values(), start=Entry())
    return {
        "group_by": group_by,
        "from": question.start.isoformat(),
        "to": question.end.isoformat(),
        "timezone": question.account.timezone,
        "as_of": iso(question.standing.waiting_since or _newest(question, sums)),
        "total": _shown(total),
        "rows": _rows(session, question, group_by, entries, total),
    }


def _entry(one: LedgerSum) -> Entry:
    return entry(**one.volume._asdict(), skipped=one.skipped)


def _newest(question: Question, sums: Sequence[LedgerSum]) -> datetime | None:
    newest = max((one.rebuilt_at for one in sums), default=None)
    return newest and min(newest, question.standing.now)


def _shown(one: Entry) -> dict[str, Any]:
    return {
        "calls": one.calls,
        "answered": one.answered,
        "invited": one.invited,
        "skipped": one.skipped,
        "offer": one.offer.to_dict(),
    }


def _against(one: Entry, others: Entry, question: Question) -> dict[str, Any] | None:
    if question.by_quota:
        one, others = one.up_to_the_draw, others.up_to_the_draw
    against = compare(one, others)
    return against and {"compared": "reached" if question.by_quota else "invited", **against.to_dict()}


def _rows(
    session: Session, question: Question, group_by: str, entries: dict[str, Entry], total: Entry
) -> list[dict[str, Any]]:
    if group_by == "reason":
        skipped = [("skipped", reason, count) for reason, count in sorted(total.skipped.items())]
        outcomes: list[tuple[str, str | None, int]] = [("invited", None, total.invited), *skipped]
        return [
            {"outcome": outcome, "reason": reason, "calls": n, "share": rate(n, total.calls).to_dict()}
            for outcome, reason, n in outcomes
        ]
    if group_by == "day":
        return [{"day": day, **_shown(one)} for day, one in entries.items()]
    agents = read_agents(session, question.account.id)
    nobody = {"name": None, "team": None, "vendor": None}
    # others: those of agents alone, since calls that nobody took, or of nobody known, are offered by other rules
    of_agents = total.without(entries.get("", Entry()))
    rows = []
    for agent_id, one in entries.items():
        agent = agents.get(agent_id) or {"id": agent_id, **nobody} if agent_id else None
        rows.append(
            {
                "agent": agent,
                **_shown(one),
                "against_others": _against(one, of_agents.without(one), question) if agent_id else None,
            }
        )
    return rows
