"""A survey that begins once more takes its customer again, if they are free for it."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

# All contact points decide together, on the locked rows, as when a call is accepted.
_HOLD_AGAIN = text(
    """
    with held as materialized (
        select c.account_id, c.id, c.opted_out_at, c.open_invitation, c.asked_by_invitation, c.last_asked_at
        from invitation i
        join call k on k.account_id = i.account_id and k.id = i.call_id
        join contact c on c.account_id = i.account_id
                      and c.id in (i.contact_id, k.phone_contact_id, k.email_contact_id)
        where i.account_id = :account_id and i.id = :invitation_id
        order by c.kind desc, c.id for no key update of c
    ), verdict as materialized (
        select coalesce(bool_or(opted_out_at is not null), false) as opted_out,
               coalesce(bool_or(open_invitation <> :invitation_id), false) as other_survey,
               coalesce(bool_or(asked_by_invitation is distinct from :invitation_id
                                and last_asked_at > clock_now() - :cooldown * interval '1 s'), false)
                   as asked_recently
        from held
    ), taken as (
        update contact c set open_invitation = :invitation_id, asked_by_invitation = :invitation_id,
                             last_asked_at = clock_now()
        from held, verdict v
        where c.account_id = held.account_id and c.id = held.id
          and not (v.opted_out or v.other_survey or v.asked_recently)
    )
    select opted_out, other_survey, asked_recently from verdict
    """
)


class Held(NamedTuple):
    """Why a customer was not taken for a survey; nothing of it is true where they were."""

    opted_out: bool
    other_survey: bool
    asked_recently: bool


def hold_again(session: Session, account_id: UUID, invitation_id: UUID, cooldown_seconds: int) -> Held:
    """Let this invitation be the customer's open survey once more, asked now, if they are free for it."""
    values = {"account_id": account_id, "invitation_id": invitation_id, "cooldown": cooldown_seconds}
    return Held(*session.execute(_HOLD_AGAIN, values).one())
