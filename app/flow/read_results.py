"""Results per agent, team, vendor or queue: every number with how far it may be trusted."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.eligibility import SKIP_REASONS
from app.domain.intervals import rounded_mean
from app.domain.metrics import METRICS, Metric, account_metrics
from app.domain.rates import Volume, rates
from app.domain.scoring import Tally, final_on, scorer, status
from app.errors import Invalid
from app.flow.views import iso
from app.store.accounts import Account, get_account
from app.store.facts import Agent
from app.store.results import Standing, Summed, read_standing, sum_facts

# without dates: the rolling period over which scores are held against targets
DEFAULT_DAYS = 90
# part of every tag: bump it when the same facts are shown in another way
_SHAPE = 2
_NOTHING = Tally()
_NO_CALLS = [0] * (15 + len(SKIP_REASONS))
# always shown, answered or not; others only where they were asked
_HEADLINES = ("csat", "nps", "ownership")
# held against an agent's calls, which they know, these tell how many of them are drawn
_TELL_RATES = frozenset({"invited", "delivered", "skipped", "rates"})


class Show(NamedTuple):
    """How the figures that cost most are made ready to be shown: as plain values, unless the caller has a way to
    remember them. Equal arguments have equal figures."""

    scores: Callable[[Metric, bool], Callable[[Tally], Any]]
    rates: Callable[[Volume], Any]


def plain_scores(metric: Metric, weighted: bool) -> Callable[[Tally], dict[str, Any]]:
    score = scorer(metric, weighted=weighted)
    return lambda tally: score(tally).to_dict()


def plain_rates(volume: Volume) -> dict[str, Any]:
    return {name: rate.to_dict() for name, rate in rates(volume).items()}


PLAIN = Show(plain_scores, plain_rates)


@dataclass(frozen=True)
class Question:
    """What is asked for, dates settled; `metrics` are the account's own, `today` is in its time zone."""

    account: Account
    metrics: dict[str, Metric]
    standing: Standing
    group_by: str
    bucket: str
    start: date
    end: date
    today: date
    agent_id: str | None
    rates: bool = True  # False: nothing that gives away with which probability calls were drawn
    by_quota: bool = False  # agents differ in it, and should

    @property
    def weighted(self) -> bool:
        return self.group_by != "agent" and self.rates

    @property
    def tag(self) -> str:
        """The same as long as the results are: all that they depend on has a part in it, and no fact is read.

        What is rolled up between this and the reading is in the results, and changes the next tag.
        """
        parts = (
            _SHAPE,
            [(metric.name, metric.version) for metric in METRICS.values()],
            *(self.account.id, self.account.timezone, self.account.settings),
            *(self.standing.version, self.standing.waiting_since),
            *(
                self.group_by,
                self.bucket,
                self.start,
                self.end,
                self.today,
                self.agent_id,
                self.rates,
                self.by_quota,
            ),
        )
        return hashlib.sha256(json.dumps(parts, default=str, sort_keys=True).encode()).hexdigest()[:32]


def ask_results(
    session: Session,
    *,
    account_id: UUID,
    group_by: str,
    start: date | None,
    end: date | None,
    bucket: str,
    agent_id: str | None = None,
    rates: bool = True,
) -> Question:
    """`start` to `end`, both included, are days of calls in the account's time zone; default the last 90.

    Raises Invalid for a period that ends before it starts.
    """
    account = get_account(session, account_id)
    standing = read_standing(session, account_id)
    today = standing.now.astimezone(ZoneInfo(account.timezone)).date()
    end = end or today
    start = start or end - timedelta(days=DEFAULT_DAYS - 1)
    if start > end:
        raise Invalid(
            "There is no such period.", {"from": f"lies after {end.isoformat()}, where the period ends"}
        )
    own = [account.settings.get(name, {}) for name in ("targets", "thresholds")]
    return Question(
        account=account,
        metrics=_metrics(json.dumps(own, sort_keys=True)),
        standing=standing,
        group_by=group_by,
        bucket=bucket,
        start=start,
        end=end,
        today=today,
        agent_id=agent_id,
        rates=rates,
    )


@lru_cache(maxsize=1_000)
def _metrics(own: str) -> dict[str, Metric]:
    """The same objects for the same settings: what is remembered of a metric is remembered by them."""
    return account_metrics(*json.loads(own))


def read_results(session: Session, **asked: Any) -> dict[str, Any]:
    """Ask and answer in one; `asked` as for `ask_results`."""
    return answer_results(session, ask_results(session, **asked))


def answer_results(session: Session, question: Question, show: Show = PLAIN) -> dict[str, Any]:
    sums = sum_facts(
        session,
        question.account.id,
        group_by=question.group_by,
        bucket=question.bucket,
        start=question.start,
        end=question.end,
        agent_id=question.agent_id,
        weighted=question.weighted,
    )
    by_agent = question.group_by == "agent"
    agents = read_agents(session, question.account.id, question.agent_id) if by_agent else {}
    return shape_results(question, sums, agents, show)


def read_agents(session: Session, account_id: UUID, agent_id: str | None = None) -> dict[str, dict[str, Any]]:
    """How agents are labelled, by id: all, or the one."""
    query = select(Agent.id, Agent.name, Agent.team, Agent.vendor).where(Agent.account_id == account_id)
    if agent_id is not None:
        query = query.where(Agent.id == agent_id)
    return {
        id_: {"id": id_, "name": name, "team": team, "vendor": vendor}
        for id_, name, team, vendor in session.execute(query)
    }


def shape_results(
    question: Question, sums: Sequence[Summed], agents: dict[str, dict[str, Any]], show: Show = PLAIN
) -> dict[str, Any]:
    """Agents' figures are unweighted, all others weighted by inverse selection probability.

    `as_of`: all that was committed until then is in the numbers; the same figures keep the same one.
    """
    found = _group(sums)
    as_of = _as_of(question.standing, sums)
    periods = {start: _period(question, start) for start in {bucket_start for bucket_start, _ in found}}
    by_agent = question.group_by == "agent"
    scales = [
        Scale(name, metric.low, metric.high + 1, show.scores(metric, question.weighted))
        for name, metric in question.metrics.items()
    ]
    rows = [
        {
            question.group_by: _labelled(key, agents) if by_agent else key or None,
            **periods[bucket_start],
            "as_of": as_of,
            **_kept_back(question, _figures(found[bucket_start, key], scales, show)),
        }
        for bucket_start, key in sorted(found)
        # calls that nobody took belong to a queue and an account, to no agent
        if key or not by_agent
    ]
    return {
        "group_by": question.group_by,
        "bucket": question.bucket,
        "from": question.start.isoformat(),
        "to": question.end.isoformat(),
        "timezone": question.account.timezone,
        "as_of": as_of,
        "rows": rows,
    }


class Scale(NamedTuple):
    """A metric of the account: where its values lie in v0..v10, and how its scores are shown."""

    name: str
    low: int
    stop: int
    score: Callable[[Tally], Any]


def _labelled(agent_id: str, agents: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return agents.get(agent_id) or {"id": agent_id, "name": None, "team": None, "vendor": None}


# by bucket (its start, or an empty one) and key
Groups = dict[tuple[date | str, str], dict[str, tuple[list[int], list[float]]]]


def _group(sums: Sequence[Summed]) -> Groups:
    found: Groups = defaultdict(dict)
    for bucket_start, key, metric, counts, weights, _ in sums:
        found[bucket_start or "", key][metric] = counts, weights
    return found


def _as_of(standing: Standing, sums: Sequence[Summed]) -> str | None:
    newest = max((rebuilt_at for *_, rebuilt_at in sums), default=None)
    # never the time of reading where it can be avoided: it would change with every look
    return iso(standing.waiting_since or (newest and min(newest, standing.now)))


def _period(question: Question, bucket_start: date | str) -> dict[str, Any]:
    first, last = question.start, question.end
    if isinstance(bucket_start, date):
        first = max(first, bucket_start)
        last = min(last, _bucket_end(bucket_start, question.bucket))
    return {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "status": status(last, question.today),
        "final_on": final_on(last).isoformat(),
    }


def _kept_back(question: Question, figures: dict[str, Any]) -> dict[str, Any]:
    if question.rates:
        return figures
    return {name: figure for name, figure in figures.items() if name not in _TELL_RATES}


def _bucket_end(bucket_start: date, bucket: str) -> date:
    if bucket == "day":
        return bucket_start
    if bucket == "week":
        return bucket_start + timedelta(days=6)
    return (bucket_start + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _figures(
    sums: dict[str, tuple[list[int], list[float]]], scales: list[Scale], show: Show
) -> dict[str, Any]:
    counts = sums["volume"][0] if "volume" in sums else _NO_CALLS
    calls, answered, invited, delivered, _, responded, completed = counts[:7]
    talk, talk_n, hold, hold_n, wrap, wrap_n, wait, wait_n = counts[7:15]
    shown = {
        "calls": calls,
        "answered": answered,
        "invited": invited,
        "delivered": delivered,
        "responded": responded,
        "completed": completed,
        "skipped": {reason: n for reason, n in zip(SKIP_REASONS, counts[15:], strict=True) if n},
        "rates": show.rates(Volume(*counts[:7])),
        "mean_seconds": {
            "talk": rounded_mean(talk, talk_n),
            "hold": rounded_mean(hold, hold_n),
            "wrap": rounded_mean(wrap, wrap_n),
            "wait": rounded_mean(wait, wait_n),
        },
    }
    for name, low, stop, score in scales:
        if name in sums:
            values, weights = sums[name]
            shown[name] = score(Tally(tuple(values[low:stop]), *weights))
        elif name in _HEADLINES:
            shown[name] = score(_NOTHING)
    return shown
