"""A key learns with every answer how often it may still ask, and is refused in time to come back."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.errors import NotFound
from app.limits import Limits
from app.web.api.blueprint import ApiBlueprint
from app.web.auth import require
from app.web.frame import make_frame
from app.web.json import json_response
from app.web.rate_limits import KeyLimit
from app.web.unit import Services

Bearer = Callable[..., dict[str, str]]
Door = Callable[[int], FlaskClient]


@pytest.fixture
def door(services: Services, redis_url: str) -> Door:
    """A service that lets each key in so many times a minute."""

    def build(per_minute: int) -> FlaskClient:
        limited = replace(
            services, key_limit=KeyLimit(Limits(redis_url, now=lambda: 1_772_000_000.0), per_minute)
        )
        app, api = make_frame(limited)
        blueprint = ApiBlueprint("calls", __name__, url_prefix="/doors")

        @blueprint.operation("GET", "/open")
        @require("calls:read")
        @blueprint.response(200)
        def read_open() -> Response:
            """Read"""
            return json_response({})

        @blueprint.operation("GET", "/missing")
        @require("calls:read")
        @blueprint.response(200)
        def read_missing() -> Response:
            """Read"""
            raise NotFound("No such thing")

        api.register_blueprint(blueprint)
        return app.test_client()

    return build


def left(response: TestResponse) -> int:
    name, remaining, reset = response.headers["RateLimit"].split(";")
    assert name == '"default"'
    assert 1 <= int(reset.removeprefix("t=")) <= 60
    return int(remaining.removeprefix("r="))


def test_every_answer_to_a_key_says_how_much_is_left(door: Door, bearer: Bearer) -> None:
    client, headers = door(5), bearer("calls:read")
    answers = [client.get(path, headers=headers) for path in ("/doors/open", "/doors/missing")]
    answers.append(client.get("/doors/open?nothing=such", headers=headers))
    assert [answer.status_code for answer in answers] == [200, 404, 200]
    assert [left(answer) for answer in answers] == [4, 3, 2]
    assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"default";q=5;w=60'}


def test_a_key_without_the_scope_is_told_too(door: Door, bearer: Bearer) -> None:
    answer = door(5).get("/doors/open", headers=bearer("calls:write"))
    assert (answer.status_code, left(answer)) == (403, 4)


def test_above_the_quota_the_answer_is_a_problem_that_says_when_to_come_back(
    door: Door, bearer: Bearer
) -> None:
    client, headers = door(2), bearer("calls:read")
    answers = [client.get("/doors/open", headers=headers) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    refused = answers[-1]
    assert refused.mimetype == "application/problem+json"
    assert left(refused) == 0
    assert refused.headers["Retry-After"] == refused.headers["RateLimit"].rpartition("t=")[2]
    assert refused.json is not None
    assert refused.json["title"] == "Too Many Requests"
    assert f"in {refused.headers['Retry-After']} s" in refused.json["detail"]


def test_keys_do_not_use_up_each_others_quota(door: Door, bearer: Bearer) -> None:
    client, headers = door(1), bearer("calls:read")
    assert [client.get("/doors/open", headers=headers).status_code for _ in range(2)] == [200, 429]
    assert client.get("/doors/open", headers=bearer("calls:read")).status_code == 200


def test_an_unknown_key_learns_nothing(door: Door) -> None:
    answer = door(1).get("/doors/open", headers={"Authorization": "Bearer pc_unknown"})
    assert answer.status_code == 401
    assert "RateLimit" not in answer.headers


def test_zero_is_no_limit(door: Door, bearer: Bearer) -> None:
    client, headers = door(0), bearer("calls:read")
    answers = [client.get("/doors/open", headers=headers) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit-Policy" not in answers[0].headers
