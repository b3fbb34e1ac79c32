"""How often a survey asks one customer, about one agent, and at all: which of its caps is used up, in words."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from app.domain.questionnaire import Survey

# so many asks are remembered of each contact, and no cap per customer is higher
MOST_ASKS = 20


def customer_used_up(survey: Survey | None, asks: Iterable[Sequence[datetime]], now: datetime) -> str | None:
    """`asks`: of each contact of theirs, when they were asked by any survey, the newest first.

    The write decides it again by the same rule: the ask that is the cap's last one lies within the days.
    """
    if survey is None or survey.most_per_customer is None:
        return None
    most, since = survey.most_per_customer, now - timedelta(days=survey.most_per_customer_days)
    if all(len(times) < most or times[most - 1] <= since for times in asks):
        return None
    return f"asked {most} times within {survey.most_per_customer_days} days"


def agent_used_up(survey: Survey | None, used_up: Collection[str], agent_id: str | None) -> str | None:
    """`used_up`: the agents of whom so many customers were asked today."""
    if survey is None or agent_id is None or agent_id not in used_up:
        return None
    return f"{survey.most_per_agent_day} customers of this agent have been asked today"


def survey_used_up(survey: Survey | None, asked_today: int) -> str | None:
    if survey is None or survey.most_per_day is None or asked_today < survey.most_per_day:
        return None
    return f"{survey.most_per_day} customers have been asked today"
