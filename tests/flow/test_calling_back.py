"""A survey by a call that we make: whole conversations on a simulated telephone, and how each of them ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.domain.channel import Channel
from app.domain.questionnaire import Way
from app.store.contacts import Contact
from app.store.messages import Message
from app.store.phone_surveys import PhoneSurvey
from app.store.provider_events import ProviderEvent
from tests.telephone import CALL_BACK, Request, Telephony

QUESTIONS = ("csat", "ownership", "fcr")


def states(telephony: Telephony, account_id: object) -> list[str]:
    return [message.state for message in telephony.house.messages(account_id)]  # type: ignore[arg-type]


def test_a_conversation_from_the_hang_up_to_the_answers(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=QUESTIONS)
    phone = telephony.ring(account)
    phone.answer()
    said = phone.press("1", "5", "4", "2")
    assert said["status"] == "completed"
    assert [words.split()[0] for words in said["heard"]] == [
        "Hello,",
        "How",
        "How",
        "Is",
        "Thank",
        "Goodbye.",
    ]
    assert telephony.values(account) == {"csat": 5, "ownership": 4, "fcr": 2}
    invitation = telephony.invitation(account)
    assert (invitation.state, invitation.channel) == ("finished", "callback")
    assert invitation.delivered_basis == "receipt"
    assert states(telephony, account) == ["delivered"]
    answer = telephony.answers(account)["csat"]
    assert (answer.channel, answer.scale, telephony.words(account, "csat")) == ("ivr", "1_5", "5")


def test_in_chinese_one_is_the_best(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=QUESTIONS, language="zh")
    phone = telephony.ring(account, language="zh")
    assert phone.answer()["heard"][0].startswith("您好,这里是Acme")
    assert phone.press("1", "1", "5", "3")["heard"][-1] == "再见。"
    assert telephony.values(account) == {"csat": 5, "ownership": 1, "fcr": 3}
    answers = telephony.answers(account)
    assert [answers[key].scale for key in QUESTIONS] == [
        "zh_ivr_1best",
        "zh_ivr_1best",
        "1_yes_2_no_3_unsure",
    ]
    assert telephony.words(account, "csat") == "1"


def test_silence_wrong_keys_and_star_repeat_the_question(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=("csat",))
    phone = telephony.ring(account)
    phone.answer()
    phone.press("1")
    phone.stay_silent()
    phone.press("*", "7")
    heard = phone.press("3")["heard"]
    assert sum(words.startswith("How satisfied") for words in heard) == 4
    beside = ["We didn't hear your answer.", "Sorry, we didn't get that."]
    assert [words for words in heard if words in beside] == beside
    assert telephony.values(account) == {"csat": 3}


def test_three_silences_end_the_call_kindly(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=QUESTIONS)
    phone = telephony.ring(account)
    phone.answer()
    phone.press("1", "5", "", "", "")
    assert phone.call["heard"][-2:] == ["Thank you.", "Goodbye."]
    assert phone.call["status"] == "completed"
    telephony.house.settle()
    assert telephony.values(account) == {"csat": 5}
    assert telephony.invitation(account).state == "partial"


def test_a_hang_up_in_the_middle_leaves_a_partial(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=QUESTIONS)
    phone = telephony.ring(account)
    phone.answer()
    phone.press("1", "2", "3")
    phone.hang_up()
    telephony.house.settle()
    assert telephony.values(account) == {"csat": 2, "ownership": 3}
    invitation = telephony.invitation(account)
    assert (invitation.state, invitation.completed_at) == ("partial", None)


def test_who_hangs_up_on_the_opening_has_not_answered(telephony: Telephony) -> None:
    account = telephony.account()
    phone = telephony.ring(account)
    phone.answer()
    phone.hang_up()
    telephony.house.settle()
    assert telephony.invitation(account).state == "unanswered"
    assert states(telephony, account) == ["delivered"]


def test_nine_stops_these_calls_for_good(telephony: Telephony) -> None:
    account = telephony.account()
    phone = telephony.ring(account)
    phone.answer()
    assert phone.press("9")["heard"][-1].startswith("Acme won't ask you")
    assert telephony.invitation(account).state == "opted_out"
    with telephony.house.sessions() as session:
        assert session.scalars(select(Contact)).one().opted_out_at is not None
    again = telephony.house.hang_up(account)
    assert again.skipped == {"reason": "opted_out"}


@pytest.mark.parametrize("answered_by", ["machine_start", "machine_end_beep", "fax"])
def test_a_machine_never_gets_the_survey(telephony: Telephony, answered_by: str) -> None:
    account = telephony.account()
    phone = telephony.ring(account)
    call = phone.answer(answered_by)
    assert (call["heard"], call["status"]) == ([], "completed")
    assert states(telephony, account) == ["failed", "due"]
    assert telephony.invitation(account).delivered_at is None


@pytest.mark.parametrize("status", ["busy", "no-answer"])
def test_who_could_not_come_is_rung_once_more_an_hour_later(telephony: Telephony, status: str) -> None:
    account = telephony.account()
    telephony.ring(account).reject(status)
    first, second = telephony.house.messages(account)
    assert (first.state, second.state) == ("failed", "due")
    assert timedelta(minutes=59) < second.due_at - telephony.house.now() <= timedelta(hours=1)
    telephony.house.send()
    assert len(telephony.phone.calls()) == 1, "the hour is not over"
    telephony.house.pass_time(hours=1, seconds=5)
    telephony.house.send()
    assert len(telephony.phone.calls()) == 2
    telephony.phone.reject(status)
    telephony.house.settle()
    assert states(telephony, account) == ["failed", "failed"]
    assert telephony.invitation(account).state == "failed"


def test_who_comes_at_the_second_ring_answers(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=("csat",))
    telephony.ring(account).reject("no-answer")
    telephony.house.pass_time(hours=1, seconds=5)
    telephony.house.send()
    telephony.phone.answer()
    telephony.phone.press("1", "4")
    assert telephony.values(account) == {"csat": 4}
    assert telephony.invitation(account).state == "finished"
    assert states(telephony, account) == ["failed", "delivered"]


def test_a_number_that_can_not_be_rung_is_not_rung_again(telephony: Telephony) -> None:
    account = telephony.account()
    telephony.ring(account).reject("failed")
    assert states(telephony, account) == ["failed"]
    assert telephony.invitation(account).state == "failed"


def test_after_both_rings_the_next_channel_is_tried(telephony: Telephony) -> None:
    account = telephony.account(channels=(*CALL_BACK, Way(Channel.SMS, 0)))
    telephony.ring(account).reject("busy")
    telephony.house.pass_time(hours=1, seconds=5)
    telephony.house.send()
    telephony.phone.reject("busy")
    telephony.house.send()
    assert len(telephony.house.bodies()) == 1
    assert telephony.invitation(account).channel == "sms"
    telephony.house.text("5")
    assert telephony.values(account) == {"csat": 5}


def test_a_repeated_request_hears_the_same_and_a_late_one_changes_nothing(telephony: Telephony) -> None:
    """What Twilio does after a connection that failed: the same request again."""
    account = telephony.account(order_ivr=QUESTIONS)
    phone = telephony.ring(account)
    phone.answer()
    phone.press("1")
    csat = phone.request_for("5")
    standing = phone.press("5")["twiml"]
    assert telephony.ask(csat) == standing
    assert telephony.ask(Request(csat.url, {**csat.fields, "Digits": "1"})) == standing
    early = Request(csat.url.replace("turn=1", "turn=7"), {**csat.fields, "Digits": "1"})
    assert early.url != csat.url
    assert telephony.ask(early) == standing
    ended = phone.press("4", "1")["twiml"]
    assert telephony.ask(csat) == ended
    assert telephony.values(account) == {"csat": 5, "ownership": 4, "fcr": 1}
    with telephony.house.sessions() as session:
        assert len(session.scalars(select(ProviderEvent).where(ProviderEvent.kind == "keys")).all()) == 4
        assert session.scalars(select(PhoneSurvey)).one().turn == 4


def test_the_same_key_twenty_times_at_once_is_one_answer(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=QUESTIONS)
    phone = telephony.ring(account)
    phone.answer()
    phone.press("1")
    request = phone.request_for("5")
    with ThreadPoolExecutor(20) as pool:
        documents = set(pool.map(telephony.ask, [request] * 20))
    assert len(documents) == 1
    assert telephony.values(account) == {"csat": 5}


def test_a_lost_reply_and_a_second_call_are_one_survey(telephony: Telephony) -> None:
    """The listing did not show the first call, so that another was made: that one hears a hang-up."""
    account = telephony.account(order_ivr=("csat",))
    telephony.house.fault(drop_reply={"count": 1}, listing_lag=3600)
    phone = telephony.ring(account)
    telephony.house.settle()
    telephony.house.settle()
    telephony.house.send()
    first, second = (call["sid"] for call in phone.calls())
    assert phone.do("answer", first)["heard"] != []
    assert phone.do("answer", second)["heard"] == []
    phone.do("press", first, digits="1")
    phone.do("press", first, digits="5")
    assert telephony.values(account) == {"csat": 5}
    assert telephony.invitation(account).state == "finished"


def test_a_lost_reply_is_found_in_the_carriers_list(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=("csat",))
    telephony.house.fault(drop_reply={"count": 1})
    phone = telephony.ring(account)
    assert states(telephony, account) == ["unknown"]
    telephony.house.settle()
    assert states(telephony, account) == ["accepted"]
    telephony.house.send()
    assert len(phone.calls()) == 1
    with telephony.house.sessions() as session:
        assert session.scalars(select(Message)).one().provider_id == phone.call["sid"]


def test_who_answered_meanwhile_hears_that_it_is_over(telephony: Telephony) -> None:
    account = telephony.account(order_ivr=("csat",))
    phone = telephony.ring(account)
    phone.answer()
    telephony.house.shift(timedelta(days=3))
    telephony.house.settle()
    assert phone.press("1")["heard"][-1].startswith("This survey has closed.")
    assert telephony.values(account) == {}
