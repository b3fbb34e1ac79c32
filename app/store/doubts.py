"""Messages in doubt whose provider may be able to tell by now what it took."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.delivery import ASKABLE
from app.store.claims import MessageRef

# Older ones are a person's: the carrier keeps its log, but nobody waits for the answer any more.
_DAYS = 3

_TAKE = text(
    f"""
    with doubt as materialized (  -- or it may be run once for each row it is joined to
          select m.account_id, m.id from message m
          join sender_account a on a.account_id = m.account_id and a.sender_id = m.sender_id
          join sender s on s.account_id = a.owner_id and s.id = a.sender_id
          where m.state = 'in_doubt' and m.ended_at > clock_now() - interval '{_DAYS} days'
            and (m.next_look_at is null or m.next_look_at <= clock_now())
            and (s.provider = any(:askable) or s.settings ? 'query')
          order by m.next_look_at nulls first, m.ended_at desc limit 1 for update of m skip locked
    )
    update message m set next_look_at = clock_now() + :hold_seconds * interval '1 s'
    from doubt
    where m.account_id = doubt.account_id and m.id = doubt.id
    returning m.account_id, m.id, m.invitation_id
    """  # noqa: S608 - a constant
)

_PUT_OFF = text(
    """
    update message m set next_look_at = clock_now() + :seconds * interval '1 s'
    from (select o.account_id, o.id from message o
          where o.state = 'in_doubt' and (o.next_look_at is null or o.next_look_at <= clock_now())
            and o.sender_id = (select sender_id from message where account_id = :account_id and id = :message_id)
          for update skip locked) others
    where m.account_id = others.account_id and m.id = others.id
    """
)


def take_doubt(session: Session, hold_seconds: float) -> MessageRef | None:
    """The one that was asked about longest ago, the newest of those that never were; put off for so long, so that
    one worker asks."""
    row = session.execute(_TAKE, {"hold_seconds": hold_seconds, "askable": sorted(ASKABLE)}).first()
    return None if row is None else MessageRef(*row)


def put_off_doubts(session: Session, ref: MessageRef, seconds: float) -> None:
    """Its sender's provider can't be asked: all else of that sender waits too."""
    values = {"account_id": ref.account_id, "message_id": ref.message_id, "seconds": seconds}
    session.execute(_PUT_OFF, values)
