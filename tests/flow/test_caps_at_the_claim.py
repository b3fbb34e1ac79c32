"""What goes out on a day is counted where it is claimed: as much as the cap allows, whatever comes at once."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.domain.channel import Channel
from app.domain.delivery import Action, Outcome, SendResult
from app.flow.claim_within_caps import claim_suspect_within_caps, claim_within_caps
from app.flow.tidy import tidy
from app.store.accounts import Account
from app.store.claims import Claimed
from app.store.messages import Message
from app.store.sending_days import SendingDay
from app.store.sending_permits import SendingPermit
from tests.flow.steps import begin, record
from tests.flow.test_next_channel import EMAIL, account
from tests.house import House
from tests.store.claiming import change_sender, share, together
from workers.delivery import Drain, recover

LEASE = 30.0


def cap(house: House, account_id: UUID, **limits: Any) -> None:
    """From now on; what was accepted before is due all the same."""
    with house.sessions.begin() as session:
        session.get_one(Account, account_id).settings = limits


def due(house: House, count: int, *, first: int = 0, **limits: Any) -> UUID:
    account_id = house.account(send_within_seconds=3 * 86_400)
    house.hang_up_many(account_id, count, first)
    cap(house, account_id, **limits)
    return account_id


def claim(house: House, free: int = 100) -> list[Claimed]:
    return house.parts.unit(claim_within_caps, free=free, lease_seconds=LEASE)


def sent(house: House, account_id: UUID) -> dict[str, int]:
    with house.sessions() as session:
        rows = session.scalars(select(SendingDay).where(SendingDay.account_id == account_id))
        return {row.range: row.sent for row in rows}


def states(house: House, account_id: UUID) -> Counter[str]:
    return Counter(message.state for message in house.messages(account_id))


def test_of_a_hundred_that_are_due_at_once_ten_go_out_by_two_drains(house: House) -> None:
    account_id = due(house, 100, daily_cap=10)
    other = house.worker(in_flight=5)
    try:
        together(Drain(house.parts).run, Drain(other).run)
    finally:
        other.carriers.close()
    assert len(house.ledger()) == 10
    assert sent(house, account_id)[""] == 10
    assert states(house, account_id) == {"accepted": 10, "due": 90}


def test_claims_of_one_account_at_the_same_moment_share_one_cap(house: House) -> None:
    """Also when its texts go by two senders, whose claims don't wait for each other."""
    owner, account_id = house.account(), due(house, 40, daily_cap=7)
    sender = change_sender(house, account_id)
    share(house, owner, account_id)
    change_sender(house, account_id, is_active=True)
    with house.sessions.begin() as session:
        (other,) = [one for one in session.scalars(select(Message.sender_id).distinct()) if one == sender[1]]
        shared = change_sender(house, owner)[1]
        half = (
            select(Message.id).where(Message.account_id == account_id, Message.sender_id == other).limit(20)
        )
        for message in session.scalars(select(Message).where(Message.id.in_(half))):
            message.sender_id = shared
    claimed: list[Claimed] = []
    together(*(lambda: claimed.extend(claim(house, free=5)) for _ in range(12)))
    assert len(claimed) == 7
    assert sent(house, account_id)[""] == 7


def test_neighbouring_numbers_have_a_cap_of_their_own(house: House) -> None:
    account_id = house.account()
    for number in (*range(8), *range(10_000, 10_004)):
        house.hang_up(account_id, phone=f"+4477{10_000_000 + number}")
    cap(house, account_id, daily_cap_per_range=5)
    house.send()
    ranges = {number_range: n for number_range, n in sent(house, account_id).items() if number_range}
    assert sorted(ranges.values()) == [4, 5]
    assert len(house.ledger()) == sent(house, account_id)[""] == 9


def test_a_survey_is_counted_once_however_often_it_is_tried(house: House) -> None:
    account_id = due(house, 1, daily_cap=1)
    for result in (
        SendResult(Outcome.NOT_SENT),
        SendResult(Outcome.REJECTED, action=Action.RETRY, http_status=429),
        SendResult(Outcome.ACCEPTED, provider_id="SM1"),
    ):
        (claimed,) = claim(house)
        envelope = begin(house.parts, claimed)
        assert envelope is not None
        record(house.parts, envelope, result)
        with house.sessions.begin() as session:
            message = session.scalars(select(Message).where(Message.state == "due")).first()
            if message is not None:
                message.due_at = house.now()
    assert sent(house, account_id)[""] == 1


def test_a_worker_that_is_lost_with_its_claim_has_used_nothing_twice(house: House) -> None:
    account_id = due(house, 2, daily_cap=1)
    assert len(claim(house)) == 1
    house.pass_time(minutes=2)
    recover(house.parts)
    house.send()
    assert len(house.ledger()) == 1
    assert sent(house, account_id)[""] == 1


def test_what_is_claimed_with_nothing_beside_it_keeps_to_the_cap_too(house: House) -> None:
    account_id = due(house, 2, daily_cap=1)
    with house.sessions.begin() as session:
        for message in session.scalars(select(Message)):
            message.claims = 2
    claimed = [house.parts.unit(claim_suspect_within_caps, LEASE) for _ in range(3)]
    assert [one is not None for one in claimed] == [True, False, False]
    assert sent(house, account_id)[""] == 1


def test_what_the_cap_stopped_goes_out_on_the_next_day_within_its_hours(house: House) -> None:
    account_id = due(house, 3, daily_cap=2)
    house.send()
    recover(house.parts)
    (waiting,) = [message for message in house.messages(account_id) if message.state == "due"]
    midnight = (house.now() + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    assert waiting.due_at == midnight
    (told,) = [one for one in house.invitations(account_id) if "put_off" in one.decision]
    assert [(one["reason"], one["until"]) for one in told.decision["put_off"]] == [
        ("daily_cap", midnight.isoformat())
    ]
    house.pass_time(days=1)
    house.send()
    assert len(house.ledger()) == 3


def test_what_the_cap_stopped_until_its_time_is_over_counts_as_skipped(house: House) -> None:
    account_id = house.account(send_within_seconds=60)
    house.hang_up(account_id)
    cap(house, account_id, daily_cap=0)
    house.send()
    recover(house.parts)
    (invitation,) = house.invitations(account_id)
    (message,) = house.messages(account_id)
    assert (invitation.state, invitation.skip_reason) == ("skipped", "daily_cap")
    assert (message.state, message.detail) == ("cancelled", "daily_cap")
    assert [one["reason"] for one in invitation.decision["put_off"]] == ["daily_cap"]
    contact = house.contact(account_id)
    assert (contact.last_asked_at, contact.open_invitation, contact.recent_asks) == (None, None, [])


def test_what_the_cap_stopped_goes_by_mail_where_the_survey_has_one(house: House) -> None:
    account_id = account(house, Channel.SMS, Channel.EMAIL)
    house.hang_up(account_id, email=EMAIL)
    cap(house, account_id, daily_cap=0)
    house.send()
    recover(house.parts)
    text, mail = house.messages(account_id)
    assert (text.state, text.detail, mail.state) == ("cancelled", "daily_cap", "due")
    (invitation,) = house.invitations(account_id)
    assert (invitation.channel, invitation.decision["put_off"][0]["instead"]) == ("email", "email")
    assert len(claim(house)) == 1  # a mail costs nothing by the piece
    assert sent(house, account_id).get("", 0) == 0


def test_a_call_that_follows_a_text_is_the_same_survey(house: House) -> None:
    account_id = account(house, Channel.SMS, Channel.CALLBACK)
    house.hang_up(account_id)
    cap(house, account_id, daily_cap=1)
    (claimed,) = claim(house)
    envelope = begin(house.parts, claimed)
    assert envelope is not None
    with house.sessions() as session:
        begun = session.scalar(select(SendingDay.n).where(SendingDay.account_id == account_id))
    assert begun in (None, 0)
    record(house.parts, envelope, SendResult(Outcome.REJECTED, code=21614, action=Action.NEXT_CHANNEL))
    with house.sessions() as session:
        assert len(session.scalars(select(SendingPermit)).all()) == 1


def test_a_country_that_is_taken_off_the_list_gets_nothing_that_waits(house: House) -> None:
    account_id = due(house, 3, countries=["IE"])
    house.send()
    recover(house.parts)
    assert house.ledger() == []
    assert {(one.state, one.skip_reason) for one in house.invitations(account_id)} == {
        ("skipped", "country_not_allowed")
    }
    assert {(one.state, one.detail) for one in house.messages(account_id)} == {
        ("cancelled", "country_not_allowed")
    }


def test_who_can_be_reached_by_mail_is_written_to_in_its_place(house: House) -> None:
    account_id = account(house, Channel.SMS, Channel.EMAIL)
    house.hang_up(account_id, email=EMAIL)
    cap(house, account_id, countries=["IE"], daily_cap=5)
    house.send()
    recover(house.parts)
    assert [(one.state, one.detail) for one in house.messages(account_id)] == [
        ("cancelled", "country_not_allowed"),
        ("due", None),
    ]


def test_what_was_begun_and_may_not_go_on_to_its_country_ends(house: House) -> None:
    account_id = due(house, 1, countries=["GB"])
    (claimed,) = claim(house)
    envelope = begin(house.parts, claimed)
    assert envelope is not None
    record(house.parts, envelope, SendResult(Outcome.REJECTED, action=Action.RETRY, http_status=429))
    cap(house, account_id, countries=["IE"])
    house.pass_time(minutes=5)
    house.send()
    recover(house.parts)
    ((message,), (invitation,)) = house.messages(account_id), house.invitations(account_id)
    assert (message.state, message.detail) == ("expired", "country_not_allowed")
    assert invitation.state == "expired"
    assert house.ledger() == []


@pytest.mark.parametrize("limits", [{}, {"countries": ["GB"]}], ids=["none", "countries"])
def test_without_a_cap_nothing_is_counted(house: House, limits: dict[str, Any]) -> None:
    account_id = due(house, 5, **limits)
    house.send()
    assert len(house.ledger()) == 5
    assert sent(house, account_id) == {}


def test_the_pace_of_a_sender_is_not_used_up_by_what_is_refused(house: House) -> None:
    capped, other = due(house, 30, daily_cap=0), house.account()
    house.hang_up_many(other, 1, first=500)
    share(house, capped, other)
    before = house.now() - timedelta(hours=1)
    sender = change_sender(house, capped, per_second=1, burst=1, next_free_at=before)
    with house.sessions.begin() as session:
        for message in session.scalars(select(Message).where(Message.account_id == other)):
            message.sender_id = sender[1]
    for _ in range(40):
        house.parts.unit(claim_within_caps, free=10, lease_seconds=LEASE)
    assert states(house, other) == {"claimed": 1}


def test_permits_are_forgotten_with_their_days(house: House) -> None:
    due(house, 1, daily_cap=1)
    house.send()
    house.pass_time(days=40)
    with house.sessions.begin() as session:
        tidy(session)
        assert session.scalars(select(SendingPermit)).all() == []
        assert session.scalars(select(SendingDay)).all() == []
