from collections.abc import Iterator

import pytest

from simulator import SimulatorConfig, create_simulator
from simulator.server import Server
from tests.simulator.receiver import Receiver
from tests.simulator.voice import Telephone
from tests.simulator.world import ACCOUNT_SID, AUTH_TOKEN, NUMBER, World


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def config(receiver: Receiver) -> SimulatorConfig:
    return SimulatorConfig(
        account_sid=ACCOUNT_SID,
        auth_token=AUTH_TOKEN,
        service_url=receiver.url,
        service_api_key="key-of-the-tests",
        numbers=(NUMBER, "+15005550009"),
        step_seconds=0.01,
        telephone_seconds=0.05,
        mail_reports_secret="whsec_a2V5LW9mLXRoZS1tYWlsLXByb3ZpZGVyIQ==",
    )


@pytest.fixture
def world(config: SimulatorConfig) -> Iterator[World]:
    with Server(create_simulator(config)) as server:
        world = World(server.url, server.smtp_port)
        yield world
        world.close()


@pytest.fixture
def telephone(world: World, receiver: Receiver) -> Telephone:
    return Telephone(world, receiver)
