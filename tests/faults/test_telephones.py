"""Faults of calls: it may ring twice where the carrier hides one, and only one of them hears a survey."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.domain.channel import Channel
from app.run.services import SIMULATOR_NUMBER
from app.store.senders import add_sender
from tests.faults.system import System
from tests.faults.trial import Trial
from tests.telephone import CALL_BACK


@pytest.fixture
def calling(system: System, open_account: Callable[..., Trial]) -> Trial:
    trial = open_account(channels=CALL_BACK, order_ivr=("csat",))
    credentials = system.stack.credentials
    with system.sessions.begin() as session:
        add_sender(
            session,
            trial.account_id,
            provider_account=credentials.twilio_account_sid,
            auth_token=credentials.twilio_auth_token,
            number=SIMULATOR_NUMBER,
            per_second=1000,
            burst=1000,
            channel=Channel.CALLBACK,
        )
    return trial


def calls_to(system: System, phone: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = system.world("GET", f"/phones/{phone}/calls.json")
    return found


def press(system: System, phone: str, sid: str, digits: str) -> None:
    system.world("POST", f"/phones/{phone}/calls/{sid}/press", {"digits": digits})


def answer_all_at_once(system: System, phone: str) -> list[dict[str, Any]]:
    """The calls that somebody was heard in."""

    def answer(call: dict[str, Any]) -> dict[str, Any]:
        taken: dict[str, Any] = system.world("POST", f"/phones/{phone}/calls/{call['sid']}/answer")
        return taken

    calls = calls_to(system, phone)
    with ThreadPoolExecutor(len(calls)) as pool:
        return [call for call in pool.map(answer, calls) if call["heard"]]


def test_29_ivr_second_callsid_for_one_attempt(system: System, calling: Trial) -> None:
    """The answer to the request was lost and the call is not listed: after two empty listings another is made."""
    system.fault(drop_reply={"count": 5}, listing_lag=3600)
    phones = calling.hang_up(5)
    for phone in phones:
        system.wait(lambda phone=phone: len(calls_to(system, phone)) == 2, 60)
    for phone in phones:
        (served,) = answer_all_at_once(system, phone)
        press(system, phone, served["sid"], "1")
        press(system, phone, served["sid"], "5")
    calling.settle()
    assert calling.answers() == [("csat", 5)] * 5
    assert calling.states() == {"delivered": 5}
    assert [len(calls_to(system, phone)) for phone in phones] == [2] * 5


def test_29_a_call_that_is_listed_is_not_made_again(system: System, calling: Trial) -> None:
    system.fault(drop_reply={"count": 5})
    phones = calling.hang_up(5)
    system.wait(lambda: calling.states() == {"accepted": 5})
    for phone in phones:
        (served,) = answer_all_at_once(system, phone)
        press(system, phone, served["sid"], "1")
        press(system, phone, served["sid"], "4")
    calling.settle()
    assert calling.answers() == [("csat", 4)] * 5
    assert [len(calls_to(system, phone)) for phone in phones] == [1] * 5
