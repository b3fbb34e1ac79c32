"""Load balancers and monitors are told the truth, with and without a database."""

from dataclasses import replace

import pytest
import sqlalchemy.exc
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker

from app.db import migrations_state
from app.web.frame import make_frame
from app.web.unit import Services


def client_of(services: Services) -> FlaskClient:
    return make_frame(services)[0].test_client()


@pytest.fixture
def away(services: Services) -> Services:
    """No server listens there."""
    engine = create_engine(
        "postgresql+psycopg://nobody@127.0.0.1:1/none", connect_args={"connect_timeout": 2}
    )
    return replace(services, sessions=sessionmaker(engine))


@pytest.fixture
def running(services: Services, session_factory: sessionmaker[Session]) -> Services:
    return replace(services, sessions=session_factory)


def test_alive_asks_nobody(away: Services) -> None:
    response = client_of(away).get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "alive"})


def test_without_a_database_it_is_not_ready(away: Services) -> None:
    response = client_of(away).get("/readyz")
    assert response.status_code == 503
    assert response.json == {"status": "unready", "database": "unreachable", "broker": "ok"}


def test_with_everything_there_it_is_ready(running: Services) -> None:
    response = client_of(running).get("/readyz")
    assert response.status_code == 200
    assert response.json == {
        "status": "ready",
        "database": "ok",
        "migrations": "current",
        "broker": "ok",
        "oldest_due_seconds": 0.0,
    }


def test_without_a_broker_calls_are_still_accepted(running: Services) -> None:
    response = client_of(replace(running, broker_answers=lambda: False)).get("/readyz")
    assert response.status_code == 200
    assert response.json is not None
    assert (response.json["status"], response.json["broker"]) == ("degraded", "unreachable")


def test_a_database_that_is_not_migrated_is_not_ready(running: Services, session: Session) -> None:
    session.execute(text("delete from alembic_version"))
    session.flush()
    response = client_of(running).get("/readyz")
    assert response.status_code == 503
    assert response.json is not None
    assert response.json["migrations"] == "behind"


def test_a_newer_release_may_migrate_while_this_one_runs() -> None:
    assert migrations_state("9999") == "ahead"
    assert migrations_state(None) == "behind"


def test_metrics_count_requests_by_route_and_not_by_path(running: Services) -> None:
    client = client_of(running)
    client.get("/docs/nothing-like-this")
    client.get("/no/such/token-0123456789")
    client.open("/healthz", method="BREW")
    text_ = client.get("/metrics").text
    assert (
        'postcall_http_requests_total{method="GET",route="/docs/<path:filename>",status="404"} 1.0' in text_
    )
    assert 'route="unmatched",status="404"} 1.0' in text_
    assert 'method="OTHER",route="unmatched",status="405"' in text_
    assert "token-0123456789" not in text_
    assert "BREW" not in text_


def test_metrics_show_what_waits(running: Services) -> None:
    text_ = client_of(running).get("/metrics").text
    for name in ("oldest_due_seconds", "in_doubt", "quarantined", "stale_cells"):
        assert f"\npostcall_{name} 0.0" in text_


def test_metrics_are_there_without_a_database(away: Services) -> None:
    response = client_of(away).get("/metrics")
    assert response.status_code == 200
    assert "postcall_http_request" in response.text
    assert "postcall_in_doubt" not in response.text


def test_a_stub_that_fails_is_not_taken_for_ready(services: Services) -> None:
    with pytest.raises(sqlalchemy.exc.UnboundExecutionError):
        services.sessions().execute(text("select 1"))
