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
    """With one connection: a request that leaves it broken or taken is noticed by the next."""
    twilio = Twilio(carrier.url, connect_seconds=10, read_seconds=10, pool_size=1)
    yield twilio
    twilio.close()
