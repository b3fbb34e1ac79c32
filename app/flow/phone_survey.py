"""A survey on the telephone: one turn after the other, each answer kept as it is given.

What Twilio asks again hears the same again; what it asks late hears where the conversation stands by now.
"""

import dataclasses
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.channels.twilio_voice import VoiceRequest
from app.channels.twiml import Manner
from app.domain.channel import Channel
from app.domain.phone_script import COMMENT, OPENING, Heard, Line, Place, Script, Step, Turn, begin, hear
from app.domain.questionnaire import LOW_CSAT
from app.flow.answer_sheet import Evidence, Sheet, put_value, read_sheet, settle
from app.flow.conversation import take_back_questions
from app.flow.hang_up import close_when_silent
from app.flow.opt_out import opt_out_everywhere
from app.flow.proofs import proof_of
from app.flow.spoken_comment import note_recorded
from app.log import get_logger
from app.store.accounts import get_account
from app.store.base import database_now
from app.store.calls import Call
from app.store.contacts import Contact, address_of
from app.store.invitations import Invitation, lock_invitation
from app.store.phone_surveys import PhoneSurvey, phone_survey_of
from app.store.provider_events import ProviderEvent, keep_event
from app.wording.catalogue import spoken_texts

log = get_logger(__name__)


@dataclass(frozen=True)
class Spoken:
    """What a call hears now. `phone_id`, `turn`: the request that is waited for."""

    account_id: UUID
    phone_id: UUID
    turn: int
    language: str
    step: Step
    manner: Manner


def start(session: Session, phone: PhoneSurvey, sheet: Sheet) -> Spoken:
    """The first thing that is said. The caller holds the invitation's lock."""
    turn = (
        begin(_script(sheet, phone), sheet.current.keys(), sheet.scored)
        if sheet.takes_answers(database_now(session))
        else _closed()
    )
    _write(phone, turn)
    return stand(session, phone, sheet)


def stand(session: Session, phone: PhoneSurvey, sheet: Sheet) -> Spoken:
    """What is said where the conversation stands."""
    invitation = sheet.invitation
    account = get_account(session, invitation.account_id)
    call = session.get_one(Call, (invitation.account_id, invitation.call_id))
    csat = sheet.scored.get("csat")
    return Spoken(
        account_id=invitation.account_id,
        phone_id=phone.id,
        turn=phone.turn,
        language=invitation.language,
        step=Step(tuple(map(Line, phone.step.get("lines", ()))), phone.step.get("prompt")),
        manner=Manner(
            brand=account.brand,
            transferred=call.last_of_several,
            speech=sheet.survey.ivr_speech,
            low=csat is not None and csat <= LOW_CSAT,
        ),
    )


def go_on(
    session: Session,
    request: VoiceRequest,
    *,
    account_id: UUID,
    phone_id: UUID,
    turn: int,
    service_writes: bool = False,
) -> Spoken | None:
    """Take what came back for a turn, and say what follows; None for a conversation that is not this call's.

    `service_writes`: whether there is somebody else than the carrier to write down what is spoken.
    """
    known = phone_survey_of(session, account_id, request.call_sid)
    if known is None or known.id != phone_id or known.provider_account != request.account_sid:
        log.warning("a call that holds no such conversation", account_id=str(account_id))
        return None
    invitation = lock_invitation(session, account_id, known.invitation_id)
    phone = phone_survey_of(session, account_id, request.call_sid) or known
    sheet = read_sheet(session, invitation, Channel.IVR)
    if turn == phone.turn and phone.place.get("prompt") is not None:
        event = keep_event(
            session,
            account_id,
            kind="keys",
            event_key=f"{request.call_sid}:{turn}",
            provider_id=request.call_sid,
            content=request.digits or request.words,
        )
        if event is not None:
            _take(session, phone, sheet, request, event, service_writes=service_writes)
    return stand(session, phone, sheet)


def _take(
    session: Session,
    phone: PhoneSurvey,
    sheet: Sheet,
    request: VoiceRequest,
    event: ProviderEvent,
    *,
    service_writes: bool,
) -> None:
    now = database_now(session)
    invitation = sheet.invitation
    event.applied_at, event.invitation_id, event.message_id = now, invitation.id, phone.message_id
    place = Place(**phone.place)
    if place.prompt == COMMENT and request.recording_sid is not None:
        # said while it could be: also where the survey has ended in this moment
        note_recorded(
            session,
            phone,
            sheet,
            request.recording_sid,
            request.recording_seconds,
            service_writes=service_writes,
        )
    if sheet.takes_answers(now):
        turned = hear(
            _script(sheet, phone), place, _heard(request, place, sheet), sheet.current.keys(), sheet.scored
        )
    else:
        turned = _closed()
    event.understood = _understood(place, turned)
    if turned.answer is not None:
        _keep(session, sheet, turned.answer, request, Evidence(Channel.IVR, now, event.id))
        take_back_questions(session, invitation, now)
    if turned.opts_out:
        _opt_out(session, invitation)
    else:
        close_when_silent(session, invitation, now)
    _write(phone, turned)
    phone.turn += 1


def _keep(
    session: Session, sheet: Sheet, answer: tuple[str, int], request: VoiceRequest, evidence: Evidence
) -> None:
    question, value = answer
    texts = spoken_texts(sheet.invitation.language)
    put_value(
        session,
        sheet,
        question,
        value,
        words=request.digits or request.words,
        flags=() if request.digits else ("spoken",),
        evidence=evidence,
        scale=texts.scales.get(question),
    )
    settle(session, sheet, evidence.now)


def _heard(request: VoiceRequest, place: Place, sheet: Sheet) -> Heard:
    if request.digits:
        return Heard(digits=request.digits)
    texts = spoken_texts(sheet.invitation.language)
    value = texts.heard(place.prompt, request.words) if place.prompt and request.words else None
    return Heard(words=bool(request.words), value=value)


def _understood(place: Place, turned: Turn) -> str:
    if turned.opts_out:
        return "opt_out"
    if turned.answer is not None:
        return "answer"
    for line in (Line.INVALID, Line.SILENCE, Line.CLOSED):
        if line in turned.step.lines:
            return line
    if turned.place.prompt == place.prompt:
        return "repeat"
    return "start" if place.prompt == OPENING and turned.place.prompt is not None else "went_on"


def _opt_out(session: Session, invitation: Invitation) -> None:
    """The no to these calls is a no by that number: there is one word for it on all channels."""
    call = session.get_one(Call, (invitation.account_id, invitation.call_id))
    contact_id = call.phone_contact_id or invitation.contact_id
    if contact_id is None:
        return
    contact = session.get_one(Contact, (invitation.account_id, contact_id))
    session.flush()
    opt_out_everywhere(
        session,
        accounts=[invitation.account_id],
        known=[(invitation.account_id, contact_id)],
        phone=address_of(session, contact),
        now=database_now(session),
        proof=proof_of(session, invitation, "phone_key"),
    )


def _script(sheet: Sheet, phone: PhoneSurvey) -> Script:
    return Script(
        order=sheet.order,
        keys=spoken_texts(sheet.invitation.language).keys,
        only_if=sheet.survey.only_if,
        in_call=phone.message_id is None,
    )


def _closed() -> Turn:
    return Turn(Place(None), Step((Line.CLOSED,)))


def _write(phone: PhoneSurvey, turn: Turn) -> None:
    phone.place = dataclasses.asdict(turn.place)
    phone.step = {"lines": list(turn.step.lines), "prompt": turn.step.prompt}
