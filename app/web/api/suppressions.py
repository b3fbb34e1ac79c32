"""The suppression list: whom the account does not contact, whatever they say themselves.

Names are sent in the body: a telephone number in an address would stay behind in the logs of every proxy.
"""

from typing import Any

from flask import Response

from app.store.contact_lists import Listing
from app.web.api import contact_list_examples as examples
from app.web.api.blueprint import ApiBlueprint
from app.web.api.contact_files import CSV, change_response, import_response, list_response
from app.web.api.schemas.contact_lists import (
    ChangedSchema,
    ImportedSchema,
    ImportQuery,
    SuppressionPageSchema,
    SuppressSchema,
)
from app.web.api.schemas.pages import PageQuery
from app.web.auth import require

blueprint = ApiBlueprint(
    "suppressions", __name__, url_prefix="/v1/suppressions", description="Whom the account does not contact"
)


@blueprint.operation("GET", "")
@require("lists:read")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, SuppressionPageSchema, example=examples.SUPPRESSIONS)
@blueprint.alt_response(
    200,
    schema=examples.SUPPRESSIONS_CSV["schema"],
    example=examples.SUPPRESSIONS_CSV["example"],
    description="OK",
    content_type=CSV,
    success=True,
)
def list_suppressions(query: dict[str, Any]) -> Response:
    """List whom not to contact

    With `Accept: text/csv` all of it as one file, which `POST /v1/suppressions/import` takes back. Cells that a
    spreadsheet would run as a formula begin with an apostrophe there.
    """
    return list_response(Listing.SUPPRESSIONS, query)


@blueprint.operation("POST", "")
@require("lists:write")
@blueprint.arguments(SuppressSchema, example=examples.SUPPRESS)
@blueprint.response(200, ChangedSchema, example=examples.CHANGED)
def suppress_contact(given: dict[str, Any]) -> Response:
    """Contact somebody no more

    From its answer on nothing is sent to them: what is due is taken back, and an open survey ends. They need not be
    known yet. Their own START doesn't take them off the list. The same again changes nothing.
    """
    return change_response("suppress", given)


@blueprint.operation("POST", "/remove")
@require("lists:write")
@blueprint.arguments(SuppressSchema, example=examples.SUPPRESS)
@blueprint.response(200, ChangedSchema, example=examples.CHANGED)
def unsuppress_contact(given: dict[str, Any]) -> Response:
    """Take somebody off the list

    What they said themselves stays: who has opted out is still not asked.
    """
    return change_response("unsuppress", given)


@blueprint.operation("POST", "/import")
@require("lists:write")
@blueprint.arguments(ImportQuery, location="query")
@blueprint.doc(requestBody={"required": True, "content": {CSV: examples.SUPPRESSIONS_CSV}})
@blueprint.response(200, ImportedSchema, example=examples.IMPORTED)
def import_suppressions(query: dict[str, Any]) -> Response:
    """Add a file to the list

    CSV (UTF-8, a header line, commas or semicolons) with the columns `phone`, `email`, `ref` and `reason`, of which
    each line fills in one of the first three or more. Lines that are wrong are told and hold up no other. The same
    file again changes nothing. At most 10,000 lines and 1 MB; `postcall suppressions import` takes any size.
    """
    return import_response(Listing.SUPPRESSIONS, dry_run=query["dry_run"])
