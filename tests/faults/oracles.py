"""What must hold whatever was broken, checked from the carrier's ledger and the database.

I1  one survey or one coded skip per accepted call
I2  the carrier accepted at most one message per step, and the mail server one mail; one survey was heard in calls
I3  every message ends, or is visibly in doubt
I4  at most one current answer per question
I5  facts equal a recount
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

# ends by themselves or by a receipt; "quarantined" and "in_doubt" are shown to an operator
ENDED = ("accepted", "delivered", "failed", "expired", "cancelled", "in_doubt", "quarantined")
_TAKEN = ("accepted", "delivered")


@dataclass
class Verdict:
    """`wrong`: each breach in words; `lost` and `doubled` count those of I1 and I3, and of I2.

    `stale`: cells that wait to be rolled up. Facts are judged where there are none.
    """

    calls: int = 0
    messages: int = 0
    lost: int = 0
    doubled: int = 0
    in_doubt: int = 0
    stale: int = 0
    states: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def lose(self, what: str, count: int) -> None:
        if count:
            self.lost += count
            self.wrong.append(f"lost: {count} {what}")

    def double(self, what: str, count: int) -> None:
        if count:
            self.doubled += count
            self.wrong.append(f"doubled: {count} {what}")

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(
            self.calls + other.calls,
            self.messages + other.messages,
            self.lost + other.lost,
            self.doubled + other.doubled,
            self.in_doubt + other.in_doubt,
            self.stale + other.stale,
            self.states + other.states,
            self.wrong + other.wrong,
        )


def judge(
    sessions: sessionmaker[Session],
    ledger: Iterable[Mapping[str, Any]],
    account_id: UUID,
    promised: Mapping[str, str] | None = None,
) -> Verdict:
    """`ledger`: /ledger.json of the simulator, its /mails.json and /calls.json (see `System.rings`).
    `promised`: call id -> our id of it, where we answered with 2xx.

    Where things still move, let `sessions` see one snapshot of them each.
    """
    verdict = Verdict()
    with sessions() as session:
        _judge_calls(verdict, session, account_id, promised or {})
        _judge_sending(verdict, session, account_id, ledger)
        _judge_answers(verdict, session, account_id)
        waiting = "select count(*) from stale_cell where account_id = :account"
        verdict.stale = _rows(session, waiting, account_id)[0].count
        if not verdict.stale:
            _judge_facts(verdict, session, account_id)
    return verdict


def _rows(session: Session, statement: str, account_id: UUID, **values: Any) -> Sequence[Any]:
    return session.execute(text(statement), {"account": account_id, **values}).all()


def _judge_calls(verdict: Verdict, session: Session, account_id: UUID, promised: Mapping[str, str]) -> None:
    calls = _rows(
        session,
        """
        select c.id, c.call_id, count(i.id) as invitations,
               count(i.id) filter (where (i.state = 'skipped') = (i.skip_reason is not null)
                   and (i.state = 'skipped' or i.channel = 'ivr' or exists (
                        select from message m where m.account_id = i.account_id and m.invitation_id = i.id
                        and m.purpose = 'ask'))) as whole
        from call c left join invitation i on i.account_id = c.account_id and i.call_id = c.id
        where c.account_id = :account group by c.id, c.call_id
        """,
        account_id,
    )
    verdict.calls = len(calls)
    known = {row.call_id: str(row.id) for row in calls}
    verdict.lose("accepted calls (I1)", sum(1 for call_id in promised if call_id not in known))
    if other := [call_id for call_id, ours in promised.items() if known.get(call_id, ours) != ours]:
        verdict.wrong.append(f"{len(other)} calls were answered with another id (I1)")
    verdict.lose("calls without a whole decision (I1)", sum(1 for row in calls if not row.whole))
    verdict.double("invitations of one call (I1)", sum(max(0, row.invitations - 1) for row in calls))
    verdict.double("rows of one call (I1)", len(calls) - len(known))


def _judge_sending(
    verdict: Verdict, session: Session, account_id: UUID, ledger: Iterable[Mapping[str, Any]]
) -> None:
    messages = _rows(
        session,
        "select id, state, provider_id, purpose from message where account_id = :account",
        account_id,
    )
    attempts = _rows(session, "select id, message_id from attempt where account_id = :account", account_id)
    message_of = {str(row.id): row.message_id for row in attempts}
    purposes = {row.id: row.purpose for row in messages}
    entries = list(ledger)
    taken = [(entry, _attempt_of(entry, account_id)) for entry in entries]
    ours = [(entry, attempt) for entry, attempt in taken if attempt is not None]

    verdict.messages = len(messages)
    verdict.states = Counter(row.state for row in messages)
    verdict.in_doubt = verdict.states["in_doubt"]
    per_message = Counter(message_of[attempt] for _, attempt in ours if attempt in message_of)
    verdict.double("texts of one message (I2)", sum(count - 1 for count in per_message.values()))
    # the same again without trusting our own ids: nobody is asked to begin twice in the same words
    asks = Counter(
        (entry["to"], entry["body"])
        for entry, attempt in ours
        if attempt in message_of and purposes.get(message_of[attempt]) == "ask"
    )
    verdict.double(
        "first texts to one number (I2)", sum(count - 1 for count in asks.values()) - verdict.doubled
    )
    if strays := [attempt for _, attempt in ours if attempt not in message_of]:
        verdict.wrong.append(f"{len(strays)} texts left without an attempt on disk")
    # a mail is known by its Message-ID, which holds the id of our message
    mails = Counter(entry["message_id"] for entry in entries if _message_of(entry) in purposes)
    verdict.double("mails of one message (I2)", sum(count - 1 for count in mails.values()))
    sids = {entry["sid"] for entry in entries if "sid" in entry} | set(mails)
    verdict.lose(
        "texts that we say were taken, and the carrier never had",
        sum(1 for row in messages if row.state in _TAKEN and row.provider_id not in sids and row.provider_id),
    )
    open_ones = {state: count for state, count in verdict.states.items() if state not in ENDED}
    verdict.lose(f"messages without an end {open_ones} (I3)", sum(open_ones.values()))


def _attempt_of(entry: Mapping[str, Any], account_id: UUID) -> str | None:
    """The attempt that the callback's address names, if that is this account's."""
    query = parse_qs(urlsplit(entry.get("status_callback") or "").query)
    return query["attempt"][0] if query.get("account") == [str(account_id)] else None


def _message_of(entry: Mapping[str, Any]) -> UUID | None:
    """Of a mail; None for what is none of ours."""
    try:
        return UUID(hex=entry["message_id"].strip("<>").partition("@")[0])
    except (KeyError, AttributeError, ValueError):
        return None


def _judge_answers(verdict: Verdict, session: Session, account_id: UUID) -> None:
    twice = _rows(
        session,
        "select 1 from answer where account_id = :account and is_current"
        " group by invitation_id, question_key having count(*) > 1",
        account_id,
    )
    if twice:
        verdict.wrong.append(f"{len(twice)} questions with two current answers (I4)")


# a recount in other words than the roll-up's: by agent and day, whatever else the cells are cut by
_VOLUMES = """
select coalesce(c.agent_id, '') as agent_id, c.ended_on as day, count(*) as n,
       count(*) filter (where c.is_answered) as answered,
       count(*) filter (where i.delivered_at is not null) as delivered,
       count(*) filter (where i.responded_at is not null) as responded,
       count(*) filter (where i.completed_at is not null) as completed
from call c join invitation i on i.account_id = c.account_id and i.call_id = c.id
where c.account_id = :account and not c.is_test group by 1, 2
"""
_KEPT_VOLUMES = """
select agent_id, day, sum(n)::bigint as n, sum(answered)::bigint as answered, sum(delivered)::bigint as delivered,
       sum(responded)::bigint as responded, sum(completed)::bigint as completed
from {table} where account_id = :account and metric = 'volume' group by 1, 2
"""
_SCORES = """
select coalesce(c.agent_id, '') as agent_id, c.ended_on as day, a.metric, count(*) as n, sum(a.value) as total
from answer a
join invitation i on i.account_id = a.account_id and i.id = a.invitation_id
join call c on c.account_id = i.account_id and c.id = i.call_id
where a.account_id = :account and a.is_current and a.value is not null and not c.is_test group by 1, 2, 3
"""
_HISTOGRAM = " + ".join(f"{value} * v{value}" for value in range(11))
_KEPT_SCORES = f"""
select agent_id, day, metric, sum(n)::bigint as n, sum({_HISTOGRAM})::bigint as total
from {{table}} where account_id = :account and metric <> 'volume' and metric not like 'skip.%' group by 1, 2, 3
"""  # noqa: S608 - numbers of this file


# the first day of the cell that a day's figures are summed in
_CELLS: Mapping[str, Callable[[date], date]] = {
    "fact_day": lambda day: day,
    "fact_week": lambda day: day.replace(day=1 + 7 * min((day.day - 1) // 7, 3)),
    "fact_month": lambda day: day.replace(day=1),
}


def _judge_facts(verdict: Verdict, session: Session, account_id: UUID) -> None:
    for name, counted, kept, keys in (
        ("volumes", _VOLUMES, _KEPT_VOLUMES, 2),
        ("scores", _SCORES, _KEPT_SCORES, 3),
    ):
        recount = [tuple(row) for row in _rows(session, counted, account_id)]
        for table, cell_of in _CELLS.items():
            wanted = _summed(recount, cell_of, keys)
            cells = {tuple(row) for row in _rows(session, kept.format(table=table), account_id)}
            if cells != wanted:
                missing, extra = sorted(map(str, wanted - cells)), sorted(map(str, cells - wanted))
                verdict.wrong.append(
                    f"{name} of {table} are not a recount's (I5): {missing[:3]} / {extra[:3]}"
                )


def _summed(
    rows: Iterable[tuple[Any, ...]], cell_of: Callable[[date], date], keys: int
) -> set[tuple[Any, ...]]:
    """`rows`: agent, day, perhaps a metric (so many `keys`), and figures."""
    sums: dict[tuple[Any, ...], list[int]] = {}
    for agent_id, day, *rest in rows:
        key = (agent_id, cell_of(day), *rest[: keys - 2])
        figures = rest[keys - 2 :]
        sums[key] = [a + b for a, b in zip(sums.get(key, [0] * len(figures)), figures, strict=True)]
    return {(*key, *figures) for key, figures in sums.items()}
