"""How many customers have been asked today, from facts: as late as the roll-up is, and cheap however many."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.store.facts import FactDay


@dataclass(frozen=True)
class AskedToday:
    """`agents`: those of whom as many customers were asked as the cap allows."""

    day: date | None = None
    agents: frozenset[str] = frozenset()
    in_all: int = 0


NOT_READ = AskedToday()


def read_asked_today(
    session: Session, account_id: UUID, survey_key: str, day: date, most_per_agent: int | None
) -> AskedToday:
    rows = session.execute(
        select(FactDay.agent_id, func.sum(FactDay.invited).label("asked"))
        .where(
            FactDay.account_id == account_id,
            FactDay.day == day,
            FactDay.metric == "volume",
            FactDay.definition == "1",
            FactDay.survey == survey_key,
        )
        .group_by(FactDay.agent_id)
    )
    by_agent = {row.agent_id: row.asked for row in rows}
    reached = {
        agent
        for agent, asked in by_agent.items()
        if agent and most_per_agent is not None and asked >= most_per_agent
    }
    return AskedToday(day, frozenset(reached), sum(by_agent.values()))
