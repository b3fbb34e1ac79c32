"""The migration that makes persons: a no of before is the person's, and a ref that is nobody's joins nobody."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from app.db import MIGRATIONS, make_engine, make_sessions
from app.store.keyring import Keyring
from tests.desk import Desk, decided


@pytest.fixture
def old_desk(new_database: Callable[[], str], keyring: Keyring) -> Iterator[Any]:
    url = new_database()
    engine = make_engine(url, 2)
    config = Config(attributes={"database_url": url})
    config.set_main_option("script_location", str(MIGRATIONS))
    yield Desk(make_sessions(engine, keyring)), config
    engine.dispose()


def test_a_no_of_before_is_that_of_all_addresses_with_the_same_ref(old_desk: Any) -> None:
    desk, config = old_desk
    account_id, other = desk.account(), desk.account()
    for ref, digit in (("C-1", 1), ("unknown", 2), ("00", 3)):
        for number in range(3):
            desk.hang_up(account_id, phone=f"+44770090{digit:02}{number:02}", customer_ref=ref, ask=False)
    desk.hang_up(other, phone="+447700900100", customer_ref="C-1", ask=False)
    command.downgrade(config, "0012")
    with desk.sessions.begin() as session:
        # as they were kept then: what the client wrote, whatever it was
        session.execute(
            text(
                "update contact c set customer_ref = k.customer_ref from call k"
                " where k.account_id = c.account_id and k.phone_contact_id = c.id"
            )
        )
        session.execute(text("delete from contact where kind = 'customer'"))
        session.execute(
            text(
                "update contact c set opted_out_at = now() from (select distinct on (customer_ref) id from contact"
                " where account_id = :account_id order by customer_ref, id) o where c.id = o.id"
            ),
            {"account_id": account_id},
        )
    command.upgrade(config, "head")
    with desk.sessions() as session:
        kept = session.execute(
            text(
                "select customer_ref, count(opted_out_at), count(opted_out_through) from contact"
                " where account_id = :account_id group by 1 order by 1"
            ),
            {"account_id": account_id},
        ).all()
    assert [tuple(row) for row in kept] == [("00", 1, 0), ("C-1", 3, 2), ("unknown", 1, 0)]
    assert decided(desk.hang_up(other, phone="+447700900100", customer_ref="C-1")) == "scheduled"
