"""Handlers that become known after their call: all are kept, and until its customer is asked the rule chooses."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.attribution import BY_AGENT, BY_HAND, REPORTED, Choice, choose, neighbours
from app.domain.call import CallEnd
from app.domain.channel import Channel
from app.domain.handlers import Handler
from app.domain.legs import as_handler, join_handlers
from app.domain.questionnaire import Survey
from app.domain.roster import ReportedAgent
from app.flow.attribution import read_attribution, reported_agent, taken_at, write_attribution
from app.flow.first_message import first_message
from app.store.accounts import get_account
from app.store.calls import Call
from app.store.handlers import CallHandler, handler_rows, handlers_of, put_handlers
from app.store.invitations import Invitation
from app.store.messages import Message
from app.store.senders import sender_facts
from app.store.surveys import survey_version


@dataclass(frozen=True)
class Held:
    """A call whose invitation is locked. `unsent`: its ask, while that has not gone."""

    call: Call
    invitation: Invitation
    unsent: Message | None

    @property
    def is_open(self) -> bool:
        """For whom it counts may still change: no customer has been asked about somebody, no person has decided."""
        names_nobody = self.call.platform_agent_id is None
        asked_nobody = self.unsent is not None or self.invitation.state == "skipped"
        return (asked_nobody or names_nobody) and self.call.attributed_by not in BY_HAND


def keep_handlers(
    session: Session, held: Held, handlers: Sequence[Handler], survey: Survey | None
) -> list[str]:
    """`handlers`: all of them, in order. What is not as it was: `handlers`, `agent`."""
    call = held.call
    handlers = [dataclasses.replace(one, leg=None) for one in handlers]
    before = handlers_of(session, call.account_id, call.id)
    choice = choose(handlers, survey)
    if choice is None or [one.handler for one in before] == handlers:
        return []
    if not held.is_open:
        counts = _place(handlers, call.platform_agent_id, call.taken_at)
        put_handlers(session, call, _decided(call, before, handlers, counts, choice))
        if call.attributed_by not in BY_HAND:
            call.attributed_by = choice.by if choice.place == counts else REPORTED
        return ["handlers"]
    asked_of_last = call.last_of_several
    put_handlers(session, call, handler_rows(handlers, choice.place))
    changed = _count_for(session, call, handlers, choice)
    if held.unsent is not None and call.last_of_several != asked_of_last:
        reword(session, held, held.unsent)
    return ["handlers", *changed]


def known_handlers(session: Session, call: Call, report: CallEnd) -> Sequence[Handler]:
    """Those of a report that joins all that its platform said, and whom else we know of; none for one alone."""
    told = report.handlers or ((as_handler(report),) if report.agent_id else ())
    known = [one.handler for one in handlers_of(session, call.account_id, call.id)] or _own(call)
    named = {one.agent_id for one in told}
    missing = [one for one in known if one.agent_id not in named]
    everybody = [*missing, *told]
    if missing and all(one.ended_at for one in everybody):
        everybody = list(join_handlers(everybody))
    return everybody if len(everybody) > 1 else ()


def _own(call: Call) -> list[Handler]:
    """The agent of a call that nobody else had so far."""
    said = reported_agent(call)
    if said.id is None:
        return []
    return [
        Handler(
            agent_id=said.id,
            agent_name=said.name,
            team=said.team,
            vendor=said.vendor,
            queue=call.queue,
            started_at=taken_at(call),
            ended_at=call.ended_at,
            talk_seconds=call.talk_seconds,
        )
    ]


def _place(handlers: Sequence[Handler], agent_id: str | None, since: datetime | None) -> int | None:
    """Which of them is that one: the part that began then, else the agent's last."""
    theirs = [place for place, one in enumerate(handlers) if one.agent_id == agent_id]
    same = [place for place in theirs if handlers[place].started_at == since]
    return next(iter(same or theirs[-1:]), None)


def _decided(
    call: Call,
    before: Sequence[CallHandler],
    handlers: Sequence[Handler],
    counts: int | None,
    choice: Choice,
) -> list[dict[str, Any]]:
    """The rows where for whom the call counts stays as it is."""
    stood = next((one for one in before if one.chosen), None)
    chosen = counts if stood is None else _place(handlers, stood.platform_agent_id, stood.started_at)
    if chosen is None:
        # nobody, or somebody who did not have it: what a person decided is taken back to the rule
        chosen = choice.place
    place = None if call.attributed_by == BY_AGENT else counts
    counted = {place + 1} if place is not None else set()
    return [{**row, "counts": row["position"] in counted} for row in handler_rows(handlers, chosen)]


def _count_for(session: Session, call: Call, handlers: Sequence[Handler], choice: Choice) -> list[str]:
    one = handlers[choice.place]
    call.queue = one.queue or call.queue
    call.taken_at = one.started_at
    call.attributed_by = choice.by
    call.transferred_from, call.transferred_to = neighbours(
        handlers, choice.place, call.transferred_from, call.transferred_to
    )
    if one.agent_id == call.platform_agent_id:
        return []
    reported = ReportedAgent(one.agent_id, one.agent_name, one.team, one.vendor)
    write_attribution(call, reported, read_attribution(session, call, reported, taken_at(call)))
    return ["agent"]


def reword(session: Session, held: Held, ask: Message) -> None:
    """A text is written when its call is decided on. What is composed when it goes out needs nothing."""
    invitation = held.invitation
    if invitation.channel != Channel.SMS or ask.question_key is None:
        return
    account_id = invitation.account_id
    first = first_message(
        Channel.SMS,
        [ask.question_key],
        invitation.language,
        survey=survey_version(
            session, account_id, invitation.survey_key or "", invitation.survey_version or 0
        ),
        sender=sender_facts(session, account_id, ask.sender_id),
        brand=get_account(session, account_id).brand,
        transferred=held.call.last_of_several,
    )
    ask.body = first.body
