"""Whatever a customer does, in whatever order, what is kept of it never contradicts itself."""

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.channels.twilio_hooks import InboundText
from app.domain.call import CallEnd
from app.domain.invitation import ANSWERABLE, OPEN, InvitationState
from app.domain.questionnaire import QUESTIONS, Survey
from app.errors import Invalid
from app.flow.accounts import create_account
from app.flow.asking import SURVEY_KEY, read_asking
from app.flow.close_invitations import close_invitation, due_to_close
from app.flow.message_outcomes import note_accepted
from app.flow.receive_call import receive_call
from app.flow.record_answer import record_text
from app.flow.survey_page import record_page
from app.store.answers import Answer
from app.store.base import database_now, keyring
from app.store.contacts import Contact
from app.store.invitations import Invitation, lock_invitation
from app.store.messages import Message, lock_message
from app.store.provider_events import ProviderEvent
from app.store.senders import add_sender
from tests.house import ACCOUNT_SID, AUTH_TOKEN

PHONE = "+6591234567"
MOST_TEXTS = 14

_numbers = itertools.count()

texts = st.sampled_from(
    [
        *("5", "1", "0", "10", "5 5 9", "2 5", "9 STOP", "2 态度差", "change to 4", "改1", "yes", "well", ""),
        *("great, thank you", "STOP", "please unsubscribe me", "T", "START", "开通", "HELP", "帮助"),
        "态度很差,我要退订",
    ]
)
forms = st.tuples(
    st.dictionaries(st.sampled_from(["csat", "ownership", "nps", "fcr"]), st.integers(-1, 11), max_size=3),
    st.sampled_from([None, "", "by page"]),
)
actions = st.one_of(
    st.tuples(st.just("text"), texts),
    st.tuples(st.just("text"), texts),
    st.tuples(st.just("text again"), st.none()),
    st.tuples(st.just("submit"), forms),
    st.tuples(st.just("send"), st.none()),
    st.tuples(st.just("send"), st.none()),
    st.tuples(st.just("wait"), st.sampled_from([1, 10, 100, 1500, 3000])),
    st.tuples(st.just("call"), st.integers(0, 1)),
)
surveys = st.fixed_dictionaries(
    {
        "order_sms": st.sampled_from(
            [
                ("csat", "ownership", "nps", "comment"),
                ("csat", "ownership"),
                ("fcr", "nps"),
                ("comment", "csat"),
            ]
        ),
        "comment_quiet_seconds": st.sampled_from([0, 300]),
    }
)


@dataclass
class World:
    """Two accounts that share a number, one customer, and a carrier that takes everything."""

    sessions: sessionmaker[Session]
    number: str  # of its own, since all worlds lie in one transaction
    accounts: list[UUID] = field(default_factory=list)
    minutes: int = 0
    sids: list[str] = field(default_factory=list)
    said: str = ""

    def open_accounts(self, terms: dict[str, Any], language: str) -> None:
        with self.sessions() as session, session.begin():
            for _ in range(2):
                account_id = create_account(
                    session,
                    name=f"property {next(_numbers)}",
                    brand="Acme",
                    timezone="UTC",
                    language=language,
                    survey=Survey(
                        SURVEY_KEY,
                        1,
                        delay_seconds=0,
                        send_hours="any",
                        cooldown_seconds=0,
                        link=True,
                        **terms,
                    ),
                )
                add_sender(
                    session,
                    account_id,
                    provider_account=ACCOUNT_SID,
                    auth_token=AUTH_TOKEN,
                    number=self.number,
                )
                self.accounts.append(account_id)

    def set_clock(self) -> None:
        with self.sessions() as session, session.begin():
            session.execute(select(func.set_config("postcall.clock_shift", f"{self.minutes} min", False)))

    def do(self, action: str, given: Any) -> None:
        if action == "wait":
            self.minutes += given
            self.set_clock()
        with self.sessions() as session, session.begin():
            match action:
                case "call":
                    self._call(session, self.accounts[given])
                case "text":
                    self.sids.append(f"SM{next(_numbers):032x}")
                    self.said = given
                    self._text(session)
                case "text again" if self.sids:
                    self._text(session)
                case "submit":
                    self._submit(session, *given)
                case "send":
                    self._send(session)
                case "wait":
                    for account_id, invitation_id in due_to_close(session, 100):
                        close_invitation(session, account_id, invitation_id)

    def _call(self, session: Session, account_id: UUID) -> None:
        now = database_now(session)
        call = CallEnd(
            call_id=f"call {next(_numbers)}",
            source="generic",
            direction="inbound",
            started_at=now - timedelta(seconds=100),
            answered_at=now - timedelta(seconds=90),
            ended_at=now,
            phone=PHONE,
            talk_seconds=90,
        )
        receive_call(session, asking=read_asking(session, account_id), call=call, body_hash=b"")

    def _text(self, session: Session) -> None:
        record_text(
            session,
            InboundText(
                message_sid=self.sids[-1],
                sender=PHONE,
                to=self.number,
                body=self.said,
                account_sid=ACCOUNT_SID,
                messaging_service_sid=None,
                opt_out_type=None,
                num_media=0,
            ),
        )

    def _submit(self, session: Session, values: dict[str, int], comment: str | None) -> None:
        """By the newest link that was sent."""
        ask = session.scalar(
            select(Message)
            .where(Message.account_id.in_(self.accounts), Message.accepted_at.is_not(None))
            .where(Message.token_hash.is_not(None))
            .order_by(Message.accepted_at.desc())
            .limit(1)
        )
        if ask is None:
            return
        try:
            with session.begin_nested():
                record_page(session, keyring(session).token(ask.id, ask.token_hash), values, comment)
        except Invalid:
            pass

    def _send(self, session: Session) -> None:
        """As the claim does: what is due, inside its window, and not to somebody who has opted out."""
        now = database_now(session)
        due = session.execute(
            select(Message.account_id, Message.invitation_id, Message.id)
            .join(Contact, (Contact.account_id == Message.account_id) & (Contact.id == Message.contact_id))
            .where(Message.account_id.in_(self.accounts), Message.state == "due")
            .where(Message.due_at <= now, Message.not_after > now)
            .where(Contact.opted_out_at.is_(None) | (Message.purpose == "stopped"))
        ).all()
        for account_id, invitation_id, message_id in due:
            invitation = lock_invitation(session, account_id, invitation_id)
            message = lock_message(session, account_id, message_id)
            message.attempts += 1
            note_accepted(session, invitation, message, provider_id=f"SM{next(_numbers):032x}", now=now)

    def scores(self) -> dict[UUID, dict[str, int | None]]:
        with self.sessions() as session:
            scores: dict[UUID, dict[str, int | None]] = defaultdict(dict)
            for answer in self._all(session, Answer):
                if answer.is_current and answer.value is not None:
                    scores[answer.invitation_id][answer.question_key] = answer.value
            return scores

    def opted_out(self) -> set[UUID]:
        with self.sessions() as session:
            return {contact.account_id for contact in self._all(session, Contact) if contact.opted_out_at}

    def check(self) -> None:
        with self.sessions() as session:
            contacts = {contact.account_id: contact for contact in self._all(session, Contact)}
            answers, messages = defaultdict(list), defaultdict(list)
            for answer in self._all(session, Answer):
                answers[answer.invitation_id].append(answer)
            for message in self._all(session, Message):
                messages[message.invitation_id].append(message)
            for invitation in self._all(session, Invitation):
                check_answers(answers[invitation.id])
                check_messages(messages[invitation.id], contacts[invitation.account_id])
                check_invitation(invitation, answers[invitation.id], contacts[invitation.account_id])
            kept = [event.event_key for event in self._all(session, ProviderEvent)]
            assert sorted(kept) == sorted(self.sids), "every text is kept once"

    def _all(self, session: Session, kind: Any) -> list[Any]:
        return list(session.scalars(select(kind).where(kind.account_id.in_(self.accounts))))


def check_answers(answers: list[Answer]) -> None:
    revisions = defaultdict(list)
    for answer in sorted(answers, key=lambda one: one.revision):
        revisions[answer.question_key].append(answer)
        if answer.value is not None:
            scale = QUESTIONS[answer.question_key].scale
            assert scale is not None
            assert answer.value in scale
    for question, history in revisions.items():
        assert [answer.revision for answer in history] == list(range(1, len(history) + 1)), question
        assert [answer.is_current for answer in history] == [False] * (len(history) - 1) + [True], question
        assert [answer.answered_at for answer in history] == sorted(answer.answered_at for answer in history)


def check_messages(messages: list[Message], contact: Contact) -> None:
    assert len([message for message in messages if message.purpose != "stopped"]) <= MOST_TEXTS
    for purpose in ("ask", "thanks", "stopped", "restarted", "help", "late"):
        assert len([message for message in messages if message.purpose == purpose]) <= 1, purpose
    for purpose in ("question", "repeat"):
        asked = [message.question_key for message in messages if message.purpose == purpose]
        assert len(asked) == len(set(asked)), purpose
    for message in messages:
        if message.state == "due":
            assert contact.opted_out_at is None or message.purpose == "stopped"
            if message.purpose != "ask":
                assert message.not_after - message.due_at <= timedelta(hours=1)


def check_invitation(invitation: Invitation, answers: list[Answer], contact: Contact) -> None:
    state = InvitationState(invitation.state)
    scored = {answer.question_key for answer in answers if answer.is_current and answer.value is not None}
    required = {key for key in invitation.questions if QUESTIONS[key].required}
    assert (invitation.responded_at is not None) == bool(scored)
    assert (invitation.completed_at is not None) == (bool(scored) and required <= scored)
    assert invitation.responded_at is None or invitation.delivered_at is not None
    assert (invitation.close_at is not None) == (state in OPEN)
    assert (contact.open_invitation == invitation.id) == (state in ANSWERABLE)
    if state not in ANSWERABLE and state is not InvitationState.SKIPPED:
        assert invitation.ended_at is not None
    if state is InvitationState.STARTED:
        assert answers
    if contact.opted_out_at is not None:
        assert state not in ANSWERABLE


@given(
    survey=surveys,
    language=st.sampled_from(["en", "zh"]),
    done=st.lists(actions, min_size=3, max_size=14),
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_kept_never_contradicts_itself(
    session_factory: sessionmaker[Session], survey: dict[str, Any], language: str, done: list[tuple[str, Any]]
) -> None:
    world = World(session_factory, f"+1{next(_numbers):010}")
    world.set_clock()
    world.open_accounts(survey, language)
    for action, given_ in [("call", 0), ("send", None), *done]:
        scores, opted_out = world.scores(), world.opted_out()
        world.do(action, given_)
        world.check()
        changed = [key for key, values in world.scores().items() if values != scores.get(key)]
        assert len(changed) <= 1, "one text, one form: one survey"
        if action not in ("text", "submit"):
            assert not changed
        if opted_out and world.opted_out() == opted_out:
            assert not changed, "nothing counts after an opt-out"
