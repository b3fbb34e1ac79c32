"""A simulated year of 2,000 agents: how near to the target each comes by quota, against plain random sampling.

The rule is the service's own (app/domain/quota.py); the plain share is the one that sends as many texts in all.
Nothing is timed, and the seed is fixed: the same release prints the same tables.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from statistics import fmean, median

from app.domain.metrics import METRICS
from app.domain.quota import FLOOR, NOBODY, Aim, History, week_rates
from app.domain.scoring import Score, Tally, score
from app.store.spans import month_of
from bench.callyear import FIRST, LAST, Agent, AgentMonth, Sampling, Team, Year, make_agents, simulate
from bench.place import Site
from bench.rounds import Table, percentile
from bench.scale import Scale

TARGET = 20
_SEED = 2027
_NEAR = 0.2  # of the target
_GROUPS = 10

# (agent, their month)
Months = list[tuple[Agent, AgentMonth]]


def measure(_site: Site, scale: Scale) -> Iterator[Table]:
    """Needs no server."""
    yield from tables(scale)


def tables(scale: Scale) -> Iterator[Table]:
    """Answers per agent and month by tenths of the agents, quietest first; then teams' scores."""
    agents = make_agents(_SEED, scale.of(2_000, 60))
    last = FIRST + timedelta(days=59) if scale.quick else LAST
    by_quota = simulate(_SEED, agents, sample_by_quota, last)
    share = by_quota.asked / by_quota.askable
    by_share = simulate(_SEED, agents, plain(share), last)
    yield _answers(by_quota, by_share, share)
    yield _scores(by_quota, by_share)


def sample_by_quota(first_day: date, histories: Mapping[str, History]) -> Callable[[str], float]:
    month, next_month = month_of(first_day)
    rates = week_rates(Aim(TARGET, (next_month - month).days, (next_month - first_day).days), histories)
    usual = rates[NOBODY]
    return lambda name: rates.get(name, usual).probability


def plain(share: float) -> Sampling:
    return lambda _day, _histories: lambda _name: share


def _answers(by_quota: Year, by_share: Year, share: float) -> Table:
    table = Table(
        f"Answers per agent and month, {TARGET} wanted, {len(by_quota.agents):,} agents",
        headings=(
            *("agents, by calls a month", "in reach", "quota: p10, median, p90", "near, of those in reach"),
            *("texts", "days at the floor", "days at 1"),
            *(f"plain {share:.3f}: p10, median, p90", "near, of those in reach", "texts"),
        ),
    )
    ranked = sorted(by_quota.agents, key=lambda agent: agent.calls_a_month)
    for tenth in range(_GROUPS):
        group = ranked[tenth * len(ranked) // _GROUPS : (tenth + 1) * len(ranked) // _GROUPS]
        calls = f"{group[0].calls_a_month:,.0f} to {group[-1].calls_a_month:,.0f}"
        table.add_row(calls, *_row(group, by_quota, by_share))
    table.add_row("all", *_row(ranked, by_quota, by_share))
    table.note(
        f"Near: within {_NEAR:.0%} of the target. In reach: months in which asking after every call would bring"
        f" the target, and after every tenth no more than it. {by_quota.calls:,} calls; as many texts either way."
    )
    return table


def _row(group: list[Agent], by_quota: Year, by_share: Year) -> Iterator[str]:
    months, plainly = _months(group, by_quota), _months(group, by_share)
    rates = [by_quota.rates[agent.name] for agent in group if agent.name in by_quota.rates]
    days = sum(counter.total() for counter in rates)
    yield f"{len(_in_reach(months)) / len(months):.0%}"
    yield _spread(months)
    yield _near(_in_reach(months))
    yield f"{sum(month.asked for _, month in months):,}"
    for rate in (FLOOR, 1.0):
        yield f"{sum(counter[rate] for counter in rates) / days:.0%}"
    yield _spread(plainly)
    yield _near(_in_reach(plainly))
    yield f"{sum(month.asked for _, month in plainly):,}"


def _months(group: list[Agent], year: Year) -> Months:
    named = {agent.name: agent for agent in group}
    return [(named[name], month) for (name, _), month in year.months.items() if name in named]


def _in_reach(months: Months) -> Months:
    return [
        (agent, month)
        for agent, month in months
        if FLOOR * month.calls * agent.response <= TARGET <= month.calls * agent.response
    ]


def _spread(months: Months) -> str:
    answers = [month.answers for _, month in months]
    return ", ".join(str(percentile(answers, share)) for share in (0.1, 0.5, 0.9))


def _near(months: Months) -> str:
    if not months:
        return "-"
    near = sum(abs(month.answers - TARGET) <= _NEAR * TARGET for _, month in months)
    return f"{near / len(months):.0%}"


def _scores(by_quota: Year, by_share: Year) -> Table:
    table = Table(
        "Teams' satisfied customers, a month, against asking after every call",
        headings=(
            *(
                "sampling, and how it is counted",
                "off in the mean",
                "off by, median",
                "95 % intervals that hold",
            ),
            *("answers", "worth (effective n)"),
        ),
    )
    for what, year, weighted in (
        ("quota, each answer counted 1 / probability", by_quota, True),
        ("quota, each answer counted once", by_quota, False),
        ("plain", by_share, False),
    ):
        table.add_row(what, *_judged(year, weighted=weighted))
    table.note(
        "In percentage points. Customers of busier agents are less satisfied here: by quota a team's plain mean"
        " counts the quiet agents too much, and looks better than it is."
    )
    return table


def _judged(year: Year, *, weighted: bool) -> Iterator[str]:
    teams = [team for team in year.teams.values() if team.answers >= METRICS["csat"].thresholds[0]]
    scores = [_score(team, weighted=weighted) for team in teams]
    truths = [100 * team.expected_good / team.expected for team in teams]
    off = [(one.score or 0.0) - truth for one, truth in zip(scores, truths, strict=True)]
    held = sum(
        (one.low or 0.0) <= truth <= (one.high or 0.0) for one, truth in zip(scores, truths, strict=True)
    )
    yield f"{fmean(off):+.2f}"
    yield f"{median(map(abs, off)):.2f}"
    yield f"{held / len(teams):.1%}"
    yield f"{sum(team.answers for team in teams):,}"
    yield f"{sum(one.effective_n for one in scores):,.0f}"


def _score(team: Team, *, weighted: bool) -> Score:
    """As results would show it: a satisfied customer says 5, another one 1."""
    tally = Tally(
        counts=(team.answers - team.good, 0, 0, 0, team.good),
        weight=team.weight,
        weight_squared=team.weight_squared,
        weight_top=team.weight_good,
        weight_bottom=team.weight - team.weight_good,
        weight_value=team.weight + 4 * team.weight_good,
    )
    return score(METRICS["csat"], tally, weighted=weighted)
