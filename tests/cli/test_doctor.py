"""`postcall doctor` against real servers: what is in order is said so, and what is not is found by its own line."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis
import urllib3
from flask import Flask, Response, request
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker

from app.checkup import broker
from app.checkup.finding import State
from app.flow.asking import SURVEY_KEY
from app.flow.surveys import write_survey
from app.run.options import CHECKOUT
from app.run.place import find_place
from app.run.ports import free_port
from app.run.valkey import start_valkey
from app.settings import Settings
from app.store.accounts import find_account
from app.web.application import create_app, make_services
from simulator import SimulatorConfig, create_simulator
from simulator.server import Server
from tests.cli.conftest import Command
from tests.run.conftest import home  # noqa: F401 - a fixture

SID, TOKEN, NUMBER = "AC" + "0" * 32, "the token of the carrier", "+15005550006"
NOWHERE = "http://127.0.0.1:9"
Findings = dict[str, dict[str, str]]


class Standing:
    """Web and carrier, really listening; `look` is the command."""

    def __init__(self, command: Command, settings: Settings, patch: pytest.MonkeyPatch) -> None:
        self._command, self._settings, self._patch = command, settings, patch
        self._stack = ExitStack()

    def serve_web(self, told: str | None = None, proxy: Callable[[str], Flask] | None = None) -> None:
        """Web, told the PUBLIC_URL under which it is reached (or `told`), perhaps behind a proxy."""
        port = free_port()
        public_url = f"http://127.0.0.1:{port}"
        self._patch.setenv("PUBLIC_URL", public_url)
        services = make_services(replace(self._settings, public_url=told or public_url))
        self._stack.callback(services.sessions.kw["bind"].dispose)
        app = create_app(services.settings, services)
        if proxy is None:
            self._stack.enter_context(Server(app, port=port))
        else:
            web = self._stack.enter_context(Server(app))
            self._stack.enter_context(Server(proxy(web.url), port=port))
        self.serve_carrier(public_url)

    def serve_carrier(self, service_url: str, **config: Any) -> None:
        given = {"account_sid": SID, "auth_token": TOKEN, "numbers": (NUMBER,), **config}
        app = create_simulator(SimulatorConfig(service_url=service_url, **given))
        carrier = self._stack.enter_context(Server(app))
        self._patch.setenv("TWILIO_BASE_URL", carrier.url)

    def look(self, *words: str) -> Findings:
        """The findings that are not about workers, by what was looked at; of several about one, the worst."""
        said = self._command("doctor", "--json", *words)
        found: list[dict[str, str]] = json.loads(said[said.index("[\n  {") : said.rindex("]") + 1])
        assert TOKEN not in said
        states = [state.value for state in State]
        found.sort(key=lambda one: states.index(one["state"]))
        return {one["check"]: one for one in found if not one["check"].startswith(("workers", "beat"))}

    def close(self) -> None:
        self._stack.close()


@pytest.fixture
def standing(
    command: Command, acme: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Standing]:
    given = ("--account", acme, "--account-sid", SID, "--number", NUMBER, "--auth-token", TOKEN)
    command("senders", "add", *given)
    command("keys", "create", "--account", acme, "--name", "pbx", "--scope", "calls:write")
    # the tests' own server gives up what production must not, and nobody works in a test without asking for it
    monkeypatch.setattr("app.checkup.broker._queues", lambda _: {"delivery": 1, "default": 1})
    monkeypatch.setattr("app.checkup.broker._check_beat", lambda _: broker.ok("beat", "ticks"))
    monkeypatch.setenv("SECRET_KEYS", f"{settings.secret_keys}")
    standing = Standing(command, settings, monkeypatch)
    yield standing
    standing.close()


def bad(found: Findings) -> dict[str, str]:
    """What is not ok, less the tests' keys, which are made up on purpose."""
    return {
        check: one["found"]
        for check, one in found.items()
        if one["state"] != "ok" and check != "settings: SECRET_KEYS"
    }


def test_what_is_in_order_is_said_so(standing: Standing) -> None:
    standing.serve_web()
    found = standing.look()
    assert not bad(found)
    assert set(found) >= {
        "database",
        "migrations",
        "clock: database",
        "clock: carrier",
        "clock: broker",
        "broker",
        "public address",
        "signature",
        f"sender {NUMBER}",
        "sending",
        "accounts",
    }
    assert "/hooks/twilio/status?account=" in found["signature"]["found"]


def test_the_round_trip_writes_nothing(standing: Standing, committing: sessionmaker[Session]) -> None:
    standing.serve_web()
    standing.look()
    with committing() as session:
        assert session.scalar(text("select count(*) from provider_event")) == 0


def proxied(target: str, rewrite: Callable[[str, str], tuple[str, str]], **headers: str) -> Flask:
    """A proxy; `rewrite` takes the path and the query."""
    app = Flask("proxy")

    @app.route("/<path:path>", methods=["GET", "POST"])
    def pass_on(path: str) -> Response:
        path, query = rewrite(f"/{path}", request.query_string.decode())
        kept = {name: value for name, value in request.headers if name not in ("Host", "Content-Length")}
        with urllib3.PoolManager(retries=False, timeout=10) as pool:
            answer = pool.request(
                request.method,
                f"{target}{path}?{query}" if query else f"{target}{path}",
                body=request.get_data(),
                headers={**kept, **headers},
            )
        return Response(answer.data, answer.status)

    return app


def test_a_proxy_that_passes_on_what_it_gets_is_no_trouble(standing: Standing) -> None:
    other_host = {"Host": "internal:8000", "X-Forwarded-Proto": "gopher"}
    standing.serve_web(proxy=lambda web: proxied(web, lambda path, query: (path, query), **other_host))
    assert not bad(standing.look())


@pytest.mark.parametrize(
    ("rewrite", "said"),
    [
        (lambda path, query: (path, "&".join(reversed(query.split("&")))), "is refused"),
        (lambda path, _: (path, ""), "is refused"),
        (lambda path, query: (path if path == "/healthz" else f"/postcall{path}", query), "answer is 404"),
    ],
)
def test_a_proxy_that_rewrites_path_or_query_is_found(
    standing: Standing, rewrite: Callable[[str, str], tuple[str, str]], said: str
) -> None:
    standing.serve_web(proxy=lambda web: proxied(web, rewrite))
    found = bad(standing.look())
    assert list(found) == ["signature"]
    assert said in found["signature"]


def test_web_that_was_told_another_address_is_found(standing: Standing) -> None:
    standing.serve_web(told="https://survey.example")
    assert list(bad(standing.look())) == ["signature"]


def test_an_address_where_something_else_answers_is_found(standing: Standing) -> None:
    standing.serve_web(proxy=lambda _: Flask("another"))
    assert set(bad(standing.look())) == {"public address", "signature"}


def test_an_answer_that_the_carrier_brings_elsewhere_is_found(standing: Standing) -> None:
    standing.serve_web()
    standing.serve_carrier("https://old.example")
    assert bad(standing.look()) == {
        f"sender {NUMBER}": "answers are brought to https://old.example/hooks/twilio/inbound, and not to us"
    }


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"auth_token": "a newer token"}, "refuses the credentials"),
        ({"numbers": ("+15005550009",)}, "is no number of the carrier's account"),
    ],
)
def test_a_sender_that_the_carrier_does_not_know_is_found(
    standing: Standing, config: dict[str, Any], said: str
) -> None:
    standing.serve_web()
    standing.serve_carrier(NOWHERE, **config)
    found = bad(standing.look())
    assert list(found) == [f"sender {NUMBER}"]
    assert said in found[f"sender {NUMBER}"]


def test_what_is_away_is_found_and_holds_up_nothing_else(
    standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "DATABASE_URL": "postgresql://app:the-password@127.0.0.1:9/postcall",
        "REDIS_URL": "redis://:the-password@127.0.0.1:9/0",
        "PUBLIC_URL": NOWHERE,
        "TWILIO_BASE_URL": NOWHERE,
    }.items():
        monkeypatch.setenv(name, value)
    found = standing.look()
    assert set(bad(found)) == {
        "database",
        "clock: database",
        "clock: carrier",
        "broker",
        "public address",
        "sampling",
        "sending",
    }
    assert "the-password" not in str(found)


def test_a_broker_that_evicts_is_found(
    standing: Standing,
    monkeypatch: pytest.MonkeyPatch,
    home: Path,  # noqa: F811
) -> None:
    standing.serve_web()
    valkey = start_valkey(find_place(home), password="secret")
    try:
        with redis.Redis.from_url(valkey.url) as client:
            client.config_set("maxmemory-policy", "allkeys-lru")
        monkeypatch.setenv("REDIS_URL", valkey.url)
        found = bad(standing.look())
    finally:
        valkey.stop()
    assert list(found) == ["broker: policy"]
    assert "allkeys-lru" in found["broker: policy"]


def test_a_database_of_an_older_release_is_found(
    standing: Standing, new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    standing.serve_web()
    url = new_database()
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '0001'"))
    engine.dispose()
    monkeypatch.setenv("DATABASE_URL", url)
    found = standing.look()
    assert found["migrations"]["state"] == "failed"
    assert found["migrations"]["remedy"] == "postcall migrate"


def test_what_stands_still_is_found(standing: Standing, command: Command, acme: str) -> None:
    standing.serve_web()
    command("pause", "--all")
    command("dry-run", "start", "--account", acme, "--queue", "sales")
    said = command("doctor")
    assert "warning   accounts: sending is paused: acme" in said
    assert "warning   accounts: some calls are only tried: acme" in said
    assert "-> postcall resume --account acme, or --all" in said


def test_one_account_can_be_looked_at_alone(standing: Standing, command: Command) -> None:
    standing.serve_web()
    command("accounts", "create", "empty", "--brand", "Empty", "--timezone", "UTC")
    assert bad(standing.look())["accounts"] == "no sender: nobody is asked: empty"
    assert not bad(standing.look("--account", "acme"))
    assert bad(standing.look("--account", "nobody")) == {"accounts": "none is named nobody"}


def test_whose_client_delivers_the_links_needs_no_sender(
    standing: Standing, command: Command, committing: sessionmaker[Session]
) -> None:
    standing.serve_web()
    command("accounts", "create", "linked", "--brand", "Linked", "--timezone", "UTC")
    command("keys", "create", "--account", "linked", "--name", "own", "--scope", "calls:write")
    assert bad(standing.look("--account", "linked"))["accounts"] == "no sender: nobody is asked: linked"
    with committing.begin() as session:
        account_id = find_account(session, "linked").id
        by_link = {"channels": [{"channel": "sms"}, {"channel": "link"}]}
        write_survey(session, account_id=account_id, key=SURVEY_KEY, definition=by_link)
    assert not bad(standing.look("--account", "linked"))


def test_a_setting_that_is_missing_is_one_line(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    said = command("doctor")
    assert "failed    settings" in said
    assert "DATABASE_URL" in said
    assert "0 ok, 0 warnings, 1 failed" in said


def test_a_worker_is_heard_and_beat_is_missed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(broker, "_BEAT_SECONDS", 0.5)
    assert {one.check: one.state for one in broker.check_workers(settings)} == {
        "workers: delivery": State.FAILED,
        "workers: default": State.FAILED,
    }
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "PUBLIC_URL": settings.public_url,
        "SECRET_KEYS": settings.secret_keys,
        "TWILIO_BASE_URL": NOWHERE,
    }
    words = ("-A", "workers.celery_app:celery", "worker", "-P", "threads", "-c", "1", "-Q", "default")
    with (tmp_path / "log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", *words], env=environment, cwd=CHECKOUT, stdout=log, stderr=log
        )
    try:
        until = (broker.check_workers(settings) for _ in range(60))
        found = next(found for found in until if any(one.check == "beat" for one in found))
    finally:
        worker.kill()
        worker.wait(10)
    assert {one.check: one.state for one in found} == {
        "workers: delivery": State.FAILED,
        "beat": State.FAILED,
    }
