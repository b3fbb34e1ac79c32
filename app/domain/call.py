"""The end of a call, as every platform's report is translated into."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.domain.handlers import Handler

# of one call, over all its reports and amendments
MOST_TAGS = 50
MOST_ATTRIBUTES = 50


@dataclass(frozen=True)
class CallEnd:
    """Times are aware; durations in seconds, None where the platform did not say (unknown is not short)."""

    call_id: str
    source: str
    direction: str  # inbound | outbound | internal
    started_at: datetime
    ended_at: datetime
    answered_at: datetime | None = None
    agent_id: str | None = None
    agent_name: str | None = None
    team: str | None = None
    vendor: str | None = None
    queue: str | None = None
    contact_reason: str | None = None
    phone: str | None = None
    email: str | None = None
    customer_name: str | None = None
    customer_ref: str | None = None
    language: str | None = None
    timezone: str | None = None
    talk_seconds: int | None = None
    wait_seconds: int | None = None
    hold_seconds: int | None = None
    wrap_seconds: int | None = None
    ended_by: str | None = None  # agent | customer | system
    transferred_from: str | None = None
    transferred_to: str | None = None
    trigger: str = "automatic"  # automatic | agent | customer
    is_test: bool = False
    ask: bool = True
    tags: tuple[str, ...] = ()
    attributes: dict[str, Any] = field(default_factory=dict)
    handlers: tuple[Handler, ...] = ()  # in order; none where one agent alone was reported
    # of the handler for whom it counts (see attribution): its place in `handlers`, by what rule, and since when
    handler: int | None = None
    attributed_by: str | None = None
    taken_at: datetime | None = None

    @property
    def last_of_several(self) -> bool:
        """Its customer is asked about the last of those they spoke to, and has to be told so."""
        return self.transferred_from is not None and self.transferred_to is None

    @property
    def answered(self) -> bool:
        """Somebody talked: an answer time, a talk time, or (neither reported) an agent on the call."""
        if self.answered_at is not None:
            return True
        return self.talk_seconds > 0 if self.talk_seconds is not None else self.agent_id is not None
