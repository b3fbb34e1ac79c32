"""The ledger: the query, and the shape that is documented."""

from marshmallow import Schema, fields, validate

from app.domain.eligibility import SKIP_REASONS
from app.domain.ledger import OTHER
from app.web.api.fields import Choice
from app.web.api.schemas.results import IntervalSchema, LabelledAgentSchema, PeriodQuery, RateSchema

LEDGER_GROUPS = ("agent", "reason", "day")


class LedgerQuery(PeriodQuery):
    class Meta:
        exclude = ("bucket",)

    group_by = Choice(
        *LEDGER_GROUPS,
        required=True,
        metadata={"description": "What a row stands for", "examples": ["agent"]},
    )


def _skipped() -> fields.Dict:
    return fields.Dict(
        keys=fields.String(validate=validate.OneOf((*SKIP_REASONS, OTHER))),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Calls that were not followed by an invitation, by reason; zeros left out"},
    )


class AgainstOthersSchema(Schema):
    compared = fields.String(
        required=True,
        validate=validate.OneOf(("invited", "reached")),
        metadata={
            "description": "Which calls, of those that somebody took: `invited`; or, where the survey has a quota,"
            " those that `reached` the draw, after which agents are treated differently on purpose"
        },
    )
    others = fields.Nested(
        RateSchema, required=True, metadata={"description": "The rate of all other agents together"}
    )
    difference = fields.Float(required=True, metadata={"description": "Percentage points above it"})
    interval = fields.Nested(IntervalSchema, required=True)
    verdict = fields.String(
        required=True,
        validate=validate.OneOf(("lower", "higher", "unproven")),
        metadata={"description": "What the interval proves"},
    )


class LedgerTotalSchema(Schema):
    calls = fields.Integer(
        required=True, metadata={"description": "`invited` and the sum of `skipped`, always"}
    )
    answered = fields.Integer(required=True)
    invited = fields.Integer(required=True)
    skipped = _skipped()
    offer = fields.Nested(RateSchema, required=True, metadata={"description": "Invited of answered calls"})


class LedgerRowSchema(Schema):
    """One agent, day or outcome. By reason: `outcome`, `reason`, `calls`, `share`; else the figures of a total."""

    agent = fields.Nested(
        LabelledAgentSchema,
        allow_none=True,
        metadata={"description": "null: calls that nobody took, or of nobody whom the roster knows"},
    )
    day = fields.Date()
    outcome = fields.String(validate=validate.OneOf(("invited", "skipped")))
    reason = fields.String(allow_none=True)
    share = fields.Nested(RateSchema, metadata={"description": "Of all calls"})
    calls = fields.Integer(required=True)
    answered = fields.Integer()
    invited = fields.Integer()
    skipped = fields.Dict(keys=fields.String(), values=fields.Integer())
    offer = fields.Nested(RateSchema)
    against_others = fields.Nested(AgainstOthersSchema, allow_none=True)


class LedgerSchema(Schema):
    group_by = fields.String(required=True, validate=validate.OneOf(LEDGER_GROUPS))
    start = fields.Date(data_key="from", required=True)
    end = fields.Date(data_key="to", required=True)
    timezone = fields.String(required=True, metadata={"description": "The account's: it says what a day is"})
    as_of = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "What happened until then is in the numbers"}
    )
    total = fields.Nested(LedgerTotalSchema, required=True)
    rows = fields.List(fields.Nested(LedgerRowSchema), required=True)
