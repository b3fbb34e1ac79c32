"""The service's store under real traffic."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from app.settings import Settings
from tests.house import House, open_house


@pytest.fixture
def house(engine: Engine, committing: sessionmaker[Session], settings: Settings) -> Iterator[House]:
    with open_house(engine, committing, settings) as house:
        yield house
