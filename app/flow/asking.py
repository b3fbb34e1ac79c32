"""What an account asks with: its own facts, its survey and its senders, read together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain.call import CallEnd
from app.domain.channel import Channel
from app.domain.questionnaire import Survey
from app.domain.sending_limits import SendingLimits, sending_limits
from app.store.accounts import get_account
from app.store.dry_runs import dry_runs_of
from app.store.senders import SenderFacts, senders_of_account
from app.store.surveys import current_survey

# which survey a call leads to is one per account; queues that need their own would choose here
SURVEY_KEY = "default"


@dataclass(frozen=True)
class Asking:
    """Read once and kept for seconds by the entry point, so that accepting a call costs one read less."""

    account_id: UUID
    brand: str
    timezone: str
    region: str | None
    language: str
    survey: Survey | None
    senders: Mapping[Channel, SenderFacts] = field(default_factory=dict)
    dry_runs: frozenset[tuple[str, str]] = frozenset()  # (kind, name)
    limits: SendingLimits = field(default_factory=SendingLimits)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def day(self, moment: datetime) -> date:
        """The account's date then."""
        return moment.astimezone(self.zone).date()

    def tries(self, call: CallEnd) -> str | None:
        """What of the call is only tried, in words: its source or its queue."""
        tried = (("source", call.source), ("queue", call.queue or ""))
        return next((f"{kind} {name}" for kind, name in tried if (kind, name) in self.dry_runs), None)


def read_asking(session: Session, account_id: UUID) -> Asking:
    """Raises NotFound for an account that doesn't exist."""
    account = get_account(session, account_id)
    return Asking(
        account_id=account_id,
        brand=account.brand,
        timezone=account.timezone,
        region=account.default_region,
        language=account.default_language,
        survey=current_survey(session, account_id, SURVEY_KEY),
        senders=senders_of_account(session, account_id),
        dry_runs=dry_runs_of(session, account_id),
        limits=sending_limits(account.settings),
    )
