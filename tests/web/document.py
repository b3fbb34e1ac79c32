"""The API's OpenAPI document, as tests walk it: an operation added tomorrow is walked too."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from app.settings import load_settings
from app.web.application import create_app

METHODS = ("get", "put", "post", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    content: dict[str, Any]
    parameters: list[dict[str, Any]]

    def __repr__(self) -> str:
        return f"{self.method} {self.path}"

    def parameter(self, name: str) -> dict[str, Any] | None:
        return next((one for one in self.parameters if one["name"] == name), None)

    def success(self) -> dict[str, Any] | None:
        """What a 200 answers in JSON, {schema, example}; None where there is none."""
        response = self.content["responses"].get("200", {})
        found: dict[str, Any] | None = response.get("content", {}).get("application/json")
        return found


def read_document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get("/v1/openapi.json").json  # type: ignore[assignment]
    return found


def document_of_nothing() -> dict[str, Any]:
    """Of a service that is connected to nothing: for whoever names tests after its operations."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL"):
            patch.setenv(name, "postgresql://nowhere")
        patch.setenv("SECRET_KEYS", "tests:" + "A" * 44)
        return read_document(create_app(load_settings()))


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    """Every operation, with references replaced by what they point to."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                content = inlined(document, item[method])
                shared = inlined(document, item.get("parameters", []))
                yield Operation(method.upper(), path, content, [*shared, *content.get("parameters", [])])


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
