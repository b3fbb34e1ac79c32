"""A comment was spoken: that there is one is kept at once, its words when somebody has written them down."""

import re
from uuid import UUID

from sqlalchemy.orm import Session

from app.channels.twilio_voice import RecordingReport
from app.domain.channel import Channel
from app.domain.phone_script import COMMENT
from app.domain.recording import CARRIER_WRITES_WITHIN, Awaited, RecordingState
from app.flow.answer_sheet import Evidence, Sheet, put_words, read_sheet, settle
from app.log import get_logger
from app.store.answers import words_of
from app.store.base import database_now
from app.store.invitations import lock_invitation
from app.store.phone_surveys import PhoneSurvey, phone_survey_of
from app.store.provider_events import keep_event
from app.store.recordings import Recording, add_recording, lock_recording

log = get_logger(__name__)

RECORDED, TRANSCRIBED = "recorded", "transcribed"
_LANGUAGE_OF_THE_CARRIER = "en"
_NOTE = re.compile(r"\[spoken comment[^]]{0,20}\]")


def carrier_writes(language: str) -> bool:
    """Twilio writes down what is said in American English, and nothing else."""
    return language == _LANGUAGE_OF_THE_CARRIER


def note_recorded(
    session: Session,
    phone: PhoneSurvey,
    sheet: Sheet,
    recording_sid: str,
    seconds: int | None,
    *,
    service_writes: bool,
) -> Recording | None:
    """Once, whoever tells of it first. The caller holds the invitation's lock."""
    invitation = sheet.invitation
    if carrier_writes(invitation.language):
        awaits = Awaited.CARRIER
    else:
        awaits = Awaited.SERVICE if service_writes else Awaited.NOBODY
    if sheet.opted_out:
        awaits = Awaited.NOBODY
    recording = add_recording(
        session,
        invitation.account_id,
        phone_survey_id=phone.id,
        invitation_id=invitation.id,
        recording_sid=recording_sid,
        seconds=seconds,
        awaits=awaits,
        keep=sheet.survey.keep_audio and not sheet.opted_out,
    )
    if recording is None:
        return None
    if sheet.opted_out:
        # nothing counts after a no, or of somebody who was forgotten: what is left is to delete it at the carrier
        recording.is_written = True
        return recording
    length = "" if seconds is None else f", {seconds} s"
    _put(session, sheet, f"[spoken comment{length}]", (RECORDED,), append=True)
    return recording


def record_recording(
    session: Session, report: RecordingReport, *, account_id: UUID, service_writes: bool
) -> None:
    """Its audio is there, or never will be."""
    phone = phone_survey_of(session, account_id, report.call_sid)
    if phone is None or phone.provider_account != report.account_sid:
        log.warning("a recording of no conversation", account_id=str(account_id))
        return
    invitation = lock_invitation(session, account_id, phone.invitation_id)
    if not _is_new(session, report, account_id, phone, "recording"):
        return
    if report.status == "absent":
        return
    sheet = read_sheet(session, invitation, Channel.IVR)
    # told before the conversation went on, or after a hang-up in the middle of it
    note_recorded(session, phone, sheet, report.recording_sid, report.seconds, service_writes=service_writes)
    recording = lock_recording(session, account_id, report.recording_sid)
    if recording is None or recording.state != RecordingState.RECORDED:
        return
    now = database_now(session)
    if report.status != "completed":
        recording.state, recording.ended_at, recording.next_move_at = RecordingState.LOST, now, None
        return
    recording.seconds = report.seconds
    waits = recording.awaits == Awaited.CARRIER and not recording.is_written
    recording.next_move_at = now + CARRIER_WRITES_WITHIN if waits else now


def record_transcription(session: Session, report: RecordingReport, *, account_id: UUID) -> None:
    """What the carrier wrote down; nothing, where it could not."""
    phone = phone_survey_of(session, account_id, report.call_sid)
    if phone is None or phone.provider_account != report.account_sid:
        log.warning("a transcription of no conversation", account_id=str(account_id))
        return
    invitation = lock_invitation(session, account_id, phone.invitation_id)
    if not _is_new(session, report, account_id, phone, "transcription"):
        return
    recording = lock_recording(session, account_id, report.recording_sid)
    sheet = read_sheet(session, invitation, Channel.IVR)
    if recording is None:
        recording = note_recorded(session, phone, sheet, report.recording_sid, None, service_writes=False)
        assert recording is not None  # noqa: S101 - we hold the lock, and it was not there
    if report.status == "completed" and report.words:
        write_down(session, recording, sheet, report.words)
    recording.next_move_at = database_now(session)


def write_down(session: Session, recording: Recording, sheet: Sheet, words: str) -> None:
    """Put the words in the place of the note that there are some."""
    if recording.is_written:
        return
    recording.is_written = True
    standing = sheet.current.get(COMMENT)
    before = words_of(session, standing) if standing else None
    noted = _NOTE.search(before or "")
    if before and noted:
        # what was written elsewhere meanwhile (a text, the page) stays around it
        words = f"{before[: noted.start()]}{words}{before[noted.end() :]}"
    _put(session, sheet, words, (TRANSCRIBED,), append=noted is None)


def _put(session: Session, sheet: Sheet, words: str, flags: tuple[str, ...], *, append: bool) -> None:
    now = database_now(session)
    put_words(session, sheet, COMMENT, words, append=append, flags=flags, evidence=Evidence(Channel.IVR, now))
    settle(session, sheet, now)


def _is_new(
    session: Session, report: RecordingReport, account_id: UUID, phone: PhoneSurvey, kind: str
) -> bool:
    event = keep_event(
        session,
        account_id,
        kind=kind,
        event_key=f"{report.recording_sid}:{report.status}",
        provider_id=report.recording_sid,
        status=report.status,
        content=report.words or None,
    )
    if event is None:
        return False
    event.applied_at = database_now(session)
    event.invitation_id = phone.invitation_id
    event.message_id = phone.message_id
    return True
