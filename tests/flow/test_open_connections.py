"""The drain on connections that stay open: one thread asks for all, and waits for all of them at once."""

import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from app.domain.delivery import SendResult
from tests.channels.carrier import Answer, Carrier, Request, open_carrier
from tests.flow.steps import outcomes
from tests.house import House
from workers.drain import Drain
from workers.parts import WorkerParts


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with open_carrier() as carrier:
        carrier.play(accept)
        yield carrier


@pytest.fixture
def worker(house: House, carrier: Carrier) -> Iterator[WorkerParts]:
    worker = house.worker(base_url=carrier.url, in_flight=4, read_seconds=0.5)
    yield worker
    worker.carriers.close()


def accept(_: Request) -> Answer:
    return Answer(body={"sid": f"SM{uuid.uuid4().hex}"})


def texts(carrier: Carrier) -> Counter[str]:
    return Counter(request.form["To"][0] for request in carrier.requests)


def test_connections_are_made_once_and_every_text_is_asked_for_once(
    house: House, carrier: Carrier, worker: WorkerParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, send = [], worker.carriers.send

    def send_alone(*text: Any) -> SendResult:
        alone.append(text)
        return send(*text)

    monkeypatch.setattr(worker.carriers, "send", send_alone)
    account_id = house.account()
    phones = house.hang_up_many(account_id, 60)
    Drain(worker).run()
    assert len(alone) < 30, "only who may have to make a connection waits for its answer too"
    assert texts(carrier) == Counter(phones)
    assert outcomes(house, account_id) == ["accepted"] * 60
    assert carrier.connections <= 4


def test_a_connection_that_breaks_under_a_text_leaves_it_unknown_and_the_others_sent(
    house: House, carrier: Carrier, worker: WorkerParts
) -> None:
    account_id = house.account()
    phones = house.hang_up_many(account_id, 30)
    carrier.play(*[accept] * 15, Answer(hangs_up=True), accept)
    Drain(worker).run()
    assert texts(carrier) == Counter(phones)
    assert sorted(outcomes(house, account_id)) == ["accepted"] * 29 + ["unknown"]


def test_an_answer_that_does_not_come_is_given_up_and_holds_up_no_other(
    house: House, carrier: Carrier, worker: WorkerParts
) -> None:
    account_id = house.account()
    phones = house.hang_up_many(account_id, 30)
    carrier.play(*[accept] * 15, Answer(stalls=True), accept)
    Drain(worker).run()
    assert texts(carrier) == Counter(phones)
    assert sorted(outcomes(house, account_id)) == ["accepted"] * 29 + ["unknown"]


def test_refusals_on_open_connections_are_read_as_any_other(
    house: House, carrier: Carrier, worker: WorkerParts
) -> None:
    account_id = house.account()
    house.hang_up_many(account_id, 8)
    carrier.play(*[accept] * 7, Answer(400, {"code": 21211, "message": "no such number"}))
    Drain(worker).run()
    assert sorted(outcomes(house, account_id)) == ["accepted"] * 7 + ["rejected"]
    assert Counter(message.state for message in house.messages(account_id)) == {"accepted": 7, "failed": 1}
