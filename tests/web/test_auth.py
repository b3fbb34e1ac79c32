"""Only a key with the right scope comes in, and no route is left without a guard."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from marshmallow import Schema

from app.web.api.blueprint import ApiBlueprint
from app.web.auth import PUBLIC_ROUTES, caller, refuse_other_agents, require, unguarded_routes, visible_agent
from app.web.json import json_response
from app.web.problems import ProblemApi
from tests.web.conftest import Clock, KnownKeys

Bearer = Callable[..., dict[str, str]]


@pytest.fixture
def client(frame: tuple[Flask, ProblemApi]) -> FlaskClient:
    app, api = frame
    blueprint = ApiBlueprint("doors", __name__, url_prefix="/doors")

    @blueprint.operation("GET", "/calls")
    @require("calls:read")
    @blueprint.response(200)
    def read_calls() -> Response:
        """Read calls"""
        return json_response({"account_id": caller().account_id})

    @blueprint.operation("GET", "/results/<agent_id>")
    @require("results:read", "results:self")
    @blueprint.response(200)
    def read_results(agent_id: str) -> Response:
        """Read results"""
        if agent_id != "all":
            refuse_other_agents(agent_id)
        return json_response({"agent": visible_agent()})

    api.register_blueprint(blueprint)
    return app.test_client()


@pytest.mark.parametrize(
    "authorization",
    [
        *(None, "", "Bearer", "Bearer ", "Bearer pc_unknown", "Bearer other_x", "Bearer pc_é", "pc_unknown"),
        *("Basic cGM6eA==", "Bearer pc_" + "x" * 500),
    ],
)
def test_without_a_known_key_the_answer_is_always_the_same_401(
    client: FlaskClient, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = client.get("/doors/calls", headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="Postcall API"'
    assert response.json is not None
    assert response.json["detail"] == "Send a valid API key as `Authorization: Bearer pc_...`."


def test_a_key_with_the_scope_comes_in(client: FlaskClient, bearer: Bearer) -> None:
    response = client.get("/doors/calls", headers=bearer("calls:read", "calls:write"))
    assert response.status_code == 200
    assert response.json == {"account_id": "01890a5d-ac96-774b-bcce-b302099a8057"}


def test_the_scheme_is_read_in_any_case(client: FlaskClient, keys: KnownKeys) -> None:
    headers = {"Authorization": f"bearer  {keys.add('calls:read')}"}
    assert client.get("/doors/calls", headers=headers).status_code == 200


def test_a_key_without_the_scope_is_a_403_that_names_it(client: FlaskClient, bearer: Bearer) -> None:
    response = client.get("/doors/calls", headers=bearer("calls:write"))
    assert response.status_code == 403
    assert response.json is not None
    assert "calls:read" in response.json["detail"]


def test_any_one_of_several_scopes_is_enough(client: FlaskClient, bearer: Bearer) -> None:
    assert client.get("/doors/results/all", headers=bearer("results:read")).json == {"agent": None}
    headers = bearer("results:self", agent_id="7")
    assert client.get("/doors/results/all", headers=headers).json == {"agent": "7"}


def test_a_key_of_an_agent_sees_that_agent_only(client: FlaskClient, bearer: Bearer) -> None:
    headers = bearer("results:self", agent_id="7")
    assert client.get("/doors/results/7", headers=headers).json == {"agent": "7"}
    assert client.get("/doors/results/8", headers=headers).status_code == 404


def test_naming_an_agent_narrows_a_key_whatever_its_scopes(client: FlaskClient, bearer: Bearer) -> None:
    headers = bearer("results:read", agent_id="7")
    assert client.get("/doors/results/8", headers=headers).status_code == 404


def test_a_key_for_oneself_that_names_nobody_sees_nothing(client: FlaskClient, bearer: Bearer) -> None:
    assert client.get("/doors/results/all", headers=bearer("results:self")).status_code == 403


def test_the_guard_stands_before_the_body_is_read(frame: tuple[Flask, ProblemApi], bearer: Bearer) -> None:
    app, api = frame
    blueprint = ApiBlueprint("writes", __name__)

    @blueprint.operation("POST", "/writes")
    @require("calls:write")
    @blueprint.arguments(Schema)
    @blueprint.response(200)
    def write(body: dict[str, Any]) -> Response:
        """Write"""
        return json_response(body)

    api.register_blueprint(blueprint)
    client = app.test_client()
    assert client.post("/writes", data="{", content_type="text/plain").status_code == 401
    answer = client.post("/writes", data="{", content_type="text/plain", headers=bearer("calls:write"))
    assert answer.status_code == 415


def test_a_busy_key_is_looked_up_once(client: FlaskClient, keys: KnownKeys, bearer: Bearer) -> None:
    headers = bearer("calls:read")
    for _ in range(10):
        assert client.get("/doors/calls", headers=headers).status_code == 200
    assert len(keys.asked) == 1


def test_a_revoked_key_dies_within_five_seconds(
    client: FlaskClient, keys: KnownKeys, clock: Clock, bearer: Bearer
) -> None:
    headers = bearer("calls:read")
    statuses = []
    for second in (0.0, 0.9, 4.0, 4.95, 5.0):
        clock.now = 1000.0 + second
        statuses.append(client.get("/doors/calls", headers=headers).status_code)
        keys.keys.clear()
    assert statuses[0] == 200
    assert statuses[-1] == 401


def test_a_guessed_key_costs_one_look_up_a_second(client: FlaskClient, keys: KnownKeys, clock: Clock) -> None:
    headers = {"Authorization": "Bearer pc_guessed"}
    for _ in range(10):
        client.get("/doors/calls", headers=headers)
    assert len(keys.asked) == 1
    clock.now += 1.0
    keys.keys["pc_guessed"] = keys.keys[keys.add("calls:read")]
    assert client.get("/doors/calls", headers=headers).status_code == 200


def test_guessing_pushes_no_good_key_out(client: FlaskClient, keys: KnownKeys, bearer: Bearer) -> None:
    headers = bearer("calls:read")
    client.get("/doors/calls", headers=headers)
    for number in range(1_100):
        client.get("/doors/calls", headers={"Authorization": f"Bearer pc_{number}"})
    keys.asked.clear()
    assert client.get("/doors/calls", headers=headers).status_code == 200
    assert keys.asked == []


def test_the_frame_has_no_unguarded_route(app: Flask) -> None:
    assert unguarded_routes(app) == []


def test_a_route_without_a_guard_is_found(app: Flask) -> None:
    app.add_url_rule("/forgotten", view_func=lambda: "secrets")
    assert unguarded_routes(app) == ["/forgotten"]


def test_public_routes_are_named_by_their_rule() -> None:
    assert all(rule.startswith("/") for rule in PUBLIC_ROUTES)


def test_security_is_documented_with_its_scopes(frame: tuple[Flask, ProblemApi], client: FlaskClient) -> None:
    paths = frame[1].spec.to_dict()["paths"]
    operation = paths["/doors/results/{agent_id}"]["get"]
    assert operation["security"] == [{"apiKey": ["results:read"]}, {"apiKey": ["results:self"]}]
    assert operation["x-required-scopes"] == ["results:read", "results:self"]
    assert {"200", "400", "401", "403", "500", "503"} <= set(operation["responses"])
    assert operation["operationId"] == "readResults"
