"""The simulator as a test sees it: by HTTP, and through Twilio's own client library."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import urllib3
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

ACCOUNT_SID = "AC" + "0a" * 16
AUTH_TOKEN = "a-token-of-the-tests"
NUMBER = "+15005550006"
PHONE = "+447700900123"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages"


class _LoopbackClient(TwilioHttpClient):  # type: ignore[misc]
    def __init__(self, base_url: str) -> None:
        super().__init__(pool_connections=False, timeout=10, max_retries=0)
        self._base = urlsplit(base_url)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        there = urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        return super().request(method, urlunsplit(there), *args, **kwargs)


class World:
    def __init__(self, url: str, smtp_port: int = 0) -> None:
        self.url = url
        self.smtp_port = smtp_port
        self.twilio = Client(ACCOUNT_SID, AUTH_TOKEN, http_client=_LoopbackClient(url))
        self._http = urllib3.PoolManager(retries=False, timeout=10)

    def request(self, method: str, path: str, body: object = None) -> urllib3.BaseHTTPResponse:
        """`body` is sent as JSON; bytes are sent as they are."""
        content = body if isinstance(body, bytes) or body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        return self._http.request(method, self.url + path, body=content, headers=headers)

    def get(self, path: str) -> Any:
        response = self.request("GET", path)
        assert response.status == 200, response.data
        created: dict[str, Any] = response.json()
        return created

    def fault(self, **faults: object) -> None:
        response = self.request("PUT", "/faults", faults)
        assert response.status == 200, response.data

    def create(self, token: str = AUTH_TOKEN, **form: str) -> urllib3.BaseHTTPResponse:
        """The carrier's create, form fields as they are: nothing is added or checked on the way."""
        return self._http.request(
            "POST",
            f"{self.url}{MESSAGES}.json",
            fields=form,
            encode_multipart=False,
            headers=urllib3.make_headers(basic_auth=f"{ACCOUNT_SID}:{token}"),
        )

    def listing(self, **query: str) -> urllib3.BaseHTTPResponse:
        """One page of the carrier's list, as it is."""
        return self._http.request(
            "GET",
            f"{self.url}{MESSAGES}.json",
            fields=query,
            headers=urllib3.make_headers(basic_auth=f"{ACCOUNT_SID}:{AUTH_TOKEN}"),
        )

    def send(self, body: str = "Hello", to: str = PHONE, **more: str) -> dict[str, Any]:
        response = self.create(To=to, From=NUMBER, Body=body, **more)
        assert response.status == 201, response.data
        created: dict[str, Any] = response.json()
        return created

    def ledger(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.get("/ledger.json")
        return entries

    def phone(self, number: str = PHONE) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = self.get(f"/phones/{number}/messages.json")
        return messages

    def text(self, body: str, number: str = PHONE, **more: object) -> urllib3.BaseHTTPResponse:
        return self.request("POST", f"/phones/{number}/messages", {"body": body, **more})

    def close(self) -> None:
        self._http.clear()


def refusal(act: Callable[[], object]) -> TwilioRestException:
    """What Twilio's client makes of the carrier's refusal."""
    try:
        act()
    except TwilioRestException as error:
        return error
    raise AssertionError("the carrier did not refuse")


def eventually(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    """For what no request announces."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        pause.wait(0.01)
