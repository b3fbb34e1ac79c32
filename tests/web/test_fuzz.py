"""Every documented operation, with whatever its document allows and what it does not: never a 5xx.

Answers must have a documented status and content type, and the documented shape.
"""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.web.conftest import Api
from tests.web.document import document_of_nothing, operations

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
OPERATIONS = [operation.content["operationId"] for operation in operations(document_of_nothing())]


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_an_operation_keeps_to_its_document(api: Api, operation_id: str) -> None:
    document: Any = api.client.get("/v1/openapi.json").json
    operation = schemathesis.openapi.from_dict(document).find_operation_by_id(operation_id)
    strategies = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]
    headers = api.headers()

    @given(case=st.one_of(strategies))
    @settings(
        max_examples=25,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    def hold(case: Any) -> None:
        case.call_and_validate(app=api.app, headers=headers, checks=CHECKS)

    hold()
