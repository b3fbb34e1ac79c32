"""The end of a call, as it is reported, amended and read."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from app.domain.attribution import ATTRIBUTIONS
from app.domain.call import MOST_TAGS, CallEnd
from app.domain.eligibility import LONGEST_SECONDS, SKIP_REASONS
from app.domain.flags import FLAGS
from app.domain.handlers import MOST_HANDLERS, Handler
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

TAG_LENGTH = 100


def _seconds(**kwargs: Any) -> Whole:
    return Whole(0, LONGEST_SECONDS, allow_none=True, **kwargs)


def _tags() -> fields.List[str]:
    return fields.List(
        Words(most=TAG_LENGTH),
        allow_none=True,
        validate=validate.Length(max=MOST_TAGS, error="At most {max}."),
    )


class AgentSchema(StrictSchema):
    id = Identifier(required=True, metadata={"description": "As the platform knows the agent"})
    name = Words(allow_none=True)
    team = Words(allow_none=True)
    vendor = Words(allow_none=True, metadata={"description": "The company that employs the agent"})


class HandlerSchema(StrictSchema):
    """One agent's part of a call."""

    agent = fields.Nested(AgentSchema, required=True)
    queue = Words(allow_none=True)
    started_at = Instant(allow_none=True, metadata={"description": "When this agent took the call"})
    ended_at = Instant(allow_none=True)
    talk_seconds = _seconds(metadata={"description": "This agent's; left out is unknown, not short"})

    @post_load
    def _as_handler(self, given: dict[str, Any], **_: Any) -> Handler:
        agent = given.pop("agent")
        return Handler(
            **given,
            agent_id=agent["id"],
            agent_name=agent.get("name"),
            team=agent.get("team"),
            vendor=agent.get("vendor"),
        )


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
    transferred_from = Identifier(allow_none=True, metadata={"description": "The agent before this one"})
    transferred_to = Identifier(
        allow_none=True, metadata={"description": "To whom this one passed the call on: an agent or a queue"}
    )
    handlers = fields.List(
        fields.Nested(HandlerSchema),
        allow_none=True,
        validate=validate.Length(max=MOST_HANDLERS, error="At most {max}."),
        metadata={
            "description": "All agents who had the call, in order, each part once. The survey's `attribute_to` "
            "chooses for whom of them the call counts; `agent` may be left out then"
        },
    )
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
        handlers = tuple(given.pop("handlers", None) or ())
        if handlers and agent and agent["id"] not in {one.agent_id for one in handlers}:
            raise ValidationError("None of the handlers.", "agent")
        return CallEnd(
            **{name: value for name, value in given.items() if name not in ("test", "tags", "attributes")},
            handlers=handlers,
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


class KnownHandlerSchema(Schema):
    position = fields.Integer(required=True, metadata={"description": "From 1, in the order of the call"})
    agent = fields.Nested(
        KnownAgentSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Whom the roster names, at the time of their part"},
    )
    platform_agent_id = fields.String(required=True)
    queue = fields.String(required=True, allow_none=True)
    started_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    talk_seconds = fields.Integer(required=True, allow_none=True)
    counts = fields.Boolean(required=True, metadata={"description": "The call counts for this one"})


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
    transferred_from = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The agent before the one whom the customer is asked about"},
    )
    transferred_to = fields.String(required=True, allow_none=True)
    handlers = fields.List(
        fields.Nested(KnownHandlerSchema),
        required=True,
        metadata={"description": "In order; empty where one agent alone is known"},
    )
    attributed_by = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(ATTRIBUTIONS),
        metadata={
            "description": "Why the call counts for this agent: by the survey's rule (last, first, longest); "
            "reported: the others became known when the customer had been asked; by a person's decision, for a "
            "handler or for an agent. null: nobody else had it"
        },
    )
    trigger = fields.String(required=True)
    test = fields.Boolean(required=True)
    ask = fields.Boolean(required=True)
    tags = fields.List(fields.String(), required=True)
    attributes = fields.Dict(required=True)
    flags = fields.List(
        fields.String(validate=validate.OneOf(FLAGS)),
        required=True,
        metadata={"description": "What is odd about it. A flag takes it out of no figure"},
    )
    received_at = fields.AwareDateTime(required=True)
    invitation_id = fields.UUID(
        required=True, metadata={"description": "Its timeline tells why, also when skipped"}
    )
    invitation = fields.Nested(InvitationSummarySchema, required=True, allow_none=True)
    skipped = fields.Nested(SkippedSchema, required=True, allow_none=True)
