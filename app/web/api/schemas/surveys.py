"""A survey's settings. One version holds them all; what a change leaves out stays as it is."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from app.domain.questionnaire import QUESTIONS, Survey
from app.web.api.fields import Choice, Flag, Share, StrictSchema, Whole
from app.web.api.schemas.pages import page_of

_DEFAULTS = Survey(key="", version=0)
_HOUR, _DAY = 3_600, 86_400
SURVEY_KEY = r"^[a-z][a-z0-9_-]{0,49}$"


def _order(default: tuple[str, ...], description: str) -> fields.List[str]:
    return fields.List(
        Choice(*QUESTIONS),
        validate=[validate.Length(1, len(QUESTIONS)), _check_order],
        metadata={"description": description, "uniqueItems": True, "default": list(default)},
    )


def _check_order(keys: list[str]) -> None:
    if len(set(keys)) != len(keys):
        raise ValidationError("Ask each question once.")
    # the length is checked beside this, not before it
    if keys and QUESTIONS[keys[0]].metric is None:
        raise ValidationError("Begin with a scored question.")
    if "comment" in keys[:-1]:
        raise ValidationError("Ask for the comment last: whatever comes after it is taken for more of it.")


class SurveyDefinitionSchema(StrictSchema):
    """Durations in seconds."""

    active = Flag()
    order_sms = _order(_DEFAULTS.order_sms, "The questions by SMS, in order")
    order_sms_china = _order(_DEFAULTS.order_sms_china, "The questions by SMS to +86")
    delay_seconds = Whole(
        0,
        _DAY,
        metadata={"description": "From the call's end to the ask"},
    )
    min_talk_seconds = Whole(
        0,
        _HOUR,
    )
    cooldown_seconds = Whole(
        0,
        366 * _DAY,
        metadata={"description": "A customer is not asked again within it"},
    )
    too_old_seconds = Whole(
        60,
        7 * _DAY,
        metadata={"description": "A call reported later than this after its end is not asked"},
    )
    send_within_seconds = Whole(
        60,
        3 * _DAY,
        metadata={"description": "Nothing is sent later than this after the call's end"},
    )
    answer_within_seconds = Whole(
        60,
        30 * _DAY,
    )
    edit_within_seconds = Whole(
        0,
        30 * _DAY,
    )
    nps_every_seconds = Whole(
        0,
        2 * 366 * _DAY,
        metadata={"description": "NPS is left out for a customer who was asked it within this time"},
    )
    comment_quiet_seconds = Whole(
        0,
        _HOUR,
        metadata={"description": "A comment is over when no text came for this long"},
    )
    probability = Share(
        0.10,
        1.0,
        metadata={"description": "Which share of the calls is asked; never under 0.10"},
    )
    send_hours = Choice(
        "lawful",
        "any",
        metadata={"description": "`any` keeps no quiet hours: for demonstrations and tests only"},
    )
    link = Flag(metadata={"description": "Append the signed link to the first text"})

    @post_load
    def _in_order(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: given[name] for name in self.fields if name in given}


class SurveySchema(Schema):
    key = fields.String(required=True)
    version = fields.Integer(required=True, metadata={"description": "Grows with every change"})
    definition = fields.Nested(SurveyDefinitionSchema, required=True)


SurveyPageSchema = page_of(SurveySchema)
