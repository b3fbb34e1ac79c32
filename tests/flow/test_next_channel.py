"""Where one channel can't reach the customer the next one does; an answer on any of them ends all others."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.channel import Channel
from app.domain.delivery import Outcome, SendResult
from app.domain.questionnaire import Way
from app.flow.survey_page import record_page
from app.flow.surveys import write_survey
from app.store.base import keyring
from app.store.contacts import note_undeliverable
from app.store.messages import Message
from app.store.senders import add_sender
from tests.flow.by_hand import resend, tried
from tests.flow.customer import Customer
from tests.flow.steps import claim_and_begin, record
from tests.house import PHONE, House
from tests.telephone import Telephony

EMAIL = "ann@example.com"
LANDLINE = {PHONE: 21614}
SMTP = {"host": "127.0.0.1", "port": 9, "security": "none", "from_address": "survey@example.com"}


def account(house: House, *channels: Channel, **survey: object) -> UUID:
    """An account that asks by these channels, each at once, and has a sender for each."""
    ways = tuple(Way(channel, 0) for channel in channels)
    account_id = house.account(channels=ways, **survey)
    with house.sessions.begin() as session:
        if Channel.EMAIL in channels:
            add_sender(
                session,
                account_id,
                channel=Channel.EMAIL,
                provider="smtp",
                provider_account="127.0.0.1",
                auth_token="",
                number=None,
                settings=SMTP,
                per_second=1000,
                burst=1000,
            )
    return account_id


def by_text_and_mail(house: House, **survey: object) -> Customer:
    return Customer(house, account(house, Channel.SMS, Channel.EMAIL, **survey))


def asks(house: House, account_id: UUID) -> list[tuple[str, str]]:
    """(channel of its sender, state) of each message, in the order in which they were written."""
    return [
        ("email" if message.token_hash else "sms", message.state) for message in house.messages(account_id)
    ]


def take_mail(house: House) -> Message:
    """The mail that is due is taken by its server."""
    envelope = claim_and_begin(house.parts)
    provider_id = f"<{envelope.claimed.message_id}@example.com>"
    record(house.parts, envelope, SendResult(Outcome.ACCEPTED, provider_id=provider_id))
    with house.sessions() as session:
        return session.get_one(Message, (envelope.claimed.account_id, envelope.claimed.message_id))


def undelivered(house: House, customer: Customer) -> None:
    """A text that its carrier took, and then reports as undelivered."""
    house.hang_up(customer.account_id, email=EMAIL)
    envelope = claim_and_begin(house.parts)
    result = house.parts.carriers.send(envelope.parcel)
    record(house.parts, envelope, result)
    assert result.provider_id is not None
    house.receipt(result.provider_id, "undelivered", code=30006)


def answer_by_link(house: House, message: Message, **values: int) -> None:
    with house.sessions.begin() as session:
        token = keyring(session).token(message.id, message.token_hash)
        assert record_page(session, token, values, None)


def test_a_number_that_takes_no_texts_is_asked_by_mail(house: House) -> None:
    customer = by_text_and_mail(house)
    house.fault(codes=LANDLINE)
    customer.house.hang_up(customer.account_id, email=EMAIL)
    envelope = claim_and_begin(house.parts)
    record(house.parts, envelope, house.parts.carriers.send(envelope.parcel))
    assert asks(house, customer.account_id) == [("sms", "failed"), ("email", "due")]
    (invitation,) = house.invitations(customer.account_id)
    assert (invitation.state, invitation.channel) == ("scheduled", "email")
    assert invitation.questions == ["csat", "ownership", "fcr", "nps", "reason", "comment"]


def test_a_text_that_was_taken_and_came_to_nothing_is_followed_by_a_mail(house: House) -> None:
    customer = by_text_and_mail(house)
    house.hang_up(customer.account_id, email=EMAIL)
    envelope = claim_and_begin(house.parts)
    result = house.parts.carriers.send(envelope.parcel)
    record(house.parts, envelope, result)
    assert result.provider_id is not None
    house.receipt(result.provider_id, "undelivered", code=30006)
    assert asks(house, customer.account_id) == [("sms", "failed"), ("email", "due")]
    (invitation,) = house.invitations(customer.account_id)
    assert (invitation.state, invitation.channel) == ("asked", "email")


def test_without_another_way_it_fails_and_the_customer_is_free(house: House) -> None:
    customer = by_text_and_mail(house)
    house.fault(codes=LANDLINE)
    customer.calls()
    assert asks(house, customer.account_id) == [("sms", "failed")]
    assert customer.invitation.state == "failed"
    assert customer.contact.open_invitation is None


def test_who_gave_no_number_is_asked_by_mail_at_once(house: House) -> None:
    account_id = account(house, Channel.SMS, Channel.EMAIL)
    received = house.hang_up(account_id, phone=None, email=EMAIL)
    assert received.invitation is not None
    assert received.invitation["channel"] == "email"


@pytest.mark.parametrize("phone", ["anonymous", "+44 0000", None])
def test_without_mail_the_first_channels_failing_is_the_reason(house: House, phone: str | None) -> None:
    account_id = account(house, Channel.SMS, Channel.EMAIL)
    skipped = house.hang_up(account_id, phone=phone).skipped
    assert skipped is not None
    assert skipped["reason"] in {"masked_phone", "invalid_phone", "no_contact"}


def test_an_address_that_mail_came_back_from_is_not_written_to(house: House) -> None:
    account_id = account(house, Channel.EMAIL)
    house.hang_up(account_id, phone=None, email=EMAIL)
    with house.sessions.begin() as session:
        contact_id = house.messages(account_id)[0].contact_id
        assert note_undeliverable(session, account_id, contact_id, house.now())
    house.pass_time(days=30)
    house.settle()
    skipped = house.hang_up(account_id, phone=None, email=EMAIL).skipped
    assert skipped == {"reason": "no_contact"}


def test_a_mail_waits_for_its_own_time_when_it_takes_over(house: House) -> None:
    account_id = account(house, Channel.SMS, Channel.EMAIL)
    with house.sessions.begin() as session:
        ways = [{"channel": "sms", "delay_seconds": 0}, {"channel": "email", "delay_seconds": 600}]
        write_survey(session, account_id=account_id, key="default", definition={"channels": ways})
    house.fault(codes=LANDLINE)
    house.hang_up(account_id, email=EMAIL)
    house.send()
    mail = house.messages(account_id)[-1]
    assert timedelta(seconds=590) < mail.due_at - mail.created_at <= timedelta(seconds=600)


def test_one_reminder_by_mail_for_who_has_not_begun(house: House) -> None:
    account_id = account(house, Channel.EMAIL)
    house.hang_up(account_id, phone=None, email=EMAIL)
    ask = take_mail(house)
    assert [(m.purpose, m.state) for m in house.messages(account_id)] == [
        ("ask", "accepted"),
        ("reminder", "due"),
    ]
    reminder = house.messages(account_id)[-1]
    assert reminder.due_at - ask.accepted_at >= timedelta(hours=48)  # type: ignore[operator]
    house.pass_time(hours=49)
    take_mail(house)
    assert [m.state for m in house.messages(account_id)] == ["accepted", "accepted"]
    house.pass_time(days=3)
    house.settle()
    assert len(house.messages(account_id)) == 2


def test_who_has_begun_is_not_reminded(house: House) -> None:
    account_id = account(house, Channel.EMAIL)
    house.hang_up(account_id, phone=None, email=EMAIL)
    ask = take_mail(house)
    answer_by_link(house, ask, csat=5)
    assert [(m.purpose, m.state) for m in house.messages(account_id)] == [
        ("ask", "accepted"),
        ("reminder", "cancelled"),
    ]


def test_an_answer_while_the_next_channel_is_due_leaves_one_survey(house: House) -> None:
    """The text was reported undelivered, and still was read: its link is answered before the mail goes."""
    customer = by_text_and_mail(house, link=True)
    house.hang_up(customer.account_id, email=EMAIL)
    envelope = claim_and_begin(house.parts)
    result = house.parts.carriers.send(envelope.parcel)
    record(house.parts, envelope, result)
    assert result.provider_id is not None
    house.receipt(result.provider_id, "undelivered", code=30006)
    text, _ = house.messages(customer.account_id)
    answer_by_link(house, text, csat=4)
    assert [m.state for m in house.messages(customer.account_id)] == ["failed", "cancelled"]
    house.send()
    house.pass_time(hours=1)
    house.settle()
    assert house.messages(customer.account_id)[-1].attempts == 0
    (invitation,) = house.invitations(customer.account_id)
    assert invitation.state == "started"


def test_a_reply_to_the_text_counts_although_it_goes_on_by_mail(house: House) -> None:
    customer = by_text_and_mail(house)
    undelivered(house, customer)
    customer.types("4")
    assert asks(house, customer.account_id)[:2] == [("sms", "failed"), ("email", "cancelled")]
    (invitation,) = house.invitations(customer.account_id)
    assert (invitation.state, invitation.channel) == ("started", "sms")
    house.send()
    assert "willing" in customer.newest


def test_a_reply_to_the_text_counts_while_the_mail_is_in_doubt(house: House) -> None:
    customer = by_text_and_mail(house)
    undelivered(house, customer)
    record(house.parts, claim_and_begin(house.parts), SendResult(Outcome.UNKNOWN))
    assert asks(house, customer.account_id)[-1] == ("email", "in_doubt")
    customer.types("4")
    (invitation,) = house.invitations(customer.account_id)
    assert (invitation.state, invitation.channel) == ("started", "sms")


def test_a_mail_that_takes_over_leaves_as_long_as_any_mail(house: House) -> None:
    customer = by_text_and_mail(house)
    undelivered(house, customer)
    mail = take_mail(house)
    (invitation,) = house.invitations(customer.account_id)
    assert mail.accepted_at is not None
    assert invitation.close_at == mail.accepted_at + timedelta(days=7)


def test_a_text_that_a_mail_stands_in_for_is_not_sent_again_by_hand(house: House) -> None:
    customer = by_text_and_mail(house)
    house.fault(codes={PHONE: 30007})
    house.hang_up(customer.account_id, email=EMAIL)
    envelope = claim_and_begin(house.parts)
    record(house.parts, envelope, house.parts.carriers.send(envelope.parcel))
    text, _ = house.messages(customer.account_id)
    assert "goes on by another channel" in tried(house, text)


def test_a_text_that_is_sent_again_by_hand_may_fail_again(house: House) -> None:
    """Its survey has ended on another channel, and goes on by the text, and by nothing after it."""
    customer = by_text_and_mail(house)
    house.fault(codes={PHONE: 30007})
    house.hang_up(customer.account_id, email=EMAIL)
    for refused in (None, SendResult(Outcome.REJECTED, http_status=550, code=1550)):
        envelope = claim_and_begin(house.parts)
        record(house.parts, envelope, refused or house.parts.carriers.send(envelope.parcel))
    text, _ = house.messages(customer.account_id)
    (invitation,) = house.invitations(customer.account_id)
    assert (invitation.state, invitation.channel) == ("failed", "email")
    resend(house, text)
    (invitation,) = house.invitations(customer.account_id)
    assert (invitation.state, invitation.channel) == ("scheduled", "sms")
    with house.sessions.begin() as session:
        contact_id = house.messages(customer.account_id)[1].contact_id
        assert note_undeliverable(session, customer.account_id, contact_id, house.now())
    envelope = claim_and_begin(house.parts)
    record(house.parts, envelope, house.parts.carriers.send(envelope.parcel))
    (invitation,) = house.invitations(customer.account_id)
    assert invitation.state == "failed"
    assert customer.contact.open_invitation is None


def test_a_reply_to_the_text_counts_although_a_call_is_due_from_the_same_number(telephony: Telephony) -> None:
    house = telephony.house
    account_id = telephony.account(channels=(Way(Channel.SMS, 0), Way(Channel.CALLBACK, 0)))
    house.hang_up(account_id)
    house.send()
    house.receipt(house.ledger()[-1]["sid"], "undelivered", code=30006)
    assert telephony.invitation(account_id).channel == "callback"
    house.text("4")
    house.send()
    assert telephony.values(account_id) == {"csat": 4}
    assert "willing" in house.bodies()[-1]
    assert telephony.phone.calls() == []


def test_a_text_to_the_number_that_rang_is_no_answer_and_makes_nothing_ring(telephony: Telephony) -> None:
    house = telephony.house
    account_id = telephony.account(channels=(Way(Channel.CALLBACK, 0),))
    telephony.ring(account_id).reject("no-answer")
    house.text("5")
    house.send()
    assert len(telephony.phone.calls()) == 1
    assert telephony.values(account_id) == {}
    house.text("STOP")
    house.pass_time(hours=2)
    house.send()
    assert len(telephony.phone.calls()) == 1
    assert telephony.invitation(account_id).state == "opted_out"


@pytest.mark.parametrize("code", [21614, 30007])
def test_a_text_that_fails_while_they_are_asked_in_the_call_neither_ends_that_nor_asks_again(
    telephony: Telephony, code: int
) -> None:
    house = telephony.house
    account_id = account(house, Channel.SMS, Channel.EMAIL, order_ivr=("csat", "ownership"))
    call_id = f"CA{code:032}"
    house.hang_up(account_id, call_id=call_id, email=EMAIL)
    envelope = claim_and_begin(house.parts)
    phone = telephony.stay(call_id)
    record(house.parts, envelope, SendResult(Outcome.REJECTED, http_status=400, code=code))
    assert asks(house, account_id) == [("sms", "failed")]
    phone.press("5", "4")
    assert telephony.values(account_id) == {"csat": 5, "ownership": 4}
    assert telephony.invitation(account_id).state == "finished"


def test_the_no_of_a_telephone_ends_the_mail_as_well(house: House) -> None:
    customer = by_text_and_mail(house)
    house.fault(codes=LANDLINE)
    house.hang_up(customer.account_id, email=EMAIL)
    envelope = claim_and_begin(house.parts)
    record(house.parts, envelope, house.parts.carriers.send(envelope.parcel))
    customer.types("STOP")
    assert asks(house, customer.account_id) == [("sms", "failed"), ("email", "cancelled")]
    (invitation,) = house.invitations(customer.account_id)
    assert invitation.state == "opted_out"
