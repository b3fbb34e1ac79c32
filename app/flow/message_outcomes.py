"""What becomes of a message, and of its invitation with it. Callers hold the locks: invitation, then message.

One place for it, because the same news comes three ways: the answer to our request, a receipt, a look-up.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.domain.channel import Channel
from app.domain.delivery import NextStep, Outcome
from app.domain.invitation import InvitationState, releases_cooldown
from app.domain.invitation import can_move as invitation_can_move
from app.domain.message import MessageState, can_move
from app.flow.next_channel import ask_on_next_channel, remind_later
from app.log import get_logger
from app.store.contact_changes import OPTED_OUT, Proof, add_changes
from app.store.contacts import end_open_survey, release_cooldown
from app.store.events import add_event
from app.store.facts import mark_call_stale
from app.store.invitations import Invitation
from app.store.messages import Message, attempts_of, cancel_due_messages, messages_of
from app.store.persons import hold_person, take_no
from app.store.surveys import survey_version
from app.tally import happened

log = get_logger(__name__)


def note_accepted(
    session: Session, invitation: Invitation, message: Message, *, provider_id: str, now: datetime
) -> None:
    """A carrier took it, under that id: whoever holds the message now, that ends all other plans for it."""
    if message.provider_id is None:
        message.provider_id = provider_id
    elif message.provider_id != provider_id:
        note_doubled(session, message, provider_id)
    message.accepted_at = message.accepted_at or now
    is_news = _move(message, MessageState.ACCEPTED)
    if is_news:
        forget_plans(message)
        message.ended_at = None
        # of a refusal before this one
        message.error_code = None
        message.detail = None
    if message.purpose == "ask":
        _note_asked(session, invitation, message, now, is_news=is_news)


def note_doubled(session: Session, message: Message, provider_id: str) -> None:
    """The carrier has it under a second id, which must not happen but where a person took it upon themselves.

    The first one's fate stays the message's. The second is kept with the request that it may be of.
    """
    happened(session, "resend_doubles" if message.doubted else "doubles")
    say = log.warning if message.doubted else log.error
    say(
        "a carrier took a message twice",
        account_id=str(message.account_id),
        message_id=str(message.id),
        provider_id=provider_id,
        resent_by_a_person=message.doubted,
    )
    attempts = attempts_of(session, message.account_id, [message.id])
    if all(attempt.provider_id != provider_id for attempt in attempts):
        unclear = [one for one in attempts if one.provider_id is None and one.outcome == Outcome.UNKNOWN]
        for attempt in unclear[:1]:
            attempt.provider_id = provider_id


def is_of_another_request(session: Session, message: Message, provider_id: str) -> bool:
    """Whether that id is known as one that is not the message's: told of already, or given up by a person."""
    if message.provider_id == provider_id or (
        message.provider_id is None and message.resend_asked_at is None
    ):
        return False
    attempts = attempts_of(session, message.account_id, [message.id])
    return any(attempt.provider_id == provider_id for attempt in attempts)


def _note_asked(
    session: Session, invitation: Invitation, message: Message, now: datetime, *, is_news: bool
) -> None:
    first = invitation.asked_at is None
    invitation.asked_at = invitation.asked_at or now
    # asked once more, by another channel: that leaves them as long as any ask of its kind
    goes_on = is_news and invitation.state == InvitationState.ASKED
    if move_invitation(session, invitation, InvitationState.ASKED) or goes_on:
        assert invitation.survey_key is not None and invitation.survey_version is not None  # noqa: S101, PT018
        survey = survey_version(
            session, invitation.account_id, invitation.survey_key, invitation.survey_version
        )
        within = survey.answer_within(Channel(invitation.channel or Channel.SMS))
        until = now + timedelta(seconds=within)
        invitation.close_at = max(invitation.close_at or until, until) if goes_on else until
        invitation.ended_at = None
    if first and invitation.channel == Channel.EMAIL and invitation.state == InvitationState.ASKED:
        remind_later(session, invitation, message, now)


def note_delivered(session: Session, invitation: Invitation, message: Message, now: datetime) -> None:
    """A receipt says that it reached the handset."""
    message.delivered_at = message.delivered_at or now
    _move(message, MessageState.DELIVERED)
    if message.purpose == "ask" and invitation.delivered_basis != "receipt":
        invitation.delivered_at = invitation.delivered_at or now
        invitation.delivered_basis = "receipt"
        mark_call_stale(session, invitation.account_id, invitation.call_id)


def note_arrived(session: Session, invitation: Invitation, now: datetime) -> None:
    """The customer wrote or opened: whatever we know of the first text, it reached them."""
    invitation.asked_at = invitation.asked_at or now
    if invitation.delivered_at is None:
        invitation.delivered_at = now
        invitation.delivered_basis = "assumed"
    for message in messages_of(session, invitation.account_id, invitation.id):
        # one that is being sent this moment settles itself when its request is recorded
        if message.purpose == "ask" and message.attempts and message.state != MessageState.CLAIMED:
            note_answered(message)


def note_answered(message: Message) -> None:
    """What the customer has answered arrived, whatever the carrier says of it: no other request is made."""
    if _move(message, MessageState.ACCEPTED):
        forget_plans(message)
        message.ended_at = None


def note_failed(
    session: Session, invitation: Invitation, message: Message, step: NextStep, now: datetime
) -> None:
    """A carrier refused it for good, or reported that it can't be delivered."""
    if not _end(session, message, MessageState.FAILED, now, step.code):
        return  # reported again, or of what has arrived: what follows from it has followed
    if message.purpose != "ask" or _stays_in_doubt(session, invitation, message, now):
        return
    if message.sender_id != invitation.sender_id or invitation.delivered_at is not None:
        return  # the survey goes on by another way by now, on the telephone for one, and ends by that
    if not ask_on_next_channel(session, invitation, now):
        _end_invitation(session, invitation, InvitationState.FAILED, now)


def note_unheard(session: Session, message: Message, now: datetime) -> None:
    """A telephone rang and nobody heard the survey; it rings once more, so that is not over."""
    _end(session, message, MessageState.FAILED, now, None)


def note_opted_out(
    session: Session, invitation: Invitation, message: Message, step: NextStep, now: datetime
) -> None:
    """The carrier holds an opt-out of this customer for this sender: so do we from now on, for all addresses."""
    # another survey of theirs may be about to begin, whose invitation is not ours to lock here
    person = hold_person(session, message.account_id, [message.contact_id], surveys=False)
    _end(session, message, MessageState.FAILED, now, step.code)
    _end_invitation(session, invitation, InvitationState.OPTED_OUT, now)
    session.flush()
    taken = take_no(session, message.account_id, person, message.contact_id, now)
    if taken:
        happened(session, "opt_outs", "carrier")
    for contact_id in taken:
        add_event(session, message.account_id, "contact.opted_out", contact_id, by="carrier")
    proof = Proof("carrier", detail={} if step.code is None else {"reason": str(step.code)})
    add_changes(session, message.account_id, [(one, OPTED_OUT, proof) for one in taken], now)
    for contact_id in person.contacts:
        cancel_due_messages(session, message.account_id, contact_id, "opted out", asks=False)


def note_cancelled(
    session: Session, invitation: Invitation, message: Message, now: datetime, why: str
) -> None:
    """Nothing may go to its customer any more, before it went; a survey that was to begin with it ends."""
    _end(session, message, MessageState.CANCELLED, now, None)
    message.detail = why
    message.crossed_opt_out = False
    if message.purpose == "ask":
        theirs = why == "opted out"
        state = InvitationState.OPTED_OUT if theirs else InvitationState.CANCELLED
        _end_invitation(session, invitation, state, now)


def note_expired(session: Session, invitation: Invitation, message: Message, now: datetime) -> None:
    """Too late to send, and nothing was sent, unless that was in doubt before a person had it sent again."""
    if message.doubted:
        note_in_doubt(session, invitation, message, now)
        return
    _end(session, message, MessageState.EXPIRED, now, None)
    if message.purpose == "ask":
        _end_invitation(session, invitation, InvitationState.EXPIRED, now)


def note_in_doubt(session: Session, invitation: Invitation, message: Message, now: datetime) -> None:
    """Too late to send, and whether it was sent can't be known: an operator's, from here."""
    _end(session, message, MessageState.IN_DOUBT, now, None)
    add_event(session, message.account_id, "message.in_doubt", message.id)
    if message.purpose == "ask":
        keep_answerable(session, invitation, now)


def keep_answerable(session: Session, invitation: Invitation, now: datetime) -> bool:
    """The customer may have the first text and answer: in doubt, and open as long as any other survey."""
    if not move_invitation(session, invitation, InvitationState.IN_DOUBT):
        return False
    invitation.close_at = now + timedelta(days=2)
    return True


def _stays_in_doubt(session: Session, invitation: Invitation, message: Message, now: datetime) -> bool:
    """Refused now, and perhaps taken before a person had it sent again."""
    return message.doubted and keep_answerable(session, invitation, now)


def _move(message: Message, state: MessageState) -> bool:
    if not can_move(MessageState(message.state), state):
        return False
    message.state = state
    return True


def _end(session: Session, message: Message, state: MessageState, now: datetime, code: int | None) -> bool:
    if not _move(message, state):
        return False
    happened(session, "messages_ended", state)
    forget_plans(message)
    message.ended_at = now
    message.error_code = code or message.error_code
    return True


def forget_plans(message: Message) -> None:
    """Nobody holds it, and no look-up is due."""
    message.claim_id = None
    message.lease_until = None
    message.next_look_at = None


def move_invitation(session: Session, invitation: Invitation, state: InvitationState) -> bool:
    """False, and nothing done, where the state forbids the move."""
    if not invitation_can_move(InvitationState(invitation.state), state):
        return False
    invitation.state = state
    happened(session, "invitations", state)
    add_event(session, invitation.account_id, f"invitation.{state}", invitation.id)
    return True


def _end_invitation(session: Session, invitation: Invitation, state: InvitationState, now: datetime) -> None:
    if not move_invitation(session, invitation, state):
        return
    invitation.ended_at = now
    invitation.close_at = None
    session.flush()
    if releases_cooldown(state, accepted=invitation.asked_at is not None):
        release_cooldown(session, invitation.account_id, invitation.id)
    else:
        end_open_survey(session, invitation.account_id, invitation.id)
    mark_call_stale(session, invitation.account_id, invitation.call_id)
