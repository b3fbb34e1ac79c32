"""Faults and oddities of what comes in: each answer counts once and as it was meant, and no text is an error."""

import json
import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from tests.faults.trial import Trial, new_phone
from tests.flow import test_conversation_properties
from tests.house import House
from workers.drain import Drain


@pytest.fixture
def asked(trial: Trial) -> str:
    """The phone of somebody who has their first question."""
    (phone,) = trial.hang_up()
    trial.wait_for_texts(phone, 1)
    return phone


def test_35_inbound_sms_delivered_twice(trial: Trial, asked: str) -> None:
    deliveries = trial.reply(asked, "5", repeat=19)["deliveries"]
    assert [one["status"] for one in deliveries] == [200] * 20
    assert trial.answers() == [("csat", 5)]
    assert (
        trial.scalar("select count(*) from provider_event where account_id = :account and kind = 'text'") == 1
    )
    assert len(trial.wait_for_texts(asked, 2)) == 2


def test_36_two_answers_late_or_conflicting(trial: Trial, asked: str) -> None:
    trial.all_at_once(["5", "4", "3"], lambda said: trial.text(asked, said), 3)
    # in whatever order they were read: an answer each, to one question after the other
    assert [question for question, _ in trial.answers()] == ["csat", "nps", "ownership"]
    assert sorted(value for _, value in trial.answers()) == [3, 4, 5]
    assert trial.text(asked, "change to 2").status == 200
    assert [value for _, value in trial.answers()].count(2) == 1
    revisions = "select count(*) from answer where account_id = :account and value is not null"
    assert trial.scalar(revisions) == 4
    assert (
        trial.scalar("select count(*) from provider_event where account_id = :account and kind = 'text'") == 4
    )


@pytest.mark.long
def test_36_any_conversation(session_factory: sessionmaker[Session]) -> None:
    test_conversation_properties.test_what_is_kept_never_contradicts_itself(session_factory=session_factory)


_SAID_NO_FIRST = text(
    """
    select count(*) from attempt a
    join message m on m.account_id = a.account_id and m.id = a.message_id
    join contact c on c.account_id = m.account_id and c.id = m.contact_id
    where a.account_id = :account and m.purpose <> 'stopped' and a.outcome in ('accepted', 'unknown')
      and c.opted_out_at <= a.started_at and not m.crossed_opt_out
    """
)


@pytest.mark.long
def test_37_stop_during_a_send(judged_house: House) -> None:
    """200 customers say no while their first text is on its way, half of them before it."""
    house = judged_house
    account_id = house.account()
    phones = house.hang_up_many(account_id, 200)
    house.fault(latency=0.02)
    random.shuffle(phones)
    drains = [threading.Thread(target=Drain(house.worker(in_flight=10)).run) for _ in range(2)]
    saying_no = [
        threading.Thread(
            target=lambda some: [house.text("STOP", phone=phone) for phone in some], args=[phones[n::4]]
        )
        for n in range(4)
    ]
    for thread in (*drains, *saying_no):
        thread.start()
    for thread in (*drains, *saying_no):
        thread.join()
    house.settle()
    house.send()
    house.settle()
    with house.sessions() as session:
        assert session.scalar(_SAID_NO_FIRST, {"account": account_id}) == 0
    asks = [message for message in house.messages(account_id) if message.purpose == "ask"]
    texted = {
        message["to"] for message in house.ledger() if message["sid"] in {ask.provider_id for ask in asks}
    }
    stopped = [ask for ask in asks if ask.state in ("cancelled", "expired") and ask.attempts == 0]
    # whoever was not stopped in time has been texted, once, and that is counted where the no was first
    assert len(texted) + len(stopped) == 200
    assert {invitation.state for invitation in house.invitations(account_id)} == {"opted_out"}


def test_38_two_open_surveys_for_one_number(open_account: Callable[..., Trial]) -> None:
    older, newer = open_account(brand="Older"), open_account(brand="Newer")
    phone = new_phone()
    for number, trial in enumerate((older, newer), start=1):
        trial.report_until_taken(trial.call(customer={"phone": phone}))
        trial.wait_for_texts(phone, number)
        trial.settle()
    newer.reply(phone, "4")
    assert newer.answers() == [("csat", 4)]
    assert older.answers() == []


# what it may be read as, if it is read as a score at all
ODD = {
    "²": 2,
    "①": 1,
    "5️⃣": 5,
    "٥": 5,
    "-1": None,
    "5/5": 5,
    "五": 5,
    "５": 5,
    "9" * 1500: None,
    "٣٣٣": None,
    "": None,
}


def test_39_odd_digits(trial: Trial) -> None:
    for phone, (said, meant) in zip(trial.hang_up(len(ODD)), ODD.items(), strict=True):
        trial.wait_for_texts(phone, 1)
        before = Counter(trial.answers())
        assert trial.text(phone, said).status == 200
        assert list(Counter(trial.answers()) - before) in ([], [("csat", meant)]), said


ODD_BYTES = (b"5\x00", b"5 good\x00bad", b"\xed\xa0\xbd 5", b"\xff\xfe", "5 \u202e\u0000".encode(), b"\x00")


def test_40_nul_and_lone_surrogate(trial: Trial) -> None:
    phones = trial.hang_up(len(ODD_BYTES))
    for phone, said in zip(phones, ODD_BYTES, strict=True):
        trial.wait_for_texts(phone, 1)
        assert trial.text(phone, said).status in (200, 403)
    for name in (r"\ud83d", r"a\u0000b"):
        body = json.dumps(trial.call(agent={"id": "a1", "name": "NAME"})).replace("NAME", name)
        answer = trial.request("POST", "/v1/calls", body=body, headers_more=_JSON)
        assert answer.status in (202, 400, 422), answer.data


_JSON = {"Content-Type": "application/json"}
DEEP = 30_000


@pytest.mark.parametrize(
    "value",
    ["[" * DEEP + "]" * DEEP, '{"a":' * DEEP + "1" + "}" * DEEP, "NaN", "1e400", "-Infinity", "1" * 400],
    ids=["deep list", "deep object", "NaN", "1e400", "-Infinity", "400 digits"],
)
def test_41_json_too_deep_nan_1e400(trial: Trial, value: str) -> None:
    body = json.dumps(trial.call(talk_seconds=0)).replace('"talk_seconds": 0', f'"talk_seconds": {value}')
    answer = trial.request("POST", "/v1/calls", body=body, headers_more=_JSON)
    assert answer.status in (400, 413, 422), answer.data
    assert trial.scalar("select count(*) from call where account_id = :account") == 0


def test_42_10_mb_comment(trial: Trial, asked: str) -> None:
    answer: Any = trial.text(asked, "5 " + "x" * 10_000_000)
    assert answer.status == 413
    assert trial.text(asked, "5 " + "x" * 60_000).status == 200
    assert trial.answers() == [("csat", 5)]
    assert trial.scalar("select max(length(words)) from answer where account_id = :account") < 20_000
