"""Many customers at once: each gets a call of one agent, reads the texts, and answers as customers do."""

import itertools
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, Response, jsonify
from werkzeug.exceptions import BadRequest, Conflict

from simulator.courier import Courier
from simulator.doors import read_json
from simulator.ledger import Message
from simulator.questions import asked
from simulator.stream import Bell

_MOST_CALLS = 50
_CALL_EVERY_SECONDS = 0.3
_SHORTEST_THOUGHT, _LONGEST_THOUGHT = 0.4, 1.6
# a regulator keeps these for drama: nobody's telephones
_NUMBERS = tuple(f"+447700900{number}" for number in range(500, 1000))

_WORDS = {
    ("en", True): ("Quick and friendly, thank you", "Very patient with me", "Sorted in one call"),
    ("en", False): ("I had to call twice", "Long wait, then passed on", "Nobody could tell me why"),
    ("zh-CN", True): ("很耐心，谢谢", "一次就解决了", "态度非常好"),
    ("zh-CN", False): ("等了很久", "问题还没有解决", "转了好几次"),
}


@dataclass(frozen=True)
class Customer:
    """`mood` is 1 to 5, what this customer thinks of the help; None never answers."""

    phone: str
    language: str
    mood: int | None

    def reply(self, body: str, chance: random.Random) -> str | None:
        """The answer to a text; None is silence."""
        question = asked(body)
        if self.mood is None or question is None:
            return None
        if question == "words":
            words = _WORDS[self.language, self.mood > 3]
            return chance.choice(words) if chance.random() < 0.5 else None
        if question == "0_10":
            return str(min(10, max(0, 2 * self.mood + chance.choice((-1, 0, 0)))))
        if question == "1_7":
            return str(min(7, self.mood + chance.choice((0, 1, 2))))
        if question == "1_3":
            return "1" if self.mood > 3 else "2"
        return str(min(5, max(1, self.mood + chance.choice((-1, 0, 0, 0, 1)))))


class Crowd:
    """One crowd at a time. `hang_up` ends a call as the switchboard does, `text` sends a phone's text."""

    def __init__(
        self,
        courier: Courier,
        bell: Bell,
        hang_up: Callable[[dict[str, Any]], object],
        text: Callable[[str, dict[str, Any]], object],
    ) -> None:
        self._courier = courier
        self._bell = bell
        self._hang_up = hang_up
        self._text = text
        self._chance = random.Random()  # noqa: S311  # a customer's mood is no secret
        self._numbers = itertools.cycle(self._chance.sample(_NUMBERS, len(_NUMBERS)))
        self._lock = threading.Lock()
        self._customers: dict[str, Customer] = {}
        self._calls = self._done = 0

    def start(self, order: dict[str, Any]) -> dict[str, Any]:
        """`agent` as in a call, how many `calls`, and the share `satisfied`. Raises BadRequest and Conflict."""
        calls, satisfied = order.get("calls", 20), order.get("satisfied", 0.85)
        if type(calls) is not int or not 1 <= calls <= _MOST_CALLS:
            raise BadRequest(f"calls: a whole number from 1 to {_MOST_CALLS}")
        if type(satisfied) not in (int, float) or not 0 <= satisfied <= 1:
            raise BadRequest("satisfied: a share from 0 to 1")
        with self._lock:
            if self._done < self._calls:
                raise Conflict("The last crowd is still calling.")
            self._calls, self._done = calls, 0
            called = [self._customer(satisfied) for _ in range(calls)]
            self._customers = {customer.phone: customer for customer in called}
        for number, customer in enumerate(called):
            self._courier.after(number * _CALL_EVERY_SECONDS, partial(self._call, customer, order))
        self._bell.ring("crowd")
        return self.show()

    def _customer(self, satisfied: float) -> Customer:
        mood = self._chance.choice((4, 5, 5) if self._chance.random() < satisfied else (1, 2, 3))
        return Customer(
            phone=next(self._numbers),
            language="zh-CN" if self._chance.random() < 0.25 else "en",
            mood=mood if self._chance.random() < 0.85 else None,
        )

    def _call(self, customer: Customer, order: dict[str, Any]) -> None:
        talk_seconds = self._chance.randrange(40, 600)
        call: dict[str, Any] = {name: order[name] for name in ("agent", "queue") if name in order}
        call.update(phone=customer.phone, language=customer.language, talk_seconds=talk_seconds)
        self._hang_up(call)
        with self._lock:
            self._done += 1
        self._bell.ring("crowd")

    def hear(self, message: Message) -> None:
        """Something has become of a text. Once it is delivered, one of the crowd thinks a moment and answers."""
        customer = self._customers.get(message.recipient)
        if customer is None or message.direction != "outbound-api" or message.status != "delivered":
            return
        reply = customer.reply(message.body, self._chance)
        if reply is not None:
            thought = self._chance.uniform(_SHORTEST_THOUGHT, _LONGEST_THOUGHT)
            self._courier.after(thought, partial(self._reply, customer.phone, reply))

    def _reply(self, phone: str, body: str) -> None:
        self._text(phone, {"body": body})

    def show(self) -> dict[str, Any]:
        with self._lock:
            return {"calls": self._calls, "done": self._done}


def crowd_room(crowd: Crowd) -> Blueprint:
    room = Blueprint("crowd", __name__, url_prefix="/switchboard")

    @room.post("/crowd")
    def start() -> tuple[Response, int]:
        """202 at once; the calls follow, a few a second. 409 while a crowd is calling."""
        return jsonify(crowd.start(read_json("agent", "queue", "calls", "satisfied"))), 202

    @room.get("/crowd.json")
    def show() -> Response:
        """How many `calls` the last crowd makes, and how many are `done`."""
        return jsonify(crowd.show())

    return room
