"""Somebody with a telephone: they end calls, text, and open links; the tests look at what was kept of it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.flow.receive_call import Received
from app.flow.survey_page import SurveyPage, open_page, record_page
from app.store.answers import Answer, words_of
from app.store.base import keyring
from app.store.contacts import Contact, find_contact
from app.store.invitations import Invitation
from app.store.messages import Message
from app.store.provider_events import ProviderEvent
from tests.house import PHONE, House


@dataclass
class Customer:
    """`account_id` is the account whose surveys are looked at; texts reach whoever shares its number."""

    house: House
    account_id: UUID
    phone: str = PHONE

    def calls(self, **call: Any) -> Received:
        """A call that ends, and whatever text is due at once."""
        received = self.house.hang_up(self.account_id, phone=self.phone, **call)
        self.house.send()
        return received

    def types(self, *texts: str, **fields: Any) -> None:
        """Texts that arrive before anything more of ours leaves."""
        for text in texts:
            self.house.text(text, phone=self.phone, **fields)

    def says(self, *texts: str, **fields: Any) -> None:
        """Texts, each followed by whatever we have to say to it."""
        for text in texts:
            self.types(text, **fields)
            self.house.send()

    @property
    def phone_shows(self) -> list[str]:
        """Every text of ours that a carrier took for this phone, oldest first."""
        return self.house.bodies(self.phone)

    @property
    def newest(self) -> str:
        return self.phone_shows[-1]

    @property
    def invitation(self) -> Invitation:
        """Their newest."""
        contact_id = self.contact.id
        return [one for one in self.house.invitations(self.account_id) if one.contact_id == contact_id][-1]

    @property
    def state(self) -> str:
        return self.invitation.state

    @property
    def contact(self) -> Contact:
        with self.house.sessions() as session:
            contact = find_contact(session, self.account_id, "phone", self.phone)
            assert contact is not None
            return contact

    def messages(self, purpose: str | None = None) -> list[Message]:
        invitation_id = self.invitation.id
        return [
            message
            for message in self.house.messages(self.account_id)
            if message.invitation_id == invitation_id and purpose in (None, message.purpose)
        ]

    def answers(self, question: str | None = None) -> list[Answer]:
        """Every revision of the newest invitation's answers, oldest first."""
        with self.house.sessions() as session:
            answers = session.scalars(
                select(Answer)
                .where(Answer.account_id == self.account_id, Answer.invitation_id == self.invitation.id)
                .order_by(Answer.question_key, Answer.revision)
            )
            return [answer for answer in answers if question in (None, answer.question_key)]

    @property
    def scores(self) -> dict[str, int]:
        return {
            answer.question_key: answer.value
            for answer in self.answers()
            if answer.is_current and answer.value is not None
        }

    def history(self, question: str) -> list[int | str | None]:
        """Values, or words where there are none, one per revision."""
        return [
            self._words(answer) if answer.value is None else answer.value for answer in self.answers(question)
        ]

    def words(self, question: str) -> str | None:
        """What stands of the customer's own words: a comment, or the raw reply of a score."""
        return next((self._words(answer) for answer in self.answers(question) if answer.is_current), None)

    def _words(self, answer: Answer) -> str | None:
        with self.house.sessions() as session:
            return words_of(session, answer)

    def understood(self) -> list[str | None]:
        """What became of each text to this account."""
        with self.house.sessions() as session:
            return list(
                session.scalars(
                    select(ProviderEvent.understood)
                    .where(ProviderEvent.account_id == self.account_id, ProviderEvent.kind == "text")
                    .order_by(ProviderEvent.received_at)
                )
            )

    @property
    def token(self) -> str:
        """Of the link in the newest survey's first text."""
        (ask,) = self.messages("ask")
        with self.house.sessions() as session:
            return keyring(session).token(ask.id, ask.token_hash)

    def opens_link(self) -> SurveyPage | None:
        with self.house.sessions.begin() as session:
            return open_page(session, self.token)

    def submits(self, comment: str | None = None, /, **values: int) -> SurveyPage | None:
        """They press Send: what the page shows next."""
        with self.house.sessions.begin() as session:
            is_taken = record_page(session, self.token, values, comment)
        return self.opens_link() if is_taken else None

    def taps(self, **values: int) -> None:
        """They give answers on the page, and do not press Send."""
        with self.house.sessions.begin() as session:
            assert record_page(session, self.token, values, None, sent=False)


def asked(
    house: House, account_id: UUID | None = None, *, phone: str = PHONE, call: Any = None, **survey: Any
) -> Customer:
    """A customer whose first question is on their phone."""
    customer = Customer(house, account_id or house.account(**survey), phone)
    received = customer.calls(**(call or {}))
    assert received.invitation is not None, received.skipped
    return customer
