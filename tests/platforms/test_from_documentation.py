"""Platforms that were written after their documentation: its samples, rightly and wrongly signed."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from tests.platforms.senders import FORM, JSON, Line, jambonz, payload, plivo, vonage, zoom
from tests.web.conftest import Api

SECRET = "58ffexampletoken58ff"


class Sample(NamedTuple):
    """What a documented payload says; `secret`: where it is the platform's to make."""

    file: str
    secret: str | None
    says: Mapping[str, Any]
    status: int = 200
    query: str = ""


SAMPLES = {
    "aircall": Sample(
        "aircall.json",
        SECRET,
        {
            "call_id": "780836699",
            "agent_id": "736640",
            "queue": "Billing",
            "team": "blue",
            "talk_seconds": 50,
            "tags": ["refund"],
        },
    ),
    "vonage": Sample(
        "vonage.json",
        SECRET,
        {"call_id": "CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab", "agent_id": "ada", "talk_seconds": 42},
        query="agent=ada",
    ),
    "plivo": Sample(
        "plivo.form",
        SECRET,
        {
            "call_id": "9e1c1a4e-0000-4000-8000-000000000001",
            "talk_seconds": 61,
            "ended_by": "customer",
        },
    ),
    "zoom": Sample(
        "zoom.json",
        SECRET,
        {
            "call_id": "6998252756253453478",
            "agent_id": "z8yCxjabcdEFGHfp8uQ",
            "queue": "Billing",
            "talk_seconds": 70,
            "direction": "inbound",
        },
    ),
    "ringcentral": Sample(
        "ringcentral.json",
        None,
        {"call_id": "s-a6ab", "agent_id": "62288329016", "talk_seconds": None, "is_answered": True},
    ),
    "jambonz": Sample(
        "jambonz.json",
        SECRET,
        {
            "call_id": "8a5f0000-0000-4000-8000-000000000001",
            "agent_id": "ada",
            "talk_seconds": 58,
            "ended_by": "customer",
        },
    ),
    "3cx": Sample("threecx.json", None, {"agent_id": "101", "queue": "800", "talk_seconds": 70}),
}


def line_of(api: Api, platform: str) -> Line:
    return Line(api, platform, secret=SAMPLES[platform].secret)


def post(line: Line, body: bytes, headers: Mapping[str, str] | None = None) -> int:
    kind = FORM if line.platform == "plivo" else JSON
    query = SAMPLES[line.platform].query
    return line.post(body, headers, content_type=kind, query=query).status_code


@pytest.mark.parametrize("platform", SAMPLES)
def test_the_documented_sample_is_a_call_whose_customer_is_asked(api: Api, platform: str) -> None:
    line, sample = line_of(api, platform), SAMPLES[platform]
    body = payload(sample.file)
    assert post(line, body) == sample.status
    assert {name: getattr(line.call, name) for name in sample.says} == sample.says
    assert line.invitation.state == "scheduled"
    assert post(line, body) == sample.status
    assert len(line.calls) == 1


@pytest.mark.parametrize("platform", SAMPLES)
def test_whoever_has_not_the_secret_is_refused(api: Api, platform: str) -> None:
    line = line_of(api, platform)
    body = payload(SAMPLES[platform].file)
    right = line.signed(body, line.path + (f"?{q}" if (q := SAMPLES[platform].query) else ""))
    line.secret = "of somebody else"
    if platform == "aircall":
        wrong, changed = right, body.replace(SECRET.encode(), b"of somebody else")
    else:
        wrong, changed = line.signed(body, line.path), body
    assert post(line, changed, wrong) == 403
    nothing = body.replace(b'"token"', b'"no"')
    assert post(line, nothing, {}) == 403
    assert {outcome for outcome, _ in line.events} == {"refused"}
    assert line.calls == []
    assert post(line, body, right) == 200


@pytest.mark.parametrize("platform", ["vonage", "plivo", "zoom", "jambonz"])
def test_a_signature_is_of_this_body_alone(api: Api, platform: str) -> None:
    line = line_of(api, platform)
    body = payload(SAMPLES[platform].file)
    query = SAMPLES[platform].query
    right = line.signed(body, line.path + (f"?{query}" if query else ""))
    assert post(line, body.replace(b"7700900123", b"7700900999"), right) == 403
    assert line.events == [("refused", "wrong_signature")]


def test_an_old_signature_is_none(api: Api) -> None:
    signing: dict[str, Any] = {"vonage": vonage, "zoom": zoom, "jambonz": jambonz}
    for platform, sign in signing.items():
        line = line_of(api, platform)
        body = payload(SAMPLES[platform].file)
        for off in (-310, 310):
            assert post(line, body, sign(SECRET, body, off=off)) == 403
        assert line.events == [("refused", "clock")] * 2


def test_vonage_a_token_says_what_it_signs_and_how(api: Api) -> None:
    line = line_of(api, "vonage")
    body = payload("vonage.json")
    changes: list[dict[str, Any]] = [{"alg": "none"}, {"payload_hash": "0"}, {"iat": None}]
    for change in changes:
        assert post(line, body, vonage(SECRET, body, **change)) == 403


def test_vonage_the_leg_to_the_agent_is_of_the_same_call(api: Api) -> None:
    line = line_of(api, "vonage")
    leg = json.loads(payload("vonage.json"))
    leg |= {
        "uuid": "b",
        "direction": "outbound",
        "from": "442079460000",
        "to": "442079460001",
        "duration": "30",
    }
    line.post(json.dumps(leg).encode(), query="agent=ada")
    assert (line.calls, line.events) == ([], [("accepted", "waiting")])
    line.post(payload("vonage.json"))
    call = line.call
    assert (call.direction, call.agent_id, call.talk_seconds) == ("inbound", "ada", 42)
    assert line.invitation.state == "scheduled"


def test_plivo_an_address_with_a_query_is_signed_with_it(api: Api) -> None:
    line = line_of(api, "plivo")
    body, nonce = payload("plivo.form"), "n1"
    fields = plivo(SECRET, "", body, nonce)
    assert line.post(body, fields, content_type=FORM, query="agent=ada").status_code == 403
    pairs = "".join("".join(one.partition("=")[::2]) for one in sorted(body.decode().split("&")))
    content = f"http://survey.example{line.path}?agent=ada.{pairs}.{nonce}"
    digest = hmac.digest(SECRET.encode(), content.encode(), hashlib.sha256)
    headers = {"X-Plivo-Signature-V3": base64.b64encode(digest).decode(), "X-Plivo-Signature-V3-Nonce": nonce}
    assert line.post(body, headers, content_type=FORM, query="agent=ada").status_code == 200
    assert line.call.agent_id == "ada"


def test_zoom_asks_who_we_are_before_it_sends_anything(api: Api) -> None:
    line = line_of(api, "zoom")
    body = json.dumps(
        {"event": "endpoint.url_validation", "payload": {"plainToken": "qgg8vlvZRS6UYooatFL8Aw"}}
    ).encode()
    answer = line.post(body)
    expected = hmac.digest(SECRET.encode(), b"qgg8vlvZRS6UYooatFL8Aw", hashlib.sha256).hex()
    assert answer.json == {"plainToken": "qgg8vlvZRS6UYooatFL8Aw", "encryptedToken": expected}
    assert line.events == [("accepted", "handshake")]


def test_zoom_a_call_that_went_out(api: Api) -> None:
    line = line_of(api, "zoom")
    document = json.loads(payload("zoom.json"))
    document["event"] = "phone.caller_ended"
    told = document["payload"]["object"]
    told["caller"], told["callee"] = told["callee"], told["caller"]
    line.post(json.dumps(document).encode())
    assert (line.call.direction, line.call.agent_name) == ("outbound", "Ada")
    assert line.invitation.state == "scheduled"


def test_ringcentral_asks_for_an_echo(api: Api) -> None:
    line = line_of(api, "ringcentral")
    for _ in range(3):
        answer = line.post(b"", {"Validation-Token": "echo-1"})
        assert (answer.status_code, answer.headers["Validation-Token"]) == (200, "echo-1")
    assert line.events == [("accepted", "handshake")]
    # nothing but an echo comes of it
    body = payload("ringcentral.json")
    assert line.post(body, {"Validation-Token": "echo-1"}).status_code == 403
    assert line.calls == []


def test_aircall_the_hang_up_waits_for_the_fuller_event(api: Api) -> None:
    line = line_of(api, "aircall")
    early = json.loads(payload("aircall.json"))
    early["event"] = "call.hungup"
    early["data"] |= {"ended_at": None, "tags": []}
    line.post(json.dumps(early).encode())
    assert line.calls == []
    line.post(payload("aircall.json"))
    assert (line.call.talk_seconds, line.call.tags) == (50, ["refund"])


def test_aircall_has_no_secret_before_its_webhook_is_made(api: Api) -> None:
    line = Line.__new__(Line)
    made: Any = api("POST", "/v1/connections", {"platform": "aircall", "name": "aircall"}).json
    line.api, line.platform, line.made, line.secret = api, "aircall", made, None
    assert (made["secrets"], "secret" in made) == (0, False)
    assert line.post(payload("aircall.json"), {}).status_code == 403
    assert line.events == [("refused", "no_secret")]
    api("POST", f"/v1/connections/{made['id']}/rotate", {"secret": SECRET})
    assert line.post(payload("aircall.json"), {}).status_code == 200


def test_what_is_no_end_of_a_call(api: Api) -> None:
    others: list[tuple[str, dict[str, Any], str]] = [
        ("vonage", {"status": "ringing"}, "not_final"),
        ("vonage", {"uuid": None}, "not_a_call"),
        ("jambonz", {"call_status": "in-progress"}, "not_final"),
        ("aircall", {"resource": "contact"}, "not_a_call"),
        ("aircall", {"event": "call.created"}, "not_final"),
        ("zoom", {"event": "phone.callee_ringing"}, "not_final"),
        ("zoom", {"event": "meeting.ended"}, "not_a_call"),
        ("ringcentral", {"body": {}}, "not_a_call"),
        ("3cx", {"CallType": "Chat"}, "not_a_call"),
    ]
    lines = {platform: line_of(api, platform) for platform in SAMPLES}
    for platform, changes, reason in others:
        document = json.loads(payload(SAMPLES[platform].file)) | changes
        assert post(lines[platform], json.dumps(document).encode()) == 200
        assert lines[platform].events[0] == ("ignored", reason)
