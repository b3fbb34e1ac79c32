"""The API's document is valid, complete, and says what the service does."""

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
from tests.web.document import operations, read_document


@pytest.fixture
def app(services: Services) -> Flask:
    return create_app(services.settings, services)


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    return read_document(app)


def refused(content: dict[str, Any]) -> str:
    """Why the example does not fit its schema; empty when it does."""
    validator = OAS31Validator(content["schema"], format_checker=oas31_format_checker)
    return "; ".join(
        f"{error.message} at {list(error.path)}" for error in validator.iter_errors(content["example"])
    )


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
    for operation in operations(document):
        content = operation.content
        ids.append(content["operationId"])
        assert content["summary"], operation
        assert set(content["x-required-scopes"]) <= SCOPES.keys(), operation
        assert content["security"] == [{"apiKey": [scope]} for scope in content["x-required-scopes"]]
    assert len(ids) == len(set(ids))
    assert {"reportCall", "listCalls", "listResponses", "getResults"} <= set(ids)


def test_every_scope_opens_something(document: dict[str, Any]) -> None:
    opened = {scope for each in operations(document) for scope in each.content["x-required-scopes"]}
    assert opened == SCOPES.keys()


def test_every_operation_says_how_it_can_fail_with_an_example(document: dict[str, Any]) -> None:
    for operation in operations(document):
        responses = operation.content["responses"]
        assert {"400", "401", "403", "429", "500", "503"} <= responses.keys(), operation
        for status, response in responses.items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], (operation, status)
                problem = response["content"]["application/problem+json"]
                assert "example" in problem, f"{operation}: {status} has no example"
                assert not refused(problem), (operation, status)
                assert status in ("default", str(problem["example"]["status"]))


def test_every_body_has_an_example_that_fits_it(document: dict[str, Any]) -> None:
    bodies = 0
    for operation in operations(document):
        described = [
            (status, response)
            for status, response in operation.content["responses"].items()
            if status.startswith("2")
        ]
        assert described, operation
        if "requestBody" in operation.content:
            described.append(("body", operation.content["requestBody"]))
        for where, one in described:
            for content in one.get("content", {}).values():
                assert "example" in content, f"{operation}: {where} has no example"
                assert not refused(content), f"{operation}, {where}: {refused(content)}"
                bodies += 1
    assert bodies >= 18


def test_every_parameter_says_what_it_is_with_an_example_that_fits_it(document: dict[str, Any]) -> None:
    for operation in operations(document):
        for parameter in operation.parameters:
            schema = parameter["schema"]
            examples = [parameter["example"]] if "example" in parameter else schema.get("examples", [])
            assert examples, f"{operation}: {parameter['name']} has no example"
            assert parameter.get("description"), f"{operation}: {parameter['name']} has no description"
            for example in examples:
                assert not refused({"schema": schema, "example": example}), (operation, parameter["name"])


def test_the_examples_sent_are_accepted() -> None:
    assert CallEndSchema().load(examples.CALL_END).agent_id == "1042"
    assert AmendmentSchema().load(examples.AMENDMENT) == examples.AMENDMENT
    assert SurveyDefinitionSchema().load(examples.SURVEY_DEFINITION)["delay_seconds"] == 180


def test_nothing_undocumented_is_taken(document: dict[str, Any]) -> None:
    for name in ("CallEnd", "Amendment", "Agent", "Customer", "SurveyDefinition"):
        assert document["components"]["schemas"][name]["additionalProperties"] is False
