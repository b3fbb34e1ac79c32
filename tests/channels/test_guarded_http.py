"""Requests to addresses that an account has configured, against real servers on this machine."""

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.channels.guarded_http import GuardedHttp
from app.channels.http_connection import NeverSent, NoAnswer
from tests.channels.test_http_answers import OK, Script

HOST = "gateway.internal"


@pytest.fixture
def play() -> Iterator[Callable[..., Script]]:
    threads = []

    def start(*answers: bytes | None, **how: bool) -> Script:
        script = Script(*answers, **how)
        threads.append(threading.Thread(target=script.run))
        threads[-1].start()
        return script

    yield start
    for thread in threads:
        thread.join()


def port_of(script: Script) -> int:
    return int(script.url.rpartition(":")[2])


def leading_to(port: int) -> Callable[..., Any]:
    def look_up(*_: object, **__: object) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    return look_up


def test_a_host_of_ones_own_network_is_asked_by_its_name(play: Callable[..., Script]) -> None:
    script = play(OK)
    http = GuardedHttp([f"{HOST}:8080"], look_up=leading_to(port_of(script)))
    answer = http.request("POST", f"http://{HOST}:8080/send?a=b c".replace(" ", "%20"), body=b"text")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"ok", "2")
    (request,) = script.requests
    assert request.startswith(b"POST /send?a=b%20c HTTP/1.1\r\n")
    assert f"Host: {HOST}:8080\r\n".encode() in request
    assert request.endswith(b"Content-Length: 4\r\n\r\ntext")


def test_only_that_host_and_port_of_it(play: Callable[..., Script]) -> None:
    look_up = leading_to(9)
    for url in (f"http://{HOST}:8081/", f"http://{HOST}/", "http://127.0.0.1:8080/", f"https://{HOST}./"):
        with pytest.raises(NeverSent):
            GuardedHttp([f"{HOST}:8080"], look_up=look_up).request("GET", url)


def test_the_next_address_is_tried_when_one_does_not_answer(play: Callable[..., Script]) -> None:
    script = play(OK)
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, and not listening
        found = leading_to(nobody.getsockname()[1])() + leading_to(port_of(script))()
        assert (
            GuardedHttp([HOST], look_up=lambda *_, **__: found).request("GET", f"http://{HOST}/").body
            == b"ok"
        )
        with pytest.raises(NeverSent):
            GuardedHttp([HOST], look_up=lambda *_, **__: found[:1]).request("GET", f"http://{HOST}/")


def test_a_name_that_stands_for_nothing_was_never_asked() -> None:
    def nothing(*_: object, **__: object) -> Any:
        raise socket.gaierror("no such name")

    with pytest.raises(NeverSent):
        GuardedHttp(look_up=nothing).request("GET", "https://gateway.example/")


@pytest.mark.parametrize("answer", [None, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok", b"nonsense"])
def test_what_is_no_whole_answer_is_none(play: Callable[..., Script], answer: bytes | None) -> None:
    script = play(answer)
    with pytest.raises(NoAnswer):
        GuardedHttp([HOST], look_up=leading_to(port_of(script))).request("POST", f"http://{HOST}/")


def test_a_header_holds_one_line() -> None:
    with pytest.raises(ValueError, match="line break"):
        GuardedHttp([HOST]).request("GET", f"http://{HOST}/", headers={"X": "a\r\nY: b"})


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    """The key and certificate of HOST."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    today = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "gateway.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.mark.parametrize("asked", [HOST, "other.internal"])
def test_tls_asks_for_the_name_and_checks_it(pem: Path, asked: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener, listener.accept()[0] as plain:
            try:
                with context.wrap_socket(plain, server_side=True) as connection:
                    connection.recv(65536)
                    connection.sendall(OK)
            except ssl.SSLError:
                pass

    thread = threading.Thread(target=serve)
    thread.start()
    http = GuardedHttp([HOST, "other.internal"], look_up=leading_to(listener.getsockname()[1]))
    vars(http)["_trust"] = ssl.create_default_context(cafile=str(pem))
    if asked == HOST:
        assert http.request("GET", f"https://{asked}/").body == b"ok"
    else:
        with pytest.raises(NeverSent, match="SSLCertVerificationError"):
            http.request("GET", f"https://{asked}/")
    thread.join()
    assert names == [asked]
