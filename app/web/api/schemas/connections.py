"""Connections: as they are made, changed and shown, with what came in by them."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app.platforms.registry import PLATFORMS
from app.web.api.fields import Choice, Flag, Identifier, Language, StrictSchema, Words
from app.web.api.schemas.pages import page_of

_FIELDS = {
    "description": "Field of a call -> where it is found: `data.user.id`, `legs.0.agent`, or `?agent` in the query"
    " of the address. It outweighs what the platform's own reader finds",
    "examples": [{"queue": "variables.my_queue"}],
}
_ONLY = {
    "description": "Where -> the values that are wanted there; everything else is ignored",
    "examples": [{"event": ["call.ended"]}],
}
_SECRET = {
    "description": "The platform's own secret, where that makes it (Twilio's auth token, say); else leave it out,"
    " and one is made"
}
OUTCOMES = ("accepted", "ignored", "refused")


class _SettingsSchema(StrictSchema):
    fields_ = fields.Dict(
        keys=fields.String(),
        values=fields.String(validate=validate.Length(max=200)),
        data_key="fields",
        attribute="fields",
        allow_none=True,
        metadata=_FIELDS,
    )
    only_ = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 200)),
        values=fields.List(fields.String(validate=validate.Length(max=200))),
        data_key="only",
        attribute="only",
        allow_none=True,
        metadata=_ONLY,
    )
    default_country = fields.String(
        allow_none=True,
        validate=validate.Regexp(r"^[A-Z]{2}$", error="Send an ISO 3166 country such as GB."),
        metadata={"description": "Of national telephone numbers; the account's region unless it is set"},
    )
    default_language = Language(allow_none=True)
    default_direction = Choice("inbound", "outbound", "internal", allow_none=True)
    test = Flag(
        allow_none=True, metadata={"description": "Its calls are tests: asked like any other, never counted"}
    )

    @validates_schema
    def _has_a_name(self, given: dict[str, Any], **_: Any) -> None:
        if not given.get("name", "-").strip():
            raise ValidationError("Must not be empty.", "name")


class NewConnectionSchema(_SettingsSchema):
    platform = Choice(*PLATFORMS, required=True)
    name = Words(required=True, most=100)
    source = Identifier(
        metadata={
            "description": "Under which its calls are known; its own id unless it is set. Connections that see the"
            " same calls share one"
        }
    )
    secret = fields.String(load_only=True, metadata=_SECRET)


class ConnectionChangeSchema(_SettingsSchema):
    """What is left out stays; null takes a setting away."""

    name = Words(most=100)
    source = Identifier()
    active = Flag(metadata={"description": "Whether anything is let in by it"})

    @validates_schema
    def _changes_something(self, given: dict[str, Any], **_: Any) -> None:
        if not given:
            raise ValidationError("Send at least one field to change.")


class RotationSchema(StrictSchema):
    may_be_absent = True

    secret = fields.String(load_only=True, metadata=_SECRET)


class ConnectionEventSchema(Schema):
    """Something that came in. `reason` says why: a code, with `detail` for people."""

    id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    reason = fields.String(required=True, allow_none=True)
    detail = fields.String(required=True, allow_none=True)
    call_id = fields.String(
        required=True, allow_none=True, metadata={"description": "As the platform names the call"}
    )
    repeats = fields.Integer(required=True, metadata={"description": "How often the same came again"})


class ConnectionSchema(Schema):
    id = fields.UUID(required=True)
    platform = fields.String(required=True)
    name = fields.String(required=True)
    source = fields.String(required=True)
    active = fields.Boolean(required=True)
    hook_url = fields.URL(required=True, metadata={"description": "What the platform posts to"})
    secrets = fields.Integer(
        required=True, metadata={"description": "How many are believed: two from a rotation to the next"}
    )
    fields_ = fields.Dict(required=True, data_key="fields", allow_none=True, metadata=_FIELDS)
    only_ = fields.Dict(required=True, data_key="only", allow_none=True, metadata=_ONLY)
    default_country = fields.String(required=True, allow_none=True)
    default_language = fields.String(required=True, allow_none=True)
    default_direction = fields.String(required=True, allow_none=True)
    test = fields.Boolean(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)


class MadeConnectionSchema(ConnectionSchema):
    secret = fields.String(metadata={"description": "Where it was made here, this once"})


class WatchedConnectionSchema(ConnectionSchema):
    events = fields.List(
        fields.Nested(ConnectionEventSchema),
        required=True,
        metadata={"description": "The last 50, the newest first"},
    )


ConnectionPageSchema = page_of(ConnectionSchema)
