"""An invitation with its decision and its timeline."""

from marshmallow import INCLUDE, Schema, fields, validate

from app.domain.invitation import InvitationState
from app.flow.delivered_link import REPORTS
from app.web.api.fields import Choice, Instant, StrictSchema
from app.web.api.schemas.calls import CallKeySchema, SkippedSchema
from app.web.api.schemas.responses import SurveyVersionSchema


class CheckSchema(Schema):
    check = fields.String(required=True, metadata={"description": "A skip reason"})
    passed = fields.Boolean(required=True)
    detail = fields.String(required=True)


class DecisionSchema(Schema):
    checks = fields.List(fields.Nested(CheckSchema), required=True)
    left_out = fields.Dict(
        keys=fields.String(), values=fields.String(), metadata={"description": "Questions left out, and why"}
    )


class HappeningSchema(Schema):
    """Beside these, what belongs to the event: ids, codes, values."""

    class Meta:
        unknown = INCLUDE

    at = fields.AwareDateTime(required=True)
    event = fields.String(required=True, metadata={"example": "message.accepted"})


class InvitationSchema(Schema):
    id = fields.UUID(required=True)
    status = fields.String(required=True, validate=validate.OneOf([str(state) for state in InvitationState]))
    skipped = fields.Nested(SkippedSchema, required=True, allow_none=True)
    channel = fields.String(required=True, allow_none=True)
    language = fields.String(required=True)
    trigger = fields.String(required=True)
    probability = fields.Float(
        metadata={
            "description": "With which this call was drawn; left out, where the survey has a quota, for keys that"
            " name an agent"
        }
    )
    survey = fields.Nested(SurveyVersionSchema, required=True, allow_none=True)
    questions = fields.List(fields.String(), required=True)
    call = fields.Nested(CallKeySchema, required=True)
    due_at = fields.AwareDateTime(required=True, allow_none=True)
    not_after = fields.AwareDateTime(required=True, allow_none=True)
    asked_at = fields.AwareDateTime(required=True, allow_none=True)
    delivered_at = fields.AwareDateTime(required=True, allow_none=True)
    delivered_basis = fields.String(
        required=True, allow_none=True, metadata={"description": "receipt, or assumed from an answer"}
    )
    responded_at = fields.AwareDateTime(required=True, allow_none=True)
    completed_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    edit_until = fields.AwareDateTime(required=True, allow_none=True)
    decision = fields.Nested(DecisionSchema, required=True)
    timeline = fields.List(fields.Nested(HappeningSchema), required=True)


class LinkReportSchema(StrictSchema):
    status = Choice(*REPORTS, required=True)
    at = Instant(metadata={"description": "When; left out: now"})
