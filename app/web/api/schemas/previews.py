"""What a customer would see or hear of a survey."""

from marshmallow import Schema, fields, validate

from app.domain.channel import Channel
from app.web.api.fields import Choice, Language, StrictSchema
from app.web.api.schemas.responses import SurveyVersionSchema


class PreviewQuery(StrictSchema):
    channel = Choice(
        *Channel,
        load_default=Channel.SMS.value,
        metadata={"description": "By which the customer would be asked", "examples": ["sms"]},
    )
    language = Language(
        metadata={
            "description": "Left out: the account's; one we don't speak: see the answer",
            "examples": ["zh-CN"],
        }
    )
    region = fields.String(
        validate=validate.Regexp("^[A-Z]{2}$", error="Send two capital letters such as CN."),
        metadata={
            "description": "By SMS: the country of the number, for CN has questions of its own",
            "examples": ["CN"],
        },
    )
    transferred = fields.Boolean(
        load_default=False,
        metadata={"description": "As after a call that was transferred", "examples": [False]},
    )


class OptionSchema(Schema):
    value = fields.Integer(required=True)
    label = fields.String(required=True)


class PartSchema(Schema):
    """One text, one question of a page, or one line of a telephone conversation."""

    purpose = fields.String(required=True)
    question = fields.String(required=True, allow_none=True)
    when = fields.String(required=True, allow_none=True, metadata={"description": "Only then; null: always"})
    text = fields.String(required=True)
    encoding = fields.String(metadata={"description": "Of a text: GSM-7 or UCS-2"})
    segments = fields.Integer(metadata={"description": "Of a text: how many are paid for"})
    characters = fields.Integer()
    options = fields.List(fields.Nested(OptionSchema), metadata={"description": "On a page, in their order"})
    keys = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "By telephone: what may be pressed, and the value it stands for"},
    )


class PreviewSchema(Schema):
    survey = fields.Nested(SurveyVersionSchema, required=True)
    language = fields.String(
        required=True, metadata={"description": "Which of ours answers to the one asked for"}
    )
    channel = fields.String(required=True)
    questions = fields.List(fields.String(), required=True)
    parts = fields.List(fields.Nested(PartSchema), required=True)
    subject = fields.String(metadata={"description": "By email"})
    mail_text = fields.String(metadata={"description": "By email: the part in plain text"})
    mail_html = fields.String(metadata={"description": "By email: the part in HTML"})
    reminder_subject = fields.String(metadata={"description": "By email, where the survey has a reminder"})
    reminder_mail_text = fields.String()
    reminder_mail_html = fields.String()
