"""`postcall why`: the story of a call, in words, without anything that names the customer."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from app.domain.handlers import Handler
from app.flow.accounts import hold_sending
from app.store.accounts import get_account
from tests.cli.conftest import Command
from tests.house import PHONE, House


def name_of(house: House, account_id: UUID) -> str:
    with house.sessions() as session:
        return get_account(session, account_id).name


def test_a_survey_that_was_answered_is_told_in_order(house: House, command: Command) -> None:
    account_id = house.account()
    house.hang_up(account_id, call_id="c-1")
    house.send()
    house.text("5")
    house.roll_up()
    said = command("why", "c-1")
    order = [
        "the call ended, 90 s of talk, queue sales",
        "reported by generic",
        "decided: the customer is asked",
        "passed   too_short: talked for 90 s",
        "text (ask csat) written",
        "request 1 to the carrier",
        "text (ask csat): the carrier took it as SM",
        "the customer wrote: answers",
        "answered csat: 5 by sms",
        "Results: counts for agent a1 on",
        "waiting for an answer until",
    ]
    places = [said.index(words) for words in order]
    assert places == sorted(places)
    assert PHONE not in said
    assert PHONE[3:] not in said


def test_the_customers_words_are_shown_only_when_asked_for(house: House, command: Command) -> None:
    account_id = house.account(order_sms=("csat", "comment"))
    house.hang_up(account_id, call_id="c-1")
    house.send()
    house.text("4")
    house.send()
    house.text("the lift music was loud")
    assert "answered comment: in words by sms" in command("why", "c-1")
    assert "lift music" not in command("why", "c-1")
    assert "in the customer's words, to comment: 'the lift music was loud'" in command(
        "why", "c-1", "--verbatims"
    )


def test_a_call_that_was_not_asked_says_what_stopped_it(house: House, command: Command) -> None:
    account_id = house.account()
    house.hang_up(account_id, call_id="c-1", talk_seconds=3)
    said = command("why", "c-1")
    assert "decided: the customer is not asked (too_short): talked for 3 s, asked from 20 s" in said
    assert "stopped  too_short" in said
    assert "nothing comes next" in said


def test_a_dry_run_says_what_would_have_been_sent(house: House, command: Command) -> None:
    account_id = house.account()
    command("dry-run", "start", "--account", name_of(house, account_id), "--queue", "sales")
    house.hang_up(account_id, call_id="c-1", is_test=True)
    said = command("why", "c-1")
    assert "queue sales is only tried (postcall dry-run): nothing is sent" in said
    assert "(1 segment): Acme" in said
    assert "would have asked for csat, ownership, nps, comment" in said
    assert "reported by generic, as a test" in said
    assert "counts nowhere: it is a test call" in said


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (
            {"codes": {PHONE: 30034}},
            "held: refused with 30034: sender is not registered. Register the sender",
        ),
        ({"drop_reply": 1}, "unclear whether the carrier took the text: it is asked at"),
        ({"codes": {PHONE: 21614}}, "request 1 ended: rejected (21614: not a mobile number)"),
        ({"rate_limited": 1}, "the carrier said 20429: too many requests"),
    ],
)
def test_what_the_carrier_said_is_explained(
    house: House, command: Command, faults: dict[str, object], said: str
) -> None:
    account_id = house.account()
    house.hang_up(account_id, call_id="c-1")
    house.fault(**faults)
    house.send()
    assert said in command("why", "c-1")


def test_a_text_that_waits_says_for_what(house: House, command: Command) -> None:
    account_id = house.account(send_hours="lawful", send_within_seconds=8 * 86_400)
    night = next(
        name
        for name in (f"Etc/GMT{offset:+d}" for offset in range(-12, 13))
        if 1 <= (house.now() - timedelta(hours=int(name[7:]))).hour <= 3
    )
    house.hang_up(account_id, call_id="c-1", timezone=night)
    assert "because of quiet hours" in command("why", "c-1")
    with house.sessions.begin() as session:
        hold_sending(session, name_of(house, account_id), paused=True)
    assert (
        f"held: sending is paused. To go on: postcall resume --account {name_of(house, account_id)}"
        in command("why", "c-1")
    )


def test_an_agent_whom_the_roster_does_not_know_is_named(house: House, command: Command) -> None:
    account_id = house.account()
    received = house.hang_up(account_id, call_id="c-1", agent_id=None)
    with house.sessions.begin() as session:
        session.execute(text("update call set platform_agent_id = '4711'"))
    assert "generic's agent 4711 is not in the roster" in command("why", received.call["id"])


def test_several_that_may_be_meant_are_listed(house: House, command: Command) -> None:
    account_id, other = house.account(), house.account()
    house.hang_up(account_id, call_id="c-1")
    house.hang_up(account_id, call_id="c-1", source="pbx", phone="+447700900456")
    house.hang_up(other, call_id="c-1", phone="+447700900789")
    said = command("why", "c-1")
    assert "Several calls have this id" in said
    assert said.count("c-1  ended") == 3
    assert "reported by pbx" in command("why", "c-1", "--source", "pbx")
    assert "reported by generic" in command("why", "c-1", "--account", name_of(house, other))


def test_our_own_ids_are_taken_too(house: House, command: Command) -> None:
    account_id = house.account()
    received = house.hang_up(account_id, call_id="c-1")
    assert received.invitation is not None
    for given in (received.call["id"], received.invitation["id"]):
        assert "Call c-1 of generic" in command("why", given)


def test_one_that_is_not_there_says_where_was_looked(house: House, command: Command) -> None:
    account_id = house.account()
    house.hang_up(account_id, call_id="c-1")
    said = command("why", "c-2")
    assert "No call c-2 in any account: it was never reported" in said
    assert f"{name_of(house, account_id)}: generic" in said
    assert "of source pbx" in command("why", "c-1", "--source", "pbx")
    assert "No account is named 'nobody'" in command("why", "c-1", "--account", "nobody")


def test_who_handled_a_call_is_told_with_why_it_counts_for_whom_it_does(
    house: House, command: Command
) -> None:
    account_id = house.account()
    parts = (Handler("ada", talk_seconds=60), Handler("bob", talk_seconds=9), Handler("eve"))
    house.hang_up(account_id, call_id="c-1", handlers=parts, agent_id=None)
    said = command("why", "c-1")
    assert "handler 1: ada, talked for 60 s\n" in said
    assert "handler 3: eve, talked for an unknown time; it counts for this one: the last who talked" in said
    decide = (
        "calls",
        "reattribute",
        "c-1",
        "--account",
        name_of(house, account_id),
        "--reason",
        "Ada did it",
    )
    assert "counts for ada." in command(*decide, "--handler", "1")
    said = command("why", "c-1")
    assert "handler 1: ada, talked for 60 s; it counts for this one: a person decided so" in said
    assert "it counts for ada, no longer for eve, by operator (Ada did it)" in said
    assert "counts for eve." in command(*decide, "--by-rule")


def test_a_decision_names_one_of_the_calls_handlers_or_an_agent(house: House, command: Command) -> None:
    account_id = house.account()
    house.hang_up(account_id, call_id="c-1")
    decide = ("calls", "reattribute", "--account", name_of(house, account_id), "--reason", "x")
    assert "Give one of" in command(*decide, "c-1")
    assert "Give one of" in command(*decide, "c-1", "--by-rule", "--agent", "a1")
    assert "the call has no handlers" in command(*decide, "c-1", "--handler", "1")
    assert "No call c-2" in command(*decide, "c-2", "--agent", "a1")
