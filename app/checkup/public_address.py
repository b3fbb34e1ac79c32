"""The address under which carriers and customers reach us: there, and trusted, and it is Postcall."""

import ipaddress
import socket
import ssl
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

import certifi
import urllib3

from app.checkup.finding import Finding, State, failed, ok, warning
from app.checkup.settings import for_real, is_loopback
from app.settings import Settings

NAME = "public address"
_SECONDS = 4.0
_WARN_DAYS = 14


def check_public_address(settings: Settings) -> list[Finding]:
    """Its name, its certificate and its health, as seen from this host."""
    url = urlsplit(settings.public_url)
    try:
        addresses = {str(found[4][0]) for found in socket.getaddrinfo(url.hostname, url.port or 443)}
    except (OSError, ValueError):
        return [
            failed(NAME, f"{url.hostname} has no address", "Is its name in the DNS, and PUBLIC_URL right?")
        ]
    found = []
    if url.scheme == "https":
        certificate = _check_certificate(url)
        if certificate.state == State.FAILED:
            return [certificate]
        found.append(certificate)
    private = sorted(one for one in addresses if ipaddress.ip_address(one.partition("%")[0]).is_private)
    if private and for_real(settings) and not is_loopback(url.hostname):
        found.append(
            warning(
                NAME,
                f"{url.hostname} is {', '.join(private)} from here, which Twilio can't reach",
                "Look it up from outside: it must be a public address there",
            )
        )
    return [*found, _check_health(settings)]


def _trust() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _check_certificate(url: SplitResult) -> Finding:
    name = "certificate"
    try:
        with (
            socket.create_connection((url.hostname or "", url.port or 443), _SECONDS) as connection,
            _trust().wrap_socket(connection, server_hostname=url.hostname) as secured,
        ):
            certificate = secured.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return failed(
            name, f"is not trusted: {error.verify_message}", "Serve a valid one, with its whole chain"
        )
    except OSError as error:
        return failed(name, f"could not be read: {type(error).__name__}", "Does TLS end at this address?")
    return judge_certificate(ssl.cert_time_to_seconds(str(certificate["notAfter"])) - time.time())


def judge_certificate(seconds_left: float) -> Finding:
    days = int(seconds_left // 86_400)
    if days < _WARN_DAYS:
        return warning("certificate", f"ends in {days} days", "Renew it, and find out why nothing did")
    return ok(
        "certificate", f"trusted until {datetime.fromtimestamp(time.time() + seconds_left, UTC):%Y-%m-%d}"
    )


def request(method: str, url: str, **options: Any) -> urllib3.BaseHTTPResponse:
    """One request to our own public address. Raises urllib3.exceptions.HTTPError."""
    with urllib3.PoolManager(timeout=urllib3.Timeout(_SECONDS), retries=False, ssl_context=_trust()) as pool:
        return pool.request(method, url, redirect=False, **options)


def _check_health(settings: Settings) -> Finding:
    url = f"{settings.public_url}/healthz"
    away = (
        "Is web running, and does the proxy pass requests on? (Some networks let nobody back in from inside)"
    )
    try:
        answer = request("GET", url)
    except urllib3.exceptions.HTTPError as error:
        return failed(NAME, f"{url} does not answer: {reason(error)}", away)
    if 300 <= answer.status < 400:
        return failed(
            NAME,
            f"{url} leads elsewhere: {answer.headers.get('Location', '')}",
            "Set PUBLIC_URL to the address that it leads to: carriers sign what they were told",
        )
    if answer.status != 200 or b"alive" not in answer.data:
        return failed(NAME, f"{url} answers {answer.status}, and not as Postcall does", away)
    return ok(NAME, f"{settings.public_url} answers")


def reason(error: Exception) -> str:
    """The kind of trouble, without the URLs and addresses that the message may quote."""
    return type(getattr(error, "reason", None) or error).__name__
