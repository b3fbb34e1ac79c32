"""The end of a call, as it is reported, amended and read."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from app.domain.call import MOST_TAGS, CallEnd
from app.domain.eligibility import LONGEST_SECONDS, SKIP_REASONS
from app.web.api.fields import (
    Attributes,
    Choice,
    Flag,
    Identifier,
    Instant,
    Language,
    StrictSchema,
    Timezone,
    Whole,
    Words,
)

_TAG_LENGTH = 100


def _seconds(**kwargs: Any) -> Whole:
    return Whole(0, LONGEST_SECONDS, allow_none=True, **kwargs)


def _tags() -> fields.List[str]:
    return fields.List(
        Words(most=_TAG_LENGTH),
        allow_none=True,
        validate=validate.Length(max=MOST_TAGS, error="At most {max}."),
    )


class AgentSchema(StrictSchema):
    id = Identifier(required=True, metadata={"description": "As the platform knows the agent"})
    name = Words(allow_none=True)
    team = Words(allow_none=True)
    vendor = Words(allow_none=True, metadata={"description": "The company that employs the agent"})


class CustomerSchema(StrictSchema):
    phone = Words(
        most=64,
        allow_none=True,
        metadata={"description": "E.164 is best; a masked number is skipped as such"},
    )
    email = Words(most=254, allow_none=True)
    name = Words(allow_none=True)
    language = Language(allow_none=True, metadata={"description": "BCP 47; chooses the wording"})
    timezone = Timezone(allow_none=True, metadata={"description": "IANA; quiet hours are kept in it"})
    ref = Identifier(allow_none=True, metadata={"description": "The customer's id in your systems"})


class LaterSchema(StrictSchema):
    """What may be known at the hang-up, or some minutes later."""

    agent = fields.Nested(AgentSchema, allow_none=True)
    queue = Words(allow_none=True)
    contact_reason = Words(allow_none=True)
    talk_seconds = _seconds(metadata={"description": "Left out is unknown, not short"})
    wait_seconds = _seconds()
    hold_seconds = _seconds()
    wrap_seconds = _seconds(metadata={"description": "After-call work"})
    ended_by = Choice("agent", "customer", "system", allow_none=True)
    transferred_from = Identifier(allow_none=True, metadata={"description": "The agent before the last one"})
    tags = _tags()
    attributes = Attributes(allow_none=True, metadata={"description": "Anything else, kept as it is"})


class CallEndSchema(LaterSchema):
    """A call that has ended. Times are ISO 8601 with an offset, durations whole seconds."""

    call_id = Identifier(
        required=True, metadata={"description": "The platform's id: unique within its source"}
    )
    source = Identifier(
        load_default="generic",
        metadata={"description": "Which platform; two that see the same calls share one"},
    )
    direction = Choice("inbound", "outbound", "internal", required=True)
    customer = fields.Nested(CustomerSchema, required=True)
    started_at = Instant(required=True)
    answered_at = Instant(allow_none=True, metadata={"description": "Left out when nobody answered"})
    ended_at = Instant(required=True)
    trigger = Choice(
        "automatic",
        "agent",
        "customer",
        load_default="automatic",
        metadata={"description": "Who started the survey"},
    )
    test = Flag(load_default=False, metadata={"description": "Asked like any other, and never counted"})
    ask = Flag(load_default=True, metadata={"description": "false imports history and never asks"})

    @post_load
    def _as_call_end(self, given: dict[str, Any], **_: Any) -> CallEnd:
        agent = given.pop("agent", None) or {}
        customer = given.pop("customer")
        return CallEnd(
            **{name: value for name, value in given.items() if name not in ("test", "tags", "attributes")},
            agent_id=agent.get("id"),
            agent_name=agent.get("name"),
            team=agent.get("team"),
            vendor=agent.get("vendor"),
            phone=customer.get("phone"),
            email=customer.get("email"),
            customer_name=customer.get("name"),
            customer_ref=customer.get("ref"),
            language=customer.get("language"),
            timezone=customer.get("timezone"),
            is_test=given["test"],
            tags=tuple(given.get("tags") or ()),
            attributes=given.get("attributes") or {},
        )


class AmendmentSchema(LaterSchema):
    """What became known after the hang-up. null says nothing: what is known already stays."""

    @validates_schema
    def _names_something(self, given: dict[str, Any], **_: Any) -> None:
        if all(value is None for value in given.values()):
            raise ValidationError("Send at least one field that is now known.")

    @post_load
    def _known(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        known = {name: value for name, value in given.items() if value is not None}
        if "agent" in known:
            known["agent"] = {name: value for name, value in known["agent"].items() if value is not None}
        return known


class CallKeySchema(Schema):
    id = fields.UUID(required=True)
    source = fields.String(required=True)
    call_id = fields.String(required=True)


class InvitationSummarySchema(Schema):
    id = fields.UUID(required=True)
    status = fields.String(required=True)
    channel = fields.String(required=True, allow_none=True)
    due_at = fields.AwareDateTime(required=True, allow_none=True)
    link = fields.URL(
        metadata={
            "description": "On channel `link`, in the answer to a report: what you deliver to the customer"
        }
    )


class SkippedSchema(Schema):
    reason = fields.String(required=True, validate=validate.OneOf(SKIP_REASONS))


class ReceivedSchema(Schema):
    """The call, and either its invitation or why there is none."""

    call = fields.Nested(CallKeySchema, required=True)
    invitation = fields.Nested(InvitationSummarySchema)
    skipped = fields.Nested(SkippedSchema)


class KnownCustomerSchema(Schema):
    """Addresses are not shown."""

    ref = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    language = fields.String(required=True, allow_none=True)
    timezone = fields.String(required=True, allow_none=True)
    has_phone = fields.Boolean(required=True)
    has_email = fields.Boolean(required=True)


class KnownAgentSchema(Schema):
    id = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    team = fields.String(required=True, allow_none=True)
    vendor = fields.String(required=True, allow_none=True)


class CallSchema(CallKeySchema):
    direction = fields.String(required=True)
    agent = fields.Nested(KnownAgentSchema, required=True, allow_none=True)
    platform_agent_id = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "As reported; where `agent` is null beside it, the roster doesn't know it"},
    )
    queue = fields.String(required=True, allow_none=True)
    contact_reason = fields.String(required=True, allow_none=True)
    customer = fields.Nested(KnownCustomerSchema, required=True)
    started_at = fields.AwareDateTime(required=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True)
    ended_on = fields.Date(
        required=True, metadata={"description": "The day it counts in, in the account's time zone"}
    )
    answered = fields.Boolean(required=True)
    talk_seconds = fields.Integer(required=True, allow_none=True)
    wait_seconds = fields.Integer(required=True, allow_none=True)
    hold_seconds = fields.Integer(required=True, allow_none=True)
    wrap_seconds = fields.Integer(required=True, allow_none=True)
    ended_by = fields.String(required=True, allow_none=True)
    transferred_from = fields.String(required=True, allow_none=True)
    trigger = fields.String(required=True)
    test = fields.Boolean(required=True)
    ask = fields.Boolean(required=True)
    tags = fields.List(fields.String(), required=True)
    attributes = fields.Dict(required=True)
    received_at = fields.AwareDateTime(required=True)
    invitation_id = fields.UUID(
        required=True, metadata={"description": "Its timeline tells why, also when skipped"}
    )
    invitation = fields.Nested(InvitationSummarySchema, required=True, allow_none=True)
    skipped = fields.Nested(SkippedSchema, required=True, allow_none=True)
