"""The roster: entries as they are sent and shown, what is unmapped, and what resolving again has done."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from app.domain.roster_table import read_moment
from app.web.api.fields import Day, Flag, Identifier, Instant, StrictSchema, Words
from app.web.api.schemas.pages import PageQuery, page_of

_EXTENSION = "As the platform names the agent: an extension, a login, a queue seat"
_SOURCE = {"description": "Which platform, as calls name it", "examples": ["generic"]}


class Moment(fields.String):
    """A date, which begins in the account's time zone, or a moment with its offset; kept as it is written."""

    def __init__(self, description: str, **kwargs: Any) -> None:
        metadata = {
            "description": f"{description}: a date (its start in the account's time zone), or a date and time"
            " with its offset",
            "examples": ["2026-03-02", "2026-03-02T14:00:00+01:00"],
        }
        super().__init__(validate=_check_moment, metadata=metadata, **kwargs)


def _check_moment(text: str) -> None:
    try:
        read_moment(text)
    except ValueError as error:
        raise ValidationError(f"This {error}.") from error


class _PersonSchema(StrictSchema):
    name = Words(allow_none=True)
    team = Words(allow_none=True, metadata={"description": "Left out, the team is as reported with the call"})
    vendor = Words(allow_none=True, metadata={"description": "Left out, as reported with the call"})
    end = Moment(
        "Until when, not included; left out or null: until further notice", data_key="to", allow_none=True
    )

    @post_load
    def _as_row(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        """By the names that they are sent with."""
        return {self.fields[name].data_key or name: value for name, value in given.items()}


class NewRosterEntrySchema(_PersonSchema):
    """From `from` (included) until `to` (not included), this platform agent id is this person."""

    source = Identifier(load_default="generic", metadata=_SOURCE)
    platform_agent_id = Identifier(required=True, metadata={"description": _EXTENSION})
    agent_id = Identifier(required=True, metadata={"description": "The person: results are read by this id"})
    start = Moment("From when, included", data_key="from", required=True)


class RosterChangeSchema(_PersonSchema):
    """What is left out stays; null takes a value away."""

    agent_id = Identifier()
    start = Moment("From when, included", data_key="from")

    @validates_schema
    def _changes_something(self, given: dict[str, Any], **_: Any) -> None:
        if not given:
            raise ValidationError("Send at least one field to change.")


class RosterEntrySchema(Schema):
    id = fields.UUID(required=True)
    source = fields.String(required=True)
    platform_agent_id = fields.String(required=True)
    agent_id = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    team = fields.String(required=True, allow_none=True)
    vendor = fields.String(required=True, allow_none=True)
    start = fields.AwareDateTime(required=True, data_key="from")
    end = fields.AwareDateTime(required=True, allow_none=True, data_key="to")


RosterEntryPageSchema = page_of(RosterEntrySchema)


class RosterQuery(PageQuery):
    source = Identifier(metadata={**_SOURCE, "description": "Only this platform's entries"})
    platform_agent_id = Identifier(
        metadata={"description": "Only entries of this platform agent id", "examples": ["101"]}
    )
    agent_id = Identifier(metadata={"description": "Only this person's entries", "examples": ["1042"]})
    at = Instant(
        metadata={
            "description": "Only entries that hold at this moment",
            "examples": ["2026-03-02T14:00:00+01:00"],
        }
    )


class ReplaceQuery(StrictSchema):
    source = Identifier(required=True, metadata={**_SOURCE, "description": "Whose roster is replaced"})
    allow_empty = fields.Boolean(
        load_default=False,
        metadata={
            "description": "Let a list without entries take the whole roster away",
            "examples": [False],
        },
    )


class ReplacedSchema(Schema):
    source = fields.String(required=True)
    added = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    removed = fields.Integer(required=True)
    kept = fields.Integer(required=True)


class UnmappedQuery(PageQuery):
    source = Identifier(metadata={**_SOURCE, "description": "Only this platform's"})


class UnmappedAgentSchema(Schema):
    """A platform agent id whose calls count for nobody as yet."""

    source = fields.String(required=True)
    platform_agent_id = fields.String(required=True)
    name = fields.String(
        required=True, allow_none=True, metadata={"description": "As last reported by the platform"}
    )
    calls = fields.Integer(required=True, metadata={"description": "Calls that wait; counting stops at 1000"})
    answers = fields.Integer(required=True, metadata={"description": "Answered surveys among them"})
    first_day = fields.Date(
        required=True, metadata={"description": "Of the first waiting call, in the account's time zone"}
    )
    last_day = fields.Date(required=True)


UnmappedAgentPageSchema = page_of(UnmappedAgentSchema)


class ResolveSchema(StrictSchema):
    """Which calls to resolve again; `from` and `to` are needed unless it is the unmapped ones only."""

    source = Identifier(allow_none=True)
    platform_agent_id = Identifier(allow_none=True, metadata={"description": _EXTENSION})
    start = Day(
        data_key="from", allow_none=True, metadata={"description": "Calls that ended from this day on"}
    )
    end = Day(data_key="to", allow_none=True, metadata={"description": "And until this day, included"})
    unmapped_only = Flag(
        load_default=True,
        metadata={"description": "false also restates calls that a corrected roster gives to somebody else"},
    )
    cursor = fields.String(
        allow_none=True, metadata={"description": "`next_cursor` of the answer before, with the same fields"}
    )


class ResolvedSchema(Schema):
    examined = fields.Integer(required=True, metadata={"description": "Calls that were looked at"})
    resolved = fields.Integer(
        required=True, metadata={"description": "Unmapped calls that count for somebody now"}
    )
    restated = fields.Integer(
        required=True, metadata={"description": "Calls that counted already, and do so otherwise now"}
    )
    next_cursor = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Send the same again with this `cursor`; null: all is done"},
    )
