"""Consents: who gave one and who took it back, for surveys that need it."""

from typing import Any

from flask import Response

from app.store.contact_lists import Listing
from app.web.api import contact_list_examples as examples
from app.web.api.blueprint import ApiBlueprint
from app.web.api.contact_files import CSV, change_response, import_response, list_response
from app.web.api.schemas.contact_lists import (
    ChangedSchema,
    ConsentPageSchema,
    ConsentSchema,
    ImportedSchema,
    ImportQuery,
)
from app.web.api.schemas.pages import PageQuery
from app.web.auth import require

blueprint = ApiBlueprint(
    "consents",
    __name__,
    url_prefix="/v1/consents",
    description="Who consented to be asked, and who took it back",
)


@blueprint.operation("GET", "")
@require("lists:read")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, ConsentPageSchema, example=examples.CONSENTS)
@blueprint.alt_response(
    200,
    schema=examples.CONSENTS_CSV["schema"],
    example=examples.CONSENTS_CSV["example"],
    description="OK",
    content_type=CSV,
    success=True,
)
def list_consents(query: dict[str, Any]) -> Response:
    """List consents, given and withdrawn

    With `Accept: text/csv` all of it as one file, which `POST /v1/consents/import` takes back.
    """
    return list_response(Listing.CONSENTS, query)


@blueprint.operation("POST", "")
@require("lists:write")
@blueprint.arguments(ConsentSchema, example=examples.CONSENT)
@blueprint.response(200, ChangedSchema, example=examples.CHANGED)
def give_consent(given: dict[str, Any]) -> Response:
    """Record a consent

    Surveys with `consent: required` ask those alone of whom there is one, for the address that they are asked at
    or, by `ref`, for all of theirs. It takes back no opt-out and nothing from the suppression list. The same again
    changes nothing; nor does one that is older than its withdrawal.
    """
    return change_response("consent", given)


@blueprint.operation("POST", "/withdraw")
@require("lists:write")
@blueprint.arguments(ConsentSchema, example=examples.WITHDRAWAL)
@blueprint.response(200, ChangedSchema, example=examples.CHANGED)
def withdraw_consent(given: dict[str, Any]) -> Response:
    """Record that a consent was withdrawn

    From its answer on nothing is sent to them, whatever a survey needs: what is due is taken back, and an open
    survey ends. They need not be known yet.
    """
    return change_response("withdraw", given)


@blueprint.operation("POST", "/import")
@require("lists:write")
@blueprint.arguments(ImportQuery, location="query")
@blueprint.doc(requestBody={"required": True, "content": {CSV: examples.CONSENTS_CSV}})
@blueprint.response(200, ImportedSchema, example=examples.IMPORTED)
def import_consents(query: dict[str, Any]) -> Response:
    """Add a file of consents

    CSV (UTF-8, a header line, commas or semicolons) with the columns `phone`, `email`, `ref`, `status` (`given` or
    `withdrawn`; empty: given), `given_at`, `withdrawn_at`, `where` and `words`. Of a consent and its withdrawal
    the later counts, and a line without a time gives back none that was withdrawn. The same file again changes
    nothing. At most 10,000 lines and 1 MB; `postcall consents import` takes any size.
    """
    return import_response(Listing.CONSENTS, dry_run=query["dry_run"])
