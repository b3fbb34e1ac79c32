"""What each account has and lacks to ask its customers, for an operator's check."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.channel import WITHOUT_SENDER
from app.store.accounts import EVERY_ACCOUNT


@dataclass(frozen=True)
class Readiness:
    """`survey`: on, off or None; `held`: carrier's codes for which texts wait until an operator acts."""

    account: str
    survey: str | None
    needs_no_sender: bool  # others deliver its link, or the platform brings the customer who is on the line
    has_sender: bool
    has_key: bool
    paused: bool
    dry_runs: int
    unmapped: int  # agents of the last 30 days whom the roster does not know; counted up to `MOST`
    held: tuple[int, ...]


MOST = 1000

_READ = text(
    f"""
    select a.name as account,
           (select case when coalesce((s.definition ->> 'active')::boolean, true) then 'on' else 'off' end
            from survey_version s where s.account_id = a.id and s.key = :survey_key
            order by s.version desc limit 1) as survey,
           coalesce((select (select bool_or(way ->> 'channel' = any(:without_sender))
                             from jsonb_array_elements(s.definition -> 'channels') way)
                     from survey_version s where s.account_id = a.id and s.key = :survey_key
                     order by s.version desc limit 1), false) as needs_no_sender,
           exists (select from sender_account sa
                   join sender s on s.account_id = sa.owner_id and s.id = sa.sender_id
                   where sa.account_id = a.id and s.is_active) as has_sender,
           exists (select from api_key k where k.account_id = a.id and k.revoked_at is null) as has_key,
           exists (select from sending_pause p where p.scope in (:every_account, a.id::text)) as paused,
           (select count(*) from dry_run d where d.account_id = a.id) as dry_runs,
           (select count(*) from (
                select distinct c.source, c.platform_agent_id from call c
                where c.account_id = a.id and c.agent_id is null and c.platform_agent_id is not null
                  and c.ended_on >= current_date - 30
                limit {MOST}) unmapped) as unmapped,
           array(select distinct held.error_code from (
                select m.error_code from sender_account sa
                join message m on m.sender_id = sa.sender_id and m.account_id = sa.account_id
                where sa.account_id = a.id and m.state = 'due' and m.error_code is not null
                limit {MOST}) held order by 1) as held
    from account a
    where cast(:account as text) is null or a.name = :account
    order by a.name
    """  # noqa: S608  # MOST is the number above
)


def read_readiness(session: Session, survey_key: str, account: str | None = None) -> list[Readiness]:
    """Of one account by its name, or of all."""
    given = {
        "survey_key": survey_key,
        "without_sender": [channel.value for channel in WITHOUT_SENDER],
        "every_account": EVERY_ACCOUNT,
        "account": account,
    }
    rows = session.execute(_READ, given)
    return [Readiness(**{**row._mapping, "held": tuple(row.held)}) for row in rows]
