"""A survey in the call itself, when the agent has left: before the call is reported, and after."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app.domain.channel import Channel
from app.domain.questionnaire import Way
from app.store.calls import Call
from app.store.facts import FactDay
from tests.house import ACCOUNT_SID, PHONE
from tests.telephone import Request, Telephony

QUESTIONS = ("csat", "ownership", "fcr")
BY_TEXT = (Way(Channel.SMS, 180),)


def a_call_sid() -> str:
    return "CA" + secrets.token_hex(16)


def the_call(telephony: Telephony) -> Call:
    with telephony.house.sessions() as session:
        return session.scalars(select(Call)).one()


def test_a_call_that_was_not_reported_yet_is_asked_in_and_completed_by_its_report(
    telephony: Telephony,
) -> None:
    account, call_id = telephony.house.account(order_ivr=QUESTIONS), a_call_sid()
    heard = telephony.stay(call_id).call["heard"]
    assert heard[0].startswith("Acme would like to know how this call went.")
    assert heard[1].startswith("How satisfied")
    known = the_call(telephony)
    assert (known.agent_id, known.is_answered) == ("101", True), "as the platform's address says"
    telephony.phone.press("5", "4")
    report = telephony.house.call_end(call_id=call_id, queue="billing", tags=("vip",))
    received = telephony.house.hang_up(account, report)
    assert (received.created, received.conflict) == (True, False)
    assert received.invitation is not None
    assert received.invitation["channel"] == "ivr"
    telephony.phone.press("1")
    assert telephony.values(account) == {"csat": 5, "ownership": 4, "fcr": 1}
    invitation = telephony.invitation(account)
    assert (invitation.state, invitation.channel, invitation.delivered_basis) == (
        "finished",
        "ivr",
        "receipt",
    )
    call = the_call(telephony)
    assert (call.agent_id, call.queue, call.tags, call.talk_seconds) == ("a1", "billing", ["vip"], 90)
    assert telephony.house.messages(account) == []
    again = telephony.house.hang_up(account, report)
    assert (again.created, again.conflict) == (False, False)
    other = telephony.house.hang_up(account, telephony.house.call_end(call_id=call_id, agent_id="b"))
    assert other.conflict


def test_the_survey_counts_for_the_agent_whom_the_report_names(telephony: Telephony) -> None:
    account, call_id = telephony.house.account(order_ivr=("csat",)), a_call_sid()
    telephony.stay(call_id).press("5")
    telephony.house.roll_up()
    telephony.house.hang_up(account, call_id=call_id)
    telephony.house.roll_up()
    with telephony.house.sessions() as session:
        agents = session.scalars(select(FactDay.agent_id).where(FactDay.metric == "csat")).all()
    assert agents == ["a1"]


def test_a_reported_call_whose_text_is_still_due_is_asked_in_the_call_instead(telephony: Telephony) -> None:
    account, call_id = telephony.house.account(order_ivr=QUESTIONS, channels=BY_TEXT), a_call_sid()
    telephony.house.hang_up(account, call_id=call_id)
    (text,) = telephony.house.messages(account)
    assert text.state == "due"
    telephony.stay(call_id).press("5", "5", "1")
    (text,) = telephony.house.messages(account)
    assert (text.state, text.detail) == ("cancelled", "asked on the telephone")
    telephony.house.pass_time(minutes=4)
    telephony.house.send()
    assert telephony.house.bodies() == []
    assert telephony.values(account) == {"csat": 5, "ownership": 5, "fcr": 1}
    invitation = telephony.invitation(account)
    assert (invitation.state, invitation.channel) == ("finished", "ivr")


def test_a_hang_up_in_the_call_leaves_a_partial_some_minutes_later(telephony: Telephony) -> None:
    account = telephony.house.account(order_ivr=QUESTIONS)
    telephony.stay(a_call_sid()).press("2")
    telephony.phone.hang_up()
    telephony.house.settle()
    assert telephony.invitation(account).state == "started"
    telephony.house.pass_time(minutes=6)
    telephony.house.settle()
    assert telephony.invitation(account).state == "partial"
    assert telephony.values(account) == {"csat": 2}


def test_nine_at_the_start_opts_out(telephony: Telephony) -> None:
    account = telephony.house.account(order_ivr=QUESTIONS)
    telephony.stay(a_call_sid()).press("9")
    assert telephony.invitation(account).state == "opted_out"
    assert telephony.house.contact(account).opted_out_at is not None
    second = telephony.stay(a_call_sid()).call
    assert (second["heard"], second["status"]) == ([], "completed")
    assert [invitation.skip_reason for invitation in telephony.house.invitations(account)] == [
        None,
        "opted_out",
    ]


def test_who_was_asked_lately_is_not_asked_again(telephony: Telephony) -> None:
    account = telephony.house.account(order_ivr=("csat",))
    telephony.stay(a_call_sid()).press("5")
    assert telephony.stay(a_call_sid()).call["heard"] == []
    assert telephony.house.invitations(account)[-1].skip_reason == "asked_recently"


def test_where_nobody_came_there_is_nothing_to_ask(telephony: Telephony) -> None:
    account = telephony.house.account()
    call = telephony.stay(a_call_sid(), answered_at=None).call
    assert (call["heard"], call["status"]) == ([], "completed")
    assert telephony.house.invitations(account) == []


def test_in_chinese(telephony: Telephony) -> None:
    account = telephony.house.account(order_ivr=("csat", "ownership"), language="zh")
    heard = telephony.stay(a_call_sid()).press("1", "2")["heard"]
    assert heard[0].startswith("Acme想请您")
    assert telephony.values(account) == {"csat": 5, "ownership": 4}


def test_the_agent_and_the_queue_may_stand_in_the_address(telephony: Telephony) -> None:
    telephony.house.account(order_ivr=("csat",))
    call_id = a_call_sid()
    form = {"AccountSid": ACCOUNT_SID, "CallSid": call_id, "From": PHONE, "To": "+15005550006"}
    named = "source=pbx&call_id=77&agent=a9&queue=sales&language=zh"
    document = telephony.ask(
        Request(f"{telephony.house.settings.public_url}/hooks/twilio/voice/survey?{named}", form)
    )
    assert "满意" in document
    call = the_call(telephony)
    assert (call.source, call.call_id, call.agent_id, call.queue) == ("pbx", "77", "a9", "sales")


@pytest.mark.parametrize("number", ["anonymous", "", "+266696687", "138****0000"])
def test_who_hides_their_number_is_not_asked(telephony: Telephony, number: str) -> None:
    """Nothing could keep them from being asked at each call."""
    account = telephony.house.account()
    form = {"AccountSid": ACCOUNT_SID, "CallSid": a_call_sid(), "From": number, "To": "+15005550006"}
    url = f"{telephony.house.settings.public_url}/hooks/twilio/voice/survey"
    document = telephony.ask(Request(url, form))
    assert "<Gather" not in document
    assert "<Hangup" in document
    assert telephony.invitation(account).state == "skipped"


def test_the_first_request_made_twice_is_one_survey(telephony: Telephony) -> None:
    account = telephony.house.account(order_ivr=("csat",))
    form = {"AccountSid": ACCOUNT_SID, "CallSid": a_call_sid(), "From": PHONE, "To": "+15005550006"}
    request = Request(f"{telephony.house.settings.public_url}/hooks/twilio/voice/survey", form)
    with ThreadPoolExecutor(10) as pool:
        documents = set(pool.map(telephony.ask, [request] * 10))
    assert len(documents) == 1
    assert len(telephony.house.invitations(account)) == 1


def test_the_report_and_the_survey_at_once_are_one_call(telephony: Telephony) -> None:
    for _ in range(5):
        account, call_id = telephony.house.account(order_ivr=("csat",)), a_call_sid()
        phone = f"+4477009{secrets.randbelow(100_000):05}"
        form = {"AccountSid": ACCOUNT_SID, "CallSid": call_id, "From": phone, "To": "+15005550006"}
        url = f"{telephony.house.settings.public_url}/hooks/twilio/voice/survey?account={account}"
        with ThreadPoolExecutor(2) as pool:
            asked = pool.submit(telephony.ask, Request(url, form))
            reported = pool.submit(telephony.house.hang_up, account, call_id=call_id, phone=phone)
            assert "<Gather" in asked.result()
            assert not reported.result().conflict
        assert len(telephony.house.invitations(account)) == 1
        assert [message.state for message in telephony.house.messages(account)] in ([], ["cancelled"])


def test_of_several_accounts_the_address_names_one(telephony: Telephony) -> None:
    telephony.house.account()
    second = telephony.house.account(order_ivr=("csat",))
    form = {"AccountSid": ACCOUNT_SID, "CallSid": a_call_sid(), "From": PHONE, "To": "+15005550006"}
    url = f"{telephony.house.settings.public_url}/hooks/twilio/voice/survey"
    assert "<Gather" not in telephony.ask(Request(url, form)), "whose call it is can't be told"
    assert "<Gather" in telephony.ask(Request(f"{url}?account={second}", form))
