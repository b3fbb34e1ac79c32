"""The migration that lets people be forgotten: nothing is lost by it, and what the ledger lacked is counted."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config

from app.db import MIGRATIONS, make_engine, make_sessions
from app.domain.retention import days_kept
from app.flow.record_elsewhere import record_asked
from app.store.accounts import get_account
from app.store.keyring import Keyring
from tests.desk import ANY_TIME, MONDAY, Desk, noon


@pytest.fixture
def old_desk(new_database: Callable[[], str], keyring: Keyring) -> Any:
    url = new_database()
    engine = make_engine(url, 2)
    config = Config(attributes={"database_url": url})
    config.set_main_option("script_location", str(MIGRATIONS))
    yield Desk(make_sessions(engine, keyring)), config
    engine.dispose()


def test_accounts_of_before_keep_what_they_have_and_the_ledger_adds_up(old_desk: Any) -> None:
    desk, config = old_desk
    account_id = desk.account(**ANY_TIME)
    desk.hang_up(account_id, ask=False, ended_at=noon(MONDAY))
    missed = desk.hang_up(account_id, agent_id=None, talk_seconds=None, ended_at=noon(MONDAY))
    with desk.sessions.begin() as session:
        record_asked(session, account_id=account_id, call_id=UUID(missed.call["id"]), asked_at=desk.now())
    desk.roll_up()
    before = desk.facts(account_id)

    command.downgrade(config, "0008")
    command.upgrade(config, "head")
    assert desk.facts(account_id) == before
    assert any(row for row in before if 1 in row[-3:])  # and there was one to be counted
    with desk.sessions() as session:
        kept = days_kept(get_account(session, account_id).settings)
    assert kept == {"verbatims": None, "recordings": 30, "contacts": None, "reports": 30}
