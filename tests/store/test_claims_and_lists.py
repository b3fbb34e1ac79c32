"""Claims beside the account's own lists: none commits after a contact came onto one."""

import threading
from uuid import UUID

import pytest
from sqlalchemy import select

from app.db import run_unit
from app.flow.contact_lists import change_one
from app.store.messages import Message
from tests.house import House
from tests.store.claiming import change_sender, claim_now, together


@pytest.mark.parametrize("action", ["suppress", "withdraw"])
def test_no_claim_commits_after_the_listing_has(house: House, action: str) -> None:
    account_id = house.account()
    sender = change_sender(house, account_id)
    phones = house.hang_up_many(account_id, 60)
    seen: dict[UUID, str] = {}
    finished = threading.Event()

    def claim_one_by_one() -> None:
        while not finished.is_set() and len(seen) < len(phones):
            claim_now(house, sender, free=1)

    def list_one_by_one() -> None:
        try:
            # from both ends, so that some are claimed first and some listed first
            for phone in [one for pair in zip(phones, reversed(phones), strict=True) for one in pair]:
                told = {"by": "phone", "value": phone}
                run_unit(house.sessions, change_one, account_id, action, told, how="api", actor="key pc_1")
                with house.sessions() as session:
                    contact_id = house.contact(account_id, phone).id
                    message = session.scalars(select(Message).where(Message.contact_id == contact_id)).one()
                    seen.setdefault(message.id, message.state)
        finally:
            finished.set()

    together(claim_one_by_one, list_one_by_one)
    claimed = {message.id for message in house.messages(account_id) if message.state == "claimed"}
    assert claimed == {message_id for message_id, state in seen.items() if state == "claimed"}
    assert 0 < len(claimed) < len(phones)
