"""Calls: reported when they end, amended when more is known, read with what became of them."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response

from app.domain.call import CallEnd
from app.domain.elsewhere import Ratings
from app.errors import Conflict, Forbidden
from app.flow.amend_call import amend_call
from app.flow.read_call import read_call
from app.flow.read_calls import AgentsCalls, read_calls, read_named_call
from app.flow.reattribute import Decision, reattribute
from app.flow.receive_call import Received, receive_call
from app.flow.take_ratings import take_ratings
from app.web.api import examples, reattribution_examples
from app.web.api.blueprint import ApiBlueprint
from app.web.api.pages import page_response
from app.web.api.schemas.call_lists import CallPageSchema, CallsQuery
from app.web.api.schemas.calls import AmendmentSchema, CallEndSchema, CallSchema, ReceivedSchema
from app.web.api.schemas.elsewhere import RatingsSchema
from app.web.api.schemas.invitations import InvitationSchema
from app.web.api.schemas.reattributions import ReattributionSchema
from app.web.auth import caller, require, visible_agent
from app.web.json import body_hash, json_response
from app.web.unit import asking_of, services, single_statements, unit_of_work

blueprint = ApiBlueprint("calls", __name__, url_prefix="/v1/calls", description="What happened on the phone")


@blueprint.operation("POST", "", HTTPStatus.CONFLICT)
@require("calls:write")
@blueprint.arguments(CallEndSchema, example=examples.CALL_END)
@blueprint.response(202, ReceivedSchema, example=examples.RECEIVED, description="Accepted, and decided")
@blueprint.alt_response(
    200,
    schema=ReceivedSchema,
    example=examples.RECEIVED,
    description="Known already, with the same content: the decision that was taken then",
    success=True,
)
def report_call(call: CallEnd) -> Response:
    """Report that a call has ended

    Every call leads either to an invitation or to a coded reason why its customer is not asked. Reporting the
    same call again changes nothing; with other content it is a conflict: amend the call instead.
    """
    asking = asking_of(caller().account_id)
    with single_statements() as session:
        received = receive_call(session, asking=asking, call=call, body_hash=body_hash())
    if received.conflict:
        raise Conflict(
            "This call was reported before with other content. Amend it with"
            f" PATCH /v1/calls/{received.call['id']}."
        )
    services().ring()
    return json_response(_shown(received), HTTPStatus.ACCEPTED if received.created else HTTPStatus.OK)


def _shown(received: Received) -> dict[str, Any]:
    if received.invitation is None:
        return {"call": received.call, "skipped": received.skipped}
    invitation = received.invitation
    if "link" in invitation:
        invitation = {**invitation, "link": services().settings.public_url + invitation["link"]}
    return {"call": received.call, "invitation": invitation}


@blueprint.operation("GET", "")
@require("calls:read")
@blueprint.arguments(CallsQuery, location="query")
@blueprint.response(200, CallPageSchema, example=examples.CALLS)
def list_calls(query: dict[str, Any]) -> Response:
    """List calls, or find one by the platform's id

    With `call_id`: a page with that call, or an empty one. With `agent`: that agent's calls of some days. With
    neither: all calls. The last reported come first.
    """
    account_id = caller().account_id
    with unit_of_work() as session:
        if "call_id" in query:
            source = query.get("source", "generic")
            page = read_named_call(session, account_id=account_id, source=source, call_id=query["call_id"])
        else:
            page = read_calls(
                session,
                account_id=account_id,
                of=_agents_calls(query),
                flag=query.get("flag"),
                cursor=services().cursors.read("calls", query.get("cursor")),
                limit=query["limit"],
            )
    return page_response("calls", page)


def _agents_calls(query: dict[str, Any]) -> AgentsCalls | None:
    if "agent" not in query:
        return None
    return AgentsCalls(
        query["agent"], query.get("start"), query.get("end"), query.get("status"), query.get("skip_reason")
    )


@blueprint.operation("GET", "/<uuid:call_id>", HTTPStatus.NOT_FOUND)
@require("calls:read")
@blueprint.response(200, CallSchema, example=examples.CALL)
def get_call(call_id: UUID) -> Response:
    """Read a call, and whether its customer is asked"""
    with unit_of_work() as session:
        call = read_call(session, account_id=caller().account_id, call_id=call_id)
    return json_response(call)


@blueprint.operation("POST", "/<uuid:call_id>/answers", HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
@require("calls:write")
@blueprint.arguments(RatingsSchema, example=examples.RATINGS)
@blueprint.response(200, InvitationSchema, example=examples.INVITATION)
def add_answers(ratings: Ratings, call_id: UUID) -> Response:
    """Add the ratings that a platform took itself

    What its own IVR asked while the customer was still on the line, say: each with the key that was pressed and
    the scale it was pressed on. They count like answers to us, and nobody is asked the same again. The same again
    changes nothing; another answer, given later, is a revision.
    """
    with unit_of_work() as session:
        invitation = take_ratings(session, account_id=caller().account_id, call_id=call_id, ratings=ratings)
    services().ring()
    return json_response(invitation)


@blueprint.operation("PATCH", "/<uuid:call_id>", HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
@require("calls:write")
@blueprint.arguments(AmendmentSchema, example=examples.AMENDMENT)
@blueprint.response(200, CallSchema, example=examples.CALL)
def update_call(changes: dict[str, Any], call_id: UUID) -> Response:
    """Add to a call what became known after it

    Tags are added to those that are there, attributes are merged. An agent, once named, stays: what a call
    counts for is frozen, and another agent is a conflict. `handlers`, all of them anew, are kept; until the
    customer is asked, the survey's rule chooses among them. Whether to ask is not decided again.
    """
    with unit_of_work() as session:
        call = amend_call(session, account_id=caller().account_id, call_id=call_id, changes=changes)
    return json_response(call)


@blueprint.operation("PUT", "/<uuid:call_id>/attribution", HTTPStatus.NOT_FOUND)
@require("attributions:write")
@blueprint.arguments(ReattributionSchema, example=reattribution_examples.REATTRIBUTION)
@blueprint.response(200, CallSchema, example=reattribution_examples.REATTRIBUTED)
def reattribute_call(decision: Decision, call_id: UUID) -> Response:
    """Decide for whom a call counts

    For another of its handlers, for somebody else, or again as before anybody decided. Results are restated, the
    customer's answers go with the call, and its response comes again on the next page of `/v1/responses`. Neither
    later reports nor the roster change what a person has decided. Kept in the audit and in the timeline, with the
    key and the reason; the same again changes nothing. A key that names an agent is refused.
    """
    key = caller()
    if visible_agent() is not None:
        raise Forbidden(
            "For whom calls count is for nobody to decide who is one of them: this key names an agent."
        )
    with unit_of_work() as session:
        call = reattribute(
            session, account_id=key.account_id, actor=key.actor, call_id=call_id, decision=decision
        )
    return json_response(call)
