"""Twilio's doors for calls: what a call is to say, how it went, and what was recorded in it.

Who holds a telephone can't read an error: whatever is wrong here, a signed request is answered by a document.
"""

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, request
from sqlalchemy import exc
from werkzeug.datastructures import MultiDict

from app.channels.twilio_voice import (
    VoiceRequest,
    read_call_report,
    read_recording,
    read_transcription,
    read_voice,
)
from app.channels.twiml import Doors, door, hang_up, render, try_again
from app.db import run_unit
from app.domain.text import clean
from app.errors import Invalid
from app.flow.call_progress import record_call_report
from app.flow.open_phone_survey import Ongoing, account_of, open_callback, open_in_call
from app.flow.phone_survey import Spoken, go_on
from app.flow.spoken_comment import carrier_writes, record_recording, record_transcription
from app.log import get_logger
from app.web.hooks.twilio import refuse_other_forms, refuse_unsigned
from app.web.unit import asking_of, services, unit_of_work
from app.wording.catalogue import spoken_texts

log = get_logger(__name__)

_LONGEST_NAME = 200
_MOST_AGAIN = 2
_SPEAKING = frozenset({"voice.callback", "voice.survey", "voice.answer"})
_DATABASE_AWAY = (exc.OperationalError, exc.TimeoutError)

blueprint = Blueprint("voice", __name__, url_prefix="/hooks/twilio/voice")


@blueprint.before_request
def _refuse_strangers() -> Response | None:
    refuse_other_forms()
    try:
        with unit_of_work() as session:
            refuse_unsigned(session)
    except _DATABASE_AWAY:
        if request.endpoint in _SPEAKING:
            return _in_trouble()
        raise
    return None


@blueprint.post("/callback")
def callback() -> Response:
    """Somebody answered a call of ours."""
    account_id, message_id = _id("account"), _id("message")

    def take(said: VoiceRequest) -> Spoken | None:
        if account_id is None or message_id is None:
            return None
        return run_unit(
            services().sessions, open_callback, said, account_id=account_id, message_id=message_id
        )

    return _answer(take)


@blueprint.post("/survey")
def survey() -> Response:
    """A call is brought to us whose agent has left."""

    def take(said: VoiceRequest) -> Spoken | None:
        account_id = run_unit(services().sessions, account_of, said, _id("account"))
        if account_id is None:
            log.warning("a call of no account: name it in the address (account=...)")
            return None
        asking, ongoing = asking_of(account_id), _ongoing(said)
        return run_unit(services().sessions, open_in_call, said, asking=asking, ongoing=ongoing)

    return _answer(take)


@blueprint.post("/answer")
def answer() -> Response:
    """What came back for what was said."""
    account_id, phone_id, turn = _id("account"), _id("phone"), request.args.get("turn", type=int)

    def take(said: VoiceRequest) -> Spoken | None:
        if account_id is None or phone_id is None or turn is None:
            return None
        return run_unit(
            services().sessions,
            go_on,
            said,
            account_id=account_id,
            phone_id=phone_id,
            turn=turn,
            service_writes=_service_writes(),
        )

    return _answer(take)


@blueprint.post("/status")
def status() -> tuple[str, int]:
    """A call of ours has ended."""
    run_unit(
        services().sessions,
        record_call_report,
        read_call_report(request.form),
        account_id=_id("account"),
        attempt_id=_id("attempt"),
    )
    services().ring()
    return "", 204


@blueprint.post("/recording")
def recording() -> tuple[str, int]:
    """What was spoken can be fetched."""
    account_id, report = _id("account"), read_recording(request.form)
    if account_id is not None:
        run_unit(
            services().sessions,
            record_recording,
            report,
            account_id=account_id,
            service_writes=_service_writes(),
        )
    return "", 204


@blueprint.post("/transcription")
def transcription() -> tuple[str, int]:
    """Twilio has written down what was spoken."""
    account_id, report = _id("account"), read_transcription(request.form)
    if account_id is not None:
        run_unit(services().sessions, record_transcription, report, account_id=account_id)
    return "", 204


def _answer(take: Callable[[VoiceRequest], Spoken | None]) -> Response:
    try:
        spoken = take(_said())
        services().ring()
    except Invalid as error:
        log.warning("a call asks in a way that can't be read", fields=sorted(error.fields))
        return _document(hang_up())
    except Exception:
        return _in_trouble()
    return _document(_rendered(spoken) if spoken else hang_up())


def _said() -> VoiceRequest:
    """What came back; the key of a request that failed comes in the address of the next one."""
    fields = MultiDict(request.form)
    if not any(fields.getlist("Digits")) and (kept := request.args.get("digits")):
        fields["Digits"] = kept
    return read_voice(fields)


def _in_trouble() -> Response:
    """Something is wrong in our house. It may be over in a moment, and what was pressed is not asked for twice."""
    again = request.args.get("again", 0, type=int)
    language = request.args.get("language")
    log.exception("nothing can be said in a call", tries=again + 1)
    if again >= _MOST_AGAIN:
        return _document(hang_up(spoken_texts(language) if language else None))
    query = {**request.args, "again": again + 1}
    if digits := request.form.get("Digits"):
        query["digits"] = digits
    return _document(try_again(f"{services().settings.public_url}{request.path}?{urlencode(query)}"))


def _rendered(spoken: Spoken) -> bytes:
    public_url = services().settings.public_url
    ours = {"account": spoken.account_id, "phone": spoken.phone_id}
    return render(
        spoken.step,
        spoken_texts(spoken.language),
        spoken.manner,
        Doors(
            answer=door(public_url, "answer", **ours, turn=spoken.turn, language=spoken.language),
            recording=door(public_url, "recording", **ours),
            transcription=(
                door(public_url, "transcription", **ours) if carrier_writes(spoken.language) else None
            ),
        ),
    )


def _ongoing(said: VoiceRequest) -> Ongoing:
    """What the platform put into the address; without a call id, it is Twilio's own."""
    return Ongoing(
        source=_name("source") or "generic",
        call_id=_name("call_id") or said.call_sid,
        customer=_number("customer") or said.customer,
        agent_id=_name("agent"),
        queue=_name("queue"),
        language=_name("language"),
    )


def _name(field: str) -> str | None:
    return clean(request.args.get(field, "")).strip()[:_LONGEST_NAME] or None


def _number(field: str) -> str | None:
    """Whoever writes an address by hand leaves the + as it is, and it arrives as a space."""
    number = _name(field)
    return f"+{number}" if number and request.args[field].startswith(" ") else number


def _id(field: str) -> UUID | None:
    try:
        return UUID(request.args.get(field, ""))
    except ValueError:
        return None


def _service_writes() -> bool:
    return bool(services().settings.transcriber_url)


def _document(document: bytes) -> Response:
    return Response(document, content_type="text/xml; charset=utf-8")
