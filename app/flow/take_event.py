"""A platform reports: all that it says of one call is one call, whatever comes twice, in parts or out of order."""

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain.call import CallEnd
from app.domain.legs import join_legs
from app.domain.text import clean
from app.errors import Invalid
from app.flow.add_report import add_report
from app.flow.asking import Asking, read_asking
from app.flow.receive_call import receive_call
from app.log import get_logger
from app.platforms.face import IGNORED, CallEnded, Dialect, Ignored, RawRequest, Reading, Reply
from app.platforms.registry import PLATFORMS, understand
from app.store.calls import find_call
from app.store.connection_events import (
    ConnectionEvent,
    accepted_events,
    content_of,
    keep_event,
    keep_refusal,
    lock_call_id,
    set_waiting,
    waited_enough,
    waiting_events,
)
from app.store.connections import Connection, ConnectionFacts, facts_of
from app.tally import happened

log = get_logger(__name__)

_SIGNED_ID = "webhook-id"
_HANDSHAKE = b"handshake"
# of one call
_MOST_LEGS = 50


@dataclass(frozen=True)
class Taken:
    """What became of an event. `outcome`: accepted or ignored; `reason`: why, a code. `call_id`: the platform's."""

    outcome: str
    reason: str | None
    detail: str | None
    call_id: str | None

    @property
    def view(self) -> dict[str, Any]:
        return {key: value for key, value in dataclasses.asdict(self).items() if value is not None}


def dialect_of(settings: dict[str, Any]) -> Dialect:
    return Dialect(
        fields=settings.get("fields") or {},
        only=settings.get("only") or {},
        direction=settings.get("default_direction") or "inbound",
        language=settings.get("default_language"),
        test=bool(settings.get("test")),
    )


def refuse_event(session: Session, connection: ConnectionFacts, reason: str, detail: str) -> None:
    """Whoever sent it is not who may; whoever set the connection up is to see why."""
    keep_refusal(session, connection, reason=reason, detail=detail)
    happened(session, "call_events", connection.platform, "refused", reason)
    log.info("event refused", connection_id=str(connection.id), platform=connection.platform, reason=reason)


def take_event(
    session: Session, connection: ConnectionFacts, raw: RawRequest, reading: Reading, *, asking: Asking
) -> Taken:
    """`reading`: what was understood of `raw`. Ring after it is committed. The same again gets the first result."""
    # a handshake may come unsigned: however often, it is one row
    key = _HANDSHAKE if isinstance(reading, Reply) else _key(raw)
    event, is_new = keep_event(session, connection, event_key=key, content=_content(raw))
    if not is_new and event.outcome == "accepted":
        return _taken(event)
    if isinstance(reading, Ignored):
        _ignore(event, reading.reason, reading.detail)
    elif isinstance(reading, Reply):
        event.outcome, event.reason = "accepted", "handshake"
    else:
        _take_call(session, connection, event, reading, asking)
    happened(session, "call_events", connection.platform, event.outcome, event.reason)
    log.info(
        "event taken",
        account_id=str(connection.account_id),
        connection_id=str(connection.id),
        platform=connection.platform,
        outcome=event.outcome,
        reason=event.reason,
        platform_call_id=event.call_id,
    )
    session.flush()
    return _taken(event)


def _key(raw: RawRequest) -> bytes:
    """Which delivery it is: by its id where it has one that is signed, else by all that it says."""
    named = raw.header(_SIGNED_ID)
    said = [named.encode()] if named else [raw.url.partition("?")[2].encode(), raw.body]
    return hashlib.sha256(b"\x1f".join(said)).digest()


def _content(raw: RawRequest) -> dict[str, Any]:
    return {
        "query": raw.url.partition("?")[2],
        "content_type": raw.header("content-type"),
        "at": raw.now,
        "body": raw.body.decode("latin-1"),
    }


def _taken(event: ConnectionEvent) -> Taken:
    return Taken(event.outcome, event.reason, event.detail, event.call_id)


def _ignore(event: ConnectionEvent, reason: str, detail: str) -> None:
    event.outcome, event.reason = "ignored", reason
    event.detail = clean(": ".join(one for one in (IGNORED.get(reason, ""), detail) if one), 500)


def _accept(event: ConnectionEvent, reason: str, detail: str | None = None) -> None:
    event.outcome, event.reason, event.detail = "accepted", reason, detail


def _take_call(
    session: Session, connection: ConnectionFacts, event: ConnectionEvent, ended: CallEnded, asking: Asking
) -> None:
    call = dataclasses.replace(ended.call, source=connection.source)
    event.call_id = call.call_id
    lock_call_id(session, connection.account_id, connection.source, call.call_id)
    known = find_call(session, connection.account_id, call.source, call.call_id)
    unread = f"not readable: {', '.join(ended.unread)}" if ended.unread else None
    if known is None and ended.waits:
        _accept(event, "waiting", unread)
        set_waiting(session, event, timedelta(seconds=ended.waits))
        return
    if known is not None and ended.waits:
        _add(session, connection, event, call, to=known.id, asking=asking)
        return
    waiting = waiting_events(session, connection.account_id, call.source, call.call_id)
    legs = _legs(session, connection, waiting)
    known_id = _decide(session, event, join_legs(call, legs, asking.survey), asking, unread)
    if known_id is not None:
        _add(session, connection, event, call, to=known_id, asking=asking)
    if event.outcome == "accepted":
        _settle(session, waiting, event.reason)


def _decide(
    session: Session, event: ConnectionEvent, call: CallEnd, asking: Asking, unread: str | None
) -> UUID | None:
    """The id of a call that is known already, to which this only adds."""
    digest = hashlib.sha256(repr(call).encode("utf-8", "replace")).digest()
    try:
        received = receive_call(
            session, asking=_asked_by(asking, event, session), call=call, body_hash=digest
        )
    except Invalid as error:
        _ignore(event, "impossible_times", "; ".join(f"{name} {why}" for name, why in error.fields.items()))
        return None
    if not received.created:
        return UUID(received.call["id"])
    if received.skipped:
        _accept(event, "skipped", ". ".join(one for one in (received.skipped["reason"], unread) if one))
    else:
        _accept(event, "invited", unread)
    return None


def _asked_by(asking: Asking, event: ConnectionEvent, session: Session) -> Asking:
    """What the account asks with, where the connection is of another country."""
    connection = session.get_one(Connection, (event.account_id, event.connection_id))
    region = connection.settings.get("default_country") or asking.region
    language = connection.settings.get("default_language") or asking.language
    return dataclasses.replace(asking, region=region, language=language)


def _add(
    session: Session,
    connection: ConnectionFacts,
    event: ConnectionEvent,
    call: CallEnd,
    *,
    to: UUID,
    asking: Asking,
) -> None:
    """What it says is joined to all that has been said of the call: who had it when is told by the whole alone."""
    said = accepted_events(session, event.account_id, call.source, call.call_id, _MOST_LEGS)
    legs = _legs(session, connection, [one for one in said if one.id != event.id])
    joined = join_legs(call, legs, asking.survey)
    zone = ZoneInfo(asking.timezone)
    added = add_report(session, event.account_id, to, joined, zone=zone, survey=asking.survey)
    _accept(event, "completed" if added else "repeat", f"adds {', '.join(added)}" if added else None)


def _legs(session: Session, connection: ConnectionFacts, events: Sequence[ConnectionEvent]) -> list[CallEnd]:
    return [leg for event in events if (leg := _leg(session, connection, event))]


def _leg(session: Session, connection: ConnectionFacts, event: ConnectionEvent) -> CallEnd | None:
    """What an event said, read once more; None where its customer was forgotten meanwhile."""
    content = content_of(session, event)
    if not content:
        return None
    if event.connection_id != connection.id:
        connection = facts_of(session, session.get_one(Connection, (event.account_id, event.connection_id)))
    raw = RawRequest(
        url=f"?{content['query']}",
        body=content["body"].encode("latin-1"),
        headers={"content-type": content["content_type"]},
        now=content["at"],
    )
    dialect = dialect_of(connection.settings)
    reading = understand(PLATFORMS[connection.platform], raw, dialect, connection.secrets)
    if not isinstance(reading, CallEnded):
        return None
    return dataclasses.replace(reading.call, source=connection.source)


def _settle(session: Session, waiting: Sequence[ConnectionEvent], reason: str | None) -> None:
    for event in waiting:
        set_waiting(session, event, None)
        event.reason = reason


def due_to_decide(session: Session, most: int) -> list[tuple[UUID, UUID]]:
    """(account, event) of which the rest of the call did not come."""
    return waited_enough(session, most)


def decide_by_parts(session: Session, account_id: UUID, event_id: UUID) -> None:
    """The call is decided on by what came of it. Ring after it is committed."""
    event = session.get_one(ConnectionEvent, (account_id, event_id))
    row = session.get_one(Connection, (account_id, event.connection_id))
    connection = facts_of(session, row)
    lock_call_id(session, account_id, connection.source, event.call_id or "")
    waiting = waiting_events(session, account_id, connection.source, event.call_id or "")
    if legs := _legs(session, connection, waiting):
        last = max(legs, key=lambda leg: leg.ended_at)
        rest = [leg for leg in legs if leg is not last]
        asking = read_asking(session, account_id)
        known_id = _decide(session, event, join_legs(last, rest, asking.survey), asking, None)
        if known_id is not None:
            _add(session, connection, event, last, to=known_id, asking=asking)
    else:
        event.reason = "forgotten"
    _settle(session, waiting, event.reason)
    if not waiting:
        set_waiting(session, event, None)
