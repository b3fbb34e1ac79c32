"""Calls and responses of another system's past: a call's own fields, and when its customer was asked there."""

from typing import Any

from marshmallow import post_load, validate

from app.domain.elsewhere import CHANNELS, ONE_IS_BEST, SCALES, PastCall, PastResponse, Ratings
from app.domain.questionnaire import ONE_TO_FIVE, QUESTIONS
from app.web.api.fields import Choice, Flag, Identifier, Instant, Language, StrictSchema, Whole, Words
from app.web.api.schemas.calls import CallEndSchema

_LONGEST_COMMENT = 4_000


class PastCallSchema(CallEndSchema):
    """A call as it is reported when it ends; nobody is asked, whatever it says."""

    asked_at = Instant(allow_none=True, metadata={"description": "When the other system asked the customer"})
    ask = Flag(
        load_default=False,
        validate=validate.Equal(False, error="An import asks nobody: leave it out, or send false."),
    )

    @post_load
    def _as_call_end(self, given: dict[str, Any], **_: Any) -> Any:
        asked_at = given.pop("asked_at", None)
        return PastCall(super()._as_call_end(given), asked_at)


class PastResponseSchema(StrictSchema):
    """A question that is there with null was asked and not answered; one that is not there was not asked."""

    source = Identifier(load_default="generic")
    call_id = Identifier(required=True)
    answered_at = Instant(required=True)
    channel = Choice(*CHANNELS, load_default="other")
    language = Language(allow_none=True)
    scale = Choice(*SCALES, load_default=ONE_TO_FIVE.id)
    csat = Whole(1, 5, allow_none=True)
    ownership = Whole(1, 5, allow_none=True)
    nps = Whole(0, 10, allow_none=True)
    fcr = Whole(1, 3, allow_none=True)
    comment = Words(most=_LONGEST_COMMENT, allow_none=True)

    @post_load
    def _as_response(self, given: dict[str, Any], **_: Any) -> PastResponse:
        asked = tuple(key for key in QUESTIONS if key in given)
        return PastResponse(
            **{name: value for name, value in given.items() if name not in QUESTIONS},
            questions=asked,
            keys={key: given[key] for key in asked if key != "comment" and given[key] is not None},
            comment=given.get("comment") or None,
        )


class RatingsSchema(StrictSchema):
    """At least one answer. Keys are raw: what was pressed, on `scale` for questions of 1 to 5."""

    channel = Choice(*CHANNELS, load_default="ivr")
    answered_at = Instant(metadata={"description": "Left out: now"})
    language = Language()
    scale = Choice(
        *SCALES,
        load_default=ONE_TO_FIVE.id,
        metadata={"description": f"`{ONE_IS_BEST}` where 1 is the best, as callers in mainland China expect"},
    )
    csat = Whole(1, 5)
    ownership = Whole(1, 5)
    nps = Whole(0, 10)
    fcr = Whole(1, 3)
    ces = Whole(1, 7)
    reason = Whole(1, 6)
    comment = Words(most=_LONGEST_COMMENT)

    @post_load
    def _as_ratings(self, given: dict[str, Any], **_: Any) -> Ratings:
        return Ratings(
            **{name: value for name, value in given.items() if name not in QUESTIONS},
            keys={key: given[key] for key in QUESTIONS if key in given and key != "comment"},
            comment=given.get("comment") or None,
        )
