"""Every reader, given anything at all: a call, a coded reason or a handshake, and never anything else."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.eligibility import LONGEST_SECONDS
from app.platforms.face import IGNORED, REFUSED, CallEnded, Dialect, Ignored, Platform, RawRequest, Reply
from app.platforms.fields import READS, identifier, moment, phone, seconds
from app.platforms.registry import PLATFORMS, understand
from tests.platforms.senders import PAYLOADS, payload

NOW = time.time()
SAVED = {
    "twilio_taskrouter": "twilio_taskrouter.form",
    "amazon_connect": "amazon_connect.json",
    "genesys": "genesys_user_end.json",
    "freeswitch": "freeswitch_a.json",
    "asterisk": "asterisk.form",
    "aircall": "aircall.json",
    "vonage": "vonage.json",
    "plivo": "plivo.form",
    "zoom": "zoom.json",
    "ringcentral": "ringcentral.json",
    "jambonz": "jambonz.json",
    "3cx": "threecx.json",
}
TWILIO = (
    b"CallSid=CA"
    + b"be98" * 8
    + b"&CallStatus=completed&CallDuration=49&Direction=inbound&From=%2B447700900123"
)
GENERIC = (
    b'{"call_id": "1", "agent": {"id": "7"}, "customer": {"phone": "x"}, "tags": ["a"], "talk_seconds": 1}'
)
PLAIN = Dialect()
ANYWHERE = Dialect(
    fields={"queue": "a.b.0", "agent_id": "?x", "attributes.y": "data", "tags": "tags", "phone": "0"},
)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(
        ["", "0", "-1", "1e400", "2026-03-02T10:00:00Z", "99:99:99", "[[", '{"a":', "CA", "²", "٥"]
    ),
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=5),
    max_leaves=12,
)


def request(body: bytes, kind: str = "", query: str = "") -> RawRequest:
    return RawRequest(f"https://postcall.example/hooks?{query}", body, {"content-type": kind}, NOW)


def saved(platform: str) -> bytes:
    if platform in ("generic", "twilio_voice"):
        return GENERIC if platform == "generic" else TWILIO
    return payload(SAVED[platform])


def must_be_fit(platform: Platform, raw: RawRequest, dialect: Dialect = PLAIN) -> None:
    reading = understand(platform, raw, dialect, ("secret",))
    if isinstance(reading, Ignored):
        assert reading.reason in IGNORED
        reading.detail.encode()
        return
    if isinstance(reading, Reply):
        orjson.dumps(reading.content)
        return
    assert isinstance(reading, CallEnded)
    call = reading.call
    assert 0 < len(call.call_id) <= 200
    assert call.direction in ("inbound", "outbound", "internal")
    assert call.started_at <= call.ended_at
    assert call.answered_at is None or call.started_at <= call.answered_at <= call.ended_at
    for name in READS:
        value = getattr(call, name)
        if isinstance(value, int):
            assert 0 <= value <= LONGEST_SECONDS
        if isinstance(value, str):
            assert "\x00" not in value
            assert len(value) <= 254
            value.encode()
    orjson.dumps([call.tags, call.attributes])
    assert set(reading.unread) <= READS.keys()


def test_every_platform_has_a_saved_payload() -> None:
    assert PLATFORMS.keys() == SAVED.keys() | {"generic", "twilio_voice"}
    assert {path.name for path in PAYLOADS.iterdir()} == set(SAVED.values()) | {"freeswitch_b.json"}


@pytest.mark.parametrize("platform", PLATFORMS.values(), ids=lambda one: one.name)
@settings(max_examples=25, deadline=None)
@given(body=st.binary(max_size=200), kind=st.sampled_from(["", "application/json", "text/plain"]))
def test_any_bytes(platform: Platform, body: bytes, kind: str) -> None:
    must_be_fit(platform, request(body, kind))


@pytest.mark.parametrize("platform", PLATFORMS.values(), ids=lambda one: one.name)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_real_one_with_anything_in_its_places(platform: Platform, data: st.DataObject) -> None:
    """Each place of a payload that is real otherwise, at any depth, holds whatever there is."""
    body = saved(platform.name)
    if body[:1] == b"{":
        document = json.loads(body)
        for _ in range(data.draw(st.integers(1, 4))):
            _spoil(document, data)
        raw = request(orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS), query="x=1&agent=a")
    else:
        names = [one.partition("=")[0] for one in body.decode().split("&")]
        fields = dict(one.split("=", 1) for one in body.decode().split("&"))
        for name in data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=4)):
            fields[name] = data.draw(st.text(max_size=30))
        raw = request(urlencode(fields, errors="replace").encode(), query="agent=%00&x=%ff")
    must_be_fit(platform, raw, data.draw(st.sampled_from([Dialect(), ANYWHERE])))


def _spoil(document: Any, data: st.DataObject) -> None:
    place = document
    while True:
        keys = list(place.keys()) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        inner = place[key]
        if not isinstance(inner, (dict, list)) or data.draw(st.booleans()):
            try:
                value = data.draw(anything)
                orjson.dumps(value)
            except TypeError:  # an integer of more than 64 bits, a lone surrogate: no JSON that gets this far
                return
            place[key] = value
            return
        place = inner


@pytest.mark.parametrize("platform", PLATFORMS.values(), ids=lambda one: one.name)
@settings(max_examples=15, deadline=None)
@given(
    body=st.binary(max_size=60),
    value=st.text(st.characters(max_codepoint=255), max_size=60),
    secrets=st.sampled_from([(), ("0123456789abcdef",), ("", "fedcba9876543210"), ("whsec_", "ümlaut")]),
)
def test_any_signature(platform: Platform, body: bytes, value: str, secrets: tuple[str, ...]) -> None:
    names = (
        *("authorization", "webhook-id", "webhook-timestamp", "webhook-signature", "x-twilio-signature"),
        *("x-plivo-signature-v3", "x-plivo-signature-v3-nonce", "x-zm-signature", "x-zm-request-timestamp"),
        *("verification-token", "jambonz-signature", "x-api-key"),
    )
    for headers in ({}, dict.fromkeys(names, value), dict.fromkeys(names, f"Bearer {value}")):
        raw = RawRequest(f"https://x/?{value}", body, {**headers}, NOW)
        assert platform.verify(raw, secrets) in REFUSED


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-02T09:30:00+08:00", datetime(2026, 3, 2, 1, 30, tzinfo=UTC)),
        ("Sun, 25 Mar 2018 09:53:19 +0000", datetime(2018, 3, 25, 9, 53, 19, tzinfo=UTC)),
        (1521971599, datetime(2018, 3, 25, 9, 53, 19, tzinfo=UTC)),
        ("1521971599000", datetime(2018, 3, 25, 9, 53, 19, tzinfo=UTC)),
        (1521971599000000, datetime(2018, 3, 25, 9, 53, 19, tzinfo=UTC)),
        *(
            (value, None)
            for value in (
                "2026-03-02T09:30:00",
                "0",
                0,
                True,
                "soon",
                [],
                1e300,
                "0001-01-01T00:00:00+14:00",
                "1999-01-01T00:00:00Z",
            )
        ),
    ],
)
def test_moments(value: Any, expected: datetime | None) -> None:
    assert moment(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((63, 63), (63.9, 63), ("63", 63), (" 63 ", 63), ("00:01:03", 63), ("1:00:00", 3600), (0, 0)),
        *((value, None) for value in (-1, "-1", True, "²", "٥", "1e9", 604801, "a", None, [], "1:75:00")),
    ],
)
def test_seconds(value: Any, expected: int | None) -> None:
    assert seconds(value) == expected


def test_numbers_and_ids() -> None:
    assert [phone(value) for value in ("tel:+4412", "sip:+4412@pbx;x=1", " 1 2 ", 4412, True, {})] == [
        *("+4412", "+4412", "1 2", "4412"),
        *(None, None),
    ]
    # cut off or cleaned, an id would be another one's
    assert [identifier(value) for value in ("x" * 200, "x" * 201, "a\x00b", "", 7, True, 7.0)] == [
        *("x" * 200, None, None, None, "7"),
        *(None, None),
    ]


def test_a_dialect_reads_into_json_within_a_field() -> None:
    dialect = Dialect(fields={"queue": "WorkerAttributes.team_name"})
    reading = understand(
        PLATFORMS["twilio_taskrouter"], request(payload("twilio_taskrouter.form")), dialect, ()
    )
    assert isinstance(reading, CallEnded)
    assert reading.call.queue == "blue"


def test_what_can_not_be_read_is_named() -> None:
    body: Mapping[str, Any] = {"call_id": "1", "talk_seconds": "long", "answered_at": "then"}
    reading = understand(PLATFORMS["generic"], request(json.dumps(body).encode()), Dialect(), ())
    assert isinstance(reading, CallEnded)
    assert (reading.unread, reading.call.talk_seconds) == (("answered_at", "talk_seconds"), None)
