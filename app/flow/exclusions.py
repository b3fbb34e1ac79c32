"""Exclusions: an outage is left out for everyone at once, also where it is noticed when surveys wait to be sent.

Calls reported from now on are skipped by the rule; what was scheduled before and has not gone is taken back here.
What has gone stays sent, and its answers count: to leave out what customers have said is to choose by the answer.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.exclusion import LONGEST, Exclusion
from app.domain.invitation import InvitationState
from app.domain.text import clean, without_addresses
from app.errors import Invalid, NotFound
from app.flow.pages import Page, position
from app.flow.views import iso
from app.ids import new_id
from app.log import get_logger
from app.store.audit import add_audit, add_audit_of
from app.store.base import database_now
from app.store.contacts import release_cooldowns
from app.store.customers import lock_contacts, lock_invitations_of
from app.store.exclusions import (
    ExclusionRow,
    any_unclear_within,
    find_exclusion,
    list_exclusions,
    lock_exclusion,
    skip_taken_back,
    take_back_unsent,
    waiting_surveys,
)
from app.tally import happened

log = get_logger(__name__)

# of one transaction: short, since who answers this moment may wait for it
_SURVEYS_AT_ONCE = 200
_LONGEST_REASON = 200

Unit = Callable[[], AbstractContextManager[Session]]


def add_exclusion(
    session: Session,
    *,
    account_id: UUID,
    actor: str,
    start: datetime,
    end: datetime,
    queues: Sequence[str],
    reason: str,
) -> tuple[UUID, bool]:
    """(its id, whether it is new): the same again, sent by whoever got no answer, is the one that is there.

    Commit it, then `apply_exclusion`. `queues`: by name or how they begin; none: all. Raises Invalid.
    """
    reason = without_addresses(clean(reason, _LONGEST_REASON)).strip()
    if problems := _problems(start, end, queues, reason):
        raise Invalid("Nothing can be left out like this.", problems)
    said: dict[str, Any] = {
        "starts_at": start,
        "ends_at": end,
        "queues": list(dict.fromkeys(queue.strip() for queue in queues)),
        "reason": reason,
    }
    if known := find_exclusion(session, account_id, **said):
        return known, False
    row = ExclusionRow(account_id=account_id, id=new_id(), made_by=actor, **said)
    session.add(row)
    session.flush()
    _audit(session, row, actor, "exclusion.added")
    return row.id, True


def _problems(start: datetime, end: datetime, queues: Sequence[str], reason: str) -> dict[str, str]:
    problems = {}
    if end <= start:
        problems["to"] = "does not lie after from"
    elif end - start > LONGEST:
        problems["to"] = f"lies more than {LONGEST.days} days after from: add another one then"
    for place, queue in enumerate(queues):
        if not queue.strip() or "*" in queue.strip()[:-1]:
            problems[f"queues.{place}"] = "is a queue's name, or how it begins with a * at the end"
    if not reason:
        problems["reason"] = "says what happened, for whoever asks later why nobody was asked"
    return problems


def end_exclusion(session: Session, *, account_id: UUID, actor: str, exclusion_id: UUID) -> dict[str, Any]:
    """From now on calls are asked after again; what was left out stays so. One that is over stays as it is.

    Raises NotFound.
    """
    row = _held(session, account_id, exclusion_id)
    now = database_now(session)
    if row.ended_at is None and row.ends_at > now:
        row.ended_at, row.ended_by = now, actor
        _audit(session, row, actor, "exclusion.ended")
        session.flush()
    return _view(row, now)


def read_exclusion(session: Session, *, account_id: UUID, exclusion_id: UUID) -> dict[str, Any]:
    """Raises NotFound."""
    return _view(_held(session, account_id, exclusion_id), database_now(session))


def read_exclusions(session: Session, *, account_id: UUID, cursor: list[Any] | None, limit: int) -> Page:
    """The last made first. Raises Invalid for a cursor of others."""
    before = None if cursor is None else position(cursor, UUID)[0]
    rows = list_exclusions(session, account_id, before=before, limit=limit + 1)
    now, shown = database_now(session), rows[:limit]
    place = [str(shown[-1].id)] if shown else cursor
    return Page([_view(row, now) for row in shown], place if len(rows) > limit else None, place)


def _held(session: Session, account_id: UUID, exclusion_id: UUID) -> ExclusionRow:
    row = lock_exclusion(session, account_id, exclusion_id)
    if row is None:
        raise NotFound("No such exclusion")
    return row


def _view(row: ExclusionRow, now: datetime) -> dict[str, Any]:
    exclusion = row.exclusion
    status = "planned" if now < exclusion.starts_at else "in_force" if now < exclusion.ends_at else "over"
    return {
        "id": str(row.id),
        "from": iso(row.starts_at),
        "to": iso(row.ends_at),
        "queues": row.queues,
        "reason": row.reason,
        "status": "over" if row.ended_at else status,
        "made_by": row.made_by,
        "made_at": iso(row.made_at),
        "ended_by": row.ended_by,
        "ended_at": iso(row.ended_at),
        "taken_back": row.taken_back,
    }


def _audit(session: Session, row: ExclusionRow, actor: str, action: str) -> None:
    shown = {"from": iso(row.starts_at), "to": iso(row.ends_at), "queues": row.queues, "reason": row.reason}
    detail = {"exclusion_id": str(row.id), **shown}
    add_audit_of(session, (row.account_id, row.id), actor, action, detail)


@dataclass
class Applied:
    """How many surveys were taken back. `complete`: nothing is left but what was being sent that moment."""

    taken_back: int = 0
    complete: bool = True


def apply_exclusion(
    unit: Unit, account_id: UUID, exclusion_id: UUID, *, steps: int, final: bool = False
) -> Applied:
    """Take back what waits to be sent after its calls, in short steps, each durable: at most so many of them.

    `final`: nobody asks any more by what they knew before the exclusion, so that once nothing is left there is
    nothing to come. Raises NotFound.
    """
    done, after, missed = Applied(complete=False), None, False
    for _ in range(steps):
        with unit() as session:
            row = _held(session, account_id, exclusion_id)
            waiting = waiting_surveys(session, account_id, after=after, limit=_SURVEYS_AT_ONCE)
            ours = [one for one in waiting if row.exclusion.covers(one.started_at, one.ended_at, one.queue)]
            taken = _take_back(session, row.exclusion, account_id, [one for one in ours if one.is_due])
            row.taken_back += taken
            done.taken_back += taken
            missed = missed or taken < len(ours)
            if taken:
                add_audit(
                    session,
                    account_id,
                    "service",
                    "exclusion.took_back",
                    exclusion_id=str(exclusion_id),
                    surveys=taken,
                )
            done.complete = len(waiting) < _SURVEYS_AT_ONCE
            if done.complete:
                if final and not missed and not any_unclear_within(session, account_id, row.exclusion):
                    row.applied_at = database_now(session)
                break
            after = waiting[-1].invitation_id
    if done.taken_back:
        log.info(
            "surveys taken back",
            account_id=str(account_id),
            exclusion_id=str(exclusion_id),
            surveys=done.taken_back,
        )
    return done


def _take_back(session: Session, exclusion: Exclusion, account_id: UUID, waiting: Sequence[Any]) -> int:
    """Skipped as if the exclusion had been there when their calls ended; how many."""
    if not waiting:
        return 0
    # surveys before messages before contacts, like all who lock them: an answer that is being taken goes first
    held = lock_invitations_of(session, account_id, [one.call_id for one in waiting])
    scheduled = [one.id for one in held if one.state == InvitationState.SCHEDULED and one.asked_at is None]
    taken = take_back_unsent(session, account_id, scheduled)
    if not taken:
        return 0
    skip_taken_back(session, account_id, taken, exclusion.words)
    happened(session, "invitations", InvitationState.SKIPPED, times=len(taken))
    contacts = [_contacts(one) for one in waiting if one.invitation_id in taken]
    lock_contacts(session, account_id, set().union(*contacts))
    release_cooldowns(session, account_id, taken)
    return len(taken)


def _contacts(one: Any) -> set[UUID]:
    known = {one.phone_contact_id, one.email_contact_id, one.customer_contact_id, one.contact_id}
    return known - {None}
