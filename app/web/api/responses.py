"""Responses: what scorecard tools pull first; and customers' comments."""

from http import HTTPStatus
from typing import Any

from flask import Response

from app.flow.read_responses import note_verbatims_read, read_responses, read_verbatims
from app.flow.set_rates import tells_rates
from app.web.api import examples
from app.web.api.agents import refuse_strangers
from app.web.api.blueprint import ApiBlueprint
from app.web.api.pages import page_response
from app.web.api.schemas.pages import PageQuery
from app.web.api.schemas.responses import ResponsePageSchema, ResponsesQuery, VerbatimPageSchema
from app.web.auth import caller, require, visible_agent
from app.web.unit import services, unit_of_work

blueprint = ApiBlueprint("responses", __name__, url_prefix="/v1", description="Answered surveys, one by one")


@blueprint.operation("GET", "/responses")
@require("results:read", "results:self")
@blueprint.arguments(ResponsesQuery, location="query")
@blueprint.response(200, ResponsePageSchema, example=examples.RESPONSES)
def list_responses(query: dict[str, Any]) -> Response:
    """List responses, one per survey, with their call and agent

    In the order in which they last changed: a tool that keeps `cursor` of its last page and comes back with it
    misses none.
    Comments are there for keys that also have the scope verbatims:read; who was shown any is in the audit.
    """
    key = caller()
    verbatims, agent_id = "verbatims:read" in key.scopes, visible_agent()
    with unit_of_work() as session:
        page = read_responses(
            session,
            account_id=key.account_id,
            updated_since=query.get("updated_since"),
            cursor=services().cursors.read("responses", query.get("cursor")),
            limit=query["limit"],
            verbatims=verbatims,
            agent_id=agent_id,
            flag=query.get("flag"),
            rates=tells_rates(session, key.account_id, agent_id),
        )
        if verbatims:
            note_verbatims_read(
                session,
                account_id=key.account_id,
                actor=key.actor,
                listed="responses",
                agent_id=agent_id,
                page=page,
            )
    return page_response("responses", page)


@blueprint.operation("GET", "/agents/<agent:agent_id>/verbatims", HTTPStatus.NOT_FOUND)
@require("verbatims:read")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, VerbatimPageSchema, example=examples.VERBATIMS)
def list_verbatims(query: dict[str, Any], agent_id: str) -> Response:
    """List what customers said about one agent's calls, the newest first

    Who was shown any is in the audit.
    """
    key = caller()
    purpose = f"verbatims {agent_id}"
    cursor = services().cursors.read(purpose, query.get("cursor"))
    with unit_of_work() as session:
        refuse_strangers(session, agent_id)
        page = read_verbatims(
            session,
            account_id=key.account_id,
            agent_id=agent_id,
            cursor=cursor,
            limit=query["limit"],
        )
        note_verbatims_read(
            session,
            account_id=key.account_id,
            actor=key.actor,
            listed="verbatims",
            agent_id=agent_id,
            page=page,
        )
    return page_response(purpose, page)
