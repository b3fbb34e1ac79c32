"""A reception desk for tests: calls come in, customers answer, figures are read; no carrier and no worker.

And what races need: many at once behind a barrier, and one step that is to be found waiting.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Event
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from app.domain.call import CallEnd
from app.domain.questionnaire import Survey
from app.flow.accounts import create_account
from app.flow.answer_sheet import Evidence, put_value, put_words, read_sheet, settle
from app.flow.asking import SURVEY_KEY, Asking, read_asking
from app.flow.message_outcomes import note_accepted, note_delivered
from app.flow.read_results import read_results
from app.flow.receive_call import Received, receive_call
from app.flow.roll_up import roll_up
from app.store.base import database_now
from app.store.calls import Call, find_call
from app.store.contacts import Contact, find_contact
from app.store.facts import FactDay, FactMonth, FactWeek, StaleCell
from app.store.invitations import Invitation, invitation_of_call, lock_invitation
from app.store.messages import Message, messages_of
from app.store.senders import add_sender

Result = TypeVar("Result")

# what a call of long ago needs to be asked as if it had just ended
ANY_TIME: dict[str, Any] = {"too_old_seconds": 10**9, "send_within_seconds": 10**9, "cooldown_seconds": 0}

_numbers = itertools.count(1)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def decided(received: Received) -> str:
    """The reason of a skipped call, "scheduled" for one that is asked."""
    return received.skipped["reason"] if received.skipped else "scheduled"


def only(results: dict[str, Any]) -> dict[str, Any]:
    """The one row of results that have one."""
    row: dict[str, Any]
    (row,) = results["rows"]
    return row


class Desk:
    """`sessions` commit for real."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self.sessions = sessions

    def account(
        self, *, timezone: str = "UTC", region: str | None = None, sender: bool = True, **terms: Any
    ) -> UUID:
        """An account whose survey goes out at once and at any hour, unless `terms` of the survey differ."""
        survey = Survey(SURVEY_KEY, 1, **{"delay_seconds": 0, "send_hours": "any", **terms})
        with self.sessions.begin() as session:
            name = f"account {next(_numbers)}"
            account_id = create_account(
                session, name=name, brand="Acme", timezone=timezone, region=region, survey=survey
            )
            if sender:
                add_sender(
                    session, account_id, provider_account="AC1", auth_token="secret", number="+15005550006"
                )
        return account_id

    def asking(self, account_id: UUID) -> Asking:
        with self.sessions() as session:
            return read_asking(session, account_id)

    def now(self) -> datetime:
        with self.sessions() as session:
            return database_now(session)

    def call_end(self, **changes: Any) -> CallEnd:
        """A call of a minute and a half that ends at `ended_at`, or now, by a customer of its own."""
        number = next(_numbers)
        ended_at = changes.get("ended_at") or self.now()
        values: dict[str, Any] = {
            "call_id": f"call-{number}",
            "source": "generic",
            "direction": "inbound",
            "started_at": ended_at - timedelta(seconds=100),
            "ended_at": ended_at,
            "agent_id": "a1",
            "agent_name": "Agent One",
            "team": "blue",
            "vendor": "north",
            "queue": "sales",
            "phone": f"+447700{900_000 + number}",
            "talk_seconds": 90,
        }
        return CallEnd(**{**values, **changes})

    def hang_up(self, account_id: UUID, call: CallEnd | None = None, **changes: Any) -> Received:
        call = call or self.call_end(**changes)
        with self.sessions.begin() as session:
            asking = read_asking(session, account_id)
            return receive_call(session, asking=asking, call=call, body_hash=repr(call).encode())

    def call_of(self, account_id: UUID, received: Received) -> Call:
        with self.sessions() as session:
            return session.get_one(Call, (account_id, UUID(received.call["id"])))

    def invitation_of(self, account_id: UUID, received: Received) -> Invitation:
        with self.sessions() as session:
            return invitation_of_call(session, account_id, UUID(received.call["id"]))

    def contact(self, account_id: UUID, kind: str, value: str) -> Contact | None:
        with self.sessions() as session:
            return find_contact(session, account_id, kind, value)

    def messages(self, account_id: UUID, received: Received) -> list[Message]:
        with self.sessions() as session:
            return messages_of(session, account_id, self.invitation_of(account_id, received).id)

    def deliver(self, account_id: UUID, received: Received) -> None:
        """The carrier takes the first text, and reports that it arrived."""
        with self.sessions.begin() as session:
            invitation = lock_invitation(session, account_id, self.invitation_of(account_id, received).id)
            (message,) = messages_of(session, account_id, invitation.id)
            now = database_now(session)
            note_accepted(session, invitation, message, provider_id=f"SM{message.id.hex}", now=now)
            note_delivered(session, invitation, message, now)

    def answer(self, account_id: UUID, received: Received, comment: str | None = None, **values: int) -> None:
        with self.sessions.begin() as session:
            write_answers(session, account_id, received, comment, **values)

    def survey(
        self, account_id: UUID, *, comment: str | None = None, values: dict[str, int], **call: Any
    ) -> Received:
        """A call, and its customer's answers."""
        received = self.hang_up(account_id, **call)
        self.answer(account_id, received, comment, **values)
        return received

    def roll_up(self) -> None:
        with self.sessions.begin() as session:
            while roll_up(session, 500):
                pass

    def results(self, account_id: UUID, group_by: str = "agent", **query: Any) -> dict[str, Any]:
        wanted: dict[str, Any] = {"start": None, "end": None, "bucket": "all", **query}
        with self.sessions() as session:
            return read_results(session, account_id=account_id, group_by=group_by, **wanted)

    def csat(self, account_id: UUID, agent_id: str, day: date | None = None) -> tuple[int, int]:
        """What the facts say of that agent: CSAT answers over the days, and over the months."""
        with self.sessions() as session:
            return tuple(  # type: ignore[return-value]  # one of each
                sum(
                    session.scalars(
                        select(table.n).where(
                            table.account_id == account_id,
                            table.agent_id == agent_id,
                            table.metric == "csat",
                            table.day == day if day else table.day.is_not(None),
                        )
                    )
                )
                for table in (FactDay, FactMonth)
            )

    def facts(self, account_id: UUID) -> list[tuple[Any, ...]]:
        """Every cell of days, weeks and months, whole but for the time of its making."""
        with self.sessions() as session:
            return [
                tuple(row)
                for table in (FactDay, FactWeek, FactMonth)
                for row in session.execute(
                    select(*(one for one in table.__table__.columns if one.name != "rebuilt_at"))
                    .where(table.account_id == account_id)
                    .order_by(*table.__mapper__.primary_key)
                )
            ]

    def stale(self) -> int:
        with self.sessions() as session:
            return len(session.scalars(select(StaleCell.id)).all())

    def later(self, account_id: UUID, by: timedelta) -> None:
        """Let time pass for that account's customers: what they were asked lies that much further back."""
        with self.sessions.begin() as session:
            session.execute(
                text(
                    "update contact set last_asked_at = last_asked_at - cast(:by as interval),"
                    " recent_asks = (select array_agg(asked - cast(:by as interval))"
                    "                from unnest(recent_asks) asked),"
                    " nps_asked_at = nps_asked_at - cast(:by as interval) where account_id = :account_id"
                ),
                {"by": by, "account_id": account_id},
            )

    def report_all(self, account_id: UUID, calls: Sequence[CallEnd]) -> list[Received]:
        """Every call in a transaction of its own, all at once."""
        asking = self.asking(account_id)

        def report(session: Session, number: int) -> Received:
            return receive_call(session, asking=asking, call=calls[number], body_hash=b"same")

        return self.at_once(len(calls), report)

    def at_once(self, count: int, work: Callable[[Session, int], Result]) -> list[Result]:
        """`work(session, number)`, each in a transaction and thread of its own, all let go together."""
        barrier = Barrier(count)

        def run(number: int) -> Result:
            with self.sessions() as session:
                session.connection()
                barrier.wait(timeout=30)
                result = work(session, number)
                session.commit()
                return result

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(run, range(count)))

    @contextmanager
    def meanwhile(self, work: Callable[[Session], Result]) -> Iterator["Future[Result]"]:
        """`work` in another transaction, which by then waits for a lock of somebody's, or has ended."""

        def run() -> Result:
            with self.sessions.begin() as session:
                return work(session)

        with ThreadPoolExecutor(1) as pool:
            before = self._waiting()
            future = pool.submit(run)
            pause = Event()
            while not future.done() and self._waiting() <= before:
                pause.wait(0.002)
            yield future

    def _waiting(self) -> int:
        with self.sessions() as session:
            waiting: int = session.scalar(
                text(
                    "select count(*) from pg_stat_activity"
                    " where datname = current_database() and wait_event_type = 'Lock'"
                )
            )
            return waiting


def write_answers(
    session: Session, account_id: UUID, received: Received, comment: str | None = None, **values: int
) -> None:
    """The customer answers, in the transaction of `session`."""
    call = find_call(session, account_id, received.call["source"], received.call["call_id"])
    assert call is not None
    invitation = invitation_of_call(session, account_id, call.id)
    sheet = read_sheet(session, lock_invitation(session, account_id, invitation.id))
    evidence = Evidence("sms", database_now(session))
    for question, value in values.items():
        put_value(session, sheet, question, value, words=str(value), flags=(), evidence=evidence)
    if comment:
        put_words(session, sheet, "comment", comment, append=False, evidence=evidence)
    settle(session, sheet, evidence.now)


MONDAY = date(2025, 3, 3)
TUESDAY = MONDAY + timedelta(days=1)


def counted_call(desk: Desk, account_id: UUID, agent: str | None = "a1", day: date = MONDAY) -> Received:
    """An asked call whose arrival is in the facts already."""
    received = desk.hang_up(account_id, agent_id=agent, ended_at=noon(day))
    desk.roll_up()
    return received
