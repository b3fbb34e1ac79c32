"""Claims: paced, fair, and never two of one message."""

from collections import Counter
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from app.store.base import database_now
from app.store.claims import seconds_to_next_due, senders_with_work
from tests.house import House
from tests.store.claiming import change_sender, claim, claim_now, share, together


def test_no_more_is_claimed_than_there_is_room_for(house: House) -> None:
    account_id = house.account()
    sender = change_sender(house, account_id)
    house.hang_up_many(account_id, 5)
    assert [len(claim_now(house, sender, free=2)) for _ in range(4)] == [2, 2, 1, 0]


def test_what_was_due_first_is_claimed_first(house: House) -> None:
    account_id = house.account()
    sender = change_sender(house, account_id)
    for phone in ("+447700900001", "+447700900002", "+447700900003"):
        house.hang_up(account_id, phone=phone)
    due = [message.id for message in sorted(house.messages(account_id), key=lambda one: one.due_at)]
    assert [claimed.message_id for _ in due for claimed in claim_now(house, sender, free=1)] == due


def test_a_sender_sends_its_burst_at_once_and_then_at_its_pace(house: House) -> None:
    account_id = house.account()
    house.hang_up_many(account_id, 120)
    sender = change_sender(house, account_id, per_second=100, burst=20)
    house.pass_time(minutes=1)
    claimed = 0
    with house.sessions() as session:

        def claim_at(seconds: float) -> tuple[datetime, datetime]:
            """Claim all that the pace allows; between which moments of the database's clock."""
            nonlocal claimed
            shift = {"shift": f"{60 + seconds} s"}
            session.execute(text("select set_config('postcall.clock_shift', :shift, false)"), shift)
            before = database_now(session)
            claimed += len(claim(session, sender))
            session.commit()
            return before, database_now(session)

        earliest, latest = claim_at(0)
        assert claimed == 20
        for tenth in range(1, 8):
            before, after = claim_at(tenth / 10)
            assert claimed <= 20 + 100 * (after - earliest).total_seconds()
            assert claimed >= min(119, 19 + 100 * (before - latest).total_seconds())


@pytest.mark.parametrize("per_second", [0.3, 3, 7, 700])
def test_the_smallest_burst_lets_one_text_through_at_any_pace(house: House, per_second: float) -> None:
    account_id = house.account()
    house.hang_up_many(account_id, 2)
    sender = change_sender(house, account_id, per_second=per_second, burst=1)
    house.pass_time(minutes=1)
    assert len(claim_now(house, sender)) == 1


def test_a_slow_sender_is_shared_evenly_text_by_text(house: House) -> None:
    owner, guest = house.account(), house.account()
    share(house, owner, guest)
    sender = change_sender(house, owner)
    house.hang_up_many(owner, 60)
    house.hang_up_many(guest, 60, first=100)
    counts = Counter(claimed.account_id for _ in range(60) for claimed in claim_now(house, sender, free=1))
    # each of them is one of two at random: within five standard deviations
    assert abs(counts[owner] - counts[guest]) <= 39


def test_room_for_many_is_divided_among_the_accounts_that_share_a_sender(house: House) -> None:
    owner, guest = house.account(), house.account()
    share(house, owner, guest)
    sender = change_sender(house, owner)
    house.hang_up_many(owner, 30)
    house.hang_up_many(guest, 10, first=100)
    counts = Counter(claimed.account_id for claimed in claim_now(house, sender, free=10))
    assert counts == {owner: 5, guest: 5}


def test_the_sender_served_longest_ago_comes_first(house: House) -> None:
    accounts = [house.account() for _ in range(3)]
    senders = [change_sender(house, account_id) for account_id in accounts]
    for number, account_id in enumerate(accounts):
        house.hang_up_many(account_id, 10, first=100 * number)
    house.pass_time(minutes=1)
    served = []
    for _ in range(9):
        with house.sessions.begin() as session:
            sender = senders_with_work(session)[0]
            assert len(claim(session, sender, free=1)) == 1
        served.append(sender)
    assert served[:3] == served[3:6] == served[6:]
    assert set(served) == set(senders)


def test_two_claims_at_once_take_different_messages_or_none(house: House) -> None:
    account_id = house.account()
    sender = change_sender(house, account_id)
    house.hang_up_many(account_id, 2)
    with house.sessions.begin() as first, house.sessions.begin() as second:
        assert len(claim(first, sender, free=1)) == 1
        assert claim(second, sender, free=1) == []  # the sender is taken: not waited for
    assert len(claim_now(house, sender)) == 1


def test_a_hundred_messages_claimed_by_four_at_once_are_each_claimed_once(house: House) -> None:
    account_id = house.account()
    sender = change_sender(house, account_id)
    house.hang_up_many(account_id, 100)
    taken: list[UUID] = []

    def take() -> None:
        while len(taken) < 100:
            taken.extend(claimed.message_id for claimed in claim_now(house, sender, free=3))

    together(take, take, take, take)
    assert len(taken) == len(set(taken)) == 100


def test_a_paused_account_leaves_the_room_to_the_others(house: House) -> None:
    owner, guest = house.account(), house.account()
    share(house, owner, guest)
    sender = change_sender(house, owner)
    house.hang_up_many(owner, 10)
    house.hang_up_many(guest, 10, first=100)
    with house.sessions.begin() as session:
        session.execute(text("insert into sending_pause (scope) values (:id)"), {"id": str(owner)})
    assert Counter(claimed.account_id for claimed in claim_now(house, sender)) == {guest: 10}


def test_the_next_due_time_is_that_of_what_is_not_due_yet(house: House) -> None:
    account_id = house.account(delay_seconds=90)
    with house.sessions() as session:
        assert seconds_to_next_due(session) is None
    house.hang_up_many(account_id, 1)
    with house.sessions() as session:
        assert 85 < (seconds_to_next_due(session) or 0) <= 90
