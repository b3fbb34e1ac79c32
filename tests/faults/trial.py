"""One account of the system: its customers, and what it was promised about their calls."""

import itertools
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import urllib3
from sqlalchemy import text
from sqlalchemy.orm import sessionmaker

from app.domain.questionnaire import Survey
from app.flow.accounts import SCOPES, create_account, create_key
from app.flow.asking import SURVEY_KEY
from app.run.services import SIMULATOR_NUMBER
from app.store.accounts import make_api_key_text
from app.store.senders import add_sender
from simulator.signing import signature
from tests.faults.oracles import Verdict, judge
from tests.faults.system import System

_numbers = itertools.count(1)
_OPEN = """
    select count(*) from message where account_id = :account
    and (state in ('claimed', 'unknown') or state = 'due' and due_at < clock_now() + interval '10 min')
"""


def new_phone() -> str:
    """Nobody's: in a range kept for fiction, and of no other trial."""
    return f"+4477009{next(_numbers):05}"


@dataclass
class Trial:
    """`promised`: call id -> our id of it, of all that were answered with 2xx."""

    system: System
    account_id: UUID
    key: str
    promised: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)

    # calls end

    def call(self, **changes: Any) -> dict[str, Any]:
        now = datetime.now(UTC)
        return {
            "call_id": f"call-{uuid4()}",
            "direction": "inbound",
            "agent": {"id": "a1", "name": "Ada", "team": "blue"},
            "customer": {"phone": new_phone(), "language": "en"},
            "started_at": (now - timedelta(seconds=100)).isoformat(),
            "answered_at": (now - timedelta(seconds=90)).isoformat(),
            "ended_at": now.isoformat(),
            "talk_seconds": 90,
            **changes,
        }

    def report(self, call: dict[str, Any]) -> urllib3.BaseHTTPResponse:
        """One request. Raises urllib3's HTTPError when no answer comes."""
        answer = self.request("POST", "/v1/calls", json=call)
        self.statuses[answer.status] += 1
        if answer.status in (200, 202):
            self.promised[call["call_id"]] = answer.json()["call"]["id"]
        return answer

    def report_until_taken(self, call: dict[str, Any], seconds: float = 60) -> dict[str, Any]:
        """As platforms do: again until it is answered with 2xx."""
        until = time.monotonic() + seconds
        while True:
            try:
                answer = self.report(call)
            except urllib3.exceptions.HTTPError:
                answer = None
            if answer is not None and answer.status in (200, 202):
                taken: dict[str, Any] = answer.json()
                return taken
            assert answer is None or answer.status in (409, 429, 500, 502, 503), answer.data
            assert time.monotonic() < until, "the call was never taken"
            time.sleep(0.2)

    def hang_up(self, count: int = 1, *, at_once: int = 4, **changes: Any) -> list[str]:
        """So many customers' calls end and are reported until they are taken; their phones."""
        calls = [self.call(**changes) for _ in range(count)]
        self.all_at_once(calls, self.report_until_taken, at_once)
        return [call["customer"]["phone"] for call in calls]

    def all_at_once(self, what: Sequence[Any], work: Callable[[Any], Any], threads: int) -> list[Any]:
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(work, what))

    def request(
        self, method: str, path: str, headers_more: Mapping[str, str] | None = None, **more: Any
    ) -> urllib3.BaseHTTPResponse:
        headers = {"Authorization": f"Bearer {self.key}", **(headers_more or {})}
        return self.system.http.request(method, self.system.url + path, headers=headers, **more)

    # customers text

    def texts_to(self, phone: str) -> list[str]:
        """What the service has sent there."""
        return [
            message["body"]
            for message in self.system.world("GET", f"/phones/{phone}/messages.json")
            if message["direction"] == "to_phone" and message["by"] == "service"
        ]

    def wait_for_texts(self, phone: str, count: int, seconds: float = 30) -> list[str]:
        texts: list[str] = self.system.wait(
            lambda: found if len(found := self.texts_to(phone)) >= count else None, seconds
        )
        return texts

    def reply(self, phone: str, body: str, **more: Any) -> dict[str, Any]:
        """The phone's owner texts; the carrier brings it, once or as `more` says."""
        said: dict[str, Any] = self.system.world("POST", f"/phones/{phone}/messages", {"body": body, **more})
        return said

    def text(self, phone: str, body: str | bytes, sid: str | None = None) -> urllib3.BaseHTTPResponse:
        """A text brought past the simulator: a form of any bytes, signed as the carrier signs it."""
        credentials = self.system.stack.credentials
        fields: dict[str, Any] = {
            "AccountSid": credentials.twilio_account_sid,
            "Body": body,
            "From": phone,
            "MessageSid": sid or f"SM{uuid4().hex}",
            "NumMedia": "0",
            "To": SIMULATOR_NUMBER,
        }
        url = f"{self.system.url}/hooks/twilio/inbound"
        signed = {
            name: value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            for name, value in fields.items()
        }
        return self.system.http.request(
            "POST",
            url,
            body=urlencode(fields).encode(),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Twilio-Signature": signature(credentials.twilio_auth_token, url, signed),
            },
        )

    def answers(self) -> list[tuple[str, int]]:
        """(question, value) of the scores that stand."""
        standing = (
            "select question_key, value from answer"
            " where account_id = :account and is_current and value is not null"
        )
        return sorted((row.question_key, row.value) for row in self.rows(standing))

    # how it ends

    def scalar(self, statement: str) -> Any:
        return self.system.scalar(statement, account=self.account_id)

    def settle(self, seconds: float = 60, *, hurry: bool = True) -> None:
        """Wait until nothing is on its way, and all of it is rolled up; without `hurry` by beat's own ticks."""
        until = time.monotonic() + seconds
        while waiting := self._waits():
            if time.monotonic() > until:
                self.system.show_logs()
                raise AssertionError(f"{waiting} after {seconds:g} s")
            if hurry:
                self.system.hurry()
            time.sleep(0.3)

    def _waits(self) -> str:
        open_messages = self.scalar(_OPEN)
        stale = self.scalar("select count(*) from stale_cell where account_id = :account")
        return f"{open_messages} messages are open, {stale} cells stale" if open_messages or stale else ""

    def rows(self, statement: str) -> Sequence[Any]:
        with self.system.engine.connect() as connection:
            return connection.execute(text(statement), {"account": self.account_id}).all()

    def states(self) -> dict[str, int]:
        counted = "select state, count(*) as n from message where account_id = :account group by state"
        return {row.state: row.n for row in self.rows(counted)}

    def asked(self) -> Counter[str]:
        """How many texts the carrier took, by phone."""
        ours = f"account={self.account_id}&"
        return Counter(
            entry["to"] for entry in self.system.ledger() if ours in (entry["status_callback"] or "")
        )

    def nothing_but_one_text_each(self, phones: Sequence[str]) -> bool:
        return self.asked() == dict.fromkeys(phones, 1)

    def verdict(self) -> Verdict:
        """Once all is rolled up: receipts still come, and each takes some facts along."""
        until = time.monotonic() + 30
        snapshots = sessionmaker(self.system.engine.execution_options(isolation_level="REPEATABLE READ"))
        while True:
            taken = [*self.system.ledger(), *self.system.mails(), *self.system.rings()]
            verdict = judge(snapshots, taken, self.account_id, self.promised)
            if not verdict.stale:
                return verdict
            assert time.monotonic() < until, "facts are not rolled up"
            self.system.hurry()
            time.sleep(0.2)


def open_trial(system: System, brand: str = "Acme", **terms: Any) -> Trial:
    """A new account whose survey goes out at once and at any hour, unless `terms` of the survey differ."""
    survey = Survey(SURVEY_KEY, 1, **{"delay_seconds": 0, "send_hours": "any", **terms})
    key = make_api_key_text()
    credentials = system.stack.credentials
    with system.sessions.begin() as session:
        name = f"trial {uuid4()}"
        account_id = create_account(session, name=name, brand=brand, timezone="UTC", survey=survey)
        add_sender(
            session,
            account_id,
            provider_account=credentials.twilio_account_sid,
            auth_token=credentials.twilio_auth_token,
            number=SIMULATOR_NUMBER,
            per_second=1000,
            burst=1000,
        )
        scopes = [scope for scope in SCOPES if scope != "results:self"]
        create_key(session, account_name=name, name="trial", scopes=scopes, presented=key)
    return Trial(system, account_id, key)
