"""A call ended: accept it, and decide in the same transaction whether its customer is asked."""

import dataclasses
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.channels.phone import read_phone
from app.domain.call import CallEnd
from app.domain.candidate import Candidate, Phone
from app.domain.channel import CONTACT_KIND, Channel
from app.domain.eligibility import Ask, Skip, check_times, decide, draw
from app.domain.questionnaire import Survey
from app.domain.roster import ReportedAgent, attribute, sat_at
from app.errors import Conflict, Invalid
from app.flow.asking import Asking
from app.flow.attribution import attribution_columns
from app.flow.complete_call import complete_call
from app.flow.delivered_link import link_path
from app.flow.first_message import first_message
from app.flow.keep_to_limits import counted, used_up
from app.flow.views import invitation_summary
from app.ids import new_id
from app.log import get_logger
from app.store.base import keyring
from app.store.calls import Call, accept_call, find_call, seal_name
from app.store.contacts import ContactStanding, Sitting, read_standing
from app.store.invitations import invitation_of_call
from app.store.keyring import hash_token
from app.store.senders import NOBODY
from app.tally import happened
from app.wording.catalogue import choose_language, wording_version
from app.wording.segments import sms_segments

log = get_logger(__name__)

_NO_SURVEY = Survey(key="", version=0)
# what a call keeps as it was reported
_SAME = {field.name for field in dataclasses.fields(CallEnd)} & {
    column.name for column in Call.__table__.columns
}


@dataclass(frozen=True)
class Received:
    """`created` is False for a repeat, `conflict` True for a repeat with another body.

    On channel `link` the invitation has a `link`: the path, below the public address, that its client delivers.
    """

    created: bool
    conflict: bool
    call: dict[str, Any]
    invitation: dict[str, Any] | None
    skipped: dict[str, Any] | None


def receive_call(
    session: Session, *, asking: Asking, call: CallEnd, body_hash: bytes, in_call: bool = False
) -> Received:
    """Accept a call's end: one read, one writing statement. Ring after it is committed.

    Each is whole by itself, so that the session may commit statement by statement.

    `body_hash`: of the report as it was understood; it tells a repeat from a conflict. `in_call`: the customer is
    on the line, and is asked there: no message is written.
    Raises Invalid for times that can't be true.
    """
    phone = read_phone(call.phone, asking.region)
    email = _read_email(call.email)
    given = (("phone", phone.e164), ("email", email))
    standing = read_standing(
        session,
        asking.account_id,
        [(kind, value) for kind, value in given if value],
        Sitting(call.source, call.agent_id, sat_at(call.answered_at, call.started_at)),
    )
    if problems := check_times(call, standing.now):
        raise Invalid("The call's times can't be true.", problems)
    candidate = _candidate(session, asking, call, phone, standing, in_call=in_call)
    decision = decide(candidate)
    prints = _fingerprints(session, asking.account_id, body_hash)
    row = _call_row(session, asking, call, standing, prints[0])
    plan = _plan(session, asking, call=call, phone=phone, standing=standing, decision=decision)
    accepted = accept_call(session, row, standing.points, plan)
    if accepted is None:
        return _repeat(session, row, prints)
    happened(session, "calls", accepted.state, accepted.skip_reason)
    view = {"id": str(row["id"]), "source": call.source, "call_id": call.call_id}
    log.info(
        "call accepted",
        account_id=str(asking.account_id),
        call_id=view["id"],
        invitation_id=str(plan["invitation_id"]),
        state=accepted.state,
        reason=accepted.skip_reason,
    )
    if accepted.skip_reason == "dry_run":
        tried = plan["decision"]["would_have_asked"]
        log.info(
            "dry run: nothing is sent",
            account_id=str(asking.account_id),
            call_id=view["id"],
            due_at=tried["due_at"],
            segments=tried["segments"],
        )
    if accepted.state == "skipped":
        return Received(True, False, view, None, {"reason": accepted.skip_reason})
    invitation = {
        "id": str(plan["invitation_id"]),
        "status": accepted.state,
        "channel": plan["channel"],
        "due_at": plan["due_at"].isoformat(),
    }
    if plan["channel"] is Channel.LINK:
        invitation["link"] = f"/s/{keyring(session).token(plan['message_id'])}"
    return Received(True, False, view, invitation, None)


def _fingerprints(session: Session, account_id: UUID, body_hash: bytes) -> list[bytes]:
    """By each key. With a plain hash, a stolen table would tell the phone number: there are few of those."""
    return keyring(session).lookups("call.body", str(account_id), body_hash.hex())


def _read_email(raw: str | None) -> str | None:
    """None for what platforms write where there is none ("n/a", "-"): all those would be one customer."""
    text = (raw or "").strip()
    name, at, domain = text.rpartition("@")
    return text if name and at and domain and len(text.split()) == 1 else None


def _candidate(
    session: Session,
    asking: Asking,
    call: CallEnd,
    phone: Phone,
    standing: ContactStanding,
    *,
    in_call: bool,
) -> Candidate:
    reached = {point.kind for point in standing.points}
    return Candidate(
        call=call,
        phone=phone,
        survey=asking.survey,
        senders=frozenset(asking.senders),
        draw=draw(keyring(session).draw_key, str(asking.account_id), call.source, call.call_id),
        now=standing.now,
        account_timezone=asking.timezone,
        opted_out=standing.opted_out,
        open_survey=standing.open_survey,
        last_asked_at=standing.last_asked_at,
        dry_run=asking.tries(call),
        has_email="email" in reached and "email" not in standing.undeliverable,
        in_call=in_call,
        countries=asking.limits.countries,
        used_up=used_up(session, asking.account_id, asking.limits, phone, asking.day(standing.now)),
    )


def _call_row(
    session: Session, asking: Asking, call: CallEnd, standing: ContactStanding, fingerprint: bytes
) -> dict[str, Any]:
    contact_ids = {point.kind: point.id for point in standing.points}
    reported = ReportedAgent(call.agent_id, call.agent_name, call.team, call.vendor)
    attribution = attribute(reported, standing.entry, rostered=standing.rostered)
    return {
        **{name: getattr(call, name) for name in _SAME},
        **attribution_columns(reported, attribution),
        "account_id": asking.account_id,
        "id": new_id(),
        "phone_contact_id": contact_ids.get("phone"),
        "email_contact_id": contact_ids.get("email"),
        "customer_name": seal_name(session, asking.account_id, call.customer_name),
        "ended_on": asking.day(call.ended_at),
        "is_answered": call.answered,
        "tags": list(call.tags),
        "body_hash": fingerprint,
    }


def _plan(
    session: Session,
    asking: Asking,
    *,
    call: CallEnd,
    phone: Phone,
    standing: ContactStanding,
    decision: Ask | Skip,
) -> dict[str, Any]:
    """What `accept_call` writes beside the call; for a skipped one, nothing of a message."""
    survey = asking.survey or _NO_SURVEY
    language = choose_language(call.language, asking.language)
    message_id = new_id()
    plan: dict[str, Any] = {
        "contest": isinstance(decision, Ask),
        "cooldown": survey.cooldown_seconds,
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
        "probability": survey.probability,
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
        transferred=call.transferred_from is not None,
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


def _repeat(session: Session, row: dict[str, Any], prints: list[bytes]) -> Received:
    """A later statement than the writing one, so that it sees what that one waited for."""
    account_id = row["account_id"]
    known = find_call(session, account_id, row["source"], row["call_id"])
    if known is None:
        raise Conflict("This call is being written by another request; send it again.")
    invitation = invitation_of_call(session, account_id, known.id)
    completed = complete_call(session, known, invitation, row)
    happened(session, "calls", "repeat", None)
    asked, skipped = invitation_summary(invitation)
    if asked and (link := link_path(session, invitation)):
        asked["link"] = link
    view = {"id": str(known.id), "source": known.source, "call_id": known.call_id}
    return Received(completed, known.body_hash not in prints, view, asked, skipped)
