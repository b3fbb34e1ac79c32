"""Invitations: why a customer was asked or not, and everything that happened since."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response

from app.flow.delivered_link import report_link
from app.flow.read_call import read_invitation
from app.flow.set_rates import tells_rates
from app.web.api import examples
from app.web.api.blueprint import ApiBlueprint
from app.web.api.schemas.invitations import InvitationSchema, LinkReportSchema
from app.web.auth import caller, require, visible_agent
from app.web.json import json_response
from app.web.unit import services, unit_of_work

blueprint = ApiBlueprint(
    "invitations", __name__, url_prefix="/v1/invitations", description="Who was asked, and why or why not"
)


@blueprint.operation("GET", "/<uuid:invitation_id>", HTTPStatus.NOT_FOUND)
@require("calls:read")
@blueprint.response(200, InvitationSchema, example=examples.INVITATION)
def get_invitation(invitation_id: UUID) -> Response:
    """Read an invitation with its timeline

    `decision` holds what was looked at, in order; the timeline every message, attempt, receipt and answer.
    """
    with unit_of_work() as session:
        invitation = read_invitation(session, account_id=caller().account_id, invitation_id=invitation_id)
        if not tells_rates(session, caller().account_id, visible_agent()):
            del invitation["probability"]
    return json_response(invitation)


@blueprint.operation("POST", "/<uuid:invitation_id>/link", HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
@require("calls:write")
@blueprint.arguments(LinkReportSchema, example=examples.LINK_REPORT)
@blueprint.response(200, InvitationSchema, example=examples.INVITATION)
def report_on_link(report: dict[str, Any], invitation_id: UUID) -> Response:
    """Report how the delivery of a link went

    For channel `link`, where you deliver the address yourself. `sent` starts the time to answer; `failed` goes on
    by the survey's next channel. The same again changes nothing.
    """
    with unit_of_work() as session:
        invitation = report_link(
            session,
            account_id=caller().account_id,
            invitation_id=invitation_id,
            report=report["status"],
            at=report.get("at"),
        )
    services().ring()
    return json_response(invitation)
