"""A survey's settings. One version holds them all; what a change leaves out stays as it is."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.domain.channel import Channel
from app.domain.questionnaire import QUESTIONS, Survey
from app.web.api.fields import Choice, Flag, Share, StrictSchema, Whole
from app.web.api.schemas.pages import page_of

_DEFAULTS = Survey(key="", version=0)
_HOUR, _DAY = 3_600, 86_400
SURVEY_KEY = r"^[a-z][a-z0-9_-]{0,49}$"


def _order(default: tuple[str, ...], description: str) -> fields.List[str]:
    return fields.List(
        Choice(*QUESTIONS),
        validate=validate.Length(1, len(QUESTIONS)),
        metadata={"description": description, "uniqueItems": True, "default": list(default)},
    )


class WaySchema(StrictSchema):
    """One way of asking."""

    channel = Choice(*Channel, required=True)
    delay_seconds = Whole(
        0,
        _DAY,
        metadata={
            "description": "From the call's end to the ask; left out: `delay_seconds` of the survey by SMS, 600 by "
            "email, 1800 for a call back"
        },
    )


class Conditions(fields.Dict):
    """question -> the question that decides -> the answers to it with which it is asked."""

    def __init__(self, **kwargs: Any) -> None:
        answers = fields.List(Whole(0, 10), validate=validate.Length(1, 11))
        condition = fields.Dict(keys=Choice(*QUESTIONS), values=answers)
        super().__init__(keys=Choice(*QUESTIONS), values=condition, **kwargs)


class SurveyDefinitionSchema(StrictSchema):
    """Durations in seconds."""

    active = Flag()
    channels = fields.List(
        fields.Nested(WaySchema),
        validate=validate.Length(1, len(Channel)),
        metadata={
            "description": "How customers are asked, tried in this order: the next one where the one before can't "
            "reach them. `ivr` is for those whom their platform brings while they are on the line; `link` gives "
            "an address that the client delivers itself"
        },
    )
    order_sms = _order(_DEFAULTS.order_sms, "The questions by SMS, in order")
    order_sms_china = _order(_DEFAULTS.order_sms_china, "The questions by SMS to +86")
    order_page = _order(_DEFAULTS.order_page, "The questions by email and by link")
    order_ivr = _order(_DEFAULTS.order_ivr, "The questions by telephone, in the call and calling back")
    only_if = Conditions(
        metadata={
            "description": "Which questions are asked only with certain answers before them: "
            '`{"reason": {"csat": [1, 2, 3]}}`'
        }
    )
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
    answer_page_within_seconds = Whole(
        60,
        30 * _DAY,
        metadata={"description": "The same for surveys by email and by link"},
    )
    reminder_after_seconds = Whole(
        0,
        14 * _DAY,
        metadata={
            "description": "One mail more for who has not begun to answer by then; 0: none. By email only"
        },
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
    keep_audio = Flag(
        metadata={"description": "Keep what was said by telephone once it has been written down"}
    )
    ivr_speech = Flag(metadata={"description": "By telephone, take spoken answers beside keys"})

    @post_load
    def _in_order(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: given[name] for name in self.fields if name in given}


class SurveySchema(Schema):
    key = fields.String(required=True)
    version = fields.Integer(required=True, metadata={"description": "Grows with every change"})
    definition = fields.Nested(SurveyDefinitionSchema, required=True)


SurveyPageSchema = page_of(SurveySchema)
