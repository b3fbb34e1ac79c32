"""Once a week each agent's rate of sampling is made from the facts, where a survey has a quota."""

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain.quota import Aim, week_rates
from app.errors import NotFound
from app.flow.asking import SURVEY_KEY
from app.log import get_logger
from app.store.accounts import get_account
from app.store.base import database_now
from app.store.results import read_standing
from app.store.sampling_rates import (
    Quota,
    SamplingRate,
    add_rates,
    histories,
    quotas,
    rates_are_made,
    rates_of_week,
)
from app.store.spans import month_of, week_of
from app.store.surveys import current_survey

log = get_logger(__name__)

# From facts that are behind, agents would seem to have few calls, and all of them would be asked about: rather
# last week's rates than rates from half of the facts.
_BEHIND = timedelta(minutes=15)
# after a week has begun
_SOON = timedelta(hours=1)


def quota_of(session: Session, account_id: UUID, survey: str) -> Quota:
    """Raises NotFound for a survey without one."""
    for quota in quotas(session):
        if (quota.account_id, quota.survey) == (account_id, survey):
            return quota
    raise NotFound(f"The survey {survey} has no quota_per_month: its calls are drawn at `probability`.")


def set_rates(session: Session, quota: Quota) -> int:
    """Make the rates of the week that it is in the account's time zone; how many were made: none where they are
    there already, and none while the facts are behind. Harmless when run twice, or by two at once."""
    account = get_account(session, quota.account_id)
    standing = read_standing(session, quota.account_id)
    first_day = week_of(standing.now.astimezone(ZoneInfo(account.timezone)).date())[0]
    if rates_are_made(session, quota, first_day):
        return 0
    if standing.waiting_since is not None and standing.now - standing.waiting_since > _BEHIND:
        log.warning(
            "no rates of sampling while the facts are behind",
            account_id=str(quota.account_id),
            waiting_since=standing.waiting_since.isoformat(),
        )
        return 0
    month, next_month = month_of(first_day)
    aim = Aim(quota.target, (next_month - month).days, (next_month - first_day).days, quota.most)
    rates = week_rates(aim, histories(session, quota, first_day))
    made = add_rates(session, quota, first_day, rates)
    log.info(
        "rates of sampling made",
        account_id=str(quota.account_id),
        survey=quota.survey,
        first_day=first_day.isoformat(),
        agents=made,
    )
    return made


def late_rates(session: Session, account_name: str | None) -> tuple[int, list[str]]:
    """How many quotas there are, of one account or (None) of all; and the accounts whose week began an hour ago or
    more and has no rates."""
    late, found = [], 0
    for quota in quotas(session):
        account = get_account(session, quota.account_id)
        if account_name not in (None, account.name):
            continue
        found += 1
        today = (database_now(session) - _SOON).astimezone(ZoneInfo(account.timezone)).date()
        if not rates_are_made(session, quota, week_of(today)[0]):
            late.append(account.name)
    return found, late


def tells_rates(session: Session, account_id: UUID, agent_id: str | None) -> bool:
    """Whether a key may see with which probability calls were drawn, and the figures that give it away: not one
    that names an agent (`agent_id`), where the survey has a quota."""
    return agent_id is None or not samples_by_quota(session, account_id)


def samples_by_quota(session: Session, account_id: UUID) -> bool:
    survey = current_survey(session, account_id, SURVEY_KEY)
    return survey is not None and survey.quota_per_month is not None


def read_rates(
    session: Session, *, account_id: UUID, survey: str, day: date | None, agent_id: str | None
) -> list[SamplingRate]:
    """Of the week that `day` (None: today) lies in; the account's own first."""
    if day is None:
        account = get_account(session, account_id)
        day = read_standing(session, account_id).now.astimezone(ZoneInfo(account.timezone)).date()
    return rates_of_week(session, account_id, survey, week_of(day)[0], agent_id)
