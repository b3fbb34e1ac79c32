"""Bodies are read strictly and within limits; nothing that a client sends is a 500."""

import io
import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from marshmallow import fields
from werkzeug.exceptions import BadRequest

from app.web.api.blueprint import ApiBlueprint
from app.web.api.fields import StrictSchema
from app.web.json import MAX_DEPTH, MAX_VALUES, dump_json, json_response, load_json
from app.web.problems import ProblemApi
from tests.web.conftest import MAX_BODY_BYTES


class _EchoSchema(StrictSchema):
    name = fields.String(required=True)
    inner = fields.Nested(lambda: _EchoSchema(only=("name",)))
    anything = fields.Raw()


class _EchoQuery(StrictSchema):
    limit = fields.Integer()


@pytest.fixture
def client(frame: tuple[Flask, ProblemApi]) -> FlaskClient:
    app, api = frame
    blueprint = ApiBlueprint("echo", __name__, url_prefix="/echo")

    @blueprint.operation("POST", "")
    @blueprint.arguments(_EchoSchema)
    def echo(body: dict[str, Any]) -> Response:
        return json_response(body)

    @blueprint.operation("GET", "")
    @blueprint.arguments(_EchoQuery, location="query")
    def echo_query(query: dict[str, Any]) -> Response:
        return json_response(query)

    api.register_blueprint(blueprint)
    return app.test_client()


def post(client: FlaskClient, body: bytes | str, content_type: str | None = "application/json") -> Any:
    return client.post("/echo", data=body, content_type=content_type)


def test_a_good_body_is_read(client: FlaskClient) -> None:
    response = post(client, '{"name": "服务"}', "application/json; charset=utf-8")
    assert response.status_code == 200
    assert response.json == {"name": "服务"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'name': 'x'}",
        b'{"name": "x"} trailing',
        b'\xef\xbb\xbf{"name": "x"}',
        b'{"name": "\xff"}',
        b'{"name": "x", "anything": NaN}',
        b'{"name": "x", "anything": -Infinity}',
        b'{"name": "x", "anything": 1e400}',
        b'{"name": "\\ud83d"}',
        b"[" * 30_000 + b"]" * 30_000,
        b'{"a":' * 10_000,
    ],
    ids=lambda body: str(body[:24]),
)
def test_what_is_not_json_is_a_400(client: FlaskClient, body: bytes) -> None:
    response = post(client, body)
    assert response.status_code == 400
    assert response.mimetype == "application/problem+json"


def test_nesting_is_allowed_up_to_the_cap() -> None:
    assert load_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    with pytest.raises(BadRequest, match="levels"):
        load_json(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1))


def test_the_number_of_values_is_capped() -> None:
    assert load_json(json.dumps([0] * (MAX_VALUES - 1)).encode())
    with pytest.raises(BadRequest, match="values"):
        load_json(json.dumps([0] * MAX_VALUES).encode())


def test_a_body_over_the_limit_is_a_413(client: FlaskClient) -> None:
    response = post(client, json.dumps({"name": "x" * MAX_BODY_BYTES}))
    assert response.status_code == 413
    assert response.json["detail"] == f"Send at most {MAX_BODY_BYTES} bytes."
    assert response.mimetype == "application/problem+json"


@pytest.mark.parametrize(("size", "status"), [(100, 200), (MAX_BODY_BYTES, 413), (MAX_BODY_BYTES * 2, 413)])
def test_a_chunked_body_is_held_to_the_same_limit(client: FlaskClient, size: int, status: int) -> None:
    body = json.dumps({"name": "x"}).encode().ljust(size)
    response = client.post(
        "/echo",
        input_stream=io.BytesIO(body),
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
        environ_base={"wsgi.input_terminated": True},
    )
    assert response.status_code == status


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "text/json"]
)
def test_another_content_type_is_a_415(client: FlaskClient, content_type: str | None) -> None:
    response = post(client, '{"name": "x"}', content_type)
    assert response.status_code == 415
    assert "application/json" in response.json["detail"]


def test_every_field_at_fault_is_named(client: FlaskClient) -> None:
    response = post(client, '{"inner": {"name": 5}, "nmae": "x", "a/b~c": 1}')
    assert response.status_code == 422
    assert {error["pointer"] for error in response.json["errors"]} == {
        "#/name",
        "#/inner/name",
        "#/nmae",
        "#/a~1b~0c",
    }
    assert "4 fields" in response.json["detail"]


@pytest.mark.parametrize("body", ["[]", "5", "null", '"text"'])
def test_another_shape_than_an_object_is_a_422(client: FlaskClient, body: str) -> None:
    response = post(client, body)
    assert response.status_code == 422
    assert response.json["errors"][0]["pointer"] == "#"


def test_a_flood_of_unknown_fields_is_told_in_short(client: FlaskClient) -> None:
    response = post(client, json.dumps({f"field-{number}" * 10: 1 for number in range(400)}))
    assert response.status_code == 422
    assert len(response.json["errors"]) == 50
    assert len(response.data) < 20_000


def test_an_unknown_query_parameter_is_refused(client: FlaskClient) -> None:
    response = client.get("/echo?limt=5")
    assert response.status_code == 422
    assert response.json is not None
    assert response.json["errors"] == [
        {"parameter": "limt", "detail": "Unknown field: remove it, or check its spelling."}
    ]


@pytest.mark.parametrize(
    "query", ["limit=%00", "limit=%ff", "limit=%ed%a0%80", "limit=²", "limit=" + "9" * 5000]
)
def test_an_odd_query_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/echo?{query}").status_code == 422


def test_values_are_written_in_their_usual_forms() -> None:
    moment = datetime(2026, 3, 2, 9, 30, tzinfo=timezone(timedelta(hours=8)))
    value = {
        "id": UUID("01890a5d-ac96-774b-bcce-b302099a8057"),
        "at": moment.astimezone(UTC),
        "mean": Decimal("4.25"),
    }
    assert json.loads(dump_json(value)) == {
        "id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "at": "2026-03-02T01:30:00Z",
        "mean": 4.25,
    }


def test_what_has_no_json_form_is_not_guessed() -> None:
    with pytest.raises(TypeError):
        dump_json({"connection": object()})
