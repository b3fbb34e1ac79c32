"""The migration that made facts leaner: the same numbers before and after, and on the way back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.db import MIGRATIONS, make_engine, make_sessions
from app.store.keyring import Keyring
from tests.desk import ANY_TIME, MONDAY, Desk, noon


@pytest.fixture
def old_desk(new_database: Callable[[], str], keyring: Keyring) -> Any:
    """With calls of two months in it, some of them skipped, and the way to another form of its database."""
    url = new_database()
    engine = make_engine(url, 2)
    desk = Desk(make_sessions(engine, keyring))
    config = Config(attributes={"database_url": url})
    config.set_main_option("script_location", str(MIGRATIONS))
    yield desk, config
    engine.dispose()


def test_facts_are_the_same_after_it_and_skipped_calls_are_found_again_before_it(old_desk: Any) -> None:
    desk, config = old_desk
    account_id = desk.account(**ANY_TIME)
    for number in range(40):
        received = desk.hang_up(
            account_id,
            agent_id=f"a{number % 3}",
            talk_seconds=1 if number % 5 == 0 else 90,
            ask=number % 7 > 0,
            ended_at=noon(MONDAY + timedelta(days=number)),
        )
        if received.invitation:
            desk.answer(account_id, received, csat=1 + number % 5)
    desk.roll_up()
    before = desk.facts(account_id)

    command.downgrade(config, "0002")
    with desk.sessions() as session:
        for table in ("fact_day", "fact_month"):
            rows = session.execute(
                text(f"select metric, sum(n) from {table} where metric like 'skip.%' group by 1")  # noqa: S608
            )
            assert dict(tuple(row) for row in rows) == {"skip.too_short": 6, "skip.ask_false": 6}

    command.upgrade(config, "head")
    assert desk.facts(account_id) == before


def test_a_worker_of_the_release_before_can_write_no_days_and_its_marks_stay(desk: Desk) -> None:
    account_id = desk.account(**ANY_TIME)
    desk.hang_up(account_id, ended_at=noon(MONDAY))
    with pytest.raises(IntegrityError, match="shape"):
        _roll_up_as_before(desk, account_id)
    assert desk.stale() == 1


def _roll_up_as_before(desk: Desk, account_id: UUID) -> None:
    with desk.sessions.begin() as session:
        session.execute(text("delete from stale_cell"))
        session.execute(
            text(
                "insert into fact_day (account_id, agent_id, day, team, vendor, queue, survey, channel, metric,"
                " definition, n) values (:account_id, 'a1', :day, '', '', '', '', '', 'volume', '1', 1)"
            ),
            {"account_id": account_id, "day": MONDAY},
        )
