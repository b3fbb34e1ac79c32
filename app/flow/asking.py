"""What an account asks with: its own facts, its survey and its sender, read together."""

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain.questionnaire import Survey
from app.store.accounts import get_account
from app.store.senders import SenderFacts, sender_of_account
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
    sender: SenderFacts | None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


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
        sender=sender_of_account(session, account_id),
    )
