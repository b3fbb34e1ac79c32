"""Responses and verbatims: the queries, and the pages."""

from marshmallow import Schema, fields

from app.domain.flags import FLAGS
from app.web.api.fields import Choice, Instant
from app.web.api.schemas.calls import CallKeySchema, KnownAgentSchema
from app.web.api.schemas.pages import PageQuery, page_of


class ResponsesQuery(PageQuery):
    updated_since = Instant(
        metadata={
            "description": "Only what changed at or after this moment",
            "examples": ["2026-03-02T00:00:00Z"],
        }
    )
    flag = Choice(
        *FLAGS, metadata={"description": "Only those whose call has this flag", "examples": ["agents_number"]}
    )


class SurveyVersionSchema(Schema):
    key = fields.String(required=True)
    version = fields.Integer(required=True)


class RespondedCallSchema(CallKeySchema):
    ended_at = fields.AwareDateTime(required=True)
    day = fields.Date(required=True, metadata={"description": "The day it counts in"})
    queue = fields.String(required=True, allow_none=True)
    contact_reason = fields.String(required=True, allow_none=True)
    customer_ref = fields.String(required=True, allow_none=True)
    tags = fields.List(fields.String(), required=True)
    flags = fields.List(
        fields.String(), required=True, metadata={"description": "What is odd about the call"}
    )


class AnswerSchema(Schema):
    value = fields.Integer(required=True)
    scale = fields.String(required=True)
    answered_at = fields.AwareDateTime(required=True)
    revision = fields.Integer(
        required=True, metadata={"description": "1 is the first; later ones are changes"}
    )
    channel = fields.String(required=True)
    wording_version = fields.String(required=True)
    flags = fields.List(fields.String(), required=True)


class ResponseSchema(Schema):
    id = fields.UUID(required=True, metadata={"description": "The invitation's"})
    status = fields.String(required=True)
    channel = fields.String(required=True, allow_none=True)
    language = fields.String(required=True)
    survey = fields.Nested(SurveyVersionSchema, required=True)
    trigger = fields.String(required=True)
    probability = fields.Float(
        metadata={
            "description": "With which this call was drawn; left out, where the survey has a quota, for keys that"
            " name an agent"
        }
    )
    asked_at = fields.AwareDateTime(required=True, allow_none=True)
    responded_at = fields.AwareDateTime(required=True)
    completed_at = fields.AwareDateTime(required=True, allow_none=True)
    updated_at = fields.AwareDateTime(required=True)
    call = fields.Nested(RespondedCallSchema, required=True)
    agent = fields.Nested(KnownAgentSchema, required=True, allow_none=True)
    answers = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(AnswerSchema),
        required=True,
        metadata={"description": "By question: csat, ownership, nps, fcr, ces, reason"},
    )
    verbatims = fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        metadata={"description": "In the customer's words; with the scope verbatims:read"},
    )


ResponsePageSchema = page_of(ResponseSchema)


class SpokenOfCallSchema(CallKeySchema):
    day = fields.Date(required=True)
    queue = fields.String(required=True, allow_none=True)
    flags = fields.List(
        fields.String(), required=True, metadata={"description": "What is odd about the call"}
    )


class VerbatimSchema(Schema):
    id = fields.UUID(required=True)
    response_id = fields.UUID(required=True)
    question = fields.String(required=True)
    text = fields.String(required=True, allow_none=True)
    answered_at = fields.AwareDateTime(required=True)
    channel = fields.String(required=True)
    flags = fields.List(fields.String(), required=True)
    call = fields.Nested(SpokenOfCallSchema, required=True)


VerbatimPageSchema = page_of(VerbatimSchema)
