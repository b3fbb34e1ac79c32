"""Real servers, started, stopped, killed and started again."""

import os
import pwd
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.errors import ConfigurationError
from app.run.place import Place, lock
from app.run.postgres import Postgres, start_postgres
from app.run.process import StartFailed, until
from app.run.valkey import Valkey, start_valkey
from tests.run.residents import owner_of, processes_on

PARENT = """
import signal, sys
from pathlib import Path
from app.run.place import find_place
from app.run.postgres import start_postgres
from app.run.valkey import start_valkey

place = find_place(Path(sys.argv[1]))
start_postgres(place, password="secret", durable=False)
start_valkey(place, password="secret")
print("started", flush=True)
signal.pause()
"""


def postgres_on(place: Place, port: int | None = None) -> Postgres:
    return start_postgres(place, password="secret", port=port, durable=False)


def ask(server: Postgres, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def client_of(server: Valkey) -> redis.Redis:
    return redis.Redis.from_url(server.url)


def test_a_second_start_of_postgresql_finds_the_data_of_the_first(place: Place) -> None:
    first = postgres_on(place)
    ask(first, "CREATE TABLE kept AS SELECT 7 AS number")
    first.stop()
    second = postgres_on(place)
    assert ask(second, "SELECT number FROM kept") == [(7,)]
    second.stop()
    assert processes_on(place.home) == {}


def test_a_second_start_of_valkey_finds_the_data_of_the_first(place: Place) -> None:
    first = start_valkey(place, password="secret")
    with client_of(first) as client:
        client.set("kept", "7")
    first.stop()
    second = start_valkey(place, password="secret")
    with client_of(second) as client:
        assert client.get("kept") == b"7"
    second.stop()
    assert processes_on(place.home) == {}


def test_the_database_speaks_utf8_and_utc_whatever_the_machine_does(place: Place) -> None:
    server = postgres_on(place)
    assert ask(server, "SHOW server_encoding") == [("UTF8",)]
    assert ask(server, "SELECT current_setting('log_timezone')") == [("UTC",)]
    assert ask(server, "SELECT lower('ÄÖ你')") == [("äö你",)]
    server.stop()


def test_strangers_on_the_machine_need_a_password_that_no_process_list_shows(place: Place) -> None:
    postgres, valkey = postgres_on(place), start_valkey(place, password="secret")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url.replace("+psycopg", "").replace("secret", "guess"))
    with (
        pytest.raises(redis.AuthenticationError),
        redis.Redis(port=valkey.port, retry=Retry(NoBackoff(), 0)) as client,
    ):
        client.ping()
    assert not [command for command in processes_on(place.home).values() if "secret" in command]
    postgres.stop()
    valkey.stop()


def test_killing_the_parent_leaves_no_server_and_its_data_opens_at_once(place: Place) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(place.home)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    with parent.stdout as output:
        assert output.readline() == "started\n"
        assert len(processes_on(place.home)) >= 2
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        again = postgres_on(place)  # waits for the old one to let go of its folder
    assert ask(again, "SELECT 1") == [(1,)]
    again.stop()
    assert until(lambda: processes_on(place.home) == {}, 10)


@pytest.mark.usefixtures("as_root")
def test_root_runs_the_servers_as_nobody_and_keeps_the_log(place: Place) -> None:
    postgres, valkey = postgres_on(place), start_valkey(place, password="secret")
    nobody = pwd.getpwnam("nobody").pw_uid
    assert {owner_of(pid) for pid in processes_on(place.home)} == {nobody}
    assert (place.data / "postgres").stat().st_uid == nobody
    assert place.log("postgres").stat().st_uid == 0
    postgres.stop()
    valkey.stop()


def test_a_first_start_that_was_interrupted_begins_again(place: Place) -> None:
    half_made = place.folder("postgres") / "new"
    half_made.mkdir()
    (half_made / "PG_VERSION").write_text("18\n")
    server = postgres_on(place)
    assert ask(server, "SELECT 1") == [(1,)]
    server.stop()


def test_data_of_another_version_is_left_alone(place: Place) -> None:
    old = place.folder("postgres") / "data"
    old.mkdir()
    (old / "PG_VERSION").write_text("17\n")
    with pytest.raises(ConfigurationError, match="made by PostgreSQL 17, and 18 is installed"):
        postgres_on(place)


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_a_server_holds_the_lock_of_its_folder_as_long_as_it_lives(place: Place, name: str) -> None:
    server = postgres_on(place) if name == "postgres" else start_valkey(place, password="secret")
    assert lock(place.folder(name), seconds=0) is None
    server.stop()
    held = lock(place.folder(name), seconds=5)
    assert held is not None
    os.close(held)


@pytest.mark.parametrize(
    "start", [postgres_on, lambda place, port: start_valkey(place, password="x", port=port)]
)
def test_a_port_in_use_is_told_with_the_end_of_the_log(place: Place, start: object) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(StartFailed, match=r"(?s)did not start.*in use"):
            start(place, taken.getsockname()[1])  # type: ignore[operator]
    assert until(lambda: processes_on(place.home) == {}, 10)


def test_the_servers_get_nothing_of_our_environment(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c search_path=nowhere")
    monkeypatch.setenv("CLOUD_SECRET", "ours")
    server = postgres_on(place)
    environment = Path(f"/proc/{server.process.pid}/environ").read_bytes()
    assert b"CLOUD_SECRET" not in environment
    assert b"PGOPTIONS" not in environment
    assert os.getenv("CLOUD_SECRET") == "ours"
    server.stop()
