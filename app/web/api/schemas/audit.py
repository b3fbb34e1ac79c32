"""Who changed what, and who read customers' words."""

from marshmallow import Schema, fields

from app.web.api.fields import Identifier
from app.web.api.schemas.pages import PageQuery, page_of


class AuditQuery(PageQuery):
    action = Identifier(
        metadata={"description": "Only such entries", "examples": ["verbatims.read", "customer.forgotten"]}
    )


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
