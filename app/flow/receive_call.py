"""A call ended: accept it, and decide in the same transaction whether its customer is asked."""

import dataclasses
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.channels.phone import read_phone
from app.domain.addresses import read_email
from app.domain.attribution import attributed, check_handlers
from app.domain.call import CallEnd
from app.domain.candidate import Candidate, Phone
from app.domain.channel import Channel
from app.domain.customer_ref import known_ref
from app.domain.eligibility import check_times, decide, draw
from app.domain.flags import flags_of
from app.domain.listed_number import number_key
from app.domain.roster import ReportedAgent, attribute, sat_at
from app.domain.survey_caps import agent_used_up, customer_used_up, survey_used_up
from app.errors import Conflict, Invalid
from app.flow.asking import Asking
from app.flow.attribution import attribution_columns
from app.flow.complete_call import complete_call
from app.flow.delivered_link import link_path
from app.flow.keep_to_limits import used_up
from app.flow.plan_ask import plan_ask
from app.flow.views import invitation_summary
from app.ids import new_id
from app.log import get_logger
from app.store.acceptance import accept_call
from app.store.asked_today import NOT_READ
from app.store.base import keyring
from app.store.calls import Call, find_call, seal_name
from app.store.handlers import handler_rows
from app.store.invitations import invitation_of_call
from app.store.listed_numbers import hashes_for
from app.store.standing import ContactStanding, Sitting, read_standing
from app.tally import happened

log = get_logger(__name__)
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
    Raises Invalid for times and handlers that can't be true.
    """
    if problems := check_handlers(call.handlers, call.started_at, call.ended_at):
        raise Invalid("The call's handlers can't have been its handlers.", problems)
    call = attributed(call, asking.survey)
    phone = read_phone(call.phone, asking.region)
    email = read_email(call.email)
    given = (("phone", phone.e164), ("email", email))
    standing = read_standing(
        session,
        asking.account_id,
        [(kind, value) for kind, value in given if value],
        Sitting(call.source, call.agent_id, call.taken_at or sat_at(call.answered_at, call.started_at)),
        listed=hashes_for(session, asking.account_id, number_key(call.phone, phone.e164), asking.listed),
        ref=known_ref(call.customer_ref),
    )
    if standing.listed_as == "test":
        call = dataclasses.replace(call, is_test=True)
    if problems := check_times(call, standing.now):
        raise Invalid("The call's times can't be true.", problems)
    prints = _fingerprints(session, asking.account_id, body_hash)
    row = _call_row(session, asking, call, standing, prints[0])
    rate = asking.rates.of(row["agent_id"], row["ended_on"])
    candidate = _candidate(
        session, asking, call, phone, standing, agent_id=row["agent_id"], in_call=in_call, rate=rate
    )
    decision = decide(candidate)
    plan = plan_ask(
        session,
        asking,
        call=call,
        phone=phone,
        standing=standing,
        decision=decision,
        probability=candidate.probability,
    )
    handlers = handler_rows(call.handlers, call.handler)
    accepted = accept_call(session, row, standing.points, plan, handlers)
    if accepted is None:
        return _repeat(session, row, handlers, prints)
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


def _candidate(
    session: Session,
    asking: Asking,
    call: CallEnd,
    phone: Phone,
    standing: ContactStanding,
    *,
    in_call: bool,
    agent_id: str | None,
    rate: float | None,
) -> Candidate:
    reached = {point.kind for point in standing.points}
    today = asking.asked_today if asking.asked_today.day == asking.day(call.ended_at) else NOT_READ
    return Candidate(
        call=call,
        phone=phone,
        survey=asking.survey,
        senders=frozenset(asking.senders),
        draw=draw(keyring(session).draw_key, str(asking.account_id), call.source, call.call_id),
        now=standing.now,
        account_timezone=asking.timezone,
        rate=rate,
        holidays=asking.holidays,
        opted_out=standing.opted_out,
        suppressed=standing.suppressed,
        consented=standing.consented,
        consent_withdrawn=standing.consent_withdrawn,
        open_survey=standing.open_survey,
        last_asked_at=standing.last_asked_at,
        listed_as=standing.listed_as,
        exclusion=asking.leaves_out(call),
        dry_run=asking.tries(call),
        has_email="email" in reached and "email" not in standing.undeliverable,
        in_call=in_call,
        countries=asking.limits.countries,
        used_up=used_up(session, asking.account_id, asking.limits, phone, asking.day(standing.now)),
        customer_used_up=customer_used_up(asking.survey, standing.recent_asks, standing.now),
        agent_used_up=agent_used_up(asking.survey, today.agents, agent_id),
        survey_used_up=survey_used_up(asking.survey, today.in_all),
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
        "customer_contact_id": contact_ids.get("customer"),
        "customer_name": seal_name(session, asking.account_id, call.customer_name),
        "ended_on": asking.day(call.ended_at),
        "is_answered": call.answered,
        "tags": list(call.tags),
        "flags": flags_of(call, listed_as=standing.listed_as, many_calls=standing.many_calls),
        "body_hash": fingerprint,
    }


def _repeat(
    session: Session, row: dict[str, Any], handlers: list[dict[str, Any]], prints: list[bytes]
) -> Received:
    """A later statement than the writing one, so that it sees what that one waited for."""
    account_id = row["account_id"]
    known = find_call(session, account_id, row["source"], row["call_id"])
    if known is None:
        raise Conflict("This call is being written by another request; send it again.")
    invitation = invitation_of_call(session, account_id, known.id)
    completed = complete_call(session, known, invitation, row, handlers)
    happened(session, "calls", "repeat", None)
    asked, skipped = invitation_summary(invitation)
    if asked and (link := link_path(session, invitation)):
        asked["link"] = link
    view = {"id": str(known.id), "source": known.source, "call_id": known.call_id}
    return Received(completed, known.body_hash not in prints, view, asked, skipped)
