"""The service, as the outside world reaches it: over HTTP, with time-outs, and never trusted to be there."""

import threading
import time
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import urllib3
from flask import Blueprint, Response, jsonify

from simulator.config import SimulatorConfig
from simulator.signing import signature, webhook_signature

# somebody is looking at a page meanwhile
_READ_SECONDS = 5.0
# as much of a report as the service wants; what matters is at its beginning
_LONGEST_REPORT = 60_000


@dataclass(frozen=True)
class Reply:
    """`status` is None where no answer came, and then `error` says why."""

    status: int | None
    body: str = ""
    content_type: str = ""
    error: str | None = None
    etag: str | None = None


class Service:
    """Thread-safe. No call raises for anything that the network or the service does."""

    def __init__(self, config: SimulatorConfig) -> None:
        self.url = config.service_url
        self._auth_token = config.auth_token
        self._mail_reports_secret = config.mail_reports_secret
        self._authorization = f"Bearer {config.service_api_key}"
        # Twilio's limits: 15 s for an answer, and one retry, only when no connection could be made
        self._pool = urllib3.PoolManager(
            maxsize=32,
            timeout=urllib3.Timeout(connect=5, read=15),
            retries=urllib3.Retry(total=1, connect=1, read=0, status=0, other=0, redirect=False),
        )
        self._lock = threading.Lock()
        self._posted: deque[dict[str, Any]] = deque(maxlen=1000)

    def post_signed(self, url: str, fields: Mapping[str, str]) -> Reply:
        """One webhook request of the carrier, recorded with what came of it."""
        return self.ask_signed("POST", url, fields)

    def ask_signed(self, method: str, url: str, fields: Mapping[str, str]) -> Reply:
        """Likewise by GET, where the fields stand in the query."""
        by_get = method == "GET"
        asked = f"{url}{'&' if '?' in url else '?'}{urlencode(fields)}" if by_get else url
        headers = {
            "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
            "User-Agent": "TwilioProxy/1.1",
            "X-Twilio-Signature": signature(self._auth_token, asked, {} if by_get else fields),
        }
        started_at = datetime.now(UTC)
        if by_get:
            reply = self._ask("GET", asked, headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
            reply = self._post(url, urlencode(fields).encode(), headers)
        record = {"at": started_at.isoformat(), "url": url, "fields": dict(fields)}
        with self._lock:
            self._posted.append(record | {"status": reply.status, "body": reply.body, "error": reply.error})
        return reply

    def post_call(self, body: bytes) -> Reply:
        """Report the end of a call, as a telephony platform with an API key would."""
        headers = {"Authorization": self._authorization, "Content-Type": "application/json"}
        return self._post(f"{self.url}/v1/calls", body, headers)

    def post_mail_report(self, report: bytes, sender: str) -> Reply:
        """What a mail provider tells whom a mail was from (`sender`), as the mail that it would send."""
        report = report[:_LONGEST_REPORT]
        named, at = f"report-{uuid.uuid4().hex}", int(time.time())
        headers = {"Content-Type": "message/rfc822", "webhook-id": named, "webhook-timestamp": str(at)}
        if self._mail_reports_secret:
            headers["webhook-signature"] = webhook_signature(self._mail_reports_secret, named, at, report)
        return self._post(f"{self.url}/hooks/mail/reports?{urlencode({'sender': sender})}", report, headers)

    def post_one_click(self, url: str) -> Reply:
        """Unsubscribe as a mail client does (RFC 8058): without cookies, and without following a redirect."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._post(url, b"List-Unsubscribe=One-Click", headers)

    def fetch(self, method: str, url: str) -> Reply:
        """A link, as a scanner of mail fetches it."""
        return self._ask(method, url, headers={"User-Agent": "Mozilla/5.0 (compatible; LinkScanner/1.0)"})

    def get(self, path: str, etag: str | None = None) -> Reply:
        """Read as a scorecard with an API key does; with the `etag` of before, 304 if it still holds."""
        headers = {"Authorization": self._authorization} | ({"If-None-Match": etag} if etag else {})
        timeout = urllib3.Timeout(connect=_READ_SECONDS, read=_READ_SECONDS)
        return self._ask("GET", self.url + path, headers=headers, timeout=timeout)

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        return self._ask("POST", url, body=body, headers=headers)

    def _ask(self, method: str, url: str, **more: Any) -> Reply:
        try:
            response = self._pool.request(method, url, **more)
        except urllib3.exceptions.HTTPError as error:
            return Reply(None, error=f"{type(error).__name__}: {error}")
        text = response.data.decode("utf-8", "replace")
        headers = response.headers
        return Reply(response.status, text, headers.get("Content-Type", ""), etag=headers.get("ETag"))

    def posted(self) -> list[dict[str, Any]]:
        """The newest webhook requests with their outcome, oldest first."""
        with self._lock:
            return list(self._posted)

    def close(self) -> None:
        self._pool.clear()


def service_room(service: Service) -> Blueprint:
    room = Blueprint("service", __name__)

    @room.get("/callbacks.json")
    def callbacks() -> Response:
        return jsonify(service.posted())

    @room.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    return room
