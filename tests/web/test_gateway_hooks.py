"""The doors of described gateways: who proves to be one is heard, in whatever form it speaks."""

import hashlib
import hmac
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.flow.gateways import create_gateway
from app.store.provider_events import ProviderEvent
from app.store.senders import Sender
from tests.channels.gateway_server import HOOK_SECRET, SECRET, description
from tests.web.conftest import Api

REPORTS = {"reports": [{"msgid": "1", "stat": "DELIVRD"}, {"msgid": "2", "stat": "UNDELIV"}]}
REPLY = {"moid": "m1", "mobile": "13800138000", "content": "5"}


@pytest.fixture
def gateway(api: Api) -> UUID:
    return add(api)


def add(api: Api, **changes: Any) -> UUID:
    with api.sessions.begin() as session:
        return create_gateway(
            session,
            account_name="first",
            description=description("https://gateway.example", **changes),
            secret=SECRET,
            hook_secret=HOOK_SECRET,
            per_second=10,
            burst=10,
            opt_out_suffix=None,
        )


def post(
    api: Api, path: str, content: Any, *, secret: str = HOOK_SECRET, kind: str = "application/json"
) -> TestResponse:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return api.client.post(path, data=body, content_type=kind, headers={"X-Signature": signed})


def kept(api: Api) -> list[tuple[str, str, str | None]]:
    with api.sessions() as session:
        events = session.scalars(select(ProviderEvent).order_by(ProviderEvent.received_at, ProviderEvent.id))
        return [(one.provider, one.kind, one.status or one.understood) for one in events]


def test_many_receipts_in_one_request_are_kept_once(api: Api, gateway: UUID) -> None:
    for _ in range(2):
        answer = post(api, f"/hooks/gateway/{gateway}/receipts", REPORTS)
        assert (answer.status_code, answer.data, answer.mimetype) == (200, b'{"code":0}', "application/json")
    assert kept(api) == [("gateway", "receipt", "delivered"), ("gateway", "receipt", "undelivered")]


def test_a_reply_comes_as_json_or_as_a_form(api: Api, gateway: UUID) -> None:
    path = f"/hooks/gateway/{gateway}/replies"
    assert post(api, path, REPLY).status_code == 200
    form = b"moid=m2&mobile=%2B8613800138000&content=%E5%A5%BD"
    assert post(api, path, form, kind="application/x-www-form-urlencoded").status_code == 200
    assert kept(api) == [("gateway", "text", "unmatched")] * 2


def test_a_token_may_stand_in_the_address(api: Api) -> None:
    gateway = add(api, proof={"kind": "token", "query": "token"}, answer=None)
    path = f"/hooks/gateway/{gateway}/replies"
    assert api.client.post(f"{path}?token=wrong", json=REPLY).status_code == 403
    answer = api.client.post(path, json=REPLY, query_string={"token": HOOK_SECRET})
    assert (answer.status_code, answer.data) == (200, b"")


@pytest.mark.parametrize("door", ["receipts", "replies"])
def test_who_proves_nothing_is_refused_and_so_is_a_gateway_that_there_is_not(
    api: Api, gateway: UUID, door: str
) -> None:
    content = REPORTS if door == "receipts" else REPLY
    refused = [
        post(api, f"/hooks/gateway/{gateway}/{door}", content, secret="another"),
        post(api, f"/hooks/gateway/{gateway}/{door}", content, secret=""),
        api.client.post(f"/hooks/gateway/{gateway}/{door}", json=content),
        post(api, f"/hooks/gateway/{uuid4()}/{door}", content),
    ]
    assert {(answer.status_code, answer.json and answer.json["detail"]) for answer in refused} == {
        (403, "This request does not prove that it is of the gateway that it names.")
    }
    assert kept(api) == []


def test_a_carriers_sender_is_no_gateway(api: Api) -> None:
    with api.sessions() as session:
        sender_id = session.scalars(select(Sender.id).limit(1)).one()
    assert post(api, f"/hooks/gateway/{sender_id}/replies", REPLY).status_code == 403


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"content": "\\ud83d"}', "application/json", 400),
        (b"[" * 50 + b"]" * 50, "application/json", 400),
        ({"mobile": "13800138000"}, "application/json", 422),
        ({}, "application/json", 422),
        (b"", "application/x-www-form-urlencoded", 422),
        (b"&".join([b"a=1"] * 300), "application/x-www-form-urlencoded", 422),
        (b"<xml/>", "text/xml", 415),
        (b"x" * 70_000, "application/json", 413),
    ],
)
def test_what_cannot_be_read_is_refused(
    api: Api, gateway: UUID, content: Any, kind: str, status: int
) -> None:
    for door in ("receipts", "replies"):
        assert post(api, f"/hooks/gateway/{gateway}/{door}", content, kind=kind).status_code == status
