"""What an account asks with: its own facts, its survey and its senders, read together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain.call import CallEnd
from app.domain.channel import Channel
from app.domain.exclusion import Exclusion, exclusion_of
from app.domain.questionnaire import Survey
from app.domain.quota import RatesInForce
from app.domain.sending_limits import SendingLimits, sending_limits
from app.store.accounts import Account, get_account
from app.store.asked_today import NOT_READ, AskedToday, read_asked_today
from app.store.base import database_now
from app.store.dry_runs import dry_runs_of
from app.store.exclusions import exclusions_of
from app.store.listed_numbers import ListedLengths, listed_lengths
from app.store.sampling_rates import rates_in_force
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
    holidays: frozenset[str] = frozenset()  # as `holidays.read_holiday` gives them
    exclusions: tuple[Exclusion, ...] = ()
    listed: ListedLengths = field(default_factory=ListedLengths)
    rates: RatesInForce = field(default_factory=RatesInForce)  # where the survey has a quota
    asked_today: AskedToday = NOT_READ  # where the survey has caps per agent or day

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

    def leaves_out(self, call: CallEnd) -> str | None:
        """The exclusion that the call falls into, in words."""
        found = exclusion_of(self.exclusions, call.started_at, call.ended_at, call.queue)
        return found.words if found else None


def read_asking(session: Session, account_id: UUID) -> Asking:
    """Raises NotFound for an account that doesn't exist."""
    account = get_account(session, account_id)
    survey = current_survey(session, account_id, SURVEY_KEY)
    return Asking(
        account_id=account_id,
        brand=account.brand,
        timezone=account.timezone,
        region=account.default_region,
        language=account.default_language,
        survey=survey,
        senders=senders_of_account(session, account_id),
        dry_runs=dry_runs_of(session, account_id),
        limits=sending_limits(account.settings),
        holidays=account.holidays,
        exclusions=exclusions_of(session, account_id),
        listed=listed_lengths(session, account_id),
        rates=_rates(session, account, survey),
        asked_today=_asked_today(session, account, survey),
    )


def _asked_today(session: Session, account: Account, survey: Survey | None) -> AskedToday:
    if survey is None or (survey.most_per_agent_day is None and survey.most_per_day is None):
        return NOT_READ
    today = database_now(session).astimezone(ZoneInfo(account.timezone)).date()
    return read_asked_today(session, account.id, survey.key, today, survey.most_per_agent_day)


def _rates(session: Session, account: Account, survey: Survey | None) -> RatesInForce:
    """Of the days whose calls are not too old to be asked about."""
    if survey is None or survey.quota_per_month is None:
        return RatesInForce()
    oldest = database_now(session) - timedelta(seconds=survey.too_old_seconds)
    since = oldest.astimezone(ZoneInfo(account.timezone)).date()
    return rates_in_force(session, account.id, survey.key, since)
