"""What is to be done about spoken comments: fetched, written down, kept or dropped."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels.twilio import TwilioSender
from app.domain.channel import Channel
from app.domain.recording import MOST_TRIES, Move, RecordingState, next_move
from app.flow.answer_sheet import read_sheet
from app.flow.spoken_comment import write_down
from app.log import get_logger
from app.store.base import database_now
from app.store.invitations import Invitation, lock_invitation
from app.store.phone_surveys import PhoneSurvey
from app.store.recordings import Recording, lock_recording, seal_audio, take_recording
from app.store.senders import tokens_for
from app.tally import happened

log = get_logger(__name__)

# of a transcriber that can't be reached: then the audio is kept without words
_MOST_ASKED = 5


@dataclass(frozen=True)
class Errand:
    """`wanted`: whether the service that writes down is asked; `may_wait`: whether it is asked again later."""

    account_id: UUID
    recording_sid: str
    sender: TwilioSender
    language: str
    move: Move
    wanted: bool
    may_wait: bool


def next_errand(session: Session, hold_seconds: float, *, service_writes: bool) -> Errand | None:
    """The next thing to do, ours for `hold_seconds`; None when there is none."""
    recording = take_recording(session, hold_seconds)
    if recording is None:
        return None
    if recording.tries > MOST_TRIES:
        _give_up(session, recording)
        return next_errand(session, hold_seconds, service_writes=service_writes)
    phone = session.get_one(PhoneSurvey, (recording.account_id, recording.phone_survey_id))
    invitation = session.get_one(Invitation, (recording.account_id, recording.invitation_id))
    tokens = tokens_for(session, phone.provider_account)
    return Errand(
        account_id=recording.account_id,
        recording_sid=recording.recording_sid,
        sender=TwilioSender(phone.provider_account, tokens[0] if tokens else "", None, None),
        language=invitation.language,
        move=next_move(
            is_written=recording.is_written, keep=recording.keep, has_audio=recording.audio is not None
        ),
        # also what the carrier was to write down, and could not
        wanted=service_writes and not recording.is_written,
        may_wait=recording.tries < _MOST_ASKED,
    )


def record_audio(session: Session, errand: Errand, audio: bytes, words: str | None) -> None:
    """`words`: what was said, None where nobody could tell."""
    recording = _lock(session, errand)
    if recording.state != RecordingState.RECORDED:
        return
    if words:
        invitation = session.get_one(Invitation, (recording.account_id, recording.invitation_id))
        write_down(session, recording, read_sheet(session, invitation, Channel.IVR), words)
    if recording.keep or not recording.is_written:
        recording.audio = seal_audio(session, recording, audio)
        recording.state = RecordingState.KEPT
    else:
        recording.state = RecordingState.DROPPED
    recording.tries = 0
    recording.next_move_at = database_now(session)


def record_deleted(session: Session, errand: Errand) -> None:
    """The carrier has it no more."""
    recording = _lock(session, errand)
    if recording.state == RecordingState.RECORDED:
        recording.state = RecordingState.DROPPED
    recording.next_move_at = None
    recording.ended_at = database_now(session)
    happened(session, "recordings", recording.state)


def _lock(session: Session, errand: Errand) -> Recording:
    invitation_id = session.scalars(
        select(Recording.invitation_id).where(
            Recording.account_id == errand.account_id, Recording.recording_sid == errand.recording_sid
        )
    ).one()
    lock_invitation(session, errand.account_id, invitation_id)
    recording = lock_recording(session, errand.account_id, errand.recording_sid)
    assert recording is not None  # noqa: S101 - it was there a statement ago, and none is ever deleted
    return recording


def _give_up(session: Session, recording: Recording) -> None:
    recording.next_move_at = None
    recording.ended_at = database_now(session)
    if recording.state == RecordingState.RECORDED:
        recording.state = RecordingState.LOST
    happened(session, "recordings", recording.state)
    log.error(
        "a recording can't be had, or not be deleted at the carrier",
        account_id=str(recording.account_id),
        recording_id=str(recording.id),
        state=recording.state,
    )
