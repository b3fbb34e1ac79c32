"""A person's decision for whom a call counts."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from app.domain.handlers import MOST_HANDLERS
from app.flow.reattribute import LONGEST_REASON, Decision, NamedAgent
from app.web.api.fields import Flag, Identifier, StrictSchema, Whole, Words

_ONE_OF = ("handler", "agent", "by_rule")


class NamedAgentSchema(StrictSchema):
    id = Identifier(required=True, metadata={"description": "The person's, as in results; not an extension"})
    name = Words(
        allow_none=True, metadata={"description": "Left out, name, team and vendor are the roster's"}
    )
    team = Words(allow_none=True)
    vendor = Words(allow_none=True)


class ReattributionSchema(StrictSchema):
    """Exactly one of `handler`, `agent` and `by_rule`."""

    handler = Whole(
        1,
        MOST_HANDLERS,
        metadata={"description": "The `position` of one of the call's handlers; the roster says who that is"},
    )
    agent = fields.Nested(
        NamedAgentSchema, metadata={"description": "Somebody else: stays, whatever the roster says"}
    )
    by_rule = Flag(
        validate=validate.Equal(True),
        metadata={"description": "true takes a decision back: the call counts as it did before anybody's"},
    )
    reason = Words(
        most=LONGEST_REASON,
        required=True,
        metadata={
            "description": "Why, for the audit and the timeline. Nothing of the customer's: what looks like a"
            " telephone number or an email address is masked"
        },
    )

    @validates_schema
    def _decides_once(self, given: dict[str, Any], **_: Any) -> None:
        if len([name for name in _ONE_OF if name in given]) != 1:
            raise ValidationError(f"Send one of {', '.join(_ONE_OF)}.")
        if not given.get("reason", "").strip():
            raise ValidationError("Say why.", "reason")

    @post_load
    def _as_decision(self, given: dict[str, Any], **_: Any) -> Decision:
        agent = NamedAgent(**given["agent"]) if "agent" in given else None
        return Decision(given["reason"], agent, given.get("handler"))
