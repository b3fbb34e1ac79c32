"""Who handled a call, one after the other."""

from dataclasses import dataclass
from datetime import datetime

# of one call; after that, calls are sent round in circles
MOST_HANDLERS = 30


@dataclass(frozen=True)
class Handler:
    """One agent's part of a call; None where the platform did not say. Talk in seconds, unknown is not short.

    `leg`: the platform's id of the part, where it has one: all that is reported of one id is one part.
    """

    agent_id: str
    agent_name: str | None = None
    team: str | None = None
    vendor: str | None = None
    queue: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    talk_seconds: int | None = None
    leg: str | None = None
