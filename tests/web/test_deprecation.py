"""An operation that ends says so: in the document and with each answer, a year before."""

from collections.abc import Callable
from datetime import date
from email.utils import parsedate_to_datetime

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from app.errors import Conflict
from app.web.api.blueprint import ApiBlueprint
from app.web.auth import require
from app.web.json import json_response
from app.web.problems import ProblemApi

Bearer = Callable[..., dict[str, str]]


@pytest.fixture
def client(frame: tuple[Flask, ProblemApi]) -> FlaskClient:
    app, api = frame
    blueprint = ApiBlueprint("old", __name__)

    @blueprint.operation("GET", "/old")
    @require("calls:read")
    @blueprint.deprecated(date(2027, 1, 1), date(2028, 1, 1), "GET /v1/new")
    @blueprint.response(200)
    def read_old() -> Response:
        """Read the old way

        It was good enough.
        """
        return json_response({})

    @blueprint.operation("GET", "/old/failing")
    @require("calls:read")
    @blueprint.deprecated(date(2027, 1, 1), date(2028, 1, 1), "GET /v1/new")
    @blueprint.response(200)
    def read_failing() -> Response:
        """Fail the old way"""
        raise Conflict("No")

    api.register_blueprint(blueprint)
    return app.test_client()


@pytest.mark.parametrize(("path", "status"), [("/old", 200), ("/old/failing", 409)])
def test_each_answer_says_since_when_and_until_when(
    client: FlaskClient, bearer: Bearer, path: str, status: int
) -> None:
    answer = client.get(path, headers=bearer("calls:read"))
    assert answer.status_code == status
    assert answer.headers["Deprecation"] == "@1798761600"  # 2027-01-01, as RFC 9745 writes a date
    assert parsedate_to_datetime(answer.headers["Sunset"]).date() == date(2028, 1, 1)
    assert answer.headers["Sunset"].endswith(" GMT")
    assert 'rel="deprecation"' in answer.headers["Link"]


def test_the_document_marks_it_and_names_what_to_use(client: FlaskClient) -> None:
    document = client.get("/v1/openapi.json").json
    assert document is not None
    operation = document["paths"]["/old"]["get"]
    assert operation["deprecated"] is True
    assert operation["summary"] == "Read the old way"
    assert operation["description"] == (
        "Deprecated since 2027-01-01, may be gone after 2028-01-01: use GET /v1/new.\n\nIt was good enough."
    )
    assert operation["x-required-scopes"] == ["calls:read"]


def test_what_is_not_deprecated_says_nothing_of_it(client: FlaskClient) -> None:
    assert "Deprecation" not in client.get("/healthz").headers


def test_less_than_a_years_notice_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter than 365 days"):
        ApiBlueprint("old", __name__).deprecated(date(2027, 1, 1), date(2027, 12, 31), "GET /v1/new")
