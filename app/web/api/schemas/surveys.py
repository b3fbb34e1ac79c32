"""A survey's settings. One version holds them all; what a change leaves out stays as it is."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from app.domain.attribution import RULES
from app.domain.channel import Channel
from app.domain.questionnaire import QUESTIONS, Survey
from app.domain.survey_caps import MOST_ASKS
from app.domain.text import clean
from app.web.api.fields import NAME_LENGTH, Attributes, Choice, Flag, Share, StrictSchema, Whole, Words
from app.web.api.schemas.calls import TAG_LENGTH
from app.web.api.schemas.pages import page_of

_DEFAULTS = Survey(key="", version=0)
_HOUR, _DAY = 3_600, 86_400
# of queues, tags or values that an account lists
_MOST_NAMES = 100
_MOST_WANTED = 20
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


def _names(most: int, description: str) -> fields.List[str]:
    return fields.List(
        Words(most=most),
        validate=validate.Length(max=_MOST_NAMES, error="At most {max}."),
        metadata={"description": description, "uniqueItems": True, "default": []},
    )


class Plain(fields.Field[Any]):
    """A text, a number, true or false: what an attribute can be compared with."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"type": ["string", "number", "boolean"]}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        if isinstance(value, str) and len(value) <= NAME_LENGTH:
            return clean(value)
        if isinstance(value, (bool, int, float)):
            return value
        raise ValidationError(f"Send a text of at most {NAME_LENGTH} characters, a number, true or false.")


class AttributesWanted(fields.Dict):
    """name -> the values of which a call has to have one."""

    def __init__(self, **kwargs: Any) -> None:
        values = fields.List(Plain(), validate=validate.Length(1, _MOST_NAMES))
        names = Words(most=Attributes.NAME_LENGTH)
        super().__init__(
            keys=names,
            values=values,
            validate=validate.Length(max=_MOST_WANTED, error="At most {max}."),
            **kwargs,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            wanted: dict[str, Any] = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        except ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            # named by their places in what was sent
            raise ValidationError(
                {name: wrong.get("value", wrong.get("key")) for name, wrong in error.messages.items()}
            ) from error
        return wanted


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
    most_per_customer = Whole(
        1,
        MOST_ASKS,
        allow_none=True,
        metadata={
            "description": "A customer is asked so often within `most_per_customer_days`, by any survey, and no "
            "more; exact. null: no cap beside the cooldown"
        },
    )
    most_per_customer_days = Whole(1, 366)
    most_per_agent_day = Whole(
        1,
        10_000,
        allow_none=True,
        metadata={
            "description": "So many customers are asked about one agent on a day of the account's time zone; "
            "counted from facts, so that some seconds' calls may go beyond. null: no cap"
        },
    )
    most_per_day = Whole(
        1,
        10_000_000,
        allow_none=True,
        metadata={"description": "The same for all agents together"},
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
        metadata={
            "description": "Which share of the calls is asked; never under 0.10. With `quota_per_month` the most "
            "that any agent's rate may be, and what is used until there are rates"
        },
    )
    quota_per_month = Whole(
        1,
        1_000,
        allow_none=True,
        metadata={
            "description": "Answers wanted per agent and month: each agent's calls are drawn at a rate of their "
            "own, made anew each week. null: all at `probability`"
        },
    )
    consent = Choice(
        "not_needed",
        "required",
        metadata={
            "description": "required: only those are asked of whom there is one (`POST /v1/consents`), for the "
            "address that they are asked at. One that was withdrawn stands against every survey"
        },
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

    directions = fields.List(
        Choice("inbound", "outbound", "internal"),
        validate=validate.Length(1, 3),
        metadata={
            "description": "After which calls customers are asked; nobody is one of an internal call",
            "uniqueItems": True,
            "default": list(_DEFAULTS.directions),
        },
    )
    queues = _names(
        NAME_LENGTH, "Only after calls of these queues, by name or how it begins (`sales-*`); none: of all"
    )
    not_queues = _names(NAME_LENGTH, "Never after calls of these queues, named in the same way")
    tags = _names(TAG_LENGTH, "Only after calls with at least one of these tags; none: whatever the tags")
    not_tags = _names(TAG_LENGTH, "Never after calls with one of these tags")
    attributes = AttributesWanted(
        metadata={
            "description": "Only after calls with these `attributes`, one of the values each:"
            ' `{"tier": ["gold", 1]}`. They compare as they are written, whatever the case: 1 and "1" are the same'
        }
    )
    ask_transferred_in = Flag(metadata={"description": "After calls that came from another agent too"})
    ask_transferred_out = Flag(metadata={"description": "After calls that went on to somebody else too"})
    attribute_to = Choice(
        *RULES,
        metadata={
            "description": "For which of its handlers a call counts: last, first, or who talked longest"
        },
    )
    attribute_min_talk_seconds = Whole(
        0,
        _HOUR,
        metadata={
            "description": "Last and first pass over who talked less; where all did, the longest counts"
        },
    )

    @post_load
    def _in_order(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: given[name] for name in self.fields if name in given}


class SurveySchema(Schema):
    key = fields.String(required=True)
    version = fields.Integer(required=True, metadata={"description": "Grows with every change"})
    definition = fields.Nested(SurveyDefinitionSchema, required=True)


SurveyPageSchema = page_of(SurveySchema)
