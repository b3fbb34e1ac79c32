"""Telephony platforms, as they post and sign; and what their connections show of it."""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from sqlalchemy import select
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app.store.calls import Call
from app.store.invitations import Invitation
from tests.web.conftest import Api

PAYLOADS = Path(__file__).parent / "payloads"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def payload(name: str, start: float | None = None) -> bytes:
    """A saved one. `@START+30` in it is half a minute after the call's start, in unix seconds; `@MS` in
    milliseconds, `@ISO` as ISO 8601 has it. The start was two minutes ago, unless given."""
    began = int(time.time()) - 120 if start is None else int(start)

    def moment(found: re.Match[str]) -> str:
        at = began + int(found[2] or 0)
        if found[1] == "ISO":
            return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return str(at * 1000 if found[1] == "MS" else at)

    text = (PAYLOADS / name).read_text().strip()
    return re.sub(r"@(START|MS|ISO)\+?(\d*)", moment, text).encode()


def standard_webhook(secret: str, body: bytes, name: str = "msg_1", off: float = 0) -> dict[str, str]:
    timestamp = str(int(time.time() + off))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{name}.{timestamp}.".encode() + body, "sha256")
    return {
        "webhook-id": name,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def basic(secret: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'postcall:{secret}'.encode()).decode()}"}


def hexadecimal(secret: str, content: bytes) -> str:
    return hmac.digest(secret.encode(), content, "sha256").hex()


def zoom(secret: str, body: bytes, off: float = 0) -> dict[str, str]:
    now = str(int(time.time() + off))
    signed = hexadecimal(secret, f"v0:{now}:".encode() + body)
    return {"x-zm-request-timestamp": now, "x-zm-signature": f"v0={signed}"}


def jambonz(secret: str, body: bytes, off: float = 0) -> dict[str, str]:
    now = str(int(time.time() + off))
    return {"Jambonz-Signature": f"t={now},v1={hexadecimal(secret, f'{now}.'.encode() + body)}"}


def vonage(secret: str, body: bytes, off: float = 0, **changes: Any) -> dict[str, str]:
    def encoded(value: bytes) -> bytes:
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    head = {"typ": "JWT", "alg": changes.pop("alg", "HS256")}
    claims = {
        "iat": int(time.time() + off),
        "jti": "1",
        "iss": "Vonage",
        "payload_hash": hashlib.sha256(body).hexdigest(),
        "api_key": "abcd",
    }
    signed = b".".join(encoded(json.dumps(one).encode()) for one in (head, claims | changes))
    token = signed + b"." + encoded(hmac.digest(secret.encode(), signed, "sha256"))
    return {"Authorization": f"Bearer {token.decode()}"}


def plivo(secret: str, url: str, body: bytes, nonce: str = "12345") -> dict[str, str]:
    """Of an address without a query, whose fields follow a `?`."""
    fields = "".join(
        f"{name}{value}" for name, value in sorted(parse_qsl(body.decode(), keep_blank_values=True))
    )
    digest = hmac.digest(secret.encode(), f"{url}?{fields}.{nonce}".encode(), "sha256")
    return {
        "X-Plivo-Signature-V3": f"AAAA,{base64.b64encode(digest).decode()}",
        "X-Plivo-Signature-V3-Nonce": nonce,
    }


def twilio(secret: str, url: str, body: bytes) -> dict[str, str]:
    fields: MultiDict[str, Any] = MultiDict(parse_qsl(body.decode(), keep_blank_values=True))
    return {"X-Twilio-Signature": RequestValidator(secret).compute_signature(url, fields)}


@dataclass
class Line:
    """A platform's line into the service: a connection, and somebody who has its secret."""

    api: Api
    platform: str
    settings: dict[str, Any] = field(default_factory=dict)
    secret: str | None = None
    made: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        name = f"{self.platform} {uuid4().hex[:8]}"
        given = {"platform": self.platform, "name": name, **self.settings}
        if self.secret is not None:
            given["secret"] = self.secret
        answer = self.api("POST", "/v1/connections", given)
        assert answer.status_code == 201, answer.text
        self.made = answer.json or {}
        self.secret = self.secret or self.made["secret"]

    @property
    def path(self) -> str:
        return f"/hooks/calls/{self.platform}/{self.made['id']}"

    def post(
        self,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        query: str = "",
        content_type: str = JSON,
    ) -> TestResponse:
        """With those headers, or signed as the platform does."""
        path = self.path + (f"?{query}" if query else "")
        signed = self.signed(body, path) if headers is None else headers
        return self.api.client.post(path, data=body, headers=signed, content_type=content_type)

    def signed(self, body: bytes, path: str) -> dict[str, str]:
        assert self.secret is not None
        if self.platform == "generic":
            return standard_webhook(self.secret, body, name=f"msg_{hash(body)}")
        by_url = {"twilio_voice": twilio, "twilio_taskrouter": twilio, "plivo": plivo}
        by_body = {"vonage": vonage, "zoom": zoom, "jambonz": jambonz}
        if self.platform in by_url:
            return by_url[self.platform](self.secret, f"http://survey.example{path}", body)
        if self.platform in by_body:
            return by_body[self.platform](self.secret, body)
        if self.platform == "ringcentral":
            return {"Verification-Token": self.secret}
        return {} if self.platform == "aircall" else basic(self.secret)

    @property
    def events(self) -> list[tuple[str, str | None]]:
        """(outcome, reason) of what came in, the newest first."""
        shown = self.api("GET", f"/v1/connections/{self.made['id']}").json
        assert shown is not None
        return [(event["outcome"], event["reason"]) for event in shown["events"]]

    @property
    def calls(self) -> list[Call]:
        with self.api.sessions() as session:
            query = select(Call).where(Call.source == self.made["source"]).order_by(Call.received_at)
            return list(session.scalars(query))

    @property
    def call(self) -> Call:
        (call,) = self.calls
        return call

    @property
    def invitation(self) -> Invitation:
        with self.api.sessions() as session:
            return session.scalars(select(Invitation).where(Invitation.call_id == self.call.id)).one()


TWILIO_TOKEN = "12345678901234567890123456789012"
