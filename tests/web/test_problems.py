"""Whatever goes wrong is told as a problem document that a client can act on."""

import json
import logging
from http import HTTPStatus

import psycopg
import pytest
import sqlalchemy.exc
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.errors import Conflict, Forbidden, Invalid, NotFound, PostcallError
from app.web.access import request_id


def problem_of(response: TestResponse) -> dict[str, object]:
    assert response.mimetype == "application/problem+json"
    content: dict[str, object] = json.loads(response.data)
    assert content["status"] == response.status_code
    assert content["type"] == "about:blank"
    assert content["title"] == HTTPStatus(response.status_code).phrase
    assert content["request_id"] == response.headers["X-Request-Id"]
    return content


def raising(app: Flask, error: Exception) -> TestResponse:
    def view() -> str:
        raise error

    app.add_url_rule("/raise/<secret>", view_func=lambda secret: view())  # noqa: ARG005
    return app.test_client().get("/raise/the-customers-token")


def test_an_unknown_path_is_a_problem(client: FlaskClient) -> None:
    response = client.get("/nowhere")
    assert response.status_code == 404
    problem_of(response)


def test_a_wrong_method_says_which_are_allowed(client: FlaskClient) -> None:
    response = client.delete("/healthz")
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    problem_of(response)


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotFound("No such call"), 404), (Conflict("Another body"), 409), (Forbidden("Not yours"), 403)],
)
def test_our_errors_have_a_status_and_say_what_they_mean(
    app: Flask, error: PostcallError, status: int
) -> None:
    response = raising(app, error)
    assert response.status_code == status
    assert problem_of(response)["detail"] == str(error)


def test_a_validation_error_names_its_fields(app: Flask) -> None:
    def view() -> str:
        raise Invalid("The call's times can't be true.", {"ended_at": "lies ahead", "agent.a/b": "is odd"})

    app.add_url_rule("/raise", view_func=view, methods=["POST"])
    response = app.test_client().post("/raise")
    assert response.status_code == 422
    assert problem_of(response)["errors"] == [
        {"pointer": "#/ended_at", "detail": "lies ahead"},
        {"pointer": "#/agent/a~1b", "detail": "is odd"},
    ]


def test_a_validation_error_of_a_get_names_parameters(app: Flask) -> None:
    response = raising(app, Invalid("Not a cursor", {"cursor": "start again"}))
    assert problem_of(response)["errors"] == [{"parameter": "cursor", "detail": "start again"}]


@pytest.mark.parametrize(
    "error",
    [
        sqlalchemy.exc.OperationalError("select 1", {}, psycopg.OperationalError("connection refused")),
        sqlalchemy.exc.OperationalError("select 1", {}, psycopg.errors.QueryCanceled("statement timeout")),
        sqlalchemy.exc.OperationalError("lock table", {}, psycopg.errors.LockNotAvailable("lock timeout")),
        sqlalchemy.exc.OperationalError("insert", {}, psycopg.errors.DiskFull("no space")),
        sqlalchemy.exc.TimeoutError("QueuePool limit of size 1 overflow 0 reached"),
    ],
)
def test_a_database_that_is_away_asks_to_try_again(app: Flask, error: Exception) -> None:
    response = raising(app, error)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "select" not in str(problem_of(response)["detail"])


@pytest.mark.parametrize(
    "error", [RuntimeError("password=hunter2"), PostcallError("internal"), KeyError("call_id")]
)
def test_a_bug_is_a_500_that_tells_nothing_but_its_id(
    app: Flask, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        response = raising(app, error)
    assert response.status_code == 500
    problem_of(response)
    assert str(error) not in response.text
    assert "the-customers-token" not in response.text


def test_a_request_id_of_sane_form_is_kept(client: FlaskClient) -> None:
    response = client.get("/healthz", headers={"X-Request-Id": "trace-0123456789"})
    assert response.headers["X-Request-Id"] == "trace-0123456789"


@pytest.mark.parametrize("odd", ["short", "x" * 65, "with space 123", 'quote"123456', "néant-123456"])
def test_any_other_request_id_is_replaced(client: FlaskClient, odd: str) -> None:
    response = client.get("/healthz", headers={"X-Request-Id": odd})
    assert response.headers["X-Request-Id"] != odd
    assert len(response.headers["X-Request-Id"]) == 32


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    for path in ("/healthz", "/nowhere", "/docs/"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Strict-Transport-Security"].startswith("max-age=")
        assert headers["Cache-Control"] == "no-store"


def test_outside_a_request_there_is_no_request_id(app: Flask) -> None:
    with app.app_context():
        assert request_id() == "-"
