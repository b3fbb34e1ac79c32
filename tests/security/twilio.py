"""Requests as the carrier makes them, and as somebody makes them who is not the carrier."""

from collections.abc import Mapping
from typing import Any

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from werkzeug.test import TestResponse

from tests.web.conftest import ACCOUNT_SID, AUTH_TOKEN, NUMBER, PHONE, Api

PUBLIC_URL = "http://survey.example"
MESSAGE_SID = "SM" + "0123456789abcdef" * 2
TEXT = {"MessageSid": MESSAGE_SID, "AccountSid": ACCOUNT_SID, "From": PHONE, "To": NUMBER, "Body": "5"}
RECEIPT = {"MessageSid": MESSAGE_SID, "AccountSid": ACCOUNT_SID, "MessageStatus": "delivered"}
DOORS = {"/hooks/twilio/inbound": TEXT, "/hooks/twilio/status": RECEIPT}


def signature(path: str, form: Mapping[str, str], token: str = AUTH_TOKEN, base: str = PUBLIC_URL) -> str:
    signed: str = RequestValidator(token).compute_signature(f"{base}{path}", form)
    return signed


def post(
    api: Api, path: str, form: Mapping[str, str], *, signed: str | None = "rightly", **options: Any
) -> TestResponse:
    """`signed`: "rightly", None for not at all, or the header as it is."""
    given = signature(path, form) if signed == "rightly" else signed
    headers = {**options.pop("headers", {}), **({"X-Twilio-Signature": given} if given is not None else {})}
    return api.client.post(path, data=form, headers=headers, **options)


def text_from(phone: str, body: str, number: int) -> dict[str, str]:
    return {**TEXT, "From": phone, "Body": body, "MessageSid": f"SM{number:032x}"}
