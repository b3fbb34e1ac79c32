"""Sampling by quota: with which probability each agent's calls of a week are drawn, so that in a month each has
about as many answers as the survey wants.

    probability = answers still missing / (calls still to come this month * answers to a drawn call)

made anew each week, never below FLOOR. What is missing is spread over all that is left of the month: a week that
brought too many or too few is made up for in part at first, and in the last week altogether. Only numbers of calls
and answers have a part in it, never what the answers say. So an agent's score stays a plain mean, and scores over
several agents are right again once each answer counts for 1 / probability calls (Horvitz & Thompson 1952, "A
generalization of sampling without replacement from a finite universe", JASA 47).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any, NamedTuple

# everybody can be asked about after any call, and no answer weighs more than ten times another
FLOOR = 0.10

# to whom the account's own rate belongs: calls of no agent, and of agents whom no week knows yet
NOBODY = ""

# so many days before a week, answers may still be coming in: a text is answered within 48 hours, or never
COMING_DAYS = 2

# the weeks that are looked at; of them the volume is that of the newest few in which the agent took calls at all
LOOKED_AT = 8
_WEEKS_OF_VOLUME = 4
# each week counts for so much of the one after it: volumes drift with seasons, shifts and queues
_FADES = 0.6

# what is known of response before anything is: as good as 20 drawn calls, of which a fifth were answered
_USUAL_RESPONSE, _USUAL_WORTH = 0.20, 20.0
# the account's response is worth so many drawn calls of the agent's own, at the least and at the most
_LEAST_WORTH, _MOST_WORTH = 10.0, 200.0

_DECIMALS = 4


class Week(NamedTuple):
    """An agent's calls of one week of the facts: those that `reached` the draw, were `drawn` (not all of them are
    asked then: some have opted out, some were asked lately), and were `answered`."""

    days: int
    reached: int
    drawn: int
    answered: int
    this_month: bool  # the one for which rates are made


class History(NamedTuple):
    """`weeks`: the newest first. `coming_*`: of the last COMING_DAYS days in them, as far as is known."""

    weeks: Sequence[Week] = ()
    coming_drawn: int = 0
    coming_answered: int = 0


class Aim(NamedTuple):
    """`target` answers per agent and month; `days_left` of the month's `days` from the week's first one on. No rate
    is above `most`, even where the target is out of reach."""

    target: int
    days: int
    days_left: int
    most: float = 1.0


class Rate(NamedTuple):
    """A week's probability, and the figures that it was made from, for whoever asks for them afterwards."""

    probability: float
    basis: dict[str, Any]


@dataclass(frozen=True)
class RatesInForce:
    """`weeks`: (first day, agent -> probability), the newest first; none where nothing is sampled by quota."""

    weeks: tuple[tuple[date, Mapping[str, float]], ...] = ()

    def of(self, agent_id: str | None, day: date) -> float | None:
        """For a call of that day, whenever it is reported: holding a report back for another week gains nothing.

        A week that has none yet goes on with those before it.
        """
        for first_day, rates in self.weeks:
            if first_day <= day:
                return rates.get(agent_id or NOBODY, rates.get(NOBODY))
        return None


def week_rates(aim: Aim, histories: Mapping[str, History]) -> dict[str, Rate]:
    """By agent, and NOBODY: the probabilities of one week, each within FLOOR..`most`. Who took no call in the weeks
    that are looked at has none."""
    response = account_response(histories.values())
    worth = response_worth(histories.values(), response)
    volumes = {agent: calls_a_day(history.weeks) for agent, history in histories.items()}
    known = {agent: volume for agent, volume in volumes.items() if volume}
    rates = {}
    for agent, volume in known.items():
        own = own_response(histories[agent], response, worth)
        rates[agent] = _agents_rate(aim, histories[agent], volume, own)
    rates[NOBODY] = _accounts_rate(aim, median(known.values()) if known else 0.0, response)
    return rates


def _agents_rate(aim: Aim, history: History, volume: float, response: float) -> Rate:
    this_month = [week.answered for week in history.weeks if week.this_month]
    # on a month's first day nothing is coming that counts for it
    expected = history.coming_drawn * response if this_month else 0.0
    coming = max(0.0, expected - history.coming_answered)
    missing = max(0.0, aim.target - sum(this_month) - coming)
    basis = {
        "target": aim.target,
        "answered": sum(this_month),
        "coming": round(coming, 1),
        "days_left": aim.days_left,
        "calls_a_day": round(volume, 2),
        "response": round(response, _DECIMALS),
    }
    return _rate(missing, volume * aim.days_left * response, aim.most, basis)


def _accounts_rate(aim: Aim, volume: float, response: float) -> Rate:
    """What an agent of the usual volume needs in a whole month."""
    basis = {
        "target": aim.target,
        "calls_a_day": round(volume, 2),
        "response": round(response, _DECIMALS),
    }
    return _rate(aim.target, volume * aim.days * response, aim.most, basis)


def _rate(missing: float, if_all_were_drawn: float, most: float, basis: dict[str, Any]) -> Rate:
    """`if_all_were_drawn`: so many answers would come."""
    wanted = missing / if_all_were_drawn if if_all_were_drawn else most
    rate = max(FLOOR, min(most, round(wanted, _DECIMALS)))
    return Rate(rate, {**basis, "wanted": round(wanted, _DECIMALS)})


def calls_a_day(weeks: Sequence[Week]) -> float:
    """Calls that reach the draw on a day, days off included; 0 without any.

    A week without a call is one of leave, and says nothing of the weeks after it.
    """
    calls = days = 0.0
    for age, week in enumerate([week for week in weeks if week.reached][:_WEEKS_OF_VOLUME]):
        counts = _FADES**age
        calls += counts * week.reached
        days += counts * week.days
    return calls / days if days else 0.0


def account_response(histories: Iterable[History]) -> float:
    """Answers to a drawn call, over all agents."""
    settled = [_settled(history) for history in histories]
    answered = sum(answered for _, answered in settled)
    return (answered + _USUAL_RESPONSE * _USUAL_WORTH) / (sum(drawn for drawn, _ in settled) + _USUAL_WORTH)


def own_response(history: History, response: float, worth: float) -> float:
    """An agent's own, shrunken towards the account's `response`, which is worth so many drawn calls: three calls
    make no rate."""
    drawn, answered = _settled(history)
    return (answered + worth * response) / (drawn + worth)


def response_worth(histories: Iterable[History], response: float) -> float:
    """How many drawn calls of their own the account's response is worth: many where agents are much alike.

    Beta-binomial by moments (Kleinman 1973, "Proportions with extraneous variance: single and independent samples",
    JASA 68), agents weighted by their drawn calls: rho, the part of the variance that lies between agents, is what
    their rates spread more than chance spreads them; the worth is (1 - rho) / rho.
    """
    settled = [(drawn, answered) for drawn, answered in map(_settled, histories) if drawn]
    total, freedom = sum(drawn for drawn, _ in settled), len(settled) - 1
    room = total - sum(drawn * drawn for drawn, _ in settled) / total - freedom if total else 0.0
    if room <= 0:
        return _MOST_WORTH
    chance = response * (1 - response)
    spread = sum(drawn * (answered / drawn - response) ** 2 for drawn, answered in settled) / chance
    rho = (spread - freedom) / room
    return _MOST_WORTH if rho <= 0 else min(_MOST_WORTH, max(_LEAST_WORTH, (1 - rho) / rho))


def _settled(history: History) -> tuple[int, int]:
    """Drawn and answered, as far as that is over."""
    drawn = sum(week.drawn for week in history.weeks) - history.coming_drawn
    answered = sum(week.answered for week in history.weeks) - history.coming_answered
    # answers that another system took come without a draw of ours
    return max(drawn, 0), max(min(answered, drawn), 0)
