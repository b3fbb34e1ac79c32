"""A year of a contact centre's calls, the same for each way of sampling: agents of very different volumes, who take
days off and leave, start and go; customers of whom some answer, at once or days later.

Everything comes from a seed. Each call has two numbers, made whether they are needed or not: what it draws, and
how its customer is minded. So two ways of sampling meet the same calls and the same customers.
"""

import math
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from app.domain.quota import LOOKED_AT, History, Week
from app.store.spans import month_of, week_of

FIRST, LAST = date(2027, 1, 1), date(2027, 12, 31)
_DAY = timedelta(days=1)

# of drawn calls, those whose customers are not asked all the same: opted out, asked lately
_NOT_ASKED = 0.08
# answers that come on the call's day, and on the next one; the others come on the day after
_AT_ONCE, _NEXT_DAY = 0.75, 0.92
_TEAM = 20


@dataclass
class Agent:
    """`response`: the share of the customers they speak to who answer; `quality`: of whom are satisfied."""

    name: str
    team: int
    calls_a_month: float
    response: float
    quality: float
    days_a_week: int
    day_off: int
    first: date
    last: date
    leave: frozenset[date]

    def works(self, day: date) -> bool:
        at_work = (day.toordinal() + self.day_off) % 7 < self.days_a_week
        return self.first <= day <= self.last and at_work and day not in self.leave


class AgentMonth(NamedTuple):
    calls: int
    asked: int
    answers: int


@dataclass
class Team:
    """A team's month: what would be said if everybody were asked, and what was said by those who were."""

    expected: float = 0.0
    expected_good: float = 0.0
    answers: int = 0
    good: int = 0
    weight: float = 0.0
    weight_squared: float = 0.0
    weight_good: float = 0.0


@dataclass
class Year:
    """What one way of sampling made of it. `rates`: by agent, on how many working days each rate was in force."""

    agents: list[Agent]
    months: dict[tuple[str, date], AgentMonth] = field(default_factory=dict)
    teams: dict[tuple[int, date], Team] = field(default_factory=dict)
    rates: dict[str, Counter[float]] = field(default_factory=dict)
    askable: int = 0  # texts that asking after every call would send

    @property
    def calls(self) -> int:
        return sum(month.calls for month in self.months.values())

    @property
    def asked(self) -> int:
        return sum(month.asked for month in self.months.values())


# the first day of a week, and what facts say of the weeks before it -> each agent's probability, by name
Sampling = Callable[[date, Mapping[str, History]], Callable[[str], float]]


def make_agents(seed: int, count: int) -> list[Agent]:
    """Volumes are log-normal, 20 to 3,000 calls a month; customers of busier agents are less satisfied."""
    chance = random.Random(f"{seed} agents")  # noqa: S311  # a simulation
    return [_make_agent(chance, number, number // _TEAM) for number in range(count)]


def _make_agent(chance: random.Random, number: int, team: int) -> Agent:
    volume = min(3_000.0, max(20.0, chance.lognormvariate(math.log(250), 1.1)))
    first, last, fate = FIRST, LAST, chance.random()
    if fate < 0.15:
        first += chance.randrange(300) * _DAY
    elif fate < 0.25:
        last = FIRST + chance.randrange(60, 365) * _DAY
    leave = {
        begins + after * _DAY
        for begins in (FIRST + chance.randrange(365) * _DAY for _ in range(chance.randrange(2, 5)))
        for after in range(chance.choice((5, 7, 14, 21)))
    }
    return Agent(
        name=f"agent-{number:04}",
        team=team,
        calls_a_month=volume,
        response=min(0.40, max(0.05, chance.betavariate(4, 16))),
        quality=min(0.97, max(0.40, chance.gauss(0.85 - 0.06 * math.log(volume / 250), 0.05))),
        days_a_week=chance.choice((5, 5, 5, 5, 4, 3, 2)),
        day_off=chance.randrange(7),
        first=first,
        last=last,
        leave=frozenset(leave),
    )


class _Book:
    """What the facts say of one agent: of weeks, and of the last days how their answers came in."""

    def __init__(self) -> None:
        self.weeks: list[tuple[date, list[int]]] = []  # the newest first; reached, drawn, answered
        self.days: dict[date, tuple[int, int, int, int]] = {}  # drawn, answered; by midnight, by the next one

    def open_week(self, first_day: date) -> None:
        self.weeks.insert(0, (first_day, [0, 0, 0]))
        del self.weeks[LOOKED_AT + 1 :]

    def note(self, day: date, calls: int, drawn: int, came: list[int]) -> None:
        """`came`: answers of that day, of the next, of the one after."""
        for place, count in enumerate((calls, drawn, sum(came))):
            self.weeks[0][1][place] += count
        self.days[day] = drawn, sum(came), came[0], came[0] + came[1]

    def history(self, first_day: date) -> History:
        """As the facts stand when the week begins."""
        yesterday, before = (self.days.get(first_day - back * _DAY, (0, 0, 0, 0)) for back in (1, 2))
        known = yesterday[2] + before[3]
        missing = yesterday[1] + before[1] - known
        month = month_of(first_day)[0]
        weeks = [
            Week((week_of(day)[1] - day).days, reached, drawn, answered, day >= month)
            for day, (reached, drawn, answered) in self.weeks
            if day < first_day
        ]
        if weeks:
            weeks[0] = weeks[0]._replace(answered=weeks[0].answered - missing)
        return History(weeks[:LOOKED_AT], yesterday[0] + before[0], known)


def simulate(seed: int, agents: list[Agent], sampling: Sampling, last: date = LAST) -> Year:
    """Each day of the year, each agent's calls; the rates are made anew when a week begins."""
    calls, customers = random.Random(f"{seed} calls"), random.Random(f"{seed} customers")  # noqa: S311
    year, books = Year(agents), {agent.name: _Book() for agent in agents}
    rate_of: Callable[[str], float] = lambda _: 1.0  # noqa: E731
    busy = {agent.name: 1.0 for agent in agents}
    day = FIRST
    while day <= last:
        first_day = week_of(day)[0]
        if day == first_day:
            rate_of = sampling(day, {name: book.history(day) for name, book in books.items() if book.weeks})
            season = (1 + 0.2 * math.sin(2 * math.pi * day.timetuple().tm_yday / 365)) * _wobble(calls, 0.08)
            for agent in agents:
                books[agent.name].open_week(day)
                busy[agent.name] = season * _wobble(calls, 0.2)
        for agent in agents:
            if agent.works(day):
                on_a_day = agent.calls_a_month * 12 / 365 * 7 / agent.days_a_week * busy[agent.name]
                count = _poisson(calls, on_a_day)
                _spend(
                    year, books[agent.name], agent, day, rate_of(agent.name), _draws(calls, count), customers
                )
        day += _DAY
    return year


def _draws(chance: random.Random, count: int) -> list[tuple[float, float]]:
    return [(chance.random(), chance.random()) for _ in range(count)]


def _spend(  # noqa: PLR0917  # one day of one agent
    year: Year,
    book: _Book,
    agent: Agent,
    day: date,
    rate: float,
    draws: list[tuple[float, float]],
    customers: random.Random,
) -> None:
    answer_below = _NOT_ASKED + (1 - _NOT_ASKED) * agent.response
    minds = [mind for draw, mind in draws if draw < rate]
    asked = sum(mind >= _NOT_ASKED for mind in minds)
    year.askable += sum(mind >= _NOT_ASKED for _, mind in draws)
    answers = sum(_NOT_ASKED <= mind < answer_below for mind in minds)
    came, good = [0, 0, 0], 0
    for _ in range(answers):
        when = customers.random()
        came[0 if when < _AT_ONCE else 1 if when < _NEXT_DAY else 2] += 1
        good += customers.random() < agent.quality
    book.note(day, len(draws), len(minds), came)
    month = day.replace(day=1)
    before = year.months.get((agent.name, month), AgentMonth(0, 0, 0))
    year.months[agent.name, month] = AgentMonth(
        before.calls + len(draws), before.asked + asked, before.answers + answers
    )
    year.rates.setdefault(agent.name, Counter())[rate] += 1
    team = year.teams.setdefault((agent.team, month), Team())
    expected = len(draws) * agent.response
    team.expected += expected
    team.expected_good += expected * agent.quality
    team.answers += answers
    team.good += good
    team.weight += answers / rate
    team.weight_squared += answers / rate**2
    team.weight_good += good / rate


def _wobble(chance: random.Random, by: float) -> float:
    return chance.lognormvariate(0, by)


def _poisson(chance: random.Random, mean: float) -> int:
    if mean > 30:  # near enough to a normal one
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    count, product, limit = 0, chance.random(), math.exp(-mean)
    while product > limit:
        count, product = count + 1, product * chance.random()
    return count
