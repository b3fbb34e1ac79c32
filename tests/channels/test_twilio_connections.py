"""When the connection is at fault: what was certainly not sent, and what nobody can know."""

import select
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.channels import http_connection
from app.channels.twilio import Asked, Twilio
from app.domain.delivery import Outcome, SendResult
from tests.channels.carrier import CALLBACK, CUSTOMER, SENDER, TEXT, Answer, Carrier, open_carrier, send


def test_a_kept_connection_that_breaks_under_a_request_is_unknown(carrier: Carrier, twilio: Twilio) -> None:
    carrier.play(Answer(), Answer(hangs_up=True))
    assert send(twilio).outcome is Outcome.ACCEPTED
    assert send(twilio).outcome is Outcome.UNKNOWN
    assert carrier.connections == 1


def test_a_kept_connection_that_was_closed_meanwhile_is_replaced_first(
    carrier: Carrier, twilio: Twilio
) -> None:
    carrier.play(Answer(closes=True), Answer())
    assert send(twilio).outcome is Outcome.ACCEPTED
    carrier.wait_until_closed()
    assert send(twilio).outcome is Outcome.ACCEPTED
    assert carrier.connections == 2


def test_a_connection_idle_for_long_is_not_trusted_with_a_text(
    carrier: Carrier, twilio: Twilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [send(twilio).outcome for _ in range(2)] == [Outcome.ACCEPTED] * 2
    assert carrier.connections == 1
    monkeypatch.setattr(http_connection, "_LONGEST_IDLE_SECONDS", 0.0)
    assert send(twilio).outcome is Outcome.ACCEPTED
    assert carrier.connections == 2


def test_who_only_asks_is_answered_later_on_the_connection_that_is_open(
    carrier: Carrier, twilio: Twilio
) -> None:
    carrier.play(Answer(), Answer(), Answer(429), Answer(hangs_up=True))
    assert twilio.ask(SENDER, CUSTOMER, TEXT, CALLBACK, 600) is None
    assert carrier.requests == []
    send(twilio)
    found = [_ask(twilio).outcome for _ in range(3)]
    assert found == [Outcome.ACCEPTED, Outcome.REJECTED, Outcome.UNKNOWN]
    assert twilio.ask(SENDER, CUSTOMER, TEXT, CALLBACK, 600) is None, "the connection that broke is gone"
    first, *others = carrier.requests
    assert [(one.form, one.headers) for one in others] == [(first.form, first.headers)] * 3
    assert carrier.connections == 1


def test_a_refused_connection_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = closed_soon.getsockname()[1]
    twilio = Twilio(f"http://127.0.0.1:{port}", connect_seconds=5, read_seconds=5, pool_size=1)
    result = send(twilio)
    twilio.close()
    assert result.outcome is Outcome.NOT_SENT
    assert "ConnectionRefusedError" in result.detail


def test_a_name_that_does_not_resolve_sent_nothing() -> None:
    twilio = Twilio(f"http://{'long' * 20}.invalid", connect_seconds=5, read_seconds=5, pool_size=1)
    assert send(twilio).outcome is Outcome.NOT_SENT
    twilio.close()


def test_a_connection_that_is_not_made_in_time_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:
        # fills the queue of a listener that never accepts: the next to knock hears nothing
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(deaf.getsockname())
        port = deaf.getsockname()[1]
        twilio = Twilio(f"http://127.0.0.1:{port}", connect_seconds=0.2, read_seconds=5, pool_size=1)
        result = send(twilio)
        twilio.close()
        for filler in fillers:
            filler.close()
    assert result.outcome is Outcome.NOT_SENT


def test_when_all_connections_are_in_use_nothing_is_sent(carrier: Carrier) -> None:
    carrier.play(Answer(stalls=True))
    twilio = Twilio(carrier.url, connect_seconds=0.2, read_seconds=30, pool_size=1)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(send, twilio)
        carrier.wait_until_asked()
        assert send(twilio).outcome is Outcome.NOT_SENT
        carrier.stop_stalling()
        assert first.result(30).outcome is Outcome.UNKNOWN
    twilio.close()
    assert len(carrier.requests) == 1


def test_a_name_that_resolves_too_late_sent_nothing(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve, never = socket.getaddrinfo, threading.Event()

    def resolve_late(*args: Any) -> Any:
        never.wait(0.3)
        return resolve(*args)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_late)
    twilio = Twilio(carrier.url, connect_seconds=0.2, read_seconds=5, pool_size=1)
    assert send(twilio).outcome is Outcome.NOT_SENT
    twilio.close()
    assert carrier.requests == []


def test_a_server_that_never_shakes_hands_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"https://127.0.0.1:{mute.getsockname()[1]}"
        twilio = Twilio(url, connect_seconds=0.2, read_seconds=5, pool_size=1)
        result = send(twilio)
        twilio.close()
    assert result.outcome is Outcome.NOT_SENT


def test_a_certificate_that_the_machine_trusts_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_carrier(_self_signed(tmp_path)) as carrier:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
        twilio = Twilio(
            carrier.url.replace("http:", "https:"), connect_seconds=5, read_seconds=5, pool_size=1
        )
        outcomes = [send(twilio).outcome, _ask(twilio).outcome, send(twilio).outcome]
        twilio.close()
    assert outcomes == [Outcome.ACCEPTED] * 3
    assert carrier.connections == 1


def test_a_certificate_that_nobody_vouches_for_sent_nothing(tmp_path: Path) -> None:
    with open_carrier(_self_signed(tmp_path)) as carrier:
        twilio = Twilio(
            carrier.url.replace("http:", "https:"), connect_seconds=5, read_seconds=5, pool_size=1
        )
        result = send(twilio)
        twilio.close()
    assert result.outcome is Outcome.NOT_SENT
    assert "SSLCertVerificationError" in result.detail
    assert carrier.requests == []


def test_a_server_that_speaks_no_tls_sent_nothing(carrier: Carrier) -> None:
    twilio = Twilio(carrier.url.replace("http:", "https:"), connect_seconds=5, read_seconds=5, pool_size=1)
    assert send(twilio).outcome is Outcome.NOT_SENT
    twilio.close()
    assert carrier.requests == []


def _ask(twilio: Twilio) -> SendResult:
    asked = twilio.ask(SENDER, CUSTOMER, TEXT, CALLBACK, 600)
    assert isinstance(asked, Asked)
    waiting = select.poll()
    waiting.register(asked.fileno(), select.POLLIN)
    while (result := asked.result()) is None:
        waiting.poll(1000)
    return result


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
