"""What goes out: to the carrier at the address that the operator has set, and to nowhere that a caller names."""

import re
from contextlib import closing

import pytest

from app.channels.http_connection import NoAnswer
from app.channels.lean_http import LeanHttp
from tests.channels.test_http_answers import Script, playing
from tests.web.document import document_of_nothing, inlined

_ADDRESS = re.compile(r"ur[il]|host|callback|endpoint|webhook|redirect", re.IGNORECASE)


def asked_for() -> set[str]:
    """The names of all that a caller may send, in bodies and queries."""
    document = document_of_nothing()
    names: set[str] = set()
    for path in document["paths"].values():
        for operation in path.values():
            for part in inlined(document, operation if isinstance(operation, list) else [operation]):
                names |= names_in(part.get("requestBody", {}))
                names |= {parameter["name"] for parameter in part.get("parameters", [])}
    return names


def names_in(schema: object) -> set[str]:
    if isinstance(schema, list):
        return {name for inner in schema for name in names_in(inner)}
    if not isinstance(schema, dict):
        return set()
    own = set(schema.get("properties", {}))
    return own.union(*(names_in(inner) for inner in schema.values()))


@pytest.mark.parametrize("number", [13, 14, 16])
def test_13_14_16_no_caller_can_name_an_address_to_connect_to(number: int) -> None:
    """Nothing is delivered to addresses of users' own yet; who adds that finds the three checks here.

    13 the address is checked at connect time, 14 inner addresses are refused in all their forms, 16 rebinding.
    """
    names = asked_for()
    assert len(names) > 30
    assert {name for name in names if _ADDRESS.search(name)} == set()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_15_redirects_are_not_followed(status: int) -> None:
    elsewhere = Script(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    moved = f"HTTP/1.1 {status} Moved\r\nLocation: {elsewhere.url}/\r\nContent-Length: 2\r\n\r\nok"
    with playing(Script(moved.encode())) as http:
        assert http.request("GET", "https://api.twilio.com/", allow_redirects=True).status_code == status
    assert elsewhere.connections == 0
    elsewhere._listener.close()


def test_15_an_answer_without_an_end_is_given_up() -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 2_000_000
    with playing(Script(endless)) as http, pytest.raises(NoAnswer):
        http.request("GET", "https://api.twilio.com/")


def test_15_credentials_reach_no_other_host() -> None:
    with playing(Script(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) as http:
        assert http.request("GET", "https://attacker.example/", auth=("AC", "token")).status_code == 200


def test_15_tls_is_checked_and_the_default_carrier_speaks_it(settings: object) -> None:
    assert getattr(settings, "twilio_base_url", "").startswith("https://")
    with closing(LeanHttp("https://api.twilio.com", 1, 1, 1)) as http:
        assert http._trust is not None
        assert http._trust.check_hostname
