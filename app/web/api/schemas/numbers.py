"""Listed numbers: a company's own, those it tests with, its agents' own telephones."""

from marshmallow import Schema, fields

from app.domain.listed_number import KINDS
from app.web.api.fields import Choice, Identifier, StrictSchema, Words
from app.web.api.schemas.pages import PageQuery, page_of


class NewNumberSchema(StrictSchema):
    number = Words(
        most=64,
        required=True,
        metadata={
            "description": "A telephone number; a range by how it begins, at least six digits (`+4420794600*`); or "
            "an extension of the switchboard (`1234`)"
        },
    )
    listed_as = Choice(
        *KINDS,
        required=True,
        metadata={
            "description": "`internal`: never asked. `test`: asked, and in no figure. `agent`: an agent's own "
            "telephone, never asked, and its calls are flagged"
        },
    )
    agent_id = Identifier(allow_none=True, metadata={"description": "Whose it is, where it is an agent's"})


class NumberSchema(Schema):
    id = fields.UUID(required=True)
    number = fields.String(required=True)
    listed_as = fields.String(required=True)
    agent_id = fields.String(required=True, allow_none=True)
    listed_by = fields.String(required=True)
    listed_at = fields.AwareDateTime(required=True)


NumberPageSchema = page_of(NumberSchema)


class NumbersQuery(PageQuery):
    listed_as = Choice(*KINDS, metadata={"description": "Only those listed as this", "examples": ["agent"]})


class ImportedNumbersSchema(Schema):
    changed = fields.Integer(
        required=True, metadata={"description": "Listed now, or listed otherwise before"}
    )
    unchanged = fields.Integer(required=True)
