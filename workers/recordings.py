"""Spoken comments: their audio is fetched, written down where somebody can, and kept or dropped."""

import time
from functools import partial

from celery import Celery

from app.broker import WRITE_DOWN
from app.channels.recordings import Recordings
from app.channels.transcriber import Transcriber, make_transcriber
from app.domain.recording import Move
from app.errors import ProviderUnreadable
from app.flow.write_down import Errand, next_errand, record_audio, record_deleted
from app.log import get_logger
from workers.parts import DATABASE_TROUBLE, TASK_SECONDS, WorkerParts, alone

log = get_logger(__name__)

# longer than a slow transcriber takes
_HOLD_SECONDS = 120.0


def write_down(parts: WorkerParts, recordings: Recordings, transcriber: Transcriber | None) -> None:
    """One recording after the other; no transaction is open while a carrier or a transcriber works."""
    until = time.monotonic() + TASK_SECONDS
    ask = partial(parts.unit, next_errand, _HOLD_SECONDS, service_writes=transcriber is not None)
    while time.monotonic() < until and (errand := ask()):
        try:
            _run(parts, recordings, transcriber, errand)
        except DATABASE_TROUBLE:
            raise
        except ProviderUnreadable as error:
            log.warning("a recording has to wait", recording_sid=errand.recording_sid, error=str(error))
        except Exception:
            # whatever is wrong with this one, the others are to be written down
            log.exception("a recording can't be written down", recording_sid=errand.recording_sid)


def _run(parts: WorkerParts, recordings: Recordings, transcriber: Transcriber | None, errand: Errand) -> None:
    if errand.move is Move.DELETE:
        recordings.delete(errand.sender, errand.recording_sid)
        parts.unit(record_deleted, errand)
        return
    audio = recordings.fetch(errand.sender, errand.recording_sid)
    words = None
    if transcriber is not None and errand.wanted:
        try:
            words = transcriber.transcribe(audio, errand.language)
        except ProviderUnreadable:
            if errand.may_wait:
                raise
    parts.unit(record_audio, errand, audio, words)


def register(celery: Celery, parts: WorkerParts) -> None:
    settings = parts.settings
    recordings = Recordings(
        settings.twilio_base_url, settings.carrier.connect_seconds, settings.carrier.read_seconds
    )
    transcriber = make_transcriber(settings.transcriber_url)
    celery.task(name=WRITE_DOWN)(alone(partial(write_down, parts, recordings, transcriber)))
