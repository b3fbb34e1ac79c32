"""Anything that can post JSON or a form and sign it as Standard Webhooks 1.0.0 says.

Fields are looked for where `POST /v1/calls` has them, unless the connection says where they are.
"""

import base64
import secrets as random
from collections.abc import Sequence

from app.platforms.bodies import json_or_form, look_up
from app.platforms.face import Answer, Dialect, Platform, RawRequest, Reading
from app.platforms.fields import READS, call_ended
from app.platforms.proofs import timely
from app.signatures.standard_webhooks import PREFIX, WebhookSignature

_AGENT = {"agent_id": "id", "agent_name": "name", "team": "team", "vendor": "vendor"}
_CUSTOMER = {
    "phone": "phone",
    "email": "email",
    "customer_name": "name",
    "customer_ref": "ref",
    "language": "language",
    "timezone": "timezone",
}
PLACES = {
    **{name: name for name in READS},
    **{name: f"agent.{inner}" for name, inner in _AGENT.items()},
    **{name: f"customer.{inner}" for name, inner in _CUSTOMER.items()},
    "tags": "tags",
    "handlers": "handlers",
}


def verify(raw: RawRequest, secrets: Sequence[str]) -> str | None:
    parts = [raw.header(f"webhook-{name}") for name in ("id", "timestamp", "signature")]
    if not secrets:
        return "no_secret"
    if not all(parts):
        return "not_signed"
    if not timely(parts[1], raw.now):
        return "clock"
    return None if WebhookSignature(*parts).covers(raw.body, secrets, raw.now) else "wrong_signature"


def read(raw: RawRequest, dialect: Dialect, secrets: Sequence[str]) -> Reading:  # noqa: ARG001
    document = json_or_form(raw)
    known = {name: look_up(document, place, raw.query) for name, place in PLACES.items()}
    return call_ended(known, document, raw, dialect)


def make_secret() -> str:
    return PREFIX + base64.b64encode(random.token_bytes(32)).decode()


PLATFORM = Platform(
    "generic",
    "anything that signs as Standard Webhooks",
    verify,
    read,
    make_secret=make_secret,
    answer=Answer(tells=True),
)
