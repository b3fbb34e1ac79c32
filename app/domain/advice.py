"""What a carrier's error code means for an operator, in words, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.domain.delivery import TWILIO_CODES, Action
from app.domain.mail_codes import classify_mail, describe_mail, is_mail_code


@dataclass(frozen=True)
class Advice:
    """`holds`: texts wait, and go out once it is mended."""

    meaning: str
    advice: str
    holds: bool = False


_BY_CODE: Mapping[int, str] = MappingProxyType(
    {
        20003: "Give the sender the right auth token: postcall senders token",
        21215: "Permit the country in Twilio's console (Messaging, Settings, Geo permissions)",
        21408: "Permit the country in Twilio's console (Messaging, Settings, Geo permissions)",
        21603: "Give the sender a number or a messaging service: postcall senders add",
        21606: "Use a number of this Twilio account that can send texts: postcall senders add",
        30002: "Ask Twilio why the account is suspended",
        30032: "Verify the toll-free number in Twilio's console",
        30034: "Register the sender in Twilio's console (A2P 10DLC: brand, campaign, number)",
    }
)
_BY_ACTION: Mapping[Action, str] = MappingProxyType(
    {
        Action.PERMANENT: "Nothing: this text can't reach this customer",
        Action.NEXT_CHANNEL: "Nothing: this number takes no texts",
        Action.OPT_OUT: "Nothing: the customer is not texted again until they text START",
        Action.SLOW_DOWN: "Nothing: it is tried again by itself. If it lasts, lower the sender's pace",
        Action.RETRY: "Nothing: it is tried again by itself",
        Action.RETRY_ONCE: "Nothing: it is tried once more by itself",
        Action.CONFIGURATION: "Mend the sender in Twilio's console: it is tried every quarter of an hour",
        Action.STOP_CHANNEL: "Mend the account in Twilio's console: it is tried every quarter of an hour",
        Action.BLOCKED: "Look at the wording and the sender's registration: trying again makes the filter stricter",
        Action.LOOP: "Look at who answers there: it may be a machine",
    }
)
_OF_MAIL: Mapping[Action, str] = MappingProxyType(
    {
        Action.PERMANENT: "Nothing: this mail can't reach this customer",
        Action.NEXT_CHANNEL: "Nothing: this address takes no mail",
        Action.SLOW_DOWN: "Nothing: it is tried again by itself",
        Action.RETRY: "Nothing: it is tried again by itself",
        Action.CONFIGURATION: "Mend the mail sender or its domain (docs/email.md): tried every quarter of an hour",
        Action.BLOCKED: "Look at SPF, DKIM and DMARC of the sender's domain, and at the wording: docs/email.md",
        Action.LOOP: "Look at who answers there: it may be a machine",
    }
)
_HOLDS = frozenset({Action.CONFIGURATION, Action.STOP_CHANNEL})


def explain(code: int | None, http_status: int | None = None) -> Advice:
    """Of a code that is not in the table, what little can be said."""
    if code == 20003 or (code is None and http_status in (401, 403)):
        return Advice("the carrier refuses the credentials", _BY_CODE[20003], holds=True)
    if code is not None and is_mail_code(code):
        action = classify_mail(code)
        return Advice(describe_mail(code), _OF_MAIL[action], holds=action in _HOLDS)
    if code is None or code not in TWILIO_CODES:
        said = "the carrier gives no code" if code is None else "a code that is not in the table here"
        return Advice(said, "Look it up at https://www.twilio.com/docs/api/errors")
    meaning, action = TWILIO_CODES[code]
    return Advice(meaning, _BY_CODE.get(code, _BY_ACTION[action]), holds=action in _HOLDS)
