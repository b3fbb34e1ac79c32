import threading
import time

import pytest
import urllib3

from tests.simulator.receiver import Receiver, Request
from tests.simulator.world import NUMBER, PHONE, World, eventually, refusal

OTHER = "+12025550143"


def bodies(world: World) -> list[str]:
    return [entry["body"] for entry in world.ledger()]


def test_faults_are_off_until_set_and_off_again_when_cleared(world: World) -> None:
    off = world.get("/faults")
    world.fault(latency=0.5, drop_reply=0.25, codes={PHONE: 21614}, callbacks={"duplicate": True})
    shown = world.get("/faults")
    assert (shown["latency"], shown["drop_reply"], shown["codes"]) == (0.5, 0.25, {PHONE: 21614})
    assert shown["callbacks"]["duplicate"] == 1
    assert world.request("DELETE", "/faults").json() == off
    assert world.get("/faults") == off


def test_setting_faults_replaces_those_before(world: World) -> None:
    world.fault(drop_reply=1)
    world.fault(broken_reply={"count": 2})
    shown = world.get("/faults")
    assert shown["drop_reply"] == 0
    assert shown["broken_reply"] == {"count": 2}


@pytest.mark.parametrize(
    "faults",
    [
        {"gremlins": 1},
        {"callbacks": {"late": 1}},
        {"callbacks": 1},
        {"drop_reply": 1.5},
        {"drop_reply": -1},
        {"drop_reply": "often"},
        {"drop_reply": {"count": -1}},
        {"drop_reply": {"count": True}},
        {"drop_reply": {"count": 1, "more": 1}},
        {"drop_reply": float("nan")},
        {"latency": -1},
        {"latency": True},
        {"latency": 1e9},
        {"codes": {"138****": 21211}},
        {"codes": {PHONE: "21211"}},
        [],
    ],
)
def test_a_fault_that_cannot_be_is_refused_and_nothing_set(world: World, faults: object) -> None:
    before = world.get("/faults")
    response = world.request("PUT", "/faults", faults)
    assert response.status == 400
    assert response.json()["error"]
    assert world.get("/faults") == before


def test_a_counted_fault_strikes_so_often_and_then_never(world: World) -> None:
    world.fault(error_before={"count": 2})
    statuses = [world.create(To=PHONE, From=NUMBER, Body=str(n)).status for n in range(4)]
    assert statuses == [500, 500, 201, 201]
    assert bodies(world) == ["2", "3"]


def test_a_count_is_spent_once_however_many_ask_at_once(world: World) -> None:
    world.fault(error_before={"count": 5})
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(world.create(To=PHONE, From=NUMBER, Body="x").status))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] * 7 + [500] * 5


def test_rate_limited_is_429_with_retry_after_and_accepts_nothing(world: World) -> None:
    world.fault(rate_limited={"count": 1}, retry_after_seconds=7)
    response = world.create(To=PHONE, From=NUMBER, Body="x")
    assert (response.status, response.json()["code"], response.headers["Retry-After"]) == (429, 20429, "7")
    assert world.ledger() == []


def test_an_error_after_accepting_leaves_the_message_on_its_way(world: World) -> None:
    world.fault(error_after=1)
    response = world.create(To=PHONE, From=NUMBER, Body="x")
    assert (response.status, response.json()["code"]) == (500, 20500)
    eventually(lambda: world.ledger()[0]["status"] == "delivered")


def test_a_connection_dropped_before_accepting_accepts_nothing(world: World) -> None:
    world.fault(drop_before={"count": 1})
    with pytest.raises(urllib3.exceptions.ProtocolError, match="closed connection without response"):
        world.create(To=PHONE, From=NUMBER, Body="x")
    assert world.ledger() == []
    world.send("the next one passes")
    assert bodies(world) == ["the next one passes"]


def test_a_dropped_reply_leaves_the_message_accepted(world: World) -> None:
    world.fault(drop_reply={"count": 1})
    with pytest.raises(urllib3.exceptions.ProtocolError, match="closed connection without response"):
        world.create(To=PHONE, From=NUMBER, Body="x")
    assert bodies(world) == ["x"]


def test_a_broken_reply_is_a_201_that_cannot_be_read(world: World) -> None:
    world.fault(broken_reply={"count": 1})
    response = world.create(To=PHONE, From=NUMBER, Body="x")
    assert response.status == 201
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        response.json()
    assert bodies(world) == ["x"]


def test_latency_holds_the_answer_and_not_the_message(world: World) -> None:
    world.fault(latency=0.3)
    started = time.monotonic()
    waiting = threading.Thread(target=world.send)
    waiting.start()
    eventually(lambda: len(world.ledger()) == 1)
    assert waiting.is_alive()
    waiting.join()
    assert time.monotonic() - started >= 0.3


def test_a_code_by_number_refuses_that_number_alone(world: World) -> None:
    world.fault(codes={PHONE: 21614, "+33612345678": 29999})
    error = refusal(lambda: world.twilio.messages.create(to=PHONE, from_=NUMBER, body="x"))
    assert (error.status, error.code) == (400, 21614)
    assert (
        refusal(lambda: world.twilio.messages.create(to="+33612345678", from_=NUMBER, body="x")).code == 29999
    )
    world.send(to=OTHER)
    assert [entry["to"] for entry in world.ledger()] == [OTHER]


def test_a_lagging_list_hides_what_is_newer_than_the_lag(world: World) -> None:
    world.fault(listing_lag=60)
    sid = world.send()["sid"]
    assert world.twilio.messages.list(to=PHONE) == []
    assert world.twilio.messages(sid).fetch().sid == sid
    world.fault(listing_lag=0)
    assert [message.sid for message in world.twilio.messages.list(to=PHONE)] == [sid]


def test_a_listing_error_is_a_500_and_no_empty_list(world: World) -> None:
    world.send()
    world.fault(listing_error={"count": 1})
    response = world.listing(To=PHONE)
    assert (response.status, response.json()["code"]) == (500, 20500)
    assert len(world.twilio.messages.list(to=PHONE)) == 1


class TestCallbacks:
    @pytest.fixture
    def callback(self, receiver: Receiver) -> str:
        return f"{receiver.url}/hooks/twilio/status?attempt=1"

    @staticmethod
    def told(requests: list[Request]) -> list[str]:
        return [request.fields["MessageStatus"] for request in requests]

    def test_duplicated_callbacks_come_twice(self, world: World, receiver: Receiver, callback: str) -> None:
        world.fault(callbacks={"duplicate": 1})
        world.send(StatusCallback=callback)
        assert self.told(receiver.wait_for(4)) == ["sent", "sent", "delivered", "delivered"]

    def test_shuffled_callbacks_tell_the_end_first(
        self, world: World, receiver: Receiver, callback: str
    ) -> None:
        world.fault(callbacks={"shuffle": True})
        world.send(StatusCallback=callback)
        assert self.told(receiver.wait_for(2)) == ["delivered", "sent"]

    def test_delayed_callbacks_come_after_the_status_has_changed(
        self, world: World, receiver: Receiver, callback: str
    ) -> None:
        world.fault(callbacks={"delay_seconds": 0.4})
        world.send(StatusCallback=callback)
        eventually(lambda: world.ledger()[0]["status"] == "delivered")
        assert receiver.requests == []
        assert sorted(self.told(receiver.wait_for(2))) == ["delivered", "sent"]

    def test_first_callbacks_come_before_the_create_is_answered(
        self, world: World, receiver: Receiver, callback: str
    ) -> None:
        answered = threading.Event()
        early: list[bool] = []
        receiver.before_answer = lambda _request: early.append(not answered.is_set())
        world.fault(callbacks={"first": 1})
        created = world.send(StatusCallback=callback)
        answered.set()
        assert early == [True, True]
        assert self.told(receiver.requests) == ["sent", "delivered"]
        assert created["status"] == "queued"

    def test_without_callbacks_the_status_changes_in_silence(
        self, world: World, receiver: Receiver, callback: str
    ) -> None:
        world.fault(callbacks={"none": {"count": 1}})
        world.send("silent", StatusCallback=callback)
        eventually(lambda: world.ledger()[0]["status"] == "delivered")
        assert receiver.requests == []
        world.send("told", StatusCallback=callback)
        receiver.wait_for(2)
