"""The service, as the outside world reaches it: over HTTP, with time-outs, and never trusted to be there."""

import threading
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
from simulator.signing import signature

# somebody is looking at a page meanwhile
_READ_SECONDS = 5.0


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
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
            "User-Agent": "TwilioProxy/1.1",
            "X-Twilio-Signature": signature(self._auth_token, url, fields),
        }
        started_at = datetime.now(UTC)
        reply = self._post(url, urlencode(fields).encode(), headers)
        record = {"at": started_at.isoformat(), "url": url, "fields": dict(fields)}
        with self._lock:
            self._posted.append(record | {"status": reply.status, "body": reply.body, "error": reply.error})
        return reply

    def post_call(self, body: bytes) -> Reply:
        """Report the end of a call, as a telephony platform with an API key would."""
        headers = {"Authorization": self._authorization, "Content-Type": "application/json"}
        return self._post(f"{self.url}/v1/calls", body, headers)

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
