"""Somebody comes onto a list while their telephone rings, or while they are being asked on it."""

from uuid import UUID

import pytest

from app.db import run_unit
from app.flow.contact_lists import change_one
from tests.house import PHONE
from tests.telephone import Telephony

pytestmark = pytest.mark.parametrize("action", ["suppress", "withdraw"])


def put_on_a_list(telephony: Telephony, account_id: UUID, action: str) -> None:
    told = {"by": "phone", "value": PHONE}
    run_unit(telephony.house.sessions, change_one, account_id, action, told, how="api", actor="key")


def test_it_is_not_rung_a_second_time(telephony: Telephony, action: str) -> None:
    account_id = telephony.account(order_ivr=("csat",))
    phone = telephony.ring(account_id)
    put_on_a_list(telephony, account_id, action)
    phone.reject()
    telephony.house.pass_time(hours=2)
    telephony.house.send()
    assert len(phone.calls()) == 1
    assert telephony.invitation(account_id).state == "cancelled"


def test_who_picks_up_is_told_that_it_is_over(telephony: Telephony, action: str) -> None:
    account_id = telephony.account(order_ivr=("csat",))
    phone = telephony.ring(account_id)
    put_on_a_list(telephony, account_id, action)
    assert phone.answer()["heard"][-1].startswith("This survey has closed.")
    assert telephony.values(account_id) == {}


def test_who_is_being_asked_hears_no_other_question(telephony: Telephony, action: str) -> None:
    account_id = telephony.account(order_ivr=("csat", "fcr"))
    phone = telephony.ring(account_id)
    phone.answer()
    phone.press("1", "5")
    put_on_a_list(telephony, account_id, action)
    assert phone.press("1")["heard"][-1].startswith("This survey has closed.")
    assert telephony.values(account_id) == {"csat": 5}
    assert telephony.invitation(account_id).state == "partial"
