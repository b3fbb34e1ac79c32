"""What a gateway's answers come to, and which descriptions of one are taken."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.channels.gateway import GatewayTexts, text_without_brand
from app.channels.gateway_description import PLACEHOLDERS, HookProof, read_gateway
from app.channels.gateway_hooks import proves, read_form, read_receipts, read_replies
from app.channels.guarded_http import GuardedHttp
from app.channels.parcel import GatewayParcel, GatewaySender
from app.domain.delivery import Action, Outcome, SendResult
from app.errors import Invalid
from tests.channels.gateway_server import SECRET, GatewayServer, description, gateway_server

PHONE = "+8613800138000"


@pytest.fixture
def server() -> Iterator[GatewayServer]:
    with gateway_server() as server:
        yield server


def send(
    server: GatewayServer, *, allow: bool = True, text: str = "【Acme】你好", **changes: Any
) -> SendResult:
    gateway = read_gateway(description(server.url, **changes))
    parcel = GatewayParcel(
        GatewaySender(gateway, SECRET, "0a1b2c3d"), PHONE, text, "https://s.example/s/x", "f" * 32, "T1"
    )
    http = GuardedHttp([server.place] if allow else [], connect_seconds=2, read_seconds=2)
    return GatewayTexts(http).send(parcel)


def test_a_request_is_what_the_template_says(server: GatewayServer) -> None:
    assert send(server) == SendResult(Outcome.ACCEPTED, "1001@0a1b2c3d", http_status=200)
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.headers["Authorization"]) == ("POST", "/send", f"Bearer {SECRET}")
    assert asked.json == {"mobile": "13800138000", "content": "【Acme】你好", "extra": {"uid": "f" * 32}}


def test_forms_and_addresses_are_quoted_in_the_gateways_letters(server: GatewayServer) -> None:
    request = {
        "url": f"{server.url}/send?key={{secret}}&t={{template_id}}",
        "form": {"to": "{to_digits}", "msg": "{text}", "link": "{link}"},
        "charset": "gbk",
        "basic_user": "acme",
    }
    send(server, request=request, text="你好&a={to}")
    (asked,) = server.asked
    assert dict(parse_qsl(urlsplit(asked.path).query)) == {"key": SECRET, "t": "T1"}
    sent = dict(parse_qsl(asked.body.decode(), encoding="gbk"))
    assert sent == {"to": PHONE[1:], "msg": "你好&a={to}", "link": "https://s.example/s/x"}
    assert asked.headers["Authorization"] == f"Basic {base64.b64encode(f'acme:{SECRET}'.encode()).decode()}"


def test_a_get_has_all_in_its_address(server: GatewayServer) -> None:
    request = {"method": "GET", "url": f"{server.url}/?to={{to}}&text={{text}}"}
    assert send(server, request=request).outcome is Outcome.ACCEPTED
    (asked,) = server.asked
    assert dict(parse_qsl(urlsplit(asked.path).query)) == {"to": PHONE, "text": "【Acme】你好"}
    assert (asked.method, asked.body) == ("GET", b"")


@pytest.mark.parametrize(
    ("says", "outcome", "action"),
    [
        ((200, {"code": 0}), Outcome.UNKNOWN, None),  # taken, it says, and under what id?
        ((200, {"code": 0, "data": {"msgid": ""}}), Outcome.UNKNOWN, None),
        ((200, b"<html>"), Outcome.UNKNOWN, None),
        ((200, b""), Outcome.UNKNOWN, None),
        ((200, {"code": None}), Outcome.UNKNOWN, None),
        ((200, {"code": 42}), Outcome.REJECTED, Action.SLOW_DOWN),
        ((200, {"code": "43"}), Outcome.REJECTED, Action.CONFIGURATION),
        ((400, {"code": 44}), Outcome.REJECTED, Action.OPT_OUT),
        ((500, {"code": 42}), Outcome.REJECTED, Action.SLOW_DOWN),  # a known code is the gateway's word
        ((200, {"code": 99}), Outcome.REJECTED, Action.PERMANENT),
        ((500, {"code": 99}), Outcome.UNKNOWN, None),
        ((502, b"bad gateway"), Outcome.UNKNOWN, None),
        ((408, b""), Outcome.UNKNOWN, None),
        ((400, {"code": 0}), Outcome.REJECTED, Action.PERMANENT),  # a status outside of what counts as taken
        ((429, b""), Outcome.REJECTED, Action.SLOW_DOWN),
        ((401, b""), Outcome.REJECTED, Action.CONFIGURATION),
        ((302, b""), Outcome.REJECTED, Action.CONFIGURATION),
        (None, Outcome.UNKNOWN, None),
    ],
    ids=str,
)
def test_what_an_answer_comes_to(
    server: GatewayServer, says: tuple[int, Any] | None, outcome: Outcome, action: Action | None
) -> None:
    server.says = [says]
    result = send(server)
    assert (result.outcome, result.action, result.provider_id) == (outcome, action, None)
    assert len(server.asked) == 1
    assert "13800138000" not in result.detail


@pytest.mark.parametrize(
    ("success", "answer", "outcome"),
    [
        ({"matches": "^OK"}, b"OK 17", Outcome.ACCEPTED),
        ({"matches": "^OK"}, b"ERR 3", Outcome.UNKNOWN),
        ({"status": [201, 201]}, b"", Outcome.UNKNOWN),
        ({"path": "state", "matches": "^(ok|queued)$"}, b'{"state": "queued"}', Outcome.ACCEPTED),
        ({"path": "done", "equals": "true"}, b'{"done": true}', Outcome.ACCEPTED),
        ({"path": "0.code", "equals": [0, 1]}, b'[{"code": 1}]', Outcome.ACCEPTED),
    ],
)
def test_success_is_told_by_status_value_or_pattern(
    server: GatewayServer, success: dict[str, Any], answer: bytes, outcome: Outcome
) -> None:
    server.says = [(200, answer)]
    result = send(server, success=success, id=None, errors=None)
    assert result.outcome is outcome
    # without an id of theirs it bears ours
    assert result.provider_id == (f"{'f' * 32}@0a1b2c3d" if outcome is Outcome.ACCEPTED else None)


def test_what_never_left_says_so(server: GatewayServer) -> None:
    assert (
        send(server, allow=False).action is Action.CONFIGURATION
    )  # an inner address, not of our own network
    assert server.asked == []
    closed = GatewayServer(url="http://127.0.0.1:9")
    assert send(closed).outcome is Outcome.NOT_SENT


def test_what_the_gateways_letters_cannot_write_is_not_sent(server: GatewayServer) -> None:
    request = {"url": f"{server.url}/", "headers": {"X": "{text}"}, "form": {"to": "{to}"}}
    result = send(server, request=request, text="one\r\nX-Two: y")
    assert (result.outcome, result.action, server.asked) == (Outcome.REJECTED, Action.CONFIGURATION, [])


@pytest.mark.parametrize(
    ("text", "said"), [("【Acme】你好", "你好"), ("你好【Acme】", "你好【Acme】"), ("Hi", "Hi")]
)
def test_only_a_leading_brand_is_taken_off(text: str, said: str) -> None:
    assert text_without_brand(text) == said


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"from": None}, "from"),
        ({"from": "a;b"}, "from"),
        ({"colour": "red"}, "colour"),
        ({"request": None}, "request"),
        ({"request": {"url": "https://x/{text}"}}, "request"),
        ({"request": {"url": "https://x/{to}{text}{phone}"}}, "request"),
        ({"request": {"url": "https://x/{to}{text}", "method": "DELETE"}}, "request.method"),
        ({"request": {"url": "https://x/", "method": "GET", "form": {"a": "{to}{text}"}}}, "request.method"),
        ({"request": {"url": "x", "form": {"a": "{to}{text}"}, "json": {}}}, "request.json"),
        ({"request": {"url": "x{to}{text}", "headers": {"a": 1}}}, "request.headers"),
        ({"success": {"path": "code"}}, "success.path"),
        ({"success": {"matches": "("}}, "success.matches"),
        ({"success": {"status": 200}}, "success.status"),
        ({"errors": {"code": "code", "actions": {"1": "panic"}}}, "errors.actions.1"),
        ({"errors": {"otherwise": "loop"}}, "errors.otherwise"),
        ({"receipts": {"status": "s"}}, "receipts.id"),
        ({"replies": {"id": "a", "from": "b"}}, "replies.text"),
        ({"proof": None}, "proof"),
        ({"proof": {"kind": "md5", "header": "X"}}, "proof.kind"),
        ({"proof": {"kind": "token"}}, "proof.header"),
        ({"proof": {"kind": "hmac-sha256", "query": "sign"}}, "proof.header"),
        ({"answer": {"status": 500}}, "answer.status"),
        ({"signature": "somewhere"}, "signature"),
        ({"templates": {"ask/csat/zh": {"approved": True}}}, "templates.ask/csat/zh.id"),
        ({"templates": {"ask/csat/zh": {"id": "T", "approved": "yes"}}}, "templates.ask/csat/zh.approved"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_wrong_with_a_description_is_named_by_its_place(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(Invalid) as raised:
        read_gateway(description("https://gateway.example", **changes))
    assert place in raised.value.fields


@pytest.mark.parametrize("nonsense", [None, 1, "x", [], {}, {"request": []}, {"request": {"json": [[[]]]}}])
def test_nonsense_is_no_description(nonsense: object) -> None:
    with pytest.raises(Invalid):
        read_gateway(nonsense)


def test_only_who_knows_a_secret_proves_it() -> None:
    signed = HookProof("hmac-sha256", "X", None, "hex", "sha256=")
    right = "sha256=" + hmac.new(b"new", b"body", hashlib.sha256).hexdigest()
    assert proves(signed, ["new", "old"], right, b"body")
    assert proves(signed, ["next", "new"], right, b"body")
    for secrets, shown, body in (
        (["other"], right, b"body"),
        (["new"], right, b"Body"),
        (["new"], right[:-1], b"body"),
        (["new"], "", b"body"),
        ([""], "sha256=" + hmac.new(b"", b"body", hashlib.sha256).hexdigest(), b"body"),
        ([], "", b""),
    ):
        assert not proves(signed, secrets, shown, body)
    token = HookProof("token", None, "token", "hex", "")
    assert proves(token, ["a word"], "a word", b"whatever")
    assert not proves(token, [""], "", b"whatever")
    assert not proves(token, ["a word"], "\ud83d", b"whatever")


def test_receipts_are_read_one_or_many_with_the_usual_words() -> None:
    gateway = read_gateway(description("https://gateway.example"))
    reports = [
        {"msgid": 7, "stat": "DELIVRD"},
        {"uid": "ab", "stat": "OK"},
        {"msgid": "8", "stat": "UNDELIV"},
        {"msgid": "9", "stat": "NEWWORD"},
        {"stat": "DELIVRD"},
        "nonsense",
        None,
    ]
    found = read_receipts(gateway, {"reports": reports})
    assert [(one.provider_id, one.reference, one.status) for one in found] == [
        ("7", None, "delivered"),
        (None, "ab", "delivered"),
        ("8", None, "undelivered"),
    ]
    for nothing in ({}, {"reports": []}, [], None, {"reports": [{"stat": "DELIVRD"}]}, 5):
        with pytest.raises(Invalid):
            read_receipts(gateway, nothing)


def test_replies_are_read_with_national_numbers() -> None:
    gateway = read_gateway(description("https://gateway.example"))
    form = read_form(b"moid=1&mobile=13800138000&content=%E5%A5%BD&content=2", "utf-8")
    (reply,) = read_replies(gateway, form)
    assert (reply.provider_id, reply.phone, reply.text) == ("1", PHONE, "好")
    for nothing in ({"moid": "1", "mobile": "12", "content": "5"}, {"mobile": PHONE, "content": "5"}, [], 5):
        with pytest.raises(Invalid):
            read_replies(gateway, nothing)
    with pytest.raises(Invalid):
        read_form(b"&".join([b"a=1"] * 300), "utf-8")


def test_the_description_in_the_handbook_is_one_and_every_placeholder_is_explained() -> None:
    text = (Path(__file__).parents[2] / "docs/gateways.md").read_text()
    gateway = read_gateway(json.loads(text.split("```json")[1].split("```")[0]))
    assert gateway.query is not None
    assert gateway.templates
    assert all(f"`{{{name}}}`" in text for name in PLACEHOLDERS)
