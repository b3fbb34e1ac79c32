import json
import random
from typing import Any

import pytest

from simulator.crowd import Customer
from tests.simulator.receiver import Answer, Receiver
from tests.simulator.world import World, eventually

AGENT = {"id": "101", "name": "Ada"}
CSAT = "How satisfied are you with the help you got? Reply 5 very satisfied, 4, 3, 2 or 1 very dissatisfied"
NPS = "How likely are you to recommend us? Reply 0-10 (0=not at all likely, 10=extremely likely)"
COMMENT = "Last one: anything you'd like to tell us?"


@pytest.fixture(autouse=True)
def accepted(receiver: Receiver) -> None:
    receiver.answer = Answer(202, b'{"call": {}}', "application/json")


def crowd(world: World, **order: Any) -> int:
    return world.request("POST", "/switchboard/crowd", {"agent": AGENT, **order}).status


def calls(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(request.body) for request in receiver.requests if request.path == "/v1/calls"]


def finished(world: World) -> bool:
    state = world.get("/switchboard/crowd.json")
    return bool(state["calls"] == state["done"])


def test_each_customer_has_a_telephone_of_their_own_and_a_call_of_the_agent(
    world: World, receiver: Receiver
) -> None:
    assert crowd(world, calls=3, queue="billing") == 202
    eventually(lambda: finished(world))
    made = calls(receiver)
    assert [(call["agent"], call["queue"]) for call in made] == [(AGENT, "billing")] * 3
    assert len({call["customer"]["phone"] for call in made}) == 3
    # a regulator keeps these for drama
    assert all(call["customer"]["phone"].startswith("+447700900") for call in made)
    assert len(world.get("/switchboard/calls.json")) == 3


def test_one_crowd_at_a_time(world: World) -> None:
    assert crowd(world, calls=2) == 202
    assert crowd(world, calls=2) == 409
    eventually(lambda: finished(world))
    assert crowd(world, calls=1) == 202


@pytest.mark.parametrize(
    "wrong", [{"calls": 0}, {"calls": 51}, {"calls": True}, {"satisfied": 2}, {"satisfied": "all"}, {"x": 1}]
)
def test_a_crowd_is_bounded(world: World, receiver: Receiver, wrong: dict[str, Any]) -> None:
    assert crowd(world, **wrong) == 400
    assert calls(receiver) == []


def test_a_customer_of_the_crowd_answers_a_text_once_and_others_do_not(
    world: World, receiver: Receiver
) -> None:
    assert crowd(world, calls=12, satisfied=1) == 202
    eventually(lambda: finished(world))
    phones = [call["customer"]["phone"] for call in calls(receiver)]
    for phone in [*phones, "+447700900123"]:
        world.send(CSAT, to=phone)

    def answers() -> dict[str, list[str]]:
        return {
            phone: [message["body"] for message in world.phone(phone) if message["direction"] == "from_phone"]
            for phone in phones
        }

    # one in seven never answers; that all twelve are silent is one chance in ten thousand million
    eventually(lambda: any(answers().values()))
    assert all(len(said) <= 1 for said in answers().values())
    assert {word for said in answers().values() for word in said} <= {"3", "4", "5"}
    assert len(world.phone("+447700900123")) == 1


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("mood", [1, 2, 3, 4, 5])
def test_replies_fit_the_question_and_the_mood(mood: int, seed: int) -> None:
    customer = Customer("+447700900500", "en", mood)
    chance = random.Random(seed)  # noqa: S311
    assert abs(int(customer.reply(CSAT, chance) or 0) - mood) <= 1
    assert 0 <= int(customer.reply(NPS, chance) or -1) <= 10
    assert customer.reply(COMMENT, chance) != ""
    assert customer.reply("Thank you, that's recorded.", chance) is None


def test_some_never_answer() -> None:
    silent = Customer("+447700900500", "en", None)
    assert silent.reply(CSAT, random.Random(1)) is None  # noqa: S311
