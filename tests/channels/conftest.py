from collections.abc import Iterator

import pytest

from app.channels.twilio import Twilio
from tests.channels.carrier import Carrier, open_carrier


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with open_carrier() as carrier:
        yield carrier


@pytest.fixture
def twilio(carrier: Carrier) -> Iterator[Twilio]:
    twilio = Twilio(carrier.url, connect_seconds=10, read_seconds=10, pool_size=4)
    yield twilio
    twilio.close()
