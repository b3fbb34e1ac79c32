"""Exclusions: windows in which nobody is asked, as they are made and shown."""

from marshmallow import Schema, fields, validate

from app.web.api.fields import Instant, StrictSchema, Words
from app.web.api.schemas.pages import page_of


class NewExclusionSchema(StrictSchema):
    """Calls that were going on within the window, be it for a moment, are asked after by nobody."""

    start = Instant(required=True, data_key="from", metadata={"description": "From when, included"})
    end = Instant(
        required=True,
        data_key="to",
        metadata={"description": "Until when, not included: at most 31 days; it can be ended early"},
    )
    queues = fields.List(
        Words(),
        load_default=list,
        validate=validate.Length(max=100),
        metadata={"description": "By name, or how they begin (`sales-*`); left out or empty: all"},
    )
    reason = Words(required=True, metadata={"description": "What happened, for whoever asks later"})


class ExclusionSchema(Schema):
    id = fields.UUID(required=True)
    start = fields.AwareDateTime(required=True, data_key="from")
    end = fields.AwareDateTime(required=True, data_key="to")
    queues = fields.List(fields.String(), required=True)
    reason = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(["planned", "in_force", "over"]))
    made_by = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True)
    ended_by = fields.String(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "When somebody ended it early"}
    )
    taken_back = fields.Integer(
        required=True, metadata={"description": "Surveys that were scheduled and are not sent"}
    )


class MadeExclusionSchema(ExclusionSchema):
    complete = fields.Boolean(
        required=True, metadata={"description": "false: more are being taken back, within seconds"}
    )


ExclusionPageSchema = page_of(ExclusionSchema)
