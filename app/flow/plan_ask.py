"""What is written beside a call: the invitation, and its first message where the customer is asked."""

from datetime import UTC
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.domain.call import CallEnd
from app.domain.candidate import Phone
from app.domain.channel import CONTACT_KIND, Channel
from app.domain.eligibility import Ask, Skip
from app.domain.questionnaire import Survey
from app.flow.asking import Asking
from app.flow.first_message import first_message
from app.flow.keep_to_limits import counted
from app.ids import new_id
from app.store.base import keyring
from app.store.keyring import hash_token
from app.store.senders import NOBODY
from app.store.standing import ContactStanding
from app.wording.catalogue import choose_language, wording_version
from app.wording.segments import sms_segments

_NO_SURVEY = Survey(key="", version=0)


def plan_ask(
    session: Session,
    asking: Asking,
    *,
    call: CallEnd,
    phone: Phone,
    standing: ContactStanding,
    decision: Ask | Skip,
    probability: float,
) -> dict[str, Any]:
    """The plan of `accept_call`; for a skipped call, nothing of a message. `probability`: what it was drawn at."""
    survey = asking.survey or _NO_SURVEY
    language = choose_language(call.language, asking.language)
    message_id = new_id()
    plan: dict[str, Any] = {
        "contest": isinstance(decision, Ask),
        "cooldown": survey.cooldown_seconds,
        "most_asks": survey.most_per_customer,
        "asks_within": survey.most_per_customer_days * 86_400,
        "invitation_id": new_id(),
        "message_id": message_id,
        "channel": None,
        "contact_id": _contact_id(standing, "phone"),
        "sender_id": None,
        "skip_reason": None,
        "survey_key": asking.survey.key if asking.survey else None,
        "survey_version": asking.survey.version if asking.survey else None,
        "questions": [],
        "wording_language": language,
        "wording_version": wording_version(language),
        "probability": probability,
        "decision": {"checks": decision.checks},
        "question_key": None,
        "body": None,
        "token_hash": None,
        "due_at": None,
        "send_before": None,
        "not_after": None,
        "counted_on": None,
        "counted": [],
    }
    ask = decision if isinstance(decision, Ask) else decision.tried
    if isinstance(decision, Skip):
        plan["skip_reason"] = decision.reason
    if ask is None:
        return plan
    questions = list(survey.order(ask.channel, phone.region))
    last_nps = standing.nps_asked_at
    if last_nps and (standing.now - last_nps).total_seconds() < survey.nps_every_seconds:
        questions = [key for key in questions if key != "nps"]
        plan["decision"]["left_out"] = {"nps": f"last asked {last_nps.isoformat()}"}
    if not questions:
        why = {"check": "asked_recently", "passed": False, "detail": "each question was asked lately"}
        # a dry run's own check is left out: this call would not have been asked without it either
        passed = [check for check in decision.checks if check["passed"]]
        seen = {**plan["decision"], "checks": [*passed, why]}
        return {**plan, "contest": False, "skip_reason": "asked_recently", "decision": seen}
    sender = asking.senders.get(ask.channel)
    first = first_message(
        ask.channel,
        questions,
        language,
        survey=survey,
        sender=sender,
        brand=asking.brand,
        transferred=call.last_of_several,
    )
    if isinstance(decision, Skip):
        plan["decision"]["would_have_asked"] = {
            "channel": ask.channel,
            "due_at": ask.due_at.astimezone(UTC).isoformat(),
            "questions": questions,
            "text": first.body,
            "segments": sms_segments(first.body)[1] if ask.channel is Channel.SMS else None,
            "link": first.has_link,  # it comes on top: its length is the public address's
        }
        return plan
    return {
        **plan,
        "channel": ask.channel,
        "contact_id": _contact_id(standing, CONTACT_KIND[ask.channel]),
        "sender_id": sender.id if sender else NOBODY,
        "questions": questions,
        "question_key": first.question_key,
        "body": None if ask.channel is Channel.IVR else first.body,
        "token_hash": hash_token(keyring(session).token(message_id)) if first.has_link else None,
        "due_at": ask.due_at.astimezone(UTC),
        "send_before": ask.send_before,
        "not_after": ask.not_after,
        **counted(asking.limits, ask.channel, phone, asking.day(standing.now)),
    }


def _contact_id(standing: ContactStanding, kind: str) -> UUID | None:
    return next((point.id for point in standing.points if point.kind == kind), None)
