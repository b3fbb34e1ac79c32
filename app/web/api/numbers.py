"""Listed numbers. A number never stands in an address: those stay behind in the logs of every proxy."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, request
from werkzeug.exceptions import UnsupportedMediaType

from app.flow.listed_numbers import add_number, export_numbers, import_numbers, read_numbers, remove_number
from app.web.api import condition_examples as examples
from app.web.api.blueprint import ApiBlueprint
from app.web.api.pages import page_response
from app.web.api.roster import CSV, MOST_BYTES
from app.web.api.schemas.numbers import (
    ImportedNumbersSchema,
    NewNumberSchema,
    NumberPageSchema,
    NumberSchema,
    NumbersQuery,
)
from app.web.auth import caller, require
from app.web.json import json_response, read_body
from app.web.unit import services, unit_of_work

blueprint = ApiBlueprint(
    "numbers", __name__, url_prefix="/v1/numbers", description="Numbers that are no customer's"
)


@blueprint.operation("GET", "")
@require("lists:read")
@blueprint.arguments(NumbersQuery, location="query")
@blueprint.response(200, NumberPageSchema, example=examples.NUMBERS)
@blueprint.alt_response(
    200,
    schema=examples.NUMBERS_CSV["schema"],
    example=examples.NUMBERS_CSV["example"],
    description="OK",
    content_type=CSV,
    success=True,
)
def list_listed_numbers(query: dict[str, Any]) -> Response:
    """List the numbers that are no customer's

    With `Accept: text/csv` as one file, without pages, which `POST /v1/numbers/import` takes back.
    """
    account_id, kind = caller().account_id, query.get("listed_as")
    wants_csv = request.accept_mimetypes.best_match(["application/json", CSV]) == CSV
    cursor = services().cursors.read("numbers", query.get("cursor"))
    with unit_of_work() as session:
        if wants_csv:
            response = Response(export_numbers(session, account_id=account_id, kind=kind), mimetype=CSV)
            response.headers["Content-Disposition"] = 'attachment; filename="numbers.csv"'
        else:
            page = read_numbers(
                session, account_id=account_id, kind=kind, cursor=cursor, limit=query["limit"]
            )
            response = page_response("numbers", page)
    response.vary.add("Accept")
    return response


@blueprint.operation("POST", "")
@require("lists:write")
@blueprint.arguments(NewNumberSchema, example=examples.NEW_NUMBER)
@blueprint.response(201, NumberSchema, example=examples.NUMBER, description="Listed")
@blueprint.alt_response(
    200, schema=NumberSchema, example=examples.NUMBER, description="Listed just so already", success=True
)
def list_number(row: dict[str, Any]) -> Response:
    """List a number, a range or an extension

    In force for calls reported from within two seconds on. Listed otherwise before, it is so no more. Calls from an
    agent's number that are there already are flagged, and their answers stay. Audited without the number.
    """
    key = caller()
    with unit_of_work() as session:
        entry, is_new = add_number(session, account_id=key.account_id, actor=key.actor, row=row)
    return json_response(entry, HTTPStatus.CREATED if is_new else HTTPStatus.OK)


@blueprint.operation("POST", "/import")
@require("lists:write")
@blueprint.doc(requestBody={"required": True, "content": {CSV: examples.NUMBERS_CSV}})
@blueprint.response(200, ImportedNumbersSchema, example=examples.IMPORTED)
def import_listed_numbers() -> Response:
    """List all numbers of a file

    CSV in UTF-8 with a header line: number, listed_as, agent_id. All of it, or nothing where one line is wrong;
    what is not in it stays listed. At most 10,000 lines.
    """
    key = caller()
    request.max_content_length = MOST_BYTES
    if request.mimetype != CSV:
        raise UnsupportedMediaType("Send the numbers as CSV, with Content-Type: text/csv.")
    data = read_body(request)
    with unit_of_work() as session:
        counts = import_numbers(session, account_id=key.account_id, actor=key.actor, data=data)
    return json_response(counts)


@blueprint.operation("DELETE", "/<uuid:number_id>", HTTPStatus.NOT_FOUND)
@require("lists:write")
@blueprint.response(204, description="No longer listed")
def unlist_number(number_id: UUID) -> Response:
    """Take a number off the list

    Who calls from it next is a customer like any other.
    """
    key = caller()
    with unit_of_work() as session:
        remove_number(session, account_id=key.account_id, actor=key.actor, number_id=number_id)
    return Response(status=HTTPStatus.NO_CONTENT)
