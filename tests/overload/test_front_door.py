"""What reaches the application through the real server is what was sent."""

import hashlib
from importlib.resources import files

import pytest
import urllib3
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from tests.overload.conftest import ACCOUNT_SID, AUTH_TOKEN, PUBLIC_URL, Web

pytestmark = pytest.mark.xdist_group("overload")

RECEIPT = {"MessageSid": "SM" + "0" * 32, "AccountSid": ACCOUNT_SID, "MessageStatus": "delivered"}
FORM = "MessageSid=SM{}&AccountSid={}&MessageStatus=delivered".format("0" * 32, ACCOUNT_SID)
QUERIES = ("a=%20b+c", "a=%2F%2f", "%", "q=?&&=", "a=%E4%B8%AD&a=1")


def send(web: Web, request: str | bytes) -> bytes:
    """One raw request, and all of its answer."""
    connection = web.connect()
    connection.sendall(request.encode() if isinstance(request, str) else request)
    received = b""
    while part := connection.recv(65_536):
        received += part
    return received


def receipt(query: str, *signatures: str) -> str:
    lines = [
        f"POST /hooks/twilio/status?{query} HTTP/1.1",
        "Host: attacker.example",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(FORM)}",
        "Connection: close",
        *signatures,
    ]
    return "\r\n".join([*lines, "", FORM])


def signed(query: str) -> str:
    url = f"{PUBLIC_URL}/hooks/twilio/status?{query}"
    found: str = RequestValidator(AUTH_TOKEN).compute_signature(url, RECEIPT)
    return found


def test_requests_arrive_as_they_were_sent(web: Web) -> None:
    for query in QUERIES:
        assert send(web, receipt(query, f"X-Twilio-Signature: {signed(query)}")).startswith(b"HTTP/1.1 204 ")
        # a header that only looks like it, and one that is there twice
        for forged in (
            [f"X_Twilio_Signature: {signed(query)}"],
            [f"X-Twilio-Signature: {signed(query)}", "X-Twilio-Signature: AAAA"],
        ):
            assert send(web, receipt(query, *forged)).startswith(b"HTTP/1.1 403 ")
    for path in (
        "/v1/%ff",
        "/v1/%00",
        "/v1/%e4%b8%ad",
        "/s/%ff%fe",
        "/v1//calls/../x",
        "*",
        "http://other/v1/x",
    ):
        answer = send(web, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert answer.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 ")), (path, answer)
    raw = (
        b"GET /v1/calls HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer pc_\xff\xfe\r\nConnection: close\r\n\r\n"
    )
    assert send(web, raw).startswith(b"HTTP/1.1 401 ")
    for smuggled in (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\naaaaaa",
        b"GARBAGE\r\n\r\n",
        b"GET /" + b"a" * 500_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 500_000 + b"\r\n\r\n",
    ):
        assert send(web, smuggled).startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 414 ", b"HTTP/1.1 431 "))
    whole_files_come(web)
    answers_to_head_have_no_body(web)
    assert '"level": "error"' not in web.process.log.read_text()
    assert "Traceback" not in web.process.log.read_text()


def whole_files_come(web: Web) -> None:
    address = f"http://127.0.0.1:{web.port}/docs/swagger-ui-bundle.js"
    content = (files("flask_swagger_ui") / "dist" / "swagger-ui-bundle.js").read_bytes()
    for headers in ({}, {"Range": "bytes=0-9"}):
        answer = urllib3.request("GET", address, headers=headers, timeout=10)
        assert (answer.status, hashlib.sha256(answer.data).digest()) == (
            200,
            hashlib.sha256(content).digest(),
        )
        assert int(answer.headers["Content-Length"]) == len(content)
    head = urllib3.request("HEAD", address, timeout=10)
    assert (head.status, head.data) == (200, b"")
    etag = answer.headers["ETag"]
    assert urllib3.request("GET", address, headers={"If-None-Match": etag}, timeout=10).status == 304


def answers_to_head_have_no_body(web: Web) -> None:
    for path in ("/healthz", "/docs/", "/v1/openapi.json"):
        answer = send(web, f"HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"\r\n\r\n")
