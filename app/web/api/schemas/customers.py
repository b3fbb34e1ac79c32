"""Customers: whom it is about, and how much of them was forgotten or is held."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from app.errors import Invalid
from app.web.api.fields import Flag, Identifier, StrictSchema, Words

_NAMES = ("ref", "phone", "email")


class PersonSchema(StrictSchema):
    """Exactly one of the three."""

    ref = Identifier(metadata={"description": "The client's own", "examples": ["C-20931"]})
    phone = Words(metadata={"examples": ["+12025550142"]})
    email = Words(most=320)

    @validates_schema
    def _names_one(self, given: dict[str, Any], **_: Any) -> None:
        if sum(bool((given.get(name) or "").strip()) for name in _NAMES) != 1:
            raise ValidationError("Send one of ref, phone and email.")

    @post_load
    def _named(self, given: dict[str, Any], **_: Any) -> dict[str, Any]:
        by = next(name for name in _NAMES if given.get(name))
        return {
            **{name: value for name, value in given.items() if name not in _NAMES},
            "by": by,
            "value": given[by],
        }


class ForgetSchema(PersonSchema):
    opt_out = Flag(
        load_default=False,
        metadata={"description": "Never ask them again either: of each address the keyed hash stays"},
    )


class ForgetQuery(StrictSchema):
    opt_out = fields.Boolean(
        load_default=False,
        metadata={"description": "Never ask them again either", "examples": [False]},
    )


def read_person(text: str) -> dict[str, Any]:
    """`by` and `value` of `ref:C-1`, `+12025550142` (or `phone:…`) or `pat@example.com` (or `email:…`).

    Raises Invalid, without what was sent.
    """
    by, colon, value = text.partition(":")
    if not colon or by not in _NAMES:
        by, value = ("email" if "@" in text else "phone" if text.startswith("+") else ""), text
    if by and value.strip():
        try:
            named: dict[str, Any] = PersonSchema().load({by: value})
        except ValidationError:
            pass
        else:
            return named
    raise Invalid(
        "Name the person by ref:… (the client's ref), a phone number with its +, or an email address."
    )


class ForgottenSchema(Schema):
    """How much there was; the second time, nothing."""

    contacts = fields.Integer(required=True, metadata={"description": "Addresses"})
    calls = fields.Integer(required=True)
    surveys_ended = fields.Integer(required=True)
    messages_cancelled = fields.Integer(required=True)
    answers_emptied = fields.Integer(
        required=True, metadata={"description": "Answers whose words are gone; their values stay"}
    )
    recordings = fields.Integer(required=True)
    complete = fields.Boolean(
        required=True, metadata={"description": "false: there is more, send the same again"}
    )


class HeldSchema(Schema):
    """All that is held about a person. Its lists are as their documentation says, and grow with the service."""

    by = fields.String(required=True, validate=validate.OneOf(_NAMES))
    contacts = fields.List(fields.Dict(), required=True)
    calls = fields.List(fields.Dict(), required=True)
    complete = fields.Boolean(
        required=True, metadata={"description": "false: only the newest 500 calls are among them"}
    )


class ProofSchema(Schema):
    """How each address of a person stands, and each change of that, the oldest first."""

    by = fields.String(required=True, validate=validate.OneOf(_NAMES))
    contacts = fields.List(fields.Dict(), required=True)
