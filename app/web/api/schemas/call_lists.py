"""Which calls are listed: one by its platform's id, one agent's, or all."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from app.domain.eligibility import SKIP_REASONS
from app.domain.flags import FLAGS
from app.domain.invitation import InvitationState
from app.web.api.fields import Choice, Day, Identifier
from app.web.api.schemas.calls import CallSchema
from app.web.api.schemas.pages import PageQuery, page_of

CallPageSchema = page_of(CallSchema)

_OF_AGENT = {"agent": "agent", "start": "from", "end": "to", "status": "status", "skip_reason": "skip_reason"}


class CallsQuery(PageQuery):
    call_id = Identifier(
        metadata={
            "description": "The platform's id of one call: a page with it, or an empty one",
            "examples": ["2026-000417"],
        }
    )
    source = Identifier(
        metadata={"description": "Of the call with `call_id`; left out is `generic`", "examples": ["generic"]}
    )
    agent = Identifier(metadata={"description": "Only calls of this agent", "examples": ["1042"]})
    start = Day(
        data_key="from",
        metadata={
            "description": "With `agent`: the first day, in the account's time zone; left out is 90 days",
            "examples": ["2026-03-01"],
        },
    )
    end = Day(
        data_key="to",
        metadata={
            "description": "With `agent`: the last day, included; left out is today",
            "examples": ["2026-03-31"],
        },
    )
    status = Choice(
        *map(str, InvitationState),
        metadata={"description": "With `agent`: what became of the invitation", "examples": ["skipped"]},
    )
    skip_reason = Choice(
        *SKIP_REASONS,
        metadata={"description": "With `agent`: why nobody was asked", "examples": ["asked_recently"]},
    )

    flag = Choice(
        *FLAGS,
        metadata={"description": "Only calls with this flag", "examples": ["many_calls_one_phone"]},
    )

    @validates_schema
    def _one_or_many(self, given: dict[str, Any], **_: Any) -> None:
        if "call_id" in given and "flag" in given:
            raise ValidationError("A call_id names one call: nothing narrows it.", "flag")
        narrowing = [shown for name, shown in _OF_AGENT.items() if name in given]
        if "source" in given and "call_id" not in given:
            raise ValidationError("Name the call_id too.", "source")
        if "call_id" in given and narrowing:
            raise ValidationError("A call_id names one call: nothing narrows it.", narrowing[0])
        if narrowing and "agent" not in given:
            # without an agent no index serves them, and millions of calls would be read for one page
            raise ValidationError("Name an agent with it.", narrowing[0])
        if "start" in given and "end" in given and given["end"] < given["start"]:
            raise ValidationError("Must not lie before `from`.", "to")
