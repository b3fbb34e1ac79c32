"""What holds of each platform alike: what it hears, whose word is taken, and that nothing it says fails us."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

import orjson
import pytest

from app.platforms.registry import PLATFORMS
from tests.cli.conftest import Command, acme, command, place
from tests.platforms.senders import FORM, JSON, TWILIO_TOKEN, Line, payload
from tests.platforms.test_generic import report
from tests.platforms.test_readers import SAVED, TWILIO
from tests.web.conftest import Api

__all__ = ["acme", "command", "place"]

TOKEN = "58ffexampletoken58ff"


class Hears(NamedTuple):
    """`body`: whether it is told what became of it."""

    status: int
    body: bool = False
    content_type: str | None = None


HEARS = {
    "generic": Hears(200, True, JSON),
    "twilio_voice": Hears(204),
    "twilio_taskrouter": Hears(204, False, JSON),
    "amazon_connect": Hears(200, True, JSON),
    "genesys": Hears(200, True, JSON),
    "freeswitch": Hears(200, True, JSON),
    "asterisk": Hears(200, True, JSON),
    "aircall": Hears(200),
    "vonage": Hears(200),
    "plivo": Hears(200),
    "zoom": Hears(200),
    "ringcentral": Hears(200),
    "jambonz": Hears(200),
    "3cx": Hears(200, True, JSON),
}
_SECRETS = {"twilio_voice": TWILIO_TOKEN, "twilio_taskrouter": TWILIO_TOKEN}
_SECRETS |= dict.fromkeys(("aircall", "vonage", "plivo", "zoom", "jambonz"), TOKEN)
NASTY: list[Any] = [None, "\x00", "\ud800", -1, 2**70, [], {"a": {}}, "x" * 5000]

everywhere = pytest.mark.parametrize("platform", PLATFORMS)


def line_of(api: Api, platform: str) -> Line:
    return Line(api, platform, secret=_SECRETS.get(platform))


def saved(platform: str) -> bytes:
    if platform == "generic":
        return report()
    return TWILIO if platform == "twilio_voice" else payload(SAVED[platform])


def kind(body: bytes) -> str:
    return JSON if body[:1] == b"{" else FORM


def spoiled(body: bytes) -> Iterator[bytes]:
    """With each of NASTY in each of its places; what shows that it is this platform's own stays."""
    document = json.loads(body) if kind(body) == JSON else dict(parse_qsl(body.decode()))
    for value in NASTY:
        if kind(body) == FORM:
            yield urlencode(
                {name: "" if value is None else str(value) for name in document}, errors="replace"
            ).encode()
        else:
            yield json.dumps(filled(document, value) | {"token": TOKEN}).encode()
    for number, name in enumerate(list(document)[:9]):
        changed = document | {name: ("\x00", [], 10**30)[number % 3]}
        yield json.dumps(changed).encode() if kind(body) == JSON else urlencode(changed).encode()


def filled(document: Any, value: Any) -> Any:
    if isinstance(document, dict):
        return {name: filled(inner, value) for name, inner in document.items()}
    if isinstance(document, list):
        return [filled(inner, value) for inner in document]
    return value


def test_each_is_here() -> None:
    assert HEARS.keys() == PLATFORMS.keys()


@everywhere
def test_it_hears_what_it_expects_and_again_the_same(api: Api, platform: str) -> None:
    line, body = line_of(api, platform), saved(platform)
    for _ in range(2):
        answer = line.post(body, content_type=kind(body))
        hears = HEARS[platform]
        assert (answer.status_code, bool(answer.data)) == hears[:2]
        assert hears.content_type in (None, answer.content_type)
    assert len(line.calls) == 1


@everywhere
def test_nobody_elses_word_is_taken(api: Api, platform: str) -> None:
    line, body = line_of(api, platform), saved(platform)
    line.secret = "whsec_c29tZWJvZHkgZWxzZSdz"
    forged = body.replace(TOKEN.encode(), b"another")
    assert line.post(forged, content_type=kind(body)).status_code == 403
    assert line.post(body.replace(b'"token"', b'"no"'), {}, content_type=kind(body)).status_code == 403
    assert {outcome for outcome, _ in line.events} == {"refused"}
    assert line.calls == []


@everywhere
def test_nothing_that_it_sends_is_our_failure(api: Api, platform: str) -> None:
    line = line_of(api, platform)
    plain = [b"", b"[]", b"null", b"{", b"[" * 20_000, b"%ff=%00", b"&".join([b"a=1"] * 900)]
    for body in [*plain, *spoiled(saved(platform))]:
        answer = line.post(body, content_type=kind(body))
        assert answer.status_code < 500, body[:300]
        # some proofs are in the body, or of what is a form
        assert answer.status_code != 403 or platform in ("aircall", "plivo", *_SECRETS), body[:300]
    assert api("GET", f"/v1/connections/{line.made['id']}").status_code == 200


@everywhere
def test_a_saved_one_is_replayed(command: Command, place: Path, platform: str) -> None:
    (place / "saved").write_bytes(saved(platform))
    said = command("replay", "saved", "--platform", platform)
    call_id = next(line for line in said.splitlines() if line.startswith("call_id"))
    assert len(call_id.split()) == 2
    assert orjson.dumps(said)
