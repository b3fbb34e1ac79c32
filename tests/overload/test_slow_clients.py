"""Who sends or reads slowly holds a connection, and nobody up."""

import socket
from itertools import islice

import pytest

from bench.load import run_load
from tests.overload.conftest import BODY_SECONDS, Web

pytestmark = pytest.mark.xdist_group("overload")

# more than there are threads, waiting places and monitors' places together
MANY = 200
HEAD = (
    "POST /v1/calls HTTP/1.1\r\nHost: tests\r\nContent-Type: application/json\r\nAuthorization: Bearer {}\r\n"
)


def begin(web: Web, *rest: str) -> socket.socket:
    """A connection on which a report has begun."""
    connection = web.connect()
    connection.sendall((HEAD.format(web.api_key) + "".join(rest)).encode())
    return connection


def answer(connection: socket.socket) -> bytes:
    """All that comes until the server ends the connection."""
    received = b""
    while part := connection.recv(65_536):
        received += part
    return received


def works(web: Web) -> bool:
    """Monitors are answered, and calls accepted."""
    if not (web.answers("/healthz") and web.answers("/readyz")):
        return False  # nor would a call be, ever
    run_load(web.port, islice(web.reports.to("/v1/calls"), 8), connections=4).expect(202)
    return True


def test_clients_that_send_slowly_hold_up_nobody(web: Web) -> None:
    slow = [begin(web) for _ in range(MANY // 4)]
    slow += [begin(web, "Content-Length: 1000\r\n\r\n{") for _ in range(MANY // 2)]
    slow += [begin(web, "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n") for _ in range(MANY // 4)]
    assert works(web)
    # those that never send the rest are told so, and their connections are free again
    for connection in slow[MANY // 4 :]:
        told = answer(connection)
        assert told.startswith(b"HTTP/1.1 408 "), told
        assert b"application/problem+json" in told
    assert works(web)


def test_a_body_that_drips_is_given_up_too(web: Web) -> None:
    connection = begin(web, "Content-Length: 1000\r\n\r\n")
    connection.settimeout(BODY_SECONDS / 20)
    told = b""
    for _ in range(1000):
        try:
            connection.sendall(b" ")
            told = connection.recv(65_536)
            break
        except TimeoutError:
            continue
    assert told.startswith(b"HTTP/1.1 408 "), told


def test_clients_that_do_not_read_hold_up_nobody(web: Web) -> None:
    """The page of the API's document is the largest answer that everybody may have: 1.4 MB."""
    asking = b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: tests\r\nRange: bytes=0-\r\n\r\n"
    before = web.resident_bytes()
    for _ in range(MANY):
        deaf = web.connect(receive_buffer=4096)
        deaf.sendall(asking)
        assert deaf.recv(12) == b"HTTP/1.1 200"
    assert works(web)
    assert web.resident_bytes() - before < MANY * 512 * 1024


def test_who_hangs_up_in_the_middle_is_no_error(web: Web) -> None:
    for rest in ("", "Content-Length: 1000\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"):
        begin(web, rest).close()
    assert works(web)
    assert '"level": "error"' not in web.process.log.read_text()
    assert "Traceback" not in web.process.log.read_text()


def test_a_body_that_is_too_long_is_refused_by_its_length(web: Web) -> None:
    told = begin(web, "Content-Length: 70000\r\n\r\n").recv(65_536)
    assert told.startswith(b"HTTP/1.1 413 "), told


def test_a_chunked_body_that_is_too_long_is_refused_while_it_comes(web: Web) -> None:
    connection = begin(web, "Transfer-Encoding: chunked\r\n\r\n")
    connection.sendall(b"11171\r\n" + b"x" * 70_001 + b"\r\n")
    told = connection.recv(65_536)
    assert told.startswith(b"HTTP/1.1 413 "), told
