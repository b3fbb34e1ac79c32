"""The service with its web layer on a real port, and a simulated telephone that rings: for whole conversations."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from xml.etree import ElementTree

import urllib3
from sqlalchemy import Engine, NullPool, create_engine, select
from sqlalchemy.orm import Session, sessionmaker
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from werkzeug.serving import WSGIRequestHandler, make_server

from app.channels.recordings import Recordings
from app.channels.transcriber import Transcriber
from app.db import make_sessions
from app.domain.channel import Channel
from app.domain.questionnaire import Way
from app.flow.tidy import tidy
from app.settings import Settings
from app.store.accounts import get_account
from app.store.answers import Answer, words_of
from app.store.invitations import Invitation
from app.store.senders import add_sender
from app.web.application import create_app, make_services
from tests.house import ACCOUNT_SID, AUTH_TOKEN, NUMBER, PHONE, House, open_house
from workers.recordings import write_down

# the library's own three seconds are short for a machine that is busy with other tests
HTTP = urllib3.PoolManager(num_pools=50, maxsize=10, retries=False, timeout=20)
CALL_BACK = (Way(Channel.CALLBACK, 0),)


class _Quiet(WSGIRequestHandler):
    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.0"  # a connection that is kept would keep its thread

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


@dataclass(frozen=True)
class Request:
    """One that the carrier makes when a key is pressed."""

    url: str
    fields: dict[str, str]


class Telephone:
    """What its owner does. Each returns the call, after the service was followed as far as it goes."""

    def __init__(self, url: str, number: str) -> None:
        self._doors = f"{url}/phones/{number}"

    def calls(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = HTTP.request("GET", f"{self._doors}/calls.json").json()
        return found

    @property
    def call(self) -> dict[str, Any]:
        """The newest call."""
        return self.calls()[-1]

    def do(self, action: str, sid: str = "", **order: Any) -> dict[str, Any]:
        """To the newest call, unless `sid` names another."""
        sid = sid or self.call["sid"]
        answer = HTTP.request("POST", f"{self._doors}/calls/{sid}/{action}", json=order)
        assert answer.status == 200, answer.data
        call: dict[str, Any] = answer.json()
        assert not call["trouble"], call["trouble"]
        return call

    def answer(self, answered_by: str = "human") -> dict[str, Any]:
        return self.do("answer", answered_by=answered_by)

    def reject(self, status: str = "busy") -> dict[str, Any]:
        return self.do("reject", status=status)

    def press(self, *keys: str) -> dict[str, Any]:
        for key in keys:
            self.do("press", digits=key)
        return self.call

    def stay_silent(self) -> dict[str, Any]:
        return self.press("")

    def speak(self, text: str, end: str = "#") -> dict[str, Any]:
        return self.do("speak", text=text, end=end)

    def hang_up(self) -> dict[str, Any]:
        return self.do("hangup")

    def request_for(self, digits: str) -> Request:
        """What the carrier would ask if these were pressed now."""
        call = self.call
        gather = ElementTree.fromstring(call["twiml"]).find("Gather")  # noqa: S314 - ours
        assert gather is not None
        fields = {"AccountSid": ACCOUNT_SID, "CallSid": call["sid"], "From": call["from"], "To": call["to"]}
        return Request(gather.attrib["action"], {**fields, "Digits": digits})


class Telephony:
    """A house, and the telephone of a customer."""

    def __init__(self, house: House, set_transcriber: Callable[[str], None]) -> None:
        self.house = house
        self._tell = set_transcriber
        self.phone = Telephone(house.simulator_url, PHONE)

    def account(self, *, callback: bool = True, **survey: Any) -> UUID:
        """An account that calls back, unless told otherwise."""
        channels = {"channels": CALL_BACK} if callback else {}
        account_id = self.house.account(**channels | survey)
        with self.house.sessions.begin() as session:
            add_sender(
                session,
                account_id,
                provider_account=ACCOUNT_SID,
                auth_token=AUTH_TOKEN,
                number=NUMBER,
                per_second=1000,
                burst=1000,
                channel=Channel.CALLBACK,
            )
        return account_id

    def ring(self, account_id: UUID, **call: Any) -> Telephone:
        """A call ends, and the customer's telephone rings."""
        self.house.hang_up(account_id, **call)
        self.house.send()
        return self.phone

    def stay(self, call_id: str, **order: Any) -> Telephone:
        """The agent has left, and the platform hands the call to the service; it reports nothing of it here."""
        HTTP.request(
            "POST",
            f"{self.house.simulator_url}/switchboard/calls",
            json={"call_id": call_id, "customer": {"phone": PHONE}, "stay": "first", **order},
        )
        return self.phone

    def ask(self, request: Request) -> str:
        """The carrier's request once more: the document that it is answered with."""
        signature = RequestValidator(AUTH_TOKEN).compute_signature(request.url, request.fields)
        headers = {
            "X-Twilio-Signature": signature,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        answer = HTTP.request("POST", request.url, body=urlencode(request.fields), headers=headers)
        assert answer.status == 200, answer.data
        return answer.data.decode()

    def name_of(self, account_id: UUID) -> str:
        with self.house.sessions() as session:
            return get_account(session, account_id).name

    def invitation(self, account_id: UUID) -> Invitation:
        (invitation,) = self.house.invitations(account_id)
        return invitation

    def answers(self, account_id: UUID) -> dict[str, Answer]:
        """The current ones."""
        with self.house.sessions() as session:
            found = session.scalars(
                select(Answer).where(Answer.account_id == account_id, Answer.is_current)
            ).all()
            return {answer.question_key: answer for answer in found}

    def values(self, account_id: UUID) -> dict[str, int | None]:
        return {
            question: answer.value
            for question, answer in self.answers(account_id).items()
            if question != "comment"
        }

    def words(self, account_id: UUID, question: str = "comment") -> str | None:
        with self.house.sessions() as session:
            return words_of(session, self.answers(account_id)[question])

    def until(self, condition: Callable[[], bool]) -> None:
        """What the carrier tells later, after a recording, comes within moments."""
        deadline = time.monotonic() + 15
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def has_transcriber(self) -> None:
        """The service is set up with one."""
        self._tell("http://127.0.0.1:9/transcriber")

    def tidy(self) -> None:
        with self.house.sessions.begin() as session:
            tidy(session)

    def write_down(self, transcriber: Transcriber | None = None) -> None:
        """What beat would do about recordings."""
        recordings = Recordings(self.house.settings.twilio_base_url, 1, 5)
        try:
            write_down(self.house.parts, recordings, transcriber)
        finally:
            recordings.close()


@contextmanager
def open_telephony(
    engine: Engine, sessions: sessionmaker[Session], settings: Settings
) -> Iterator[Telephony]:
    # its address is a part of what it is made of
    server = make_server("127.0.0.1", 0, _nobody_yet, threaded=True, request_handler=_Quiet)
    server.daemon_threads = False  # so that closing it waits for what is being answered
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        with open_house(engine, sessions, settings, f"http://127.0.0.1:{server.port}") as house:
            # a connection for each request, so that the house may move the clock at any time
            own = create_engine(engine.url, poolclass=NullPool, connect_args={"options": "-c timezone=UTC"})
            services = replace(
                make_services(house.settings),
                sessions=make_sessions(own, sessions.kw["info"]["keyring"]),
                ring=lambda *_: None,
            )

            def set_up(transcriber_url: str) -> None:
                settings = replace(house.settings, transcriber_url=transcriber_url)
                server.app = create_app(settings, replace(services, settings=settings))

            set_up("")
            yield Telephony(house, set_up)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _nobody_yet(_: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    start("503 Service Unavailable", [])
    return []
