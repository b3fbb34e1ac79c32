"""The API's document is valid, complete, and says what the service does."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import validate

from app.flow.accounts import SCOPES
from app.web.api import examples
from app.web.api.schemas.calls import AmendmentSchema, CallEndSchema
from app.web.api.schemas.surveys import SurveyDefinitionSchema
from app.web.application import create_app
from app.web.auth import PUBLIC_ROUTES, unguarded_routes
from app.web.unit import Services

METHODS = ("get", "put", "post", "patch", "delete")


@pytest.fixture
def app(services: Services) -> Flask:
    return create_app(services.settings, services)


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get("/v1/openapi.json").json  # type: ignore[assignment]
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method} {path}", item[method]


def inlined(document: dict[str, Any], value: Any) -> Any:
    """`value` with every reference replaced by what it points to."""
    if isinstance(value, list):
        return [inlined(document, inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        target: Any = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return inlined(document, target)
    return {name: inlined(document, inner) for name, inner in value.items()}


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    validate(document)


def test_no_route_is_left_without_a_guard(app: Flask) -> None:
    assert unguarded_routes(app) == []


def test_every_public_route_exists(app: Flask) -> None:
    assert {rule.rule for rule in app.url_map.iter_rules()} >= PUBLIC_ROUTES


def test_every_route_of_the_api_is_documented(app: Flask, document: dict[str, Any]) -> None:
    routed = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1/") and rule.rule not in PUBLIC_ROUTES
    }
    assert len(routed) == len(document["paths"])


def test_every_operation_names_itself_and_what_a_key_needs(document: dict[str, Any]) -> None:
    ids = []
    for name, operation in operations(document):
        ids.append(operation["operationId"])
        assert operation["summary"], name
        assert set(operation["x-required-scopes"]) <= SCOPES.keys(), name
        assert operation["security"] == [{"apiKey": [scope]} for scope in operation["x-required-scopes"]]
    assert len(ids) == len(set(ids)) == 10
    assert "reportCall" in ids


def test_every_scope_opens_something(document: dict[str, Any]) -> None:
    opened = {scope for _, operation in operations(document) for scope in operation["x-required-scopes"]}
    assert opened == SCOPES.keys()


def test_every_operation_says_how_it_can_fail(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        assert {"400", "401", "403", "500", "503"} <= operation["responses"].keys(), name
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(inlined(document, response)["content"]) == ["application/problem+json"], name


def test_every_operation_has_examples_that_fit_it(document: dict[str, Any]) -> None:
    checked = 0
    for name, operation in operations(document):
        contents = [
            response["content"]["application/json"]
            for status, response in operation["responses"].items()
            if status.startswith("2")
        ]
        if "requestBody" in operation:
            contents.append(operation["requestBody"]["content"]["application/json"])
        for content in contents:
            schema = inlined(document, content["schema"])
            errors = list(
                OAS31Validator(schema, format_checker=oas31_format_checker).iter_errors(content["example"])
            )
            assert not errors, f"{name}: {errors[0].message} at {list(errors[0].path)}"
            checked += 1
    assert checked == 14


def test_the_examples_sent_are_accepted() -> None:
    assert CallEndSchema().load(examples.CALL_END).agent_id == "1042"
    assert AmendmentSchema().load(examples.AMENDMENT) == examples.AMENDMENT
    assert SurveyDefinitionSchema().load(examples.SURVEY_DEFINITION)["delay_seconds"] == 180


def test_nothing_undocumented_is_taken(document: dict[str, Any]) -> None:
    for name in ("CallEnd", "Amendment", "Agent", "Customer", "SurveyDefinition"):
        assert document["components"]["schemas"][name]["additionalProperties"] is False
