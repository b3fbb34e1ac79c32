"""Texts that are due: each with a call, an invitation and a customer of its own, as the service writes them."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import select

from app.db import make_engine, make_sessions
from app.domain.call import CallEnd
from app.flow.asking import read_asking
from app.flow.receive_call import receive_call
from app.ids import new_id
from app.run.demonstration import ACCOUNT
from app.store.accounts import Account
from app.store.base import database_now
from app.store.keyring import Keyring, hash_token
from bench.place import Stack

_NEW = """
create temporary table new (
    id uuid, message_id uuid, contact_id uuid, lookup bytea, address bytea, token_hash bytea) on commit drop
"""
# whatever columns the tables have: each row is the model's, with ids, an address and a link of its own
_COPIES = (
    """
    insert into contact
    select (jsonb_populate_record(model, jsonb_build_object(
        'id', n.contact_id, 'lookup', n.lookup, 'address', n.address,
        'asked_by_invitation', n.id, 'open_invitation', n.id))).*
    from new n, contact model where model.account_id = %(account_id)s and model.id = %(contact_id)s
    """,
    """
    insert into call
    select (jsonb_populate_record(model, jsonb_build_object(
        'id', n.id, 'call_id', n.id, 'phone_contact_id', n.contact_id))).*
    from new n, call model
    where model.account_id = %(account_id)s and model.phone_contact_id = %(contact_id)s
    """,
    """
    insert into invitation
    select (jsonb_populate_record(model, jsonb_build_object(
        'id', n.id, 'call_id', n.id, 'contact_id', n.contact_id))).*
    from new n, invitation model
    where model.account_id = %(account_id)s and model.contact_id = %(contact_id)s
    """,
    """
    insert into message
    select (jsonb_populate_record(model, %(times)s || jsonb_build_object(
        'id', n.message_id, 'invitation_id', n.id, 'contact_id', n.contact_id, 'token_hash', n.token_hash,
        'state', 'due'))).*
    from new n, message model
    where model.account_id = %(account_id)s and model.contact_id = %(contact_id)s
    """,
)


class Backlog:
    """Fills one stack's database; no two customers ever have one number."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._keyring = Keyring(stack.settings["SECRET_KEYS"])
        self._numbers = itertools.count(1)
        self.account_id, self._model = self._accept_one()

    def add(self, count: int) -> list[UUID]:
        """So many texts more, due now; the ids of their messages."""
        rows = list(itertools.islice(self._rows(), count))
        with self._stack.connect() as connection, connection.transaction():
            connection.execute(_NEW)
            with connection.cursor().copy("copy new from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
            now = connection.execute("select clock_now()").fetchone()
            assert now is not None  # noqa: S101 - a select without from
            times = {"due_at": now[0], "send_before": now[0] + timedelta(hours=1)}
            values = {
                "account_id": self.account_id,
                "contact_id": self._model,
                "times": Jsonb({name: at.isoformat() for name, at in times.items()}),
            }
            for copy_rows in _COPIES:
                connection.execute(copy_rows, values)
        with self._stack.connect() as connection:
            connection.execute("analyze")
        return [row[1] for row in rows]

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        for number in self._numbers:
            phone, message_id = f"+44770{number:07}", new_id()
            lookup = self._keyring.lookups(str(self.account_id), "phone", phone)[0]
            address = self._keyring.seal("contact.address", self.account_id, phone)
            token_hash = hash_token(self._keyring.token(message_id))
            yield new_id(), message_id, UUID(bytes=lookup), lookup, address, token_hash

    def _accept_one(self) -> tuple[UUID, UUID]:
        """(account, contact) of the call that the others are copies of; it went through the real flow."""
        engine = make_engine(self._stack.database_url, 1)
        try:
            with make_sessions(engine, self._keyring).begin() as session:
                account_id = session.scalars(select(Account.id).where(Account.name == ACCOUNT)).one()
                now = database_now(session)
                call = CallEnd(
                    call_id="model",
                    source="generic",
                    direction="inbound",
                    started_at=now - timedelta(seconds=100),
                    ended_at=now,
                    agent_id="a1",
                    team="blue",
                    queue="sales",
                    phone="+447700900123",
                    talk_seconds=90,
                )
                asking = read_asking(session, account_id)
                receive_call(session, asking=asking, call=call, body_hash=b"model")
                lookup = self._keyring.lookups(str(account_id), "phone", "+447700900123")[0]
        finally:
            engine.dispose()
        with self._stack.connect() as connection:
            # the model itself is sent by nobody; the pace of a sender is not what is measured
            connection.execute("update message set state = 'cancelled'")
            connection.execute("update sender set per_second = 1000000, burst = 1000000")
        return account_id, UUID(bytes=lookup)
