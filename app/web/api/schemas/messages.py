"""Messages: which are listed, what is shown of each, and what a person says when they decide about one."""

from marshmallow import Schema, fields, validate

from app.domain.message import MessageState
from app.domain.resending import WAITING
from app.web.api.fields import Choice, StrictSchema, Words
from app.web.api.schemas.calls import CallKeySchema
from app.web.api.schemas.pages import PageQuery, page_of

_STATES = tuple(map(str, MessageState))
_LONGEST_REASON = 500


class MessagesQuery(PageQuery):
    status = Choice(
        *_STATES,
        metadata={
            "description": f"Left out, all that wait for a person: {' and '.join(sorted(WAITING))}",
            "examples": ["in_doubt"],
        },
    )


class ByHandRequestSchema(StrictSchema):
    """The body may be left out."""

    may_be_absent = True

    reason = Words(
        most=_LONGEST_REASON,
        allow_none=True,
        metadata={
            "description": "Why, for the audit and the timeline. Nothing of the customer's: what looks like a"
            " telephone number or an email address is masked"
        },
    )


class ExplanationSchema(Schema):
    happened = fields.String(required=True)
    known = fields.String(required=True)
    options = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "What a person can do; empty: nothing is to be done"},
    )


class MessageAttemptSchema(Schema):
    id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    started_at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    outcome = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "accepted, rejected, not_sent or unknown; null while nothing is known"},
    )
    http_status = fields.Integer(required=True, allow_none=True)
    code = fields.Integer(required=True, allow_none=True, metadata={"description": "The carrier's"})
    provider_id = fields.String(required=True, allow_none=True)
    detail = fields.String(required=True, allow_none=True)


class ByHandSchema(Schema):
    at = fields.AwareDateTime(required=True)
    by = fields.String(required=True, metadata={"description": "As in the audit"})
    action = fields.String(required=True, metadata={"description": "resent or closed"})
    was = fields.String(required=True, metadata={"description": "The message's status before"})
    reason = fields.String(required=True, allow_none=True)


class MessageInvitationSchema(Schema):
    id = fields.UUID(required=True)
    status = fields.String(required=True)


class MessageSchema(Schema):
    """Neither its text nor to whom it goes is shown."""

    id = fields.UUID(required=True)
    status = fields.String(required=True, validate=validate.OneOf(_STATES))
    purpose = fields.String(
        required=True,
        metadata={"description": "ask is the first text of a survey; question, repeat, thanks, …"},
    )
    question = fields.String(required=True, allow_none=True)
    language = fields.String(required=True)
    explanation = fields.Nested(ExplanationSchema, required=True)
    code = fields.Integer(
        required=True, allow_none=True, metadata={"description": "The carrier's, of its refusal"}
    )
    detail = fields.String(required=True, allow_none=True)
    provider_id = fields.String(
        required=True, allow_none=True, metadata={"description": "Its id at the carrier"}
    )
    provider_status = fields.String(required=True, allow_none=True)
    invitation = fields.Nested(MessageInvitationSchema, required=True)
    call = fields.Nested(CallKeySchema, required=True)
    created_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)
    not_after = fields.AwareDateTime(required=True, metadata={"description": "From then on it is never sent"})
    accepted_at = fields.AwareDateTime(required=True, allow_none=True)
    delivered_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    attempts = fields.List(
        fields.Nested(MessageAttemptSchema),
        required=True,
        metadata={"description": "Each request to the carrier, the oldest first"},
    )
    by_hand = fields.List(
        fields.Nested(ByHandSchema), required=True, metadata={"description": "What people decided about it"}
    )


MessagePageSchema = page_of(MessageSchema)
