"""Texts that wait for a person, and what the person does."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from app.domain.delivery import MAX_CLAIMS
from app.errors import Conflict
from app.flow.decide_by_hand import close_by_hand, resend_by_hand
from app.flow.read_call import read_invitation
from app.flow.read_messages import read_message
from app.store.messages import Message
from tests.flow.steps import claim
from tests.house import House
from workers.delivery import recover

WHO = "key pc_Zk3vQ9aB operators"


def in_doubt(house: House, account_id: UUID | None = None, *, arrived: bool = True) -> Message:
    """A first text whose request was swallowed, by a carrier that could not be asked in time."""
    account_id = account_id or house.account()
    house.hang_up(account_id)
    house.fault(**{"error_after" if arrived else "error_before": {"count": 1}})
    house.send()
    doubt(house)
    message = house.messages(account_id)[-1]
    assert message.state == "in_doubt"
    return message


def doubt(house: House, **passing: float) -> None:
    """The carrier can't be asked of what is unclear until it is too late."""
    house.fault(listing_error=1)
    house.pass_time(**(passing or {"hours": 19}))
    house.settle()
    house.no_faults()


def quarantined(house: House, account_id: UUID) -> Message:
    house.hang_up(account_id)
    for _ in range(MAX_CLAIMS):
        assert claim(house.parts)
        house.pass_time(seconds=31)
        recover(house.parts)
        house.pass_time(minutes=3)  # it is claimed again later each time
    message = house.messages(account_id)[-1]
    assert message.state == "quarantined"
    return message


def failed(house: House, account_id: UUID, code: int) -> Message:
    """The carrier took it, and reports that it could not deliver it."""
    house.hang_up(account_id)
    house.send()
    house.receipt(house.ledger()[-1]["sid"], "undelivered", code=code)
    message = house.messages(account_id)[-1]
    assert (message.state, message.error_code) == ("failed", code)
    return message


def resend(house: House, message: Message, reason: str | None = None) -> dict[str, Any]:
    with house.sessions.begin() as session:
        return resend_by_hand(
            session, account_id=message.account_id, actor=WHO, message_id=message.id, reason=reason
        )


def close(house: House, message: Message, reason: str | None = None) -> dict[str, Any]:
    with house.sessions.begin() as session:
        return close_by_hand(
            session, account_id=message.account_id, actor=WHO, message_id=message.id, reason=reason
        )


def tried(house: House, message: Message, decide: Callable[..., dict[str, Any]] = resend) -> str:
    """The status that it led to, or why not."""
    try:
        return str(decide(house, message)["status"])
    except Conflict as conflict:
        return str(conflict)


def shown(house: House, message: Message) -> dict[str, Any]:
    with house.sessions() as session:
        return read_message(session, account_id=message.account_id, message_id=message.id)


def timeline(house: House, message: Message) -> list[dict[str, Any]]:
    with house.sessions() as session:
        view = read_invitation(session, account_id=message.account_id, invitation_id=message.invitation_id)
    happenings: list[dict[str, Any]] = view["timeline"]
    return happenings


def happened(house: House, message: Message, event: str) -> list[dict[str, Any]]:
    return [one for one in timeline(house, message) if one["event"] == event]
