"""The adapter and the hooks against the simulated carrier, which shares no code with them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import urllib3

from app.channels.twilio import Twilio, TwilioSender, match
from app.domain.delivery import Outcome
from app.errors import ProviderUnreadable
from simulator import SimulatorConfig, create_simulator
from simulator.server import Server
from tests.channels.carrier import ACCOUNT, CUSTOMER, SERVICE, TEXT, send

NUMBER = TwilioSender(ACCOUNT, "a token", "+15005550006", None)
BY_SERVICE = TwilioSender(ACCOUNT, "a token", None, SERVICE)


@pytest.fixture
def simulator() -> Iterator[str]:
    config = SimulatorConfig(ACCOUNT, "a token", service_url="http://127.0.0.1:1", step_seconds=3600)
    with Server(create_simulator(config)) as server:
        yield server.url


@pytest.fixture
def twilio(simulator: str) -> Iterator[Twilio]:
    twilio = Twilio(simulator, connect_seconds=10, read_seconds=10, pool_size=2)
    yield twilio
    twilio.close()


def put_faults(simulator: str, faults: dict[str, Any]) -> None:
    with urllib3.PoolManager() as http:
        answer = http.request("PUT", f"{simulator}/faults", json=faults)
    assert answer.status == 200, answer.data


@pytest.mark.parametrize("sender", [NUMBER, BY_SERVICE])
def test_a_text_whose_reply_was_lost_is_found_and_known_for_ours(
    simulator: str, twilio: Twilio, sender: TwilioSender
) -> None:
    since = datetime.now(UTC)
    send(twilio, sender, body="another text")
    put_faults(simulator, {"drop_reply": {"count": 1}})
    assert send(twilio, sender).outcome is Outcome.UNKNOWN
    listed = twilio.find(sender, CUSTOMER, since, datetime.now(UTC))
    assert len(listed) == 2
    ours = match(listed, to=CUSTOMER, sender=sender, body=TEXT, token=None, owned=())
    assert ours is not None
    assert (ours.body, ours.status) == (TEXT, "accepted" if sender is BY_SERVICE else "queued")


@pytest.mark.parametrize(
    "fault", ["drop_reply", "broken_reply", "error_after", "drop_before", "error_before"]
)
def test_a_fault_around_the_acceptance_leaves_the_outcome_unknown(
    simulator: str, twilio: Twilio, fault: str
) -> None:
    put_faults(simulator, {fault: {"count": 1}})
    assert send(twilio).outcome is Outcome.UNKNOWN
    assert send(twilio).outcome is Outcome.ACCEPTED


def test_refusals_carry_their_code_and_a_storm_its_end(simulator: str, twilio: Twilio) -> None:
    put_faults(
        simulator, {"rate_limited": {"count": 1}, "retry_after_seconds": 3, "codes": {"+15005550009": 21614}}
    )
    limited, landline = send(twilio), send(twilio, to="+15005550009")
    assert (limited.outcome, limited.code, limited.retry_after) == (Outcome.REJECTED, 20429, 3.0)
    assert (landline.outcome, landline.code) == (Outcome.REJECTED, 21614)
    stranger = send(twilio, TwilioSender(ACCOUNT, "another token", "+15005550006", None))
    assert (stranger.outcome, stranger.code, stranger.http_status) == (Outcome.REJECTED, 20003, 401)


def test_more_texts_than_a_page_holds_are_all_found(twilio: Twilio) -> None:
    since = datetime.now(UTC)
    sent = {send(twilio, body=f"text {number}").provider_id for number in range(101)}
    found = twilio.find(NUMBER, CUSTOMER, since, datetime.now(UTC))
    assert {one.provider_id for one in found} == sent
    assert len(sent) == 101


def test_a_listing_that_fails_is_no_empty_listing(simulator: str, twilio: Twilio) -> None:
    put_faults(simulator, {"listing_error": 1})
    with pytest.raises(ProviderUnreadable):
        twilio.find(NUMBER, CUSTOMER, datetime.now(UTC), datetime.now(UTC))
