"""A small contact centre, made as the benchmark makes its big one, with every constraint looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url
from sqlalchemy.orm import Session, sessionmaker

from app.db import make_engine, make_sessions
from app.flow.accounts import SCOPES, create_account, create_key
from app.store.keyring import Keyring
from app.store.senders import add_sender
from bench.data import Size, fill


@dataclass(frozen=True)
class Centre:
    sessions: sessionmaker[Session]
    account_id: UUID
    api_key: str
    size: Size


@pytest.fixture(scope="session")
def centre(addresses: dict[str, str], template: str, keyring: Keyring) -> Iterator[Centre]:
    """Filling takes seconds, so it is done once; nobody changes it."""
    database_url, size = _new_database(addresses["postgres"], template), Size(3_000, agents=10)
    engine = make_engine(database_url, 2)
    sessions = make_sessions(engine, keyring)
    with sessions.begin() as session:
        account_id = create_account(session, name="centre", brand="Acme", timezone="UTC")
        add_sender(session, account_id, provider_account="AC1", auth_token="secret", number="+15005550006")
        scopes = [scope for scope in SCOPES if scope != "results:self"]
        api_key = create_key(session, account_name="centre", name="all", scopes=scopes)
    fill(database_url, keyring, account_id, size, checked=True)
    yield Centre(sessions, account_id, api_key, size)
    engine.dispose()


def _new_database(postgres_url: str, template: str) -> str:
    """It ends with the server."""
    url, name = make_url(postgres_url), f"centre_{uuid4().hex}"
    with psycopg.connect(
        url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False),
        autocommit=True,
    ) as connection:
        connection.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    return url.set(database=name).render_as_string(hide_password=False)
