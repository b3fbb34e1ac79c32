"""Numbers that cost more than others, or are no person's, are never texted nor rung: by no way that there is."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.domain.channel import Channel
from app.domain.delivery import Outcome, SendResult
from app.flow.contact_lists import change_one
from app.flow.send_test import send_test
from app.store.contacts import Contact, seal_address
from tests.flow.by_hand import failed, tried
from tests.flow.steps import claim_and_begin, record
from tests.flow.test_next_channel import EMAIL, account, asks
from tests.house import PHONE, House

LANDLINE = 21614
COSTLY = ["+448456001234", "+447012345678", "+33806123456", "+88216123456"]


def reason(house: House, account_id: UUID, **changes: Any) -> str | None:
    received = house.hang_up(account_id, **changes)
    reason: str | None = (received.skipped or {}).get("reason")
    return reason


@pytest.mark.parametrize("number", COSTLY)
def test_they_are_skipped_with_their_reason_and_nothing_of_them_is_kept(house: House, number: str) -> None:
    account_id = house.account()
    assert reason(house, account_id, phone=number) == "premium_number"
    with house.sessions() as session:
        assert session.scalars(select(Contact.id)).all() == []


def test_their_customer_is_asked_by_mail_where_the_survey_has_it(house: House) -> None:
    account_id = account(house, Channel.SMS, Channel.EMAIL)
    assert reason(house, account_id, phone=COSTLY[0], email=EMAIL) is None
    assert asks(house, account_id) == [("email", "due")]


def test_a_test_does_not_go_there_either(house: House) -> None:
    account_id = house.account()
    with house.sessions.begin() as session:
        received = send_test(session, account_id=account_id, phone=COSTLY[0], language=None)
    assert received.skipped == {"reason": "premium_number"}


def test_what_was_sent_there_before_it_was_known_to_be_one_is_not_sent_again(house: House) -> None:
    message = failed(house, house.account(), 30034)
    with house.sessions.begin() as session:
        contact = session.get_one(Contact, (message.account_id, message.contact_id))
        contact.address = seal_address(session, message.account_id, COSTLY[1])
    refused = tried(house, message)
    assert refused is not None
    assert "costs more than others to reach" in refused


@pytest.mark.parametrize(
    ("consents", "sent"),
    [
        ([("phone", PHONE), ("email", EMAIL)], [("sms", "failed"), ("email", "due")]),
        ([("ref", "C-1")], [("sms", "failed"), ("email", "due")]),
        ([("phone", PHONE)], [("sms", "failed")]),
    ],
)
def test_consent_to_a_text_is_none_to_a_mail(
    house: House, consents: list[tuple[str, str]], sent: list[tuple[str, str]]
) -> None:
    account_id = account(house, Channel.SMS, Channel.EMAIL, consent="required")
    for by, value in consents:
        with house.sessions.begin() as session:
            told = {"by": by, "value": value}
            change_one(session, account_id, "consent", told, how="api", actor="key pc_1")
    house.hang_up(account_id, email=EMAIL, customer_ref="C-1")
    envelope = claim_and_begin(house.parts)
    record(house.parts, envelope, SendResult(Outcome.REJECTED, code=LANDLINE, http_status=400))
    assert asks(house, account_id) == sent
