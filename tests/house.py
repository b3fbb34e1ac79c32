"""The service without its web layer, for tests: an account, the real store, the real drain, a simulated carrier."""

import dataclasses
import itertools
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import urllib3
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session, sessionmaker

from app.broker import make_celery
from app.channels.twilio_hooks import InboundText, StatusReport
from app.domain.call import CallEnd
from app.domain.questionnaire import Survey
from app.flow.accounts import create_account
from app.flow.asking import SURVEY_KEY, read_asking
from app.flow.receive_call import Received, receive_call
from app.flow.record_answer import record_text
from app.flow.record_receipt import record_receipt
from app.flow.roll_up import roll_up
from app.settings import CarrierLimits, Settings
from app.store.contacts import Contact, find_contact
from app.store.invitations import Invitation
from app.store.messages import Attempt, Message
from app.store.senders import add_sender
from simulator import SimulatorConfig, create_simulator
from simulator.server import Server
from workers.delivery import Drain, look_up, recover
from workers.parts import WorkerParts
from workers.upkeep import close

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "a token of the simulated carrier"
NUMBER = "+15005550006"
PHONE = "+447700900123"
NOBODY = "http://127.0.0.1:9"  # where the carrier calls back, and nobody listens: tests bring the receipts

# requests that fail at once, looks that are due at once: what takes minutes in production takes none here
QUICK = CarrierLimits(
    connect_seconds=5, read_seconds=5, lease_margin_seconds=15, first_look_seconds=0, second_look_seconds=0
)

_numbers = itertools.count(1)


class House:
    """`sessions` commit for real. Times are the database's; `shift` moves its clock."""

    def __init__(
        self, sessions: sessionmaker[Session], settings: Settings, simulator: Server, public_url: str
    ) -> None:
        self.sessions = sessions
        self.settings = dataclasses.replace(
            settings, twilio_base_url=simulator.url, public_url=public_url, carrier=QUICK
        )
        self.simulator_url = simulator.url
        self.smtp_port = simulator.smtp_port
        self._passed = timedelta(0)
        self._http = urllib3.PoolManager(retries=False, timeout=10)
        self.parts = self.worker()

    def worker(
        self, *, base_url: str | None = None, in_flight: int | None = None, **limits: float
    ) -> WorkerParts:
        """A worker's parts, on this house's sessions."""
        settings = dataclasses.replace(
            self.settings,
            carrier=dataclasses.replace(QUICK, **limits),
            twilio_base_url=base_url or self.settings.twilio_base_url,
            sends_in_flight=in_flight or self.settings.sends_in_flight,
        )
        parts = WorkerParts(settings, make_celery(settings))
        vars(parts)["sessions"] = self.sessions  # the same pool for all, in place of one each
        return parts

    def account(self, name: str | None = None, *, language: str = "en", **survey: Any) -> UUID:
        """An account with a sender; its survey goes out at once, at any hour, unless `survey` says otherwise."""
        terms = {"delay_seconds": 0, "send_hours": "any", **survey}
        with self.sessions.begin() as session:
            account_id = create_account(
                session,
                name=name or f"account {next(_numbers)}",
                brand="Acme",
                timezone="UTC",
                language=language,
                survey=Survey(SURVEY_KEY, 1, **terms),
            )
            add_sender(
                session,
                account_id,
                provider_account=ACCOUNT_SID,
                auth_token=AUTH_TOKEN,
                number=NUMBER,
                per_second=1000,
                burst=1000,
            )
        return account_id

    def now(self) -> datetime:
        with self.sessions() as session:
            now: datetime = session.scalar(text("select clock_now()"))
            return now

    def call_end(self, **changes: Any) -> CallEnd:
        now = self.now()
        values: dict[str, Any] = {
            "call_id": f"call-{next(_numbers)}",
            "source": "generic",
            "direction": "inbound",
            "started_at": now - timedelta(seconds=100),
            "answered_at": now - timedelta(seconds=90),
            "ended_at": now,
            "agent_id": "a1",
            "agent_name": "Agent One",
            "team": "blue",
            "vendor": "north",
            "queue": "sales",
            "phone": PHONE,
            "talk_seconds": 90,
        }
        return CallEnd(**{**values, **changes})

    def hang_up(self, account_id: UUID, call: CallEnd | None = None, **changes: Any) -> Received:
        call = call or self.call_end(**changes)
        with self.sessions.begin() as session:
            asking = read_asking(session, account_id)
            return receive_call(session, asking=asking, call=call, body_hash=repr(call).encode())

    def hang_up_many(self, account_id: UUID, count: int, first: int = 0) -> list[str]:
        """One call of each of so many customers, whose numbers are returned."""
        phones = [f"+44770090{number:04}" for number in range(first, first + count)]
        call = self.call_end()
        with self.sessions.begin() as session:
            asking = read_asking(session, account_id)
            for phone in phones:
                one = dataclasses.replace(call, call_id=f"call-{next(_numbers)}", phone=phone)
                receive_call(session, asking=asking, call=one, body_hash=phone.encode())
        return phones

    def send(self) -> None:
        """Send all that is due now."""
        Drain(self.parts).run()

    def text(self, body: str, phone: str = PHONE, **fields: Any) -> None:
        """The customer texts."""
        values: dict[str, Any] = {
            "message_sid": "SM" + secrets.token_hex(16),
            "sender": phone,
            "to": NUMBER,
            "body": body,
            "account_sid": ACCOUNT_SID,
            "messaging_service_sid": None,
            "opt_out_type": None,
            "num_media": 0,
        }
        with self.sessions.begin() as session:
            record_text(session, InboundText(**{**values, **fields}))

    def receipt(self, provider_id: str, status: str, *, code: int | None = None, attempt: Any = None) -> None:
        """The carrier reports a status; `attempt` is the row whose callback URL it uses."""
        report = StatusReport(
            message_sid=provider_id, status=status, error_code=code, account_sid=ACCOUNT_SID, raw={}
        )
        with self.sessions.begin() as session:
            record_receipt(
                session,
                report,
                account_id=attempt and attempt.account_id,
                attempt_id=attempt and attempt.id,
            )

    def settle(self) -> None:
        """What beat would do next."""
        recover(self.parts)
        look_up(self.parts)
        close(self.parts)

    def roll_up(self) -> None:
        with self.sessions.begin() as session:
            while roll_up(session, 500):
                pass

    def pass_time(self, **by: float) -> None:
        """Move the database's clock on by `timedelta(**by)`; the simulated carrier's stays."""
        self._passed += timedelta(**by)
        self.shift(self._passed)

    def shift(self, by: timedelta) -> None:
        """Set the database's clock to `by` from the real time, for every connection from now on."""
        engine = self.sessions.kw["bind"]
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            name = connection.scalar(text("select current_database()"))
            seconds = f"{by.total_seconds()} s"
            connection.execute(text(f"alter database \"{name}\" set postcall.clock_shift = '{seconds}'"))
        engine.dispose()

    def fault(self, **faults: Any) -> None:
        answer = self._http.request("PUT", f"{self.simulator_url}/faults", json=faults)
        assert answer.status == 200, answer.data

    def no_faults(self) -> None:
        self._http.request("DELETE", f"{self.simulator_url}/faults")

    def ledger(self, to: str | None = None) -> list[dict[str, Any]]:
        """What the carrier accepted, oldest first."""
        accepted: list[dict[str, Any]] = self._http.request("GET", f"{self.simulator_url}/ledger.json").json()
        return [message for message in accepted if to in (None, message["to"])]

    def bodies(self, to: str = PHONE) -> list[str]:
        return [message["body"] for message in self.ledger(to)]

    def messages(self, account_id: UUID) -> list[Message]:
        with self.sessions() as session:
            return list(
                session.scalars(
                    select(Message)
                    .where(Message.account_id == account_id)
                    .order_by(Message.created_at, Message.id)
                )
            )

    def attempts(self, account_id: UUID) -> list[Attempt]:
        with self.sessions() as session:
            return list(
                session.scalars(
                    select(Attempt).where(Attempt.account_id == account_id).order_by(Attempt.started_at)
                )
            )

    def contact(self, account_id: UUID, phone: str = PHONE) -> Contact:
        with self.sessions() as session:
            contact = find_contact(session, account_id, "phone", phone)
            assert contact is not None
            return contact

    def invitations(self, account_id: UUID) -> list[Invitation]:
        with self.sessions() as session:
            return list(
                session.scalars(
                    select(Invitation)
                    .where(Invitation.account_id == account_id)
                    .order_by(Invitation.created_at, Invitation.id)
                )
            )


@contextmanager
def open_house(
    engine: Engine, sessions: sessionmaker[Session], settings: Settings, service_url: str = NOBODY
) -> Iterator[House]:
    config = SimulatorConfig(
        account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, service_url=service_url, numbers=(NUMBER,)
    )
    with Server(create_simulator(config)) as simulator:
        house = House(sessions, settings, simulator, service_url)
        try:
            yield house
        finally:
            house.parts.carriers.close()
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                name = connection.scalar(text("select current_database()"))
                connection.execute(text(f'alter database "{name}" reset postcall.clock_shift'))
            engine.dispose()
