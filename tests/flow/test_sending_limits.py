"""Where texts may not go, or no more of them today, another channel is taken if the survey has one."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.domain.channel import Channel
from app.domain.delivery import Action, Outcome, SendResult
from app.store.accounts import Account
from app.store.sending_days import SendingDay
from tests.flow.steps import claim_and_begin, record
from tests.flow.test_next_channel import EMAIL, account
from tests.house import PHONE, House


def limited(house: House, *channels: Channel, **limits: Any) -> UUID:
    account_id = account(house, *channels)
    with house.sessions.begin() as session:
        session.get_one(Account, account_id).settings = limits
    return account_id


def refuse_mail(house: House) -> None:
    envelope = claim_and_begin(house.parts)
    record(house.parts, envelope, SendResult(Outcome.REJECTED, action=Action.NEXT_CHANNEL))


def begun(house: House, account_id: UUID) -> int | None:
    with house.sessions() as session:
        return session.scalar(
            select(SendingDay.n).where(SendingDay.account_id == account_id, SendingDay.range == "")
        )


def test_a_mail_goes_where_a_text_may_not(house: House) -> None:
    for limits in ({"countries": ["FR"]}, {"daily_cap": 0}):
        account_id = limited(house, Channel.SMS, Channel.EMAIL, **limits)
        received = house.hang_up(account_id, email=EMAIL)
        assert received.invitation is not None
        assert received.invitation["channel"] == "email"
        assert begun(house, account_id) is None  # mails are not counted


def test_a_text_that_follows_a_mail_keeps_to_the_limits_too(house: House) -> None:
    for limits in ({"countries": ["FR"]}, {"daily_cap": 1}):
        account_id = limited(house, Channel.EMAIL, Channel.SMS, **limits)
        if "daily_cap" in limits:
            house.hang_up(account_id, phone="+447700900777")
            house.send()
        house.hang_up(account_id, email=EMAIL)
        refuse_mail(house)
        states = {invitation.state for invitation in house.invitations(account_id)}
        assert states - {"asked"} == {"failed"}
        assert house.ledger(PHONE) == []


def test_a_text_that_follows_a_mail_is_counted(house: House) -> None:
    account_id = limited(house, Channel.EMAIL, Channel.SMS, daily_cap=5)
    house.hang_up(account_id, email=EMAIL)
    assert begun(house, account_id) is None
    refuse_mail(house)
    assert begun(house, account_id) == 1
    house.send()
    assert len(house.ledger(PHONE)) == 1
