"""What stands now and what happens next with a call's survey, and where its answers count."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.channels.phone import read_phone
from app.domain.advice import explain
from app.domain.invitation import ANSWERABLE, InvitationState
from app.domain.message import MessageState
from app.domain.send_hours import zones_of
from app.store.accounts import EVERY_ACCOUNT, Account, SendingPause
from app.store.base import database_now
from app.store.calls import Call
from app.store.contacts import Contact, address_of
from app.store.facts import StaleCell
from app.store.invitations import Invitation
from app.store.messages import Message, messages_of
from app.store.surveys import survey_version

# of what a worker that is awake sends within seconds
_LATE = timedelta(minutes=1)
# what the survey's own delay does not explain
_LITTLE = timedelta(minutes=2)


def what_next(session: Session, account: Account, call: Call, invitation: Invitation) -> list[str]:
    """Sentences; times are the customer's own, where they are known."""
    zone = _zone(session, account, call, invitation)
    now = database_now(session)
    told = [
        line
        for message in messages_of(session, account.id, invitation.id)
        for line in _of_message(
            message, account, now, zone, delayed=_is_delayed(session, call, invitation, message)
        )
    ]
    waits = any(line.startswith("due") for line in told)
    if waits and (paused := _paused(session, account)):
        told.append(paused)
    return [*told, *_of_invitation(invitation, zone)]


def _zone(session: Session, account: Account, call: Call, invitation: Invitation) -> ZoneInfo:
    contact = session.get(Contact, (account.id, invitation.contact_id)) if invitation.contact_id else None
    phone = read_phone(address_of(session, contact)) if contact else None
    return zones_of(call.timezone, phone.timezones if phone else (), account.timezone)[0]


def _is_delayed(session: Session, call: Call, invitation: Invitation, message: Message) -> bool:
    """Whether a first text is due later than the survey's own delay asks for: the hour must be lawful."""
    if message.purpose != "ask" or message.attempts or invitation.survey_key is None:
        return False
    survey = survey_version(session, call.account_id, invitation.survey_key, invitation.survey_version or 0)
    ready_at = max(call.received_at, call.ended_at + timedelta(seconds=survey.delay_seconds))
    return message.due_at - ready_at > _LITTLE


def _by_hand(message: Message, account: Account) -> str:
    return f"postcall messages resend {message.id} --account {account.name}, or close"


def _of_message(
    message: Message, account: Account, now: datetime, zone: ZoneInfo, *, delayed: bool
) -> Iterator[str]:
    until = f"until {_clock(message.not_after, zone)}"
    if message.state == MessageState.DUE:
        yield _of_due(message, now, zone, delayed=delayed)
    elif message.state == MessageState.CLAIMED:
        yield "sending: a worker has the text; if it dies, the text is looked up and not sent blindly"
    elif message.state == MessageState.UNKNOWN:
        at = f" at {_clock(message.next_look_at, zone)}" if message.next_look_at else ""
        yield f"unclear whether the carrier took the text: it is asked{at}, {until}; nothing is sent meanwhile"
    elif message.state == MessageState.IN_DOUBT:
        yield (
            "in doubt: the carrier could not be asked whether it took the text. Look for it in the carrier's log,"
            f" then {_by_hand(message, account)}"
        )
    elif message.state == MessageState.QUARANTINED:
        yield (
            f"quarantined: the text ended its worker five times and is not tried again; it expires {until}."
            f" The worker's log names it; then {_by_hand(message, account)}"
        )
    elif message.state == MessageState.ACCEPTED:
        yield "the carrier has a text and has not said yet that it arrived"


def _of_due(message: Message, now: datetime, zone: ZoneInfo, *, delayed: bool) -> str:
    at = _clock(message.due_at, zone)
    advice = explain(message.error_code) if message.error_code is not None else None
    if advice and advice.holds:
        return (
            f"due again at {at}, held: refused with {message.error_code}: {advice.meaning}. {advice.advice}"
        )
    if advice:
        return f"due again at {at}: the carrier said {message.error_code}: {advice.meaning}"
    if now - message.due_at > _LATE:
        return f"due since {at}: is a worker on delivery awake? See postcall doctor"
    if message.attempts or message.claims:
        return f"due again at {at}"
    return f"due at {at}{' because of quiet hours' if delayed else ''}"


def _paused(session: Session, account: Account) -> str | None:
    scopes = {str(account.id): f"--account {account.name}", EVERY_ACCOUNT: "--all"}
    found = session.scalar(select(SendingPause.scope).where(SendingPause.scope.in_(scopes)).limit(1))
    return found and f"held: sending is paused. To go on: postcall resume {scopes[found]}"


def _of_invitation(invitation: Invitation, zone: ZoneInfo) -> Iterator[str]:
    state = InvitationState(invitation.state)
    if state == InvitationState.SKIPPED:
        yield "nothing comes next: a decision is not taken twice"
    elif invitation.close_at and state in ANSWERABLE:
        what = (
            "waiting for an answer" if invitation.completed_at is None else "answered; corrections are taken"
        )
        yield f"{what} until {_clock(invitation.close_at, zone)}"
    elif state not in ANSWERABLE:
        yield f"the survey is over: {state}"
    if invitation.edit_until and state == InvitationState.FINISHED:
        yield f"corrections are taken until {_clock(invitation.edit_until, zone)}"


def _clock(moment: datetime | None, zone: ZoneInfo) -> str:
    """By the customer's clock; of a number that fits several zones, the first."""
    return moment.astimezone(zone).isoformat(" ", "minutes") if moment else "an unknown time"


def counting(session: Session, call: Call) -> str:
    """In which agent-day the call counts, or why in none."""
    if call.is_test:
        return "counts nowhere: it is a test call"
    agent = call.agent_id or ""
    day = f"{call.ended_on:%Y-%m-%d}"
    stale = session.scalar(
        select(
            exists().where(
                StaleCell.account_id == call.account_id,
                StaleCell.agent_id == agent,
                StaleCell.day == call.ended_on,
            )
        )
    )
    soon = ", which is about to be rebuilt" if stale else ""
    if agent:
        return f"counts for agent {agent} on {day}{soon}"
    if call.platform_agent_id:
        agent = f"{call.source}'s agent {call.platform_agent_id}"
        return f"counts for nobody on {day}: {agent} is not in the roster{soon}"
    return f"counts for nobody on {day}: no agent was named{soon}"
