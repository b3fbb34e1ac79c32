"""Who changed what."""

from marshmallow import Schema, fields

from app.web.api.schemas.pages import page_of


class AuditSchema(Schema):
    id = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    actor = fields.String(
        required=True,
        metadata={"description": "`key`, its first characters and its name; or `operator`, by a command"},
    )
    action = fields.String(required=True)
    detail = fields.Dict(required=True, metadata={"description": "What it was about, before and after"})


AuditPageSchema = page_of(AuditSchema)
