"""The account's lists: one entry of each, what is sent to change them, and what came of it."""

from marshmallow import Schema, fields, validate

from app.domain.contact_table import LONGEST_REASON, LONGEST_WORDS
from app.web.api.fields import Instant, StrictSchema, Words
from app.web.api.schemas.customers import PersonSchema
from app.web.api.schemas.pages import page_of


class SuppressSchema(PersonSchema):
    """Exactly one of phone, email and ref: a ref stands for all addresses of theirs, also those that come later."""

    reason = Words(
        most=LONGEST_REASON,
        metadata={
            "description": "Kept with the proof; no name and no address belongs in it",
            "examples": ["asked by letter"],
        },
    )


class ConsentSchema(PersonSchema):
    """Exactly one of phone, email and ref, and what is known of how consent was given or withdrawn."""

    at = Instant(
        metadata={
            "description": "When it was; default: now. Of a consent and its withdrawal the later one counts",
            "examples": ["2026-03-02T09:30:00-05:00"],
        }
    )
    where = Words(
        most=LONGEST_REASON, metadata={"description": "Such as the page or form", "examples": ["sign-up"]}
    )
    words = Words(
        most=LONGEST_WORDS,
        metadata={
            "description": "What was agreed to or said, verbatim",
            "examples": ["You may text me a survey."],
        },
    )


class ChangedSchema(Schema):
    """How many addresses and customers it changed; the second time, none."""

    changed = fields.Integer(required=True)
    unchanged = fields.Integer(required=True, metadata={"description": "They were so already"})
    surveys_ended = fields.Integer(required=True)


class ImportQuery(StrictSchema):
    dry_run = fields.Boolean(
        load_default=False,
        metadata={"description": "true: say what would change, and change nothing", "examples": [False]},
    )


class ProblemLineSchema(Schema):
    line = fields.Integer(required=True)
    problem = fields.String(required=True)


class ImportedSchema(ChangedSchema):
    """What became of a file's lines, and of whom they name."""

    lines = fields.Integer(required=True)
    refused = fields.Integer(required=True, metadata={"description": "Lines that were not taken"})
    problems = fields.List(
        fields.Nested(ProblemLineSchema),
        required=True,
        metadata={"description": "Of the first hundred of those"},
    )


class _NamedSchema(Schema):
    phone = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    ref = fields.String(required=True, allow_none=True)


class SuppressionEntrySchema(_NamedSchema):
    """Whom not to contact: one of phone, email and ref; none where the keyed hash alone is left."""

    reason = fields.String(required=True, allow_none=True)
    since = fields.AwareDateTime(required=True)


class ConsentEntrySchema(_NamedSchema):
    """Who consented or took it back: one of phone, email and ref; none where the keyed hash alone is left."""

    status = fields.String(required=True, validate=validate.OneOf(("given", "withdrawn")))
    given_at = fields.AwareDateTime(required=True, allow_none=True)
    withdrawn_at = fields.AwareDateTime(required=True, allow_none=True)
    where = fields.String(required=True, allow_none=True)
    words = fields.String(required=True, allow_none=True)


SuppressionPageSchema = page_of(SuppressionEntrySchema)
ConsentPageSchema = page_of(ConsentEntrySchema)
