"""Accounts with messages that are due, and claims of them."""

import threading
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.store.claims import Claimed, claim_messages
from app.store.senders import Sender, share_sender
from tests.house import House

LEASE_SECONDS = 30


def change_sender(house: House, account_id: UUID, **changes: object) -> tuple[UUID, UUID]:
    """(owner, sender) of the account's own sender, changed."""
    with house.sessions.begin() as session:
        sender = session.scalars(select(Sender).where(Sender.account_id == account_id)).one()
        for name, value in changes.items():
            setattr(sender, name, value)
        return sender.account_id, sender.id


def share(house: House, owner: UUID, guest: UUID) -> None:
    """Both send by the owner's sender."""
    change_sender(house, guest, is_active=False)
    with house.sessions.begin() as session:
        share_sender(session, session.scalars(select(Sender).where(Sender.account_id == owner)).one(), guest)


def claim(session: Session, sender: tuple[UUID, UUID], free: int = 1000) -> list[Claimed]:
    return claim_messages(session, *sender, free=free, lease_seconds=LEASE_SECONDS)


def claim_now(house: House, sender: tuple[UUID, UUID], free: int = 1000) -> list[Claimed]:
    with house.sessions.begin() as session:
        return claim(session, sender, free)


def together(*works: Callable[[], object]) -> None:
    """Run them at once; raises what the first of them raised."""
    errors: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            start.wait()
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
