"""Exclusions: an outage is left out for everyone at once, by time and queue."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response

from app.flow.exclusions import (
    add_exclusion,
    apply_exclusion,
    end_exclusion,
    read_exclusion,
    read_exclusions,
)
from app.web.api import condition_examples as examples
from app.web.api.blueprint import ApiBlueprint
from app.web.api.pages import page_response
from app.web.api.schemas.exclusions import (
    ExclusionPageSchema,
    ExclusionSchema,
    MadeExclusionSchema,
    NewExclusionSchema,
)
from app.web.api.schemas.pages import PageQuery
from app.web.auth import caller, require
from app.web.json import json_response
from app.web.unit import services, unit_of_work

blueprint = ApiBlueprint(
    "exclusions",
    __name__,
    url_prefix="/v1/exclusions",
    description="When nobody is asked, whoever took the call",
)

# of two hundred surveys each; what is left is taken back within seconds
_STEPS = 50


@blueprint.operation("GET", "")
@require("calls:read", "surveys:write")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, ExclusionPageSchema, example=examples.EXCLUSIONS)
def list_exclusions(query: dict[str, Any]) -> Response:
    """List exclusions, the last made first"""
    cursor = services().cursors.read("exclusions", query.get("cursor"))
    with unit_of_work() as session:
        page = read_exclusions(session, account_id=caller().account_id, cursor=cursor, limit=query["limit"])
    return page_response("exclusions", page)


@blueprint.operation("POST", "")
@require("surveys:write")
@blueprint.arguments(NewExclusionSchema, example=examples.NEW_EXCLUSION)
@blueprint.response(201, MadeExclusionSchema, example=examples.MADE_EXCLUSION, description="Made")
@blueprint.alt_response(
    200,
    schema=MadeExclusionSchema,
    example=examples.MADE_EXCLUSION,
    description="There already",
    success=True,
)
def make_exclusion(given: dict[str, Any]) -> Response:
    """Ask nobody after the calls of a time

    For an outage: of every agent alike, by time and queue. Calls reported from within two seconds on are skipped as
    `excluded`; what was scheduled before and has not been sent is taken back and counts as skipped too. What has
    been sent stays sent, and its answers count. The same again is the one that is there. Audited.
    """
    key = caller()
    with unit_of_work() as session:
        made, is_new = add_exclusion(session, account_id=key.account_id, actor=key.actor, **given)
    done = apply_exclusion(unit_of_work, key.account_id, made, steps=_STEPS)
    with unit_of_work() as session:
        exclusion = read_exclusion(session, account_id=key.account_id, exclusion_id=made)
    status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
    return json_response({**exclusion, "complete": done.complete}, status)


@blueprint.operation("POST", "/<uuid:exclusion_id>/end", HTTPStatus.NOT_FOUND)
@require("surveys:write")
@blueprint.response(200, ExclusionSchema, example={**examples.EXCLUSION, "status": "over"})
def end_an_exclusion(exclusion_id: UUID) -> Response:
    """End an exclusion early

    Calls that begin from within two seconds on are asked after again; those that it has left out stay so. One that
    is over stays as it is.
    """
    key = caller()
    with unit_of_work() as session:
        exclusion = end_exclusion(
            session, account_id=key.account_id, actor=key.actor, exclusion_id=exclusion_id
        )
    return json_response(exclusion)
