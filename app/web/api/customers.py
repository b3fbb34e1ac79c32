"""Customers: what is held about one of them, and forgetting it.

By POST with the name in the body: a telephone number in an address would stay behind in the logs of every proxy.
"""

from typing import Any

from flask import Response

from app.flow.export_customer import export_customer
from app.flow.forget_customer import forget_customer
from app.web.api import customer_examples as examples
from app.web.api.blueprint import ApiBlueprint
from app.web.api.schemas.customers import ForgetSchema, ForgottenSchema, HeldSchema, PersonSchema
from app.web.auth import caller, require
from app.web.json import json_response
from app.web.unit import unit_of_work

blueprint = ApiBlueprint(
    "customers",
    __name__,
    url_prefix="/v1/customers",
    description="What is held about a person, and forgetting it",
)

# of some hundred calls each
_UNITS = 10


@blueprint.operation("POST", "/forget")
@require("customers:write")
@blueprint.arguments(ForgetSchema, example=examples.PERSON)
@blueprint.response(200, ForgottenSchema, example=examples.FORGOTTEN)
def forget_person(given: dict[str, Any]) -> Response:
    """Forget a person

    Addresses, names, refs, attributes, words and recordings go, everywhere, also of the contacts with the same ref
    and of those given with the same calls; open surveys end, and what was not sent yet is not sent. Scores stay, as
    numbers, and so does a no. A second time nothing is found: that is no error. Up to 2,000 calls a request: while
    `complete` is false, send the same again. Audited without what the person is known by.
    """
    key = caller()
    done = forget_customer(unit_of_work, account_id=key.account_id, actor=key.actor, units=_UNITS, **given)
    return json_response(vars(done))


@blueprint.operation("POST", "/export")
@require("customers:read")
@blueprint.arguments(PersonSchema, example=examples.PERSON)
@blueprint.response(200, HeldSchema, example=examples.HELD)
def export_person(given: dict[str, Any]) -> Response:
    """Read all that is held about a person

    Addresses, calls with what was reported of them, surveys with every message, answer, revision and word, and
    which recordings there are. Who is unknown has empty lists. Audited without what the person is known by.
    """
    key = caller()
    with unit_of_work() as session:
        held = export_customer(session, account_id=key.account_id, actor=key.actor, **given)
    return json_response(held)
