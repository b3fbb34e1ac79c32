"""A survey that begins once more takes its customer again, if they are free for it."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.questionnaire import Survey
from app.domain.survey_caps import MOST_ASKS

# All contact points decide together, on the locked rows, as when a call is accepted.
_HOLD_AGAIN = text(
    f"""
    with held as materialized (
        select c.account_id, c.id, c.opted_out_at, c.open_invitation, c.asked_by_invitation, c.last_asked_at,
               c.suppressed_at is not null or c.consent_withdrawn_at is not null as barred,
               array_remove(array_remove(c.recent_asks, i.created_at),
                            case when c.asked_by_invitation = i.id then c.last_asked_at end) as other_asks
        from invitation i
        join call k on k.account_id = i.account_id and k.id = i.call_id
        join contact c on c.account_id = i.account_id
                      and c.id in (i.contact_id, k.phone_contact_id, k.email_contact_id, k.customer_contact_id)
        where i.account_id = :account_id and i.id = :invitation_id
        order by c.kind desc, c.id for no key update of c
    ), verdict as materialized (
        select coalesce(bool_or(opted_out_at is not null), false) as opted_out,
               coalesce(bool_or(barred), false) as barred,
               coalesce(bool_or(open_invitation <> :invitation_id), false) as other_survey,
               coalesce(bool_or(asked_by_invitation is distinct from :invitation_id
                                and last_asked_at > clock_now() - :cooldown * interval '1 s'
                                or other_asks[cast(:most_asks as int)]
                                   > clock_now() - :asks_within * interval '1 s'), false) as asked_recently
        from held
    ), taken as (
        update contact c set open_invitation = :invitation_id, asked_by_invitation = :invitation_id,
                             last_asked_at = clock_now(),
                             recent_asks = (array[clock_now()] || held.other_asks)[1:{MOST_ASKS}]
        from held, verdict v
        where c.account_id = held.account_id and c.id = held.id
          and not (v.opted_out or v.barred or v.other_survey or v.asked_recently)
    )
    select opted_out, barred, other_survey, asked_recently from verdict
    """  # noqa: S608  # made of this file's own names
)


class Held(NamedTuple):
    """Why a customer was not taken for a survey; nothing of it is true where they were."""

    opted_out: bool
    barred: bool
    other_survey: bool
    asked_recently: bool


def hold_again(session: Session, account_id: UUID, invitation_id: UUID, survey: Survey) -> Held:
    """Let this invitation be the customer's open survey once more, asked now, if they are free for it."""
    values = {
        "account_id": account_id,
        "invitation_id": invitation_id,
        "cooldown": survey.cooldown_seconds,
        "most_asks": survey.most_per_customer,
        "asks_within": survey.most_per_customer_days * 86_400,
    }
    return Held(*session.execute(_HOLD_AGAIN, values).one())
