"""The public address, really asked: its certificate, where it leads, and whether anybody is there."""

import datetime
import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.checkup import public_address
from app.checkup.finding import Finding, State
from app.checkup.public_address import check_public_address
from tests.checkup.test_settings_rules import changed


def certificate(folder: Path, days: int) -> Path:
    """Of localhost, signed by itself, that ends in so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=90))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "localhost.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


class _Alive(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/elsewhere/healthz":
            self.send_response(301)
            self.send_header("Location", "https://survey.example/healthz")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status":"alive"}')

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(pem: Path | None = None) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Alive)
    if pem:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"{'https' if pem else 'http'}://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def look(url: str) -> list[Finding]:
    return check_public_address(changed(public_url=url))


def trust(pem: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(public_address.certifi, "where", lambda: str(pem))


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    with serving(certificate(tmp_path, days=60)) as url:
        (found,) = look(url)
    assert (found.check, found.state) == ("certificate", State.FAILED)
    assert "self-signed" in found.found


@pytest.mark.parametrize(("days", "state"), [(60, State.OK), (5, State.WARNING), (-1, State.FAILED)])
def test_a_certificate_is_told_by_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, state: State
) -> None:
    pem = certificate(tmp_path, days=days)
    trust(pem, monkeypatch)
    with serving(pem) as url:
        found = look(url)
    assert (found[0].check, found[0].state) == ("certificate", state)
    assert [one.state for one in found[1:]] == ([State.OK] if days > 0 else [])


def test_tls_where_none_is_spoken() -> None:
    with serving() as url:
        (found,) = look(url.replace("http:", "https:"))
    assert (found.check, found.state) == ("certificate", State.FAILED)


def test_an_address_that_leads_elsewhere_or_nowhere() -> None:
    with serving() as url:
        assert [one.state for one in look(url)] == [State.OK]
        (moved,) = look(f"{url}/elsewhere")
    assert "leads elsewhere: https://survey.example/healthz" in moved.found
    (gone,) = look(url)
    assert (gone.state, "does not answer" in gone.found) == (State.FAILED, True)
    (nameless,) = look("https://no-such-host.invalid")
    assert nameless.found == "no-such-host.invalid has no address"
