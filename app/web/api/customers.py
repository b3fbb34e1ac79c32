"""Customers: what is held about one of them, and forgetting it.

By POST with the name in the body: a telephone number in an address stays behind in the logs of every proxy. DELETE
is there for clients that can do nothing else; ours keep routes, no paths.
"""

from http import HTTPStatus
from typing import Any

from flask import Response

from app.flow.export_customer import export_customer
from app.flow.forget_customer import forget_customer
from app.flow.read_proof import read_proof
from app.web.api import contact_list_examples
from app.web.api import customer_examples as examples
from app.web.api.blueprint import ApiBlueprint
from app.web.api.contact_files import change_response
from app.web.api.schemas.contact_lists import ChangedSchema, SuppressSchema
from app.web.api.schemas.customers import (
    ForgetQuery,
    ForgetSchema,
    ForgottenSchema,
    HeldSchema,
    PersonSchema,
    ProofSchema,
    read_person,
)
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
    return _forgotten(given)


@blueprint.operation("DELETE", "/<person:person>", HTTPStatus.UNPROCESSABLE_ENTITY)
@require("customers:write")
@blueprint.arguments(ForgetQuery, location="query")
@blueprint.response(200, ForgottenSchema, example=examples.FORGOTTEN)
def delete_person(query: dict[str, Any], person: str) -> Response:
    """Forget a person, named in the address

    The same as `POST /v1/customers/forget`. Prefer that: an address stays behind in the logs of proxies on the way.
    URL-encode what names the person; while `complete` is false, send the same again.
    """
    return _forgotten(query | read_person(person))


def _forgotten(named: dict[str, Any]) -> Response:
    key = caller()
    done = forget_customer(unit_of_work, account_id=key.account_id, actor=key.actor, units=_UNITS, **named)
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


@blueprint.operation("POST", "/proof")
@require("customers:read")
@blueprint.arguments(PersonSchema, example=examples.PERSON)
@blueprint.response(200, ProofSchema, example=contact_list_examples.PROOF)
def prove_person(given: dict[str, Any]) -> Response:
    """Read when and how somebody said no or consented

    Each change of what their addresses allow: when, how, by whom, with which words; also of somebody who was
    forgotten, by the address itself, without the words. Audited without what the person is known by.
    """
    key = caller()
    with unit_of_work() as session:
        proof = read_proof(session, account_id=key.account_id, actor=key.actor, **given)
    return json_response(proof)


@blueprint.operation("POST", "/lift")
@require("customers:write")
@blueprint.arguments(
    SuppressSchema, example={"email": "pat@example.com", "reason": "the mailbox is there again"}
)
@blueprint.response(200, ChangedSchema, example={"changed": 1, "unchanged": 0, "surveys_ended": 0})
def lift_undeliverable(given: dict[str, Any]) -> Response:
    """Let mail go again to an address from which it came back for good

    Nothing is sent by it: from the next call on the address is a way to ask again. A no stays a no.
    """
    return change_response("lift", given)
