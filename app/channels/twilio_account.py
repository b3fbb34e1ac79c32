"""What Twilio says of an account and of its numbers: asked for an operator, never on the way of a text.

Reference: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

from dataclasses import dataclass
from typing import Any

import orjson
from twilio.rest import Client  # type: ignore[import-untyped]

from app.channels.lean_http import LeanHttp
from app.errors import ProviderUnreadable

_ACCOUNT = "https://api.twilio.com/2010-04-01/Accounts/{account_sid}"


@dataclass(frozen=True)
class NumberFacts:
    """Where Twilio is told to bring the texts that reach a number; empty where it is not told."""

    takes_texts: bool
    url: str
    method: str
    fallback_url: str
    application: bool  # an application's settings hold in place of these


def account_status(http: LeanHttp, account_sid: str, auth_token: str) -> str | None:
    """active, suspended or closed; None where the credentials are refused. Raises ProviderUnreadable."""
    answer = _get(http, account_sid, auth_token, ".json")
    return None if answer is None else str(answer.get("status"))


def number_facts(http: LeanHttp, account_sid: str, auth_token: str, number: str) -> NumberFacts | None:
    """None where the number is not the account's. Raises ProviderUnreadable."""
    answer = _get(http, account_sid, auth_token, "/IncomingPhoneNumbers.json", PhoneNumber=number)
    listed = (answer or {}).get("incoming_phone_numbers")
    if not isinstance(listed, list):
        raise ProviderUnreadable("the carrier's list of numbers is not one")
    # its filter takes parts of numbers too
    record = next(
        (one for one in listed if isinstance(one, dict) and one.get("phone_number") == number), None
    )
    if record is None:
        return None
    return NumberFacts(
        takes_texts=bool((record.get("capabilities") or {}).get("sms")),
        url=str(record.get("sms_url") or ""),
        method=str(record.get("sms_method") or ""),
        fallback_url=str(record.get("sms_fallback_url") or ""),
        application=bool(record.get("sms_application_sid")),
    )


def _get(
    http: LeanHttp, account_sid: str, auth_token: str, resource: str, **query: object
) -> dict[str, Any] | None:
    """None for credentials that are refused."""
    client = Client(account_sid, auth_token, http_client=http)
    answer = client.request("GET", _ACCOUNT.format(account_sid=account_sid) + resource, params=query)
    if answer.status_code in (401, 403):
        return None
    try:
        content = orjson.loads(answer.text)
    except orjson.JSONDecodeError:
        content = None
    if answer.status_code != 200 or not isinstance(content, dict):
        raise ProviderUnreadable(f"the carrier answers HTTP {answer.status_code}")
    return content
