"""Results: the queries, and the shape that is documented (orjson writes it, not a schema)."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app.domain.eligibility import SKIP_REASONS
from app.web.api.fields import Choice, Day, StrictSchema

BUCKETS = ("day", "week", "month", "all")
GROUPS = ("agent", "team", "vendor", "queue")
_LEFT_OUT = "Left out, where the survey has a quota, for keys that name an agent"


class PeriodQuery(StrictSchema):
    start = Day(
        data_key="from",
        metadata={
            "description": "The first day, in the account's time zone; left out is 90 days",
            "examples": ["2026-03-01"],
        },
    )
    end = Day(
        data_key="to",
        metadata={"description": "The last day, included; left out is today", "examples": ["2026-03-31"]},
    )
    bucket = Choice(
        *BUCKETS,
        load_default="all",
        metadata={"description": "One row for each day, week, ... or all", "examples": ["month"]},
    )

    @validates_schema
    def _forward(self, given: dict[str, Any], **_: Any) -> None:
        if "start" in given and "end" in given and given["end"] < given["start"]:
            raise ValidationError("Must not lie before `from`.", "to")


class ResultsQuery(PeriodQuery):
    group_by = Choice(
        *GROUPS,
        required=True,
        metadata={"description": "What a row stands for", "examples": ["agent"]},
    )


class IntervalSchema(Schema):
    low = fields.Float(required=True)
    high = fields.Float(required=True)
    level = fields.Float(required=True, metadata={"example": 0.95})
    method = fields.String(required=True)


class BasisSchema(Schema):
    receipt = fields.Integer(required=True, metadata={"description": "The carrier said so"})
    assumed = fields.Integer(required=True, metadata={"description": "Somebody answered, so it had arrived"})


class RateSchema(Schema):
    """Percent, with what was divided by what."""

    value = fields.Float(required=True, allow_none=True)
    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True)
    interval = fields.Nested(IntervalSchema, required=True, allow_none=True)
    basis = fields.Nested(BasisSchema)


class TargetSchema(Schema):
    value = fields.Float(required=True)
    source = fields.String(required=True, validate=validate.OneOf(("house", "account")))
    point_met = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "The score itself against the target"}
    )
    verdict = fields.String(
        required=True, metadata={"description": "What the interval proves: met, missed or unproven"}
    )


class DefinitionSchema(Schema):
    name = fields.String(required=True)
    version = fields.Integer(required=True)


class ScoreSchema(Schema):
    n = fields.Integer(required=True, metadata={"description": "Answers inside the denominator"})
    histogram = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    score = fields.Float(required=True, allow_none=True)
    unit = fields.String(required=True, validate=validate.OneOf(("percent", "points")))
    mean = fields.Float(required=True, allow_none=True)
    mean_interval = fields.Nested(IntervalSchema, required=True, allow_none=True)
    interval = fields.Nested(IntervalSchema, required=True, allow_none=True)
    evidence = fields.String(
        required=True,
        validate=validate.OneOf(("none", "insufficient", "indicative", "reportable")),
        metadata={"description": "How far the score may be relied on"},
    )
    target = fields.Nested(TargetSchema, required=True, allow_none=True)
    definition = fields.Nested(DefinitionSchema, required=True)
    weighting = fields.String(required=True, validate=validate.OneOf(("none", "inverse_probability")))
    effective_n = fields.Float(required=True)
    promoters = fields.Integer()
    passives = fields.Integer()
    detractors = fields.Integer()
    bottom2box = fields.Float(allow_none=True)


class LabelledAgentSchema(Schema):
    id = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    team = fields.String(required=True, allow_none=True, metadata={"description": "Where they worked last"})
    vendor = fields.String(required=True, allow_none=True)


class RatesSchema(Schema):
    offer = fields.Nested(RateSchema, required=True, metadata={"description": "Invited of answered calls"})
    response = fields.Nested(RateSchema, required=True, metadata={"description": "Responded of delivered"})
    completion = fields.Nested(RateSchema, required=True, metadata={"description": "Completed of responded"})


class MeanSecondsSchema(Schema):
    talk = fields.Float(required=True, allow_none=True)
    hold = fields.Float(required=True, allow_none=True)
    wrap = fields.Float(required=True, allow_none=True)
    wait = fields.Float(required=True, allow_none=True)


def _as_of() -> fields.AwareDateTime:
    return fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "What happened until then is in the numbers"}
    )


class ResultRowSchema(Schema):
    """One group in one period. Of `agent`, `team`, `vendor` and `queue` the one grouped by is there."""

    agent = fields.Nested(LabelledAgentSchema)
    team = fields.String(allow_none=True)
    vendor = fields.String(allow_none=True)
    queue = fields.String(allow_none=True)
    start = fields.Date(data_key="from", required=True)
    end = fields.Date(data_key="to", required=True)
    status = fields.String(required=True, validate=validate.OneOf(("provisional", "final")))
    final_on = fields.Date(required=True)
    as_of = _as_of()
    calls = fields.Integer(required=True)
    answered = fields.Integer(required=True)
    invited = fields.Integer(metadata={"description": _LEFT_OUT})
    delivered = fields.Integer(metadata={"description": _LEFT_OUT})
    responded = fields.Integer(required=True, metadata={"description": "At least one scored answer"})
    completed = fields.Integer(required=True, metadata={"description": "All required scored questions"})
    skipped = fields.Dict(
        keys=fields.String(validate=validate.OneOf(SKIP_REASONS)),
        values=fields.Integer(),
        metadata={"description": _LEFT_OUT},
    )
    rates = fields.Nested(RatesSchema, metadata={"description": _LEFT_OUT})
    mean_seconds = fields.Nested(MeanSecondsSchema, required=True)
    csat = fields.Nested(ScoreSchema, required=True)
    nps = fields.Nested(ScoreSchema, required=True)
    ownership = fields.Nested(ScoreSchema, required=True)
    fcr = fields.Nested(ScoreSchema, metadata={"description": "Where it was asked"})
    ces = fields.Nested(ScoreSchema, metadata={"description": "Where it was asked"})


class ResultsSchema(Schema):
    group_by = fields.String(required=True, validate=validate.OneOf(GROUPS))
    bucket = fields.String(required=True, validate=validate.OneOf(BUCKETS))
    start = fields.Date(data_key="from", required=True)
    end = fields.Date(data_key="to", required=True)
    timezone = fields.String(required=True, metadata={"description": "The account's: it says what a day is"})
    as_of = _as_of()
    rows = fields.List(fields.Nested(ResultRowSchema), required=True)
