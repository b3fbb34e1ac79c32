"""Windows in which nobody is asked: an outage is no agent's doing, so it is left out for all of them alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.conditions import first_match

# one that was forgotten must not silence an account for good
LONGEST = timedelta(days=31)


@dataclass(frozen=True)
class Exclusion:
    """From `starts_at` (included) until `ends_at` (not included), of these queues, or of all where there are none.

    Of time and queues alone, never of an agent: whoever could leave out one agent's calls could choose their score.
    """

    id: UUID
    starts_at: datetime
    ends_at: datetime  # as it came to be, where it was ended early
    queues: tuple[str, ...]
    reason: str

    def covers(self, started_at: datetime, ended_at: datetime, queue: str | None) -> bool:
        """Whether the call was going on within the window, be it for a moment: who waited in an outage and talked
        after it has met with it all the same."""
        if ended_at < self.starts_at or started_at >= self.ends_at or self.starts_at >= self.ends_at:
            return False
        return not self.queues or first_match(self.queues, queue) is not None

    @property
    def words(self) -> str:
        of = f"queues {', '.join(self.queues)}" if self.queues else "every queue"
        return (
            f"left out for everyone: calls of {of} from {self.starts_at.isoformat()}"
            f" until {self.ends_at.isoformat()} ({self.reason})"
        )


def exclusion_of(
    exclusions: Iterable[Exclusion], started_at: datetime, ended_at: datetime, queue: str | None
) -> Exclusion | None:
    """The first one that such a call falls into."""
    return next((one for one in exclusions if one.covers(started_at, ended_at, queue)), None)
