"""Real PostgreSQL and Valkey for the whole run, and what tests ask for by name.

One server of each per run, started by the process that the run was started with (xdist's workers get their
addresses) and ending with it. Each xdist worker has a database of its own, made from a migrated template.

    session            a session whose work, commits included, is undone after the test
    session_factory    more sessions in that same transaction
    committing         sessions that really commit, for races; every table is emptied afterwards
    desk, house        the service's flows, and with a simulated carrier: see desk.py and house.py
    new_database       a function: the URL of another empty migrated database
    database_url, redis_url, engine, keyring, settings

After every test that had one of the sessions, the ledger has to add up: see recount.py.
"""

import base64
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import psycopg
import pytest
import redis
from psycopg import sql
from sqlalchemy import Engine, make_url, text
from sqlalchemy.orm import Session, sessionmaker

from app.db import make_engine, make_sessions, migrate
from app.run.place import find_place
from app.run.postgres import start_postgres
from app.run.valkey import start_valkey
from app.settings import Settings, load_settings
from app.store.keyring import Keyring
from app.store.tables import metadata
from tests.desk import Desk
from tests.house import House, open_house
from tests.recount import recount
from tests.telephone import Telephony, open_telephony

_FOLDER_PREFIX = "postcall-tests-"
_TEMPLATE = "migrated"
_PASSWORD = "only-for-tests"
_SECRET_KEYS = "tests:" + base64.b64encode(bytes(range(32))).decode()
_ABANDONED_SECONDS = 3600

_addresses = pytest.StashKey[dict[str, str]]()
_servers = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.register_profile("here", deadline=None)
    hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None)
    hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist, in the controller: a worker must not be the servers' parent, since another may still need them."""
    node.workerinput["addresses"] = _start_servers(node.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _servers in config.stash:
        config.stash[_servers].close()


def _start_servers(config: pytest.Config) -> dict[str, str]:
    """Start both servers once in a run; they stop with it, or with its process when that is killed."""
    if _addresses not in config.stash:
        _remove_abandoned()
        stack = config.stash[_servers] = ExitStack()
        folder = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o711)  # as root the servers run as nobody, who must pass through
        place = find_place(folder)
        stack.callback(shutil.rmtree, place.data, ignore_errors=True)
        postgres = start_postgres(place, password=_PASSWORD, durable=False)
        stack.callback(postgres.stop)
        valkey = start_valkey(place, password=_PASSWORD)
        stack.callback(valkey.stop)
        config.stash[_addresses] = {"postgres": postgres.url, "valkey": valkey.url, "folder": str(folder)}
    return config.stash[_addresses]


def _remove_abandoned() -> None:
    """What runs that were killed left behind; their servers ended with them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER_PREFIX}*"):
        with suppress(FileNotFoundError):  # another run tidies up too
            age = time.time() - folder.stat().st_mtime
            if age > _ABANDONED_SECONDS and not list(folder.glob("*/data/postmaster.pid")):
                shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def addresses(request: pytest.FixtureRequest) -> dict[str, str]:
    workerinput = getattr(request.config, "workerinput", None)
    found: dict[str, str] = workerinput["addresses"] if workerinput else _start_servers(request.config)
    return found


@pytest.fixture(scope="session")
def worker_number(request: pytest.FixtureRequest) -> int:
    workerinput = getattr(request.config, "workerinput", {"workerid": "gw0"})
    return int(workerinput["workerid"].removeprefix("gw"))


def _execute(postgres_url: str, statement: str, *names: str) -> None:
    """Run one statement outside any transaction, its {} filled with quoted names."""
    url = make_url(postgres_url).set(drivername="postgresql", database="postgres")
    with closing(psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _url_of(addresses: dict[str, str], database: str) -> str:
    return make_url(addresses["postgres"]).set(database=database).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def template(addresses: dict[str, str]) -> str:
    """The name of a migrated database to copy: made by whichever worker comes first."""
    done = Path(addresses["folder"]) / "template-done"
    with (Path(addresses["folder"]) / "template-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            _execute(addresses["postgres"], "CREATE DATABASE {} TEMPLATE template0", _TEMPLATE)
            migrate(_url_of(addresses, _TEMPLATE))
            done.touch()
    return _TEMPLATE


@pytest.fixture
def new_database(addresses: dict[str, str], template: str) -> Iterator[Callable[[], str]]:
    """Call it for the URL of another database, migrated and empty; dropped after the test."""
    with ExitStack() as stack:

        def make() -> str:
            name = f"test_{uuid4().hex}"
            _execute(addresses["postgres"], "CREATE DATABASE {} TEMPLATE {}", name, template)
            stack.callback(_execute, addresses["postgres"], "DROP DATABASE {} WITH (FORCE)", name)
            return _url_of(addresses, name)

        yield make


@pytest.fixture(scope="session")
def database_url(addresses: dict[str, str], template: str, worker_number: int) -> str:
    """This worker's own database, migrated. Committed rows stay: use `committing`, or `new_database`."""
    name = f"worker_{worker_number}"
    _execute(addresses["postgres"], "CREATE DATABASE {} TEMPLATE {}", name, template)
    return _url_of(addresses, name)


@pytest.fixture
def redis_url(addresses: dict[str, str], worker_number: int) -> Iterator[str]:
    """This worker's own numbered database, empty."""
    url = addresses["valkey"].removesuffix("/0") + f"/{worker_number}"
    with closing(redis.Redis.from_url(url)) as client:
        client.flushdb()
        yield url
        client.flushdb()


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring(_SECRET_KEYS)


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    """Defaults everywhere, but for what has none."""
    with pytest.MonkeyPatch.context() as patch:
        for name in Settings.__dataclass_fields__:
            patch.delenv(name.upper(), raising=False)
        patch.setenv("DATABASE_URL", database_url)
        patch.setenv("REDIS_URL", redis_url)
        patch.setenv("PUBLIC_URL", "http://survey.example")
        patch.setenv("SECRET_KEYS", _SECRET_KEYS)
        return load_settings()


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url, pool_size=60)  # room for races of 50
    yield engine
    engine.dispose()


@pytest.fixture
def session_factory(engine: Engine, keyring: Keyring) -> Iterator[sessionmaker[Session]]:
    """Sessions of one transaction that is never committed: their own commits are savepoints."""
    with engine.connect() as connection, connection.begin() as transaction:
        factory = make_sessions(engine, keyring)
        factory.configure(bind=connection, join_transaction_mode="create_savepoint")
        yield factory
        missing = recount(connection)
        transaction.rollback()
    assert missing == []


@pytest.fixture
def session(session_factory: sessionmaker[Session]) -> Iterator[Session]:
    with session_factory() as session:
        yield session


@pytest.fixture
def committing(engine: Engine, keyring: Keyring) -> Iterator[sessionmaker[Session]]:
    """Sessions that commit, for what only committed rows and several connections can show."""
    yield make_sessions(engine, keyring)
    tables = ", ".join(f'"{table.name}"' for table in metadata.tables.values())
    with engine.begin() as connection:
        missing = recount(connection)
        connection.execute(text(f"TRUNCATE {tables} CASCADE"))
    assert missing == []


@pytest.fixture
def desk(committing: sessionmaker[Session]) -> Desk:
    return Desk(committing)


@pytest.fixture
def house(engine: Engine, committing: sessionmaker[Session], settings: Settings) -> Iterator[House]:
    with open_house(engine, committing, settings) as house:
        yield house


@pytest.fixture
def telephony(engine: Engine, committing: sessionmaker[Session], settings: Settings) -> Iterator[Telephony]:
    """A house whose service and whose customer's telephone reach each other."""
    with open_telephony(engine, committing, settings) as telephony:
        yield telephony
