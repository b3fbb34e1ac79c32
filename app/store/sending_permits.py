"""What goes out under an account's limits: countries, and caps of a day that are counted where messages are claimed
and never gone beyond."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, and_, delete, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.sending_limits import COUNTRY_NOT_ALLOWED, DAILY_CAP, LIMITED, SendingLimits, sending_limits
from app.errors import ConfigurationError
from app.log import get_logger
from app.store.accounts import Account, get_account
from app.store.base import Base, database_now
from app.store.claims import Claimed
from app.store.contacts import open_address
from app.store.senders import Sender, SenderAccount
from app.store.sending_days import ranges_of

log = get_logger(__name__)


class SendingPermit(Base):
    """This survey's asks may go out on this day: counted once, however many requests, channels and workers it
    takes.

    It stays when nothing comes of it: what was claimed may have been paid for.
    """

    __tablename__ = "sending_permit"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    invitation_id: Mapped[UUID] = mapped_column(primary_key=True)


# The row of all numbers is locked first by everybody, and so is the mutex of an account's day: what is read here
# stands until this claim is committed.
_LOCK = text(
    """
    insert into sending_day as d (account_id, day, range, n)
    select :account_id, :day, r.range, 0 from unnest(cast(:ranges as text[])) with ordinality as r (range, place)
    order by r.place
    on conflict on constraint pk_sending_day do update set sent = d.sent
    returning d.range, d.sent
    """
)

_COUNT = text(
    """
    update sending_day d set sent = d.sent + g.n
    from unnest(cast(:ranges as text[]), cast(:numbers as int[])) as g (range, n)
    where d.account_id = :account_id and d.day = :day and d.range = g.range
    """
)

_PERMIT = text(
    """
    insert into sending_permit (account_id, day, invitation_id)
    select :account_id, :day, unnest(cast(:invitations as uuid[]))
    """
)

# As if it had not been claimed. With its window closed no claim takes it, and the sweep, which locks in another
# order than a claim can, decides what becomes of it. The allowance that it took from its sender's pace is given
# back.
_REFUSE = text(
    """
    with refused as (
        update message m set state = 'due', claim_id = null, lease_until = null, claims = claims - 1,
                             send_before = least(send_before, clock_now()), detail = :detail
        where m.account_id = :account_id and m.id = any(:messages) and m.state = 'claimed'
        returning m.account_id, m.sender_id
    ), slower as (
        select a.owner_id, r.sender_id, count(*) as n from refused r
        join sender_account a on a.account_id = r.account_id and a.sender_id = r.sender_id
        group by a.owner_id, r.sender_id
    )
    update sender x set next_free_at = x.next_free_at - interval '1 s' * s.n / x.per_second
    from slower s where x.account_id = s.owner_id and x.id = s.sender_id
    """
)


def within_caps(
    session: Session, claimed: Sequence[Claimed], region_of: Callable[[str], str | None]
) -> list[Claimed]:
    """Those of the claimed that may go out today. The others are due again, with their window closed, and say why.

    `region_of`: a number's country. In the transaction of the claim, and its last step: two claims that count for
    one account take turns.
    """
    asks = [one for one in claimed if one.capped and one.purpose == "ask"]
    if not asks:
        return list(claimed)
    refused: set[UUID] = set()
    for account_id in sorted({one.account_id for one in asks}):
        account = get_account(session, account_id)
        limits = sending_limits(account.settings)
        paid = _paid_senders(session, account_id)
        theirs = [one for one in asks if one.account_id == account_id and one.sender_id in paid]
        numbers = {one.message_id: _number(session, one) for one in theirs}
        # a list that grew shorter when texts were waiting: whoever shortens it does so to stop them
        abroad = {key for key, number in numbers.items() if number and not limits.allows(region_of(number))}
        _refuse(session, account_id, abroad, COUNTRY_NOT_ALLOWED)
        at_home = [one for one in theirs if one.message_id not in abroad]
        if limits.counts and at_home:
            refused |= _refuse_beyond(session, account, limits, at_home, numbers)
        refused |= abroad
    return [one for one in claimed if one.message_id not in refused]


def _paid_senders(session: Session, account_id: UUID) -> set[UUID]:
    return set(
        session.scalars(
            select(Sender.id)
            .join(
                SenderAccount,
                and_(SenderAccount.owner_id == Sender.account_id, SenderAccount.sender_id == Sender.id),
            )
            .where(SenderAccount.account_id == account_id, Sender.channel.in_(LIMITED))
        )
    )


def _refuse_beyond(
    session: Session,
    account: Account,
    limits: SendingLimits,
    asks: Sequence[Claimed],
    numbers: Mapping[UUID, str],
) -> set[UUID]:
    today = database_now(session).astimezone(ZoneInfo(account.timezone)).date()
    named = dict.fromkeys(number_range for one in asks for number_range in ranges_of(numbers[one.message_id]))
    of_today = {"account_id": account.id, "day": today}
    locked = session.execute(_LOCK, {**of_today, "ranges": sorted(named)})
    sent = {row.range: row.sent for row in locked}
    permitted = _permitted(session, account.id, today, [one.invitation_id for one in asks])
    granted: list[UUID] = []
    counted, refused = Counter[str](), set[UUID]()
    for one in asks:
        if one.invitation_id in permitted:
            continue
        if limits.used_up(sent, numbers[one.message_id]) is not None:
            refused.add(one.message_id)
            continue
        permitted.add(one.invitation_id)
        granted.append(one.invitation_id)
        for number_range in ranges_of(numbers[one.message_id]):
            sent[number_range] += 1
            counted[number_range] += 1
    if granted:
        session.execute(_PERMIT, {**of_today, "invitations": granted})
        session.execute(_COUNT, {**of_today, "ranges": list(counted), "numbers": list(counted.values())})
    _refuse(session, account.id, refused, DAILY_CAP)
    return refused


def _refuse(session: Session, account_id: UUID, messages: set[UUID], why: str) -> None:
    if not messages:
        return
    session.execute(_REFUSE, {"account_id": account_id, "messages": list(messages), "detail": why})
    log.warning(
        "beyond what the account allows", account_id=str(account_id), reason=why, refused=len(messages)
    )


def _permitted(session: Session, account_id: UUID, day: date, invitations: Sequence[UUID]) -> set[UUID]:
    return set(
        session.scalars(
            select(SendingPermit.invitation_id).where(
                SendingPermit.account_id == account_id,
                SendingPermit.day == day,
                SendingPermit.invitation_id.in_(invitations),
            )
        )
    )


def _number(session: Session, claimed: Claimed) -> str:
    """Empty for one that can't be read, which is not sent, and says so by itself."""
    try:
        return open_address(session, claimed.account_id, claimed.address)
    except ConfigurationError:
        return ""


def forget_permits(session: Session, before: date) -> None:
    session.execute(delete(SendingPermit).where(SendingPermit.day < before))
