"""A telephone and the service's documents, as the tests of calls see them."""

from dataclasses import dataclass
from typing import Any

import urllib3

from tests.simulator.receiver import Answer, Receiver, Request
from tests.simulator.world import ACCOUNT_SID, AUTH_TOKEN, NUMBER, PHONE, World

CALLS = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls"
VOICE = "/hooks/voice"
STATUS = "/hooks/status"
EVENTS = ("initiated", "ringing", "answered", "completed")


@dataclass(frozen=True)
class Telephone:
    world: World
    receiver: Receiver

    def document(self, verbs: str, path: str = VOICE) -> None:
        """What the service answers at `path` from now on."""
        body = f'<?xml version="1.0" encoding="UTF-8"?><Response>{verbs}</Response>'
        self.receiver.answers[path] = Answer(body=body.encode())

    def create(self, *, events: tuple[str, ...] = (), **form: Any) -> urllib3.BaseHTTPResponse:
        """The carrier's create of a call that rings for long; None leaves a field out."""
        call = {"To": PHONE, "From": NUMBER, "Url": self.receiver.url + VOICE, "Timeout": "600", **form}
        fields = [(name, value) for name, value in call.items() if value is not None]
        return self._carrier(
            "POST", f"{CALLS}.json", [*fields, *(("StatusCallbackEvent", e) for e in events)]
        )

    def ring(self, **form: Any) -> str:
        """The sid of a new call."""
        response = self.create(**form)
        assert response.status == 201, response.data
        sid: str = response.json()["sid"]
        return sid

    def told(self, **form: str) -> str:
        """The sid of a call whose progress is told at STATUS, all of it."""
        return self.ring(StatusCallback=self.receiver.url + STATUS, events=EVENTS, **form)

    def update(self, sid: str, **form: str) -> urllib3.BaseHTTPResponse:
        return self._carrier("POST", f"{CALLS}/{sid}.json", list(form.items()))

    def fetch(self, path: str, method: str = "GET") -> urllib3.BaseHTTPResponse:
        """Anything of the carrier's, with the account's credentials."""
        return self._carrier(method, path, None)

    def _carrier(
        self, method: str, path: str, fields: list[tuple[str, str]] | None
    ) -> urllib3.BaseHTTPResponse:
        headers = urllib3.make_headers(basic_auth=f"{ACCOUNT_SID}:{AUTH_TOKEN}")
        with urllib3.PoolManager(retries=False, timeout=10) as http:
            if fields is None:
                return http.request(method, self.world.url + path, headers=headers)
            return http.request(
                method, self.world.url + path, fields=fields, encode_multipart=False, headers=headers
            )

    def calls(self, number: str = PHONE) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.world.get(f"/phones/{number}/calls.json")
        return found

    def do(self, sid: str, deed: str, **order: object) -> dict[str, Any]:
        """The call, after answer, press, speak, hangup, reject or leave."""
        response = self.world.request("POST", f"/phones/{PHONE}/calls/{sid}/{deed}", order)
        assert response.status == 200, response.data
        call: dict[str, Any] = response.json()
        return call

    def talk(self, verbs: str, **form: str) -> dict[str, Any]:
        """A new call of these verbs, answered."""
        self.document(verbs)
        return self.do(self.ring(**form), "answer")

    def asked(self, path: str = VOICE) -> list[Request]:
        """What reached the service at `path`."""
        return [request for request in self.receiver.requests if request.path.partition("?")[0] == path]

    def progress(self) -> list[str]:
        return [request.fields["CallStatus"] for request in self.asked(STATUS)]
