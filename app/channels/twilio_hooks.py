"""What Twilio posts to us, and the empty TwiML that answers it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from twilio.twiml.messaging_response import MessagingResponse  # type: ignore[import-untyped]

from app.errors import Invalid

# the next question is a message of its own, with an attempt and a receipt: nothing is said in the reply
EMPTY_RESPONSE = str(MessagingResponse()).encode()

MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")
_SERVICE_SID = re.compile(r"MG[0-9a-fA-F]{32}")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_NUMBER_OR_SHORT_CODE = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{3,8}")
# new statuses appear without notice: any word is read, and what it means is decided by those who know it
_STATUS = re.compile(r"[a-z][a-z_-]{0,31}")
_CODE = re.compile(r"[0-9]{1,6}")
_COUNT = re.compile(r"[0-9]{1,3}")
_ANYTHING = re.compile(r".*", re.DOTALL)
_OPT_OUT_TYPES = frozenset({"STOP", "START", "HELP"})


@dataclass(frozen=True)
class StatusReport:
    """A status callback. `raw` holds every field as received, and with them phone numbers."""

    message_sid: str
    status: str
    error_code: int | None
    account_sid: str
    raw: Mapping[str, str] = field(repr=False)
    provider: str = "twilio"


@dataclass(frozen=True)
class InboundText:
    """A text that somebody sent to one of our numbers. `body` is as received: clean it before use.

    `opt_out_type` is STOP, START or HELP when Twilio has taken the text for that and has replied by itself.
    """

    message_sid: str
    sender: str = field(repr=False)
    to: str
    body: str = field(repr=False)
    account_sid: str
    messaging_service_sid: str | None
    opt_out_type: str | None
    num_media: int
    provider: str = "twilio"


def read_status(form: Mapping[str, str]) -> StatusReport:
    """A status callback's fields. Raises Invalid naming those that are missing, repeated or malformed."""
    fields = Fields(form)
    message_sid = fields.required("MessageSid", MESSAGE_SID)
    account_sid = fields.required("AccountSid", ACCOUNT_SID)
    status = fields.required("MessageStatus", _STATUS)
    error_code = fields.optional("ErrorCode", _CODE)
    fields.check()
    return StatusReport(
        message_sid=message_sid,
        status=status,
        error_code=int(error_code) if error_code else None,
        account_sid=account_sid,
        raw={name: form[name] for name in form},
    )


def read_inbound(form: Mapping[str, str]) -> InboundText:
    """An inbound text's fields. Raises Invalid naming those that are missing, repeated or malformed.

    Names and values are signed without separators, so a signature alone doesn't say where a field ends: every
    expected field must be there, and in its own form.
    """
    fields = Fields(form)
    message_sid = fields.required("MessageSid", MESSAGE_SID)
    account_sid = fields.required("AccountSid", ACCOUNT_SID)
    sender = fields.required("From", _NUMBER)
    to = fields.required("To", _NUMBER_OR_SHORT_CODE)
    body = fields.required("Body", _ANYTHING)
    service = fields.optional("MessagingServiceSid", _SERVICE_SID)
    media = fields.optional("NumMedia", _COUNT)
    opt_out = fields.optional("OptOutType", _ANYTHING)
    fields.check()
    return InboundText(
        message_sid=message_sid,
        sender=sender,
        to=to,
        body=body,
        account_sid=account_sid,
        messaging_service_sid=service,
        opt_out_type=opt_out if opt_out in _OPT_OUT_TYPES else None,
        num_media=int(media or 0),
    )


class Fields:
    """Reads fields one by one and tells of all that are wrong at once, never quoting what they hold."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self._form: Any = form
        self._wrong: dict[str, str] = {}

    def required(self, name: str, pattern: re.Pattern[str]) -> str:
        values = self._values(name)
        if not values:
            self._wrong[name] = "is missing"
        elif len(values) > 1:
            self._wrong[name] = "is there more than once"
        elif not pattern.fullmatch(values[0]):
            self._wrong[name] = "is malformed"
        else:
            return values[0]
        return ""

    def optional(self, name: str, pattern: re.Pattern[str]) -> str | None:
        return self.required(name, pattern) if any(self._values(name)) else None

    def check(self) -> None:
        if self._wrong:
            raise Invalid("not a message of Twilio's", self._wrong)

    def _values(self, name: str) -> list[str]:
        if hasattr(self._form, "getlist"):
            return list(self._form.getlist(name))
        return [self._form[name]] if name in self._form else []
