"""Every list is read in the same way: the same parameters, the same shape, each item once."""

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.flow.roll_up import roll_up
from app.web.application import create_app
from app.web.unit import Services
from tests.settling import settle
from tests.web.conftest import Api
from tests.web.document import Operation, operations, read_document
from tests.web.test_results import answered

# lists that these tests fill, each with several items
FILLED = {"/v1/calls", "/v1/surveys", "/v1/responses", "/v1/agents/{agent_id}/verbatims"}


def paged(app: Flask) -> list[Operation]:
    return [each for each in operations(read_document(app)) if each.parameter("cursor")]


def is_list(operation: Operation) -> bool:
    schema = (operation.success() or {}).get("schema", {})
    return schema.get("type") == "array" or "items" in schema.get("properties", {})


@pytest.fixture
def app(services: Services) -> Flask:
    return create_app(services.settings, services)


def test_what_lists_things_lists_them_by_pages(app: Flask) -> None:
    found = list(operations(read_document(app)))
    assert {str(each) for each in found if is_list(each)} == {str(each) for each in paged(app)}
    assert {each.path for each in paged(app)} >= FILLED


def test_every_page_has_the_same_shape(app: Flask) -> None:
    for operation in paged(app):
        success = operation.success()
        assert success is not None, operation
        members = success["schema"]["properties"]
        assert set(members) == set(success["schema"]["required"]) == {"items", "next_cursor", "cursor"}, (
            operation
        )
        assert members["items"]["type"] == "array"
        for name in ("next_cursor", "cursor"):
            assert members[name]["type"] == ["string", "null"], operation
            assert members[name]["description"]


def test_every_list_takes_the_same_parameters(app: Flask) -> None:
    asked = [(operation.parameter("limit"), operation.parameter("cursor")) for operation in paged(app)]
    for limit, cursor in asked:
        assert (limit, cursor) == asked[0]
    limit = asked[0][0]
    assert limit is not None
    schema = limit["schema"]
    assert (schema["minimum"], schema["maximum"], schema["default"]) == (1, 500, 100)


def content(response: TestResponse) -> Any:
    assert response.status_code == 200, response.text
    assert response.json is not None
    return response.json


def url(path: str, **query: Any) -> str:
    return path.replace("{agent_id}", quote("7")) + "?" + urlencode(query)


@pytest.fixture
def full(committing_api: Api) -> Api:
    """Three of everything that the lists above hold."""
    api = committing_api
    for number in range(3):
        answered(api, "7", 5, f"words {number}", f"+44770090000{number}")
        content(api("PUT", f"/v1/surveys/other-{number}", {"active": False}))
    with api.sessions.begin() as session:
        roll_up(session, 1000)
    settle(api.sessions)
    return api


def test_page_by_page_every_item_comes_once_and_in_order(full: Api) -> None:
    for operation in paged(full.app):
        if "{" in operation.path.replace("{agent_id}", ""):
            continue
        whole = content(full("GET", url(operation.path)))
        assert whole["next_cursor"] is None, operation
        assert len(whole["items"]) >= 3 or operation.path not in FILLED, operation
        seen: list[Any] = []
        page = content(full("GET", url(operation.path, limit=1)))
        while True:
            assert len(page["items"]) <= 1
            seen += page["items"]
            if page["next_cursor"] is None:
                break
            page = content(full("GET", url(operation.path, limit=1, cursor=page["next_cursor"])))
        assert seen == whole["items"], operation


def test_where_a_page_ended_can_be_come_back_to(full: Api) -> None:
    for path in FILLED:
        page = content(full("GET", url(path)))
        later = content(full("GET", url(path, cursor=page["cursor"])))
        assert (later["items"], later["next_cursor"], later["cursor"]) == ([], None, page["cursor"]), path


def test_what_asks_for_no_page_is_refused_by_name(full: Api) -> None:
    cursors = {path: content(full("GET", url(path)))["cursor"] for path in FILLED}
    for operation in paged(full.app):
        if "{" in operation.path.replace("{agent_id}", ""):
            continue
        others = [cursor for path, cursor in cursors.items() if path != operation.path]
        for query in (
            {"limit": 0},
            {"limit": 501},
            {"limit": "all"},
            *({"cursor": one} for one in ["x", *others]),
        ):
            response = full("GET", url(operation.path, **query))
            assert response.status_code == 422, (operation, query)
            assert response.json is not None
            assert [error["parameter"] for error in response.json["errors"]] == list(query)
